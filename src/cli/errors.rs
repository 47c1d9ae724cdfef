//! `errors [retry|dismiss]`

use super::exit::Outcome;
use super::human;
use super::lists::Lists;
use super::options::{Common, Listed, Which};
use super::shapes::FailureRowShape;
use crate::value::format_instant;

/// List the records that failed; try them again, or drop them from the list
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral errors Lead\n  bilateral errors retry Lead 17 18\n  bilateral errors dismiss"
)]
pub struct Args {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    listed: Listed,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Try these records again in the next run
    Retry(Which),
    /// Take these records off the list; they are tried again when they change
    Dismiss(Which),
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    match &args.action {
        None => list(args, common),
        Some(Action::Retry(which)) => {
            let lists = Lists::open(&args.listed.at, which, common)?;
            let count = lists.write()?.retry(&lists.selection)?;
            lists.changed(count, "error", " to be tried again in the next run")
        }
        Some(Action::Dismiss(which)) => {
            let lists = Lists::open(&args.listed.at, which, common)?;
            let count = lists.write()?.dismiss(&lists.selection)?;
            lists.changed(count, "error", " dismissed")
        }
    }
}

fn list(args: &Args, common: &Common) -> Outcome {
    let lists = Lists::open(&args.listed.at, &args.which, common)?;
    let rows = lists.read()?.failures(&lists.selection)?;
    let shapes: Vec<FailureRowShape<'_>> = rows.iter().map(FailureRowShape::from).collect();
    let lines = rows.iter().map(|row| {
        let failure = &row.failure;
        let store = lists.place.store(failure.side);
        let line = human::failure(failure, store, lists.console.out);
        let next = match (row.retry, row.next_try) {
            (true, _) => "tried again in the next run".to_owned(),
            (false, Some(at)) => format!("tried again after {}", format_instant(at)),
            (false, None) => "tried again when the record changes".to_owned(),
        };
        let next = lists.console.out.dim(&next);
        format!("{}: {line} {next}", failure.relationship)
    });
    lists.print("errors", args.listed.format, &shapes, lines)
}
