//! A record without a link, by what it matches by.

use super::keys::KeyHash;
use crate::value::Value;

/// A record without a link that may find a partner.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: Value,
    /// By key; `None` where a value is blank or the key is not for it.
    pub(super) keys: Box<[Option<KeyHash>]>,
    /// When it was made (or changed); null where the store does not tell.
    pub(super) age: Value,
    pub(super) alternative: usize,
}

impl Candidate {
    pub(super) fn new(alternative: usize, id: Value, keys: Box<[Option<KeyHash>]>) -> Candidate {
        Candidate {
            id,
            keys,
            age: Value::Null,
            alternative,
        }
    }

    /// A record that no key is for.
    pub fn keyless(alternative: usize, id: Value) -> Candidate {
        Candidate::new(alternative, id, Box::default())
    }
}
