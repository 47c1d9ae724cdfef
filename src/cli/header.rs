//! What names a plan: its run id and the moment it was made.

use chrono::{DateTime, Utc};

use crate::value::format_instant;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub run: String,
    pub at: DateTime<Utc>,
}

impl Header {
    /// A new run, now.
    pub fn now() -> Header {
        Header {
            run: uuid::Uuid::now_v7().to_string(),
            at: Utc::now(),
        }
    }
    pub fn created_at(&self) -> String {
        format_instant(self.at)
    }
}
