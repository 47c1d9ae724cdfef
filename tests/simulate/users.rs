//! The users of both stores: what they do, and what they remember of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bilateral::store::MemoryStore;
use bilateral::value::Value;
use indexmap::IndexMap;
use smol_str::{SmolStr, format_smolstr};

use super::history::Edit;
use super::templates::{Kind, Template};

pub type Row = IndexMap<SmolStr, Value>;

/// One value that a user gave a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub pair: usize,
    pub side: usize,
    pub mark: String,
    pub field: usize,
    /// In the terms of both sides; `None` is blank.
    pub value: Option<String>,
}

#[derive(Debug, Default)]
pub struct Memory {
    pub given: Vec<Given>,
    /// By mark: the pair, and on which sides users made it.
    pub made: BTreeMap<String, (usize, [bool; 2])>,
    /// Marks of which a user deleted or converted a record.
    pub gone: Vec<String>,
}

#[derive(Clone)]
pub struct Users {
    pub template: &'static Template,
    pub stores: [MemoryStore; 2],
    pub memory: Arc<Mutex<Memory>>,
}

pub const UID: [&str; 2] = ["uid", "Uid"];
pub const ID: [&str; 2] = ["id", "Id"];

fn text(value: impl Into<SmolStr>) -> Value {
    Value::Text(value.into())
}

fn choice(word: &str) -> Value {
    word.parse().map_or(text(word), Value::Int)
}

pub fn mark_of(row: &Row, side: usize) -> String {
    row.get(UID[side])
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// A converted lead is no record any more.
fn converted(row: &Row) -> bool {
    row.get("Converted").is_some_and(|v| !v.is_null())
}

impl Users {
    pub fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn rows(&self, side: usize, object: &str) -> Vec<Row> {
        if object.is_empty() {
            return Vec::new();
        }
        let rows = self.stores[side].rows(object).into_iter();
        rows.filter(|row| !converted(row)).collect()
    }

    fn nth(&self, pair: usize, side: usize, nth: usize) -> Option<Row> {
        let rows = self.rows(side, self.template.pairs[pair].objects[side]);
        let count = rows.len();
        rows.into_iter().nth(nth.checked_rem(count)?)
    }

    /// A field's value in the terms of both sides.
    pub fn meaning(&self, side: usize, kind: Kind, value: &Value) -> Option<String> {
        if value.is_blank() {
            return None;
        }
        Some(match kind {
            Kind::Member(members) if side == 1 => {
                let name = value.to_string();
                let member = members.iter().find(|(_, right)| *right == name);
                member.map_or(name, |(left, _)| (*left).to_string())
            }
            Kind::Money if side == 1 => {
                let euros: f64 = value.to_string().parse().unwrap();
                format!("{}", (euros * 100.0).round())
            }
            Kind::Reference(pair) => {
                let rows = self.rows(side, self.template.pairs[pair].objects[side]);
                let found = rows.iter().find(|row| row[ID[side]].same(value));
                found.map_or(format!("dangling {value}"), |row| mark_of(row, side))
            }
            _ => value.to_string(),
        })
    }

    fn value(&self, side: usize, kind: Kind, number: usize) -> Value {
        match kind {
            Kind::Text => text(format_smolstr!("v{number}")),
            Kind::Number => Value::Int((number * 7919 % 1000) as i64),
            Kind::Bool => Value::Bool(number % 2 == 1),
            Kind::Member(members) => {
                let (left, right) = members[number % members.len()];
                text(if side == 0 { left } else { right })
            }
            Kind::Money if side == 0 => Value::Int(number as i64 * 25),
            Kind::Money => Value::Decimal(rust_decimal::Decimal::new(number as i64 * 25, 2)),
            Kind::Reference(pair) => self
                .nth(pair, side, number)
                .map_or(Value::Null, |row| row[ID[side]].clone()),
        }
    }

    fn remember(&self, pair: usize, side: usize, mark: &str, field: usize, value: &Value) {
        let shared = &self.template.pairs[pair].fields[field];
        let value = self.meaning(side, shared.kind, value);
        self.memory().given.push(Given {
            pair,
            side,
            mark: mark.to_string(),
            field,
            value,
        });
    }

    pub fn edit(&self, edit: &Edit) {
        match edit {
            Edit::Make {
                pair,
                side,
                mark,
                value,
            } => self.make(*pair, *side, &format!("m{mark}"), *value),
            Edit::Change {
                pair,
                side,
                nth,
                field,
                value,
                blank,
            } => {
                let Some(row) = self.nth(*pair, *side, *nth) else {
                    return;
                };
                let rules = &self.template.pairs[*pair];
                let shared = &rules.fields[*field];
                let name = shared.fields[*side];
                if name.is_empty() {
                    return;
                }
                let value = if *blank {
                    Value::Null
                } else {
                    self.value(*side, shared.kind, *value)
                };
                let mark = mark_of(&row, *side);
                let mut fields = vec![(SmolStr::from(name), value.clone())];
                // Whoever edits a record with such a flag asks for the push as well.
                let flags = rules
                    .extra
                    .iter()
                    .filter(|(s, f, _)| s == side && *f == "dirty");
                fields.extend(flags.map(|(_, f, _)| (SmolStr::from(*f), Value::Int(1))));
                self.remember(*pair, *side, &mark, *field, &value);
                let _ = self.stores[*side].update(rules.objects[*side], &row[ID[*side]], &fields);
            }
            Edit::Extra { pair, nth, value } => {
                let rules = &self.template.pairs[*pair];
                let Some((side, field, values)) = rules.extra.first() else {
                    return;
                };
                let Some(row) = self.nth(*pair, *side, *nth) else {
                    return;
                };
                let value = choice(values[value % values.len()]);
                let fields = [(SmolStr::from(*field), value)];
                let _ = self.stores[*side].update(rules.objects[*side], &row[ID[*side]], &fields);
            }
            Edit::Delete { pair, side, nth } => {
                let Some(row) = self.nth(*pair, *side, *nth) else {
                    return;
                };
                self.memory().gone.push(mark_of(&row, *side));
                let object = self.template.pairs[*pair].objects[*side];
                let _ = self.stores[*side].delete(object, &row[ID[*side]]);
            }
            Edit::Convert { nth } => self.convert(*nth),
            Edit::Future { pair, side, nth } => {
                let Some(row) = self.nth(*pair, *side, *nth) else {
                    return;
                };
                let Some(stamp) = ["updated_at", "SystemModstamp", "Changed"]
                    .into_iter()
                    .find(|f| row.contains_key(*f))
                else {
                    return;
                };
                let ahead = text("2124-06-01T00:00:00.000Z");
                let object = self.template.pairs[*pair].objects[*side];
                let fields = [(SmolStr::from(stamp), ahead)];
                let _ = self.stores[*side].update(object, &row[ID[*side]], &fields);
            }
        }
    }

    fn make(&self, pair: usize, side: usize, mark: &str, number: usize) {
        let rules = &self.template.pairs[pair];
        let object = rules.objects[side];
        if self
            .rows(side, object)
            .iter()
            .any(|r| mark_of(r, side) == mark)
        {
            return;
        }
        let mut fields: Vec<(SmolStr, Value)> = vec![(UID[side].into(), text(mark))];
        let values: Vec<Value> = rules
            .fields
            .iter()
            .enumerate()
            .map(|(i, f)| self.value(side, f.kind, number + i))
            .collect();
        for (shared, value) in rules.fields.iter().zip(&values) {
            if !shared.fields[side].is_empty() {
                fields.push((shared.fields[side].into(), value.clone()));
            }
        }
        for (at, field, choices) in rules.extra {
            if *at == side {
                fields.push(((*field).into(), choice(choices[number % choices.len()])));
            }
        }
        if self.stores[side].insert(object, &fields).is_err() {
            return;
        }
        for (field, value) in values.iter().enumerate() {
            self.remember(pair, side, mark, field, value);
        }
        let mut memory = self.memory();
        memory
            .made
            .entry(mark.to_string())
            .or_insert((pair, [false, false]))
            .1[side] = true;
    }

    fn convert(&self, nth: usize) {
        let leads = self.rows(1, "Lead");
        let Some(lead) = nth.checked_rem(leads.len()).map(|n| &leads[n]) else {
            return;
        };
        let mark = mark_of(lead, 1);
        let fields = ["Uid", "Name", "City"].map(|f| (SmolStr::from(f), lead[f].clone()));
        self.memory().gone.push(mark);
        if let Ok(contact) = self.stores[1].insert("Contact", &fields) {
            let fields = [("Converted".into(), contact)];
            let _ = self.stores[1].update("Lead", &lead["Id"], &fields);
        }
    }
}
