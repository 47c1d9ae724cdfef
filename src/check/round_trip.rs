//! Lenses on two-way fields, tried on values: what goes over and comes back must be what it was.

use chrono::DateTime;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Checker;
use super::facts::LossyLens;
use super::names::ConversionItem;
use super::samples::samples;
use super::types::is_number;
use crate::diagnostic::codes;
use crate::program::{Conversion, Direction, Lens, Line, Relationship, Side};
use crate::value::{Type, Value, convert, same_in};

/// A value that did not come back.
struct Trip {
    first: Direction,
    value: Value,
    there: Value,
    back: Value,
    /// A second trip changes nothing more.
    settles: bool,
}

impl Checker<'_> {
    /// Tries each lens of a two-way field once for the types of its fields.
    pub fn round_trips(&mut self, relationships: &[Relationship]) {
        let mut tried: FxHashSet<(SmolStr, String)> = FxHashSet::default();
        for relationship in relationships {
            for line in relationship.lines.iter().filter(|l| l.two_way()) {
                let Some(lens) = two_way_lens(line) else {
                    continue;
                };
                if self.facts.broken_lenses.contains(&lens.name) {
                    continue;
                }
                let types = Side::BOTH.map(|side| field_type(relationship, line, side));
                let [Some(left), Some(right)] = types else {
                    continue;
                };
                if tried.insert((lens.name.clone(), format!("{left:?} {right:?}"))) {
                    self.round_trip(lens, [&left, &right], line);
                }
            }
        }
    }

    fn round_trip(&mut self, lens: &Lens, types: [&Type; 2], line: &Line) {
        let Some(ConversionItem::Lens(item)) = self.names.conversions.get(&lens.name) else {
            return;
        };
        let name = item.name.clone();
        let Some(trip) = trip(lens, types) else {
            return;
        };
        let shown = shown(&trip);
        if trip.settles {
            self.facts.lossy_lenses.push(LossyLens {
                name: name.text,
                span: name.span,
                used: line.rule.0,
                shown,
            });
            return;
        }
        if self
            .findings
            .list
            .iter()
            .any(|f| f.code == codes::LENS_NOT_INVERSE && f.span == name.span)
        {
            return;
        }
        self.facts.broken_lenses.insert(lens.name.clone());
        self.findings
            .error(
                codes::LENS_NOT_INVERSE,
                name.span,
                format!("the halves of `{}` are not inverse: {shown}", name.text),
            )
            .label(line.rule.0, "this field goes both ways")
            .help("let each half undo the other");
    }
}

fn two_way_lens(line: &Line) -> Option<&Lens> {
    match (
        &line.push.as_ref()?.conversion,
        &line.pull.as_ref()?.conversion,
    ) {
        (Conversion::Lens(push), Conversion::Lens(pull)) if push.name == pull.name => Some(push),
        _ => None,
    }
}

/// The type of a line's field on one side.
fn field_type(relationship: &Relationship, line: &Line, side: Side) -> Option<Type> {
    let flow = line.flow(side.sends())?;
    let slot = relationship.sides[side.index()]
        .slots
        .get(usize::from(flow.source_slot?.0))?;
    let mut present = slot.types.iter().zip(&slot.present).filter(|(_, p)| **p);
    present.next().map(|(ty, _)| ty.clone())
}

/// The first value that does not come back, one that never settles before all others.
fn trip(lens: &Lens, types: [&Type; 2]) -> Option<Trip> {
    let mut lossy = None;
    for first in Direction::BOTH {
        for value in samples(types[first.source().index()]) {
            match once(lens, types, first, value) {
                Some(trip) if !trip.settles => return Some(trip),
                Some(trip) => {
                    lossy.get_or_insert(trip);
                }
                None => {}
            }
        }
    }
    lossy
}

/// A trip that changes the value; `None` too where a half fails on it, which is an error of that record.
fn once(lens: &Lens, types: [&Type; 2], first: Direction, value: Value) -> Option<Trip> {
    let home = types[first.source().index()];
    let go = |value: &Value| -> Option<(Value, Value)> {
        let there = over(lens, types, first, value)?;
        let back = over(lens, types, first.other(), &there)?;
        Some((there, back))
    };
    let (there, back) = go(&value)?;
    if alike(home, &value, &back) {
        return None;
    }
    let settles = go(&back).is_none_or(|(_, again)| alike(home, &back, &again));
    Some(Trip {
        first,
        value,
        there,
        back,
        settles,
    })
}

fn over(lens: &Lens, types: [&Type; 2], direction: Direction, value: &Value) -> Option<Value> {
    let made = lens.apply(direction, value, DateTime::UNIX_EPOCH).ok()?;
    convert(made, types[direction.target().index()]).ok()
}

/// Equal as the field holds it; numbers up to what a division leaves.
fn alike(ty: &Type, a: &Value, b: &Value) -> bool {
    if same_in(ty, a, b) {
        return true;
    }
    if !(is_number(ty) || matches!(ty, Type::Any)) {
        return false;
    }
    match (a.number(), b.number()) {
        (Some(a), Some(b)) => {
            let difference = (a - b).abs();
            difference <= rust_decimal::Decimal::new(1, 9)
        }
        _ => false,
    }
}

/// `push 10 → 1000, pull 1000 → 100`
fn shown(trip: &Trip) -> String {
    format!(
        "{} {} → {}, {} {} → {}",
        trip.first.word(),
        quoted(&trip.value),
        quoted(&trip.there),
        trip.first.other().word(),
        quoted(&trip.there),
        quoted(&trip.back)
    )
}

/// A value as rules write it, cut where it is long.
pub(crate) fn quoted(value: &Value) -> String {
    const SHOWN: usize = 40;
    let mut text = value.to_string();
    if let Some((end, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    match value {
        Value::Text(_) => format!("\"{text}\""),
        Value::Null | Value::Absent => "null".to_owned(),
        _ => text,
    }
}
