//! ## What it does
//! Finds triggers that fire themselves again, perhaps over others: by creating a record of the kind that fired them, or by writing a new
//! time into it at each firing.
//!
//! ## Why is this bad?
//! Each run makes or changes records that make the next run do the same.
//!
//! ## Example
//! ```sync
//! trigger follow_up on create crm.Task {
//!   create crm.Task { Subject = "Call again" }
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! trigger follow_up on create crm.Task when Subject != "Call again" {
//!   create crm.Task { Subject = "Call again" }
//! }
//! ```

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::check::Findings;
use crate::check::facts::{ActionFact, Firing, Writing};
use crate::diagnostic::{Span, codes};
use crate::program::{Expr, Side};
use crate::syntax::ast::{ActionKind, Item, ItemKind, Path, TriggerItem, TriggerSource};

use super::context::Context;

/// A trigger and what it makes.
struct Made<'a> {
    trigger: &'a TriggerItem,
    fired: (SmolStr, SmolStr),
    made: (SmolStr, SmolStr),
    at: Span,
}

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let created = created(context);
    for first in 0..created.len() {
        if let Some(path) = back(&created, first) {
            tell(findings, &created, &path);
        }
    }
    let mut told = FxHashSet::default();
    for action in &context.facts.actions {
        if touches_itself(action) && told.insert(action.span) {
            findings
                .warning(
                    codes::TRIGGER_LOOP,
                    action.span,
                    format!(
                        "`{}` fires itself again: `{}` is another time at each firing",
                        action.trigger, action.field
                    ),
                )
                .help("let it be a `set`, which does not fire again");
        }
    }
}

/// A time is written into the kind of record that fired, in a way that can fire again.
fn touches_itself(action: &ActionFact) -> bool {
    let mut timely = false;
    action
        .value
        .visit(&mut |e| timely |= matches!(e, Expr::Now));
    timely
        && action.writing == Writing::Other
        && action.firing == Firing::Change
        && action.fired == action.target
        && action.when.is_empty()
}

/// What triggers without a condition create out of what is created.
fn created<'a>(context: &Context<'a>) -> Vec<Made<'a>> {
    let full = |path: &Path| -> Option<(SmolStr, SmolStr)> {
        match path.names.as_slice() {
            [object] => {
                let left = &context.program.stores[Side::Left.index()].name;
                Some((left.clone(), object.text.clone()))
            }
            [store, object] => Some((store.text.clone(), object.text.clone())),
            _ => None,
        }
    };
    let trigger = |item: &'a Item| match &item.kind {
        ItemKind::Trigger(t) if t.when.is_none() => Some(t),
        _ => None,
    };
    let mut made = Vec::new();
    for trigger in context.items().filter_map(trigger) {
        let TriggerSource::Create(source) = &trigger.source else {
            continue;
        };
        for action in &trigger.actions {
            let ActionKind::Create { object, .. } = &action.kind else {
                continue;
            };
            if let (None, Some(fired), Some(made_of)) = (&action.when, full(source), full(object)) {
                made.push(Made {
                    trigger,
                    fired,
                    made: made_of,
                    at: object.span,
                });
            }
        }
    }
    made
}

/// The way from a create back to what fired it, by the first of its triggers in the files.
fn back(created: &[Made<'_>], first: usize) -> Option<Vec<usize>> {
    let mut seen = FxHashSet::default();
    let mut open = vec![vec![first]];
    while let Some(path) = open.pop() {
        let last = created.get(*path.last()?)?;
        if last.made == created.get(first)?.fired {
            return Some(path);
        }
        for (next, candidate) in created.iter().enumerate() {
            if next > first && candidate.fired == last.made && seen.insert(next) {
                open.push(path.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}

fn tell(findings: &mut Findings, created: &[Made<'_>], path: &[usize]) {
    let steps: Vec<&Made<'_>> = path.iter().filter_map(|at| created.get(*at)).collect();
    let Some((first, others)) = steps.split_first() else {
        return;
    };
    let message = if others.is_empty() {
        format!(
            "`{}` fires itself again, without end",
            first.trigger.name.text
        )
    } else {
        let names: Vec<String> = steps
            .iter()
            .chain([first])
            .map(|s| format!("`{}`", s.trigger.name.text))
            .collect();
        format!(
            "triggers fire each other without end: {}",
            names.join(" → ")
        )
    };
    let mut described = findings.warning(codes::TRIGGER_LOOP, first.at, message);
    for step in others {
        described = described.label(
            step.at,
            format!("`{}` makes it here", step.trigger.name.text),
        );
    }
    described.help("say when it fires, so that what it makes does not fire it");
}
