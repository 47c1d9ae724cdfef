//! Values to JSON and back: numbers as JSON numbers without loss, dates and instants as ISO text.

use super::Value;

pub fn to_json(_value: &Value) -> serde_json::Value {
    todo!()
}

pub fn from_json(_json: &serde_json::Value) -> Value {
    todo!()
}
