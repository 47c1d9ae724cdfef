//! Checking rules, and telling what is wrong with them.

use std::sync::Arc;

use smol_str::SmolStr;

use super::configuration::Configuration;
use super::rules::Rules;
use crate::check::{self, Checked, Input};
use crate::cli::console::{Console, Level};
use crate::diagnostic::{Finding, Severity, SourceMap, render};
use crate::lint;
use crate::schema::StoreSchema;

/// The `with` options of all kinds of store, also of those that this version does not have: rules that name them run on other kinds too.
const OPTIONS: &[&str] = &["assignment_rule", "all_or_none"];

/// Rules with all that is known about them.
pub struct Report {
    pub checked: Checked,
    /// Of syntax, check and lints, without what an `allow` silences; in the order of files and lines.
    pub findings: Vec<Finding>,
}

/// Checks and lints rules against the schemas that there are.
pub fn report(
    rules: &Rules,
    name: SmolStr,
    configuration: Option<&Configuration>,
    schema: &dyn Fn(&str) -> Option<Arc<StoreSchema>>,
) -> Report {
    let stores = configuration.map(Configuration::store_names);
    let options = |store: &str| -> Option<&'static [&'static str]> {
        // No kind of this version has options of its own.
        configuration?.store(store).map(|_| &[] as &[&str])
    };
    let checked = check::check(&Input {
        name,
        sources: &rules.sources,
        files: &rules.files,
        parsed: rules.parsed(),
        stores: stores.as_deref(),
        schema,
        places: &rules.places,
        settings: &rules.settings,
        environment: &|name| std::env::var(name).ok(),
        options: &options,
        all_options: OPTIONS,
    });
    let findings = lint::lint(&rules.files, &rules.sources, &rules.findings, &checked);
    Report { checked, findings }
}

/// Draws findings on standard error: errors, and under `-v` warnings too.
pub fn tell(findings: &[Finding], sources: &SourceMap, console: &Console) {
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::Error,
            Severity::Warning if console.verbose => Level::Warning,
            Severity::Warning => continue,
        };
        console.finding(level, &render(finding, sources, console.err.color));
    }
}

/// Tells what is no finding: settings taken as text always, options of other kinds of store under `-v`.
pub fn tell_notes(notes: &[String], console: &Console) {
    for note in notes {
        if note.starts_with("--set") {
            console.note(note);
        } else {
            console.detail(note);
        }
    }
}
