//! Ctrl-C and SIGTERM: the first one asks the run to stop at the next safe place, the second one stops at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::plan::PlanError;

use super::exit::{Cause, Exit};

static ASKED: AtomicBool = AtomicBool::new(false);

/// What waits, and is to be told.
static TELL: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// Takes over Ctrl-C and SIGTERM for the rest of the process. Where nothing ever asks, the first one stops at once.
///
/// # Errors
/// The system refuses the handler.
pub fn listen(asks: bool) -> Result<(), Exit> {
    let handler = move || {
        if !asks || ASKED.swap(true, Ordering::SeqCst) {
            // The journal makes a hard stop safe too: the next run goes on from it.
            std::process::exit(i32::from(Cause::Interrupted.code()));
        }
        if let Some(tell) = TELL.get() {
            tell();
        }
    };
    ctrlc::set_handler(handler).map_err(|error| {
        Exit::new(
            Cause::Unavailable,
            format!("signals can't be handled: {error}"),
        )
    })
}

/// Has `tell` called at the first Ctrl-C or SIGTERM, or now if there was one.
pub fn tell(tell: impl Fn() + Send + Sync + 'static) {
    let _ = TELL.set(Box::new(tell));
    if asked()
        && let Some(tell) = TELL.get()
    {
        tell();
    }
}

/// Whether there was one.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Ends a plan that the user wants to end.
///
/// # Errors
/// [`PlanError::Interrupted`] once there was one.
pub fn check() -> Result<(), PlanError> {
    if asked() {
        Err(PlanError::Interrupted)
    } else {
        Ok(())
    }
}
