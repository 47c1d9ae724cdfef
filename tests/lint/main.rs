//! The linter and its outputs: fixes, formats, baselines, levels, the manual, what it survives, and how much of a damaged pack it sees.

#[path = "../check/world.rs"]
#[allow(dead_code)]
mod world;

mod codes;
mod corpus;
mod fixes;
mod manual;
mod mutants;
mod outputs;
mod pack;
mod pages;
mod recovery;
mod sarif;
mod snapshots;
