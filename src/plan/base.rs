//! The base of a link: per field line, the hash of each side's value when both last agreed.
//!
//! Two hashes a line, each over its side's own value, so that "changed since the base" needs no conversion. Lines are told apart by a
//! layout (the fingerprints of a relationship's lines) that the ledger numbers, so that a base survives edits of the rules.
//! Behind the hashes stand the values of the fields that the rules read with `was()`.

use crate::program::{Line, Relationship, Side, Slot};
use crate::value::{Value, decode, encode};

/// Left and right hash of one line; `None`: nothing agreed yet.
pub type LineBase = Option<[u64; 2]>;

/// Stands for the target's hash where a create left an `on update` line out: it goes with the record's first update.
pub const NOT_WRITTEN: u64 = 1;

/// Stands for the hashes of both sides where a create writes a line's value as it is: the change has the value, and whoever writes the unit
/// out leaves it at that. A base that is noted has the hashes.
pub const AS_WRITTEN: [u64; 2] = [1, 0];

/// What tells a line from others, whatever its place: the fields that it writes, and its source where that is a plain field.
pub fn fingerprint(relationship: &Relationship, line: &Line) -> u64 {
    let mut text = String::new();
    for (flow, mark) in [(&line.push, '>'), (&line.pull, '<')] {
        let Some(flow) = flow else { continue };
        text.push(mark);
        let (source, target) = if mark == '>' { (0, 1) } else { (1, 0) };
        text.push_str(&relationship.sides[target].slots[flow.target.0 as usize].label);
        text.push('=');
        match flow.source_slot {
            Some(slot) if !line.two_way() => {
                text.push_str(&relationship.sides[source].slots[slot.0 as usize].label)
            }
            _ => {}
        }
    }
    text.push_str(&format!("@{:x}", line.alternatives.0));
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}

/// Stands in a layout between the lines and the kept fields.
const KEPT: u64 = 0;

/// The fingerprints of all lines of a relationship, and of the fields whose values are kept.
pub fn layout(relationship: &Relationship) -> Vec<u64> {
    let lines = relationship
        .lines
        .iter()
        .map(|l| fingerprint(relationship, l));
    let mut layout: Vec<u64> = lines.collect();
    if !relationship.was.is_empty() {
        layout.push(KEPT);
        let kept = relationship.was.iter();
        layout.extend(kept.map(|(side, slot)| kept_fingerprint(relationship, *side, *slot)));
    }
    layout
}

fn kept_fingerprint(relationship: &Relationship, side: Side, slot: Slot) -> u64 {
    let rules = &relationship.sides[side.index()];
    let text = format!("{} {}", side.index(), rules.slots[slot.0 as usize].label);
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}

/// A layout's lines and its kept fields.
fn parts(layout: &[u64]) -> (&[u64], &[u64]) {
    match layout.iter().position(|f| *f == KEPT) {
        Some(place) => (&layout[..place], &layout[place + 1..]),
        None => (layout, &[]),
    }
}

/// Where each of `current` stands in `old`.
fn places(current: &[u64], old: &[u64]) -> Vec<Option<usize>> {
    let place = |f: &u64| old.iter().position(|o| o == f);
    current.iter().map(place).collect()
}

/// The layouts that a relationship's bases may have, and the one in force.
#[derive(Debug, Clone, Default)]
pub struct Layouts {
    pub current: u32,
    known: Vec<Known>,
    lines: usize,
    kept: usize,
}

/// A numbered layout: how many lines it has, and where each current line and each kept field stands in it.
#[derive(Debug, Clone)]
struct Known {
    number: u32,
    count: usize,
    lines: Vec<Option<usize>>,
    kept: Vec<Option<usize>>,
}

impl Known {
    fn new(number: u32, layout: &[u64], current: &[u64]) -> Known {
        let ((lines, kept), (current_lines, current_kept)) = (parts(layout), parts(current));
        Known {
            number,
            count: lines.len(),
            lines: places(current_lines, lines),
            kept: places(current_kept, kept),
        }
    }
}

impl Layouts {
    /// `known` are the ledger's numbered layouts of this relationship. The second value is the layout to note, when it is new.
    pub fn new(current: &[u64], known: &[(u32, Vec<u64>)]) -> (Layouts, Option<(u32, Vec<u64>)>) {
        let found = known.iter().find(|(_, l)| l == current).map(|(n, _)| *n);
        let next = known.iter().map(|(n, _)| n + 1).max().unwrap_or(0);
        let (lines, kept) = parts(current);
        let mut all: Vec<Known> = known
            .iter()
            .map(|(n, old)| Known::new(*n, old, current))
            .collect();
        if found.is_none() {
            all.push(Known::new(next, current, current));
        }
        let layouts = Layouts {
            current: found.unwrap_or(next),
            known: all,
            lines: lines.len(),
            kept: kept.len(),
        };
        let fresh = found.is_none().then(|| (next, current.to_vec()));
        (layouts, fresh)
    }

    /// The bytes of a base and of the values that are kept with it.
    pub fn encode(&self, base: &[LineBase], kept: &[Value]) -> Box<[u8]> {
        let head = base.len().div_ceil(4);
        let mut out = Vec::with_capacity(4 + head + base.len() * 8);
        out.extend_from_slice(&self.current.to_le_bytes());
        out.resize(4 + head, 0);
        for (i, line) in base.iter().enumerate() {
            let Some([left, right]) = line else { continue };
            let mark = if left == right { 1u8 } else { 2 };
            out[4 + i / 4] |= mark << (i % 4 * 2);
            out.extend_from_slice(&left.to_le_bytes());
            if left != right {
                out.extend_from_slice(&right.to_le_bytes());
            }
        }
        kept.iter().for_each(|value| encode(value, &mut out));
        out.into_boxed_slice()
    }

    /// The base in the current layout; nothing agreed for lines that the bytes do not know.
    pub fn decode(&self, bytes: &[u8]) -> Vec<LineBase> {
        let Some((known, rest)) = self.layout_of(bytes) else {
            return vec![None; self.lines];
        };
        let (lines, _) = read_lines(rest, known.count);
        if known.number == self.current {
            return lines;
        }
        let line = |place: &Option<usize>| place.and_then(|p| lines.get(p).copied().flatten());
        known.lines.iter().map(line).collect()
    }

    /// The kept values in the current layout; null for fields that the bytes do not know. Empty where nothing is kept.
    pub fn kept(&self, bytes: &[u8]) -> Vec<Value> {
        if self.kept == 0 {
            return Vec::new();
        }
        let Some((known, rest)) = self.layout_of(bytes) else {
            return vec![Value::Null; self.kept];
        };
        let (_, rest) = read_lines(rest, known.count);
        let (mut values, mut at) = (Vec::new(), 0);
        while at < rest.len() {
            let Some(value) = decode(rest, &mut at) else {
                break;
            };
            values.push(value);
        }
        let value = |place: &Option<usize>| {
            place
                .and_then(|p| values.get(p).cloned())
                .unwrap_or_default()
        };
        known.kept.iter().map(value).collect()
    }

    fn layout_of<'b>(&self, bytes: &'b [u8]) -> Option<(&Known, &'b [u8])> {
        let (number, rest) = bytes.split_at_checked(4)?;
        let number = u32::from_le_bytes(number.try_into().ok()?);
        let known = self.known.iter().find(|k| k.number == number)?;
        Some((known, rest))
    }
}

/// The lines, and the bytes behind them.
fn read_lines(bytes: &[u8], count: usize) -> (Vec<LineBase>, &[u8]) {
    let head = count.div_ceil(4);
    let mut rest = bytes.get(head..).unwrap_or_default();
    let mut hash = || {
        let (value, tail) = rest.split_at_checked(8)?;
        rest = tail;
        value.try_into().ok().map(u64::from_le_bytes)
    };
    let lines = (0..count)
        .map(
            |i| match bytes.get(i / 4).map_or(0, |b| b >> (i % 4 * 2) & 3) {
                1 => hash().map(|h| [h, h]),
                2 => hash().and_then(|l| hash().map(|r| [l, r])),
                _ => None,
            },
        )
        .collect();
    (lines, rest)
}

/// Between which two values (hashes, the smaller one first) a field goes by a write: the left ones of a two-way line, since either side
/// may be written; else the target's. `None` where it had no value yet or keeps the one it has.
pub fn turn(line: &Line, old: LineBase, new: LineBase, target: [u64; 2]) -> Option<[u64; 2]> {
    let (old, new) = (old?, new?);
    let [from, to] = if line.two_way() {
        [old[0], new[0]]
    } else {
        target
    };
    (from != to).then_some([from.min(to), from.max(to)])
}

/// The hash that a base keeps of a value.
pub fn hash(value: &Value) -> u64 {
    value.hash64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn kept_values_survive_with_the_base(base in proptest::collection::vec(proptest::option::of(any::<[u64; 2]>()), 0..9), kept in proptest::collection::vec(any::<i64>(), 1..5)) {
            let kept: Vec<Value> = kept.into_iter().map(Value::Int).collect();
            let mut layout: Vec<u64> = (1..=base.len() as u64).collect();
            layout.push(KEPT);
            layout.extend(100..100 + kept.len() as u64);
            let (layouts, fresh) = Layouts::new(&layout, &[]);
            let bytes = layouts.encode(&base, &kept);
            prop_assert_eq!(layouts.decode(&bytes), base.clone());
            prop_assert_eq!(layouts.kept(&bytes), kept.clone());
            // Another field is kept first from now on.
            layout.insert(base.len() + 1, 99);
            let (layouts, _) = Layouts::new(&layout, &[fresh.unwrap()]);
            prop_assert_eq!(layouts.decode(&bytes), base);
            prop_assert_eq!(&layouts.kept(&bytes)[1..], &kept[..]);
            prop_assert_eq!(&layouts.kept(&bytes)[0], &Value::Null);
        }

        #[test]
        fn a_base_survives_encoding(base in proptest::collection::vec(proptest::option::of(any::<[u64; 2]>()), 0..40)) {
            let keys: Vec<u64> = (1..=base.len() as u64).collect();
            let (layouts, fresh) = Layouts::new(&keys, &[]);
            prop_assert!(fresh.is_some());
            prop_assert_eq!(layouts.decode(&layouts.encode(&base, &[])), base);
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let (layouts, _) = Layouts::new(&[1, 2, 3], &[(0, vec![1, 2, 3, 4]), (7, vec![9])]);
            prop_assert_eq!(layouts.decode(&bytes).len(), 3);
            let (layouts, _) = Layouts::new(&[1, KEPT, 3], &[(0, vec![1, KEPT, 3])]);
            prop_assert_eq!(layouts.kept(&bytes).len(), 1);
        }
    }

    #[test]
    fn a_line_keeps_its_base_when_lines_move() {
        let (old, fresh) = Layouts::new(&[10, 20, 30], &[]);
        let bytes = old.encode(&[Some([1, 1]), Some([2, 3]), None], &[]);
        let (new, _) = Layouts::new(&[20, 40, 10], &[fresh.unwrap()]);
        assert_eq!(new.decode(&bytes), vec![Some([2, 3]), None, Some([1, 1])]);
    }
}
