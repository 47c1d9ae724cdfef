//! The fields that arrows and `set` point at.

use super::Build;
use smol_str::SmolStr;

use crate::check::Checker;
use crate::check::sink::meant;
use crate::diagnostic::codes;
use crate::program::{Alternatives, Side, Slot};
use crate::syntax::ast::{self, ExprKind, Name};

/// The path with another name in one place.
fn renamed(path: &ast::Path, at: usize, name: SmolStr) -> ast::Path {
    let mut path = path.clone();
    if let Some(place) = path.names.get_mut(at) {
        place.text = name;
    }
    path
}

/// A field that is written.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub side: Side,
    pub alternative: Option<usize>,
    pub name: Name,
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
        expr: &ast::Expr,
    ) -> Option<Target> {
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
        path: &ast::Path,
        within: Alternatives,
    ) -> Option<Target> {
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
            let meant = self.unknown_field(&build.frame, side, alternative, searched, name)?;
            let at = path.names.len() - 1;
            return self.target_path(build, side, &renamed(path, at, meant.text), within);
        }
        let here = build.frame.side_mut(side);
        let slot = here.slot(&name.text, alternative);
        let alternatives = here.alternatives_of(slot);
        Some(Target {
            side,
            alternative,
            name: name.clone(),
            slot,
            alternatives,
        })
    }

    fn no_target(&mut self, build: &mut Build<'a>, side: Side, path: &ast::Path) -> Option<Target> {
        let here = build.frame.side(side);
        let head = path.names.first()?;
        if self.names.may_be_broken(&head.text) || here.unsure {
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
            _ => format!(
                "`{}` has no object `{}` on this side",
                build.name, head.text
            ),
        };
        let known: Vec<&str> = here
            .objects
            .iter()
            .map(|o| o.object.name.as_str())
            .collect();
        if !self.told_already(codes::UNKNOWN_ALTERNATIVE, &message, head.span) {
            self.findings
                .error(codes::UNKNOWN_ALTERNATIVE, head.span, message)
                .suggest(&head.text, known.iter().copied());
        }
        let meant = meant(&head.text, known)?;
        self.target_path(build, side, &renamed(path, 0, meant), Alternatives::ALL)
    }

    /// An alternative by its name; an unknown one has a finding, and is the one that was evidently meant.
    pub(super) fn alternative(
        &mut self,
        build: &Build<'a>,
        side: Side,
        name: &Name,
    ) -> Option<usize> {
        let objects = &build.frame.side(side).objects;
        let at = objects.iter().position(|o| o.object.name == name.text);
        if at.is_none() && !build.frame.side(side).unsure {
            let known: Vec<&str> = objects.iter().map(|o| o.object.name.as_str()).collect();
            let message = format!("`{}` has no alternative `{}`", build.name, name.text);
            if !self.told_already(codes::UNKNOWN_ALTERNATIVE, &message, name.span) {
                self.findings
                    .error(codes::UNKNOWN_ALTERNATIVE, name.span, message)
                    .suggest(&name.text, known.iter().copied());
            }
            let meant = meant(&name.text, known)?;
            return objects.iter().position(|o| o.object.name == meant);
        }
        at
    }
}
