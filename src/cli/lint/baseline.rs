//! A baseline: the warnings of a day, so that only new ones are told. Errors are never kept in one.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cli::exit::{Cause, Exit};
use crate::diagnostic::{Finding, SourceMap};

/// Warnings by file, name and message, with their number: lines may move without making a warning new.
#[derive(Debug, Default)]
pub struct Baseline {
    known: BTreeMap<Key, usize>,
}

type Key = (String, String, String);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    name: String,
    message: String,
    count: usize,
}

impl Baseline {
    /// # Errors
    /// The file is missing, or is no baseline.
    pub fn read(path: &Path) -> Result<Baseline, Exit> {
        let text = std::fs::read_to_string(path).map_err(|error| Exit::reading(path, &error))?;
        let file: File = serde_json::from_str(&text).map_err(|error| {
            Exit::new(
                Cause::Configuration,
                format!("{}: this is no baseline: {error}", path.display()),
            )
        })?;
        let known = file.findings.into_iter();
        Ok(Baseline {
            known: known
                .map(|e| ((e.file, e.name, e.message), e.count))
                .collect(),
        })
    }

    /// # Errors
    /// The file can't be written.
    pub fn write(&self, path: &Path) -> Result<(), Exit> {
        let findings = self.known.iter();
        let file = File {
            version: 1,
            findings: findings
                .map(|((file, name, message), count)| Entry {
                    file: file.clone(),
                    name: name.clone(),
                    message: message.clone(),
                    count: *count,
                })
                .collect(),
        };
        let mut text = serde_json::to_string_pretty(&file).map_err(std::io::Error::from)?;
        text.push('\n');
        std::fs::write(path, text).map_err(|error| Exit::writing(path, &error))
    }

    /// Remembers the lints among these, whatever their level.
    pub fn learn(&mut self, findings: &[Finding], sources: &SourceMap) {
        for finding in findings.iter().filter(|f| f.code.is_lint()) {
            *self.known.entry(key(finding, sources)).or_default() += 1;
        }
    }

    /// Whether the baseline knows this finding; each of its entries stands for as many as it counted.
    pub fn takes(&mut self, finding: &Finding, sources: &SourceMap) -> bool {
        match self.known.get_mut(&key(finding, sources)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// How many of its findings have not been taken.
    pub fn left(&self) -> usize {
        self.known.values().sum()
    }
}

fn key(finding: &Finding, sources: &SourceMap) -> Key {
    let file = sources.file(finding.span.file);
    (
        file.map(|s| s.path.replace('\\', "/")).unwrap_or_default(),
        finding.code.name.to_owned(),
        finding.message.clone(),
    )
}
