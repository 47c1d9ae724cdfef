//! Value maps and lenses: the named conversions of two-way fields (language reference, section 4).

use smol_str::SmolStr;

use super::Direction;
use crate::value::Value;

/// `values NAME { … }`. Entries of each direction in file order; the first that fits wins; null passes through.
#[derive(Debug, Clone)]
pub struct ValueMap {
    pub name: SmolStr,
    /// `push` (left value to right value) and `pull` (right value to left value).
    pub entries: [Vec<(Value, Value)>; 2],
    /// What becomes of a value that no entry names.
    pub otherwise: [ElseRule; 2],
}

#[derive(Debug, Clone, PartialEq)]
pub enum ElseRule {
    /// The value is an error of the record; also without any `else`.
    Error,
    Keep,
    Value(Value),
}

/// `lens NAME { push EXPR pull EXPR }` over `it`.
#[derive(Debug, Clone)]
pub struct Lens {
    pub name: SmolStr,
    pub push: super::Expr,
    pub pull: super::Expr,
}

/// No entry of the map names this value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{value}` is not in the value map `{map}`")]
pub struct MapError {
    pub map: SmolStr,
    pub value: String,
}

impl ValueMap {
    /// Null gives null. Numbers and booleans compare as in [`Value::same`].
    ///
    /// # Errors
    /// A value without an entry where the map says `else error` or nothing.
    pub fn apply(&self, direction: Direction, value: &Value) -> Result<Value, MapError> {
        if matches!(value, Value::Null | Value::Absent) {
            return Ok(value.clone());
        }
        if let Some((_, to)) = self.entries[direction.index()]
            .iter()
            .find(|(from, _)| from.same(value))
        {
            return Ok(to.clone());
        }
        match &self.otherwise[direction.index()] {
            ElseRule::Keep => Ok(value.clone()),
            ElseRule::Value(v) => Ok(v.clone()),
            ElseRule::Error => Err(MapError {
                map: self.name.clone(),
                value: value.to_string(),
            }),
        }
    }
}
