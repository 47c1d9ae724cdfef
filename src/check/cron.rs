//! What is wrong with a cron line: which of its fields, and why.

use std::ops::RangeInclusive;

/// A field that does not work: its bytes in the line, and the fact.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub start: usize,
    pub end: usize,
    pub message: String,
}

struct FieldKind {
    name: &'static str,
    range: RangeInclusive<u32>,
    /// Names that stand for numbers, the first for the range's first.
    names: &'static [&'static str],
}

const FIELDS: [FieldKind; 5] = [
    FieldKind {
        name: "minute",
        range: 0..=59,
        names: &[],
    },
    FieldKind {
        name: "hour",
        range: 0..=23,
        names: &[],
    },
    FieldKind {
        name: "day of the month",
        range: 1..=31,
        names: &[],
    },
    FieldKind {
        name: "month",
        range: 1..=12,
        names: &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
    },
    FieldKind {
        name: "day of the week",
        range: 0..=7,
        names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    },
];

/// The first field of a line of five that is at fault, if it is plain which.
pub(super) fn fault(line: &str) -> Option<Fault> {
    let mut at = 0;
    for kind in &FIELDS {
        let start = at + (line[at..].len() - line[at..].trim_start().len());
        let text = line[start..].split_whitespace().next()?;
        at = start + text.len();
        if let Some(message) = kind.fault(text) {
            return Some(Fault {
                start,
                end: at,
                message,
            });
        }
    }
    None
}

impl FieldKind {
    fn fault(&self, text: &str) -> Option<String> {
        text.split(',').find_map(|part| {
            let (values, step) = match part.split_once('/') {
                Some((values, step)) => (values, Some(step)),
                None => (part, None),
            };
            if let Some(step) = step
                && step.parse::<u32>().is_ok_and(|n| n == 0)
            {
                return Some(format!("a step of 0 never comes round: `{part}`"));
            }
            let values: Vec<&str> = match values {
                "*" | "?" => Vec::new(),
                values => values.split('-').collect(),
            };
            let numbers: Vec<u32> = values.iter().filter_map(|v| self.number(v)).collect();
            if let (Some(value), true) = (
                values
                    .iter()
                    .find(|v| self.number(v).is_some_and(|n| !self.range.contains(&n))),
                !values.is_empty(),
            ) {
                return Some(format!(
                    "the {} is {} to {}, and not `{value}`",
                    self.name,
                    self.range.start(),
                    self.range.end()
                ));
            }
            match numbers.as_slice() {
                [from, to] if from > to => Some(format!("`{part}` ends before it begins")),
                _ => None,
            }
        })
    }

    fn number(&self, value: &str) -> Option<u32> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(value))
            .and_then(|at| u32::try_from(at).ok())
            .map(|at| at + self.range.start());
        named.or_else(|| value.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_at_fault_is_named() {
        let of = |line: &str| fault(line).map(|f| (line[f.start..f.end].to_owned(), f.message));
        assert_eq!(
            of("*/5 9-25 * * 1-5"),
            Some((
                "9-25".to_owned(),
                "the hour is 0 to 23, and not `25`".to_owned()
            ))
        );
        assert_eq!(
            of("0  0 1 JAN-13 *").map(|f| f.1),
            Some("the month is 1 to 12, and not `13`".to_owned())
        );
        assert_eq!(
            of("*/0 * * * *").map(|f| f.1),
            Some("a step of 0 never comes round: `*/0`".to_owned())
        );
        assert_eq!(
            of("0 17-9 * * *").map(|f| f.1),
            Some("`17-9` ends before it begins".to_owned())
        );
        assert_eq!(of("*/5 9-17 * * MON-FRI"), None);
    }
}
