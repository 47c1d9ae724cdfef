//! What the daemon tells of itself: a message and what belongs to it, for people or for machines as whoever started it decides.

use serde_json::Value as Json;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// For those who ask for more.
    Detail,
    Info,
    Warning,
    Error,
}

/// Names with their values: counts, times, names of lanes. Never values of records.
pub type Fields<'a> = &'a [(&'static str, Json)];

pub trait Log: Send + Sync {
    fn say(&self, level: Level, message: &str, fields: Fields<'_>);
}
