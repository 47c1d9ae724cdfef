use bilateral::ledger::{Conflict, Effect, Failure, FailureRow, Held, Ledger, Selection};
use bilateral::program::{Direction, Side};
use bilateral::value::Value;
use chrono::{DateTime, Utc};

use super::{Place, at, names, text};

fn held(relationship: &str, direction: Direction, id: Value) -> Held {
    Held {
        relationship: relationship.into(),
        direction,
        object: "lead".into(),
        id,
        missing: names(["company", "e\"mail☃"]).to_vec(),
        because: "company is blank".into(),
        rule: "people.sync:12".into(),
        waits: false,
    }
}

fn failure(id: Value, transient: bool) -> Failure {
    Failure {
        relationship: "Person".into(),
        side: Side::Left,
        object: "lead".into(),
        id,
        field: Some("email".into()),
        code: "UNABLE_TO_LOCK_ROW".into(),
        message: "try later".into(),
        sent: r#"{"Email":"x"}"#.into(),
        rule: "people.sync:4".into(),
        transient,
    }
}

fn conflict(link: i64, field: &str) -> Conflict {
    Conflict {
        relationship: "Person".into(),
        link,
        objects: names(["lead", "Contact"]),
        ids: [Value::Int(link), text(&format!("003-{link}"))],
        field: field.into(),
        left: Value::List(vec![Value::Null, Value::Int(1)].into()),
        right: text("x"),
        because: "both sides changed".into(),
        rule: "people.sync:3".into(),
        frozen: false,
        take: None,
    }
}

fn all() -> Selection {
    Selection::default()
}

fn of(relationship: &str, ids: &[&str]) -> Selection {
    Selection {
        relationship: Some(relationship.into()),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
    }
}

#[test]
fn held_records_are_kept_in_order_and_replaced() {
    let place = Place::new();
    let sorted = [
        held("Company", Direction::Push, text("z")),
        held("Person", Direction::Push, Value::Int(9)),
        held("Person", Direction::Push, text("10")),
        held("Person", Direction::Pull, Value::Int(1)),
    ];
    let shuffled: Vec<Effect> = [3, 1, 0, 2]
        .map(|place: usize| Effect::Hold(sorted[place].clone()))
        .to_vec();
    place.open().record(&shuffled).unwrap();
    let mut ledger = place.open();
    assert_eq!(ledger.held(&all()).unwrap(), sorted);
    assert_eq!(ledger.held(&of("Company", &[])).unwrap(), sorted[..1]);
    assert_eq!(
        ledger.held(&of("Person", &["10", "z"])).unwrap(),
        sorted[2..3]
    );
    assert_eq!(ledger.held(&of("Nobody", &[])).unwrap(), []);

    let replaced = Held {
        because: "another reason".into(),
        missing: vec![],
        ..sorted[1].clone()
    };
    let unhold = Effect::Unhold {
        relationship: "Person".into(),
        direction: Direction::Push,
        object: "lead".into(),
        id: text("10"),
    };
    ledger
        .record(&[Effect::Hold(replaced.clone()), unhold])
        .unwrap();
    assert_eq!(
        ledger.held(&of("Person", &[])).unwrap(),
        [replaced, sorted[3].clone()]
    );
}

fn only_failure(ledger: &Ledger) -> FailureRow {
    let mut rows = ledger.failures(&all()).unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

#[test]
fn a_failure_stays_until_it_is_taken_off() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger.begin_run("r1", "apply", 0, at(0)).unwrap();
    ledger
        .record(&[Effect::Fail(failure(text("a"), false))])
        .unwrap();
    drop(ledger);
    let mut ledger = place.open();
    let row = only_failure(&ledger);
    assert_eq!(
        row,
        FailureRow {
            failure: failure(text("a"), false),
            at: at(0),
            attempts: 1,
            next_try: None,
            retry: false
        }
    );
    ledger
        .record(&[Effect::Unfail {
            relationship: "Person".into(),
            side: Side::Left,
            object: "lead".into(),
            id: text("a"),
        }])
        .unwrap();
    assert_eq!(ledger.failures(&all()).unwrap(), []);
}

#[test]
fn failures_that_pass_are_tried_again_less_and_less_often() {
    let place = Place::new();
    let mut ledger = place.open();
    let mut waited = Vec::new();
    for run in 0..12 {
        let id = run.to_string();
        ledger.begin_run(&id, "apply", 0, at(run)).unwrap();
        ledger
            .record(&[Effect::Fail(failure(text("a"), true))])
            .unwrap();
        let row = only_failure(&ledger);
        assert_eq!((i64::from(row.attempts), row.at), (run + 1, at(run)));
        waited.push(
            row.next_try
                .map(|next: DateTime<Utc>| (next - at(run)).num_minutes()),
        );
        ledger
            .finish_run(&id, bilateral::ledger::RunState::Failed, "{}", at(run))
            .unwrap();
    }
    let minutes = [1, 2, 4, 8, 16, 32, 64, 128, 256].map(Some);
    assert_eq!(waited[..9], minutes);
    assert_eq!(waited[9..], [None; 3]);
}

#[test]
fn fields_that_fail_together_stand_together_and_older_ones_go() {
    let place = Place::new();
    let mut ledger = place.open();
    let field = |name: &str| {
        Effect::Fail(Failure {
            field: Some(name.into()),
            ..failure(text("a"), true)
        })
    };
    let whole = Effect::Fail(Failure {
        field: None,
        ..failure(text("a"), true)
    });
    let listed = |ledger: &Ledger| -> Vec<(String, u32)> {
        let rows = ledger.failures(&all()).unwrap();
        rows.iter()
            .map(|row| {
                (
                    row.failure.field.as_deref().unwrap_or("-").to_owned(),
                    row.attempts,
                )
            })
            .collect()
    };
    ledger.begin_run("r1", "apply", 0, at(0)).unwrap();
    ledger.record(&[field("email")]).unwrap();
    ledger.record(&[field("phone")]).unwrap();
    assert_eq!(
        listed(&ledger),
        [("email".to_owned(), 1), ("phone".to_owned(), 1)]
    );
    ledger.begin_run("r2", "apply", 0, at(1)).unwrap();
    ledger.record(&[field("phone"), field("size")]).unwrap();
    assert_eq!(
        listed(&ledger),
        [("phone".to_owned(), 2), ("size".to_owned(), 2)]
    );
    ledger
        .finish_run("r2", bilateral::ledger::RunState::Failed, "{}", at(1))
        .unwrap();
    ledger.record(&[whole]).unwrap();
    assert_eq!(listed(&ledger), [("-".to_owned(), 3)]);
}

#[test]
fn failures_are_retried_and_dismissed_by_choice() {
    let place = Place::new();
    let mut ledger = place.open();
    let fail = |id| Effect::Fail(failure(id, false));
    ledger
        .record(&[fail(text("a")), fail(Value::Int(5)), fail(text("c"))])
        .unwrap();
    assert_eq!(ledger.retry(&of("Person", &["5", "nobody"])).unwrap(), 1);
    assert_eq!(ledger.retry(&of("Company", &[])).unwrap(), 0);
    let marked: Vec<bool> = ledger
        .failures(&all())
        .unwrap()
        .iter()
        .map(|row| row.retry)
        .collect();
    assert_eq!(marked, [true, false, false]);
    ledger.record(&[fail(Value::Int(5))]).unwrap();
    assert!(!ledger.failures(&of("Person", &["5"])).unwrap()[0].retry);
    assert_eq!(ledger.dismiss(&of("Person", &["a"])).unwrap(), 1);
    assert_eq!(ledger.dismiss(&all()).unwrap(), 2);
    assert_eq!(ledger.failures(&all()).unwrap(), []);
}

#[test]
fn conflicts_are_kept_replaced_and_settled() {
    let place = Place::new();
    let kept = [conflict(1, ""), conflict(1, "email"), conflict(2, "email")];
    place
        .open()
        .record(&kept.clone().map(Effect::Conflict))
        .unwrap();
    let mut ledger = place.open();
    assert_eq!(ledger.conflicts(&all()).unwrap(), kept);
    assert_eq!(
        ledger.conflicts(&of("Person", &["003-1"])).unwrap(),
        kept[..2]
    );
    assert_eq!(ledger.conflicts(&of("Person", &["2"])).unwrap(), kept[2..]);
    assert_eq!(ledger.conflicts_of(&[2, 7]).unwrap(), kept[2..]);

    let newer = Conflict {
        left: Value::Absent,
        ..kept[1].clone()
    };
    ledger.record(&[Effect::Conflict(newer.clone())]).unwrap();
    assert_eq!(
        ledger.conflicts_of(&[1]).unwrap(),
        [kept[0].clone(), newer.clone()]
    );
    let settle = |field: Option<&str>| Effect::Settle {
        link: 1,
        field: field.map(Into::into),
    };
    ledger.record(&[settle(Some(""))]).unwrap();
    assert_eq!(ledger.conflicts_of(&[1]).unwrap(), [newer]);
    ledger.record(&[settle(None)]).unwrap();
    assert_eq!(ledger.conflicts(&all()).unwrap(), kept[2..]);
}

#[test]
fn conflicts_are_taken_and_frozen_ones_released() {
    let place = Place::new();
    let mut ledger = place.open();
    let frozen = Conflict {
        frozen: true,
        ..conflict(2, "email")
    };
    ledger
        .record(&[
            Effect::Conflict(conflict(1, "email")),
            Effect::Conflict(frozen.clone()),
        ])
        .unwrap();
    assert_eq!(ledger.take(&all(), Side::Right).unwrap(), 1);
    let taken = Conflict {
        take: Some(Side::Right),
        ..conflict(1, "email")
    };
    assert_eq!(ledger.conflicts(&all()).unwrap(), [taken.clone(), frozen]);
    assert_eq!(ledger.release(&of("Person", &["1"])).unwrap(), 0);
    assert_eq!(ledger.release(&all()).unwrap(), 1);
    assert_eq!(ledger.conflicts(&all()).unwrap(), [taken]);
}

#[test]
fn what_is_to_be_planned_again_is_named_once() {
    use bilateral::ledger::Revisit;
    let place = Place::new();
    let mut ledger = place.open();
    let revisit = |side, object: &str, id: Value| Revisit {
        side,
        object: object.into(),
        id,
    };
    let wait = |revisit: Revisit| Effect::Wait {
        relationship: "Person".into(),
        revisit,
    };
    let waiting = |direction, id: Value| {
        Effect::Hold(Held {
            waits: true,
            ..held("Person", direction, id)
        })
    };
    ledger.begin_run("r", "apply", 0, at(0)).unwrap();
    ledger
        .record(&[
            Effect::Hold(held("Person", Direction::Push, text("held only"))),
            waiting(Direction::Push, text("a")),
            waiting(Direction::Pull, text("b")),
            wait(revisit(Side::Left, "lead", text("a"))),
            wait(revisit(Side::Right, "Contact", Value::Int(3))),
            wait(revisit(Side::Right, "Contact", Value::Int(3))),
            Effect::Fail(failure(text("passing"), true)),
            Effect::Fail(failure(text("lasting"), false)),
            Effect::Conflict(conflict(8, "email")),
            Effect::Conflict(conflict(9, "email")),
        ])
        .unwrap();
    let found = |ledger: &Ledger, minutes| {
        let mut ids: Vec<String> = ledger
            .revisits("Person", at(minutes))
            .unwrap()
            .iter()
            .map(|revisit| format!("{:?} {} {}", revisit.side, revisit.object, revisit.id))
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(
        found(&ledger, 0),
        ["Left lead a", "Right Contact 3", "Right lead b"]
    );
    assert_eq!(
        found(&ledger, 1),
        [
            "Left lead a",
            "Left lead passing",
            "Right Contact 3",
            "Right lead b"
        ]
    );
    ledger.retry(&of("Person", &["lasting"])).unwrap();
    ledger.take(&of("Person", &["9"]), Side::Left).unwrap();
    let unwait = Effect::Unwait {
        relationship: "Person".into(),
        revisit: revisit(Side::Right, "Contact", Value::Int(3)),
    };
    ledger.record(&[unwait]).unwrap();
    assert_eq!(
        found(&ledger, 0),
        [
            "Left lead 9",
            "Left lead a",
            "Left lead lasting",
            "Right Contact 003-9",
            "Right lead b"
        ]
    );
    assert_eq!(ledger.revisits("Company", at(9)).unwrap(), []);
}
