//! `apply [PATH|PLAN]`

use std::path::{Path, PathBuf};

use super::exit::{Exit, Outcome};
use super::header::now;
use super::load::Loaded;
use super::only;
use super::options::Common;
use super::run::{Ask, Narrator, told};
use super::saved::SavedUnits;
use crate::apply;
use crate::ledger::Ledger;

/// Plan and do it, after a question; or apply a saved plan
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral apply rules/crm\n  bilateral apply --only Lead --yes\n  bilateral apply june.plan --yes"
)]
pub struct Args {
    /// The program (a folder or a .sync file), or a plan that `plan --out` saved
    #[arg(value_name = "PATH|PLAN")]
    path: Option<PathBuf>,
    /// Do it without a question
    #[arg(short, long)]
    yes: bool,
    /// Apply this relationship only. May be repeated
    #[arg(long, value_name = "REL")]
    only: Vec<String>,
    /// Compare all records, whatever their modification times say
    #[arg(long)]
    full: bool,
    /// Go beyond the limits of `guard:` in stores.yaml
    #[arg(long)]
    allow_large: bool,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let ask = Ask::new(args.yes);
    if ask == Ask::ShowOnly {
        return Err(Exit::usage(
            "nobody can answer the question here (standard input is no terminal): say --yes, or look first with `bilateral plan`",
        ));
    }
    match &args.path {
        Some(path) if is_plan(path)? => saved(path, args, common, ask),
        path => plan_and_apply(path.as_deref(), args, common, ask),
    }
}

/// A path that is neither a folder nor `.sync`.
fn is_plan(path: &Path) -> Result<bool, Exit> {
    let metadata = path
        .metadata()
        .map_err(|error| Exit::reading(path, &error))?;
    Ok(!metadata.is_dir() && path.extension().is_none_or(|extension| extension != "sync"))
}

fn plan_and_apply(path: Option<&Path>, args: &Args, common: &Common, ask: Ask) -> Outcome {
    let console = common.console();
    let mut loaded = Loaded::open(path, common, &console)?;
    let mut request = loaded.request(now());
    request.only = only::relationships(&loaded.program, &args.only)?;
    request.full = args.full;
    let options = loaded.apply_options(args.allow_large);
    let mut ledger = Ledger::open(&loaded.ledger.path, &loaded.ledger.identity)?;
    let mut narrator = Narrator::new(&loaded.program, console, ask, "Apply this plan?");
    let outcome = apply::run(
        &loaded.program,
        &mut loaded.stores,
        &mut ledger,
        &request,
        &options,
        &mut narrator,
    )?;
    drop(narrator);
    loaded.forget(&mut ledger)?;
    told(&outcome, "Applied", &console)
}

fn saved(path: &Path, args: &Args, common: &Common, ask: Ask) -> Outcome {
    if args.full || !args.only.is_empty() {
        return Err(Exit::usage(
            "--only and --full are decided when a plan is made: give them to `bilateral plan --out`",
        ));
    }
    let console = common.console();
    let mut units = SavedUnits::open(path)?;
    let mut loaded = Loaded::open_saved(&units.header, &console)?;
    let mut ledger = Ledger::open(&loaded.ledger.path, &loaded.ledger.identity)?;
    units.check(&loaded, &ledger)?;
    let request = loaded.request(now());
    let options = loaded.apply_options(args.allow_large);
    let mut narrator = Narrator::new(&loaded.program, console, ask, "Apply this plan?");
    let outcome = apply::run_saved(
        &loaded.program,
        &mut loaded.stores,
        &mut ledger,
        &request,
        &options,
        &mut narrator,
        &mut |sink| units.feed(&loaded.program, sink),
    )?;
    drop(narrator);
    loaded.forget(&mut ledger)?;
    told(&outcome, "Applied", &console)
}
