use bilateral::ledger::{
    DaemonLock, Effect, Failure, Held, LaneOutcome, LaneRun, Ledger, LedgerError, ListCounts,
};
use bilateral::program::{Direction, Side};

use super::{Place, at, demo, text};

fn lane(name: &str, minute: i64) -> LaneRun {
    LaneRun {
        lane: name.into(),
        anchor: at(0),
        started_at: at(minute),
        ended_at: Some(at(minute + 1)),
        failures: 2,
        outcome: Some(LaneOutcome::Guard),
        message: "too many".into(),
    }
}

#[test]
fn the_last_run_of_each_lane_is_kept_and_no_plan_is_stale_for_it() {
    let place = Place::new();
    let mut ledger = place.open();
    let generation = ledger.generation().unwrap();
    for outcome in LaneOutcome::ALL {
        let outcome = Some(outcome);
        let run = LaneRun {
            outcome,
            ..lane("every 5m sync Person", 3)
        };
        ledger.set_lane(&run).unwrap();
        assert_eq!(ledger.lanes().unwrap(), [run]);
    }
    let going = LaneRun {
        ended_at: None,
        outcome: None,
        ..lane("cron \"* * * * *\" sync Person", 4)
    };
    ledger.set_lane(&going).unwrap();
    assert_eq!(ledger.generation().unwrap(), generation);
    drop(ledger);
    let lanes = place.open().lanes().unwrap();
    assert_eq!(lanes.len(), 2);
    assert_eq!(lanes[0], going);
}

#[test]
fn a_daemon_keeps_another_one_away_and_nobody_else() {
    let place = Place::new();
    let first = DaemonLock::take(&place.path()).unwrap();
    assert!(matches!(
        DaemonLock::take(&place.path()),
        Err(LedgerError::Held { .. })
    ));
    drop(Ledger::open(&place.path(), &demo()).unwrap());
    drop(first);
    DaemonLock::take(&place.path()).unwrap();
}

#[test]
fn entries_are_counted_and_the_next_retry_is_known() {
    let place = Place::new();
    let mut ledger = place.open();
    let failure = |id: &str, transient: bool| {
        Effect::Fail(Failure {
            relationship: "Person".into(),
            side: Side::Left,
            object: "lead".into(),
            id: text(id),
            field: None,
            code: "busy".into(),
            message: "locked".into(),
            sent: "{}".into(),
            rule: "people.sync:3".into(),
            transient,
        })
    };
    let held = Effect::Hold(Held {
        relationship: "Person".into(),
        direction: Direction::Push,
        object: "lead".into(),
        id: text("3"),
        missing: vec!["company".into()],
        because: "company is missing".into(),
        rule: "people.sync:4".into(),
        waits: false,
    });
    assert_eq!(ledger.list_counts("Person").unwrap(), ListCounts::default());
    assert_eq!(ledger.next_retry(&["Person"]).unwrap(), None);
    ledger.begin_run("r1", "apply", 0, at(0)).unwrap();
    ledger
        .record(&[failure("1", true), failure("2", false), held])
        .unwrap();
    let counts = ledger.list_counts("Person").unwrap();
    assert_eq!((counts.held, counts.errors, counts.conflicts), (1, 2, 0));
    assert_eq!(ledger.list_counts("Other").unwrap(), ListCounts::default());
    let retry = ledger.next_retry(&["Other", "Person"]).unwrap();
    assert!(retry.is_some_and(|retry| retry > at(0)), "{retry:?}");
    assert_eq!(ledger.next_retry(&["Other"]).unwrap(), None);
}
