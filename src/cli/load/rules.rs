//! The rule files of a program as syntax trees, with the settings of the command line.

use smol_str::SmolStr;

use super::files::{self, RuleFile, Unreadable};
use crate::check::{SchemaPlaces, Setting};
use crate::cli::exit::Exit;
use crate::cli::load::place::Place;
use crate::cli::options;
use crate::diagnostic::{FileId, Finding, Severity, SourceMap, Span, codes};
use crate::syntax::{ast, parse_all, parse_expression};

/// A program's texts and trees, before any name is looked up.
#[derive(Default)]
pub struct Rules {
    pub sources: SourceMap,
    pub files: Vec<ast::File>,
    /// What did not parse.
    pub findings: Vec<Finding>,
    pub settings: Vec<Setting>,
    /// The schema files among the sources.
    pub places: SchemaPlaces,
}

impl Rules {
    /// # Errors
    /// A file that can't be read, or no rule file at all.
    pub fn read(place: &Place, settings: &[options::Setting]) -> Result<Rules, Exit> {
        let texts = files::rule_files(&place.rules)?;
        if texts.is_empty() {
            return Err(files::none(&place.rules));
        }
        Ok(Rules::of(texts, settings))
    }

    /// Rules from texts, wherever they come from.
    pub fn of(texts: Vec<RuleFile>, settings: &[options::Setting]) -> Rules {
        let mut rules = Rules {
            sources: SourceMap::default(),
            files: Vec::with_capacity(texts.len()),
            findings: Vec::new(),
            settings: Vec::new(),
            places: SchemaPlaces::default(),
        };
        rules.add(texts);
        for setting in settings {
            rules.set(&setting.name, &setting.value);
        }
        rules
    }

    /// Overrides a `let`: by an expression if `value` is one, else by that text.
    pub fn set(&mut self, name: &str, value: &str) {
        let file = self.source(format!("--set {name}"), value.to_owned());
        self.settings.push(Setting {
            name: name.into(),
            text: value.to_owned(),
            expr: parse_expression(file, value).ok(),
            span: whole(file, value),
        });
    }

    /// Adds the schema file of a store, so that findings can point at it.
    pub fn schema(&mut self, store: SmolStr, path: String, text: String) {
        let file = self.source(path, text);
        self.places.add(store, file);
    }

    /// Whether every statement of every file was understood.
    pub fn parsed(&self) -> bool {
        !self
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }

    /// The pair of stores of `sync LEFT with RIGHT`; `stores` are those that are configured, if that is known.
    pub fn pair(&self, stores: Option<&[SmolStr]>) -> Option<[SmolStr; 2]> {
        let sync = crate::check::pair(&self.files, stores)?;
        Some(
            [&sync.left.text, &sync.right.text].map(|name| crate::check::store_meant(name, stores)),
        )
    }

    pub fn relationships(&self) -> impl Iterator<Item = &ast::RelationshipItem> {
        self.items().filter_map(|item| match &item.kind {
            ast::ItemKind::Relationship(relationship) => Some(relationship.as_ref()),
            _ => None,
        })
    }

    pub fn schedules(&self) -> impl Iterator<Item = &ast::ScheduleItem> {
        self.items().filter_map(|item| match &item.kind {
            ast::ItemKind::Schedule(schedule) => Some(schedule),
            _ => None,
        })
    }

    fn items(&self) -> impl Iterator<Item = &ast::Item> {
        self.files.iter().flat_map(|file| &file.items)
    }

    fn add(&mut self, files: Vec<RuleFile>) {
        let mut refused = Vec::new();
        for file in files {
            let text = file.text.unwrap_or_else(|reason| {
                refused.push((self.sources.files.len(), reason));
                String::new()
            });
            self.source(file.path, text);
        }
        let sources = (0..).map(FileId).zip(&self.sources.files);
        let texts: Vec<(FileId, &str)> = sources.map(|(id, s)| (id, &*s.text)).collect();
        for parsed in parse_all(&texts) {
            self.findings.extend(parsed.findings);
            self.files.push(parsed.file);
        }
        let refused = refused.into_iter();
        self.findings
            .extend(refused.map(|(at, reason)| unreadable(FileId(at as u32), &reason)));
    }

    fn source(&mut self, path: String, text: String) -> FileId {
        self.sources.add(path, text)
    }
}

fn unreadable(file: FileId, reason: &Unreadable) -> Finding {
    let code = match reason {
        Unreadable::NotUtf8 { .. } => codes::NOT_UTF8,
        Unreadable::TooLarge => codes::FILE_TOO_LARGE,
    };
    Finding::error(code, whole(file, ""), reason.to_string())
}

fn whole(file: FileId, text: &str) -> Span {
    Span {
        file,
        start: 0,
        end: u32::try_from(text.len()).unwrap_or(u32::MAX),
    }
}
