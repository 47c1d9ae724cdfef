//! What names a plan: its run id and the moment it was made.

use chrono::{DateTime, SubsecRound, Utc};

use crate::value::format_instant;

/// This moment, to the millisecond, as all times of plans and ledgers are.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

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
            at: now(),
        }
    }
    pub fn created_at(&self) -> String {
        format_instant(self.at)
    }
}
