//! The command `bilateral`: one file per command, and what they share.

mod apply;
mod behind;
mod calls;
mod completions;
mod conflicts;
mod console;
mod demo;
mod doc;
mod errors;
mod exit;
mod explain;
#[cfg(test)]
mod fixture;
mod fmt;
mod forms;
mod header;
mod held;
mod history;
mod html;
mod human;
mod init;
mod interrupt;
mod json;
mod link;
mod lint;
mod lists;
mod load;
mod man;
mod only;
mod options;
mod pairs;
mod plan;
mod progress;
mod record;
mod run;
mod saved;
mod schema;
mod schema_diff;
mod send;
mod serve;
mod shapes;
mod spool;
mod status;
mod tee;
mod test;
mod undo;
mod unlink;
mod whole_file;
mod why;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use exit::{Cause, Outcome};
use options::Common;

/// Keeps the records of two systems in step, as rule files say.
///
/// Exit codes: 0 done; 1 findings or failed records; 2 changes are pending (plan --detailed-exitcode); 64 wrong usage; 65 the rules do
/// not check; 66 a file is missing; 69 a store cannot be reached; 75 another engine holds the ledger; 78 the configuration is wrong;
/// 130 interrupted.
#[derive(Debug, Parser)]
#[command(
    name = "bilateral",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Demo(demo::Args),
    Lint(lint::Args),
    Fmt(fmt::Args),
    Schema(schema::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Held(held::Args),
    Errors(errors::Args),
    Conflicts(conflicts::Args),
    History(history::Args),
    Send(send::Args),
    Serve(serve::Args),
    Why(why::Args),
    Undo(undo::Args),
    Link(link::Args),
    Unlink(unlink::Args),
    Test(test::Args),
    Doc(doc::Args),
    Status(status::Args),
    Explain(explain::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let console = cli.common.console();
    match run(&cli) {
        Ok(finished) => finished.into(),
        Err(exit) => {
            console.failure(&exit);
            ExitCode::from(exit.cause.code())
        }
    }
}

fn run(cli: &Cli) -> Outcome {
    let common = &cli.common;
    interrupt::listen(stops_by_itself(&cli.command))?;
    match &cli.command {
        Command::Init(args) => init::run(args, common),
        Command::Demo(args) => demo::run(args, common),
        Command::Lint(args) => lint::run(args, common),
        Command::Fmt(args) => fmt::run(args, common),
        Command::Schema(args) => schema::run(args, common),
        Command::Plan(args) => plan::run(args, common),
        Command::Apply(args) => apply::run(args, common),
        Command::Held(args) => held::run(args, common),
        Command::Errors(args) => errors::run(args, common),
        Command::Conflicts(args) => conflicts::run(args, common),
        Command::History(args) => history::run(args, common),
        Command::Send(args) => send::run(args, common),
        Command::Serve(args) => serve::run(args, common),
        Command::Why(args) => why::run(args, common),
        Command::Undo(args) => undo::run(args, common),
        Command::Link(args) => link::run(args, common),
        Command::Unlink(args) => unlink::run(args, common),
        Command::Test(args) => test::run(args, common),
        Command::Doc(args) => doc::run(args, common),
        Command::Status(args) => status::run(args, common),
        Command::Explain(args) => explain::run(args, common),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args, common),
    }
}

/// Commands that look up from their work to see whether they are to stop.
fn stops_by_itself(command: &Command) -> bool {
    matches!(
        command,
        Command::Plan(_)
            | Command::Apply(_)
            | Command::Send(_)
            | Command::Serve(_)
            | Command::Undo(_)
            | Command::Demo(_)
            | Command::Why(_)
    )
}

/// What the parser of the command line has to say: help and version are results, the rest is wrong usage.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell when even this can't be printed.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(Cause::Usage.code()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn each_command_shows_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                help.contains("bilateral "),
                "`{}` has no example",
                command.get_name()
            );
        }
    }
}
