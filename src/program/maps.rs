//! Value maps and lenses: the named conversions of two-way fields (language reference, section 4).

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::{Direction, EvalError, Expr, NoRecord, evaluate};
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
    pub push: Expr,
    pub pull: Expr,
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

impl Lens {
    /// The value as the other side has it; null gives null. `now` is the run's clock.
    ///
    /// # Errors
    /// As [`evaluate`].
    pub fn apply(
        &self,
        direction: Direction,
        value: &Value,
        now: DateTime<Utc>,
    ) -> Result<Value, EvalError> {
        if value.is_null() {
            return Ok(value.clone());
        }
        let half = match direction {
            Direction::Push => &self.push,
            Direction::Pull => &self.pull,
        };
        evaluate(half, &NoRecord { it: value, now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Arithmetic;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn map(otherwise: ElseRule) -> ValueMap {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(from, to)| (text(from), text(to)))
                .collect::<Vec<_>>()
        };
        let mut push = pairs(&[("new", "Open"), ("working", "Contacted")]);
        push.push((Value::Bool(true), text("Yes")));
        ValueMap {
            name: "lead_status".into(),
            entries: [
                push,
                pairs(&[("Open", "new"), ("Contacted", "working"), ("Open", "never")]),
            ],
            otherwise: [otherwise.clone(), otherwise],
        }
    }

    #[test]
    fn the_first_entry_that_fits_wins() {
        let map = map(ElseRule::Error);
        assert_eq!(
            map.apply(Direction::Push, &text("working")),
            Ok(text("Contacted"))
        );
        assert_eq!(map.apply(Direction::Pull, &text("Open")), Ok(text("new")));
        assert_eq!(map.apply(Direction::Push, &Value::Int(1)), Ok(text("Yes")));
    }

    #[test]
    fn what_no_entry_names_follows_else() {
        let lost = text("lost");
        let error = map(ElseRule::Error)
            .apply(Direction::Push, &lost)
            .map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("`lost` is not in the value map `lead_status`".to_owned())
        );
        assert_eq!(
            map(ElseRule::Keep).apply(Direction::Pull, &lost),
            Ok(lost.clone())
        );
        assert_eq!(
            map(ElseRule::Value(text("x"))).apply(Direction::Pull, &lost),
            Ok(text("x"))
        );
    }

    #[test]
    fn null_passes_through() {
        let never = Lens {
            name: "cents".into(),
            push: Expr::Const(Value::Int(1)),
            pull: Expr::Const(Value::Int(1)),
        };
        for null in [Value::Null, Value::Absent] {
            assert_eq!(
                map(ElseRule::Value(text("x"))).apply(Direction::Push, &null),
                Ok(null.clone())
            );
            assert_eq!(
                never.apply(Direction::Pull, &null, DateTime::UNIX_EPOCH),
                Ok(null)
            );
        }
    }

    #[test]
    fn a_lens_has_a_half_for_each_direction() {
        let half = |operator| {
            Expr::Arithmetic(
                operator,
                Box::new(Expr::It),
                Box::new(Expr::Const(Value::Int(100))),
            )
        };
        let cents = Lens {
            name: "cents".into(),
            push: half(Arithmetic::Multiply),
            pull: half(Arithmetic::Divide),
        };
        let pushed = cents.apply(Direction::Push, &Value::Int(3), DateTime::UNIX_EPOCH);
        assert_eq!(pushed, Ok(Value::Int(300)));
        assert_eq!(
            cents.apply(Direction::Pull, &Value::Int(300), DateTime::UNIX_EPOCH),
            Ok(Value::Int(3))
        );
    }
}
