//! The fields that arrows and `set` point at.

use super::Build;
use crate::check::{Checker, codes};
use crate::program::{Alternatives, Side, Slot};
use crate::syntax::ast::{self, ExprKind, Name};

/// A field that is written.
#[derive(Debug, Clone)]
pub(super) struct Target<'a> {
    pub side: Side,
    pub alternative: Option<usize>,
    pub name: &'a Name,
    pub slot: Slot,
    /// The alternatives that have it.
    pub alternatives: Alternatives,
}

impl<'a> Checker<'a> {
    /// What an arrow points at; anything but a field of that side has a finding.
    pub(super) fn target(
        &mut self,
        build: &mut Build<'a>,
        side: Side,
        expr: &'a ast::Expr,
    ) -> Option<Target<'a>> {
        match &expr.kind {
            ExprKind::Path(path) => self.target_path(build, side, path, Alternatives::ALL),
            ExprKind::Broken => None,
            _ => {
                let message = format!(
                    "an arrow points at a field, and `{}` is none",
                    self.text(expr.span)
                );
                self.findings
                    .error(codes::NOT_A_TARGET, expr.span, message)
                    .help("the expression stands where the arrow comes from");
                None
            }
        }
    }

    /// A field by its path: `Company`, `Lead.Company`, `crm.Company`.
    pub(super) fn target_path(
        &mut self,
        build: &mut Build<'a>,
        side: Side,
        path: &'a ast::Path,
        within: Alternatives,
    ) -> Option<Target<'a>> {
        let (alternative, name) = match path.names.as_slice() {
            [name] => (None, name),
            [head, name] | [_, head, name] => {
                let objects = &build.frame.side(side).objects;
                let at = objects.iter().position(|o| o.object.name == head.text);
                let store = self.side_of(&head.text);
                let store_first = path.names.len() == 3
                    && path
                        .names
                        .first()
                        .is_none_or(|n| self.side_of(&n.text) != Some(side));
                match (at, store) {
                    _ if store_first => return self.no_target(build, side, path),
                    (Some(at), _) => (Some(at), name),
                    (None, Some(named)) if named == side && path.names.len() == 2 => (None, name),
                    _ => return self.no_target(build, side, path),
                }
            }
            _ => return self.no_target(build, side, path),
        };
        let searched = if alternative.is_some() {
            Alternatives::ALL
        } else {
            within
        };
        let present = build
            .frame
            .side(side)
            .present(&name.text, alternative, searched);
        if !present.contains(&true) {
            self.unknown_field(&build.frame, side, alternative, searched, name);
            return None;
        }
        let here = build.frame.side_mut(side);
        let slot = here.slot(&name.text, alternative);
        let alternatives = here.alternatives_of(slot);
        Some(Target {
            side,
            alternative,
            name,
            slot,
            alternatives,
        })
    }

    fn no_target(&mut self, build: &Build<'a>, side: Side, path: &ast::Path) -> Option<Target<'a>> {
        let here = build.frame.side(side);
        let head = path.names.first()?;
        if self.names.may_be_broken(&head.text) {
            return None;
        }
        if here
            .present(&head.text, None, Alternatives::ALL)
            .contains(&true)
            && !here.is_open()
        {
            self.findings.error(
                codes::NOT_A_TARGET,
                path.span,
                format!(
                    "`{}` is a part of a field: only whole fields are written",
                    self.text(path.span)
                ),
            );
            return None;
        }
        let message = match self.side_of(&head.text) {
            Some(named) if named != side => format!(
                "`{}` is the store that the value comes from here",
                head.text
            ),
            _ => format!("there is no object `{}` on this side", head.text),
        };
        let known: Vec<&str> = here
            .objects
            .iter()
            .map(|o| o.object.name.as_str())
            .collect();
        self.findings
            .error(codes::UNKNOWN_ALTERNATIVE, head.span, message)
            .suggest(&head.text, known);
        None
    }

    /// An alternative by its name; an unknown one has a finding.
    pub(super) fn alternative(
        &mut self,
        build: &Build<'a>,
        side: Side,
        name: &Name,
    ) -> Option<usize> {
        let objects = &build.frame.side(side).objects;
        let at = objects.iter().position(|o| o.object.name == name.text);
        if at.is_none() {
            let known: Vec<&str> = objects.iter().map(|o| o.object.name.as_str()).collect();
            self.findings
                .error(
                    codes::UNKNOWN_ALTERNATIVE,
                    name.span,
                    format!("`{}` has no alternative `{}`", build.name, name.text),
                )
                .suggest(&name.text, known);
        }
        at
    }
}
