//! What every command takes (interfaces, "Common flags").

use std::path::PathBuf;

use clap::Args;

use super::console::{ColorChoice, Console, LogFormat};

#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// The stores' configuration [default: stores.yaml in the rules' folder or the nearest parent]
    #[arg(long, global = true, value_name = "FILE")]
    pub stores: Option<PathBuf>,
    /// Override a `let` of the rules; VALUE is an expression, or else text. May be repeated
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<Setting>,
    /// The ledger, a file or `sqlite:FILE` [default: `ledger:` of stores.yaml, else .bilateral/ledger.db beside it]
    #[arg(long, global = true, value_name = "URL")]
    pub ledger: Option<String>,
    /// Colours: auto is on a terminal, and off where NO_COLOR is set
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub color: ColorChoice,
    /// Results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More about what goes on
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// What standard error carries: text, or one JSON object a line
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub log_format: LogFormat,
}

impl Common {
    pub fn console(&self) -> Console {
        Console::new(self.color, self.quiet, self.verbose, self.log_format)
    }
}

/// `--set NAME=VALUE`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

fn setting(text: &str) -> Result<Setting, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok(Setting {
            name: name.trim().to_owned(),
            value: value.to_owned(),
        }),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// The format of a list or a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    #[default]
    Human,
    Json,
}

/// Where the rules are, for commands whose own arguments are something else.
#[derive(Debug, Args)]
pub struct RulesPath {
    /// The program: a folder or a .sync file [default: `rules` beside stores.yaml, else the current folder]
    #[arg(long, global = true, value_name = "PATH")]
    pub rules: Option<PathBuf>,
}

/// A list of the ledger: of which records, and in which form.
#[derive(Debug, Args)]
pub struct Listed {
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    #[command(flatten)]
    pub at: RulesPath,
}

/// Which entries of a list are meant: all, those of a relationship, or those of some of its records.
#[derive(Debug, Args)]
pub struct Which {
    /// A relationship [default: all]
    #[arg(value_name = "REL")]
    pub relationship: Option<String>,
    /// Ids of its records, of either side [default: all]
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_name_and_all_after_the_first_equals_sign() {
        let parsed = setting("WHO=a=b").unwrap();
        assert_eq!(
            (parsed.name.as_str(), parsed.value.as_str()),
            ("WHO", "a=b")
        );
        assert_eq!(setting("WHO=").unwrap().value, "");
        assert!(setting("WHO").is_err());
        assert!(setting("=1").is_err());
    }
}
