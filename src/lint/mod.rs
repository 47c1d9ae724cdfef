//! Lints: what can work and probably is not meant. One file per subject; its text at the top is its manual page.

mod allow;
mod alternative_unreached;
mod conditions;
mod conditions_of;
mod context;
mod contradicting_clauses;
mod costly_filter;
mod create_without_id;
mod faster_than_needed;
pub mod fix;
mod graph;
mod key_never_matches;
mod key_normalisation;
mod key_not_indexed;
mod key_not_mapped;
mod lookup_not_indexed;
mod lossy_lens;
mod lossy_target;
mod map_misses_members;
mod nested_query;
mod never_settles;
mod not_a_member;
mod not_scheduled;
mod nothing_created;
mod nullable_into_required;
mod pages;
mod reference_without_via;
mod required_not_written;
mod shadowing;
mod trigger_loop;
mod unreachable_create;
mod unused;
mod via_cycle;
mod via_other_object;
mod written_twice;

use crate::check::{Checked, Findings};
use crate::diagnostic::{Code, Finding, SourceMap, codes};
use crate::syntax::ast;

use context::Context;

pub use pages::{page, pages};

/// A lint: what it may find, its manual page, and how it looks.
struct Lint {
    codes: &'static [Code],
    /// Its file, whose head is its page.
    source: &'static str,
    run: fn(&Context<'_>, &mut Findings),
}

macro_rules! lints {
    ($($module:ident: $($code:ident),+;)*) => {
        /// The registry: a new lint is a file and a line here.
        const LINTS: &[Lint] = &[$(Lint {
            codes: &[$(codes::$code),+],
            source: include_str!(concat!(stringify!($module), ".rs")),
            run: $module::run,
        }),*];
    };
}

lints! {
    unused: UNUSED_LET, UNUSED_FN, UNUSED_VALUES, UNUSED_LENS;
    shadowing: SHADOWING;
    written_twice: WRITTEN_TWICE;
    lossy_lens: LOSSY_LENS;
    never_settles: NEVER_SETTLES;
    trigger_loop: TRIGGER_LOOP;
    lossy_target: LOSSY_TARGET;
    not_a_member: NOT_A_MEMBER;
    alternative_unreached: ALTERNATIVE_UNREACHED;
    key_never_matches: KEY_NEVER_MATCHES;
    reference_without_via: REFERENCE_WITHOUT_VIA;
    faster_than_needed: FASTER_THAN_NEEDED;
    lookup_not_indexed: LOOKUP_NOT_INDEXED;
    nested_query: NESTED_QUERY;
    costly_filter: COSTLY_FILTER;
    nullable_into_required: NULLABLE_INTO_REQUIRED;
    key_not_mapped: KEY_NOT_MAPPED;
    key_normalisation: KEY_NORMALISATION;
    key_not_indexed: KEY_NOT_INDEXED;
    required_not_written: REQUIRED_NOT_WRITTEN;
    create_without_id: CREATE_WITHOUT_ID;
    map_misses_members: MAP_MISSES_MEMBERS;
    nothing_created: NOTHING_CREATED;
    not_scheduled: NOT_SCHEDULED;
    via_other_object: VIA_OTHER_OBJECT;
    via_cycle: VIA_CYCLE;
    conditions: ALWAYS_TRUE, ALWAYS_FALSE;
    contradicting_clauses: CONTRADICTING_CLAUSES;
    unreachable_create: UNREACHABLE_CREATE, UNREACHABLE_UPDATE;
}

/// Every finding of a program in the order of files and lines: those of the syntax, of the check and of the lints, without those that an
/// `allow` silences.
pub fn lint(
    files: &[ast::File],
    sources: &SourceMap,
    syntax: &[Finding],
    checked: &Checked,
) -> Vec<Finding> {
    let mut findings = Findings::default();
    findings.list.extend(syntax.iter().cloned());
    findings.list.extend(checked.findings.iter().cloned());
    if let Some(context) = Context::new(files, syntax, checked) {
        for lint in LINTS {
            (lint.run)(&context, &mut findings);
        }
    }
    allow::silence(
        files,
        sources,
        checked.not_checked.is_empty(),
        &mut findings,
    );
    findings
        .list
        .sort_by_key(|f| (f.span.file, f.span.start, f.span.end, f.code.code));
    findings.list
}
