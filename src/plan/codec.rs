//! Units as bytes, for the outbox and for saved plans.
//!
//! Most units of a plan differ in their values only. What they share (kinds, names, rules, which values are null) is a form, written once;
//! a unit is the number of its form, then its values. [`Encoder`] and [`Decoder`] of one sequence of units know the same forms.

mod alike;
mod base;
mod creates;
mod read;
mod slots;
#[cfg(test)]
mod tests;
mod write;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use self::alike::Alike;
pub use self::creates::{Creates, decode_creates};
use self::read::Reader;
use self::write::{Writer, put_number};
use super::Unit;

/// Forms that a sequence remembers; those of further units are written out each time.
const FORMS: usize = 1024;

/// What stands for a value in a form: the tag of null or absent,
const ABSENT: u8 = 0;
const NULL: u8 = 1;
/// or that it is written with the unit.
const GIVEN: u8 = 2;
/// It is the id of the unit's left record; 4: the right one's, 5 and 6: their stamps.
const LEFT_ID: u8 = 3;

/// In place of a form's number: one that follows.
const NEW: u64 = 0;

/// Writes a sequence of units.
#[derive(Default)]
pub struct Encoder {
    forms: FxHashMap<Box<[u8]>, Known>,
    key: Vec<u8>,
    form: Vec<u8>,
    data: Vec<u8>,
    /// How many forms there are.
    written: u64,
    /// Some of them, that of the last create at the end.
    alike: Vec<Alike>,
}

/// A form that was written: its number, and the fields of its changes, which its key leaves out.
struct Known {
    number: u64,
    fields: Vec<SmolStr>,
}

impl Encoder {
    /// Appends the unit's byte form to `out`.
    pub fn encode(&mut self, unit: &Unit, out: &mut Vec<u8>) {
        if self.is_alike(unit, out) {
            return;
        }
        self.key.clear();
        self.data.clear();
        let mut w = Writer {
            form: &mut self.key,
            data: &mut self.data,
            known: write::known_of(unit),
            named: false,
        };
        w.unit(unit);
        let known = self.forms.get(&self.key[..]);
        match known.filter(|known| fields_of(unit).eq(&known.fields)) {
            Some(known) => {
                put_number(known.number, out);
                remember(&mut self.alike, unit, known.number);
            }
            None => {
                self.form.clear();
                self.data.clear();
                let mut w = Writer {
                    form: &mut self.form,
                    data: &mut self.data,
                    known: write::known_of(unit),
                    named: true,
                };
                w.unit(unit);
                put_number(NEW, out);
                put_number(self.form.len() as u64, out);
                out.extend_from_slice(&self.form);
                // The reader counts every form that it is shown.
                if self.written < FORMS as u64 {
                    self.written += 1;
                    let known = Known {
                        number: self.written,
                        fields: fields_of(unit).cloned().collect(),
                    };
                    self.forms.insert(self.key.as_slice().into(), known);
                    remember(&mut self.alike, unit, self.written);
                }
            }
        }
        out.extend_from_slice(&self.data);
    }

    /// Whether the unit is like one of the last creates, and is written as that.
    fn is_alike(&mut self, unit: &Unit, out: &mut Vec<u8>) -> bool {
        let before = out.len();
        for place in (0..self.alike.len()).rev() {
            put_number(self.alike[place].number, out);
            if self.alike[place].write(unit, out).is_some() {
                let last = self.alike.len() - 1;
                self.alike.swap(place, last);
                return true;
            }
            out.truncate(before);
        }
        false
    }

    /// Begins another sequence.
    pub fn reset(&mut self) {
        self.forms.clear();
        self.alike.clear();
        self.written = 0;
    }
}

/// Forms of creates that are tried before one is looked up.
const ALIKE: usize = 4;

fn remember(all: &mut Vec<Alike>, unit: &Unit, number: u64) {
    if let Some(alike) = Alike::of(unit, number) {
        if all.len() == ALIKE {
            all.remove(0);
        }
        all.push(alike);
    }
}

/// The names of the fields that the unit's operations change, in order.
fn fields_of(unit: &Unit) -> impl Iterator<Item = &SmolStr> {
    let operations = unit.operations.iter();
    operations.flat_map(|o| o.changes.iter().map(|c| &c.field))
}

/// Reads a sequence of units.
#[derive(Debug, Default)]
pub struct Decoder {
    forms: Vec<Unit>,
}

impl Decoder {
    /// The unit at `at`, which moves past it; `None` for bytes that are no unit's.
    pub fn decode(&mut self, bytes: &[u8], at: &mut usize) -> Option<Unit> {
        let mut r = Reader { bytes, at: *at };
        let mut unit = match r.number()? {
            NEW => {
                let unit = r.form()?;
                if self.forms.len() < FORMS {
                    self.forms.push(unit.clone());
                }
                unit
            }
            number => self.forms.get(usize::try_from(number - 1).ok()?).cloned()?,
        };
        r.fill(&mut unit)?;
        *at = r.at;
        Some(unit)
    }
}

/// All units of a batch.
pub fn decode_all(bytes: &[u8]) -> Option<Vec<Unit>> {
    let mut decoder = Decoder::default();
    let mut at = 0;
    let mut units = Vec::new();
    while at < bytes.len() {
        units.push(decoder.decode(bytes, &mut at)?);
    }
    Some(units)
}
