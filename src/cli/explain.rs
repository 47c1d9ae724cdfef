//! `explain CODE|NAME`

use std::io::Write;

use super::exit::{Finished, Outcome};
use super::only::unknown;
use super::options::Common;
use crate::diagnostic::Page;
use crate::lint;

/// Print the page of a finding: what it is, why it is bad, a bad and a good example
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  bilateral explain E302\n  bilateral explain wrong-direction")]
pub struct Args {
    #[arg(value_name = "CODE|NAME")]
    code: String,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let Some(page) = lint::page(&args.code) else {
        return Err(missing(&args.code));
    };
    let mut out = common.console().stdout();
    write!(out, "{page}")?;
    out.flush()?;
    Ok(Finished::Done)
}

fn missing(code: &str) -> super::exit::Exit {
    let names = lint::pages().map(|page: &Page| page.code.name);
    unknown("finding", code, names)
}
