//! Pairs of ids that a user wants linked: what must hold before they are.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::exit::Exit;
use super::link::Row;
use super::record::id_value;
use crate::ledger::Ledger;
use crate::program::{Relationship, Side};
use crate::store::{Projection, Store};
use crate::value::Value;

/// Two records that exist, and are linked to nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub objects: [SmolStr; 2],
    pub ids: [Value; 2],
}

/// A record of one side: its object, and its id as the store has it.
type Found = Option<(SmolStr, Value)>;

/// The pairs of the rows, or all that is wrong with them.
///
/// # Errors
/// A store or the ledger does not answer.
pub fn check_pairs(
    relationship: &Relationship,
    rows: &[Row],
    stores: &mut [Box<dyn Store>; 2],
    ledger: &Ledger,
) -> Result<Result<Vec<Pair>, Vec<String>>, Exit> {
    let mut problems = Vec::new();
    let mut sides: Vec<Vec<Found>> = Vec::with_capacity(2);
    for side in Side::BOTH {
        let store = &mut stores[side.index()];
        let found = find(relationship, side, rows, store.as_mut())?;
        missing(relationship, side, rows, &found, &mut problems);
        repeated(relationship, side, rows, &found, &mut problems);
        linked(relationship, side, rows, &found, ledger, &mut problems)?;
        sides.push(found);
    }
    if !problems.is_empty() {
        problems.sort_by_key(|(line, _)| *line);
        let problems = problems.into_iter();
        return Ok(Err(problems
            .map(|(line, what)| format!("line {line}: {what}"))
            .collect()));
    }
    let pair = |place: usize| {
        let (left, left_id) = sides[0][place].clone()?;
        let (right, right_id) = sides[1][place].clone()?;
        Some(Pair {
            objects: [left, right],
            ids: [left_id, right_id],
        })
    };
    Ok(Ok((0..rows.len()).filter_map(pair).collect()))
}

/// Looks each id up in the objects of that side, in the order of the header.
fn find(
    relationship: &Relationship,
    side: Side,
    rows: &[Row],
    store: &mut dyn Store,
) -> Result<Vec<Found>, Exit> {
    let mut found: Vec<Found> = vec![None; rows.len()];
    for object in &relationship.sides[side.index()].objects {
        let projection = Projection {
            object: object.name.clone(),
            fields: Vec::new(),
        };
        let wanted: Vec<(usize, Value)> = rows
            .iter()
            .enumerate()
            .filter(|(place, _)| found[*place].is_none())
            .filter_map(|(place, row)| {
                let id = id_value(object, &row.ids[side.index()]).ok()?;
                Some((place, id))
            })
            .collect();
        let ids: Vec<Value> = wanted.iter().map(|(_, id)| id.clone()).collect();
        let records = store
            .get(&projection, &ids)
            .map_err(|error| Exit::store(&error))?;
        for ((place, _), record) in wanted.into_iter().zip(records) {
            if let Some(record) = record.filter(|record| !record.deleted) {
                found[place] = Some((object.name.clone(), record.id));
            }
        }
    }
    Ok(found)
}

fn missing(
    relationship: &Relationship,
    side: Side,
    rows: &[Row],
    found: &[Found],
    problems: &mut Vec<(u64, String)>,
) {
    let objects = &relationship.sides[side.index()].objects;
    let names: Vec<&str> = objects.iter().map(|object| object.name.as_str()).collect();
    for (row, found) in rows.iter().zip(found) {
        if found.is_none() {
            let id = &row.ids[side.index()];
            let what = format!("there is no {} `{id}`", names.join(" or "));
            problems.push((row.line, what));
        }
    }
}

fn repeated(
    relationship: &Relationship,
    side: Side,
    rows: &[Row],
    found: &[Found],
    problems: &mut Vec<(u64, String)>,
) {
    // A shared partner may stand on several lines.
    if relationship.many.is_some_and(|many| many != side) {
        return;
    }
    let mut seen: HashMap<(SmolStr, String), u64> = HashMap::new();
    for (row, found) in rows.iter().zip(found) {
        let Some((object, id)) = found else { continue };
        let key = (object.clone(), id.to_string());
        if let Some(first) = seen.get(&key) {
            let what = format!("{object} {id} stands on line {first} already");
            problems.push((row.line, what));
        } else {
            seen.insert(key, row.line);
        }
    }
}

fn linked(
    relationship: &Relationship,
    side: Side,
    rows: &[Row],
    found: &[Found],
    ledger: &Ledger,
    problems: &mut Vec<(u64, String)>,
) -> Result<(), Exit> {
    if relationship.many.is_some_and(|many| many != side) {
        return Ok(());
    }
    let places: Vec<usize> = (0..rows.len())
        .filter(|place| found[*place].is_some())
        .collect();
    let ids: Vec<Value> = found.iter().flatten().map(|(_, id)| id.clone()).collect();
    for (place, link) in ledger.links(&relationship.name, side, &ids)? {
        let row = places[place];
        let Some((object, id)) = &found[row] else {
            continue;
        };
        if link.closed || link.objects[side.index()] != *object {
            continue;
        }
        let other = side.other().index();
        let what = format!(
            "{object} {id} is linked already, to {} {}",
            link.objects[other], link.ids[other]
        );
        problems.push((rows[row].line, what));
    }
    Ok(())
}
