//! `undo RUN`

use super::exit::{Cause, Exit, Outcome};
use super::header::now;
use super::load::Loaded;
use super::options::{Common, RulesPath};
use super::run::{Ask, Narrator, shown_only, told};
use crate::apply;
use crate::ledger::Ledger;

/// Take back what a run wrote: shown first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bilateral history\n  bilateral undo 01900c2e-… --yes")]
pub struct Args {
    /// A run of `bilateral history`
    run: String,
    /// Do it without a question
    #[arg(short, long)]
    yes: bool,
    /// Go beyond the limits of `guard:` in stores.yaml
    #[arg(long)]
    allow_large: bool,
    #[command(flatten)]
    at: RulesPath,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let mut loaded = Loaded::open(args.at.rules.as_deref(), common, &console)?;
    loaded.ledger.must_exist()?;
    let mut ledger = Ledger::open(&loaded.ledger.path, &loaded.ledger.identity)?;
    let run = ledger.run(&args.run)?.ok_or_else(|| {
        Exit::new(
            Cause::Failed,
            format!(
                "there is no run `{}`: `bilateral history` lists them",
                args.run
            ),
        )
    })?;
    let options = loaded.apply_options(args.allow_large);
    let ask = Ask::new(args.yes);
    let mut narrator = Narrator::new(&loaded.program, console, ask, "Take this run back?");
    let outcome = apply::undo(
        &loaded.program,
        &mut loaded.stores,
        &mut ledger,
        &run,
        now(),
        &options,
        &mut narrator,
    );
    drop(narrator);
    match outcome {
        Ok(outcome) => told(&outcome, "Undone", &console),
        Err(error) => shown_only(error, &console),
    }
}
