//! Rule tests: a program on stores in memory, with a clock that stands still until a step moves it (interfaces, "Rule tests").
//!
//! The given records stand at one second before `now`; the first step starts at `now`, each further one (but a `then`) a second later.

mod expect;
mod posts;
mod records;
mod step;
mod text;
mod values;
mod world;

use crate::program::Program;

pub use text::{TestText, TextError, read};

/// What a test runs on: the rules, checked with the settings of the test.
pub trait Ground {
    /// # Errors
    /// The findings that keep the rules from running, one a line.
    fn program(&self, settings: &[(String, String)]) -> Result<Checked, Vec<String>>;
}

/// A program and the names of its findings.
pub struct Checked {
    pub program: Program,
    pub findings: Vec<String>,
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// What differs, line by line.
    Failed(Vec<String>),
}

/// Runs one test. Nothing remains of it.
pub fn run(test: &TestText, ground: &dyn Ground) -> Verdict {
    match outcome(test, ground) {
        Ok(()) => Verdict::Passed,
        Err(lines) => Verdict::Failed(lines),
    }
}

fn outcome(test: &TestText, ground: &dyn Ground) -> Result<(), Vec<String>> {
    let settings = step::settings(&test.set).map_err(one)?;
    let checked = ground.program(&settings)?;
    let now = step::start(test.now.as_deref()).map_err(one)?;
    let mut world = world::World::new(checked, now).map_err(one)?;
    step::given(&mut world, &test.given).map_err(one)?;
    for (place, step) in test.steps.iter().enumerate() {
        let name = |lines: Vec<String>| {
            let mut told = vec![format!("step {}:", place + 1)];
            told.extend(lines.iter().map(|line| format!("  {line}")));
            told
        };
        step::run(&mut world, step, place == 0).map_err(name)?;
    }
    match &test.then {
        Some(then) => expect::check(&mut world, then).map_err(|lines| {
            let mut told = vec!["then:".to_owned()];
            told.extend(lines.iter().map(|line| format!("  {line}")));
            told
        }),
        None => Ok(()),
    }
}

fn one(line: String) -> Vec<String> {
    vec![line]
}
