use bilateral::ledger::{Run, RunState};

use super::{Place, at};

#[test]
fn runs_are_listed_newest_first() {
    let place = Place::new();
    let mut ledger = place.open();
    let states = [RunState::Done, RunState::Failed, RunState::Interrupted];
    for (id, state) in ["r1", "r2", "r3"].into_iter().zip(states) {
        ledger.begin_run(id, "apply", 0, at(0)).unwrap();
        assert_eq!(
            ledger.unfinished().unwrap().map(|run| run.state),
            Some(RunState::Running)
        );
        ledger
            .finish_run(id, state, r#"{"Person":{}}"#, at(5))
            .unwrap();
    }
    drop(ledger);
    let ledger = place.open();
    let run = |id: &str, state| Run {
        rules: 0,
        id: id.into(),
        command: "apply".into(),
        started_at: at(0),
        finished_at: Some(at(5)),
        state,
        summary: r#"{"Person":{}}"#.into(),
    };
    assert_eq!(
        ledger.runs(2).unwrap(),
        [run("r3", states[2]), run("r2", states[1])]
    );
    assert_eq!(ledger.run("r1").unwrap(), Some(run("r1", states[0])));
    assert_eq!(ledger.run("r9").unwrap(), None);
    assert_eq!(ledger.unfinished().unwrap(), None);
}

#[test]
fn a_run_that_was_killed_is_found_and_goes_on() {
    let place = Place::new();
    place.open().begin_run("r1", "apply", 0, at(0)).unwrap();
    let mut ledger = place.open();
    let killed = ledger.unfinished().unwrap().unwrap();
    assert_eq!((killed.id.as_str(), killed.finished_at), ("r1", None));
    ledger.begin_run("r1", "apply", 0, at(9)).unwrap();
    assert_eq!(ledger.unfinished().unwrap().unwrap().started_at, at(0));
    ledger
        .finish_run("r1", RunState::Done, "{}", at(10))
        .unwrap();
    assert_eq!(ledger.runs(9).unwrap().len(), 1);
    assert_eq!(ledger.unfinished().unwrap(), None);
}
