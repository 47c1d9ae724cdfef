//! The daemon: a loop that waits for what is due and runs it, and a small server for events, health, metrics and a page.
//!
//! One thread runs; it holds the ledger for each run only, so that people's own commands get in between. The server's threads touch
//! neither stores nor the ledger: they put events into the inbox and show what the loop has written on the [`Board`].

mod adopt;
mod board;
mod daemon;
mod files;
mod http;
mod immediate;
mod log;
mod metrics;
mod observer;
mod project;
mod reload;
mod run;
mod tell;
mod watch;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;

pub use board::Board;
pub use daemon::Daemon;
pub use http::{BODY_LIMIT, Door, Server, router};
pub use log::{Fields, Level, Log};
pub use metrics::Metrics;
pub use project::{Origin, Project, Refused};
pub use world::{Bell, Clock, System, World};

use crate::ledger::{DaemonLock, Inbox, Ledger, LedgerError};

/// What the command line says.
#[derive(Debug, Clone)]
pub struct Settings {
    pub listen: SocketAddr,
    /// Events taken a second, on average.
    pub rate: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("cannot listen on {address}: {reason}")]
    Listen { address: SocketAddr, reason: String },
}

/// Runs `project` and what `origin` makes of its files later, until `bell` is rung to stop.
///
/// # Errors
/// See [`ServeError`]; nothing has run then.
pub fn serve(
    project: Project,
    origin: &mut dyn Origin,
    settings: &Settings,
    bell: &Arc<Bell>,
    log: &Arc<dyn Log>,
) -> Result<(), ServeError> {
    let _only = DaemonLock::take(&project.ledger)?;
    // Made or migrated now, and refused now where it is another program's or in use.
    let ledger = Ledger::open(&project.ledger, &project.identity)?;
    let inbox = Inbox::open(&project.ledger)?;
    let world = System::new(Arc::clone(bell));
    let board = Arc::new(Board::default());
    let metrics = Arc::new(Metrics::default());
    let mut daemon = Daemon::new(
        project,
        origin,
        &world,
        Arc::clone(&board),
        Arc::clone(&metrics),
        Arc::clone(log),
    );
    daemon.begin(&ledger)?;
    drop(ledger);
    let ring = Arc::clone(bell);
    let door = Door::new(
        board,
        metrics,
        inbox,
        Arc::new(world.clone()),
        Arc::clone(log),
        settings.rate,
        Arc::new(move || ring.event()),
    );
    let server = Server::start(settings.listen, router(door), log)?;
    daemon.run();
    server.stop();
    Ok(())
}
