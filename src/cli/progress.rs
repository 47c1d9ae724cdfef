//! How far a long read or apply is: a bar on a terminal, a line every ten seconds elsewhere under `-v`.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;
use super::human::count;
use crate::plan::{Phase, Progress};
use crate::program::Program;

/// Between two lines of a log.
const PAUSE: Duration = Duration::from_secs(10);

pub struct Meter {
    console: Console,
    bar: ProgressBar,
    spoken: Instant,
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
            spoken: Instant::now(),
        }
    }

    /// Planning has come so far.
    pub fn planned(&mut self, program: &Program, progress: &Progress) {
        let store = &program.stores[progress.side.index()].name;
        let relationship = &program[progress.relationship].name;
        let phase = match progress.phase {
            Phase::Match => "reading",
            Phase::Merge => "comparing",
        };
        let what = format!("{relationship}: {phase} {store}");
        self.show(&what, progress.read, progress.total);
    }

    /// So many operations of about so many are written.
    pub fn wrote(&mut self, done: u64, total: u64) {
        self.show("writing", done, Some(total));
    }

    /// Takes the bar away, before anything else is printed.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&mut self, what: &str, done: u64, total: Option<u64>) {
        if self.console.live {
            self.draw(what, done, total);
        } else if self.console.verbose && self.spoken.elapsed() >= PAUSE {
            self.spoken = Instant::now();
            let of = total.map(|total| format!(" of about {}", count(total)));
            let of = of.unwrap_or_default();
            self.console.detail(&format!("{what}, {}{of}", count(done)));
        }
    }

    fn draw(&mut self, what: &str, done: u64, total: Option<u64>) {
        if self.bar.is_finished() {
            self.bar.reset();
        }
        let template = match total {
            Some(_) => "{msg} {bar:30} {human_pos}/{human_len} {eta}",
            None => "{spinner} {msg} {human_pos}",
        };
        if self.bar.length() != total
            && let Ok(style) = ProgressStyle::with_template(template)
        {
            self.bar.set_style(style);
        }
        match total {
            // An estimate may be low; a bar beyond its end would be no help.
            Some(total) => self.bar.set_length(total.max(done)),
            None => self.bar.unset_length(),
        }
        self.bar.set_message(what.to_owned());
        self.bar.set_position(done);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.clear();
    }
}
