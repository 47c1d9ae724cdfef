//! What one expression may be in a record: null or not, and which values.

use std::cmp::Ordering;

use crate::syntax::ast::BinaryOp;
use crate::value::Value;

/// An end of a range, and whether it belongs to it.
#[derive(Debug, Clone)]
struct End {
    at: Value,
    included: bool,
}

/// The values that an expression may have.
#[derive(Debug, Clone)]
pub(super) struct Domain {
    /// It may be null.
    pub null: bool,
    /// It may be something.
    value: bool,
    /// The constants that it may be; any without.
    only: Option<Vec<Value>>,
    not: Vec<Value>,
    low: Option<End>,
    high: Option<End>,
    /// Texts of white space only, or none of them.
    blank: Option<bool>,
    patterns: Vec<(regex::Regex, bool)>,
}

impl Default for Domain {
    fn default() -> Self {
        Domain {
            null: true,
            value: true,
            only: None,
            not: Vec::new(),
            low: None,
            high: None,
            blank: None,
            patterns: Vec::new(),
        }
    }
}

impl Domain {
    pub fn not_null(&mut self) {
        self.null = false;
    }

    pub fn only_null(&mut self) {
        self.value = false;
    }

    /// Narrows what it is where it is something: `= != < <= > >=` a constant.
    pub fn compare(&mut self, op: BinaryOp, constant: &Value) {
        let end = |included| {
            Some(End {
                at: constant.clone(),
                included,
            })
        };
        match op {
            BinaryOp::Equal => self.among(std::slice::from_ref(constant)),
            BinaryOp::NotEqual => self.not.push(constant.clone()),
            BinaryOp::Less => self.high = tighter(self.high.take(), end(false), Ordering::Less),
            BinaryOp::LessEqual => self.high = tighter(self.high.take(), end(true), Ordering::Less),
            BinaryOp::Greater => self.low = tighter(self.low.take(), end(false), Ordering::Greater),
            BinaryOp::GreaterEqual => {
                self.low = tighter(self.low.take(), end(true), Ordering::Greater);
            }
            _ => {}
        }
    }

    pub fn among(&mut self, constants: &[Value]) {
        self.only = Some(match self.only.take() {
            None => constants.to_vec(),
            Some(before) => before
                .into_iter()
                .filter(|b| constants.iter().any(|c| !differ(b, c)))
                .collect(),
        });
    }

    pub fn none_of(&mut self, constants: &[Value]) {
        self.not.extend_from_slice(constants);
    }

    /// Where it is something, whether that is blank.
    pub fn blank(&mut self, blank: bool) {
        match self.blank {
            Some(before) if before != blank => self.value = false,
            _ => self.blank = Some(blank),
        }
    }

    pub fn is_blank(&self) -> Option<bool> {
        self.blank
    }

    pub fn matches(&mut self, pattern: regex::Regex, holds: bool) {
        self.patterns.push((pattern, holds));
    }

    /// Leaves the constants for which `keep` holds; without a list of them nothing changes.
    pub fn retain(&mut self, keep: impl Fn(&Value) -> bool) {
        if let Some(only) = &mut self.only {
            only.retain(keep);
        }
    }

    /// The constants that it may be, if these are all.
    pub fn constants(&self) -> Option<&[Value]> {
        self.only.as_deref()
    }

    /// Whether anything is left.
    pub fn possible(&self) -> bool {
        self.null || self.value && self.some_value()
    }

    fn some_value(&self) -> bool {
        if let Some(only) = &self.only {
            return only.iter().any(|constant| self.allows(constant));
        }
        let (Some(low), Some(high)) = (&self.low, &self.high) else {
            return true;
        };
        match order(&low.at, &high.at) {
            Some(Ordering::Greater) => false,
            Some(Ordering::Equal) => {
                low.included && high.included && !self.not.iter().any(|n| same(n, &low.at))
            }
            _ => true,
        }
    }

    fn allows(&self, constant: &Value) -> bool {
        let within = |end: &Option<End>, beyond: Ordering| match end {
            None => true,
            Some(end) => match order(constant, &end.at) {
                Some(Ordering::Equal) => end.included,
                Some(order) => order != beyond,
                None => true,
            },
        };
        let blank = match self.blank {
            Some(blank) => constant.is_blank() == blank,
            None => true,
        };
        let patterns = match constant {
            Value::Text(text) => self
                .patterns
                .iter()
                .all(|(p, holds)| p.is_match(text) == *holds),
            _ => true,
        };
        blank
            && patterns
            && within(&self.low, Ordering::Less)
            && within(&self.high, Ordering::Greater)
            && !self.not.iter().any(|n| same(n, constant))
    }
}

/// The end that leaves less: `toward` is where the range lies.
fn tighter(a: Option<End>, b: Option<End>, toward: Ordering) -> Option<End> {
    match (a, b) {
        (Some(a), Some(b)) => Some(match order(&b.at, &a.at) {
            Some(Ordering::Equal) => End {
                included: a.included && b.included,
                ..a
            },
            Some(order) if order == toward => b,
            _ => a,
        }),
        (a, b) => a.or(b),
    }
}

/// The order of two constants of one kind; a text may hold a moment, so that texts and times have none.
pub(super) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Bool(_), Value::Bool(_)) => None,
        (Value::Bool(a), Value::Int(_) | Value::Decimal(_)) => Some(a.cmp(&truth(b))),
        (Value::Int(_) | Value::Decimal(_), Value::Bool(b)) => Some(truth(a).cmp(b)),
        _ => a.order(b),
    }
}

fn truth(number: &Value) -> bool {
    !number.same(&Value::Int(0))
}

/// Whether the two are certainly equal, as conditions see it.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    a.same(b) || order(a, b) == Some(Ordering::Equal)
}

/// Whether the two are certainly not equal, as conditions see it.
pub(super) fn differ(a: &Value, b: &Value) -> bool {
    let timely = |v: &Value| matches!(v, Value::Date(_) | Value::Instant(_));
    let text = |v: &Value| matches!(v, Value::Text(_));
    !(same(a, b) || text(a) && timely(b) || timely(a) && text(b))
}
