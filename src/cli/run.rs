//! What `apply`, `undo` and `demo` share: showing the plan, asking, and telling what was done.

use std::io::{self, BufRead, IsTerminal, Write};

use super::console::Console;
use super::exit::{Exit, Finished};
use super::human::{HumanPlan, Limits, count};
use super::interrupt;
use super::progress::Meter;
use crate::apply::{ApplyError, Observer, Outcome};
use crate::ledger::{Conflict, Effect, Failure, Held};
use crate::plan::{PlanError, Progress, Sink, Summary, Unit};
use crate::program::Program;

/// What happens between showing a plan and doing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// `--yes`
    Go,
    /// A question on the terminal.
    Question,
    /// Nobody can answer and nobody said yes: it is only shown.
    ShowOnly,
}

impl Ask {
    /// `--yes`, or a question where somebody can answer it.
    pub fn new(yes: bool) -> Ask {
        if yes {
            Ask::Go
        } else if io::stdin().is_terminal() {
            Ask::Question
        } else {
            Ask::ShowOnly
        }
    }

    /// # Errors
    /// Standard input ends or fails.
    pub fn answer(self, question: &str) -> Result<bool, PlanError> {
        match self {
            Ask::Go => Ok(true),
            Ask::ShowOnly => Ok(false),
            Ask::Question => {
                let mut line = String::new();
                let asked = write!(io::stderr().lock(), "{question} [y/N] ");
                asked
                    .and_then(|()| io::stdin().lock().read_line(&mut line))
                    .map_err(|error| PlanError::Output(format!("the question: {error}")))?;
                interrupt::check()?;
                Ok(matches!(line.trim(), "y" | "Y" | "yes" | "Yes"))
            }
        }
    }
}

/// Draws the plan of the first pass, asks, and shows how far the run is.
pub struct Narrator<'a> {
    program: &'a Program,
    plan: HumanPlan<'a>,
    console: Console,
    meter: Meter,
    ask: Ask,
    question: &'static str,
    /// The plan was shown; what follows belongs to later passes.
    asked: bool,
}

impl<'a> Narrator<'a> {
    pub fn new(
        program: &'a Program,
        console: Console,
        ask: Ask,
        question: &'static str,
    ) -> Narrator<'a> {
        Narrator {
            program,
            plan: HumanPlan::new(program, console.out),
            console,
            meter: Meter::new(console),
            ask,
            question,
            asked: false,
        }
    }

    /// Shows fewer or more entries of each group.
    pub fn limited(mut self, limits: Limits) -> Narrator<'a> {
        self.plan = self.plan.limited(limits);
        self
    }
}

impl Sink for Narrator<'_> {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        interrupt::check()?;
        if self.asked {
            Ok(())
        } else {
            self.plan.unit(unit)
        }
    }
    fn held(&mut self, held: Held, standing: bool) -> Result<(), PlanError> {
        if self.asked {
            Ok(())
        } else {
            self.plan.held(held, standing)
        }
    }
    fn failure(&mut self, failure: Failure, standing: bool) -> Result<(), PlanError> {
        if self.asked {
            Ok(())
        } else {
            self.plan.failure(failure, standing)
        }
    }
    fn conflict(&mut self, conflict: Conflict, standing: bool) -> Result<(), PlanError> {
        if self.asked {
            Ok(())
        } else {
            self.plan.conflict(conflict, standing)
        }
    }
    fn effect(&mut self, _effect: Effect) -> Result<(), PlanError> {
        interrupt::check()
    }
    fn progress(&mut self, progress: Progress) {
        self.meter.planned(self.program, &progress);
    }
}

impl Observer for Narrator<'_> {
    fn confirm(&mut self, summary: &Summary) -> Result<bool, PlanError> {
        self.meter.clear();
        self.asked = true;
        let mut out = self.console.stdout();
        self.plan
            .draw(summary, &mut out)
            .and_then(|()| out.flush())
            .map_err(|error| super::exit::plan_output(&error))?;
        drop(out);
        if summary.is_empty() {
            return Ok(true);
        }
        self.ask.answer(self.question)
    }
    fn wrote(&mut self, done: u64, total: u64) {
        self.meter.wrote(done, total);
    }
    fn interrupted(&self) -> bool {
        interrupt::asked()
    }
}

/// Says what a run did; failed records make it [`Finished::Findings`].
///
/// # Errors
/// Standard output takes no more.
pub fn told(outcome: &Outcome, what: &str, console: &Console) -> Result<Finished, Exit> {
    let mut out = console.stdout();
    if outcome.resumed > 0 {
        let line = format!(
            "{} done of an earlier run that had not finished",
            count(outcome.resumed)
        );
        writeln!(out, "{}", console.out.strong(&line))?;
    }
    let mut line = format!("{what}: {} done", count(outcome.done));
    let rest = [
        (outcome.failed, "failed"),
        (outcome.stale, "stale"),
        (outcome.held, "held"),
    ];
    for (number, what) in rest.into_iter().filter(|(number, _)| *number > 0) {
        line.push_str(&format!(", {} {what}", count(number)));
    }
    line.push_str(&format!(" (run {})", outcome.run));
    writeln!(out, "{}", console.out.strong(&line))?;
    out.flush()?;
    if outcome.stale > 0 {
        console.note("stale records changed meanwhile: the next run plans them anew");
    }
    if outcome.failed > 0 {
        console.note("`bilateral errors` lists what failed, and why");
        return Ok(Finished::Findings);
    }
    Ok(Finished::Done)
}

/// A plan that was only shown, or turned down, is no failure of a command that shows first.
pub fn shown_only(error: ApplyError, console: &Console) -> Result<Finished, Exit> {
    match error {
        ApplyError::Declined => {
            console.note("nothing was written: `--yes` does it");
            Ok(Finished::Done)
        }
        error => Err(error.into()),
    }
}
