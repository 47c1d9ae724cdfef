//! Which kind of statement a line begins. Words are contextual: a path followed by an arrow is a field line whatever its first name, and a
//! statement word directly followed by `(` is a call.

use super::brackets::{Brackets, reads_as_item};
use super::token::{Kind, Tokens};
use crate::syntax::findings::nearest;

/// The words that begin items, statements of a relationship, and actions of a trigger.
pub const ITEMS: [&str; 9] = [
    "sync",
    "let",
    "fn",
    "values",
    "lens",
    "relationship",
    "every",
    "cron",
    "trigger",
];
pub const STATEMENTS: [&str; 9] = [
    "match",
    "duplicates",
    "follow",
    "prefer",
    "first",
    "push",
    "pull",
    "purge",
    "convert",
];
pub const ACTIONS: [&str; 9] = [
    "push", "pull", "sync", "create", "upsert", "update", "delete", "set", "post",
];

/// The kinds of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Sync,
    Let,
    Fn,
    Lens,
    Schedule,
    ValuesHead,
    RelationshipHead,
    TriggerHead,
    UnknownItem,
    ValuesEntry,
    ValuesElse,
    Match,
    Duplicates,
    Follow,
    Prefer,
    Star,
    Field,
    Operation,
    Batch,
    Purge,
    Convert,
    Run,
    Create,
    Upsert,
    Update,
    Delete,
    Set,
    Post,
    UnknownAction,
}

/// Which braces a statement stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    File,
    Values,
    Relationship,
    Trigger,
}

impl Form {
    /// The braces that the head of a block opens.
    pub fn opens(self) -> Option<Context> {
        match self {
            Form::ValuesHead => Some(Context::Values),
            Form::RelationshipHead => Some(Context::Relationship),
            Form::TriggerHead => Some(Context::Trigger),
            _ => None,
        }
    }

    /// The words that continue the statement on a line indented deeper.
    pub fn clause_words(self) -> &'static [&'static str] {
        match self {
            Form::Sync => &["with"],
            Form::Schedule => &["sync", "push", "pull", "in"],
            Form::TriggerHead => &["on", "when"],
            Form::Match => &["where", "duplicates"],
            Form::Follow => &["to"],
            Form::Star => &["except"],
            Form::Field => &[
                "via", "using", "prefer", "first", "blanks", "on", "if", "when", "push", "pull",
            ],
            Form::Operation => &["when", "require", "set", "with", "leave"],
            Form::Convert => &[
                "to", "keep", "delete", "when", "require", "set", "with", "leave",
            ],
            Form::Purge
            | Form::Run
            | Form::Create
            | Form::Upsert
            | Form::Update
            | Form::Delete
            | Form::Set
            | Form::Post => &["when"],
            _ => &[],
        }
    }

    /// Whether a word begins a statement in the braces in which this one stands.
    pub fn is_begun_by(self, word: &str) -> bool {
        match self {
            Form::Match
            | Form::Duplicates
            | Form::Follow
            | Form::Prefer
            | Form::Star
            | Form::Field
            | Form::Operation
            | Form::Batch
            | Form::Purge
            | Form::Convert => relationship(word, "") != Form::Field,
            Form::Run
            | Form::Create
            | Form::Upsert
            | Form::Update
            | Form::Delete
            | Form::Set
            | Form::Post
            | Form::UnknownAction => action(word) != Form::UnknownAction,
            _ => false,
        }
    }

    /// The form of the statement that begins at a token.
    pub fn at(
        tokens: &Tokens,
        brackets: &Brackets,
        text: &str,
        context: Context,
        index: usize,
    ) -> Form {
        let first = match tokens.kind(index) {
            Some(Kind::Word) => tokens.text(text, index),
            _ => "",
        };
        match context {
            Context::File => match item(first) {
                Form::UnknownItem => misspelt_item(tokens, text, index, first),
                form => form,
            },
            Context::Values if first == "else" => Form::ValuesElse,
            Context::Values => Form::ValuesEntry,
            Context::Relationship => {
                let is_call =
                    tokens.kind(index + 1) == Some(Kind::Open(b'(')) && tokens.touches(index + 1);
                if tokens.text(text, index) == "*" {
                    Form::Star
                } else if is_call || is_path_and_arrow(tokens, brackets, index) {
                    Form::Field
                } else {
                    let second = tokens.text(text, index + 1);
                    match relationship(first, second) {
                        Form::Field if !has_arrow(tokens, index) => {
                            let meant = nearest(first, &STATEMENTS).unwrap_or_default();
                            relationship(meant, second)
                        }
                        form => form,
                    }
                }
            }
            Context::Trigger => match action(first) {
                Form::UnknownAction => nearest(first, &ACTIONS).map_or(Form::UnknownAction, action),
                form => form,
            },
        }
    }
}

/// A line that begins with a misspelt word and goes on as the item does that is meant.
fn misspelt_item(tokens: &Tokens, text: &str, index: usize, word: &str) -> Form {
    match nearest(word, &ITEMS) {
        Some(meant) if reads_as_item(tokens, text, index, meant) => item(meant),
        _ => Form::UnknownItem,
    }
}

/// Whether an arrow stands on the line on which a token stands, behind it.
fn has_arrow(tokens: &Tokens, index: usize) -> bool {
    let line = tokens.tokens.get(index).map(|token| token.line);
    let rest = tokens.tokens.iter().skip(index);
    rest.take_while(|token| Some(token.line) == line)
        .any(|token| matches!(token.kind, Kind::Arrow | Kind::FatArrow))
}

fn item(word: &str) -> Form {
    match word {
        "sync" => Form::Sync,
        "let" => Form::Let,
        "fn" => Form::Fn,
        "lens" => Form::Lens,
        "every" | "cron" => Form::Schedule,
        "values" => Form::ValuesHead,
        "relationship" => Form::RelationshipHead,
        "trigger" => Form::TriggerHead,
        _ => Form::UnknownItem,
    }
}

fn relationship(word: &str, second: &str) -> Form {
    match word {
        "match" => Form::Match,
        "duplicates" => Form::Duplicates,
        "follow" => Form::Follow,
        "prefer" | "first" => Form::Prefer,
        "push" | "pull" if second == "batch" => Form::Batch,
        "push" | "pull" => Form::Operation,
        "purge" => Form::Purge,
        "convert" => Form::Convert,
        _ => Form::Field,
    }
}

fn action(word: &str) -> Form {
    match word {
        "push" | "pull" | "sync" => Form::Run,
        "create" => Form::Create,
        "upsert" => Form::Upsert,
        "update" => Form::Update,
        "delete" => Form::Delete,
        "set" => Form::Set,
        "post" => Form::Post,
        _ => Form::UnknownAction,
    }
}

/// `billing.city ->`, `items[0].sku <-`, on one line.
pub fn is_path_and_arrow(tokens: &Tokens, brackets: &Brackets, index: usize) -> bool {
    let is_name = |at: usize| matches!(tokens.kind(at), Some(Kind::Word | Kind::Quoted));
    if !is_name(index) {
        return false;
    }
    let mut at = index + 1;
    loop {
        match tokens.kind(at) {
            Some(Kind::Dot) if is_name(at + 1) => at += 2,
            Some(Kind::Open(b'[')) if tokens.touches(at) => match brackets.partner(at) {
                Some(close) => at = close + 1,
                None => return false,
            },
            Some(Kind::Arrow | Kind::FatArrow) => {
                return tokens.tokens[at].line == tokens.tokens[index].line;
            }
            _ => return false,
        }
    }
}
