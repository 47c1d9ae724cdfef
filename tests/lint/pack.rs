//! The shipped packs, read as the linter and the rule tests read them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bilateral::check::{Checked, Input, SchemaPlaces, Setting, check};
use bilateral::diagnostic::{Finding, Severity, SourceMap, Span};
use bilateral::lint::lint;
use bilateral::program::Program;
use bilateral::scenario::{self, Ground, TestText, Verdict};
use bilateral::schema::{StoreSchema, parse_file};
use bilateral::syntax::{self, ast};
use smol_str::SmolStr;

/// A program as texts: rule files and schema files by name, and its rule tests.
#[derive(Clone)]
pub struct Pack {
    pub name: String,
    pub rules: Vec<(String, String)>,
    pub schemas: Vec<(String, String)>,
    pub tests: Arc<Vec<TestText>>,
}

/// A pack as the linter sees it. The sources are its rule files, then its schema files, then one for each setting.
pub struct Look {
    pub files: Vec<ast::File>,
    pub sources: SourceMap,
    pub checked: Checked,
    pub findings: Vec<Finding>,
}

impl Pack {
    /// All packs under `rules/`, by name.
    pub fn shipped() -> Vec<Pack> {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let mut folders: Vec<PathBuf> = fs::read_dir(rules)
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.is_dir())
            .collect();
        folders.sort();
        folders.iter().map(|folder| Pack::at(folder)).collect()
    }

    fn at(folder: &Path) -> Pack {
        let tests = texts(&folder.join("scenarios"), "yaml").into_iter();
        Pack {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            rules: texts(folder, "sync"),
            schemas: texts(&folder.join("schema"), "yaml"),
            tests: Arc::new(
                tests
                    .flat_map(|(_, t)| scenario::read(&t).unwrap())
                    .collect(),
            ),
        }
    }

    pub fn look(&self) -> Look {
        self.look_with(&[])
    }

    fn look_with(&self, settings: &[(String, String)]) -> Look {
        let mut sources = SourceMap::default();
        let mut files = Vec::new();
        let mut found = Vec::new();
        for (name, text) in &self.rules {
            let id = sources.add(name.as_str(), text.as_str());
            let parsed = syntax::parse(id, text);
            files.push(parsed.file);
            found.extend(parsed.findings);
        }
        let mut places = SchemaPlaces::default();
        let mut schemas: Vec<(SmolStr, Arc<StoreSchema>)> = Vec::new();
        for (name, text) in &self.schemas {
            let store = SmolStr::from(name.trim_end_matches(".yaml"));
            let id = sources.add(format!("schema/{name}"), text.as_str());
            places.add(store.clone(), id);
            schemas.extend(described(name, text).map(|schema| (store, schema)));
        }
        let settings: Vec<Setting> = settings
            .iter()
            .map(|(name, value)| setting(&mut sources, name, value))
            .collect();
        let names: Vec<SmolStr> = schemas.iter().map(|(n, _)| n.clone()).collect();
        let checked = check(&Input {
            name: self.name.as_str().into(),
            sources: &sources,
            files: &files,
            parsed: !found.iter().any(|f| f.severity == Severity::Error),
            stores: Some(&names),
            schema: &|name| {
                let known = schemas.iter().find(|(n, _)| n == name);
                known.map(|(_, s)| s.clone())
            },
            places: &places,
            settings: &settings,
            environment: &|_| None,
            options: &|_| None,
            all_options: &["assignment_rule", "all_or_none"],
        });
        let findings = lint(&files, &sources, &found, &checked);
        Look {
            files,
            sources,
            checked,
            findings,
        }
    }

    /// The name of a rule test that fails, if one does.
    pub fn failing_test(&self, look: Look) -> Option<&str> {
        let ready = Ready {
            pack: self,
            findings: look.names(),
            program: look.checked.program,
        };
        let failing = |test: &&TestText| scenario::run(test, &ready) != Verdict::Passed;
        self.tests.iter().find(failing).map(|t| t.name.as_str())
    }
}

impl Look {
    fn names(&self) -> Vec<String> {
        let names = self.findings.iter().map(|f| f.code.name.to_owned());
        names.collect()
    }
}

/// A pack that is checked once for all tests that set nothing.
struct Ready<'p> {
    pack: &'p Pack,
    program: Option<Program>,
    findings: Vec<String>,
}

impl Ground for Ready<'_> {
    fn program(&self, settings: &[(String, String)]) -> Result<scenario::Checked, Vec<String>> {
        let (program, findings) = if settings.is_empty() {
            (self.program.clone(), self.findings.clone())
        } else {
            let look = self.pack.look_with(settings);
            let findings = look.names();
            (look.checked.program, findings)
        };
        match program {
            Some(program) => Ok(scenario::Checked { program, findings }),
            None => Err(findings),
        }
    }
}

fn setting(sources: &mut SourceMap, name: &str, value: &str) -> Setting {
    let file = sources.add(format!("--set {name}"), value);
    Setting {
        name: name.into(),
        text: value.to_owned(),
        expr: syntax::parse_expression(file, value).ok(),
        span: Span {
            file,
            start: 0,
            end: value.len() as u32,
        },
    }
}

/// The schema that a file describes; each text is read once.
fn described(name: &str, text: &str) -> Option<Arc<StoreSchema>> {
    static READ: Mutex<BTreeMap<String, Arc<StoreSchema>>> = Mutex::new(BTreeMap::new());
    let known = READ.lock().unwrap().get(text).cloned();
    known.or_else(|| {
        let schema = Arc::new(parse_file(Path::new(name), text).ok()?);
        READ.lock().unwrap().insert(text.to_owned(), schema.clone());
        Some(schema)
    })
}

fn texts(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == ending))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|p| {
            let name = p.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(p).unwrap())
        })
        .collect()
}

#[test]
fn the_shipped_packs_have_no_finding() {
    for pack in Pack::shipped() {
        let look = pack.look();
        let shown: Vec<String> = look
            .findings
            .iter()
            .map(|f| bilateral::diagnostic::render(f, &look.sources, false))
            .collect();
        assert!(shown.is_empty(), "{}:\n{}", pack.name, shown.join("\n\n"));
    }
}
