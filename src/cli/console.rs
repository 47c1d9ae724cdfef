//! Where words go: results to standard output, everything else to standard error; colour only on a terminal.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::exit::Exit;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// How a run speaks.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    pub out: Paint,
    pub err: Paint,
    pub quiet: bool,
    pub verbose: bool,
    pub log: LogFormat,
    /// Standard error is a terminal that a person reads: bars may move there.
    pub live: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Info,
    Warning,
    Error,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    level: Level,
    message: &'a str,
    /// What belongs to the message, by name.
    #[serde(flatten)]
    fields: BTreeMap<&'static str, serde_json::Value>,
}

impl Console {
    pub fn new(color: ColorChoice, quiet: bool, verbose: bool, log: LogFormat) -> Console {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let paint = |terminal: bool| Paint {
            color: match color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => terminal && !no_color,
            },
        };
        let err = io::stderr().is_terminal();
        Console {
            out: paint(io::stdout().is_terminal()),
            err: paint(err && log == LogFormat::Text),
            quiet,
            verbose,
            log,
            live: err && !quiet && log == LogFormat::Text,
        }
    }

    /// Standard output, buffered and locked; flush it at the end.
    pub fn stdout(&self) -> BufWriter<StdoutLock<'static>> {
        BufWriter::with_capacity(64 * 1024, io::stdout().lock())
    }

    /// What helps but is no result.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.say(Level::Info, text);
        }
    }
    /// What only `-v` asks for.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.say(Level::Info, text);
        }
    }
    pub fn failure(&self, exit: &Exit) {
        if exit.message.is_empty() {
            return;
        }
        let text = match self.log {
            LogFormat::Text => format!("{} {exit}", self.err.bold(AnsiColor::Red, "error:")),
            LogFormat::Json => exit.message.clone(),
        };
        self.say(Level::Error, &text);
    }
    /// A finding that is drawn already.
    pub fn finding(&self, level: Level, text: &str) {
        self.say(level, text.trim_end());
    }

    /// A line of a log: a message and what belongs to it.
    pub fn log(&self, level: Level, message: &str, fields: &[(&'static str, serde_json::Value)]) {
        if self.log == LogFormat::Json {
            self.line(level, message, fields.iter().cloned().collect());
            return;
        }
        let mut text = match level {
            Level::Info => message.to_owned(),
            Level::Warning => format!("{} {message}", self.err.bold(AnsiColor::Yellow, "warning:")),
            Level::Error => format!("{} {message}", self.err.bold(AnsiColor::Red, "error:")),
        };
        for (name, value) in fields {
            let value = match value {
                serde_json::Value::String(value) => value.clone(),
                value => value.to_string(),
            };
            text.push_str(&format!(" · {} {value}", self.err.dim(name)));
        }
        self.line(level, &text, BTreeMap::new());
    }

    fn say(&self, level: Level, text: &str) {
        self.line(level, text, BTreeMap::new());
    }

    fn line(&self, level: Level, text: &str, fields: BTreeMap<&'static str, serde_json::Value>) {
        // Standard error that takes nothing leaves nobody to tell.
        let _ = match self.log {
            LogFormat::Text => writeln!(io::stderr().lock(), "{text}"),
            LogFormat::Json => {
                let line = Line {
                    time: crate::value::format_instant(chrono::Utc::now()),
                    level,
                    message: text,
                    fields,
                };
                match serde_json::to_string(&line) {
                    Ok(line) => writeln!(io::stderr().lock(), "{line}"),
                    Err(_) => Ok(()),
                }
            }
        };
    }
}

/// Colours a text, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    pub color: bool,
}

impl Paint {
    pub fn paint(self, color: AnsiColor, text: &str) -> String {
        self.style(Style::new().fg_color(Some(color.into())), text)
    }
    pub fn bold(self, color: AnsiColor, text: &str) -> String {
        self.style(Style::new().bold().fg_color(Some(color.into())), text)
    }
    pub fn strong(self, text: &str) -> String {
        self.style(Style::new().bold(), text)
    }
    pub fn dim(self, text: &str) -> String {
        self.style(Style::new().dimmed(), text)
    }
    fn style(self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}
