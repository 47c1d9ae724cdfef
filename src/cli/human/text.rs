//! Small texts: values, counts, titles.

use crate::plan::To;
use crate::program::{Program, RelId, Source};
use crate::value::Value;

/// Characters of a value that are shown.
const WIDTH: usize = 60;

/// `12345` as `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 link`, `2 links`
pub fn counted(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", count(number))
}

/// A value on one line: texts in quotes, long ones cut, nothing that could move the cursor.
pub fn value(value: &Value) -> String {
    value_within(value, WIDTH)
}

/// As [`value`], cut after `width` characters.
pub fn value_within(value: &Value, width: usize) -> String {
    match value {
        Value::Null | Value::Absent => "null".to_owned(),
        Value::Text(text) => format!("\"{}\"", cut_to(text, width)),
        other => cut_to(&other.to_string(), width),
    }
}

/// What a field becomes.
pub fn to(to: &To) -> String {
    to_within(to, WIDTH)
}

/// As [`to`], cut after `width` characters.
pub fn to_within(to: &To, width: usize) -> String {
    match to {
        To::Value(new) => value_within(new, width),
        To::Linked { id, .. } => format!("(the record linked to {})", value(id)),
        To::Made { .. } => "(the record that the lookup makes)".to_owned(),
        To::CreatedId | To::Unknown => "(known after the create)".to_owned(),
    }
}

/// An id without quotes.
pub fn id(id: &Value) -> String {
    cut(&id.to_string())
}

/// `Lead: marketing.lead <-> salesforce.Contact | Lead`, `hot_lead: on change marketing.lead`
pub fn title(program: &Program, id: RelId) -> String {
    let relationship = &program[id];
    if let Some(trigger) = program.trigger(id) {
        let source = match &trigger.source {
            Source::Record {
                happens,
                side,
                object,
            } => {
                let store = &program.stores[side.index()].name;
                format!("{} {store}.{}", happens.word(), object.name)
            }
            Source::Event(name) => format!("event {name}"),
            Source::RunFailed => "run failed".to_owned(),
        };
        return format!("{}: on {source}", relationship.name);
    }
    let sides = [0, 1].map(|side| {
        let names: Vec<&str> = relationship.sides[side]
            .objects
            .iter()
            .map(|object| object.name.as_str())
            .collect();
        format!("{}.{}", program.stores[side].name, names.join(" | "))
    });
    let arrow = match relationship.enabled {
        [true, false] => "->",
        [false, true] => "<-",
        _ => "<->",
    };
    format!("{}: {} {arrow} {}", relationship.name, sides[0], sides[1])
}

/// A text on one line, cut where it is long.
pub fn cut(text: &str) -> String {
    cut_to(text, WIDTH)
}

fn cut_to(text: &str, width: usize) -> String {
    let mut shown = String::new();
    for (place, c) in text.chars().enumerate() {
        if place == width {
            shown.push('…');
            break;
        }
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        let texts = [0, 7, 999, 1_000, 12_345, 1_234_567].map(count);
        assert_eq!(texts, ["0", "7", "999", "1,000", "12,345", "1,234,567"]);
        assert_eq!(counted(1, "link"), "1 link");
        assert_eq!(counted(2000, "link"), "2,000 links");
    }

    #[test]
    fn a_value_stays_on_its_line() {
        let wild = Value::Text("a\u{1b}[31m\nb".into());
        assert_eq!(value(&wild), "\"a\\u{1b}[31m\\nb\"");
        let long = value(&Value::Text("x".repeat(100).into()));
        assert_eq!(long.chars().count(), WIDTH + 3);
        assert_eq!(value(&Value::Null), "null");
    }
}
