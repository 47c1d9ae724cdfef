//! A program that is only looked at: `lint` and `test` need no store that is reachable.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use rustc_hash::FxHashMap;
use smol_str::{SmolStr, ToSmolStr};

use super::checking::{Report, report};
use super::configuration::Configuration;
use super::files::{RuleFile, shown};
use super::loaded::{SchemaFile, schema_text};
use super::place::Place;
use super::rules::Rules;
use crate::cli::exit::Exit;
use crate::cli::options::{Common, Setting};
use crate::diagnostic::{Finding, Severity, SourceMap, codes, render};
use crate::scenario::{self, Ground};
use crate::schema::StoreSchema;
use crate::syntax::ast;

/// Rules and the schemas that can be had: of schema/STORE.yaml, else of the local stores of stores.yaml.
pub struct Offline {
    pub place: Place,
    configuration: Option<Configuration>,
    name: SmolStr,
    schemas: FxHashMap<SmolStr, Arc<StoreSchema>>,
    /// Why a store has no schema.
    pub missing: Vec<String>,
    schema_files: Vec<SchemaFile>,
    rules: Rules,
    settings: Vec<Setting>,
}

impl Offline {
    /// # Errors
    /// Rules are missing; stores.yaml or a schema file is wrong.
    pub fn read(place: Place, common: &Common) -> Result<Offline, Exit> {
        let rules = Rules::read(&place, &common.set)?;
        let configuration = Configuration::read_if_there(&place)?;
        let name = match &configuration {
            Some(configuration) => configuration.name(&place),
            None => place.base_name().to_smolstr(),
        };
        let mut offline = Offline {
            place,
            configuration,
            name,
            schemas: FxHashMap::default(),
            missing: Vec::new(),
            schema_files: Vec::new(),
            rules,
            settings: common.set.clone(),
        };
        offline.find_schemas()?;
        let mut rules = std::mem::take(&mut offline.rules);
        offline.point_at_schemas(&mut rules);
        offline.rules = rules;
        Ok(offline)
    }

    pub fn report(&self) -> Report {
        self.report_of(&self.rules)
    }

    /// The trees of the rule files, in the order of their file ids.
    pub fn trees(&self) -> &[ast::File] {
        &self.rules.files
    }

    /// How many rule files there are.
    pub fn files(&self) -> usize {
        self.rules.files.len()
    }

    /// What the findings point into.
    pub fn sources(&self) -> &SourceMap {
        &self.rules.sources
    }

    /// The texts of the rule files, in the order of their file ids.
    pub fn texts(&self) -> Vec<String> {
        let files = self.rules.sources.files.iter().take(self.files());
        files.map(|source| source.text.to_string()).collect()
    }

    /// The rule files, as messages show them.
    pub fn paths(&self) -> Vec<String> {
        let files = self.rules.sources.files.iter().take(self.files());
        files.map(|source| source.path.clone()).collect()
    }

    /// The findings that the program would have with these texts in its files.
    pub fn look(&self, texts: &[String]) -> Vec<Finding> {
        let files = self.paths().into_iter().zip(texts);
        let files = files.map(|(path, text)| RuleFile {
            path,
            text: Ok(text.clone()),
        });
        let mut rules = Rules::of(files.collect(), &self.settings);
        self.point_at_schemas(&mut rules);
        self.report_of(&rules).findings
    }

    /// Reads the rule files again.
    ///
    /// # Errors
    /// As [`Offline::read`].
    pub fn read_again(&mut self, common: &Common) -> Result<(), Exit> {
        let mut rules = Rules::read(&self.place, &common.set)?;
        self.point_at_schemas(&mut rules);
        self.rules = rules;
        Ok(())
    }

    /// The schema files that were read.
    pub fn schema_files(&self) -> impl Iterator<Item = &Path> {
        self.schema_files.iter().map(|file| file.path.as_path())
    }

    fn point_at_schemas(&self, rules: &mut Rules) {
        for file in &self.schema_files {
            rules.schema(file.store.clone(), shown(&file.path), file.text.clone());
        }
    }

    /// The two stores that the rules name, if they name some.
    pub fn pair(&self) -> Vec<SmolStr> {
        let names = self.configuration.as_ref().map(Configuration::store_names);
        let pair = self.rules.pair(names.as_deref());
        pair.into_iter().flatten().collect()
    }

    /// Whether the program is one file of a folder that has others.
    pub fn is_part(&self) -> bool {
        self.place.rules.is_file()
            && super::files::rule_paths(self.place.folder()).is_ok_and(|all| all.len() > 1)
    }

    /// Whether each rule file could be read as text.
    pub fn readable(&self) -> bool {
        let refused = [codes::NOT_UTF8, codes::FILE_TOO_LARGE];
        !self
            .rules
            .findings
            .iter()
            .any(|f| refused.contains(&f.code))
    }

    /// The schemas by store, for a look with others.
    pub fn schemas(&self) -> &FxHashMap<SmolStr, Arc<StoreSchema>> {
        &self.schemas
    }

    /// Looks at the program with these schemas from now on.
    pub fn set_schemas(&mut self, schemas: FxHashMap<SmolStr, Arc<StoreSchema>>) {
        self.schemas = schemas;
        // The schema files say something else.
        self.rules.places = Default::default();
    }

    fn report_of(&self, rules: &Rules) -> Report {
        let schema = |name: &str| self.schemas.get(name).cloned();
        report(
            rules,
            self.name.clone(),
            self.configuration.as_ref(),
            &schema,
        )
    }

    fn find_schemas(&mut self) -> Result<(), Exit> {
        let pair = self.pair();
        let place = &self.place;
        // A schema file takes as long as a large program: the two are read side by side.
        let files = thread::scope(|scope| {
            let reading: Vec<_> = pair
                .iter()
                .map(|name| scope.spawn(move || schema_text(place, name)))
                .collect();
            let read = reading.into_iter().map(|file| {
                file.join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            read.collect::<Vec<_>>()
        });
        for (name, file) in pair.into_iter().zip(files) {
            if let Some((schema, file)) = file? {
                self.schema_files.push(file);
                self.schemas.insert(name, Arc::new(schema));
                continue;
            }
            match self.described(&name) {
                Ok(schema) => drop(self.schemas.insert(name, Arc::new(schema))),
                Err(reason) => self.missing.push(reason),
            }
        }
        Ok(())
    }

    /// All kinds of this version are local, so that a store without a schema file is read.
    fn described(&self, name: &str) -> Result<StoreSchema, String> {
        let missing = |why: &str| {
            format!(
                "store `{name}` has no schema/{name}.yaml, and {why}: its objects and fields were not checked"
            )
        };
        let Some(configuration) = &self.configuration else {
            return Err(missing("there is no stores.yaml"));
        };
        let store = configuration.open(name).and_then(|store| {
            store
                .map(|mut store| store.describe().map_err(|error| Exit::store(&error)))
                .transpose()
        });
        match store {
            Ok(Some(schema)) => Ok(schema),
            Ok(None) => Err(missing("stores.yaml does not have it")),
            Err(exit) => Err(missing(&format!("it can't be read ({exit})"))),
        }
    }
}

impl Ground for Offline {
    fn program(&self, settings: &[(String, String)]) -> Result<scenario::Checked, Vec<String>> {
        let rules = if settings.is_empty() {
            None
        } else {
            let mut rules =
                Rules::read(&self.place, &self.settings).map_err(|exit| vec![exit.message])?;
            for (name, value) in settings {
                rules.set(name, value);
            }
            Some(rules)
        };
        let rules = rules.as_ref().unwrap_or(&self.rules);
        let Report { checked, findings } = self.report_of(rules);
        if let Some(program) = checked.program {
            let findings = findings.iter().map(|finding| finding.code.name.to_owned());
            return Ok(scenario::Checked {
                program,
                findings: findings.collect(),
            });
        }
        let mut lines: Vec<String> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .flat_map(|finding| {
                let drawn = render(finding, &rules.sources, false);
                drawn.lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        lines.extend(self.missing.iter().cloned());
        Err(lines)
    }
}
