//! What a command takes: wall time, CPU time, memory. The latter two as Linux tells them while it runs; elsewhere nothing.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::Outcome;

#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    /// Seconds.
    pub wall: f64,
    /// Seconds of all threads together.
    pub cpu: f64,
    /// The most memory, in KiB.
    pub peak: u64,
}

/// The process is asked about so often: what it did since is left out.
const STEP: Duration = Duration::from_millis(2);

/// What Linux counts CPU time in, a second.
const TICKS: f64 = 100.0;

/// Runs it to its end.
///
/// # Errors
/// It can't be started, or fails.
pub fn measured(mut run: Command) -> Outcome<Measured> {
    let begun = Instant::now();
    let mut child = run.spawn()?;
    let folder = format!("/proc/{}", child.id());
    let mut took = Measured::default();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if let Ok(stat) = std::fs::read_to_string(format!("{folder}/stat")) {
            took.cpu = cpu(&stat).unwrap_or(took.cpu);
        }
        if let Ok(status) = std::fs::read_to_string(format!("{folder}/status")) {
            took.peak = peak(&status).unwrap_or(took.peak);
        }
        thread::sleep(STEP);
    };
    took.wall = begun.elapsed().as_secs_f64();
    match status.success() {
        true => Ok(took),
        false => Err(format!("{:?} ended with {status}", run.get_program()).into()),
    }
}

/// User and system time, the 14th and 15th of its numbers; the second one, a name in brackets, may hold blanks.
fn cpu(stat: &str) -> Option<f64> {
    let mut numbers = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || numbers.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / TICKS)
}

fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

pub fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
