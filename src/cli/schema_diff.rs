//! `schema diff`: what has changed in the stores since their schema files were written, and which rules that breaks.

use std::io::Write;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::console::Console;
use super::exit::{Cause, Exit, Finished, Outcome};
use super::human::counted;
use super::load::{Configuration, Offline, Place, schema_path};
use super::options::{Common, Format};
use super::schema::unknown_store;
use crate::diagnostic::{Finding, SourceMap, render, to_json};
use crate::schema::{Change, ChangeKind, changes, refine};

/// The changes of one store.
struct Changed {
    store: SmolStr,
    changes: Vec<Change>,
}

pub(super) fn run(place: Place, format: Format, common: &Common) -> Outcome {
    let console = common.console();
    let configuration = Configuration::read(&place)?;
    let mut offline = Offline::read(place, common)?;
    let before = offline.report().findings;
    let mut changed = Vec::new();
    let mut schemas = offline.schemas().clone();
    for name in offline.pair() {
        let path = schema_path(&offline.place, &name);
        if !path.is_file() {
            return Err(Exit::new(
                Cause::FileMissing,
                format!(
                    "there is no {}: write it with `bilateral schema pull`",
                    path.display()
                ),
            ));
        }
        let Some(mut store) = configuration.open(&name)? else {
            return Err(unknown_store(&name, &configuration));
        };
        let mut now = store.describe().map_err(|error| Exit::store(&error))?;
        let Some(file) = schemas.get(&name).cloned() else {
            continue;
        };
        changed.push(Changed {
            store: name.clone(),
            changes: changes(&file, &now),
        });
        refine(&mut now, &file);
        schemas.insert(name, Arc::new(now));
    }
    offline.set_schemas(schemas);
    let after = offline.report().findings;
    let broken = new(&before, after);
    match format {
        Format::Human => human(&changed, &broken, offline.sources(), &console)?,
        Format::Json => as_json(&changed, &broken, &offline, &console)?,
    }
    Ok(if broken.is_empty() {
        Finished::Done
    } else {
        Finished::Findings
    })
}

/// The findings that were not there before.
fn new(before: &[Finding], after: Vec<Finding>) -> Vec<Finding> {
    let known: FxHashSet<_> = before
        .iter()
        .map(|f| (f.code.code, f.span, f.message.as_str()))
        .collect();
    after
        .into_iter()
        .filter(|f| !known.contains(&(f.code.code, f.span, f.message.as_str())))
        .collect()
}

fn human(
    changed: &[Changed],
    broken: &[Finding],
    sources: &SourceMap,
    console: &Console,
) -> Result<(), Exit> {
    let mut out = console.stdout();
    for store in changed {
        match store.changes.as_slice() {
            [] => writeln!(out, "{}: nothing has changed", store.store)?,
            changes => {
                writeln!(out, "{}:", console.out.strong(&store.store))?;
                for change in changes {
                    writeln!(out, "  {change}")?;
                }
            }
        }
    }
    for finding in broken {
        writeln!(out, "\n{}", render(finding, sources, console.out.color))?;
    }
    let all: usize = changed.iter().map(|c| c.changes.len()).sum();
    if all > 0 {
        let line = format!(
            "{}, {} in the rules",
            counted(all as u64, "change"),
            counted(broken.len() as u64, "new finding")
        );
        writeln!(out, "\n{}", console.out.strong(&line))?;
    }
    out.flush()?;
    Ok(())
}

fn as_json(
    changed: &[Changed],
    broken: &[Finding],
    offline: &Offline,
    console: &Console,
) -> Result<(), Exit> {
    let change = |c: &Change| -> Value {
        let detail = match &c.kind {
            ChangeKind::Changed(how) => Some(how),
            ChangeKind::Added | ChangeKind::Removed => None,
        };
        json!({ "change": c.kind.word(), "object": c.object, "field": c.field, "detail": detail })
    };
    let stores: serde_json::Map<String, Value> = changed
        .iter()
        .map(|c| (c.store.to_string(), c.changes.iter().map(change).collect()))
        .collect();
    let findings = to_json(broken, offline.sources(), offline.files(), 0, &[]);
    let findings = serde_json::to_value(findings).map_err(std::io::Error::from)?;
    let all = json!({ "version": 1, "stores": stores, "findings": findings["findings"] });
    let mut out = console.stdout();
    serde_json::to_writer(&mut out, &all).map_err(std::io::Error::from)?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}
