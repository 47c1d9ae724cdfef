//! One statement: what the lexer noted in it, what the grammar says, and how it reads once it is mended.

use pest::Parser;

use super::Reader;
use crate::diagnostic::{Applicability, Finding, Span, codes};
use crate::syntax::complain::{Failure, complain};
use crate::syntax::findings::error;
use crate::syntax::grammar::{Grammar, Node, Rule};
use crate::syntax::layout::{self, Form, Kind, Piece, Weight};
use crate::syntax::lower::{Lower, Mend, Placement};

impl Reader<'_> {
    /// The findings of the lexer inside a statement, beside those that do not concern it.
    pub(super) fn noted(&self, piece: Piece) -> Vec<usize> {
        let place = self.place(piece.start, piece.end);
        let noted = &self.tokens.noted;
        let first = noted.partition_point(|noted| noted.finding.span.start < place.start);
        (first..noted.len())
            .take_while(|index| noted[*index].finding.span.start < place.end)
            .filter(|index| noted[*index].weight != Weight::Aside)
            .collect()
    }

    /// One finding for a statement that is not tried: that of the lexer, if it has one.
    pub(super) fn refuse(&mut self, piece: Piece, complaint: impl FnOnce(&Self) -> Finding) {
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
    pub(super) fn statement<R>(
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
    pub(super) fn mended<R>(
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
