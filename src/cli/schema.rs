//! `schema pull`, `schema diff`

use std::io::Write;

use super::exit::{Cause, Exit, Finished, Outcome};
use super::load::{Configuration, Place, Rules, schema_file};
use super::options::{Common, Format, RulesPath};
use super::schema_diff;
use super::whole_file;
use crate::schema::yaml::suggest;
use crate::schema::{refine, write_file};

/// The schema files, schema/STORE.yaml: write each store's objects and fields to them, or tell what has changed since
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral schema pull --rules rules/crm\n  bilateral schema diff --rules rules/crm"
)]
pub struct Args {
    #[command(flatten)]
    at: RulesPath,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Read the stores and write their schema files
    Pull,
    /// Tell what has changed in the stores since, and which rules that breaks
    Diff {
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    match args.action {
        Action::Pull => pull(args, common),
        Action::Diff { format } => {
            let place = Place::find(args.at.rules.as_deref(), common.stores.as_deref())?;
            schema_diff::run(place, format, common)
        }
    }
}

fn pull(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let place = Place::find(args.at.rules.as_deref(), common.stores.as_deref())?;
    let configuration = Configuration::read(&place)?;
    let rules = Rules::read(&place, &common.set)?;
    // The stores that the rules name, or all where they name none yet.
    let names = match rules.pair(Some(&configuration.store_names())) {
        Some(pair) => pair.to_vec(),
        None => configuration.store_names(),
    };
    let mut files = Vec::new();
    for name in names {
        let Some(mut store) = configuration.open(&name)? else {
            return Err(unknown_store(&name, &configuration));
        };
        let mut schema = store.describe().map_err(|error| Exit::store(&error))?;
        // What somebody wrote into the file that the store can't tell itself stays there.
        if let Some(file) = schema_file(&place, &name)? {
            refine(&mut schema, &file);
        }
        files.push((name, write_file(&schema), schema.objects.len()));
    }
    let folder = place.folder().join("schema");
    std::fs::create_dir_all(&folder).map_err(|error| Exit::writing(&folder, &error))?;
    let mut out = console.stdout();
    for (name, text, objects) in files {
        let path = folder.join(format!("{name}.yaml"));
        whole_file::write(&path, &text)?;
        let objects = super::human::counted(objects as u64, "object");
        writeln!(out, "{}: {objects}", path.display())?;
    }
    out.flush()?;
    Ok(Finished::Done)
}

/// The rules name a store that stores.yaml does not have.
pub(super) fn unknown_store(name: &str, configuration: &Configuration) -> Exit {
    let names = configuration.store_names();
    let known: Vec<&str> = names.iter().map(|n| n.as_str()).collect();
    Exit::new(
        Cause::Rules,
        format!(
            "the rules name the store `{name}`, which stores.yaml does not have; {}",
            suggest(name, &known)
        ),
    )
}
