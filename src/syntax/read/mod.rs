//! From text to tree: statement by statement.

mod items;
mod statement;

use rustc_hash::FxHashSet;

use super::ast::{Comment, File, Item, ItemKind, Name};
use super::complain;
use super::findings::{error, span};
use super::grammar::Rule;
use super::layout::{self, Context, Form, Kind, Piece, Section, Tokens};
use crate::diagnostic::{FileId, Finding, Span, codes};

/// A file as far as it could be read, and what is wrong with the rest.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    pub file: File,
    pub findings: Vec<Finding>,
}

/// Reads a rule file. Every statement that does not parse costs one finding and nothing else; never fails, never panics.
pub fn parse(file: FileId, text: &str) -> Parsed {
    read(file, text).parsed
}

/// A file as it was read, with what the formatter needs to write it again.
pub(super) struct Reading {
    pub parsed: Parsed,
    pub tokens: Tokens,
    pub sections: Vec<Section>,
    /// The first tokens of the statements that have a finding.
    pub broken: FxHashSet<usize>,
}

pub(super) fn read(file: FileId, text: &str) -> Reading {
    let mut tokens = layout::lex(file, text);
    let sections = layout::sections(file, text, &mut tokens);
    let mut reader = Reader::new(file, text, &tokens);
    let mut tree = File::default();
    let mut astray = false;
    for section in &sections {
        let before = reader.findings.len();
        let misplaced = complain::is_misplaced(text, &tokens, section.head);
        if astray && misplaced {
            tree.items.push(reader.astray(section));
            continue;
        }
        astray = misplaced;
        let item = reader.section(section);
        if matches!(item.kind, ItemKind::Broken) && reader.findings.len() > before {
            match reader.declared_name(section.head) {
                Some(name) => tree.broken_names.push(name),
                None => tree.nameless |= declares(section.head.form),
            }
        }
        tree.items.push(item);
    }
    tree.comments = tokens
        .comments
        .iter()
        .map(|(start, end)| Comment {
            span: span(file, *start as usize, *end as usize),
            text: text[*start as usize + 1..*end as usize].to_owned(),
        })
        .collect();
    let (mut findings, broken) = reader.finish();
    findings.sort_by_key(|finding| (finding.span.start, finding.span.end));
    Reading {
        parsed: Parsed {
            file: tree,
            findings,
        },
        tokens,
        sections,
        broken,
    }
}

/// Reads one expression, such as the value of `--set NAME=VALUE`.
///
/// # Errors
/// What is wrong with it.
pub fn parse_expression(file: FileId, text: &str) -> Result<super::ast::Expr, Vec<Finding>> {
    let mut tokens = layout::lex(file, text);
    // Only for the findings about brackets.
    layout::sections(file, text, &mut tokens);
    let mut reader = Reader::new(file, text, &tokens);
    let piece = Piece {
        form: Form::Let,
        context: Context::File,
        start: 0,
        end: tokens.tokens.len(),
    };
    if piece.end == 0 {
        return Err(vec![error(
            codes::INCOMPLETE,
            span(file, 0, text.len()),
            "an expression is missing",
        )]);
    }
    let expression = reader.statement(piece, Rule::lone_expr, |lower, node| {
        super::grammar::children(node)
            .next()
            .map(|inner| lower.expr(inner))
    });
    let (findings, _) = reader.finish();
    match expression.flatten() {
        Some(expression) if findings.is_empty() => Ok(expression),
        _ => Err(findings),
    }
}

/// Whether an item gives a name to something.
fn declares(form: Form) -> bool {
    matches!(
        form,
        Form::Let
            | Form::Fn
            | Form::Lens
            | Form::ValuesHead
            | Form::RelationshipHead
            | Form::TriggerHead
    )
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    tokens: &'t Tokens,
    findings: Vec<Finding>,
    /// Which findings of the lexer a statement has spoken for.
    claimed: Vec<bool>,
    /// The first tokens of the statements that have a finding.
    broken: FxHashSet<usize>,
}

impl<'t> Reader<'t> {
    fn new(file: FileId, text: &'t str, tokens: &'t Tokens) -> Self {
        let claimed = vec![false; tokens.noted.len()];
        Reader {
            file,
            text,
            tokens,
            findings: Vec::new(),
            claimed,
            broken: FxHashSet::default(),
        }
    }

    fn finish(mut self) -> (Vec<Finding>, FxHashSet<usize>) {
        for (noted, claimed) in self.tokens.noted.iter().zip(&self.claimed) {
            if !claimed {
                self.findings.push(noted.finding.clone());
            }
        }
        (self.findings, self.broken)
    }

    fn place(&self, start: usize, end: usize) -> Span {
        let tokens = &self.tokens.tokens;
        let first = tokens.get(start).map_or(0, |token| token.start as usize);
        let last = tokens
            .get(end.saturating_sub(1))
            .map_or(first, |token| token.end as usize);
        span(self.file, first, last)
    }

    /// The name that a broken item would have given to something.
    fn declared_name(&self, head: Piece) -> Option<Name> {
        let at = head.start + 1;
        // A misspelt word may begin any item.
        let named = declares(head.form) || head.form == Form::UnknownItem;
        if !named
            || at >= head.end
            || !matches!(self.tokens.kind(at), Some(Kind::Word | Kind::Quoted))
        {
            return None;
        }
        Some(Name {
            text: self.tokens.text(self.text, at).trim_matches('`').into(),
            span: self.place(at, at + 1),
        })
    }

    fn section(&mut self, section: &Section) -> Item {
        let head = section.head;
        let place = self.place(head.start, section.end());
        let kind = match head.form {
            Form::Sync => self
                .statement(head, Rule::sync_item, |lower, node| lower.sync_item(node))
                .flatten(),
            Form::Let => self
                .statement(head, Rule::let_item, |lower, node| lower.let_item(node))
                .flatten(),
            Form::Fn => self
                .statement(head, Rule::fn_item, |lower, node| lower.fn_item(node))
                .flatten(),
            Form::Lens => self
                .statement(head, Rule::lens_item, |lower, node| lower.lens_item(node))
                .flatten(),
            Form::Schedule => self
                .statement(head, Rule::schedule, |lower, node| lower.schedule(node))
                .flatten(),
            Form::ValuesHead => self.values(section),
            Form::RelationshipHead => self.relationship(section),
            Form::TriggerHead => self.trigger(section),
            _ => {
                self.refuse(head, |reader| {
                    complain::unknown_item(reader.file, reader.text, reader.tokens, head)
                });
                None
            }
        };
        Item {
            span: place,
            kind: kind.unwrap_or(ItemKind::Broken),
        }
    }

    /// One more line outside of the braces in which it belongs: the first of them has the finding.
    fn astray(&mut self, section: &Section) -> Item {
        let piece = section.head;
        self.broken.insert(piece.start);
        for index in self.noted(piece) {
            self.claimed[index] = true;
        }
        Item {
            span: self.place(piece.start, piece.end),
            kind: ItemKind::Broken,
        }
    }
}
