//! Schemas in few words, and a check over rule texts.

use std::fmt::Write as _;
use std::sync::Arc;

use bilateral::check::{Checked, Input, Setting, check};
use bilateral::diagnostic::{FileId, Finding, Severity, SourceMap, Span};
use bilateral::schema::{Field, Object, StoreSchema};
use bilateral::syntax;
use bilateral::value::Type;
use smol_str::SmolStr;

/// The left store: `name type flags, …` for each object.
pub const MARKETING: &str = "
lead: id int key, crm_id text indexed, first_name text(40), last_name text(80), email text(80) indexed, company text, status enum(new|working|converted), is_contact int, opt_out int, score number, owner_id int ->user, account_id int ->account, del_status int, del_message text, born date, birthday text, tags list, data object, updated_at text modified, formula text ro
account: id int key, crm_id text, name text, updated_at text modified
user: id int key, crm_id text, email text
log: line text, at text
campaign: id int key, crm_id text, name text(200), active bool, clicks number
order: id int key, guest_email text, total number
";

/// The right store.
pub const CRM: &str = "
Lead: Id text key, FirstName text(40), LastName text(80) required, Company text(255) required, Email text(80) unique, Status enum(Open|Working|Closed), LeadSource enum(Web|Phone), OwnerId text ->User, HasOptedOutOfEmail int default, Lead_Score__c number, Display_Name__c text(100), ConvertedContactId text, CreatedDate text created, SystemModstamp text modified, Grade text(4), Locked text ro, Once text createonly, Later text updateonly
Contact: Id text key, FirstName text(40), LastName text(80) required, Email text(80), OwnerId text ->User, HasOptedOutOfEmail int default, AccountId text ->Account, Display_Name__c text(100), SystemModstamp text modified
Account: Id text key, Name text(255) required, SystemModstamp text modified
User: Id text key, Email text, Name text
Task: Id text key, WhoId text, Subject text(255), ActivityDate date, External_Id__c text(64), Status text default
Campaign: Id text key, Name text(80) required, IsActive bool, Clicks__c number
";

fn ty(word: &str) -> Type {
    if let Some(max) = word.strip_prefix("text(").and_then(|w| w.strip_suffix(')')) {
        return Type::Text {
            max: max.parse().ok(),
        };
    }
    if let Some(members) = word.strip_prefix("enum(").and_then(|w| w.strip_suffix(')')) {
        return Type::Enum(Arc::new(members.split('|').map(SmolStr::from).collect()));
    }
    match word {
        "text" => Type::Text { max: None },
        "number" => Type::Number { scale: None },
        "int" => Type::Number { scale: Some(0) },
        "bool" => Type::Bool,
        "date" => Type::Date,
        "instant" => Type::Instant,
        "id" => Type::Id,
        "list" => Type::List(Box::new(Type::Text { max: None })),
        "object" => Type::Object,
        other => panic!("no type {other}"),
    }
}

pub fn schema(text: &str) -> Arc<StoreSchema> {
    let mut schema = StoreSchema::default();
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        let (name, fields) = line.split_once(':').expect("object: fields");
        let mut object = Object {
            name: name.into(),
            fields: Default::default(),
            id: None,
            modified: None,
            deleted: None,
            created: None,
        };
        for field in fields.split(", ") {
            let mut words = field.split_whitespace();
            let name = SmolStr::from(words.next().expect("a name"));
            let mut field = Field::new(name.clone(), ty(words.next().expect("a type")));
            for flag in words {
                match flag {
                    "key" => {
                        object.id = Some(name.clone());
                        field.nullable = false;
                        field.has_default = true;
                        field.unique = true;
                        field.indexed = true;
                    }
                    "modified" => object.modified = Some(name.clone()),
                    "created" => object.created = Some(name.clone()),
                    "deleted" => object.deleted = Some(name.clone()),
                    "required" => field.nullable = false,
                    "default" => {
                        field.nullable = false;
                        field.has_default = true;
                    }
                    "unique" => {
                        field.unique = true;
                        field.indexed = true;
                    }
                    "indexed" => field.indexed = true,
                    "ro" => {
                        field.createable = false;
                        field.updateable = false;
                    }
                    "createonly" => field.updateable = false,
                    "updateonly" => field.createable = false,
                    reference => field
                        .references
                        .push(reference.strip_prefix("->").expect("a flag").into()),
                }
            }
            object.fields.insert(name, field);
        }
        schema.objects.insert(object.name.clone(), Arc::new(object));
    }
    Arc::new(schema)
}

/// A program under test.
pub struct World {
    pub files: Vec<(String, String)>,
    pub settings: Vec<(String, String)>,
    pub left: Option<Arc<StoreSchema>>,
    pub right: Option<Arc<StoreSchema>>,
}

pub struct Outcome {
    pub checked: Checked,
    pub syntax: Vec<Finding>,
    /// What `lint` tells: all findings, those that an `allow` silences left out.
    pub lint: Vec<Finding>,
    pub sources: SourceMap,
}

impl World {
    /// One file over the two sample stores.
    pub fn of(text: &str) -> World {
        World {
            files: vec![("rules.sync".into(), text.into())],
            settings: Vec::new(),
            left: Some(schema(MARKETING)),
            right: Some(schema(CRM)),
        }
    }

    pub fn file(mut self, name: &str, text: &str) -> World {
        self.files.push((name.into(), text.into()));
        self
    }

    pub fn set(mut self, name: &str, value: &str) -> World {
        self.settings.push((name.into(), value.into()));
        self
    }

    pub fn check(&self) -> Outcome {
        let mut sources = SourceMap::default();
        let mut files = Vec::new();
        let mut syntax = Vec::new();
        for (name, text) in &self.files {
            let id = FileId(sources.files.len() as u32);
            sources.add(name.as_str(), text.as_str());
            let parsed = syntax::parse(id, text);
            files.push(parsed.file);
            syntax.extend(parsed.findings);
        }
        let mut settings = Vec::new();
        for (name, value) in &self.settings {
            let id = FileId(sources.files.len() as u32);
            sources.add(format!("--set {name}"), value.as_str());
            let expr = syntax::parse_expression(id, value).ok();
            let span = Span {
                file: id,
                start: 0,
                end: value.len() as u32,
            };
            settings.push(Setting {
                name: name.as_str().into(),
                text: value.clone(),
                expr,
                span,
            });
        }
        let schemas = |name: &str| match name {
            "marketing" => self.left.clone(),
            "crm" => self.right.clone(),
            _ => None,
        };
        let environment = |name: &str| (name == "REGION").then(|| "EU".to_string());
        let options = |store: &str| -> Option<&'static [&'static str]> {
            Some(if store == "crm" {
                &["assignment_rule"]
            } else {
                &[]
            })
        };
        let stores: [SmolStr; 2] = ["marketing".into(), "crm".into()];
        let input = Input {
            name: "test".into(),
            sources: &sources,
            files: &files,
            parsed: !syntax.iter().any(|f| f.severity == Severity::Error),
            stores: Some(&stores),
            schema: &schemas,
            places: &Default::default(),
            settings: &settings,
            environment: &environment,
            options: &options,
            all_options: &["assignment_rule", "all_or_none"],
        };
        let checked = check(&input);
        let lint = bilateral::lint::lint(&files, &sources, &syntax, &checked);
        Outcome {
            checked,
            syntax,
            lint,
            sources,
        }
    }
}

impl Outcome {
    pub fn text(&self, span: Span) -> &str {
        &self.sources.files[span.file.0 as usize].text[span.start as usize..span.end as usize]
    }

    /// `E203 unknown-field "emial": message [label "text"] (help)`, one line a finding.
    pub fn describe(&self, findings: &[Finding]) -> String {
        let mut out = String::new();
        for f in findings {
            let _ = write!(
                out,
                "{} {} `{}`: {}",
                f.code.code,
                f.code.name,
                self.text(f.span),
                f.message
            );
            for label in &f.labels {
                let _ = write!(out, " [`{}`: {}]", self.text(label.span), label.message);
            }
            if let Some(help) = &f.help {
                let _ = write!(out, " ({help})");
            }
            out.push('\n');
        }
        out
    }
}
