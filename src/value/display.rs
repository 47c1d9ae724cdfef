//! Values as a user expects to read them: text bare, dates ISO, numbers plain, lists and objects as JSON.

use std::fmt;

use super::{Value, time, to_json};

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Absent | Value::Null => Ok(()),
            Value::Bool(truth) => fmt::Display::fmt(truth, f),
            Value::Int(number) => fmt::Display::fmt(number, f),
            // Without trailing zeros: what is the same value reads the same.
            Value::Decimal(number) => fmt::Display::fmt(&number.normalize(), f),
            Value::Text(text) => f.pad(text),
            Value::Date(date) => f.pad(&date.format("%Y-%m-%d").to_string()),
            Value::Instant(instant) => f.pad(&time::format_instant(*instant)),
            Value::Duration(millis) => f.pad(&time::format_duration(*millis)),
            Value::List(_) | Value::Object(_) => f.pad(&to_json(self).to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{from_json, parse_date, parse_instant};
    use super::*;
    use rust_decimal::Decimal;

    #[test]
    fn values_read_plainly() {
        let shown = |value: Value| value.to_string();
        assert_eq!(shown(Value::Null), "");
        assert_eq!(shown(Value::Absent), "");
        assert_eq!(shown(Value::Bool(true)), "true");
        assert_eq!(shown(Value::Decimal(Decimal::new(350, 2))), "3.5");
        assert_eq!(
            shown(Value::Decimal(Decimal::new(1, 20))),
            "0.00000000000000000001"
        );
        assert_eq!(shown(Value::Text("Ada".into())), "Ada");
        assert_eq!(
            shown(parse_date("2024-06-01").map_or(Value::Null, Value::Date)),
            "2024-06-01"
        );
        assert_eq!(
            shown(parse_instant("2024-06-01 12:00:00+02:00").map_or(Value::Null, Value::Instant)),
            "2024-06-01T10:00:00.000Z"
        );
        assert_eq!(shown(Value::Duration(1_200_000)), "20m");
        assert_eq!(
            shown(from_json(&serde_json::json!({"b": [1, null, "x"]}))),
            r#"{"b":[1,null,"x"]}"#
        );
    }
}
