//! What the checker and the linter find, and what they make of a sound program.

mod cases;
mod programs;
mod world;
