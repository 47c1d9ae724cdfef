//! `conflicts [take left|right | release]`

use super::exit::Outcome;
use super::human;
use super::lists::Lists;
use super::options::{Common, Listed, Which};
use super::shapes::{ConflictShape, side_word};
use crate::program::Side;

/// List the fields that both sides changed; say who wins, or free a frozen field
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral conflicts\n  bilateral conflicts take left Lead 17\n  bilateral conflicts release"
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
    /// One side wins in the next run
    Take {
        #[arg(value_enum)]
        side: Winner,
        #[command(flatten)]
        which: Which,
    },
    /// Fields that went back and forth are synced again
    Release(Which),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Winner {
    Left,
    Right,
}

impl From<Winner> for Side {
    fn from(winner: Winner) -> Side {
        match winner {
            Winner::Left => Side::Left,
            Winner::Right => Side::Right,
        }
    }
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    match &args.action {
        None => list(args, common),
        Some(Action::Take { side, which }) => {
            let lists = Lists::open(&args.listed.at, which, common)?;
            let side = Side::from(*side);
            let count = lists.write()?.take(&lists.selection, side)?;
            let what = format!(": the {} side wins in the next run", side_word(side));
            lists.changed(count, "conflict", &what)
        }
        Some(Action::Release(which)) => {
            let lists = Lists::open(&args.listed.at, which, common)?;
            let count = lists.write()?.release(&lists.selection)?;
            lists.changed(count, "frozen field", " released")
        }
    }
}

fn list(args: &Args, common: &Common) -> Outcome {
    let lists = Lists::open(&args.listed.at, &args.which, common)?;
    let conflicts = lists.read()?.conflicts(&lists.selection)?;
    let shapes: Vec<ConflictShape<'_>> = conflicts.iter().map(ConflictShape::from).collect();
    let lines = conflicts.iter().map(|entry| {
        let line = human::conflict(entry, lists.console.out);
        format!("{}: {line}", entry.relationship)
    });
    lists.print("conflicts", args.listed.format, &shapes, lines)
}
