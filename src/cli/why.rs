//! `why STORE.OBJECT ID`

use std::io::Write;

use serde::Serialize;

use super::exit::{Finished, Outcome};
use super::header::now;
use super::interrupt;
use super::load::Loaded;
use super::options::{Common, Format, RulesPath};
use super::record::RecordName;
use super::shapes::JsonValue;
use crate::ledger::{Effect, Ledger};
use crate::plan::{Decision, PlanError, Sink, Unit, plan};
use crate::program::Program;

/// Explain what the rules decide about one record, and why
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bilateral why marketing.lead 30 --rules rules/crm")]
pub struct Args {
    /// The record's object, with its store
    #[arg(value_name = "STORE.OBJECT")]
    object: String,
    id: String,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    at: RulesPath,
}

/// Collects the decisions; what they come to is among them.
#[derive(Default)]
struct Explanation {
    decisions: Vec<Decision>,
}

impl Sink for Explanation {
    fn unit(&mut self, _unit: &mut Unit) -> Result<(), PlanError> {
        Ok(())
    }
    fn effect(&mut self, _effect: Effect) -> Result<(), PlanError> {
        interrupt::check()
    }
    fn decision(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }
}

#[derive(Serialize)]
struct WhyShape<'a> {
    version: u32,
    store: &'a str,
    object: &'a str,
    id: JsonValue<'a>,
    decisions: Vec<DecisionShape<'a>>,
}

#[derive(Serialize)]
struct DecisionShape<'a> {
    relationship: &'a str,
    text: &'a str,
    rule: Option<String>,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let mut loaded = Loaded::open(args.at.rules.as_deref(), common, &console)?;
    let record = RecordName::parse(&loaded.program, &args.object, &args.id)?;
    let exists = record.exists(&mut loaded.stores)?;
    let ledger = Ledger::open_read(&loaded.ledger.path, &loaded.ledger.identity)?;
    let mut request = loaded.request(now());
    request.explain = Some((record.side, record.object.clone(), record.id.clone()));
    let mut explanation = Explanation::default();
    plan(
        &loaded.program,
        &mut loaded.stores,
        &ledger,
        &request,
        &mut explanation,
    )?;
    let mut out = console.stdout();
    match args.format {
        Format::Json => {
            let shape = WhyShape {
                version: 1,
                store: &loaded.program.stores[record.side.index()].name,
                object: &record.object,
                id: JsonValue(&record.id),
                decisions: shapes(&loaded.program, &explanation.decisions),
            };
            serde_json::to_writer(&mut out, &shape).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Human => {
            writeln!(
                out,
                "{}",
                console.out.strong(&format!("{} {}", args.object, args.id))
            )?;
            let mut last = None;
            for decision in &explanation.decisions {
                if last != Some(decision.relationship) {
                    let name = &loaded.program[decision.relationship].name;
                    writeln!(
                        out,
                        "  {}",
                        console.out.bold(anstyle::AnsiColor::Cyan, name)
                    )?;
                    last = Some(decision.relationship);
                }
                let rule = decision.rule.map(|rule| loaded.program.location(rule));
                let rule = rule.map(|rule| console.out.dim(&format!(" ({rule})")));
                writeln!(out, "    {}{}", decision.text, rule.unwrap_or_default())?;
            }
            if explanation.decisions.is_empty() {
                writeln!(out, "  no relationship of the rules has this object")?;
            }
        }
    }
    out.flush()?;
    Ok(if exists {
        Finished::Done
    } else {
        Finished::Findings
    })
}

fn shapes<'a>(program: &'a Program, decisions: &'a [Decision]) -> Vec<DecisionShape<'a>> {
    decisions
        .iter()
        .map(|decision| DecisionShape {
            relationship: &program[decision.relationship].name,
            text: &decision.text,
            rule: decision.rule.map(|rule| program.location(rule)),
        })
        .collect()
}
