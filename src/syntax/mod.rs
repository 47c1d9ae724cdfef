//! Text to syntax tree and back: the grammar, lowering one construct per file, comments, recovery, the formatter.
//!
//! The only room that knows pest. Knows positions and findings; no names, types or stores.
//!
//! [`parse`] cuts the text into statements (`layout`), asks the grammar about each, and lowers what it says (`lower`). A statement that does
//! not parse gives one finding (`complain`) and leaves a broken node; all others are read.

pub mod ast;
mod complain;
mod findings;
mod format;
mod grammar;
mod layout;
mod lookalike;
mod lower;
mod many;
mod read;

pub use format::{FormatError, format, one_line};
pub use many::parse_all;
pub use read::{Parsed, parse, parse_expression};

#[cfg(test)]
mod tests;
