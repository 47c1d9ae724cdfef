//! Records that this plan makes, where a lookup may ask for them: queries see what earlier operations of the same run make (language
//! reference, section 6).

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::ids::IdKey;
use super::{Change, Operation, OperationKind, To};
use crate::program::{Program, QueryKind, Side};
use crate::value::Value;

#[derive(Debug, Default)]
pub struct Makes {
    by_object: FxHashMap<(Side, SmolStr), Vec<ByKey>>,
}

/// The made records of an object by the values of the fields that a lookup compares.
#[derive(Debug)]
struct ByKey {
    fields: Vec<SmolStr>,
    made: FxHashMap<Vec<IdKey>, Vec<Change>>,
}

impl Makes {
    /// Ready for the lookups of a program; other objects are not kept.
    pub fn of(program: &Program) -> Makes {
        let mut makes = Makes::default();
        let queries = program.relationships.iter().flat_map(|r| &r.queries);
        for query in queries {
            let QueryKind::Lookup {
                side, object, keys, ..
            } = &query.kind
            else {
                continue;
            };
            let fields: Vec<SmolStr> = keys.iter().map(|(name, _)| name.clone()).collect();
            let indexes = makes.by_object.entry((*side, object.clone())).or_default();
            if !indexes.iter().any(|i| i.fields == fields) {
                let made = FxHashMap::default();
                indexes.push(ByKey { fields, made });
            }
        }
        makes
    }

    pub fn note(&mut self, operation: &Operation) {
        if operation.kind != OperationKind::Create || self.by_object.is_empty() {
            return;
        }
        let object = (operation.side, operation.object.clone());
        for index in self.by_object.get_mut(&object).into_iter().flatten() {
            let key = index.fields.iter().map(|field| {
                let change = operation.changes.iter().find(|c| c.field == *field)?;
                match &change.to {
                    To::Value(value) if !value.is_blank() => Some(IdKey(value.clone())),
                    _ => None,
                }
            });
            if let Some(key) = key.collect::<Option<Vec<IdKey>>>() {
                let changes = operation.changes.clone();
                index.made.entry(key).or_insert(changes);
            }
        }
    }

    /// What a record is made with whose `fields` have these values.
    pub fn find<'k>(
        &self,
        side: Side,
        object: &SmolStr,
        fields: impl Iterator<Item = &'k SmolStr> + Clone,
        values: &[Value],
    ) -> Option<&[Change]> {
        let indexes = self.by_object.get(&(side, object.clone()))?;
        let index = indexes
            .iter()
            .find(|i| i.fields.iter().eq(fields.clone()))?;
        let key: Vec<IdKey> = values.iter().cloned().map(IdKey).collect();
        index.made.get(&key).map(Vec::as_slice)
    }
}
