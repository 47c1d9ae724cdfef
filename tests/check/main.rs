//! What the checker and the linter find, and what they make of a sound program.

mod programs;
mod world;
