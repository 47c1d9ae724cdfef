//! Names that nothing declares or has: one finding a name, at its first use, with all other uses.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Checker;
use super::sink::{Suggestion, is_mended, meant, suggest};
use crate::diagnostic::{Code, Edit, Label, Span};
use crate::syntax::ast::Name;

/// Where the finding with a message is among the findings.
pub(crate) type Told = FxHashMap<String, usize>;

impl Checker<'_> {
    /// Whether the same has been told of another place; then that finding is about this place too, and so is its fix.
    ///
    /// What is misspelt or renamed where it is declared is one mistake, however often its name is used.
    pub(super) fn told_already(&mut self, code: Code, message: &str, span: Span) -> bool {
        let before = self.told.get(message).copied();
        // Findings may have been taken back since.
        let told = before
            .and_then(|at| self.findings.list.get_mut(at))
            .filter(|f| f.code == code && f.message == message);
        let Some(told) = told else {
            self.told
                .insert(message.to_owned(), self.findings.list.len());
            return false;
        };
        if told.span == span || told.labels.iter().any(|l| l.span == span) {
            return true;
        }
        if !is_mended(told) {
            self.findings.repeated += 1;
        }
        told.labels.push(Label {
            span,
            message: "and here".to_owned(),
        });
        if let Some(fix) = &mut told.fix
            && let Some(text) = fix.edits.first().map(|e| e.text.clone())
        {
            fix.edits.push(Edit { span, text });
        }
        true
    }

    /// Tells that nothing declares `name`, which is a `kind` ("relationship"); `declare` is how that is done. Gives the name that was evidently
    /// meant.
    pub(super) fn undeclared<'n>(
        &mut self,
        code: Code,
        kind: &str,
        name: &Name,
        known: impl IntoIterator<Item = &'n str> + Clone,
        declare: Option<String>,
    ) -> Option<SmolStr> {
        if self.names.may_be_broken(&name.text) {
            return None;
        }
        let assumed = meant(&name.text, known.clone());
        let message = format!("there is no {kind} `{}`", name.text);
        if self.told_already(code, &message, name.span) {
            return assumed;
        }
        let suggestion = suggest(&name.text, known.clone());
        let described = self.findings.error(code, name.span, message);
        match (suggestion, declare) {
            (Suggestion::Few(names), _) if !names.is_empty() => {
                described.suggest(&name.text, known)
            }
            (Suggestion::Close(..), _) => described.suggest(&name.text, known),
            (_, Some(declare)) => described.help(declare),
            _ => described,
        };
        assumed
    }
}
