//! Single promises of the engine's writing and reading, each with the history that breaks it most easily.

use bilateral::ledger::Selection;
use bilateral::program::Side;
use bilateral::value::Value;
use chrono::TimeDelta;

use super::faults::{Fault, Moment};
use super::history::{Edit, History, Step};
use super::judge;
use super::templates::TEMPLATES;
use super::world::{End, World};

fn history(template: &str, steps: Vec<Step>) -> History {
    let template = TEMPLATES.iter().find(|t| t.name == template);
    History {
        template: template.unwrap(),
        overlap: 1000,
        skew: 0,
        page: 4,
        batch: 3,
        steps,
        resumes: true,
    }
}

fn world(template: &str) -> World {
    World::new(&history(template, Vec::new()))
}

fn make(side: usize, mark: usize) -> Edit {
    Edit::Make {
        pair: 0,
        side,
        mark,
        value: mark * 10,
    }
}

fn change(side: usize, field: usize, value: usize) -> Edit {
    Edit::Change {
        pair: 0,
        side,
        nth: 0,
        field,
        value,
        blank: false,
    }
}

impl World {
    fn edit(&mut self, edit: Edit) {
        self.advance(TimeDelta::minutes(2));
        self.users.edit(&edit);
    }

    fn go(&mut self) {
        self.advance(TimeDelta::minutes(2));
        self.clean_run().unwrap();
    }

    fn names(&self, mark: &str) -> [String; 2] {
        let [left, right] = self.couple(0, mark).unwrap();
        [left["name"].to_string(), right["Name"].to_string()]
    }
}

#[track_caller]
fn stopped(end: End) {
    assert!(
        matches!(end, End::Stopped(why) if why == "the store is away"),
        "the store is down, and the run does not say so"
    );
}

#[test]
fn a_field_that_turns_a_fourth_time_in_a_day_is_frozen_until_it_is_released() {
    let mut world = world("two-way with preferences");
    world.edit(make(0, 1));
    world.go();
    let original = world.names("m1")[0].clone();
    let row = world.users.rows(1, "Contact").remove(0);
    // The right side's other writer sets one value, the left side's the other.
    for turn in 0..3 {
        let (side, value) = [(1, "other"), (0, original.as_str())][turn % 2];
        let (object, field) = [("person", "name"), ("Contact", "Name")][side];
        let id = if side == 1 {
            row["Id"].clone()
        } else {
            Value::Int(1)
        };
        world.advance(TimeDelta::minutes(2));
        let fields = [(field.into(), Value::Text(value.into()))];
        assert!(
            world.users.stores[side]
                .update(object, &id, &fields)
                .unwrap()
        );
        world.go();
        assert_eq!(world.names("m1"), [value, value], "turn {turn}");
    }
    let fields = [("name".into(), Value::Text(original.as_str().into()))];
    world.advance(TimeDelta::minutes(2));
    world.users.stores[0]
        .update("person", &Value::Int(1), &fields)
        .unwrap();
    world.go();
    world.go();
    assert_eq!(world.names("m1"), [original.as_str(), "other"]);
    let conflicts = world.reader().conflicts(&Selection::default()).unwrap();
    assert_eq!(conflicts.len(), 1);
    assert!(conflicts[0].frozen);
    assert_eq!(conflicts[0].field, "name");
    // Other fields cross meanwhile.
    world.edit(change(0, 1, 77));
    world.go();
    let [left, right] = world.couple(0, "m1").unwrap();
    assert_eq!(left["city"], right["City"]);
    assert_eq!(world.names("m1"), [original.as_str(), "other"]);

    assert_eq!(world.ledger().release(&Selection::default()).unwrap(), 1);
    world.go();
    assert_eq!(world.names("m1"), [original.as_str(), original.as_str()]);
    assert!(
        world
            .reader()
            .conflicts(&Selection::default())
            .unwrap()
            .is_empty()
    );
    assert!(
        world
            .reader()
            .revisits("Person", chrono::Utc::now())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn the_same_turns_on_several_days_are_no_loop() {
    let mut world = world("two-way with preferences");
    world.edit(make(0, 1));
    world.go();
    for turn in 0..8 {
        world.advance(TimeDelta::hours(9));
        let fields = [("name".into(), Value::Text(["a", "b"][turn % 2].into()))];
        world.users.stores[0]
            .update("person", &Value::Int(1), &fields)
            .unwrap();
        world.go();
    }
    assert_eq!(world.names("m1"), ["b", "b"]);
}

#[test]
fn a_store_that_is_down_stops_its_own_part_and_loses_nothing() {
    let mut world = world("two-way with preferences");
    for mark in 1..=3 {
        world.edit(make(0, mark));
        world.edit(make(1, mark + 3));
    }
    // Both directions have something to do; batches of one, so that each stands for itself.
    let cursors = |world: &World| {
        world
            .reader()
            .cursor("Person", Side::Left, "person")
            .unwrap()
    };
    stopped(world.disturbed(&[Fault::Down(Side::Right, 1)]));
    assert!(cursors(&world).is_none(), "the cursor moved");
    world.advance(TimeDelta::minutes(2));
    world.until_quiet(false).unwrap();
    assert_eq!(world.users.rows(0, "person").len(), 6);
    assert_eq!(world.users.rows(1, "Contact").len(), 6);
    assert!(cursors(&world).is_some());
}

#[test]
fn what_does_not_need_the_store_that_is_down_is_done() {
    let mut world = world("references that hold");
    // A company goes left, a person that refers to nothing goes right.
    world.edit(make(1, 1));
    world.edit(Edit::Make {
        pair: 1,
        side: 0,
        mark: 2,
        value: 5,
    });
    stopped(world.disturbed(&[Fault::Down(Side::Right, 1)]));
    assert_eq!(world.users.rows(0, "company").len(), 1);
    assert_eq!(world.users.rows(1, "Contact").len(), 0);
    world.until_quiet(false).unwrap();
    assert_eq!(world.users.rows(1, "Contact").len(), 1);
}

#[test]
fn what_passes_is_tried_again_by_itself_a_little_later_each_time() {
    let mut world = world("two-way with preferences");
    world.edit(make(0, 1));
    // A later record takes the cursor past the one that is refused.
    world.edit(make(0, 2));
    let refused = [Fault::Refuse {
        nth: 1,
        transient: true,
    }];
    let attempts = |world: &World| {
        let all = world.reader().failures(&Selection::default()).unwrap();
        all.iter().map(|f| f.attempts).max().unwrap_or(0)
    };
    world.advance(TimeDelta::minutes(2));
    world.disturbed(&refused);
    assert_eq!(attempts(&world), 1);
    // Too soon.
    world.advance(TimeDelta::seconds(30));
    world.disturbed(&refused);
    assert_eq!(attempts(&world), 1);
    world.advance(TimeDelta::seconds(31));
    world.disturbed(&refused);
    assert_eq!(attempts(&world), 2);
    // Two minutes after the second attempt.
    world.advance(TimeDelta::seconds(61));
    world.disturbed(&refused);
    assert_eq!(attempts(&world), 2);
    world.advance(TimeDelta::seconds(61));
    world.go();
    assert_eq!(attempts(&world), 0);
    assert_eq!(world.users.rows(1, "Contact").len(), 2);
}

#[test]
fn a_stamp_in_the_future_hides_nothing_that_comes_later() {
    let mut world = world("two-way with preferences");
    world.edit(make(0, 1));
    world.edit(make(0, 2));
    world.edit(Edit::Future {
        pair: 0,
        side: 0,
        nth: 1,
    });
    world.go();
    world.edit(change(0, 0, 500));
    world.edit(make(0, 3));
    world.go();
    assert_eq!(world.names("m1"), ["v500", "v500"]);
    assert_eq!(world.users.rows(1, "Contact").len(), 3);
}

/// Identical records, numbered by their store: nothing tells them apart but the order of things.
#[test]
fn no_kill_makes_one_of_several_identical_records_twice_or_not_at_all() {
    for moment in [Moment::BeforeWrite, Moment::AfterWrite, Moment::Settled] {
        for nth in 1..=6 {
            let mut steps: Vec<Step> = (1..=8).map(|mark| Step::Edit(make(0, mark))).collect();
            steps.push(Step::Run(vec![Fault::Kill(moment, nth)]));
            steps.push(Step::Run(vec![Fault::Kill(moment, nth)]));
            let verdict = judge(&history("create once", steps));
            assert_eq!(verdict, Ok(()), "{moment:?} {nth}");
        }
    }
}

#[test]
fn a_record_that_is_changed_after_a_lost_answer_is_not_made_twice_and_keeps_the_change() {
    let mut world = world("numbered on both sides");
    world.edit(make(0, 1));
    assert!(matches!(
        world.disturbed(&[Fault::Kill(Moment::AfterWrite, 1)]),
        End::Killed
    ));
    world.edit(change(1, 0, 900));
    world.until_quiet(false).unwrap();
    assert_eq!(world.names("m1"), ["v900", "v900"]);
}

#[test]
fn a_write_whose_answer_was_lost_does_not_hide_an_edit_of_another_field() {
    let mut world = world("two-way with preferences");
    world.edit(make(0, 1));
    world.go();
    world.edit(change(0, 0, 700));
    assert!(matches!(
        world.disturbed(&[Fault::Kill(Moment::AfterWrite, 1)]),
        End::Killed
    ));
    world.edit(change(1, 1, 800));
    world.until_quiet(false).unwrap();
    let [left, right] = world.couple(0, "m1").unwrap();
    assert_eq!(left["city"].to_string(), "v800");
    assert_eq!(right["Name"].to_string(), "v700");
}

#[test]
fn a_failure_that_comes_back_stays_on_the_list() {
    let refuse = |nth| {
        Step::Run(vec![Fault::Refuse {
            nth,
            transient: true,
        }])
    };
    let steps = vec![
        Step::Edit(make(1, 1)),
        Step::Edit(make(0, 2)),
        refuse(2),
        refuse(1),
    ];
    assert_eq!(judge(&history("deletes in both directions", steps)), Ok(()));
}

#[test]
fn a_first_read_after_a_crash_ends_no_link() {
    let mut world = world("deletes in both directions");
    world.edit(make(1, 1));
    assert!(matches!(
        world.disturbed(&[Fault::Kill(Moment::Settled, 1)]),
        End::Killed
    ));
    world.go();
    world.edit(change(0, 0, 600));
    world.until_quiet(false).unwrap();
    assert_eq!(world.names("m1"), ["v600", "v600"]);
}

#[test]
fn a_chain_of_references_goes_over_in_one_run() {
    let mut world = world("a self reference or null");
    for mark in 1..=12 {
        world.edit(make(0, mark));
    }
    for nth in 1..12 {
        world.edit(Edit::Change {
            pair: 0,
            side: 0,
            nth,
            field: 1,
            value: nth - 1,
            blank: false,
        });
    }
    world.go();
    let parents = world.users.rows(1, "Contact");
    let set = parents.iter().filter(|r| !r["Parent"].is_null()).count();
    assert_eq!((parents.len(), set), (12, 11));
}

#[test]
fn a_conflict_at_the_first_sync_is_listed_for_each_record() {
    let mut world = world("conflicts for people");
    for mark in 1..=3 {
        world.edit(make(0, mark));
        world.edit(Edit::Make {
            pair: 0,
            side: 1,
            mark,
            value: 100 + mark,
        });
    }
    world.go();
    let conflicts = world.reader().conflicts(&Selection::default()).unwrap();
    assert_eq!(conflicts.len(), 3);
    assert!(conflicts.iter().all(|c| c.link > 0));
}
