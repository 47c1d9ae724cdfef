//! Ids as keys of maps: equal as values are.

use std::hash::{Hash, Hasher};

use crate::value::Value;

#[derive(Debug, Clone)]
pub struct IdKey(pub Value);

impl PartialEq for IdKey {
    fn eq(&self, other: &IdKey) -> bool {
        self.0.same(&other.0)
    }
}

impl Eq for IdKey {}

impl Hash for IdKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash64());
    }
}

/// A record of one side of a relationship: the ids of two alternatives may be the same.
pub type RecordKey = (usize, IdKey);

pub fn record_key(alternative: usize, id: &Value) -> RecordKey {
    (alternative, IdKey(id.clone()))
}
