//! How far a long read or apply is: a bar on a terminal, a line every ten seconds elsewhere.

use chrono::Utc;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::console::Console;
use super::human::count;
use crate::apply::pace::{Pace, WRITING, phase_of};
use crate::plan::Progress;
use crate::program::Program;

pub struct Meter {
    console: Console,
    bar: ProgressBar,
    pace: Pace,
    phase: String,
}

impl Meter {
    pub fn new(console: Console) -> Meter {
        let bar = if console.live {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8))
        } else {
            ProgressBar::hidden()
        };
        Meter {
            console,
            bar,
            pace: Pace::new(Utc::now()),
            phase: String::new(),
        }
    }

    /// Planning has come so far.
    pub fn planned(&mut self, program: &Program, progress: &Progress) {
        self.show(&phase_of(program, progress), progress.read, progress.total);
    }

    /// So many operations of about so many are written.
    pub fn wrote(&mut self, done: u64, total: u64) {
        self.show(WRITING, done, Some(total));
    }

    /// Takes the bar away, before anything else is printed.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&mut self, phase: &str, done: u64, total: Option<u64>) {
        if self.console.live {
            self.draw(phase, done, total);
        } else if let Some(report) = self.pace.at(Utc::now(), phase, done, total) {
            let mut line = format!("{phase}, {}", count(done));
            if let Some(total) = total {
                line.push_str(&format!(" of about {}", count(total)));
            }
            line.push_str(&format!(", {}/s", count(report.per_second)));
            if let Some(left) = report.left {
                line.push_str(&format!(", about {} s left", count(left)));
            }
            self.console.note(&line);
        }
    }

    fn draw(&mut self, phase: &str, done: u64, total: Option<u64>) {
        let begins = self.bar.is_finished() || self.phase != phase;
        let template = match total {
            Some(_) => "{msg} {bar:30} {human_pos}/{human_len} {rate} {eta}",
            None => "{spinner} {msg} {human_pos} {rate}",
        };
        if (begins || self.bar.length().is_some() != total.is_some())
            && let Ok(style) = ProgressStyle::with_template(template)
        {
            self.bar.set_style(style.with_key("rate", rate));
        }
        if begins {
            phase.clone_into(&mut self.phase);
            self.bar.set_message(phase.to_owned());
            // Its rate and the time left are those of this phase.
            self.bar.reset();
        }
        match total {
            // An estimate may be low; a bar beyond its end would be no help.
            Some(total) => self.bar.set_length(total.max(done)),
            None => self.bar.unset_length(),
        }
        self.bar.set_position(done);
    }
}

/// Whole records: a rate with decimals would flicker.
fn rate(state: &ProgressState, to: &mut dyn std::fmt::Write) {
    // A bar that takes nothing shows nothing.
    let _ = write!(to, "{}/s", HumanCount(state.per_sec() as u64));
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.clear();
    }
}
