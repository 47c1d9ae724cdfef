//! Many records by alternative and id, in little space.

use crate::plan::ids::{RecordKey, record_key};
use crate::value::{Value, decode, encode};

/// Records of a segment, which has its bytes for itself.
const SEGMENT: usize = 1024;
/// Records of a block: its first one is written whole.
const BLOCK: usize = 16;
/// A length that does not fit into its byte.
const LONG: u8 = u8::MAX;

/// Records in the order in which they came. Ids that follow each other begin alike: each says how many bytes it has in common with the
/// one before, and the rest. Of ids that come in order that leaves a few bytes of each.
#[derive(Debug, Clone, Default)]
pub struct Records {
    segments: Vec<Segment>,
    len: usize,
    /// The bytes of the last record.
    last: Vec<u8>,
}

#[derive(Debug, Clone, Default)]
struct Segment {
    bytes: Vec<u8>,
    /// Where each block begins.
    blocks: Vec<usize>,
}

impl Records {
    pub fn push(&mut self, alternative: usize, id: &Value) {
        let mut bytes = Vec::with_capacity(self.last.capacity());
        bytes.extend_from_slice(&(alternative as u16).to_le_bytes());
        encode(id, &mut bytes);
        self.push_bytes(bytes);
    }

    fn push_bytes(&mut self, bytes: Vec<u8>) {
        if self.len.is_multiple_of(SEGMENT) {
            if let Some(full) = self.segments.last_mut() {
                full.bytes.shrink_to_fit();
            }
            self.segments.push(Segment::default());
        }
        let first = self.len.is_multiple_of(BLOCK);
        self.len += 1;
        let Some(segment) = self.segments.last_mut() else {
            return;
        };
        if first {
            segment.blocks.push(segment.bytes.len());
            self.last.clear();
        }
        let common = self.last.iter().zip(&bytes).take_while(|(a, b)| a == b);
        let common = common.take(usize::from(u8::MAX)).count();
        segment.bytes.push(common as u8);
        put_length(bytes.len() - common, &mut segment.bytes);
        segment.bytes.extend_from_slice(&bytes[common..]);
        self.last = bytes;
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Alternative and id; null past the end.
    pub fn get(&self, place: usize) -> (usize, Value) {
        let bytes = self.segments.get(place / SEGMENT).and_then(|segment| {
            let start = *segment.blocks.get(place % SEGMENT / BLOCK)?;
            let mut walk = Walk::new(&segment.bytes[start..]);
            (0..=place % BLOCK).try_for_each(|_| walk.step())?;
            Some(walk.entry)
        });
        bytes.map_or((0, Value::Null), |bytes| record(&bytes))
    }

    pub fn key(&self, place: usize) -> RecordKey {
        let (alternative, id) = self.get(place);
        record_key(alternative, &id)
    }

    /// Alternatives and ids, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Value)> + Clone {
        self.segments.iter().flat_map(|segment| {
            let mut walk = Walk::new(&segment.bytes);
            std::iter::from_fn(move || walk.step().map(|()| record(&walk.entry)))
        })
    }

    /// Those that are kept.
    pub fn thinned(self, keep: &[bool]) -> Records {
        let mut thin = Records::default();
        let mut keep = keep.iter();
        for segment in self.segments {
            let mut walk = Walk::new(&segment.bytes);
            while walk.step().is_some() {
                if keep.next().copied().unwrap_or(false) {
                    thin.push_bytes(walk.entry.clone());
                }
            }
        }
        thin
    }
}

/// From record to record of some blocks.
#[derive(Clone)]
struct Walk<'b> {
    bytes: &'b [u8],
    /// The bytes of the record at hand.
    entry: Vec<u8>,
}

impl<'b> Walk<'b> {
    fn new(bytes: &'b [u8]) -> Walk<'b> {
        Walk {
            bytes,
            entry: Vec::new(),
        }
    }

    /// On to the next record; `None` past the last one.
    fn step(&mut self) -> Option<()> {
        let (common, bytes) = self.bytes.split_first()?;
        let (length, bytes) = take_length(bytes)?;
        let (rest, bytes) = bytes.split_at_checked(length)?;
        self.entry.truncate(usize::from(*common));
        self.entry.extend_from_slice(rest);
        self.bytes = bytes;
        Some(())
    }
}

fn record(bytes: &[u8]) -> (usize, Value) {
    let alternative = bytes
        .first_chunk()
        .map_or(0, |two| u16::from_le_bytes(*two));
    (
        alternative.into(),
        decode(bytes, &mut 2).unwrap_or_default(),
    )
}

fn put_length(length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(short) if short < LONG => out.push(short),
        _ => {
            out.push(LONG);
            out.extend_from_slice(&length.to_le_bytes());
        }
    }
}

fn take_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first < LONG {
        return Some((usize::from(*first), rest));
    }
    let (length, rest) = rest.split_first_chunk()?;
    Some((usize::from_le_bytes(*length), rest))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::value::samples::any_value;
    use proptest::prelude::*;

    /// Ids as stores give them, beside values of every other kind.
    pub fn any_id() -> impl Strategy<Value = Value> {
        prop_oneof![
            any_value(),
            (0_i64..100_000).prop_map(Value::Int),
            "00Q[0-9A-C]{15}".prop_map(|text| Value::Text(text.into())),
            ("[a-z]{1,4}", 0_usize..900)
                .prop_map(|(start, length)| Value::Text(start.repeat(length).into())),
        ]
    }

    proptest! {
        #[test]
        fn records_come_back_as_they_were(
            all in prop::collection::vec((0_usize..3, any_id()), 0..60),
            times in 1_usize..40,
        ) {
            let all: Vec<_> = std::iter::repeat_n(all, times).flatten().collect();
            let mut records = Records::default();
            all.iter().for_each(|(alternative, id)| records.push(*alternative, id));
            prop_assert_eq!(records.len(), all.len());
            prop_assert_eq!(records.is_empty(), all.is_empty());
            for (place, one) in all.iter().enumerate().step_by(7) {
                prop_assert_eq!(&records.get(place), one);
            }
            prop_assert!(records.iter().eq(all.iter().cloned()));
            let keep: Vec<bool> = (0..all.len()).map(|place| place % 3 != 1).collect();
            let kept = all.iter().zip(&keep).filter(|(_, keep)| **keep);
            prop_assert!(records.thinned(&keep).iter().eq(kept.map(|(one, _)| one.clone())));
        }
    }

    #[test]
    fn ids_in_order_take_few_bytes() {
        let mut records = Records::default();
        for number in 0..10_000 {
            records.push(0, &Value::Text(format!("00Q{number:012}AAA").into()));
        }
        let bytes: usize = records.segments.iter().map(|s| s.bytes.len()).sum();
        assert!(bytes < 10 * records.len(), "{bytes}");
    }
}
