//! `man [COMMAND…]`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::exit::{Exit, Finished, Outcome};
use super::human::counted;
use super::only::unknown;
use super::options::Common;
use super::whole_file;

/// Print the manual page of bilateral or of one of its commands
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral man | man -l -\n  bilateral man schema pull | man -l -\n  bilateral man --dir ~/.local/share/man/man1"
)]
pub struct Args {
    /// The command [default: bilateral itself]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write one page for each command into this folder instead
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let mut bilateral = super::Cli::command().disable_help_subcommand(true);
    bilateral.build();
    let console = common.console();
    let mut out = console.stdout();
    match &args.dir {
        Some(folder) => {
            let pages = write_all(&bilateral, folder)?;
            let pages = counted(pages as u64, "page");
            writeln!(out, "{}: {pages}", folder.display())?;
        }
        None => {
            let mut command = &bilateral;
            for name in &args.command {
                let inner = command.get_subcommands();
                command = command.find_subcommand(name).ok_or_else(|| {
                    unknown("command", name, inner.map(|command| command.get_name()))
                })?;
            }
            out.write_all(&page(command)?)?;
        }
    }
    out.flush()?;
    Ok(Finished::Done)
}

/// Writes the pages of a command and of all in it; how many there are.
fn write_all(bilateral: &Command, folder: &Path) -> Result<usize, Exit> {
    std::fs::create_dir_all(folder).map_err(|error| Exit::writing(folder, &error))?;
    let mut waiting = vec![bilateral];
    let mut pages = 0;
    while let Some(command) = waiting.pop() {
        let name = format!("{}.1", full_name(command));
        let page = String::from_utf8_lossy(&page(command)?).into_owned();
        whole_file::write(&folder.join(name), &page)?;
        pages += 1;
        waiting.extend(command.get_subcommands());
    }
    Ok(pages)
}

/// `bilateral-schema-pull`
fn full_name(command: &Command) -> &str {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
}

/// One page: what help says, with the examples as they are typed, and where to read on.
fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let version = command.get_version().unwrap_or_default();
    let man = Man::new(command.clone())
        .source(format!("bilateral {version}"))
        .manual("bilateral");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let commands: Vec<&Command> = command.get_subcommands().collect();
    if !commands.is_empty() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut roff = Roff::new();
    examples(command, &mut roff);
    see_also(command, &commands, &mut roff);
    roff.to_writer(&mut page)?;
    Ok(page)
}

/// What stands under `Example:` or `Examples:` in the help line by line, and the rest as text.
fn examples(command: &Command, roff: &mut Roff) {
    let Some(help) = command.get_after_help() else {
        return;
    };
    let help = help.to_string();
    let (typed, told) = help.split_once("\n\n").unwrap_or((&help, ""));
    let mut lines = typed.lines();
    let title = lines.next().unwrap_or_default().trim_end_matches(':');
    roff.control("SH", [title.to_uppercase().as_str()]);
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line.trim())]);
    }
    roff.control("fi", []);
    if !told.is_empty() {
        roff.control("SH", ["NOTES"]);
        roff.text([roman(told.replace('\n', " "))]);
    }
}

/// The page above, and those of the commands in this one.
fn see_also(command: &Command, commands: &[&Command], roff: &mut Roff) {
    let name = full_name(command);
    let above = name.rsplit_once('-').map(|(above, _)| above);
    let inner = commands.iter().map(|command| full_name(command));
    let names: Vec<&str> = above.into_iter().chain(inner).collect();
    if names.is_empty() {
        return;
    }
    roff.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        if place > 0 {
            line.push(roman(", "));
        }
        line.extend([bold(name), roman("(1)")]);
    }
    roff.text(line);
}
