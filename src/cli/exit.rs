//! How a command ends: exit codes and the one message that goes with them (interfaces, "Exit codes").

use std::io;
use std::path::Path;
use std::process::ExitCode;

use super::human::counted;
use crate::apply::ApplyError;
use crate::diagnostic::{Finding, Severity};
use crate::ledger::LedgerError;
use crate::plan::PlanError;
use crate::store::StoreError;

/// A command that did what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    Done,
    /// Findings, or failed records.
    Findings,
    /// `plan --detailed-exitcode`: changes are pending.
    Pending,
}

/// Why a command could not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The answer is no, or a record could not be read.
    Failed,
    Usage,
    Rules,
    FileMissing,
    Unavailable,
    LedgerHeld,
    Configuration,
    Interrupted,
    /// The reader of the output went away (`| head`): nothing is left to say.
    OutputClosed,
}

/// A command's failure: its cause and one message that says what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Exit {
    pub cause: Cause,
    /// Empty where everything was said already.
    pub message: String,
}

pub type Outcome = Result<Finished, Exit>;

impl Finished {
    pub fn code(self) -> u8 {
        match self {
            Finished::Done => 0,
            Finished::Findings => 1,
            Finished::Pending => 2,
        }
    }
}

impl From<Finished> for ExitCode {
    fn from(finished: Finished) -> ExitCode {
        ExitCode::from(finished.code())
    }
}

impl Cause {
    pub fn code(self) -> u8 {
        match self {
            Cause::OutputClosed => 0,
            Cause::Failed => 1,
            Cause::Usage => 64,
            Cause::Rules => 65,
            Cause::FileMissing => 66,
            Cause::Unavailable => 69,
            Cause::LedgerHeld => 75,
            Cause::Configuration => 78,
            Cause::Interrupted => 130,
        }
    }
}

impl Exit {
    pub fn new(cause: Cause, message: impl Into<String>) -> Exit {
        Exit {
            cause,
            message: message.into(),
        }
    }
    pub fn usage(message: impl Into<String>) -> Exit {
        Exit::new(Cause::Usage, message)
    }
    /// Rules whose findings were printed; `not_checked` says why there is no program where there is no error.
    pub fn rules(findings: &[Finding], not_checked: &[String]) -> Exit {
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count() as u64;
        let what = match errors {
            0 => not_checked.join("; "),
            _ => counted(errors, "error"),
        };
        Exit::new(Cause::Rules, format!("the rules do not check: {what}"))
    }
    pub fn interrupted() -> Exit {
        Exit::new(
            Cause::Interrupted,
            "interrupted: what was written is noted in the ledger; run the same command again to go on",
        )
    }
    /// A file or folder that could not be read.
    pub fn reading(path: &Path, error: &io::Error) -> Exit {
        let path = path.display();
        match error.kind() {
            io::ErrorKind::NotFound => Exit::new(
                Cause::FileMissing,
                format!("{path} does not exist: check the path"),
            ),
            io::ErrorKind::PermissionDenied => Exit::new(
                Cause::FileMissing,
                format!("{path} may not be read: give yourself the permission to read it"),
            ),
            _ => Exit::new(Cause::FileMissing, format!("{path} can't be read: {error}")),
        }
    }
    /// A file that could not be written.
    pub fn writing(path: &Path, error: &io::Error) -> Exit {
        Exit::new(
            Cause::Unavailable,
            format!("{} can't be written: {error}", path.display()),
        )
    }
    /// Standard output that takes no more.
    pub fn output(error: &io::Error) -> Exit {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Exit::new(Cause::OutputClosed, ""),
            _ => Exit::new(Cause::Unavailable, format!("standard output: {error}")),
        }
    }
    /// Stores name themselves in their messages.
    pub fn store(error: &StoreError) -> Exit {
        let cause = match error {
            StoreError::Unavailable(_) => Cause::Unavailable,
            StoreError::Shape(_) => Cause::Rules,
            StoreError::Data(_) => Cause::Failed,
        };
        Exit::new(cause, error.to_string())
    }
}

/// For writers of results: whatever goes wrong there is standard output's.
impl From<io::Error> for Exit {
    fn from(error: io::Error) -> Exit {
        Exit::output(&error)
    }
}

impl From<LedgerError> for Exit {
    fn from(error: LedgerError) -> Exit {
        let cause = match error {
            LedgerError::Held { .. } => Cause::LedgerHeld,
            LedgerError::Foreign(_) => Cause::Configuration,
            LedgerError::Unavailable(_) => Cause::Unavailable,
        };
        Exit::new(cause, error.to_string())
    }
}

impl From<PlanError> for Exit {
    fn from(error: PlanError) -> Exit {
        match error {
            PlanError::Store { error, .. } => Exit::store(&error),
            PlanError::Ledger(error) => error.into(),
            PlanError::Output(message) if message == OUTPUT_CLOSED => {
                Exit::new(Cause::OutputClosed, "")
            }
            PlanError::Output(message) => Exit::new(Cause::Unavailable, message),
            PlanError::Interrupted => Exit::interrupted(),
        }
    }
}

impl From<ApplyError> for Exit {
    fn from(error: ApplyError) -> Exit {
        match error {
            ApplyError::Plan(error) => error.into(),
            ApplyError::Guard(message) => Exit::new(Cause::Failed, message),
            ApplyError::StalePlan(message) => Exit::new(Cause::Failed, message),
            ApplyError::Declined => Exit::new(Cause::Failed, "not applied: nothing was written"),
        }
    }
}

const OUTPUT_CLOSED: &str = "the reader of the output went away";

/// A sink's failure to write the plan down.
pub fn plan_output(error: &io::Error) -> PlanError {
    match error.kind() {
        io::ErrorKind::BrokenPipe => PlanError::Output(OUTPUT_CLOSED.to_owned()),
        _ => PlanError::Output(format!("the plan can't be written: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_the_code_that_scripts_know() {
        let exit = |error: StoreError| Exit::store(&error).cause.code();
        assert_eq!(exit(StoreError::Unavailable("locked".into())), 69);
        assert_eq!(exit(StoreError::Shape("no column `x`".into())), 65);
        assert_eq!(exit(StoreError::Data("duplicate id 7".into())), 1);
        let held = LedgerError::Held {
            path: "l.db".into(),
        };
        assert_eq!(Exit::from(held).cause.code(), 75);
        assert_eq!(
            Exit::from(LedgerError::Foreign("x".into())).cause.code(),
            78
        );
        assert_eq!(Exit::from(PlanError::Interrupted).cause.code(), 130);
    }

    #[test]
    fn a_closed_pipe_ends_quietly() {
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        let exit = Exit::from(plan_output(&closed));
        assert_eq!((exit.cause.code(), exit.message.as_str()), (0, ""));
    }
}
