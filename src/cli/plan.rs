//! `plan [PATH]`

use std::io::Write;
use std::path::PathBuf;

use super::calls::CallCounter;
use super::console::Console;
use super::exit::{Exit, Finished, Outcome};
use super::header::Header;
use super::human::HumanPlan;
use super::json::JsonPlan;
use super::load::Loaded;
use super::only;
use super::options::{Common, Format};
use super::progress::Meter;
use super::saved::SavedPlan;
use super::tee::Tee;
use crate::ledger::Ledger;
use crate::plan::{Request, Summary, plan};

/// Show what would be done, and do nothing
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral plan rules/crm\n  bilateral plan --only Lead --format json | jq .summary\n  bilateral plan --out june.plan && bilateral apply june.plan"
)]
pub struct Args {
    /// The program: a folder or a .sync file [default: `rules` beside stores.yaml, else the current folder]
    path: Option<PathBuf>,
    /// Plan this relationship only. May be repeated
    #[arg(long, value_name = "REL")]
    only: Vec<String>,
    /// Compare all records, whatever their modification times say
    #[arg(long)]
    full: bool,
    /// Save the plan, for `bilateral apply FILE`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// End with 2 where changes are pending
    #[arg(long)]
    detailed_exitcode: bool,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let mut loaded = Loaded::open(args.path.as_deref(), common, &console)?;
    let header = Header::now();
    let mut request = loaded.request(header.at);
    request.only = only::relationships(&loaded.program, &args.only)?;
    request.full = args.full;
    let ledger = Ledger::open_read(&loaded.ledger.path, &loaded.ledger.identity)?;
    let saved = match &args.out {
        Some(path) => Some(SavedPlan::create(path, &loaded, common, &header, &ledger)?),
        None => None,
    };
    let summary = match args.format {
        Format::Human => human(&mut loaded, &ledger, &request, saved, console)?,
        Format::Json => json(&mut loaded, &ledger, &request, &header, saved, console)?,
    };
    if let Some(path) = &args.out {
        let path = path.display();
        console.note(&format!(
            "saved as {path}: `bilateral apply {path}` applies it"
        ));
    }
    let pending = args.detailed_exitcode && !summary.is_empty();
    Ok(if pending {
        Finished::Pending
    } else {
        Finished::Done
    })
}

fn human(
    loaded: &mut Loaded,
    ledger: &Ledger,
    request: &Request,
    mut saved: Option<SavedPlan>,
    console: Console,
) -> Result<Summary, Exit> {
    let mut meter = Meter::new(console);
    let mut drawn = HumanPlan::new(&loaded.program, console.out);
    let mut sink = Tee::new(&loaded.program, &mut drawn, saved.as_mut(), &mut meter);
    let summary = plan(
        &loaded.program,
        &mut loaded.stores,
        ledger,
        request,
        &mut sink,
    )?;
    meter.clear();
    if let Some(saved) = saved {
        saved.finish()?;
    }
    let mut out = console.stdout();
    drawn.draw(&summary, &mut out)?;
    out.flush()?;
    Ok(summary)
}

fn json(
    loaded: &mut Loaded,
    ledger: &Ledger,
    request: &Request,
    header: &Header,
    mut saved: Option<SavedPlan>,
    console: Console,
) -> Result<Summary, Exit> {
    let mut meter = Meter::new(console);
    let mut calls = CallCounter::new(&loaded.stores);
    let mut written = JsonPlan::new(&loaded.program, header, console.stdout())?;
    let mut sink =
        Tee::new(&loaded.program, &mut written, saved.as_mut(), &mut meter).counting(&mut calls);
    let summary = plan(
        &loaded.program,
        &mut loaded.stores,
        ledger,
        request,
        &mut sink,
    )?;
    meter.clear();
    if let Some(saved) = saved {
        saved.finish()?;
    }
    written.finish(&summary, calls.calls())?;
    Ok(summary)
}
