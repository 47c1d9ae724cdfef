//! A unit out of its bytes: its form, in which codes stand for values, and then the values.

use smol_str::SmolStr;

use super::base::{self, ByLine, OPEN_ONE, OPEN_TWO};
use super::slots::{Slot, each};
use super::{ABSENT, GIVEN, LEFT_ID, NULL};
use crate::diagnostic::{FileId, Span};
use crate::plan::base::{AS_WRITTEN, LineBase, hash};
use crate::plan::{
    Because, Change, LinkOutcome, Operation, OperationKind, PairRecord, Part, SourceRecord, Step,
    To, Unit,
};
use crate::program::{Direction, QueryRef, RelId, Rule, Side};
use crate::value::{Value, decode as decode_value};

pub(super) struct Reader<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
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
    pub(super) fn number(&mut self) -> Option<u64> {
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
    pub(super) fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.bytes.len().saturating_sub(self.at)).then_some(count)
    }
    fn text(&mut self) -> Option<SmolStr> {
        let length = self.count()?;
        let text = std::str::from_utf8(self.bytes.get(self.at..self.at + length)?).ok()?;
        self.at += length;
        Some(SmolStr::from(text))
    }
    /// What stands for a value in a form: the value itself where it is null or absent, else its code.
    fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            ABSENT => Value::Absent,
            NULL => Value::Null,
            code => Value::Int(i64::from(code)),
        })
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
    /// With what stands for hashes that are yet to be filled in.
    fn base(&mut self) -> Option<Vec<LineBase>> {
        let count = self.count()?;
        let mut base = Vec::with_capacity(count);
        for _ in 0..count {
            base.push(match self.byte()? {
                base::NONE => None,
                base::ONE => Some(OPEN_ONE),
                base::TWO => Some(OPEN_TWO),
                base::WRITTEN => Some(AS_WRITTEN),
                base::NULLS => Some([hash(&Value::Null); 2]),
                _ => return None,
            });
        }
        Some(base)
    }
    /// A form that is written out here.
    pub(super) fn form(&mut self) -> Option<Unit> {
        let length = self.count()?;
        let mut form = Reader {
            bytes: self.bytes.get(self.at..self.at + length)?,
            at: 0,
        };
        self.at += length;
        form.unit().filter(|_| form.at == length)
    }
    /// Puts a unit's own values into what its form left open.
    pub(super) fn fill(&mut self, unit: &mut Unit) -> Option<()> {
        let mut known: [Value; 4] = Default::default();
        let lines = unit.base.iter().enumerate();
        let written = lines.filter(|(_, line)| **line == Some(AS_WRITTEN));
        let written: Vec<usize> = written.map(|(at, _)| at).collect();
        each(unit, &mut |slot| self.fill_slot(slot, &mut known))?;
        if let Some(operation) = unit.operations.first() {
            let mut by_line = ByLine::of(&operation.changes);
            for line in written {
                unit.base[line] = Some([hash(by_line.value(line)?); 2]);
            }
        }
        Some(())
    }
    fn fill_slot(&mut self, slot: Slot<'_>, known: &mut [Value; 4]) -> Option<()> {
        match slot {
            Slot::Link(link) => *link = self.number()?.cast_signed(),
            Slot::Value(value) => *value = self.filled(value, known)?,
            Slot::Known(value, place) => {
                *value = self.filled(value, known)?;
                known[place] = value.clone();
            }
            Slot::Key(key) => match decode_value(self.bytes, &mut self.at)? {
                Value::Text(text) => *key = text,
                _ => return None,
            },
            Slot::Hashes(hashes) => *hashes = self.hashes(*hashes)?,
        }
        Some(())
    }
    /// A unit's own value for one of its form.
    pub(super) fn filled(&mut self, value: &Value, known: &[Value; 4]) -> Option<Value> {
        match value {
            Value::Int(code) => self.given(*code, known),
            constant => Some(constant.clone()),
        }
    }
    /// Those of a unit for what stands in its form; hashes of what it writes stay open.
    pub(super) fn hashes(&mut self, form: [u64; 2]) -> Option<[u64; 2]> {
        Some(match form {
            OPEN_ONE => [self.hash()?; 2],
            OPEN_TWO => [self.hash()?, self.hash()?],
            open_or_meant => open_or_meant,
        })
    }
    fn given(&mut self, code: i64, known: &[Value; 4]) -> Option<Value> {
        if code == i64::from(GIVEN) {
            return decode_value(self.bytes, &mut self.at);
        }
        let place = usize::try_from(code - i64::from(LEFT_ID)).ok()?;
        known.get(place).cloned()
    }
    fn unit(&mut self) -> Option<Unit> {
        let relationship = RelId(u16::try_from(self.number()?).ok()?);
        let link = self.flag()?.then_some(0);
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
    /// Its key is to be filled in.
    fn step(&mut self) -> Option<Step> {
        self.value()?;
        Some(Step {
            key: SmolStr::default(),
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
