//! Records that this plan makes, where a lookup may ask for them: queries see what earlier operations of the same run make (language
//! reference, section 6).

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::ids::IdKey;
use super::world::Wanted;
use super::{Because, Change, Operation, OperationKind, To, Unit};
use crate::program::{ActionKind, Program, QueryKind, RelId, Relationship, Side};
use crate::value::Value;

/// The unit that makes the record of a `lookup … or create` that found nothing.
pub fn lookup_unit(rules: &Relationship, relationship: RelId, wanted: Wanted) -> Option<Unit> {
    let query = rules.queries.get(wanted.query.0 as usize)?;
    let QueryKind::Lookup {
        side, object, keys, ..
    } = &query.kind
    else {
        return None;
    };
    let fields = keys
        .iter()
        .map(|(n, _)| n.clone())
        .zip(wanted.keys)
        .chain(wanted.fields)
        .filter(|(_, v)| !v.is_null());
    let changes = fields
        .map(|(field, value)| Change {
            field,
            from: Value::Null,
            to: To::Value(value),
            line: None,
        })
        .collect();
    let operation = Operation {
        direction: side.other().sends(),
        kind: OperationKind::Create,
        side: *side,
        object: object.clone(),
        id: None,
        source: wanted.source,
        changes,
        expect: Value::Null,
        expect_fields: Vec::new(),
        because: Because::LookedUp,
        rule: query.rule,
        together: Vec::new(),
    };
    Some(Unit::alone(relationship, operation))
}

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
        for query in program.all_rules().flat_map(|r| &r.queries) {
            if let QueryKind::Lookup {
                side, object, keys, ..
            } = &query.kind
            {
                makes.index((*side, object), keys.iter().map(|(name, _)| name));
            }
        }
        for action in program.triggers.iter().flat_map(|t| &t.actions) {
            match &action.kind {
                ActionKind::Upsert {
                    side, object, keys, ..
                }
                | ActionKind::Update {
                    side, object, keys, ..
                }
                | ActionKind::Delete { side, object, keys } => {
                    makes.index((*side, object), keys.iter().map(|(name, _)| name));
                }
                _ => {}
            }
        }
        makes
    }

    fn index<'n>(
        &mut self,
        (side, object): (Side, &SmolStr),
        fields: impl Iterator<Item = &'n SmolStr>,
    ) {
        let fields: Vec<SmolStr> = fields.cloned().collect();
        let indexes = self.by_object.entry((side, object.clone())).or_default();
        if !indexes.iter().any(|i| i.fields == fields) {
            let made = FxHashMap::default();
            indexes.push(ByKey { fields, made });
        }
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
