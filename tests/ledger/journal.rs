use bilateral::ledger::{BatchState, Effect, NewBatch, RunState};

use super::{Place, at, link, live, text};

pub(super) fn batch(relationship: &str, operations: &[u8]) -> NewBatch {
    NewBatch {
        relationship: relationship.into(),
        count: 3,
        operations: operations.to_vec(),
    }
}

#[test]
fn a_journal_that_was_not_committed_leaves_nothing() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger.begin_run("r", "apply", 0, at(0)).unwrap();
    let generation = ledger.generation().unwrap();
    ledger.journal("r", &batch("Person", b"1")).unwrap();
    drop(ledger);
    let mut ledger = place.open();
    assert_eq!(ledger.batches("r", 0, 10).unwrap(), []);
    assert_eq!(ledger.generation().unwrap(), generation);

    ledger.journal("r", &batch("Person", b"1")).unwrap();
    ledger.commit_journal().unwrap();
    ledger.journal("r", &batch("Person", b"2")).unwrap();
    drop(ledger);
    assert_eq!(place.open().batches("r", 0, 10).unwrap().len(), 1);
}

#[test]
fn batches_are_numbered_on_over_runs_and_openings() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger.begin_run("r", "apply", 0, at(0)).unwrap();
    ledger.begin_run("s", "apply", 0, at(1)).unwrap();
    let mut journal = |run: &str| {
        ledger
            .journal(run, &batch("Person", run.as_bytes()))
            .unwrap()
    };
    assert_eq!([journal("r"), journal("s"), journal("r")], [1, 2, 3]);
    ledger.commit_journal().unwrap();
    assert_eq!(ledger.planned("r", 0, 10).unwrap(), [1, 3]);
    drop(ledger);
    let mut ledger = place.open();
    assert_eq!(ledger.journal("s", &batch("Person", b"s")).unwrap(), 4);
    ledger.drop_journal();
    assert_eq!(ledger.journal("s", &batch("Deal", b"s")).unwrap(), 4);
    ledger.commit_journal().unwrap();
    let batches = ledger.batches("s", 0, 10).unwrap();
    let told: Vec<_> = batches
        .iter()
        .map(|b| (b.number, b.relationship.as_str(), b.count))
        .collect();
    assert_eq!(told, [(2, "Person", 3), (4, "Deal", 3)]);
}

#[test]
fn another_change_commits_the_journal_first() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger.begin_run("r", "apply", 0, at(0)).unwrap();
    ledger.journal("r", &batch("Person", b"1")).unwrap();
    ledger.record(&[link(text("a"), text("b"))]).unwrap();
    drop(ledger);
    assert_eq!(place.open().batches("r", 0, 10).unwrap().len(), 1);
}

#[test]
fn a_batch_of_no_run_is_refused_with_what_was_not_committed() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger.begin_run("r", "apply", 0, at(0)).unwrap();
    ledger.journal("r", &batch("Person", b"1")).unwrap();
    assert!(ledger.journal("nobody's", &batch("Person", b"2")).is_err());
    assert_eq!(ledger.batches("r", 0, 10).unwrap(), []);
    ledger.journal("r", &batch("Person", b"3")).unwrap();
    ledger.commit_journal().unwrap();
    assert_eq!(
        ledger.batches("r", 0, 10).unwrap()[0].relationship,
        "Person"
    );
}

#[test]
fn a_batch_goes_from_planned_to_sent_to_done() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger.begin_run("r", "apply", 0, at(0)).unwrap();
    let numbers = [b"one", b"two", b"six"]
        .map(|operations| ledger.journal("r", &batch("Person", operations)).unwrap());
    ledger.commit_journal().unwrap();
    ledger.sent(numbers[0], None).unwrap();
    ledger.sent(numbers[1], Some(b"as sent")).unwrap();
    ledger
        .complete(
            numbers[1],
            BatchState::Done,
            None,
            b"results",
            &[link(text("a"), text("b"))],
        )
        .unwrap();
    drop(ledger);
    let ledger = place.open();
    let found = ledger.batches("r", 0, 10).unwrap();
    assert_eq!(
        found.iter().map(|batch| batch.number).collect::<Vec<_>>(),
        numbers
    );
    let told: Vec<_> = found
        .iter()
        .map(|batch| (batch.state, &*batch.operations, &*batch.results))
        .collect();
    assert_eq!(
        told,
        [
            (BatchState::Sent, &b"one"[..], &b""[..]),
            (BatchState::Done, &b"as sent"[..], &b"results"[..]),
            (BatchState::Planned, &b"six"[..], &b""[..]),
        ]
    );
    assert_eq!(
        (found[0].relationship.as_str(), found[0].count),
        ("Person", 3)
    );
    assert_eq!(live(&ledger).len(), 1);
    assert_eq!(ledger.batches("r", numbers[0], 1).unwrap(), found[1..2]);
    assert_eq!(ledger.batches("other", 0, 10).unwrap(), []);
}

#[test]
fn results_and_effects_are_one_transaction() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger.begin_run("r", "apply", 0, at(0)).unwrap();
    let number = ledger.journal("r", &batch("Person", b"1")).unwrap();
    ledger.sent(number, None).unwrap();
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute_batch(
        "CREATE TRIGGER refuse BEFORE INSERT ON completed BEGIN SELECT raise(ABORT, 'refused'); END",
    )
    .unwrap();
    let effects = [
        link(text("a"), text("b")),
        Effect::Complete {
            relationship: "Person".into(),
            rules: 7,
        },
    ];
    assert!(
        ledger
            .complete(number, BatchState::Done, None, b"results", &effects)
            .is_err()
    );
    assert_eq!(
        ledger.batches("r", 0, 10).unwrap()[0].state,
        BatchState::Sent
    );
    assert_eq!(live(&ledger), []);
}

#[test]
fn old_runs_lose_their_journal_and_keep_their_row() {
    let place = Place::new();
    let mut ledger = place.open();
    for (run, finished, state) in [
        ("old", 10, BatchState::Done),
        ("unsure", 10, BatchState::Sent),
        ("later", 15, BatchState::Done),
        ("new", 30, BatchState::Done),
    ] {
        ledger.begin_run(run, "apply", 0, at(0)).unwrap();
        let number = ledger.journal(run, &batch("Person", b"1")).unwrap();
        ledger.sent(number, None).unwrap();
        if state == BatchState::Done {
            ledger
                .complete(number, state, None, b"results", &[])
                .unwrap();
        }
        ledger
            .finish_run(run, RunState::Done, "{}", at(finished))
            .unwrap();
    }
    ledger.begin_run("running", "apply", 0, at(0)).unwrap();
    ledger.journal("running", &batch("Person", b"1")).unwrap();
    assert_eq!(ledger.forget_journal(at(20)).unwrap(), 2);
    let kept = ["old", "unsure", "later", "new", "running"]
        .map(|run| ledger.batches(run, 0, 10).unwrap()[0].operations.len());
    assert_eq!(kept, [0, 1, 0, 1, 1]);
    assert_eq!(ledger.runs(10).unwrap().len(), 5);
    assert_eq!(ledger.forget_journal(at(20)).unwrap(), 0);
}
