use bilateral::ledger::{Cursor, Effect};
use bilateral::program::{Direction, Side};
use bilateral::value::Value;

use super::{Place, at, text};

#[test]
fn cursors_are_kept_per_relationship_side_and_object() {
    let place = Place::new();
    let cursor = |stamp| Cursor {
        stamp,
        read_at: at(3),
    };
    let set = |side, object: &str, cursor: Cursor| Effect::Cursor {
        relationship: "Person".into(),
        side,
        object: object.into(),
        cursor,
    };
    place
        .open()
        .record(&[
            set(Side::Right, "Contact", cursor(Value::Instant(at(1)))),
            set(Side::Right, "Lead", cursor(Value::Int(5))),
            set(Side::Right, "Lead", cursor(Value::Int(6))),
        ])
        .unwrap();
    let ledger = place.open();
    let of = |relationship, side, object| ledger.cursor(relationship, side, object).unwrap();
    assert_eq!(
        of("Person", Side::Right, "Contact"),
        Some(cursor(Value::Instant(at(1))))
    );
    assert_eq!(
        of("Person", Side::Right, "Lead"),
        Some(cursor(Value::Int(6)))
    );
    assert_eq!(of("Person", Side::Left, "Lead"), None);
    assert_eq!(of("Company", Side::Right, "Lead"), None);
}

#[test]
fn a_complete_run_is_remembered() {
    let place = Place::new();
    let complete = Effect::Complete {
        relationship: "Person".into(),
        rules: u64::MAX,
    };
    assert_eq!(place.open().completed_rules("Person").unwrap(), None);
    place.open().record(&[complete.clone(), complete]).unwrap();
    assert_eq!(
        place.open().completed_rules("Person").unwrap(),
        Some(u64::MAX)
    );
    assert_eq!(place.open().completed_rules("Company").unwrap(), None);
}

#[test]
fn what_was_made_once_is_remembered_for_ever() {
    let place = Place::new();
    let once = |id| Effect::Once {
        relationship: "Task".into(),
        direction: Direction::Push,
        id,
    };
    place
        .open()
        .record(&[once(Value::Int(1)), once(Value::Int(1)), once(text("b"))])
        .unwrap();
    let ledger = place.open();
    let ids = [Value::Int(1), text("1"), text("b"), text("c")];
    let made = |relationship, direction| ledger.made_once(relationship, direction, &ids).unwrap();
    assert_eq!(made("Task", Direction::Push), [true, false, true, false]);
    assert_eq!(made("Task", Direction::Pull), [false; 4]);
    assert_eq!(made("Person", Direction::Push), [false; 4]);
}

#[test]
fn round_robins_go_on_where_they_were() {
    let place = Place::new();
    place
        .open()
        .record(&[
            Effect::RoundRobin { number: 0, next: 2 },
            Effect::RoundRobin {
                number: 1,
                next: u64::MAX,
            },
            Effect::RoundRobin { number: 0, next: 3 },
        ])
        .unwrap();
    let ledger = place.open();
    assert_eq!(
        [0, 1, 2].map(|number| ledger.round_robin(number).unwrap()),
        [3, u64::MAX, 0]
    );
}
