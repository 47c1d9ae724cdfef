//! Units survive their bytes.

use super::*;
use crate::diagnostic::{FileId, Span};
use crate::plan::base::{AS_WRITTEN, LineBase, hash};
use crate::plan::{
    Because, Change, LinkOutcome, Operation, OperationKind, PairRecord, Part, SourceRecord, Step,
    To,
};
use crate::program::{Direction, QueryRef, RelId, Rule, Side};
use crate::store::WriteKind;
use crate::value::Value;
use crate::value::samples::any_value;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn any_side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Left), Just(Side::Right)]
}

fn any_to() -> impl Strategy<Value = To> {
    prop_oneof![
        any_value().prop_map(To::Value),
        (any_side(), any_value()).prop_map(|(side, id)| To::Linked {
            relationship: RelId(3),
            side,
            id
        }),
        vec(any_value(), 0..3).prop_map(|keys| To::Made {
            query: QueryRef(300),
            keys
        }),
        Just(To::CreatedId),
        Just(To::Unknown),
    ]
}

fn any_changes() -> impl Strategy<Value = Vec<Change>> {
    let change = ("[a-c]{1,2}", any_value(), any_to(), option::of(0u16..200));
    let change = change.prop_map(|(field, from, to, line)| Change {
        field: field.into(),
        from,
        to,
        line,
    });
    vec(change, 0..4)
}

fn any_kind() -> impl Strategy<Value = OperationKind> {
    use OperationKind::*;
    prop_oneof![
        Just(Create),
        Just(Update),
        Just(Delete),
        Just(WriteBack),
        Just(Merge),
        Just(Action)
    ]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    (0u32..3, 0u32..400, 0u32..400).prop_map(|(file, start, long)| {
        Rule(Span {
            file: FileId(file),
            start,
            end: start + long,
        })
    })
}

fn any_because() -> impl Strategy<Value = Because> {
    prop_oneof![
        Just(Because::New),
        any_side().prop_map(Because::Changed),
        any_side().prop_map(Because::Preferred),
        any_side().prop_map(Because::FirstSync),
        Just(Because::Restored),
        Just(Because::Merged),
        any_rule().prop_map(Because::Matched),
        any_side().prop_map(Because::Deleted),
        Just(Because::Left),
        Just(Because::Followed),
        Just(Because::Purged),
        Just(Because::LookedUp),
        Just(Because::ReadBack),
        Just(Because::Done),
        Just(Because::Added),
        Just(Because::Duplicates),
        Just(Because::Converted),
        "[a-z]{0,9}".prop_map(|run| Because::Undone(run.into())),
        Just(Because::FiredByCreate),
        Just(Because::FiredByChange),
        Just(Because::FiredByDelete),
        Just(Because::FiredByEvent),
        Just(Because::FiredByFailedRun),
    ]
}

/// An id: what is absent is no id.
fn any_id() -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Int(1)), any_value()]
        .prop_filter("an id", |v| !matches!(v, Value::Absent))
}

fn any_part() -> impl Strategy<Value = Part> {
    (any_kind(), option::of(any_id()), any_changes(), any_value()).prop_map(
        |(kind, id, changes, expect)| Part {
            kind,
            object: "part".into(),
            id,
            changes,
            expect,
        },
    )
}

fn any_operation() -> impl Strategy<Value = Operation> {
    let source = (option::of(any_side()), any_id());
    let ids = (option::of(any_id()), option::of(source));
    let expected = (any_id(), vec(any_value(), 0..3));
    let parts = (any_kind(), any_side(), vec(any_part(), 0..2), any_because());
    (ids, expected, any_changes(), parts).prop_map(
        |((id, source), (expect, fields), changes, (kind, side, together, because))| Operation {
            direction: side.sends(),
            kind,
            side,
            object: "object".into(),
            id,
            source: source.map(|(side, id)| SourceRecord {
                side,
                object: "source".into(),
                id,
            }),
            changes,
            expect,
            expect_fields: fields.into_iter().map(|v| ("field".into(), v)).collect(),
            because,
            rule: Rule(Span {
                file: FileId(1),
                start: 300,
                end: 400,
            }),
            together,
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let places = (0u16..9, 0u16..9, 0u16..9, any::<bool>());
    let own = option::of([any_id(), any_id()]);
    ("[a-z:0-9]{1,30}", any_side(), places, own).prop_map(
        |(key, side, (action, expects, next, ends), own)| Step {
            key: key.into(),
            side,
            action,
            expects,
            next,
            ends,
            own,
        },
    )
}

fn any_unit() -> impl Strategy<Value = Unit> {
    let record = || {
        option::of((any_id(), any_id())).prop_map(|record| {
            record.map(|(id, stamp)| PairRecord {
                alternative: 2,
                id,
                stamp,
            })
        })
    };
    let base = || vec(any_hashes(), 0..4);
    let outcome = prop_oneof![Just(LinkOutcome::Linked), Just(LinkOutcome::Once)];
    (
        option::of(any::<i64>()),
        [record(), record()],
        vec(any_operation(), 0..3),
        [base(), base()],
        [vec(any_value(), 0..2), vec(any_value(), 0..2)],
        outcome,
        (option::of(any_side()), option::of(any_step())),
    )
        .prop_map(
            |(link, records, operations, [base, old_base], kept, outcome, (moved, step))| {
                let written = operations
                    .first()
                    .map_or(Vec::new(), |o: &Operation| o.changes.clone());
                Unit {
                    relationship: RelId(200),
                    link,
                    records,
                    operations,
                    base: agreed(base, &written),
                    old_base: agreed(old_base, &written),
                    kept,
                    outcome,
                    moved,
                    step,
                }
            },
        )
}

fn bytes_of<'u>(units: impl IntoIterator<Item = &'u Unit>) -> Vec<u8> {
    let (mut encoder, mut bytes) = (Encoder::default(), Vec::new());
    units
        .into_iter()
        .for_each(|u| encoder.encode(u, &mut bytes));
    bytes
}

/// The hashes of a line; `None`: those of what is written for it, if anything is.
fn any_hashes() -> impl Strategy<Value = Option<LineBase>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(Some([hash(&Value::Null); 2]))),
        1 => any::<u64>().prop_map(|both| Some(Some([both; 2]))),
        1 => option::of(any::<[u64; 2]>()).prop_map(Some),
    ]
}

fn agreed(base: Vec<Option<LineBase>>, changes: &[Change]) -> Vec<LineBase> {
    let written = |line: usize| {
        let change = changes.iter().find(|c| c.line == Some(line as u16))?;
        change.value().map(|value| [hash(value); 2])
    };
    let lines = base.into_iter().enumerate();
    lines
        .map(|(line, hashes)| hashes.unwrap_or_else(|| written(line)))
        .collect()
}

/// A unit that makes a record of another one, or hardly another thing.
fn any_create() -> impl Strategy<Value = Unit> {
    let to = prop_oneof![20 => any_value().prop_map(To::Value), 1 => any_to()];
    let changes = vec(to, 0..4).prop_map(|changes| {
        let changes = changes.into_iter().enumerate();
        let change = |(at, to): (usize, To)| Change {
            field: format!("field{at}").into(),
            from: Value::Null,
            to,
            line: Some(at as u16),
        };
        changes.map(change).collect::<Vec<_>>()
    });
    let base = vec(any_hashes(), 2..=2);
    let record = (0_u16..2, any_id(), any_id());
    let other = prop_oneof![20 => Just(None), 1 => any_unit().prop_map(Some)];
    (any_operation(), changes, record, base, other).prop_map(
        |(operation, changes, (alternative, id, stamp), base, other)| {
            let mut changes = changes;
            if let (1, Some(change)) = (alternative, changes.first_mut()) {
                change.to = To::Value(id.clone());
            }
            let base = agreed(base, &changes);
            let mut operation = Operation {
                direction: Direction::Pull,
                kind: OperationKind::Create,
                side: Side::Left,
                changes,
                expect_fields: Vec::new(),
                together: Vec::new(),
                ..operation
            };
            if let Some(source) = &mut operation.source {
                source.id = id.clone();
            }
            other.unwrap_or(Unit {
                relationship: RelId(7),
                link: None,
                records: [
                    None,
                    Some(PairRecord {
                        alternative,
                        id,
                        stamp,
                    }),
                ],
                operations: vec![operation],
                base,
                old_base: Vec::new(),
                kept: Default::default(),
                outcome: LinkOutcome::Linked,
                moved: None,
                step: None,
            })
        },
    )
}

/// Whether nothing but its record and its link comes of the unit.
fn is_plain(unit: &Unit) -> bool {
    let [create] = &unit.operations[..] else {
        return false;
    };
    let values = create.changes.iter().all(|c| matches!(c.to, To::Value(_)));
    unit.relationship == RelId(7) && values && !matches!(create.because, Because::Undone(_))
}

proptest! {
    #[test]
    fn creates_are_read_as_units_are(units in vec(any_create(), 1..5)) {
        let creates = decode_creates(&bytes_of(units.iter().chain(&units)));
        prop_assert_eq!(creates.is_some(), units.iter().all(is_plain));
        let Some(creates) = creates else { return Ok(()) };
        prop_assert_eq!(creates.count(), 2 * units.len());
        for (place, unit) in units.iter().chain(&units).enumerate() {
            let (create, write) = (&unit.operations[0], &creates.writes[place]);
            let to = |change: &Change| match &change.to {
                To::Value(value) => Some((change.field.clone(), value.clone())),
                _ => None,
            };
            let fields: Vec<_> = create.changes.iter().filter_map(to).collect();
            prop_assert_eq!(&write.fields, &fields);
            prop_assert_eq!(&write.kind, &WriteKind::Create { id: create.id.clone() });
            prop_assert_eq!(creates.base(place), &unit.base[..]);
            let (source, record) = (&creates.sources[place], unit.records[1].as_ref().unwrap());
            prop_assert_eq!((source.alternative, &source.id, &source.stamp), (record.alternative, &record.id, &record.stamp));
            prop_assert_eq!((creates.side(), &creates.object), (Side::Left, &create.object));
        }
    }

    #[test]
    fn a_value_that_is_written_stands_for_its_hashes(units in vec(any_create(), 1..4)) {
        let mut marked = units.clone();
        for unit in &mut marked {
            let [create] = &unit.operations[..] else { continue };
            for (line, hashes) in unit.base.iter_mut().enumerate() {
                let change = create.changes.iter().find(|c| c.line == Some(line as u16));
                let value = change.and_then(Change::value).filter(|v| !matches!(v, Value::Null | Value::Absent));
                if value.is_some_and(|v| *hashes == Some([hash(v); 2])) {
                    *hashes = Some(AS_WRITTEN);
                }
            }
        }
        prop_assert_eq!(bytes_of(&marked), bytes_of(&units));
        prop_assert_eq!(decode_all(&bytes_of(&marked)).unwrap(), units);
    }

    #[test]
    fn creates_that_differ_in_one_thing_are_told_apart(one in any_create(), other in any_create(), thing in 0_usize..15) {
        prop_assume!(one.operations.len() == 1 && other.operations.len() == 1);
        let mut mixed = one.clone();
        let (create, from) = (&mut mixed.operations[0], &other.operations[0]);
        match thing {
            0 => mixed.relationship = RelId(8),
            1 => mixed.records.clone_from(&other.records),
            2 => mixed.base.clone_from(&other.base),
            3 => create.direction = from.direction,
            4 => create.object = "another".into(),
            5 => create.id.clone_from(&from.id),
            6 => create.source.clone_from(&from.source),
            7 => create.changes.clone_from(&from.changes),
            8 => create.expect.clone_from(&from.expect),
            9 => create.because.clone_from(&from.because),
            10 => create.rule.0.start += 1,
            11 => create.changes.iter_mut().for_each(|c| c.line = None),
            12 => create.changes.iter_mut().for_each(|c| c.field = "another".into()),
            13 => create.source.iter_mut().for_each(|s| s.object = "another".into()),
            _ => create.changes.iter_mut().for_each(|c| c.to = To::Value(Value::Null)),
        }
        let units = [one.clone(), mixed.clone(), one, mixed, other];
        prop_assert_eq!(decode_all(&bytes_of(&units)).unwrap(), units);
    }

    #[test]
    fn units_survive_their_bytes(units in vec(any_unit(), 0..5)) {
        // Each form is met again.
        let twice: Vec<&Unit> = units.iter().chain(&units).collect();
        let read = decode_all(&bytes_of(twice.iter().copied())).unwrap();
        prop_assert_eq!(read.iter().collect::<Vec<_>>(), twice);
    }

    #[test]
    fn garbage_is_no_unit_and_no_panic(unit in prop_oneof![any_unit(), any_create()], cut in 0usize..200, flip in any::<(usize, u8)>()) {
        let mut bytes = bytes_of([&unit]);
        let at = flip.0 % bytes.len();
        bytes[at] ^= flip.1;
        bytes.truncate(bytes.len().saturating_sub(cut % 7));
        let _ = (decode_all(&bytes), decode_creates(&bytes));
    }
}

#[test]
fn a_form_is_written_once() {
    let unit = |name: &str| Unit {
        relationship: RelId(0),
        link: Some(7),
        records: [None, None],
        operations: vec![Operation {
            direction: Direction::Push,
            kind: OperationKind::Update,
            side: Side::Right,
            object: "a_rather_long_name_of_an_object".into(),
            id: Some(Value::Int(1)),
            source: None,
            changes: vec![Change {
                field: name.into(),
                from: Value::Null,
                to: To::Value(Value::Int(5)),
                line: Some(1),
            }],
            expect: Value::Null,
            expect_fields: Vec::new(),
            because: Because::New,
            rule: Rule(Span {
                file: FileId(0),
                start: 0,
                end: 0,
            }),
            together: Vec::new(),
        }],
        base: vec![Some([1, 1])],
        old_base: vec![None],
        kept: Default::default(),
        outcome: LinkOutcome::Linked,
        moved: None,
        step: None,
    };
    let (one, two) = (unit("first"), unit("first"));
    let first = bytes_of([&one]).len();
    assert!(bytes_of([&one, &two]).len() < first + 20);
    // The same line may write another field.
    let other = [one.clone(), unit("second"), one];
    assert_eq!(decode_all(&bytes_of(&other)).unwrap(), other);
}
