//! `held`

use super::exit::Outcome;
use super::human;
use super::lists::Lists;
use super::options::{Common, Listed, Which};
use super::shapes::HeldShape;

/// List the records that wait: what they miss, and which rule asks for it
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bilateral held Lead --format json")]
pub struct Args {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    listed: Listed,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let lists = Lists::open(&args.listed.at, &args.which, common)?;
    let held = lists.read()?.held(&lists.selection)?;
    let shapes: Vec<HeldShape<'_>> = held.iter().map(HeldShape::from).collect();
    let lines = held.iter().map(|entry| {
        let store = lists.place.store(entry.direction.source());
        let line = human::held(entry, store, lists.console.out);
        format!("{} {}: {line}", entry.relationship, entry.direction.word())
    });
    lists.print("held", args.listed.format, &shapes, lines)
}
