//! Which rows of a list a command means.

use super::Selection;
use crate::value::Value;

impl Selection {
    /// Whether a row with these ids is meant; its relationship was chosen by the query.
    pub(super) fn names(&self, ids: &[Value]) -> bool {
        self.ids.is_empty()
            || ids.iter().any(|id| {
                let text = id.to_string();
                self.ids.contains(&text)
            })
    }
}
