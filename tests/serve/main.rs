//! The daemon: what runs when, what the endpoints answer, and the command as an operator meets it.

mod command;
mod endpoints;
mod lanes;
#[path = "../cli/project.rs"]
mod project;
mod world;
