//! A header whose arrow points against everything in its braces: one mistake, and not one a line.

use super::Header;
use crate::check::Checker;
use crate::diagnostic::{Applicability, Span, codes};
use crate::program::Direction;
use crate::syntax::ast::{self, Arrow, ExprKind, StatementKind};

/// Statements that say it before the header is taken to be wrong, and not they.
const ENOUGH: usize = 2;
/// How many of them are shown.
const SHOWN: usize = 3;

impl Checker<'_> {
    /// Whether all lines of a one-way relationship go the other way; then the header has a finding.
    pub(super) fn header_is_turned(
        &mut self,
        item: &ast::RelationshipItem,
        header: &Header,
    ) -> bool {
        let way = match item.arrow {
            Arrow::Push => Direction::Push,
            Arrow::Pull => Direction::Pull,
            Arrow::Both => return false,
        };
        let mut against: Vec<Span> = Vec::new();
        for statement in &item.statements {
            let Some((direction, at)) = way_of(&statement.kind, header) else {
                continue;
            };
            if direction == way {
                return false;
            }
            against.push(at);
        }
        if against.len() < ENOUGH {
            return false;
        }
        let arrow = way.other().arrow();
        let message = format!(
            "`{}` only {}es, and all its lines are for a {}",
            item.name.text,
            way.word(),
            way.other().word()
        )
        .replace("pulles", "pulls");
        let described = self
            .findings
            .error(codes::WRONG_DIRECTION, item.arrow_span, message);
        against
            .iter()
            .take(SHOWN)
            .fold(described, |d, at| d.label(*at, "against it"))
            .help(format!("turn the arrow: `{arrow}`"))
            .fix(Applicability::Unsafe, item.arrow_span, arrow);
        true
    }
}

/// Which way a statement goes, and where it says so; an id that is written back says nothing.
fn way_of(statement: &StatementKind, header: &Header) -> Option<(Direction, Span)> {
    match statement {
        StatementKind::Field(line) => {
            let direction = match line.arrow {
                Arrow::Push => Direction::Push,
                Arrow::Pull => Direction::Pull,
                Arrow::Both => return None,
            };
            let source = match direction {
                Direction::Push => &line.left,
                Direction::Pull => &line.right,
            };
            let objects = &header.sides[direction.source().index()];
            let is_id = matches!(&source.kind, ExprKind::Path(path)
                if path.names.last().is_some_and(|n| objects.iter().any(|o| o.object.id.as_ref() == Some(&n.text))));
            (!is_id).then_some((direction, line.arrow_span))
        }
        StatementKind::Operation(line) => {
            Some((super::direction(line.direction), line.direction_span))
        }
        StatementKind::Star {
            arrow, arrow_span, ..
        } => match arrow {
            Arrow::Push => Some((Direction::Push, *arrow_span)),
            Arrow::Pull => Some((Direction::Pull, *arrow_span)),
            Arrow::Both => None,
        },
        _ => None,
    }
}
