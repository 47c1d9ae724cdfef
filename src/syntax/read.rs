//! From text to tree: statement by statement.

use pest::Parser;
use rustc_hash::FxHashSet;

use super::ast::{
    Action, ActionKind, Comment, File, Item, ItemKind, Name, Statement, StatementKind,
};
use super::complain::{self, Failure, complain, without_arrow};
use super::findings::{error, span};
use super::grammar::{Grammar, Node, Rule};
use super::layout::{self, Context, Form, Kind, Piece, Section, Tokens, Weight};
use super::lower::{Lower, Mend, Placement};
use crate::diagnostic::{Applicability, FileId, Finding, Span, codes};

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

    fn values(&mut self, section: &Section) -> Option<ItemKind> {
        let mut item = self
            .statement(section.head, Rule::values_head, |lower, node| {
                lower.values_head(node)
            })
            .flatten();
        for piece in section.block.iter().flat_map(|block| &block.pieces) {
            if piece.form == Form::ValuesElse {
                let read = self
                    .statement(*piece, Rule::values_else, |lower, node| {
                        lower.values_else(node)
                    })
                    .flatten();
                if let (Some(item), Some(read)) = (&mut item, read) {
                    item.elses.push(read);
                }
            } else if let (Some(read), Some(item)) = (
                self.statement(*piece, Rule::values_entry, |lower, node| {
                    lower.values_entry(node)
                })
                .flatten(),
                &mut item,
            ) {
                item.entries.push(read);
            }
        }
        item.map(ItemKind::Values)
    }

    fn relationship(&mut self, section: &Section) -> Option<ItemKind> {
        let mut item = self
            .statement(section.head, Rule::relationship_head, |lower, node| {
                lower.relationship_head(node)
            })
            .flatten();
        for piece in section.block.iter().flat_map(|block| &block.pieces) {
            let kind = self
                .relationship_statement(*piece)
                .unwrap_or(StatementKind::Broken);
            let statement = Statement {
                span: self.place(piece.start, piece.end),
                kind,
            };
            if let Some(item) = &mut item {
                item.statements.push(statement);
            }
        }
        item.map(|item| ItemKind::Relationship(Box::new(item)))
    }

    fn relationship_statement(&mut self, piece: Piece) -> Option<StatementKind> {
        match piece.form {
            Form::Match => self.statement(piece, Rule::match_line, |lower, node| {
                lower.match_line(node)
            })?,
            Form::Duplicates => self.statement(piece, Rule::duplicates_line, |lower, node| {
                lower.duplicates_line(node)
            })?,
            Form::Follow => self.statement(piece, Rule::follow_line, |lower, node| {
                lower.follow_line(node)
            })?,
            Form::Prefer => self.statement(piece, Rule::prefer_line, |lower, node| {
                lower.prefer_line(node)
            })?,
            Form::Star => {
                self.statement(piece, Rule::star_line, |lower, node| lower.star_line(node))?
            }
            Form::Operation => {
                self.statement(piece, Rule::operation, |lower, node| lower.operation(node))?
            }
            Form::Batch => self.statement(piece, Rule::batch_line, |lower, node| {
                lower.batch_line(node)
            })?,
            Form::Purge => self.statement(piece, Rule::purge_line, |lower, node| {
                lower.purge_line(node)
            })?,
            Form::Convert => self.statement(piece, Rule::convert_line, |lower, node| {
                lower.convert_line(node)
            })?,
            _ if self.has_arrow(piece) => {
                self.statement(piece, Rule::field_line, |lower, node| {
                    lower.field_line(node)
                })?
            }
            _ => {
                self.refuse(piece, |reader| {
                    without_arrow(reader.file, reader.text, reader.tokens, piece)
                });
                None
            }
        }
    }

    fn trigger(&mut self, section: &Section) -> Option<ItemKind> {
        let mut item = self
            .statement(section.head, Rule::trigger_head, |lower, node| {
                lower.trigger_head(node)
            })
            .flatten();
        for piece in section.block.iter().flat_map(|block| &block.pieces) {
            let rule = match piece.form {
                Form::Run => Some(Rule::run_action),
                Form::Create => Some(Rule::create_action),
                Form::Upsert => Some(Rule::upsert_action),
                Form::Update => Some(Rule::update_action),
                Form::Delete => Some(Rule::delete_action),
                Form::Set => Some(Rule::set_action),
                Form::Post => Some(Rule::post_action),
                _ => None,
            };
            let place = self.place(piece.start, piece.end);
            let action = match rule {
                Some(rule) => self
                    .statement(*piece, rule, |lower, node| lower.action(node, place))
                    .flatten(),
                None => {
                    self.refuse(*piece, |reader| {
                        complain::unknown_action(reader.file, reader.text, reader.tokens, *piece)
                    });
                    None
                }
            };
            if let Some(item) = &mut item {
                item.actions.push(action.unwrap_or(Action {
                    span: place,
                    kind: ActionKind::Broken,
                    when: None,
                }));
            }
        }
        item.map(ItemKind::Trigger)
    }

    fn has_arrow(&self, piece: Piece) -> bool {
        self.tokens.tokens[piece.start..piece.end]
            .iter()
            .any(|token| matches!(token.kind, Kind::Arrow | Kind::FatArrow))
    }

    /// The findings of the lexer inside a statement, beside those that do not concern it.
    fn noted(&self, piece: Piece) -> Vec<usize> {
        let place = self.place(piece.start, piece.end);
        let noted = &self.tokens.noted;
        let first = noted.partition_point(|noted| noted.finding.span.start < place.start);
        (first..noted.len())
            .take_while(|index| noted[*index].finding.span.start < place.end)
            .filter(|index| noted[*index].weight != Weight::Aside)
            .collect()
    }

    /// One finding for a statement that is not tried: that of the lexer, if it has one.
    fn refuse(&mut self, piece: Piece, complaint: impl FnOnce(&Self) -> Finding) {
        self.broken.insert(piece.start);
        let noted = self.noted(piece);
        if !self.refuse_noted(&noted) {
            let finding = complaint(self);
            self.findings.push(finding);
        }
    }

    /// Reports the worst of some findings of the lexer for all of them.
    fn refuse_noted(&mut self, noted: &[usize]) -> bool {
        let worst = noted
            .iter()
            .find(|index| self.tokens.noted[**index].weight == Weight::Fatal)
            .or(noted.first());
        for index in noted {
            self.claimed[*index] = true;
        }
        let Some(worst) = worst else { return false };
        self.findings
            .push(self.tokens.noted[*worst].finding.clone());
        true
    }

    /// Reads one statement by its rule. Nothing where it does not parse; then there is exactly one finding.
    fn statement<R>(
        &mut self,
        piece: Piece,
        rule: Rule,
        lower: impl for<'n> FnOnce(&mut Lower<'_>, Node<'n>) -> R,
    ) -> Option<R> {
        let noted = self.noted(piece);
        if noted
            .iter()
            .any(|index| self.tokens.noted[*index].weight == Weight::Fatal)
        {
            let place = self.place(piece.start, piece.end);
            let read = match noted.as_slice() {
                [only] if self.patched(piece, place).0.is_none() => {
                    let finding = &self.tokens.noted[*only].finding;
                    self.mended(finding, rule, place, lower)
                }
                _ => None,
            };
            self.broken.insert(piece.start);
            self.refuse_noted(&noted);
            return read;
        }
        if let Some(at) = layout::is_too_deep(self.tokens, self.text, piece.start, piece.end) {
            let finding = error(
                codes::TOO_DEEP,
                self.place(at, at + 1),
                "this statement nests too deep",
            )
            .help("give parts of it a name with `fn` or `let`");
            self.refuse(piece, |_| finding);
            return None;
        }
        let place = self.place(piece.start, piece.end);
        let (start, end) = (place.start as usize, place.end as usize);
        let (patched, slips) = self.patched(piece, place);
        let source = patched.as_deref().unwrap_or(&self.text[start..end]);
        match Grammar::parse(rule, source) {
            Ok(mut nodes) => {
                let before = self.findings.len();
                for index in noted {
                    self.claimed[index] = true;
                    self.findings.push(self.tokens.noted[index].finding.clone());
                }
                self.findings.extend(slips);
                let node = nodes.next()?;
                let mut context = Lower {
                    place: Placement {
                        file: self.file,
                        base: start,
                        mend: None,
                    },
                    findings: &mut self.findings,
                };
                let read = lower(&mut context, node);
                if self.findings.len() > before {
                    self.broken.insert(piece.start);
                }
                Some(read)
            }
            Err(failed) => {
                let untouched = patched.is_none() && noted.is_empty();
                let finding = slips.into_iter().next().unwrap_or_else(|| {
                    complain(&Failure {
                        file: self.file,
                        text: self.text,
                        tokens: self.tokens,
                        piece,
                        base: start,
                        error: &failed,
                    })
                });
                let read = untouched
                    .then(|| self.mended(&finding, rule, place, lower))
                    .flatten();
                self.refuse(piece, |_| finding);
                read
            }
        }
    }

    /// The statement as it reads once the mend of its finding is made: what it says is known then, and is missed nowhere.
    fn mended<R>(
        &self,
        finding: &Finding,
        rule: Rule,
        place: Span,
        lower: impl for<'n> FnOnce(&mut Lower<'_>, Node<'n>) -> R,
    ) -> Option<R> {
        let bytes = place.start as usize..place.end as usize;
        let fix = finding.fix.as_ref()?;
        let ([edit], Applicability::Safe) = (fix.edits.as_slice(), fix.applicability) else {
            return None;
        };
        let (from, to) = (edit.span.start as usize, edit.span.end as usize);
        if from < bytes.start || to > bytes.end {
            return None;
        }
        let mut source = self.text[bytes.clone()].to_owned();
        source.replace_range(from - bytes.start..to - bytes.start, &edit.text);
        let node = Grammar::parse(rule, &source).ok()?.next()?;
        let mend = Mend {
            at: from - bytes.start,
            written: to - from,
            read: edit.text.len(),
        };
        // A second mistake in the statement waits for the first.
        let mut others = Vec::new();
        let read = lower(
            &mut Lower {
                place: Placement {
                    file: self.file,
                    base: bytes.start,
                    mend: Some(mend),
                },
                findings: &mut others,
            },
            node,
        );
        Some(read)
    }

    /// The statement as it was meant, where slips stand in it: as long in bytes as what is written.
    fn patched(&self, piece: Piece, place: Span) -> (Option<String>, Vec<Finding>) {
        let (start, end) = (place.start as usize, place.end as usize);
        let mut patches: Vec<(usize, &'static str)> = Vec::new();
        let first = self
            .tokens
            .patches
            .partition_point(|patch| (patch.start as usize) < start);
        for patch in self.tokens.patches[first..]
            .iter()
            .take_while(|patch| (patch.start as usize) < end)
        {
            patches.push((patch.start as usize, patch.text));
        }
        let mut slips = Vec::new();
        let mut arrow_needed = matches!(
            piece.form,
            Form::Field | Form::ValuesEntry | Form::RelationshipHead | Form::Star
        ) && !self.tokens.tokens[piece.start..piece.end]
            .iter()
            .any(|token| token.kind == Kind::Arrow);
        for at in piece.start..piece.end {
            if self.tokens.tokens[at].kind != Kind::FatArrow {
                continue;
            }
            let place = self.place(at, at + 1);
            let (code, meant) = if std::mem::take(&mut arrow_needed) {
                (codes::ARROW_SLIP, "->")
            } else {
                (codes::OPERATOR_SLIP, ">=")
            };
            let what = if meant == "->" {
                "`=>` is no arrow of this language"
            } else {
                "`=>` is no operator of this language"
            };
            slips.push(
                error(code, place, what)
                    .help(format!("write `{meant}`"))
                    .fix(Applicability::Safe, place, meant),
            );
            patches.push((place.start as usize, meant));
        }
        if patches.is_empty() {
            return (None, slips);
        }
        let mut source = self.text[start..end].to_owned();
        for (at, text) in patches {
            source.replace_range(at - start..at - start + text.len(), text);
        }
        (Some(source), slips)
    }
}
