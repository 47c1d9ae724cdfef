//! What runs when.

use std::sync::{Arc, Mutex};

use bilateral::ledger::{LaneOutcome, Ledger};
use bilateral::program::Program;
use bilateral::serve::Level;
use bilateral::store::config::Guards;
use bilateral::value::Value;
use chrono::TimeDelta;

use super::world::*;

const CORE: &str = "every 20m sync Person, Order";
const FAST: &str = "every 2m push Person";
const TRIGGERS: &str = "triggers";

fn two_lanes() -> Home {
    Home::new(&format!("{PERSON}{ORDER}{CORE}\n{FAST}\n"))
}

fn person(world: &Fake, number: u32) {
    let (id, email) = (format!("l{number}"), format!("{number}@x.org"));
    world.add(
        0,
        "lead",
        &[("id", &id), ("email", &email), ("name", "Ada")],
    );
}

#[test]
fn lanes_run_at_their_own_pace() {
    let mut home = two_lanes();
    let life = home.live(0, 3600, Vec::new());
    // Each within a tenth of its interval, at most half a minute.
    let core = life.runs_of(CORE);
    assert_eq!(core.len(), 3, "{core:?}");
    assert_eq!(core[0], 0);
    for (place, began) in core.iter().enumerate().skip(1) {
        let nominal = 1200 * place as i64;
        assert!((nominal..nominal + 30).contains(began), "{core:?}");
    }
    let fast = life.runs_of(FAST);
    assert_eq!(fast.len(), 30, "{fast:?}");
    for (place, began) in fast.iter().enumerate().skip(1) {
        let nominal = 120 * place as i64;
        assert!((nominal..nominal + 12).contains(began), "{fast:?}");
    }
    let spread: std::collections::BTreeSet<i64> = fast
        .iter()
        .enumerate()
        .map(|(place, began)| began - 120 * place as i64)
        .collect();
    assert!(spread.len() > 3, "not always the same: {spread:?}");
}

#[test]
fn a_lane_runs_its_relationships_its_way() {
    let mut home = Home::new(&format!("{PERSON}{ORDER}every 2m push Person\n"));
    let life = home.live(
        0,
        300,
        vec![(
            10,
            Box::new(|world| {
                person(world, 1);
                world.add(0, "order", &[("id", "o1"), ("number", "7")]);
                world.add(1, "Contact", &[("id", "c1"), ("mail", "z@x.org")]);
            }),
        )],
    );
    assert_eq!(life.runs_of(FAST).len(), 3);
    assert_eq!(home.rows(1, "Contact"), 2, "pushed");
    assert_eq!(home.rows(0, "lead"), 1, "not pulled");
    assert_eq!(home.rows(1, "Order"), 0, "another relationship");
}

#[test]
fn what_a_sleeping_machine_missed_runs_once() {
    let mut home = two_lanes();
    let sleep: i64 = 8 * 3600;
    let life = home.live(
        0,
        600 + sleep + 600,
        vec![(
            600,
            Box::new(move |world| world.sleep(TimeDelta::seconds(sleep))),
        )],
    );
    let after = |lane: &str| {
        life.runs_of(lane)
            .iter()
            .filter(|at| **at >= 600 + sleep)
            .count()
    };
    assert_eq!(after(CORE), 1);
    // One for what was missed, one for each of its times since.
    assert!((5..=6).contains(&after(FAST)), "{:?}", life.runs_of(FAST));
}

#[test]
fn a_new_daemon_goes_on_where_the_one_before_was() {
    let mut home = two_lanes();
    home.live(0, 300, Vec::new());
    let life = home.live(310, 900, Vec::new());
    assert_eq!(life.runs_of(CORE), [0i64; 0], "it ran five minutes ago");
    let fast = life.runs_of(FAST);
    assert!((360..372).contains(&fast[0]), "{fast:?}");
    // And one that comes late runs what was missed.
    let life = home.live(5000, 5010, Vec::new());
    assert_eq!(life.runs_of(CORE), [5000]);
    assert_eq!(life.runs_of(FAST), [5000]);
}

#[test]
fn runs_that_did_nothing_leave_the_history_alone() {
    let mut home = two_lanes();
    let life = home.live(0, 1000, vec![(300, Box::new(|world| person(world, 1)))]);
    assert_eq!(life.board.read().runs.len(), 1);
    let ledger = Ledger::open_read(&home.ledger(), &identity()).unwrap();
    let lanes = ledger.lanes().unwrap();
    assert_eq!(lanes.len(), 2);
    assert!(
        lanes
            .iter()
            .all(|lane| lane.outcome == Some(LaneOutcome::Done))
    );
}

#[test]
fn a_change_in_a_store_that_tells_runs_triggers_at_once() {
    let trigger = "trigger made on create lead { push Person }\n";
    let mut home = Home::new(&format!("{PERSON}{trigger}every 1d sync Person\n"));
    let life = home.live(0, 3600, vec![(100, Box::new(|world| person(world, 1)))]);
    let runs = life.runs_of(TRIGGERS);
    assert!(runs.contains(&100), "{runs:?}");
    assert_eq!(life.runs_of("every 1d sync Person"), [0]);
    assert_eq!(home.rows(1, "Contact"), 1);
    // What it wrote is followed by one more run, which has nothing to do; then it is quiet.
    assert!(runs.len() <= 5, "{runs:?}");
}

#[test]
fn a_store_that_no_trigger_watches_runs_nothing() {
    let trigger = "trigger made on create lead { push Person }\n";
    let mut home = Home::new(&format!("{PERSON}{trigger}"));
    let life = home.live(
        0,
        600,
        vec![(
            100,
            Box::new(|world| world.add(1, "Contact", &[("id", "c1"), ("mail", "z@x.org")])),
        )],
    );
    assert!(!life.runs_of(TRIGGERS).contains(&100), "{:?}", life.runs);
}

#[test]
fn a_guard_stops_its_lane_only_and_until_it_is_dealt_with() {
    let mut home = two_lanes();
    // A first run links enough for the limits to count.
    home.live(0, 10, Vec::new());
    for number in 0..50 {
        let (id, email) = (format!("l{number}"), format!("{number}@x.org"));
        home.stores[0]
            .insert(
                "lead",
                &[
                    ("id".into(), Value::Text(id.into())),
                    ("email".into(), Value::Text(email.into())),
                ],
            )
            .unwrap();
    }
    let orders = "every 5m sync Order";
    *home.rules.text.lock().unwrap() =
        format!("{SYNC}{PERSON}{ORDER}every 2m sync Person\n{orders}\n");
    let life = home.live(
        100,
        1000,
        vec![(
            400,
            Box::new(|world| world.add(0, "order", &[("id", "o1"), ("number", "7")])),
        )],
    );
    let lane = "every 2m sync Person";
    let outcomes = life.outcomes_of(lane);
    assert!(
        outcomes.len() > 5 && outcomes.iter().all(|o| *o == "guard"),
        "{outcomes:?}"
    );
    assert!(life.outcomes_of(orders).iter().all(|o| *o == "done"));
    assert_eq!(home.rows(1, "Order"), 1);
    assert_eq!(home.rows(1, "Contact"), 0);
    let text = life.metrics(1000);
    assert!(
        text.contains("bilateral_runs_total{lane=\"every 2m sync Person\",outcome=\"guard\"}"),
        "{text}"
    );
    // Dealt with: the limits are others now.
    home.rules.options.guards = Guards::default();
    home.rules.options.allow_large = true;
    let life = home.live(1100, 1300, Vec::new());
    assert!(life.outcomes_of(lane).iter().all(|o| *o == "done"));
    assert_eq!(home.rows(1, "Contact"), 50);
}

#[test]
fn a_ledger_that_another_command_holds_is_waited_for() {
    let mut home = two_lanes();
    let path = home.ledger();
    let held: Arc<Mutex<Option<Ledger>>> = Arc::new(Mutex::new(None));
    let (take, give) = (Arc::clone(&held), held);
    let life = home.live(
        0,
        400,
        vec![
            (
                60,
                Box::new(move |_| {
                    *take.lock().unwrap() = Some(Ledger::open(&path, &identity()).unwrap());
                }),
            ),
            (200, Box::new(move |_| drop(give.lock().unwrap().take()))),
        ],
    );
    let fast = life.runs_of(FAST);
    // The one of 120 waited until 200; the one of 240 had its time.
    assert_eq!(fast.len(), 4, "{fast:?}");
    assert!((200..203).contains(&fast[1]), "{fast:?}");
    assert!((240..253).contains(&fast[2]), "{fast:?}");
    assert!(life.outcomes_of(FAST).iter().all(|o| *o == "done"));
    let told = life.said.of(Level::Info);
    let waits = told
        .iter()
        .filter(|m| m.contains("held by another command"));
    assert_eq!(waits.count(), 1, "{told:?}");
}

#[test]
fn changed_rules_are_taken_over_when_they_check() {
    let mut home = two_lanes();
    let text = Arc::clone(&home.rules.text);
    let broken = Arc::clone(&text);
    let life = home.live(
        0,
        1000,
        vec![
            (
                100,
                Box::new(move |_| {
                    *broken.lock().unwrap() = format!("{SYNC}{PERSON}every 1m sync Persn\n");
                }),
            ),
            (
                500,
                Box::new(move |_| {
                    *text.lock().unwrap() = format!("{SYNC}{PERSON}every 1m sync Person\n");
                }),
            ),
        ],
    );
    // The old ones went on meanwhile.
    let fast = life.runs_of(FAST);
    assert!(fast.iter().any(|at| (300..500).contains(at)), "{fast:?}");
    assert!(fast.iter().all(|at| *at <= 503), "{fast:?}");
    let new = life.runs_of("every 1m sync Person");
    assert!((500..504).contains(&new[0]), "{new:?}");
    let errors = life.said.of(Level::Error);
    assert_eq!(errors.len(), 1, "once, not at every look: {errors:?}");
    let text = life.metrics(1000);
    assert!(
        text.contains("bilateral_reloads_total{outcome=\"refused\"} 1"),
        "{text}"
    );
    assert!(
        text.contains("bilateral_reloads_total{outcome=\"taken\"} 1"),
        "{text}"
    );
    assert!(text.contains("bilateral_rules_refused 0"), "{text}");
    assert_eq!(life.board.read().rules.refused, None);
}

#[test]
fn refused_rules_are_told_until_they_are_mended() {
    let mut home = two_lanes();
    let text = Arc::clone(&home.rules.text);
    let life = home.live(
        0,
        200,
        vec![(
            100,
            Box::new(move |_| *text.lock().unwrap() = "sync left wiht right".into()),
        )],
    );
    assert!(life.board.read().rules.refused.is_some());
    assert!(life.metrics(200).contains("bilateral_rules_refused 1"));
}

#[test]
fn a_daemon_that_is_stopped_parks_its_run_and_the_next_one_goes_on() {
    let mut home = two_lanes();
    for number in 0..20 {
        let email = format!("{number}@x.org");
        let value = Value::Text(email.into());
        home.stores[0]
            .insert("lead", &[("email".into(), value)])
            .unwrap();
    }
    // The clock is asked once for a turn and once for its run, which is stopped as it begins.
    let life = home.live_with(0, 600, Vec::new(), Some(2));
    assert_eq!(life.outcomes_of(CORE), ["interrupted"]);
    assert_eq!(home.rows(1, "Contact"), 0);
    assert!(life.board.read().stopping);
    let life = home.live(20, 30, Vec::new());
    assert_eq!(life.runs_of(CORE), [20], "at once, not in twenty minutes");
    assert_eq!(life.outcomes_of(CORE), ["done"]);
    assert_eq!(home.rows(1, "Contact"), 20);
}

#[test]
fn rules_without_anything_to_run_are_told() {
    let life = Home::new(PERSON).live(0, 100, Vec::new());
    assert_eq!(life.runs, []);
    let warned = life.said.of(Level::Warning);
    assert!(warned[0].contains("nothing runs by itself"), "{warned:?}");
}

#[test]
fn the_metrics_tell_how_far_behind_a_relationship_is() {
    let mut home = two_lanes();
    let life = home.live(0, 900, Vec::new());
    let text = life.metrics(900);
    for store in ["left", "right"] {
        // Only the lane that goes both ways reads a store whole.
        let line = format!("bilateral_lag_seconds{{relationship=\"Order\",store=\"{store}\"}} 900");
        assert!(text.contains(&line), "{text}");
    }
    assert!(text.contains("bilateral_run_seconds_count{lane=\"every 2m push Person\"}"));
    assert!(text.contains("bilateral_store_calls_total{store=\"left\"}"));
    assert!(text.contains("bilateral_links{relationship=\"Person\"} 0"));
}

/// The names of lanes are the schedules of the program.
#[test]
fn a_lane_is_called_as_its_line_says() {
    let rules = format!(
        "{PERSON}every   1200s sync   Person\ncron \"*/5  * * * *\" pull Person in \"Europe/Berlin\"\nevery 20m sync Person\n"
    );
    let mut home = Home::new(&rules);
    let program: Program = bilateral::serve::Origin::load(&mut home.rules)
        .ok()
        .unwrap()
        .program;
    let names: Vec<&str> = program.schedules.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "every 20m sync Person",
            "cron \"*/5 * * * *\" pull Person in \"Europe/Berlin\""
        ]
    );
}
