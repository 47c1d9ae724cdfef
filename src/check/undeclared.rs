//! Names that nothing declares or has: one finding a name, at its first use, with all other uses.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::Checker;
use super::sink::{Suggestion, is_mended, meant, suggest};
use crate::diagnostic::{Code, Edit, Label, Span};
use crate::syntax::ast::Name;

/// What has been told, by its message.
pub(crate) type Told = FxHashMap<String, Once>;

#[derive(Debug)]
pub(crate) struct Once {
    /// Where the finding is among the findings.
    at: usize,
    places: FxHashSet<Span>,
}

impl Checker<'_> {
    /// Whether the same has been told of another place; then that finding is about this place too, and so is its fix.
    ///
    /// What is misspelt or renamed where it is declared is one mistake, however often its name is used.
    pub(super) fn told_already(&mut self, code: Code, message: &str, span: Span) -> bool {
        let before = self.told.get_mut(message);
        // Findings may have been taken back since.
        let told = before.and_then(|once| {
            let told = self.findings.list.get_mut(once.at)?;
            (told.code == code && told.message == message).then_some((once, told))
        });
        let Some((once, told)) = told else {
            let once = Once {
                at: self.findings.list.len(),
                places: FxHashSet::from_iter([span]),
            };
            self.told.insert(message.to_owned(), once);
            return false;
        };
        if told.span == span || !once.places.insert(span) {
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
