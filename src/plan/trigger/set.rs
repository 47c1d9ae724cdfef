//! `set`: fields of the record that fired.

use smol_str::SmolStr;

use super::Triggers;
use super::act::{Acted, Going};
use super::firing::Pending;
use super::watch::stamp_of;
use super::write::expect;
use crate::plan::world::Rec;
use crate::plan::{Change, OperationKind, PlanError, To, reading};
use crate::program::{Action, Expr, RelId, Side};
use crate::schema::Object;
use crate::store::Projection;
use crate::value::Value;

impl Triggers<'_, '_, '_> {
    /// Fields of the record that fired, as it is now.
    pub(super) fn set(
        &mut self,
        id: RelId,
        action: &Action,
        here: Vec<&mut Going>,
        fields: &[(SmolStr, Expr)],
    ) -> Result<(), PlanError> {
        let Some((side, object, _)) = self.trigger(id).record() else {
            return Ok(());
        };
        let ids: Vec<Value> = here.iter().map(|g| g.pending.firing.id.clone()).collect();
        // As when it is seen: so that its version now and after is the one that the next look finds.
        let names: Vec<SmolStr> = match object.modified {
            Some(_) => fields.iter().map(|(name, _)| name.clone()).collect(),
            None => self.seen_fields(side, object),
        };
        let projection = Projection {
            object: object.name.clone(),
            fields: names.iter().cloned().map(Some).collect(),
        };
        let found = reading::get(self.world, side, 0, &projection, &ids)?;
        for (going, found) in here.into_iter().zip(found) {
            self.world.begin_record();
            // A record that is gone has nothing to set.
            let acted = match found.filter(|r| !r.record.deleted) {
                None => Acted::Nothing,
                Some(rec) if self.world.touches(side, &object.name, rec.id()) => Acted::PutOff,
                Some(rec) => {
                    let read = (side, object.as_ref(), names.as_slice());
                    self.set_one(id, action, &going.pending, read, rec, fields)
                }
            };
            self.took(id, action, going, acted)?;
        }
        Ok(())
    }

    fn set_one(
        &self,
        id: RelId,
        action: &Action,
        firing: &Pending,
        (side, object, names): (Side, &Object, &[SmolStr]),
        rec: Rec,
        fields: &[(SmolStr, Expr)],
    ) -> Acted {
        let changes = match self.changes(id, action, firing, (object, names), &rec.record, fields) {
            Ok(changes) if changes.is_empty() => return Acted::Nothing,
            Ok(changes) => changes,
            Err(refused) => return refused,
        };
        let own = own_versions(object, names, &rec, &changes);
        let at = (side, &object.name);
        let mut operation = self.operation(id, action, firing, at, OperationKind::Update, changes);
        expect(object, names, rec.record, &mut operation);
        Acted::Operation(Box::new(operation), Some(own))
    }
}

/// The versions of a record before and after a write of the engine's own; after it only the store knows, where it keeps a stamp.
fn own_versions(object: &Object, names: &[SmolStr], rec: &Rec, changes: &[Change]) -> [Value; 2] {
    let before = stamp_of(object, rec);
    if object.modified.is_some() {
        return [before, Value::Null];
    }
    let mut after = rec.clone();
    for (name, value) in names.iter().zip(after.record.values.iter_mut()) {
        let written = changes.iter().find(|c| c.field == *name).map(|c| &c.to);
        if let Some(To::Value(to)) = written {
            *value = to.clone();
        }
    }
    [before, stamp_of(object, &after)]
}
