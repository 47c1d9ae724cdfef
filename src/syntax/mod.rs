//! Text to syntax tree and back: the grammar, lowering one construct per file, comments, recovery, the formatter.
//!
//! The only room that knows pest. Knows positions and findings; no names, types or stores.

pub mod ast;
