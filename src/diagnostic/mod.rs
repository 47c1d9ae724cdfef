//! Positions in rule files, the finding, codes and their pages, and how findings are drawn.
//!
//! Knows nothing of the language: a finding is text about a span.

pub mod codes;
mod finding;
mod github;
mod json;
mod page;
mod position;
mod sarif;
mod text;

pub use codes::Code;
pub use finding::{Applicability, Edit, Finding, Fix, Label, Severity, sort};
pub use github::to_github;
pub use json::{FindingsJson, to_json};
pub use page::{Page, by_code_or_name};
pub use position::{FileId, Position, Source, SourceMap, Span};
pub use sarif::{Sarif, SarifPart};
pub use text::render;
