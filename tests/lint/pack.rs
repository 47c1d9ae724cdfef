//! The shipped pack, read as the linter reads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bilateral::check::{Input, check};
use bilateral::diagnostic::{Finding, Severity, SourceMap};
use bilateral::lint::lint;
use bilateral::schema::{StoreSchema, parse_file};
use bilateral::syntax;
use smol_str::SmolStr;

/// A program as texts: rule files and schema files by name.
#[derive(Clone)]
pub struct Pack {
    pub rules: Vec<(String, String)>,
    pub schemas: Vec<(String, String)>,
}

impl Pack {
    pub fn shipped() -> Pack {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/lead_gen");
        Pack {
            rules: texts(&folder, "sync"),
            schemas: texts(&folder.join("schema"), "yaml"),
        }
    }

    /// The findings with the files that they point into.
    pub fn lint(&self) -> (Vec<Finding>, SourceMap) {
        let mut sources = SourceMap::default();
        let mut files = Vec::new();
        let mut found = Vec::new();
        for (name, text) in &self.rules {
            let id = sources.add(name.as_str(), text.as_str());
            let parsed = syntax::parse(id, text);
            files.push(parsed.file);
            found.extend(parsed.findings);
        }
        let schemas: Vec<(SmolStr, Arc<StoreSchema>)> = self
            .schemas
            .iter()
            .filter_map(|(name, text)| {
                let store = name.strip_suffix(".yaml")?;
                Some((store.into(), described(name, text)?))
            })
            .collect();
        let names: Vec<SmolStr> = schemas.iter().map(|(n, _)| n.clone()).collect();
        let checked = check(&Input {
            name: "pack".into(),
            sources: &sources,
            files: &files,
            parsed: !found.iter().any(|f| f.severity == Severity::Error),
            stores: Some(&names),
            schema: &|name| {
                schemas
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, s)| s.clone())
            },
            places: &Default::default(),
            settings: &[],
            environment: &|_| None,
            options: &|_| None,
            all_options: &["assignment_rule", "all_or_none"],
        });
        let findings = lint(&files, &sources, &found, &checked);
        (findings, sources)
    }
}

/// The schema that a file describes; each text is read once.
fn described(name: &str, text: &str) -> Option<Arc<StoreSchema>> {
    static READ: Mutex<BTreeMap<String, Arc<StoreSchema>>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap();
    if let Some(schema) = read.get(text) {
        return Some(schema.clone());
    }
    let schema = Arc::new(parse_file(Path::new(name), text).ok()?);
    read.insert(text.to_owned(), schema.clone());
    Some(schema)
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
fn the_shipped_pack_has_no_finding() {
    let (findings, sources) = Pack::shipped().lint();
    let shown: Vec<String> = findings
        .iter()
        .map(|f| bilateral::diagnostic::render(f, &sources, false))
        .collect();
    assert!(findings.is_empty(), "{}", shown.join("\n\n"));
}
