//! Units as bytes, for the outbox and for saved plans.

use smol_str::SmolStr;

use super::{
    Because, Change, LinkOutcome, Operation, OperationKind, PairRecord, Part, SourceRecord, Step,
    To, Unit,
};
use crate::diagnostic::{FileId, Span};
use crate::program::{Direction, QueryRef, RelId, Rule, Side};
use crate::value::{Value, decode as decode_value, encode as encode_value};

/// Appends the unit's byte form to `out`.
pub fn encode(unit: &Unit, out: &mut Vec<u8>) {
    let mut w = Writer(out);
    w.number(u64::from(unit.relationship.0));
    w.number(unit.link.map_or(0, |l| l.cast_unsigned() + 1));
    for record in &unit.records {
        w.flag(record.is_some());
        if let Some(record) = record {
            w.number(u64::from(record.alternative));
            w.value(&record.id);
            w.value(&record.stamp);
        }
    }
    w.number(unit.operations.len() as u64);
    unit.operations.iter().for_each(|o| w.operation(o));
    w.base(&unit.base);
    w.base(&unit.old_base);
    for values in &unit.kept {
        w.number(values.len() as u64);
        values.iter().for_each(|v| w.value(v));
    }
    w.byte(match unit.outcome {
        LinkOutcome::Linked => 0,
        LinkOutcome::Closed => 1,
        LinkOutcome::Removed => 2,
        LinkOutcome::None => 3,
        LinkOutcome::Once => 4,
    });
    w.byte(match unit.moved {
        None => 0,
        Some(Side::Left) => 1,
        Some(Side::Right) => 2,
    });
    w.flag(unit.step.is_some());
    if let Some(step) = &unit.step {
        w.step(step);
    }
}

/// The unit at `at`, which moves past it; `None` for bytes that are no unit's.
pub fn decode(bytes: &[u8], at: &mut usize) -> Option<Unit> {
    let mut r = Reader { bytes, at: *at };
    let unit = r.unit()?;
    *at = r.at;
    Some(unit)
}

/// All units of a batch.
pub fn decode_all(bytes: &[u8]) -> Option<Vec<Unit>> {
    let mut at = 0;
    let mut units = Vec::new();
    while at < bytes.len() {
        units.push(decode(bytes, &mut at)?);
    }
    Some(units)
}

struct Writer<'o>(&'o mut Vec<u8>);

impl Writer<'_> {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }
    fn flag(&mut self, flag: bool) {
        self.byte(u8::from(flag));
    }
    /// Seven bits a byte, least first.
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }
    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }
    fn value(&mut self, value: &Value) {
        encode_value(value, self.0);
    }
    fn side(&mut self, side: Side) {
        self.byte(side as u8);
    }
    fn rule(&mut self, rule: Rule) {
        self.number(u64::from(rule.0.file.0));
        self.number(u64::from(rule.0.start));
        self.number(u64::from(rule.0.end));
    }
    fn base(&mut self, base: &[Option<[u64; 2]>]) {
        self.number(base.len() as u64);
        for line in base {
            match line {
                None => self.byte(0),
                Some([left, right]) if left == right => {
                    self.byte(1);
                    self.0.extend_from_slice(&left.to_le_bytes());
                }
                Some([left, right]) => {
                    self.byte(2);
                    self.0.extend_from_slice(&left.to_le_bytes());
                    self.0.extend_from_slice(&right.to_le_bytes());
                }
            }
        }
    }
    fn operation(&mut self, o: &Operation) {
        self.byte(o.direction as u8);
        self.byte(o.kind as u8);
        self.side(o.side);
        self.text(&o.object);
        self.value(o.id.as_ref().unwrap_or(&Value::Absent));
        self.flag(o.source.is_some());
        if let Some(source) = &o.source {
            self.byte(source.side.map_or(2, |side| side as u8));
            self.text(&source.object);
            self.value(&source.id);
        }
        self.changes(&o.changes);
        self.value(&o.expect);
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
    fn step(&mut self, step: &Step) {
        self.text(&step.key);
        self.side(step.side);
        self.number(u64::from(step.action));
        self.number(u64::from(step.expects));
        self.number(u64::from(step.next));
        self.flag(step.ends);
        self.flag(step.own.is_some());
        step.own.iter().flatten().for_each(|v| self.value(v));
    }
    fn changes(&mut self, changes: &[Change]) {
        self.number(changes.len() as u64);
        for change in changes {
            self.text(&change.field);
            self.value(&change.from);
            self.to(&change.to);
            self.number(change.line.map_or(0, |l| u64::from(l) + 1));
        }
    }
    fn to(&mut self, to: &To) {
        match to {
            To::Value(value) => {
                self.byte(0);
                self.value(value);
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

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }
    fn flag(&mut self) -> Option<bool> {
        Some(self.byte()? != 0)
    }
    fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
    /// A count that the bytes left can hold.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.bytes.len().saturating_sub(self.at)).then_some(count)
    }
    fn text(&mut self) -> Option<SmolStr> {
        let length = self.count()?;
        let text = std::str::from_utf8(self.bytes.get(self.at..self.at + length)?).ok()?;
        self.at += length;
        Some(SmolStr::from(text))
    }
    fn value(&mut self) -> Option<Value> {
        decode_value(self.bytes, &mut self.at)
    }
    fn side(&mut self) -> Option<Side> {
        Side::BOTH.get(usize::from(self.byte()?)).copied()
    }
    fn rule(&mut self) -> Option<Rule> {
        let file = FileId(u32::try_from(self.number()?).ok()?);
        let start = u32::try_from(self.number()?).ok()?;
        let end = u32::try_from(self.number()?).ok()?;
        Some(Rule(Span { file, start, end }))
    }
    fn hash(&mut self) -> Option<u64> {
        let bytes = self.bytes.get(self.at..self.at + 8)?.try_into().ok()?;
        self.at += 8;
        Some(u64::from_le_bytes(bytes))
    }
    fn base(&mut self) -> Option<Vec<Option<[u64; 2]>>> {
        let count = self.count()?;
        let mut base = Vec::with_capacity(count);
        for _ in 0..count {
            base.push(match self.byte()? {
                0 => None,
                1 => self.hash().map(|h| Some([h, h]))?,
                2 => Some([self.hash()?, self.hash()?]),
                _ => return None,
            });
        }
        Some(base)
    }
    fn unit(&mut self) -> Option<Unit> {
        let relationship = RelId(u16::try_from(self.number()?).ok()?);
        let link = self.number()?.checked_sub(1).map(u64::cast_signed);
        let mut records = [None, None];
        for record in &mut records {
            if self.flag()? {
                let alternative = u16::try_from(self.number()?).ok()?;
                *record = Some(PairRecord {
                    alternative,
                    id: self.value()?,
                    stamp: self.value()?,
                });
            }
        }
        let count = self.count()?;
        let mut operations = Vec::with_capacity(count);
        for _ in 0..count {
            operations.push(self.operation()?);
        }
        let (base, old_base) = (self.base()?, self.base()?);
        let mut kept: [Vec<Value>; 2] = Default::default();
        for values in &mut kept {
            for _ in 0..self.count()? {
                values.push(self.value()?);
            }
        }
        let outcome = match self.byte()? {
            0 => LinkOutcome::Linked,
            1 => LinkOutcome::Closed,
            2 => LinkOutcome::Removed,
            3 => LinkOutcome::None,
            4 => LinkOutcome::Once,
            _ => return None,
        };
        let moved = match self.byte()? {
            0 => None,
            1 => Some(Side::Left),
            2 => Some(Side::Right),
            _ => return None,
        };
        let step = match self.flag()? {
            true => Some(self.step()?),
            false => None,
        };
        Some(Unit {
            relationship,
            link,
            records,
            operations,
            base,
            old_base,
            kept,
            outcome,
            moved,
            step,
        })
    }
    fn step(&mut self) -> Option<Step> {
        Some(Step {
            key: self.text()?,
            side: self.side()?,
            action: u16::try_from(self.number()?).ok()?,
            expects: u16::try_from(self.number()?).ok()?,
            next: u16::try_from(self.number()?).ok()?,
            ends: self.flag()?,
            own: match self.flag()? {
                true => Some([self.value()?, self.value()?]),
                false => None,
            },
        })
    }
    fn operation(&mut self) -> Option<Operation> {
        let direction = *Direction::BOTH.get(usize::from(self.byte()?))?;
        let kind = self.kind()?;
        let side = self.side()?;
        let object = self.text()?;
        let id = Some(self.value()?).filter(|v| !matches!(v, Value::Absent));
        let source = match self.flag()? {
            true => Some(SourceRecord {
                side: Side::BOTH.get(usize::from(self.byte()?)).copied(),
                object: self.text()?,
                id: self.value()?,
            }),
            false => None,
        };
        let changes = self.changes()?;
        let expect = self.value()?;
        let count = self.count()?;
        let mut expect_fields = Vec::with_capacity(count);
        for _ in 0..count {
            expect_fields.push((self.text()?, self.value()?));
        }
        let (because, rule) = (self.because()?, self.rule()?);
        let count = self.count()?;
        let mut together = Vec::with_capacity(count);
        for _ in 0..count {
            together.push(Part {
                kind: self.kind()?,
                object: self.text()?,
                id: Some(self.value()?).filter(|v| !matches!(v, Value::Absent)),
                changes: self.changes()?,
                expect: self.value()?,
            });
        }
        Some(Operation {
            direction,
            kind,
            side,
            object,
            id,
            source,
            changes,
            expect,
            expect_fields,
            because,
            rule,
            together,
        })
    }
    fn kind(&mut self) -> Option<OperationKind> {
        use OperationKind::*;
        [
            Create, Update, Delete, Link, Unlink, Alter, WriteBack, Merge, Convert, Action,
        ]
        .get(usize::from(self.byte()?))
        .copied()
    }
    fn changes(&mut self) -> Option<Vec<Change>> {
        let count = self.count()?;
        let mut changes = Vec::with_capacity(count);
        for _ in 0..count {
            let (field, from, to) = (self.text()?, self.value()?, self.to()?);
            let line = self
                .number()?
                .checked_sub(1)
                .and_then(|l| u16::try_from(l).ok());
            changes.push(Change {
                field,
                from,
                to,
                line,
            });
        }
        Some(changes)
    }
    fn to(&mut self) -> Option<To> {
        Some(match self.byte()? {
            0 => To::Value(self.value()?),
            1 => {
                let relationship = RelId(u16::try_from(self.number()?).ok()?);
                To::Linked {
                    relationship,
                    side: self.side()?,
                    id: self.value()?,
                }
            }
            2 => {
                let query = QueryRef(u16::try_from(self.number()?).ok()?);
                let count = self.count()?;
                let mut keys = Vec::with_capacity(count);
                for _ in 0..count {
                    keys.push(self.value()?);
                }
                To::Made { query, keys }
            }
            3 => To::CreatedId,
            4 => To::Unknown,
            _ => return None,
        })
    }
    fn because(&mut self) -> Option<Because> {
        Some(match self.byte()? {
            0 => Because::New,
            1 => Because::Changed(self.side()?),
            2 => Because::Preferred(self.side()?),
            3 => Because::FirstSync(self.side()?),
            4 => Because::Restored,
            5 => Because::Merged,
            6 => Because::Matched(self.rule()?),
            7 => Because::Deleted(self.side()?),
            8 => Because::Left,
            9 => Because::Followed,
            10 => Because::Purged,
            11 => Because::LookedUp,
            12 => Because::ReadBack,
            13 => Because::Done,
            14 => Because::Added,
            15 => Because::Undone(self.text()?),
            16 => Because::Duplicates,
            17 => Because::Converted,
            18 => Because::FiredByCreate,
            19 => Because::FiredByChange,
            20 => Because::FiredByDelete,
            21 => Because::FiredByEvent,
            22 => Because::FiredByFailedRun,
            _ => return None,
        })
    }
}
