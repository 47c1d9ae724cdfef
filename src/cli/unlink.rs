//! `unlink REL ID`

use std::io::Write;

use super::exit::{Cause, Exit, Finished, Outcome};
use super::load::Loaded;
use super::only;
use super::options::{Common, RulesPath};
use super::record::id_value;
use super::run::Ask;
use crate::ledger::{Effect, Ledger, Link};
use crate::program::{Relationship, Side};

/// Keep two records in step no longer: shown first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bilateral unlink Lead 00Q000000000001EAA --yes")]
pub struct Args {
    /// The relationship
    #[arg(value_name = "REL")]
    relationship: String,
    /// The id of either record
    id: String,
    /// Do it without a question
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    at: RulesPath,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let loaded = Loaded::open(args.at.rules.as_deref(), common, &console)?;
    let id = only::relationship(&loaded.program, &args.relationship)?;
    let relationship = &loaded.program[id];
    let mut ledger = Ledger::open(&loaded.ledger.path, &loaded.ledger.identity)?;
    let links = links(relationship, &args.id, &ledger)?;
    if links.is_empty() {
        return Err(Exit::new(
            Cause::Failed,
            format!(
                "no link of {} has the record `{}`",
                relationship.name, args.id
            ),
        ));
    }
    let mut out = console.stdout();
    for link in &links {
        writeln!(
            out,
            "unlink {} {} and {} {}",
            link.objects[0], link.ids[0], link.objects[1], link.ids[1]
        )?;
    }
    out.flush()?;
    if !Ask::new(args.yes).answer("Unlink?")? {
        console.note("nothing was written: `--yes` does it");
        return Ok(Finished::Done);
    }
    let effects: Vec<Effect> = links
        .iter()
        .map(|link| Effect::Remove { link: link.number })
        .collect();
    ledger.record(&effects)?;
    writeln!(
        out,
        "unlinked: a match key may link them again when one of them changes"
    )?;
    out.flush()?;
    Ok(Finished::Done)
}

/// The live links that have a record of this id on either side.
fn links(relationship: &Relationship, id: &str, ledger: &Ledger) -> Result<Vec<Link>, Exit> {
    let mut found: Vec<Link> = Vec::new();
    for side in Side::BOTH {
        for object in &relationship.sides[side.index()].objects {
            let Ok(id) = id_value(object, id) else {
                continue;
            };
            for (_, link) in ledger.links(&relationship.name, side, &[id])? {
                let known = found.iter().any(|other| other.number == link.number);
                if !link.closed && !known && link.objects[side.index()] == object.name {
                    found.push(link);
                }
            }
        }
    }
    Ok(found)
}
