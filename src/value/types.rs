use std::sync::Arc;

use smol_str::SmolStr;

/// The type of a field or an expression (language reference, section 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Text of at most `max` characters, unlimited without one.
    Text {
        max: Option<u32>,
    },
    /// A decimal number with at most `scale` digits after the point, any number without one. `scale: Some(0)` is an integer column:
    /// in SQL stores it also works as a condition and takes `true/false` as 1/0.
    Number {
        scale: Option<u32>,
    },
    Bool,
    Date,
    Instant,
    Duration,
    /// A record's id or a reference to one.
    Id,
    /// One of the members of a picklist.
    Enum(Arc<Vec<SmolStr>>),
    List(Box<Type>),
    /// Structured (JSON) value.
    Object,
    /// The type of `null` alone.
    Null,
    /// Not known: fits everything, and is counted as not checked where it matters.
    Any,
}
