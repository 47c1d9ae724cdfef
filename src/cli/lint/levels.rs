//! `bilateral.yaml`: how loud each lint is in a program.
//!
//! ```yaml
//! lints:
//!   key-not-indexed: allow      # not told
//!   unused-let: deny            # an error
//!   not-scheduled: warn         # as without a line
//! ```

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::Deserialize;

use crate::cli::exit::Exit;
use crate::cli::load::{Place, wrong};
use crate::diagnostic::{Finding, Severity};
use crate::lint;
use crate::schema::yaml::{self, YamlError};

const FILE: &str = "bilateral.yaml";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Allow,
    Warn,
    Deny,
}

/// The levels of a program's lints; what it does not name is a warning.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with the key `lints`")]
pub struct Levels {
    lints: IndexMap<String, Level>,
}

impl Levels {
    /// The table of `bilateral.yaml` beside the rules, else beside stores.yaml; without the file all are warnings.
    ///
    /// # Errors
    /// A wrong key or value, a name of no lint.
    pub fn read(place: &Place) -> Result<Levels, Exit> {
        let beside = place.stores.as_deref().and_then(Path::parent);
        let found: Option<PathBuf> = [Some(place.folder()), beside]
            .into_iter()
            .flatten()
            .map(|folder| folder.join(FILE))
            .find(|path| path.is_file());
        let Some(path) = found else {
            return Ok(Levels::default());
        };
        Levels::parse(&path).map_err(|error| wrong(&error))
    }

    fn parse(path: &Path) -> Result<Levels, YamlError> {
        let text = yaml::read_text(path)?;
        let levels: Levels = yaml::parse(path, &text)?;
        for name in levels.lints.keys() {
            let page = lint::pages().find(|p| p.code.name == name);
            let message = match page {
                Some(page) if page.severity == Severity::Warning => continue,
                Some(_) => {
                    format!("`lints.{name}`: this is an error of the language, and has no level")
                }
                None => {
                    let known: Vec<&str> = lint::pages()
                        .filter(|p| p.severity == Severity::Warning)
                        .map(|p| p.code.name)
                        .collect();
                    format!(
                        "`lints`: there is no lint `{name}`; {}",
                        yaml::suggest(name, &known)
                    )
                }
            };
            return Err(YamlError::Wrong {
                path: path.to_owned(),
                line: yaml::line_of(&text, &["lints", name]),
                message,
            });
        }
        Ok(levels)
    }

    /// The findings as this table has them.
    pub fn apply(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let level = |finding: &Finding| match finding.severity {
            Severity::Error => None,
            Severity::Warning => self.lints.get(finding.code.name).copied(),
        };
        findings
            .into_iter()
            .filter_map(|finding| match level(&finding) {
                Some(Level::Allow) => None,
                Some(Level::Deny) => Some(Finding {
                    severity: Severity::Error,
                    ..finding
                }),
                Some(Level::Warn) | None => Some(finding),
            })
            .collect()
    }
}
