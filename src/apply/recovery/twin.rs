//! Whether a record is what a create has made: by the values that were sent, or by the match keys.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::plan::{Change, Operation};
use crate::program::{Expr, Program, Side};
use crate::schema::Object;
use crate::store::Record;
use crate::value::{convert, same_in};

/// A field's place in its object and the hash of a value: what records and creates are told apart by before they are compared.
pub type Mark = (usize, u64);

/// What tells a create: the first value of each match key that it sends, and where it sends none the first value of all.
pub fn telling(schema: &Object, create: &Operation, keys: &[Vec<SmolStr>]) -> Vec<Mark> {
    let mark = |change: &Change| {
        let (at, _, field) = schema.fields.get_full(&change.field)?;
        let value = convert(change.value()?.clone(), &field.ty).ok()?;
        (!value.is_blank()).then(|| (at, value.hash64()))
    };
    let firsts = keys.iter().filter_map(|key| key.first());
    let of_keys = firsts.filter_map(|f| create.changes.iter().find(|c| c.field == *f));
    let marks: Vec<Mark> = of_keys.filter_map(mark).collect();
    match marks.is_empty() {
        true => create.changes.iter().find_map(mark).into_iter().collect(),
        false => marks,
    }
}

/// The marks that a record has in some of its object's fields.
pub fn marks_of(record: &Record, fields: &FxHashSet<usize>) -> Vec<Mark> {
    let told = fields.iter().map(|at| (*at, &record.values[*at]));
    let full = told.filter(|(_, value)| !value.is_blank());
    full.map(|(at, value)| (at, value.hash64())).collect()
}

/// By match key: the fields that it reads on one side.
pub fn keys_of(program: &Program, relationship: &str, side: Side) -> Vec<Vec<SmolStr>> {
    let Some(rules) = program.relationship(relationship).map(|id| &program[id]) else {
        return Vec::new();
    };
    let slots = &rules.sides[side.index()].slots;
    let fields = |key: &crate::program::Key| {
        let mut fields = Vec::new();
        for (left, right) in &key.columns {
            let column = if side == Side::Left { left } else { right };
            column.visit(&mut |e| match e {
                Expr::Field(of, slot) if *of == side => {
                    fields.push(slots[slot.0 as usize].field.clone());
                }
                _ => {}
            });
        }
        fields
    };
    rules.keys.iter().map(fields).collect()
}

/// Whether the record has the values that were sent: those of one of the keys, or without keys all of them.
pub fn is_twin(
    schema: &Object,
    create: &Operation,
    record: &Record,
    keys: &[Vec<SmolStr>],
) -> bool {
    if keys.is_empty() {
        return equal(schema, create, record);
    }
    let has = |field: &SmolStr| {
        create.changes.iter().any(|c| {
            c.field == *field
                && c.value().is_some_and(|v| !v.is_blank())
                && holds(schema, c, record)
        })
    };
    keys.iter()
        .any(|key| !key.is_empty() && key.iter().all(has))
}

/// Whether the record has all the values of an operation.
pub fn equal(schema: &Object, operation: &Operation, record: &Record) -> bool {
    operation.changes.iter().all(|c| holds(schema, c, record))
}

fn holds(schema: &Object, change: &Change, record: &Record) -> bool {
    let Some(value) = change.value() else {
        return true;
    };
    let field = schema.fields.get_full(&change.field);
    field.is_some_and(|(at, _, field)| same_in(&field.ty, value, &record.values[at]))
}
