//! A program as a document for people, and parts of it in other files.
//!
//! [`document`] says what is told (a value), [`markdown`] and [`html`] how it looks, [`picture`] draws the relationships, and [`parts`] keeps
//! tables in other documents up to date. Everything is in the rules' own words: expressions as they stand, comments as remarks.

mod conversions;
mod fields;
mod files;
pub mod html;
mod legend;
pub mod markdown;
pub mod model;
mod operations;
mod overview;
pub mod parts;
pub mod picture;
mod relationship;
mod remarks;
mod rules;
mod schedules;
mod settings;
mod triggers;

use model::{Block, Document, Phrase, Section};
use rules::Rules;

use crate::program::Program;
use crate::syntax::ast;

/// A checked program as a document. `files` are the trees that it was checked from, in the order of its sources.
pub fn document(program: &Program, files: &[ast::File]) -> Document {
    let rules = Rules::new(program, files);
    let mut relationships = overview::section(&rules);
    relationships.sections = relationship::sections(&rules);
    let mut sections = vec![
        Section::new("picture", Phrase::of("Picture"))
            .with([Block::Picture(picture::Picture::of(program))]),
        relationships,
        triggers::section(&rules),
        schedules::section(&rules),
        settings::section(&rules),
    ];
    sections.extend(conversions::section(&rules));
    sections.extend(conversions::functions(&rules));
    sections.push(files::section(&rules));
    sections.push(legend::section(&rules));
    let lead = Phrase::of("Keeps ")
        .code(rules.store(0))
        .text(" (left) and ")
        .code(rules.store(1))
        .text(" (right) in step: ")
        .text(overview::counts(&rules))
        .text(".");
    Document {
        title: program.name.to_string(),
        lead: vec![Block::Paragraph(lead)],
        sections,
    }
}
