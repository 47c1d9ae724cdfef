//! ## What it does
//! Finds a condition, or a part of one, that is always true or always false: constants, ranges, memberships, null-ness and blanks are
//! followed through `and`, `or` and `not`. Settings are no constants: a condition on a `let` is never found.
//!
//! ## Why is this bad?
//! It looks as if it decided something. What contradicts itself never happens, without a word.
//!
//! ## Example
//! ```sync
//! push when score > 100 and score < 50
//! push update when score > 100 and score > 50
//! ```
//!
//! ## Use instead
//! ```sync
//! push when score < 50 or score > 100
//! push update when score > 100
//! ```
//! To switch something by hand, make it a setting: a `let`.
//!
//! ## Fix safety
//! Safe for a part that follows from the others: it is left out. What contradicts itself has none: nothing says which part is wrong.

use rustc_hash::FxHashSet;

use crate::check::Findings;
use crate::check::proof::{Part, conflict, conjuncts, disjuncts, possible};
use crate::diagnostic::{Applicability, Code, Span, codes};
use crate::syntax::ast::Expr;

use super::conditions_of::conditions;
use super::context::Context;

const HELP: &str = "to switch something by hand, make it a setting: a `let`";

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let mut told = FxHashSet::default();
    for (span, holds) in &context.facts.constant_conditions {
        if told.insert(*span) {
            whole(findings, *span, *holds);
        }
    }
    for fact in &context.facts.never_null {
        if told.insert(fact.span) {
            let (code, word) = verdict(fact.holds);
            findings
                .warning(
                    code,
                    fact.span,
                    format!("`{}` is never null: this is always {word}", fact.field),
                )
                .maybe_label(
                    context.schema_place(fact.side, &fact.object, &fact.field),
                    "its schema says so",
                )
                .help("leave it out, or test for something that it can be");
        }
    }
    for condition in conditions(context.files) {
        if !told.contains(&condition.span) && !context.has_error(condition.span) {
            prove(context, findings, &told, condition);
        }
    }
}

fn verdict(holds: bool) -> (Code, &'static str) {
    if holds {
        (codes::ALWAYS_TRUE, "true")
    } else {
        (codes::ALWAYS_FALSE, "false")
    }
}

fn whole(findings: &mut Findings, span: Span, holds: bool) {
    let (code, word) = verdict(holds);
    findings
        .warning(code, span, format!("this condition is always {word}"))
        .help(HELP);
}

fn prove(context: &Context<'_>, findings: &mut Findings, told: &FxHashSet<Span>, condition: &Expr) {
    let parts = conjuncts(condition);
    let hold: Vec<Part<'_>> = parts.iter().map(|p| (*p, true)).collect();
    if let Some(core) = conflict(&hold) {
        // Of an `or` that never holds each branch says itself what is wrong with it.
        if let [only] = core.as_slice()
            && let Some(part) = parts.get(*only)
        {
            let branches = disjuncts(part);
            if branches.len() > 1 {
                for branch in branches {
                    prove(context, findings, told, branch);
                }
                return;
            }
        }
        let core: Vec<Span> = core
            .iter()
            .filter_map(|i| parts.get(*i))
            .map(|p| p.span)
            .collect();
        contradiction(context, findings, condition.span, &core);
        return;
    }
    if !possible(&[(condition, false)]) {
        whole(findings, condition.span, true);
        return;
    }
    redundant(context, findings, told, &parts);
    for part in parts {
        let branches = disjuncts(part);
        if branches.len() > 1 {
            branches
                .into_iter()
                .for_each(|b| prove(context, findings, told, b));
        }
    }
}

fn contradiction(context: &Context<'_>, findings: &mut Findings, whole: Span, core: &[Span]) {
    let Some((last, others)) = core.split_last() else {
        return;
    };
    if others.is_empty() {
        let message = if *last == whole {
            "this condition is always false".to_owned()
        } else {
            format!("`{}` is always false", context.text(*last))
        };
        findings
            .warning(codes::ALWAYS_FALSE, *last, message)
            .help(HELP);
        return;
    }
    let named: Vec<String> = others
        .iter()
        .map(|s| format!("`{}`", context.text(*s)))
        .collect();
    let message = format!(
        "`{}` contradicts {}: the condition is always false",
        context.text(*last),
        named.join(" and ")
    );
    let described = findings.warning(codes::ALWAYS_FALSE, *last, message);
    others.iter().fold(described, |d, s| {
        d.label(*s, "it can't hold together with this")
    });
}

/// Parts that follow from the others.
fn redundant(
    context: &Context<'_>,
    findings: &mut Findings,
    told: &FxHashSet<Span>,
    parts: &[&Expr],
) {
    let mut left: Vec<usize> = (0..parts.len()).collect();
    for at in (0..parts.len()).rev() {
        let mut claim: Vec<Part<'_>> = Vec::with_capacity(left.len());
        let others: Vec<usize> = left.iter().copied().filter(|i| *i != at).collect();
        claim.extend(
            others
                .iter()
                .filter_map(|i| parts.get(*i))
                .map(|p| (*p, true)),
        );
        let Some(part) = parts.get(at).copied().filter(|p| !told.contains(&p.span)) else {
            continue;
        };
        claim.push((part, false));
        let Some(core) = conflict(&claim) else {
            continue;
        };
        left = others;
        let why: Vec<Span> = core
            .iter()
            .filter_map(|i| left.get(*i).and_then(|p| parts.get(*p)))
            .map(|p| p.span)
            .collect();
        let message = format!("`{}` is always true here", context.text(part.span));
        let mut described = findings.warning(codes::ALWAYS_TRUE, part.span, message);
        for span in &why {
            described = described.label(*span, "it follows from this");
        }
        if let Some(span) = removable(context, parts, at) {
            described
                .help("leave it out")
                .fix(Applicability::Safe, span, "");
        }
    }
}

/// A part with the `and` that joins it, where only blanks stand around that.
fn removable(context: &Context<'_>, parts: &[&Expr], at: usize) -> Option<Span> {
    let part = parts.get(at)?.span;
    let (span, joint) = match at.checked_sub(1).and_then(|before| parts.get(before)) {
        Some(before) => {
            let start = before.span.end;
            (
                Span { start, ..part },
                Span {
                    start,
                    end: part.start,
                    ..part
                },
            )
        }
        None => {
            let end = parts.get(1)?.span.start;
            (
                Span { end, ..part },
                Span {
                    start: part.end,
                    end,
                    ..part
                },
            )
        }
    };
    (context.text(joint) == "and").then_some(span)
}
