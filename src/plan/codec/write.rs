//! What a unit's bytes are.

use super::base::{ByLine, ONE, TWO};
use super::{ABSENT, GIVEN, LEFT_ID, NULL};
use crate::plan::base::LineBase;
use crate::plan::{Because, Change, LinkOutcome, Operation, Step, To, Unit};
use crate::program::{Rule, Side};
use crate::value::{Value, encode as encode_value};

/// The ids of the unit's records, then their stamps: what its operations often name again.
pub(super) fn known_of(unit: &Unit) -> [Option<&Value>; 4] {
    let [left, right] = unit.records.each_ref().map(Option::as_ref);
    [
        left.map(|r| &r.id),
        right.map(|r| &r.id),
        left.map(|r| &r.stamp),
        right.map(|r| &r.stamp),
    ]
}

/// Seven bits a byte, least first.
pub(super) fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// What stands in a form for a value that is not one of those known.
pub(super) fn code_of(value: &Value) -> u8 {
    match value {
        Value::Null => NULL,
        Value::Absent => ABSENT,
        _ => GIVEN,
    }
}

/// Those of a line that are written out.
pub(super) fn put_hashes(code: u8, hashes: &LineBase, out: &mut Vec<u8>) {
    let hashes = hashes.iter().flatten();
    let count = match code {
        ONE => 1,
        TWO => 2,
        _ => 0,
    };
    for hash in hashes.take(count) {
        out.extend_from_slice(&hash.to_le_bytes());
    }
}

pub(super) struct Writer<'o> {
    pub(super) form: &'o mut Vec<u8>,
    pub(super) data: &'o mut Vec<u8>,
    pub(super) known: [Option<&'o Value>; 4],
    /// The form is to be read; else it is a key, and short.
    pub(super) named: bool,
}

impl Writer<'_> {
    pub(super) fn unit(&mut self, unit: &Unit) {
        self.number(u64::from(unit.relationship.0));
        self.flag(unit.link.is_some());
        if let Some(link) = unit.link {
            put_number(link.cast_unsigned(), self.data);
        }
        for record in &unit.records {
            self.flag(record.is_some());
            if let Some(record) = record {
                self.number(u64::from(record.alternative));
                self.value(&record.id);
                self.value(&record.stamp);
            }
        }
        self.number(unit.operations.len() as u64);
        unit.operations.iter().for_each(|o| self.operation(o));
        let written = unit.operations.first().map_or(&[][..], |o| &o.changes);
        self.base(&unit.base, written);
        self.base(&unit.old_base, &[]);
        for values in &unit.kept {
            self.number(values.len() as u64);
            values.iter().for_each(|v| self.value(v));
        }
        self.byte(match unit.outcome {
            LinkOutcome::Linked => 0,
            LinkOutcome::Closed => 1,
            LinkOutcome::Removed => 2,
            LinkOutcome::None => 3,
            LinkOutcome::Once => 4,
        });
        self.byte(match unit.moved {
            None => 0,
            Some(Side::Left) => 1,
            Some(Side::Right) => 2,
        });
        self.flag(unit.step.is_some());
        if let Some(step) = &unit.step {
            self.step(step);
        }
    }
    fn step(&mut self, step: &Step) {
        self.value(&Value::Text(step.key.clone()));
        self.side(step.side);
        self.number(u64::from(step.action));
        self.number(u64::from(step.expects));
        self.number(u64::from(step.next));
        self.flag(step.ends);
        self.flag(step.own.is_some());
        step.own.iter().flatten().for_each(|v| self.value(v));
    }
    fn byte(&mut self, byte: u8) {
        self.form.push(byte);
    }
    fn flag(&mut self, flag: bool) {
        self.byte(u8::from(flag));
    }
    fn number(&mut self, number: u64) {
        put_number(number, self.form);
    }
    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.form.extend_from_slice(text.as_bytes());
    }
    /// Null and absent belong to the form.
    fn value(&mut self, value: &Value) {
        let code = code_of(value);
        self.byte(code);
        if code == GIVEN {
            encode_value(value, self.data);
        }
    }
    /// What may be an id or a stamp that the unit names already.
    fn named(&mut self, value: &Value) {
        let known = self.known.iter().position(|known| *known == Some(value));
        match known {
            Some(at) if !value.is_null() => self.byte(LEFT_ID + at as u8),
            _ => self.value(value),
        }
    }
    fn side(&mut self, side: Side) {
        self.byte(side as u8);
    }
    fn rule(&mut self, rule: Rule) {
        self.number(u64::from(rule.0.file.0));
        self.number(u64::from(rule.0.start));
        self.number(u64::from(rule.0.end));
    }
    /// `written`: the changes that the hashes may be of.
    fn base(&mut self, base: &[LineBase], written: &[Change]) {
        self.number(base.len() as u64);
        let mut written = ByLine::of(written);
        for (line, hashes) in base.iter().enumerate() {
            let code = written.code(line, hashes);
            self.byte(code);
            put_hashes(code, hashes, self.data);
        }
    }
    fn operation(&mut self, o: &Operation) {
        self.byte(o.direction as u8);
        self.byte(o.kind as u8);
        self.side(o.side);
        self.text(&o.object);
        self.named(o.id.as_ref().unwrap_or(&Value::Absent));
        self.flag(o.source.is_some());
        if let Some(source) = &o.source {
            self.byte(source.side.map_or(2, |side| side as u8));
            self.text(&source.object);
            self.named(&source.id);
        }
        self.own_changes(&o.changes);
        self.named(&o.expect);
        self.number(o.expect_fields.len() as u64);
        for (name, value) in &o.expect_fields {
            self.text(name);
            self.value(value);
        }
        self.because(&o.because);
        self.rule(o.rule);
        self.number(o.together.len() as u64);
        for part in &o.together {
            self.byte(part.kind as u8);
            self.text(&part.object);
            self.value(part.id.as_ref().unwrap_or(&Value::Absent));
            self.changes(&part.changes);
            self.value(&part.expect);
        }
    }
    /// The changes of an operation, whose fields are no part of a key.
    fn own_changes(&mut self, changes: &[Change]) {
        self.number(changes.len() as u64);
        for change in changes {
            if self.named {
                self.text(&change.field);
            }
            self.change(change);
        }
    }
    fn changes(&mut self, changes: &[Change]) {
        self.number(changes.len() as u64);
        for change in changes {
            self.text(&change.field);
            self.change(change);
        }
    }
    fn change(&mut self, change: &Change) {
        self.value(&change.from);
        self.to(&change.to);
        self.number(change.line.map_or(0, |l| u64::from(l) + 1));
    }
    fn to(&mut self, to: &To) {
        match to {
            To::Value(value) => {
                self.byte(0);
                self.named(value);
            }
            To::Linked {
                relationship,
                side,
                id,
            } => {
                self.byte(1);
                self.number(u64::from(relationship.0));
                self.side(*side);
                self.value(id);
            }
            To::Made { query, keys } => {
                self.byte(2);
                self.number(u64::from(query.0));
                self.number(keys.len() as u64);
                keys.iter().for_each(|k| self.value(k));
            }
            To::CreatedId => self.byte(3),
            To::Unknown => self.byte(4),
        }
    }
    fn because(&mut self, because: &Because) {
        match because {
            Because::New => self.byte(0),
            Because::Changed(side) => {
                self.byte(1);
                self.side(*side);
            }
            Because::Preferred(side) => {
                self.byte(2);
                self.side(*side);
            }
            Because::FirstSync(side) => {
                self.byte(3);
                self.side(*side);
            }
            Because::Restored => self.byte(4),
            Because::Merged => self.byte(5),
            Because::Matched(rule) => {
                self.byte(6);
                self.rule(*rule);
            }
            Because::Deleted(side) => {
                self.byte(7);
                self.side(*side);
            }
            Because::Left => self.byte(8),
            Because::Followed => self.byte(9),
            Because::Purged => self.byte(10),
            Because::LookedUp => self.byte(11),
            Because::ReadBack => self.byte(12),
            Because::Done => self.byte(13),
            Because::Added => self.byte(14),
            Because::Duplicates => self.byte(16),
            Because::Converted => self.byte(17),
            Because::Undone(run) => {
                self.byte(15);
                self.text(run);
            }
            Because::FiredByCreate => self.byte(18),
            Because::FiredByChange => self.byte(19),
            Because::FiredByDelete => self.byte(20),
            Because::FiredByEvent => self.byte(21),
            Because::FiredByFailedRun => self.byte(22),
        }
    }
}
