//! The syntax tree: what a rule file says, with spans, before any name is looked up (language reference, sections 3 to 8).

mod expression;

use smol_str::SmolStr;

use crate::diagnostic::Span;
use crate::value::Value;

pub use expression::{
    Aggregate, AggregateExpr, BinaryOp, Expr, ExprKind, LookupExpr, TextPart, UnaryOp,
};

/// One rule file.
#[derive(Debug, Clone, Default)]
pub struct File {
    pub items: Vec<Item>,
    /// All comments of the file in order (the text without `#` and the line end).
    pub comments: Vec<Comment>,
    /// What items that did not parse would have been called: their uses are not reported again.
    pub broken_names: Vec<Name>,
    /// An item that would have declared something has not even a name.
    pub nameless: bool,
}

#[derive(Debug, Clone)]
pub struct Comment {
    pub span: Span,
    pub text: String,
}

/// A name as written (without its backticks).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub text: SmolStr,
    pub span: Span,
}

/// A text that is not interpolated (in `values`, `else "reason"`).
#[derive(Debug, Clone)]
pub struct PlainText {
    pub text: SmolStr,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Item {
    pub span: Span,
    pub kind: ItemKind,
}

#[derive(Debug, Clone)]
pub enum ItemKind {
    Sync(SyncItem),
    Let(LetItem),
    Fn(FnItem),
    Values(ValuesItem),
    Lens(LensItem),
    Relationship(Box<RelationshipItem>),
    Schedule(ScheduleItem),
    Trigger(TriggerItem),
    /// A line or block that did not parse; it has a finding already.
    Broken,
}

#[derive(Debug, Clone)]
pub struct SyncItem {
    pub left: Name,
    pub right: Name,
}

#[derive(Debug, Clone)]
pub struct LetItem {
    pub name: Name,
    pub ty: Option<TypeName>,
    pub value: Expr,
}

/// `text`, `number or null`, `list` …
#[derive(Debug, Clone)]
pub struct TypeName {
    pub name: Name,
    pub or_null: bool,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct FnItem {
    pub name: Name,
    pub params: Vec<Name>,
    pub body: Expr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrow {
    /// `<->`
    Both,
    /// `->`
    Push,
    /// `<-`
    Pull,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Push,
    Pull,
}

#[derive(Debug, Clone)]
pub struct ValuesItem {
    pub name: Name,
    pub entries: Vec<ValuesEntry>,
    pub elses: Vec<ValuesElse>,
}

#[derive(Debug, Clone)]
pub struct ValuesEntry {
    pub span: Span,
    /// Texts, numbers, booleans or null.
    pub left: Literal,
    pub arrow: Arrow,
    pub arrow_span: Span,
    pub right: Literal,
}

#[derive(Debug, Clone)]
pub struct Literal {
    pub value: Value,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct ValuesElse {
    pub span: Span,
    /// `else push …` / `else pull …`; both without.
    pub direction: Option<Direction>,
    pub action: ElseAction,
}

#[derive(Debug, Clone)]
pub enum ElseAction {
    Error,
    Keep,
    Value(Literal),
}

#[derive(Debug, Clone)]
pub struct LensItem {
    pub name: Name,
    pub push: Option<Expr>,
    pub pull: Option<Expr>,
}

#[derive(Debug, Clone)]
pub struct ScheduleItem {
    pub when: ScheduleWhen,
    pub lanes: ScheduleAction,
    pub action_span: Span,
    pub relationships: Vec<Name>,
    pub zone: Option<PlainText>,
}

#[derive(Debug, Clone)]
pub enum ScheduleWhen {
    /// Milliseconds.
    Every {
        millis: i64,
        span: Span,
    },
    Cron {
        line: PlainText,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleAction {
    Sync,
    Push,
    Pull,
}

#[derive(Debug, Clone)]
pub struct TriggerItem {
    pub name: Name,
    pub source: TriggerSource,
    pub when: Option<Expr>,
    pub actions: Vec<Action>,
}

#[derive(Debug, Clone)]
pub enum TriggerSource {
    Change(Path),
    Create(Path),
    Delete(Path),
    Event(Name),
    RunFailed(Span),
}

#[derive(Debug, Clone)]
pub struct Action {
    pub span: Span,
    pub kind: ActionKind,
    pub when: Option<Expr>,
}

#[derive(Debug, Clone)]
pub enum ActionKind {
    Run {
        action: ScheduleAction,
        relationship: Name,
    },
    Create {
        object: Path,
        fields: Vec<Assign>,
    },
    Upsert {
        object: Path,
        keys: Vec<Assign>,
        fields: Vec<Assign>,
    },
    Update {
        object: Path,
        keys: Vec<Assign>,
        fields: Vec<Assign>,
    },
    Delete {
        object: Path,
        keys: Vec<Assign>,
    },
    Set(Vec<Assign>),
    Post {
        url: Expr,
        body: Vec<Assign>,
    },
    Broken,
}

/// `name = EXPR`
#[derive(Debug, Clone)]
pub struct Assign {
    pub name: Name,
    pub value: Expr,
}

/// `Lead`, `salesforce.Lead`, `Lead.Company`: names joined by dots.
#[derive(Debug, Clone)]
pub struct Path {
    pub span: Span,
    pub names: Vec<Name>,
}

#[derive(Debug, Clone)]
pub struct RelationshipItem {
    pub name: Name,
    /// `many order -> Contact`: the span of `many`.
    pub many: Option<Span>,
    /// The object, or the alternatives, of each side.
    pub left: Vec<Name>,
    pub arrow: Arrow,
    pub arrow_span: Span,
    pub right: Vec<Name>,
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone)]
pub struct Statement {
    pub span: Span,
    pub kind: StatementKind,
}

#[derive(Debug, Clone)]
pub enum StatementKind {
    Match {
        keys: Vec<KeyPair>,
        filter: Option<Expr>,
        duplicates: Option<(Duplicates, Span)>,
    },
    Duplicates(Duplicates, Span),
    /// `follow Lead.ConvertedContactId to Contact`
    Follow {
        field: Path,
        to: Name,
    },
    Prefer(Prefer),
    FirstPrefer(Preference),
    Field(Box<FieldLine>),
    /// `* <- * except A, B`
    Star {
        arrow: Arrow,
        arrow_span: Span,
        except: Vec<Name>,
    },
    Operation(Box<OperationLine>),
    /// `push batch 500`
    Batch {
        direction: Direction,
        size: Literal,
    },
    /// `purge LEFT when EXPR`; the object as written.
    Purge {
        object: Name,
        when: Expr,
    },
    Convert(Box<ConvertLine>),
    Broken,
}

/// One column of a `match` line.
#[derive(Debug, Clone)]
pub struct KeyPair {
    pub left: Expr,
    pub right: Expr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    Error,
    Oldest,
    Newest,
    Create,
    Merge,
}

/// What stands after `prefer`.
#[derive(Debug, Clone)]
pub struct Prefer {
    pub span: Span,
    pub kind: Preference,
}

#[derive(Debug, Clone)]
pub enum Preference {
    /// A store's name.
    Store(Name),
    Newest(Span),
    Manual(Span),
    True(Span),
    False(Span),
    Max(Span),
    Min(Span),
}

/// `SOURCE -> field`, `field <- SOURCE`, `field <-> field` with its modifiers.
#[derive(Debug, Clone)]
pub struct FieldLine {
    pub left: Expr,
    pub arrow: Arrow,
    pub arrow_span: Span,
    pub right: Expr,
    pub modifiers: Vec<Modifier>,
}

#[derive(Debug, Clone)]
pub struct Modifier {
    pub span: Span,
    pub kind: ModifierKind,
}

#[derive(Debug, Clone)]
pub enum ModifierKind {
    /// `via REL or hold`, `via REL.Contact`
    Via {
        relationship: Name,
        alternative: Option<Name>,
        fallback: Option<(Fallback, Span)>,
    },
    Using(Name),
    Prefer(Preference),
    FirstPrefer(Preference),
    Blanks(Blanks),
    OnCreate,
    OnUpdate,
    IfEmpty,
    /// `when …`, or `push when …` / `pull when …`
    When {
        direction: Option<Direction>,
        condition: Expr,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    Hold,
    Skip,
    Null,
    Sync,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blanks {
    Ignore,
    Write,
}

/// `push create Lead when … require … set … with …`
#[derive(Debug, Clone)]
pub struct OperationLine {
    pub direction: Direction,
    pub direction_span: Span,
    pub operation: OperationName,
    pub operation_span: Span,
    /// The alternative it names, if any.
    pub alternative: Option<Name>,
    pub clauses: Vec<Clause>,
}

#[derive(Debug, Clone)]
pub enum OperationName {
    Create,
    /// `create once`
    CreateOnce,
    /// `create never`, `update never`
    CreateNever,
    UpdateNever,
    Update,
    Delete,
    /// `push when …`: a filter on the whole direction
    Filter,
    /// `change FIELD set …`
    Change(Path),
    Done,
}

#[derive(Debug, Clone)]
pub struct Clause {
    pub span: Span,
    pub kind: ClauseKind,
}

#[derive(Debug, Clone)]
pub enum ClauseKind {
    When(Expr),
    /// `require F, G`
    Require(Vec<Expr>),
    /// `require EXPR else "reason"`
    RequireElse {
        condition: Expr,
        reason: PlainText,
    },
    Set(Vec<SetAssign>),
    /// `with KEY = VALUE, …`
    With(Vec<Assign>),
    Leave(Leave, Span),
}

/// `set F = EXPR`; the field may be qualified (`Lead.Status`).
#[derive(Debug, Clone)]
pub struct SetAssign {
    pub field: Path,
    pub value: Expr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    Keep,
    Unlink,
    Delete,
}

/// `convert [every] A to B [keep|delete] when … set … with …`
#[derive(Debug, Clone)]
pub struct ConvertLine {
    pub every: bool,
    pub from: Name,
    pub to: Name,
    pub disposal: Option<(Disposal, Span)>,
    pub clauses: Vec<Clause>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposal {
    Keep,
    Delete,
}
