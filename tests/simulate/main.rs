//! The engine's guarantees (docs/engine.md), each broken on purpose where that is possible: random programs, worlds, edits and faults,
//! every history deterministic from its seed. `SIMULATE=from-to` runs other seeds than the ordinary ones, `SIMULATE=seed` one.

mod cases;
mod faults;
mod history;
mod kill;
mod random;
mod templates;
mod users;
mod world;

use history::History;
use world::{Verdict, World};

/// A history and, where only its runs are disturbed, the same one undisturbed: both must end alike (I5).
fn judge(history: &History) -> Verdict {
    let mut world = World::new(history);
    world.run()?;
    if history.resumes {
        let mut twin = World::new(&history.undisturbed());
        twin.run().map_err(|e| format!("undisturbed: {e}"))?;
        let (result, expected) = (world.result(), twin.result());
        if result != expected {
            return Err(format!(
                "I5: the result is\n{}\nand undisturbed it is\n{}",
                result.join("\n"),
                expected.join("\n")
            ));
        }
    }
    Ok(())
}

/// The smallest history found that breaks a promise too.
fn shrink(history: History, why: String) -> (History, String) {
    let (mut history, mut why) = (history, why);
    let mut left = 120;
    'smaller: loop {
        for smaller in history.smaller() {
            left -= 1;
            if left == 0 {
                return (history, why);
            }
            if let Err(reason) = judge(&smaller) {
                (history, why) = (smaller, reason);
                continue 'smaller;
            }
        }
        return (history, why);
    }
}

fn seeds() -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("SIMULATE") else {
        return 0..112;
    };
    let number = |text: &str| text.parse().expect("SIMULATE is a seed, or from-to");
    match text.split_once('-') {
        Some((from, to)) => number(from)..number(to),
        None => number(&text)..number(&text) + 1,
    }
}

/// The seeds of one share of the tests that run side by side.
fn share(which: u64) {
    let mut broken = Vec::new();
    for seed in seeds().filter(|seed| seed % 2 == which) {
        let history = History::new(seed);
        if let Err(why) = judge(&history) {
            let (small, why) = shrink(history, why);
            broken.push(format!("seed {seed}: {small}{why}\n"));
            if broken.len() >= 3 {
                break;
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn what_must_hold_holds_in_random_histories_even() {
    share(0);
}

#[test]
fn what_must_hold_holds_in_random_histories_odd() {
    share(1);
}
