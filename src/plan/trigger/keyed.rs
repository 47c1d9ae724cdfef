//! Actions that find their record by a key: `upsert`, `update`, `delete`. The keys of a page of firings are looked up together.

use smol_str::SmolStr;

use super::Triggers;
use super::act::{Acted, Going};
use super::firing::Pending;
use super::write::{expect, refused};
use crate::plan::merge::{FieldFailure, Missing};
use crate::plan::{OperationKind, PlanError, To};
use crate::program::{Action, ActionKind, Expr, QueryKind, RelId, Side};
use crate::store::{Projection, Record};
use crate::value::Value;

/// An action with a key, taken apart.
struct Keyed<'k> {
    side: Side,
    object: &'k SmolStr,
    keys: &'k [(SmolStr, Expr)],
    fields: &'k [(SmolStr, Expr)],
    /// It creates what it does not find.
    creates: bool,
    deletes: bool,
}

impl<'k> Keyed<'k> {
    fn of(kind: &'k ActionKind) -> Option<Keyed<'k>> {
        let (side, object, keys, fields, creates, deletes): (_, _, _, &[(SmolStr, Expr)], _, _) =
            match kind {
                ActionKind::Upsert {
                    side,
                    object,
                    keys,
                    fields,
                } => (side, object, keys, fields, true, false),
                ActionKind::Update {
                    side,
                    object,
                    keys,
                    fields,
                } => (side, object, keys, fields, false, false),
                ActionKind::Delete { side, object, keys } => (side, object, keys, &[], false, true),
                _ => return None,
            };
        Some(Keyed {
            side: *side,
            object,
            keys,
            fields,
            creates,
            deletes,
        })
    }
}

impl<'a> Triggers<'_, '_, 'a> {
    pub(super) fn keyed(
        &mut self,
        id: RelId,
        action: &'a Action,
        here: Vec<&mut Going>,
    ) -> Result<(), PlanError> {
        let Some(keyed) = Keyed::of(&action.kind) else {
            return Ok(());
        };
        let mut with_key = Vec::with_capacity(here.len());
        let mut keys: Vec<Vec<Value>> = Vec::with_capacity(here.len());
        for going in here {
            self.world.begin_record();
            match self.key_of(id, action, &going.pending, &keyed) {
                Ok(key) => {
                    keys.push(key);
                    with_key.push(going);
                }
                Err(acted) => {
                    self.make_wanted(id)?;
                    self.took(id, action, going, acted)?;
                }
            }
        }
        if keys.is_empty() {
            return Ok(());
        }
        let names: Vec<SmolStr> = self.names_read(&keyed);
        let projection = Projection {
            object: keyed.object.clone(),
            fields: names.iter().cloned().map(Some).collect(),
        };
        let by: Vec<SmolStr> = keyed.keys.iter().map(|(name, _)| name.clone()).collect();
        let found = self
            .world
            .store(keyed.side, |s| s.find(&projection, &by, &keys))?;
        for ((going, key), records) in with_key.into_iter().zip(keys).zip(found) {
            self.world.begin_record();
            let found = (key, records);
            let acted = self.with_key(id, action, &going.pending, (&keyed, &names), found);
            self.took(id, action, going, acted)?;
        }
        Ok(())
    }

    /// What is read of the records found: the fields that are written, and all of them where no stamp tells a change.
    fn names_read(&self, keyed: &Keyed<'_>) -> Vec<SmolStr> {
        let object = self.object(keyed.side, keyed.object);
        match object.filter(|o| o.modified.is_none()) {
            Some(object) => object.fields.keys().cloned().collect(),
            None => keyed.fields.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// The values of the key; a blank one makes the firing wait.
    fn key_of(
        &self,
        id: RelId,
        action: &Action,
        firing: &Pending,
        keyed: &Keyed<'_>,
    ) -> Result<Vec<Value>, Acted> {
        let object = self.object(keyed.side, keyed.object);
        let mut values = Vec::with_capacity(keyed.keys.len());
        let mut blank = Vec::new();
        for (name, expr) in keyed.keys {
            let ty = object.and_then(|o| o.fields.get(name)).map(|f| &f.ty);
            match self.value(id, firing, expr, ty) {
                Ok(To::Value(value)) if value.is_blank() => blank.push((name, expr)),
                Ok(To::Value(value)) => values.push(value),
                Ok(_) => return Err(Acted::PutOff),
                Err(error) => {
                    return Err(refused(error, firing.firing.side, action.rule, Some(name)));
                }
            }
        }
        let Some((name, expr)) = blank.first() else {
            return Ok(values);
        };
        let store = &self.world.program.stores[keyed.side.index()].name;
        let because = match self.unlinked(id, expr) {
            Some(relationship) => format!(
                "the key `{name}` of {store}.{} is a record that is not linked in {relationship} yet",
                keyed.object
            ),
            None => format!("the key `{name}` of {store}.{} is blank", keyed.object),
        };
        Err(Acted::Waits(Missing {
            names: blank.iter().map(|(name, _)| (*name).clone()).collect(),
            because,
            rule: action.rule,
            waits: true,
        }))
    }

    /// The relationship whose link a key asks for.
    fn unlinked(&self, id: RelId, expr: &Expr) -> Option<SmolStr> {
        let Expr::Query(query) = expr else {
            return None;
        };
        let queries = &self.trigger(id).rules.queries;
        match queries.get(query.0 as usize).map(|q| &q.kind) {
            Some(QueryKind::Linked { relationship, .. }) => {
                Some(self.world.program[*relationship].name.clone())
            }
            _ => None,
        }
    }

    fn with_key(
        &self,
        id: RelId,
        action: &Action,
        firing: &Pending,
        (keyed, names): (&Keyed<'_>, &[SmolStr]),
        (key, mut records): (Vec<Value>, Vec<Record>),
    ) -> Acted {
        let at = (keyed.side, keyed.object);
        let by = keyed.keys.iter().map(|(name, _)| name);
        if self.world.makes_by_key(keyed.side, keyed.object, by, &key) {
            return Acted::PutOff;
        }
        if records.len() > 1 {
            let wanted: Vec<String> = keyed
                .keys
                .iter()
                .zip(&key)
                .map(|((name, _), value)| format!("{name} = {value}"))
                .collect();
            return Acted::Fails(FieldFailure {
                side: firing.firing.side,
                field: SmolStr::default(),
                message: format!(
                    "{} records of `{}` have the key {}",
                    records.len(),
                    keyed.object,
                    wanted.join(", ")
                ),
                rule: action.rule,
            });
        }
        let Some(record) = records.pop() else {
            if !keyed.creates {
                return Acted::Nothing;
            }
            let by = keyed.keys.iter().map(|(name, _)| name.clone());
            let given = by.zip(key).collect();
            return self.creation(id, action, firing, at, keyed.fields, given);
        };
        if self.world.touches(keyed.side, keyed.object, &record.id) {
            return Acted::PutOff;
        }
        let Some(object) = self.object(keyed.side, keyed.object) else {
            return Acted::Nothing;
        };
        let changes = match keyed.deletes {
            true => Vec::new(),
            false => {
                let read = (object, names);
                match self.changes(id, action, firing, read, &record, keyed.fields) {
                    Ok(changes) if changes.is_empty() => return Acted::Nothing,
                    Ok(changes) => changes,
                    Err(refused) => return refused,
                }
            }
        };
        let kind = match keyed.deletes {
            true => OperationKind::Delete,
            false => OperationKind::Update,
        };
        let mut operation = self.operation(id, action, firing, at, kind, changes);
        expect(object, names, record, &mut operation);
        Acted::Operation(Box::new(operation), None)
    }
}
