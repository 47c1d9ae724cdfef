//! The command as users and their scripts meet it: exit codes, outputs, and what bad input does.

mod bad_input;
mod demo;
mod formats;
mod joint;
mod links;
mod lists;
mod plans;
mod project;
mod rule_tests;
mod send;
