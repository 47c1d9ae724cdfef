//! The base of a link: per field line, the hash of each side's value when both last agreed.
//!
//! Two hashes a line, each over its side's own value, so that "changed since the base" needs no conversion. Lines are told apart by a
//! layout (the fingerprints of a relationship's lines) that the ledger numbers, so that a base survives edits of the rules.

use crate::program::{Line, Relationship};
use crate::value::Value;

/// Left and right hash of one line; `None`: nothing agreed yet.
pub type LineBase = Option<[u64; 2]>;

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

/// The fingerprints of all lines of a relationship.
pub fn layout(relationship: &Relationship) -> Vec<u64> {
    relationship
        .lines
        .iter()
        .map(|l| fingerprint(relationship, l))
        .collect()
}

/// The layouts that a relationship's bases may have, and the one in force.
#[derive(Debug, Clone, Default)]
pub struct Layouts {
    pub current: u32,
    /// For each older layout, where each current line stood in it.
    older: Vec<(u32, usize, Vec<Option<usize>>)>,
    lines: usize,
}

impl Layouts {
    /// `known` are the ledger's numbered layouts of this relationship. The second value is the layout to note, when it is new.
    pub fn new(current: &[u64], known: &[(u32, Vec<u64>)]) -> (Layouts, Option<(u32, Vec<u64>)>) {
        let older = known
            .iter()
            .map(|(n, old)| {
                (
                    *n,
                    old.len(),
                    current
                        .iter()
                        .map(|f| old.iter().position(|o| o == f))
                        .collect(),
                )
            })
            .collect();
        let found = known.iter().find(|(_, l)| l == current).map(|(n, _)| *n);
        let next = known.iter().map(|(n, _)| n + 1).max().unwrap_or(0);
        let layouts = Layouts {
            current: found.unwrap_or(next),
            older,
            lines: current.len(),
        };
        let fresh = found.is_none().then(|| (next, current.to_vec()));
        (layouts, fresh)
    }

    pub fn encode(&self, base: &[LineBase]) -> Box<[u8]> {
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
        out.into_boxed_slice()
    }

    /// The base in the current layout; nothing agreed for lines that the bytes do not know.
    pub fn decode(&self, bytes: &[u8]) -> Vec<LineBase> {
        let nothing = || vec![None; self.lines];
        let Some(number) = bytes
            .get(..4)
            .and_then(|b| b.try_into().ok())
            .map(u32::from_le_bytes)
        else {
            return nothing();
        };
        let Some((_, count, places)) = self.older.iter().find(|(n, ..)| *n == number) else {
            return if number == self.current {
                read_lines(&bytes[4..], self.lines)
            } else {
                nothing()
            };
        };
        let lines = read_lines(&bytes[4..], *count);
        if number == self.current {
            return lines;
        }
        places
            .iter()
            .map(|p| p.and_then(|p| lines.get(p).copied().flatten()))
            .collect()
    }
}

fn read_lines(bytes: &[u8], count: usize) -> Vec<LineBase> {
    let head = count.div_ceil(4);
    let mut rest = bytes.get(head..).unwrap_or_default();
    let mut hash = || {
        let (value, tail) = rest.split_at_checked(8)?;
        rest = tail;
        value.try_into().ok().map(u64::from_le_bytes)
    };
    (0..count)
        .map(
            |i| match bytes.get(i / 4).map_or(0, |b| b >> (i % 4 * 2) & 3) {
                1 => hash().map(|h| [h, h]),
                2 => hash().and_then(|l| hash().map(|r| [l, r])),
                _ => None,
            },
        )
        .collect()
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
        fn a_base_survives_encoding(base in proptest::collection::vec(proptest::option::of(any::<[u64; 2]>()), 0..40)) {
            let keys: Vec<u64> = (0..base.len() as u64).collect();
            let (layouts, fresh) = Layouts::new(&keys, &[]);
            prop_assert!(fresh.is_some());
            prop_assert_eq!(layouts.decode(&layouts.encode(&base)), base);
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let (layouts, _) = Layouts::new(&[1, 2, 3], &[(0, vec![1, 2, 3, 4]), (7, vec![9])]);
            prop_assert_eq!(layouts.decode(&bytes).len(), 3);
        }
    }

    #[test]
    fn a_line_keeps_its_base_when_lines_move() {
        let (old, fresh) = Layouts::new(&[10, 20, 30], &[]);
        let bytes = old.encode(&[Some([1, 1]), Some([2, 3]), None]);
        let (new, _) = Layouts::new(&[20, 40, 10], &[fresh.unwrap()]);
        assert_eq!(new.decode(&bytes), vec![Some([2, 3]), None, Some([1, 1])]);
    }
}
