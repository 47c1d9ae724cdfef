//! Syntax tree to [`Program`]: names, types, directions, keys, order. Nothing else can make a program.
//!
//! Every problem of every file is found in one run. A name that did not resolve gets one finding, where it stands, and counts as
//! fitting everywhere else.

mod check_program;
mod conversions;
mod cron;
mod expression;
pub(crate) mod facts;
mod frame;
pub(crate) mod gaps;
mod hash;
mod names;
mod objects;
mod order;
pub(crate) mod proof;
mod relationship;
pub(crate) mod round_trip;
pub(crate) mod samples;
mod schedules;
mod schema_places;
mod settings;
pub(crate) mod sink;
mod triggers;
pub(crate) mod types;
mod undeclared;

use std::sync::Arc;

use smol_str::SmolStr;

use crate::diagnostic::{Finding, SourceMap, Span};
use crate::program::Program;
use crate::schema::StoreSchema;
use crate::syntax::ast;

pub use check_program::check;
pub(crate) use facts::Facts;
pub(crate) use frame::Frame;
pub use names::{pair, store_meant};
pub use schedules::{Paced, paced};
pub use schema_places::SchemaPlaces;
pub(crate) use sink::Findings;

/// What a program is checked from.
pub struct Input<'a> {
    /// `name:` in stores.yaml, else the rules folder's base name.
    pub name: SmolStr,
    /// The rule files' texts, and one source per `--set`.
    pub sources: &'a SourceMap,
    pub files: &'a [ast::File],
    /// All of `files` parsed: without it there is findings, but no program.
    pub parsed: bool,
    /// The stores that stores.yaml configures; `None` where there is no stores.yaml to compare with.
    pub stores: Option<&'a [SmolStr]>,
    /// The schema of a store by its name, where there is one.
    pub schema: &'a dyn Fn(&str) -> Option<Arc<StoreSchema>>,
    /// The schema files among `sources`.
    pub places: &'a SchemaPlaces,
    /// `--set NAME=VALUE`, in the order given; the last of a name counts.
    pub settings: &'a [Setting],
    /// The environment's variables, for `env()`.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The `with` options that a store's kind knows, by the store's name; `None` where its kind is not known.
    pub options: &'a dyn Fn(&str) -> Option<&'static [&'static str]>,
    /// The `with` options of all kinds.
    pub all_options: &'a [&'static str],
}

/// One `--set NAME=VALUE`.
#[derive(Debug, Clone)]
pub struct Setting {
    pub name: SmolStr,
    /// The value as given.
    pub text: String,
    /// The value as an expression, if it parses.
    pub expr: Option<ast::Expr>,
    /// Where messages point: the whole of the source that stands for this setting.
    pub span: Span,
}

/// What a check gives.
#[derive(Debug)]
pub struct Checked {
    /// Only where there is no error, and every store has a schema.
    pub program: Option<Program>,
    /// In the order of files and lines.
    pub findings: Vec<Finding>,
    /// Why something could not be checked.
    pub not_checked: Vec<String>,
    /// What the user should be told, though it is no finding: settings taken as text, options of another store kind.
    pub notes: Vec<String>,
    /// How many relationships were checked.
    pub relationships: usize,
    /// What lints look at besides the syntax tree.
    pub(crate) facts: Facts,
}

/// The pieces of a check that go through all its parts.
pub(crate) struct Checker<'a> {
    pub input: &'a Input<'a>,
    pub findings: Findings,
    pub names: names::Names<'a>,
    pub stores: [objects::StoreObjects; 2],
    /// Of each relationship, in file order: its objects.
    pub headers: Vec<relationship::Header>,
    pub lets: settings::Lets,
    pub functions: expression::FunctionStates,
    pub conversions: conversions::Conversions,
    pub facts: Facts,
    pub not_checked: Vec<String>,
    pub notes: Vec<String>,
    /// How deep the expression being compiled is.
    pub nesting: u32,
    pub told: undeclared::Told,
    /// Uses of `round_robin` so far.
    pub round_robins: u16,
}
