//! What lints look at: the syntax tree, the facts that checking left, and the relationships as they were built.

use std::cell::OnceCell;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::check::gaps::Gaps;
use crate::check::sink::{Suggestion, suggest};
use crate::check::{Checked, Facts};
use crate::diagnostic::{Finding, Severity, Span, codes};
use crate::program::{
    Alternatives, Direction, Expr, Flow, PathStep, Program, Relationship, Side, Slot, TextPart,
};
use crate::schema::{Field, Object};
use crate::syntax::ast::{
    self, Item, ItemKind, ModifierKind, Statement, StatementKind, ValuesItem,
};

pub(super) struct Context<'a> {
    pub files: &'a [ast::File],
    pub facts: &'a Facts,
    pub program: &'a Program,
    /// An item did not parse: what is not there may stand in it.
    pub incomplete: bool,
    /// The errors of the syntax and of the check, in the order of files and places.
    errors: Vec<&'a Finding>,
    /// The names that nothing declares; found when first asked for, as are the words.
    unknown: OnceCell<FxHashSet<&'a str>>,
    /// How often each word stands in the rules.
    words: OnceCell<FxHashMap<&'a str, u32>>,
    /// The place of each relationship of the program by its name.
    places: FxHashMap<&'a str, usize>,
    /// Statements of relationships by their spans.
    statements: FxHashMap<Span, &'a Statement>,
    values: FxHashMap<&'a str, &'a ValuesItem>,
}

impl<'a> Context<'a> {
    pub fn new(
        files: &'a [ast::File],
        syntax: &'a [Finding],
        checked: &'a Checked,
    ) -> Option<Self> {
        let program = checked.facts.draft.as_ref()?;
        let broken = |f: &ast::File| f.items.iter().any(|i| matches!(i.kind, ItemKind::Broken));
        let found = syntax.iter().chain(&checked.findings);
        let mut errors: Vec<&Finding> = found.filter(|f| f.severity == Severity::Error).collect();
        errors.sort_by_key(|f| f.span);
        let mut statements = FxHashMap::default();
        let mut values = FxHashMap::default();
        for item in files.iter().flat_map(|f| &f.items) {
            match &item.kind {
                ItemKind::Relationship(r) => {
                    statements.extend(r.statements.iter().map(|s| (s.span, s)));
                }
                ItemKind::Values(v) => {
                    values.entry(v.name.text.as_str()).or_insert(v);
                }
                _ => {}
            }
        }
        let named = program.relationships.iter().enumerate();
        Some(Context {
            files,
            facts: &checked.facts,
            program,
            incomplete: files.iter().any(broken),
            errors,
            unknown: OnceCell::new(),
            words: OnceCell::new(),
            places: named.map(|(at, r)| (r.name.as_str(), at)).collect(),
            statements,
            values,
        })
    }

    pub fn items(&self) -> impl Iterator<Item = &'a Item> {
        self.files.iter().flat_map(|f| &f.items)
    }

    /// What is not known of a relationship, since it has a finding.
    pub fn gaps(&self, name: &str) -> Gaps {
        self.facts.gaps.get(name).copied().unwrap_or_default()
    }

    /// Whether a name that the rules use and nothing declares is close to this one: then it was this one that was meant.
    pub fn may_be_meant(&self, name: &str) -> bool {
        let unknown = self.unknown.get_or_init(|| {
            let codes = [
                codes::UNKNOWN_NAME,
                codes::UNKNOWN_FUNCTION,
                codes::UNKNOWN_CONVERSION,
                codes::UNKNOWN_FIELD,
                codes::NOT_CONSTANT,
            ];
            let unknown = self.errors.iter().filter(|f| codes.contains(&f.code));
            unknown.map(|f| self.program.sources.text(f.span)).collect()
        });
        unknown
            .iter()
            .any(|written| matches!(suggest(written, [name]), Suggestion::Close(..)))
    }

    /// Whether an error lies within a place: nothing more is said about it.
    pub fn has_error(&self, at: Span) -> bool {
        let first = self
            .errors
            .partition_point(|f| (f.span.file, f.span.start) < (at.file, at.start));
        self.errors[first..]
            .iter()
            .take_while(|f| f.span.file == at.file && f.span.start <= at.end)
            .any(|f| f.span.end <= at.end)
    }

    /// Whether a word stands anywhere but where it is declared; only asked where errors may hide a use.
    pub fn mentioned_besides(&self, name: &str, declared: Span) -> bool {
        if self.errors.is_empty() {
            return false;
        }
        let texts = || {
            let sources = self.program.sources.files.iter().take(self.files.len());
            sources.map(|source| &*source.text)
        };
        let in_name = |c: char| c.is_alphanumeric() || c == '_';
        if !name.chars().all(in_name) {
            // A name in backticks.
            return texts()
                .map(|text| text.matches(name).count())
                .sum::<usize>()
                > 1;
        }
        let words = self.words.get_or_init(|| {
            let mut words: FxHashMap<&str, u32> = FxHashMap::default();
            for word in texts().flat_map(|text| text.split(|c| !in_name(c))) {
                *words.entry(word).or_default() += 1;
            }
            words
        });
        let own = u32::from(self.program.sources.text(declared).trim_matches('`') == name);
        words.get(name).copied().unwrap_or(0) > own
    }

    pub fn relationship(&self, name: &str) -> Option<&'a Relationship> {
        self.program.relationships.get(*self.places.get(name)?)
    }

    /// The statement with exactly this span.
    pub fn statement(&self, span: Span) -> Option<&'a Statement> {
        self.statements.get(&span).copied()
    }

    /// Where a schema file describes a field of an object.
    pub fn schema_place(&self, side: Side, object: &SmolStr, field: &SmolStr) -> Option<Span> {
        let store = &self.program.stores[side.index()].name;
        let sources = &self.program.sources;
        self.facts.places.field(sources, store, object, field)
    }

    /// The two sides of the field line with this span: where it comes from in a direction, and what it points at.
    pub fn ends(&self, line: Span, direction: Direction) -> Option<(Span, Span)> {
        let StatementKind::Field(field) = &self.statement(line)?.kind else {
            return None;
        };
        Some(match direction {
            Direction::Push => (field.left.span, field.right.span),
            Direction::Pull => (field.right.span, field.left.span),
        })
    }

    /// Where the line with this span names a relationship by `via`.
    pub fn via_span(&self, line: Span) -> Span {
        let named = self.statement(line).and_then(|s| match &s.kind {
            StatementKind::Field(line) => line.modifiers.iter().find_map(|m| match &m.kind {
                ModifierKind::Via { relationship, .. } => Some(relationship.span),
                _ => None,
            }),
            _ => None,
        });
        named.unwrap_or(line)
    }

    pub fn values(&self, name: &str) -> Option<&'a ValuesItem> {
        self.values.get(name).copied()
    }

    /// The smallest piece of an operation line that names it, by the line's own span.
    pub fn operation_span(&self, line: Span) -> Span {
        let named = self.statement(line).and_then(|s| match &s.kind {
            StatementKind::Operation(o) => Some(Span {
                end: o.operation_span.end,
                ..o.direction_span
            }),
            _ => None,
        });
        named.unwrap_or(line)
    }

    /// The `require` of an operation line, or what names the operation where it has none.
    pub fn require_span(&self, line: Span) -> Span {
        let clauses = self.statement(line).and_then(|s| match &s.kind {
            StatementKind::Operation(o) => Some(&o.clauses),
            _ => None,
        });
        let require = clauses.and_then(|clauses| {
            let is_require = |c: &&ast::Clause| {
                matches!(
                    c.kind,
                    ast::ClauseKind::Require(_) | ast::ClauseKind::RequireElse { .. }
                )
            };
            clauses.iter().find(is_require)
        });
        require.map_or_else(|| self.operation_span(line), |c| c.span)
    }

    /// The user's text of a place, on one line.
    pub fn text(&self, span: Span) -> String {
        let text = self.program.sources.text(span);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A place with the end of its last line, where nothing else stands on its lines.
    pub fn whole_lines(&self, span: Span) -> Span {
        let Some(source) = self.program.sources.file(span.file) else {
            return span;
        };
        let range = source.range(span);
        let written = source.text[range.clone()].trim_end().len();
        let end = range.start + written;
        let rest = &source.text[end..];
        let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let alone = source.text[..range.start].ends_with('\n') || range.start == 0;
        let end = if alone && rest[..line].trim().is_empty() {
            end + line
        } else {
            end
        };
        Span {
            end: u32::try_from(end).unwrap_or(span.end),
            ..span
        }
    }

    /// The clause or modifier that a place stands in, if it stands in one.
    pub fn clause_of(&self, at: Span) -> Option<Span> {
        let within = |s: &Span| s.file == at.file && s.start <= at.start && at.end <= s.end;
        let relationships = self.items().filter(|i| within(&i.span));
        let statements = relationships.filter_map(|i| match &i.kind {
            ItemKind::Relationship(r) => Some(&r.statements),
            _ => None,
        });
        let statement = statements.flatten().find(|s| within(&s.span))?;
        match &statement.kind {
            StatementKind::Operation(o) => o.clauses.iter().map(|c| c.span).find(|s| within(s)),
            StatementKind::Field(f) => f.modifiers.iter().map(|m| m.span).find(|s| within(s)),
            _ => None,
        }
    }

    /// `crm.Lead`
    pub fn full_name(&self, side: Side, object: &Object) -> String {
        format!("{}.{}", self.program.stores[side.index()].name, object.name)
    }
}

/// The field of a slot in one object.
pub(super) fn slot_field<'o>(
    relationship: &Relationship,
    side: Side,
    slot: Slot,
    object: &'o Object,
) -> Option<&'o Field> {
    let rule = relationship.sides[side.index()]
        .slots
        .get(usize::from(slot.0))?;
    object.fields.get(&rule.field)
}

pub(super) fn slot_name(relationship: &Relationship, side: Side, slot: Slot) -> &str {
    relationship.sides[side.index()]
        .slots
        .get(usize::from(slot.0))
        .map_or("", |s| s.field.as_str())
}

/// The objects of a side with their places.
pub(super) fn objects(
    relationship: &Relationship,
    side: Side,
    within: Alternatives,
) -> impl Iterator<Item = (usize, &Object)> {
    let objects = &relationship.sides[side.index()].objects;
    let several = objects.len() > 1;
    objects
        .iter()
        .enumerate()
        .filter(move |(i, _)| !several || within.has(*i))
        .map(|(i, o)| (i, o.as_ref()))
}

pub(super) fn is_id(relationship: &Relationship, side: Side, slot: Slot) -> bool {
    let name = slot_name(relationship, side, slot);
    relationship.sides[side.index()]
        .objects
        .iter()
        .any(|o| o.id.as_deref() == Some(name))
}

/// The flows of a relationship with their alternatives.
pub(super) fn flows(
    relationship: &Relationship,
) -> impl Iterator<Item = (Direction, Alternatives, &Flow)> {
    relationship.lines.iter().flat_map(|l| {
        Direction::BOTH
            .into_iter()
            .filter_map(|d| l.flow(d).map(|f| (d, l.alternatives, f)))
    })
}

/// Every field that an expression reads.
pub(super) fn reads(expr: &Expr, found: &mut Vec<(Side, Slot)>) {
    match expr {
        Expr::Field(side, slot) | Expr::Was(side, slot) => found.push((*side, *slot)),
        Expr::Const(_)
        | Expr::It
        | Expr::Alternative
        | Expr::ByHand
        | Expr::Now
        | Expr::Today
        | Expr::Query(_) => {}
        Expr::Not(a) | Expr::Negate(a) | Expr::Matches(a, _) | Expr::RoundRobin(a, _) => {
            reads(a, found)
        }
        Expr::IsNull { operand, .. } | Expr::IsEmpty { operand, .. } => reads(operand, found),
        Expr::And(parts) | Expr::Or(parts) | Expr::List(parts) | Expr::Call(_, parts) => {
            parts.iter().for_each(|p| reads(p, found))
        }
        Expr::Compare(_, a, b) | Expr::Coalesce(a, b) | Expr::Arithmetic(_, a, b) => {
            reads(a, found);
            reads(b, found);
        }
        Expr::In { operand, list, .. } => {
            reads(operand, found);
            reads(list, found);
        }
        Expr::If(c, a, b) => [c, a, b].into_iter().for_each(|e| reads(e, found)),
        Expr::Interpolate(parts) => parts.iter().for_each(|p| match p {
            TextPart::Text(_) => {}
            TextPart::Expr(e) => reads(e, found),
        }),
        Expr::Path(of, steps) => {
            reads(of, found);
            steps.iter().for_each(|s| match s {
                PathStep::Member(_) => {}
                PathStep::Index(e) => reads(e, found),
            });
        }
    }
}
