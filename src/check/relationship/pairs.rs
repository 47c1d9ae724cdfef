//! Pairs of lines: `a -> B` and `a <- B` are one line that goes both ways.

use crate::diagnostic::Span;
use crate::program::{Alternatives, Blanks, Direction, Line, Prefer};
use crate::syntax::ast;

/// A line, with what it said itself: a pair takes it from whichever of its lines says it.
#[derive(Debug)]
pub(crate) struct BuiltLine {
    pub line: Line,
    pub own_prefer: Option<Prefer>,
    pub own_first: Option<Prefer>,
    pub own_blanks: Option<Blanks>,
    /// What [`Line::first_prefer`] follows from where neither line of a pair says it.
    pub default_first: Option<Prefer>,
    /// The conditions as written, for the proof that two writers are disjoint.
    pub conditions: [Option<ast::Expr>; 2],
    /// Where each flow's target stands.
    pub targets: [Option<Span>; 2],
    /// The `*` line: it gives way to every other line.
    pub plain: bool,
    /// Its arrow has a finding and was read turned: no other line is in its way.
    pub turned: bool,
}

/// The two defaults and the two own words of a line, as its `first prefer`.
pub(super) fn first_prefer(
    own_first: Option<Prefer>,
    own: Option<Prefer>,
    default_first: Option<Prefer>,
    prefer: Prefer,
) -> Prefer {
    let merging = own.filter(|p| p.merges());
    own_first.or(merging).or(default_first).unwrap_or(prefer)
}

/// The lines in file order, pairs at the place of the first of both.
pub(super) fn merged(lines: Vec<BuiltLine>) -> Vec<Line> {
    let mut result: Vec<BuiltLine> = Vec::with_capacity(lines.len());
    for built in lines {
        let at = result.iter().position(|other| are_pair(other, &built));
        match at.and_then(|at| result.get_mut(at)) {
            Some(other) => join(other, built),
            None => result.push(built),
        }
    }
    result.into_iter().map(|b| b.line).collect()
}

/// One pushes what the other pulls, between the same two fields.
fn are_pair(a: &BuiltLine, b: &BuiltLine) -> bool {
    let overlap = Alternatives(a.line.alternatives.0 & b.line.alternatives.0);
    let (push, pull) = match (&a.line.push, &a.line.pull, &b.line.push, &b.line.pull) {
        (Some(push), None, None, Some(pull)) => (push, pull),
        (None, Some(pull), Some(push), None) => (push, pull),
        _ => return false,
    };
    overlap == a.line.alternatives
        && overlap == b.line.alternatives
        && push.source_slot == Some(pull.target)
        && pull.source_slot == Some(push.target)
        && !push.write_back
        && !pull.write_back
        && !push.gives_id
        && !pull.gives_id
}

fn join(line: &mut BuiltLine, other: BuiltLine) {
    for direction in Direction::BOTH {
        let flow = match direction {
            Direction::Push => (&mut line.line.push, other.line.push.clone()),
            Direction::Pull => (&mut line.line.pull, other.line.pull.clone()),
        };
        if flow.0.is_none() {
            *flow.0 = flow.1;
        }
    }
    line.own_prefer = line.own_prefer.or(other.own_prefer);
    line.own_first = line.own_first.or(other.own_first);
    line.own_blanks = line.own_blanks.or(other.own_blanks);
    if let Some(prefer) = line.own_prefer {
        line.line.prefer = prefer;
    }
    line.line.first_prefer = first_prefer(
        line.own_first,
        line.own_prefer,
        line.default_first,
        line.line.prefer,
    );
    line.line.blanks = line.own_blanks.unwrap_or(Blanks::Write);
}
