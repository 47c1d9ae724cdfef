//! `plan [PATH]`

use std::io::Write;
use std::path::PathBuf;
use std::thread;

use super::behind::Behind;
use super::calls::CallCounter;
use super::console::Console;
use super::exit::{Exit, Finished, Outcome};
use super::header::Header;
use super::html::HtmlPlan;
use super::human::HumanPlan;
use super::json::Calls;
use super::load::Loaded;
use super::only;
use super::options::Common;
use super::progress::Meter;
use super::saved::SavedPlan;
use super::tee::Tee;
use crate::ledger::Ledger;
use crate::plan::{Request, Sink, Summary, plan};
use crate::program::Program;
use crate::store::Store;

/// Show what would be done, and do nothing
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral plan rules/crm\n  bilateral plan --only Lead --format json | jq .summary\n  bilateral plan --format html > plan.html\n  bilateral plan --out june.plan && bilateral apply june.plan"
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
    /// human, json, or html (one page with everything, that needs nothing else)
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    format: Format,
    /// End with 2 where changes are pending
    #[arg(long)]
    detailed_exitcode: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
    Html,
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
    let Loaded {
        program, stores, ..
    } = &mut loaded;
    let work = Work {
        program,
        stores,
        ledger: &ledger,
        request: &request,
        saved,
        console,
    };
    let summary = match args.format {
        Format::Human => {
            let mut drawn = HumanPlan::new(program, console.out);
            let (summary, _) = work.done(&mut drawn)?;
            let mut out = console.stdout();
            drawn.draw(&summary, &mut out)?;
            out.flush()?;
            summary
        }
        Format::Json => json(work, &header)?,
        Format::Html => {
            let mut collected = HtmlPlan::new(program, &header);
            let (summary, calls) = work.done(&mut collected)?;
            let mut out = console.stdout();
            collected.finish(&summary, calls, &mut out)?;
            out.flush()?;
            summary
        }
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

/// A plan to be made.
struct Work<'a> {
    program: &'a Program,
    stores: &'a mut [Box<dyn Store>; 2],
    ledger: &'a Ledger,
    request: &'a Request,
    saved: Option<SavedPlan>,
    console: Console,
}

impl Work<'_> {
    /// Plans into `shown`, and into the saved plan where there is one.
    fn done(mut self, shown: &mut dyn Sink) -> Result<(Summary, Calls), Exit> {
        let mut meter = Meter::new(self.console);
        let mut calls = CallCounter::new(self.stores);
        let mut sink =
            Tee::new(self.program, shown, self.saved.as_mut(), &mut meter).counting(&mut calls);
        let summary = plan(
            self.program,
            self.stores,
            self.ledger,
            self.request,
            &mut sink,
        )?;
        meter.clear();
        if let Some(saved) = self.saved {
            saved.finish()?;
        }
        Ok((summary, calls.calls()))
    }
}

/// Writes the plan on a thread of its own, while planning goes on.
fn json(work: Work<'_>, header: &Header) -> Result<Summary, Exit> {
    let (program, console) = (work.program, work.console);
    thread::scope(|scope| {
        let (mut behind, ahead) = Behind::new();
        let writing = scope.spawn(move || ahead.write(program, header, console));
        let planned = match work.done(&mut behind) {
            Ok((summary, calls)) => behind
                .end(summary.clone(), calls)
                .map(|()| summary)
                .map_err(Exit::from),
            Err(error) => {
                drop(behind);
                Err(error)
            }
        };
        let written = writing
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Where its writer has failed, planning knows no more than that.
        written?;
        planned
    })
}
