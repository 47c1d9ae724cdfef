//! Which places on the ledger's lists effects fill and empty.

use smol_str::SmolStr;
use xxhash_rust::xxh3::xxh3_128;

use super::batch::record_key;
use crate::ledger::Effect;
use crate::program::Side;
use crate::value::Value;

#[derive(Debug, Clone, Copy)]
enum List {
    Held,
    Failed,
    Waiting,
}

/// A record's place on one of the lists of a relationship: its hash, since a plan may list any number of them. Places of a thousand million
/// records share one with a probability of less than 10^-20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place(u128);

impl Place {
    fn new(list: List, relationship: &SmolStr, side: Side, object: &str, id: &Value) -> Place {
        let mut place = record_key(side, object, id);
        place.push(list as u8);
        place.extend_from_slice(relationship.as_bytes());
        Place(xxh3_128(&place))
    }
}

/// The place that an effect fills.
pub fn listed(effect: &Effect) -> Option<Place> {
    Some(match effect {
        Effect::Hold(h) => {
            let side = h.direction.source();
            Place::new(List::Held, &h.relationship, side, &h.object, &h.id)
        }
        Effect::Fail(f) => Place::new(List::Failed, &f.relationship, f.side, &f.object, &f.id),
        Effect::Wait {
            relationship,
            revisit: r,
        } => Place::new(List::Waiting, relationship, r.side, &r.object, &r.id),
        _ => return None,
    })
}

/// The place that an effect empties.
pub fn taken_off(effect: &Effect) -> Option<Place> {
    Some(match effect {
        Effect::Unhold {
            relationship,
            direction,
            object,
            id,
        } => Place::new(List::Held, relationship, direction.source(), object, id),
        Effect::Unfail {
            relationship,
            side,
            object,
            id,
        } => Place::new(List::Failed, relationship, *side, object, id),
        Effect::Unwait {
            relationship,
            revisit: r,
        } => Place::new(List::Waiting, relationship, r.side, &r.object, &r.id),
        _ => return None,
    })
}
