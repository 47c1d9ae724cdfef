//! References that a plan left open: the partner of a record that was to be linked earlier in the run, the record that a lookup made.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::ApplyError;
use crate::ledger::Ledger;
use crate::plan::base::hash;
use crate::plan::{PlanError, To, Unit};
use crate::program::{Program, QueryKind, RelId, Side};
use crate::store::{Projection, Store};
use crate::value::{Value, encode};

/// Fills in every open reference of the units; gives the places of those that stay open, with the field that needs them.
pub fn resolve(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &Ledger,
    units: &mut [Unit],
) -> Result<Vec<(usize, SmolStr)>, ApplyError> {
    let partners = partners(program, ledger, units)?;
    let mut made: FxHashMap<Vec<u8>, Option<Value>> = FxHashMap::default();
    let mut open = Vec::new();
    for (place, unit) in units.iter_mut().enumerate() {
        let relationship = unit.relationship;
        for operation in &mut unit.operations {
            let target = operation.side.index();
            let parts = operation.together.iter_mut().flat_map(|p| &mut p.changes);
            for change in operation.changes.iter_mut().chain(parts) {
                let value = match &change.to {
                    To::Linked {
                        relationship,
                        side,
                        id,
                    } => partners.get(&key(*relationship, *side, id)).cloned(),
                    To::Made { query, keys } => {
                        let mut name = vec![query.0 as u8, (query.0 >> 8) as u8];
                        keys.iter().for_each(|k| encode(k, &mut name));
                        match made.get(&name) {
                            Some(found) => found.clone(),
                            None => {
                                let found =
                                    find_made(program, stores, relationship, query.0, keys)?;
                                made.insert(name, found.clone());
                                found
                            }
                        }
                    }
                    To::Value(_) | To::CreatedId | To::Unknown => continue,
                };
                match value {
                    Some(value) => {
                        if let Some(Some(base)) =
                            change.line.and_then(|l| unit.base.get_mut(l as usize))
                        {
                            base[target] = hash(&value);
                        }
                        change.to = To::Value(value);
                    }
                    None => open.push((place, change.field.clone())),
                }
            }
        }
    }
    Ok(open)
}

fn key(relationship: RelId, side: Side, id: &Value) -> Vec<u8> {
    let mut key = vec![
        relationship.0 as u8,
        (relationship.0 >> 8) as u8,
        side as u8,
    ];
    encode(id, &mut key);
    key
}

fn partners(
    program: &Program,
    ledger: &Ledger,
    units: &[Unit],
) -> Result<FxHashMap<Vec<u8>, Value>, ApplyError> {
    let mut wanted: FxHashMap<(RelId, Side), Vec<Value>> = FxHashMap::default();
    for change in units.iter().flat_map(|u| &u.operations).flat_map(|o| {
        o.changes
            .iter()
            .chain(o.together.iter().flat_map(|p| &p.changes))
    }) {
        if let To::Linked {
            relationship,
            side,
            id,
        } = &change.to
        {
            wanted
                .entry((*relationship, *side))
                .or_default()
                .push(id.clone());
        }
    }
    let mut partners = FxHashMap::default();
    for ((relationship, side), ids) in wanted {
        for (place, link) in ledger.links(&program[relationship].name, side, &ids)? {
            if !link.closed {
                partners.insert(
                    key(relationship, side, &ids[place]),
                    link.ids[side.other().index()].clone(),
                );
            }
        }
    }
    Ok(partners)
}

fn find_made(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    relationship: RelId,
    query: u16,
    keys: &[Value],
) -> Result<Option<Value>, ApplyError> {
    let Some(QueryKind::Lookup {
        side,
        object,
        keys: names,
        ..
    }) = program[relationship]
        .queries
        .get(query as usize)
        .map(|q| &q.kind)
    else {
        return Ok(None);
    };
    let fields: Vec<SmolStr> = names.iter().map(|(n, _)| n.clone()).collect();
    let projection = Projection {
        object: object.clone(),
        fields: Vec::new(),
    };
    let found = stores[side.index()]
        .find(&projection, &fields, &[keys.to_vec()])
        .map_err(|error| PlanError::Store {
            store: program.stores[side.index()].name.clone(),
            error,
        })?;
    Ok(found.into_iter().flatten().next().map(|r| r.id))
}
