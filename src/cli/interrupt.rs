//! Ctrl-C: the first one asks the run to stop at the next safe place, the second one stops at once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::plan::PlanError;

use super::exit::{Cause, Exit};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Takes over Ctrl-C for the rest of the process.
///
/// # Errors
/// The system refuses the handler.
pub fn listen() -> Result<(), Exit> {
    let handler = || {
        if ASKED.swap(true, Ordering::SeqCst) {
            // The journal makes a hard stop safe too: the next run goes on from it.
            std::process::exit(i32::from(Cause::Interrupted.code()));
        }
    };
    ctrlc::set_handler(handler).map_err(|error| {
        Exit::new(
            Cause::Unavailable,
            format!("Ctrl-C can't be handled: {error}"),
        )
    })
}

/// Whether Ctrl-C was pressed.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Ends a plan that the user wants to end.
///
/// # Errors
/// [`PlanError::Interrupted`] once Ctrl-C was pressed.
pub fn check() -> Result<(), PlanError> {
    if asked() {
        Err(PlanError::Interrupted)
    } else {
        Ok(())
    }
}
