//! The lists of held and failed records.

use bilateral::apply::{self, ApplyError};
use bilateral::ledger::{Effect, Held, Ledger};
use bilateral::plan::{PlanError, Sink, Summary};
use bilateral::program::Direction;
use bilateral::value::Value;
use smol_str::SmolStr;

use super::world::{Shown, World};

#[test]
fn what_a_plan_lists_stays_listed_whatever_another_part_of_it_takes_off() {
    let world = World::new(
        "CREATE TABLE lead(id INTEGER PRIMARY KEY, name TEXT);",
        "CREATE TABLE Lead(Id TEXT PRIMARY KEY, Name TEXT);",
        "sync left with right\nrelationship Lead: lead -> Lead {\n match name = Name\n name -> Name\n}",
    );
    let record = |id: i64| (SmolStr::from("Lead"), SmolStr::from("lead"), Value::Int(id));
    let held = |id| {
        let (relationship, object, id) = record(id);
        Held {
            relationship,
            direction: Direction::Push,
            object,
            id,
            missing: vec!["name".into()],
            because: "`name` is empty".to_owned(),
            rule: "rules.sync:2".to_owned(),
            waits: false,
        }
    };
    let unhold = |id| {
        let (relationship, object, id) = record(id);
        Effect::Unhold {
            relationship,
            direction: Direction::Push,
            object,
            id,
        }
    };
    let run = |feed: &dyn Fn(&mut dyn Sink) -> Result<(), PlanError>, refuse: bool| {
        let mut stores = world.stores();
        let program = world.program(&mut stores);
        let mut ledger = Ledger::open(&world.ledger_path(), &World::identity()).unwrap();
        apply::run_saved(
            &program,
            &mut stores,
            &mut ledger,
            &World::request(),
            &World::options(),
            &mut Shown {
                refuse,
                ..Shown::default()
            },
            &mut |sink| feed(sink).map(|()| Summary::new(&program)),
        )
        .map(drop)
    };
    let apply = |feed: &dyn Fn(&mut dyn Sink) -> Result<(), PlanError>| run(feed, false).unwrap();
    let ids = || -> Vec<Value> { world.held().into_iter().map(|held| held.id).collect() };
    apply(&|sink| (1..=3).try_for_each(|id| sink.held(held(id), false)));
    assert_eq!(ids(), [1, 2, 3].map(Value::Int));
    apply(&|sink| {
        sink.effect(unhold(1))?;
        sink.effect(unhold(2))?;
        sink.held(held(2), false)?;
        sink.held(held(3), false)?;
        sink.effect(unhold(3))
    });
    assert_eq!(ids(), [2, 3].map(Value::Int));
    let declined = run(&|sink| sink.held(held(4), false), true);
    assert!(matches!(declined, Err(ApplyError::Declined)));
    assert_eq!(
        ids(),
        [2, 3].map(Value::Int),
        "what is not applied lists nothing"
    );
}
