//! Creates that are alike: whether one is like another is seen while its values are written, so that its form need not be looked up.

use smol_str::SmolStr;

use super::base::ByLine;
use super::creates::plain;
use super::write::{code_of, put_hashes};
use super::{ABSENT, GIVEN, LEFT_ID, NULL};
use crate::plan::{Because, SourceRecord, Unit};
use crate::program::{Direction, RelId, Rule, Side};
use crate::value::{Value, encode as encode_value};

/// What creates of one form share. Their values are in the order of `slots.rs`.
pub(super) struct Alike {
    pub(super) number: u64,
    relationship: RelId,
    direction: Direction,
    object: SmolStr,
    alternative: u16,
    /// The codes of the id and the stamp of what they are made of.
    record: [u8; 2],
    id: u8,
    source: Option<(Option<Side>, SmolStr, u8)>,
    /// Each with its line and code.
    fields: Vec<(SmolStr, Option<u16>, u8)>,
    expect: u8,
    because: Because,
    rule: Rule,
    /// By line: how its hashes are told.
    base: Vec<u8>,
}

impl Alike {
    /// `None` where the unit is more than a create.
    pub(super) fn of(unit: &Unit, number: u64) -> Option<Alike> {
        let create = plain(unit)?;
        let record = unit.records[create.direction.source().index()].as_ref()?;
        let known = [&record.id, &record.stamp];
        let named = |value: &Value| code(value, known, create.direction);
        let source =
            |source: &SourceRecord| (source.side, source.object.clone(), named(&source.id));
        let fields = create.changes.iter().map(|change| {
            let to = change.value().map_or(NULL, named);
            (change.field.clone(), change.line, to)
        });
        let mut by_line = ByLine::of(&create.changes);
        let lines = unit.base.iter().enumerate();
        Some(Alike {
            number,
            relationship: unit.relationship,
            direction: create.direction,
            object: create.object.clone(),
            alternative: record.alternative,
            record: known.map(code_of),
            id: named(create.id.as_ref().unwrap_or(&Value::Absent)),
            source: create.source.as_ref().map(source),
            fields: fields.collect(),
            expect: named(&create.expect),
            because: create.because.clone(),
            rule: create.rule,
            base: lines
                .map(|(line, hashes)| by_line.code(line, hashes))
                .collect(),
        })
    }

    /// Appends the unit's values; `None` where it is of another form, and then nothing is certain of what was appended.
    pub(super) fn write(&self, unit: &Unit, out: &mut Vec<u8>) -> Option<()> {
        let create = plain(unit)?;
        let record = unit.records[create.direction.source().index()].as_ref()?;
        let alike = self.relationship == unit.relationship
            && self.direction == create.direction
            && self.alternative == record.alternative
            && self.fields.len() == create.changes.len()
            && self.base.len() == unit.base.len()
            && self.rule == create.rule
            && self.because == create.because
            && self.object == create.object;
        alike.then_some(())?;
        let known = [&record.id, &record.stamp];
        put(self.record[0], known[0], out)?;
        put(self.record[1], known[1], out)?;
        let named = |own: u8, value: &Value, out: &mut Vec<u8>| match own {
            GIVEN | NULL | ABSENT => put(own, value, out),
            own => (own == code(value, known, create.direction)).then_some(()),
        };
        named(self.id, create.id.as_ref().unwrap_or(&Value::Absent), out)?;
        match (&self.source, &create.source) {
            (None, None) => {}
            (Some((side, object, own)), Some(source)) => {
                (*side == source.side && *object == source.object).then_some(())?;
                named(*own, &source.id, out)?;
            }
            _ => return None,
        }
        for ((field, line, own), change) in self.fields.iter().zip(&create.changes) {
            (*line == change.line && *field == change.field).then_some(())?;
            named(*own, change.value()?, out)?;
        }
        named(self.expect, &create.expect, out)?;
        let mut by_line = ByLine::of(&create.changes);
        for (line, (own, hashes)) in self.base.iter().zip(&unit.base).enumerate() {
            (*own == by_line.code(line, hashes)).then_some(())?;
            put_hashes(*own, hashes, out);
        }
        Some(())
    }
}

/// Of an id or a stamp, which may be that of the record.
fn code(value: &Value, known: [&Value; 2], direction: Direction) -> u8 {
    match known.iter().position(|known| *known == value) {
        Some(at) if !value.is_null() => LEFT_ID + (2 * at + direction.source().index()) as u8,
        _ => code_of(value),
    }
}

/// A value whose code is expected to be this one.
fn put(expected: u8, value: &Value, out: &mut Vec<u8>) -> Option<()> {
    (expected == code_of(value)).then_some(())?;
    if expected == GIVEN {
        encode_value(value, out);
    }
    Some(())
}
