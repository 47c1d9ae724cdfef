//! Two sides that have changed places: one finding for both.

use super::Build;
use crate::check::Checker;
use crate::check::frame::ObjectRef;
use crate::diagnostic::{Applicability, Span, codes};
use crate::program::Side;
use crate::syntax::ast::{self, Arrow, Expr, ExprKind};

impl<'a> Checker<'a> {
    /// Whether a pair of a key reads the right record on its left, and the left one on its right; then it has a finding.
    pub(super) fn key_is_exchanged(&mut self, build: &Build<'a>, pair: &ast::KeyPair) -> bool {
        let wrong = are_exchanged(build, &pair.left, &pair.right);
        if wrong {
            let [left, right] = [&pair.left, &pair.right].map(|e| self.text(e.span));
            let whole = from_to(&pair.left, &pair.right);
            self.findings
                .error(
                    codes::WRONG_SIDE,
                    whole,
                    "the two sides of this key have changed places",
                )
                .help("the left record's field stands before `=`, the right record's behind it")
                .fix(Applicability::Safe, whole, format!("{right} = {left}"));
        }
        wrong
    }

    /// Whether a field line has the right record's field on its left, and the left one's on its right; then it has a finding.
    pub(super) fn line_is_exchanged(
        &mut self,
        build: &mut Build<'a>,
        line: &ast::FieldLine,
    ) -> bool {
        let wrong = are_exchanged(build, &line.left, &line.right);
        if wrong {
            let [left, right] = [&line.left, &line.right].map(|e| self.text(e.span));
            let whole = from_to(&line.left, &line.right);
            // With the arrow turned the data flows as it did; perhaps only the fields were meant to change places.
            let (arrow, applicability) = match line.arrow {
                Arrow::Both => ("<->", Applicability::Safe),
                Arrow::Push => ("<-", Applicability::Unsafe),
                Arrow::Pull => ("->", Applicability::Unsafe),
            };
            self.findings
                .error(
                    codes::WRONG_SIDE,
                    whole,
                    "the two sides of this line have changed places",
                )
                .help("the left record's field stands left of the arrow, the right record's right of it")
                .fix(applicability, whole, format!("{right} {arrow} {left}"));
            build.gaps.lines = true;
        }
        wrong
    }
}

fn from_to(left: &Expr, right: &Expr) -> Span {
    Span {
        end: right.span.end,
        ..left.span
    }
}

/// Whether both are fields, and each only of the other side.
fn are_exchanged(build: &Build<'_>, left: &Expr, right: &Expr) -> bool {
    holds(build, Side::Left, left) == Some(false)
        && holds(build, Side::Right, right) == Some(false)
        && holds(build, Side::Right, left) == Some(true)
        && holds(build, Side::Left, right) == Some(true)
}

/// Whether an object of a side is known to have the field that an expression names; nothing where it names none.
fn holds(build: &Build<'_>, side: Side, expr: &Expr) -> Option<bool> {
    let ExprKind::Path(path) = &expr.kind else {
        return None;
    };
    let here = build.frame.side(side);
    let has = |o: &ObjectRef, name: &str| !o.open && o.object.fields.contains_key(name);
    Some(match path.names.as_slice() {
        [name] => here.objects.iter().any(|o| has(o, &name.text)),
        [head, name] => here
            .objects
            .iter()
            .any(|o| o.object.name == head.text && has(o, &name.text)),
        _ => false,
    })
}
