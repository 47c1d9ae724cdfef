use bilateral::ledger::{Conflict, Effect, Link, Selection};
use bilateral::program::Side;
use bilateral::value::Value;
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{Place, at, link, live, names, partners, text};

#[test]
fn a_link_is_found_from_both_sides_and_after_reopening() {
    let place = Place::new();
    let expected = Link {
        number: 1,
        ids: [Value::Int(i64::MAX), text("003Ünïcode☃")],
        objects: names(["lead", "Contact"]),
        stamps: [Value::Instant(at(1)), Value::Int(7)],
        base: Box::from(*b"base"),
        closed: false,
    };
    place
        .open()
        .record(&[link(Value::Int(i64::MAX), text("003Ünïcode☃"))])
        .unwrap();
    let ledger = place.open();
    for side in Side::BOTH {
        let ids = [text("nobody"), expected.ids[side.index()].clone()];
        assert_eq!(
            ledger.links("Person", side, &ids).unwrap(),
            [(1, expected.clone())]
        );
        assert_eq!(ledger.links("Other", side, &ids).unwrap(), []);
    }
    assert_eq!(live(&ledger), [expected]);
}

#[test]
fn ids_of_different_kinds_are_different() {
    let place = Place::new();
    let mut ledger = place.open();
    let kinds = [
        Value::Int(1),
        text("1"),
        text("01"),
        text(""),
        text("a\0b"),
        text("A"),
        text("a"),
        text("é"),
        text("e\u{301}"),
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::Int(9_007_199_254_740_993),
        Value::Int(9_007_199_254_740_992),
        text("9007199254740993"),
        Value::Decimal(Decimal::new(15, 1)),
        Value::Date(NaiveDate::from_ymd_opt(2024, 6, 1).unwrap()),
        Value::Instant(at(0)),
        Value::Null,
    ];
    let effects: Vec<Effect> = kinds
        .iter()
        .enumerate()
        .map(|(place, id)| link(id.clone(), Value::Int(place as i64)))
        .collect();
    ledger.record(&effects).unwrap();
    for (place, id) in kinds.iter().enumerate() {
        assert_eq!(
            partners(&ledger, Side::Left, id.clone()),
            [Value::Int(place as i64)],
            "{id:?}"
        );
        assert_eq!(
            partners(&ledger, Side::Right, Value::Int(place as i64)),
            std::slice::from_ref(id)
        );
    }
    assert_eq!(
        partners(&ledger, Side::Left, Value::Decimal(Decimal::new(150, 2))),
        [Value::Int(14)]
    );
}

#[test]
fn many_records_can_share_a_partner() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger
        .record(&[
            link(text("o1"), text("c")),
            link(text("o2"), text("c")),
            link(text("o3"), text("d")),
        ])
        .unwrap();
    assert_eq!(
        partners(&ledger, Side::Right, text("c")),
        [text("o1"), text("o2")]
    );
}

#[test]
fn touching_changes_only_what_is_given() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger
        .record(&[link(text("a"), text("b")), link(text("c"), text("d"))])
        .unwrap();
    let before = live(&ledger);
    let touch = |stamps, base| Effect::Touch {
        link: 1,
        stamps,
        base,
    };
    ledger.record(&[touch([None, None], None)]).unwrap();
    assert_eq!(live(&ledger), before);
    ledger
        .record(&[touch([None, Some(Value::Null)], None)])
        .unwrap();
    assert_eq!(
        live(&ledger)[0].stamps,
        [Value::Instant(at(1)), Value::Null]
    );
    assert_eq!(live(&ledger)[0].base, before[0].base);
    ledger
        .record(&[touch([Some(text("v2")), None], Some(Box::from(*b"")))])
        .unwrap();
    assert_eq!(live(&ledger)[0].stamps, [text("v2"), Value::Null]);
    assert!(live(&ledger)[0].base.is_empty());
    assert_eq!(live(&ledger)[1], before[1]);
}

#[test]
fn a_moved_link_is_found_under_its_new_record_only() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger
        .record(&[link(text("a"), text("00Q")), conflict(1)])
        .unwrap();
    ledger
        .record(&[Effect::Move {
            link: 1,
            side: Side::Right,
            object: "Account".into(),
            id: text("003"),
            stamp: Value::Null,
            base: Box::from(*b""),
        }])
        .unwrap();
    assert_eq!(partners(&ledger, Side::Right, text("00Q")), []);
    assert_eq!(partners(&ledger, Side::Right, text("003")), [text("a")]);
    let moved = &live(&ledger)[0];
    assert_eq!(moved.objects, names(["lead", "Account"]));
    assert_eq!(moved.stamps, [Value::Instant(at(1)), Value::Null]);
    assert!(moved.base.is_empty());
    let conflict = &ledger.conflicts_of(&[1]).unwrap()[0];
    assert_eq!(
        (&conflict.ids[1], conflict.objects[1].as_str()),
        (&text("003"), "Account")
    );
}

#[test]
fn a_closed_link_is_a_tombstone_until_it_is_linked_anew() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger
        .record(&[
            link(text("a"), text("b")),
            link(text("c"), text("d")),
            conflict(1),
        ])
        .unwrap();
    ledger.record(&[Effect::Close { link: 1 }]).unwrap();
    assert_eq!(ledger.conflicts(&Selection::default()).unwrap(), []);
    assert_eq!(ledger.live_links("Person").unwrap(), 1);
    assert_eq!(
        live(&ledger)
            .iter()
            .map(|link| link.number)
            .collect::<Vec<_>>(),
        [2]
    );
    let found = ledger.links("Person", Side::Left, &[text("a")]).unwrap();
    assert!(found[0].1.closed);

    ledger.record(&[link(text("a"), text("other"))]).unwrap();
    assert_eq!(
        partners(&ledger, Side::Left, text("a")),
        [text("b"), text("other")]
    );
    ledger.record(&[link(text("a"), text("b"))]).unwrap();
    let numbers: Vec<_> = live(&ledger).iter().map(|link| link.number).collect();
    assert_eq!(numbers, [2, 3, 4]);
    assert_eq!(ledger.live_links("Person").unwrap(), 3);
}

#[test]
fn a_removed_link_leaves_nothing_and_its_number_is_not_given_again() {
    let place = Place::new();
    let mut ledger = place.open();
    assert!(!ledger.any_link("Person").unwrap());
    ledger
        .record(&[link(text("a"), text("b")), conflict(1)])
        .unwrap();
    assert!(ledger.any_link("Person").unwrap());
    ledger.record(&[Effect::Remove { link: 1 }]).unwrap();
    assert!(!ledger.any_link("Person").unwrap());
    assert_eq!(partners(&ledger, Side::Left, text("a")), []);
    assert_eq!(ledger.conflicts(&Selection::default()).unwrap(), []);
    ledger.record(&[link(text("a"), text("b"))]).unwrap();
    assert_eq!(live(&ledger)[0].number, 2);
}

#[test]
fn only_the_very_stamp_of_the_very_record_is_known() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger.record(&[link(Value::Int(1), text("x"))]).unwrap();
    let records = [
        (Value::Int(1), Value::Instant(at(1))),
        (Value::Int(1), Value::Instant(at(2))),
        (text("1"), Value::Instant(at(1))),
        (Value::Int(2), Value::Instant(at(1))),
        (Value::Int(1), Value::Null),
    ];
    let known =
        |relationship, side, object| ledger.known(relationship, side, object, &records).unwrap();
    assert_eq!(
        known("Person", Side::Left, "lead"),
        [true, false, false, false, false]
    );
    assert_eq!(known("Person", Side::Left, "Contact"), [false; 5]);
    assert_eq!(known("Person", Side::Right, "lead"), [false; 5]);
    assert_eq!(known("Other", Side::Left, "lead"), [false; 5]);
    let right = [(text("x"), Value::Int(7))];
    assert_eq!(
        ledger
            .known("Person", Side::Right, "Contact", &right)
            .unwrap(),
        [true]
    );
}

#[test]
fn pages_go_through_the_links_of_one_relationship() {
    let place = Place::new();
    let mut ledger = place.open();
    let effects: Vec<Effect> = (0..10)
        .map(
            |number| match link(Value::Int(number), Value::Int(-number)) {
                Effect::Link {
                    objects,
                    ids,
                    stamps,
                    base,
                    closed,
                    ..
                } => Effect::Link {
                    relationship: if number % 2 == 0 { "Person" } else { "Company" }.into(),
                    objects,
                    ids,
                    stamps,
                    base,
                    closed,
                },
                other => other,
            },
        )
        .collect();
    ledger.record(&effects).unwrap();
    let mut numbers = Vec::new();
    let mut after = 0;
    while let Some(last) = ledger.link_page("Person", after, 2).unwrap().last() {
        numbers.extend(
            ledger
                .link_page("Person", after, 2)
                .unwrap()
                .iter()
                .map(|link| link.number),
        );
        after = last.number;
    }
    assert_eq!(numbers, [1, 3, 5, 7, 9]);
    assert_eq!(ledger.live_links("Company").unwrap(), 5);
    assert_eq!(ledger.live_links("Nothing").unwrap(), 0);
}

#[test]
fn effects_of_one_call_are_all_or_nothing() {
    let place = Place::new();
    let mut ledger = place.open();
    let raw = rusqlite::Connection::open(place.path()).unwrap();
    raw.execute_batch(
        "CREATE TRIGGER refuse BEFORE INSERT ON links WHEN new.left_id = 'bad' BEGIN SELECT raise(ABORT, 'refused'); END",
    )
    .unwrap();
    let generation = ledger.generation().unwrap();
    let outcome = ledger.record(&[link(text("good"), text("x")), link(text("bad"), text("y"))]);
    assert!(outcome.unwrap_err().to_string().contains("refused"));
    assert!(!ledger.any_link("Person").unwrap());
    assert_eq!(ledger.generation().unwrap(), generation);
    ledger.record(&[link(text("good"), text("x"))]).unwrap();
    assert_eq!(live(&ledger)[0].objects, names(["lead", "Contact"]));
}

fn conflict(link: i64) -> Effect {
    Effect::Conflict(Conflict {
        relationship: "Person".into(),
        link,
        objects: names(["lead", "Contact"]),
        ids: [text("a"), text("b")],
        field: "email".into(),
        left: Value::Null,
        right: Value::Absent,
        because: "both sides changed".into(),
        rule: "people.sync:3".into(),
        frozen: false,
        take: None,
    })
}

fn any_id() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        (0_i64..30).prop_map(Value::Int),
        (0_i64..30).prop_map(|number| text(&number.to_string())),
        any::<String>().prop_map(|id| text(&id)),
        any::<bool>().prop_map(Value::Bool),
        (any::<i64>(), 0_u32..20)
            .prop_map(|(number, scale)| Value::Decimal(Decimal::new(number, scale))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    /// A ledger answers as a plain list of pairs does.
    #[test]
    fn links_are_those_that_were_made(pairs in prop::collection::vec((any_id(), any_id()), 0..40), asked in any_id()) {
        let place = Place::new();
    let mut ledger = place.open();
        let effects: Vec<Effect> = pairs.iter().map(|(left, right)| link(left.clone(), right.clone())).collect();
        ledger.record(&effects).unwrap();
        let all = pairs.iter().map(|(left, _)| left).chain([&asked]);
        for id in all {
            let expected: Vec<Value> =
                pairs.iter().filter(|(left, _)| left == id).map(|(_, right)| right.clone()).collect();
            prop_assert_eq!(partners(&ledger, Side::Left, id.clone()), expected);
        }
    }
}
