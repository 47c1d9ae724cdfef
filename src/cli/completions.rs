//! `completions SHELL`

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;

use super::exit::{Finished, Outcome};

/// Print the completions of a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bilateral completions bash > ~/.local/share/bash-completion/completions/bilateral"
)]
pub struct Args {
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: &Args) -> Outcome {
    // `generate` panics where the output is closed: into memory first.
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut super::Cli::command(),
        "bilateral",
        &mut script,
    );
    io::Write::write_all(&mut io::stdout().lock(), &script)?;
    Ok(Finished::Done)
}
