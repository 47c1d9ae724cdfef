//! The actions of firings become operations, in their order: each firing stops at the first one that waits or fails.

use smol_str::SmolStr;

use super::Triggers;
use super::firing::{Pending, because};
use super::watch::stamp_of;
use crate::plan::lines::{Desire, failed};
use crate::plan::merge::{FieldFailure, Missing};
use crate::plan::reading;
use crate::plan::world::{Answer, Rec};
use crate::plan::{
    Change, Operation, OperationKind, PlanError, SourceRecord, Step, To, Unit, lookup_unit,
};
use crate::program::{Action, ActionKind, EvalError, Expr, RelId, Rule, Side};
use crate::schema::Object;
use crate::store::{Projection, Record};
use crate::value::{Type, Value, convert, same_in};

/// A firing on its way through the actions.
pub(super) struct Going {
    pub pending: Pending,
    /// The action that comes next.
    pub at: usize,
    /// It waits or failed: nothing more of it is planned now.
    pub stopped: bool,
    /// What was planned of it, with the places of the actions.
    pub units: Vec<(usize, Unit)>,
    /// Listed as held by this plan.
    pub held: bool,
}

/// What an action comes to for one firing.
pub(super) enum Acted {
    /// Nothing is to be done.
    Nothing,
    Operation(Box<Operation>, Option<[Value; 2]>),
    /// A later pass sees what it needs.
    PutOff,
    Waits(Missing),
    Fails(FieldFailure),
}

impl<'a> Triggers<'_, '_, 'a> {
    /// Plans the actions of decided firings; of the others a later pass decides.
    pub(super) fn act(&mut self, id: RelId, pending: Vec<Pending>) -> Result<(), PlanError> {
        let trigger = self.trigger(id);
        let mut going: Vec<Going> = pending
            .into_iter()
            .map(|pending| Going {
                at: usize::from(pending.firing.next),
                stopped: !pending.firing.decided,
                units: Vec::new(),
                held: false,
                pending,
            })
            .collect();
        for (place, action) in trigger.actions.iter().enumerate() {
            let mut here: Vec<&mut Going> = Vec::new();
            for firing in going.iter_mut().filter(|g| g.at == place && !g.stopped) {
                if self.applies(id, firing, action)? {
                    here.push(firing);
                }
            }
            if here.is_empty() {
                continue;
            }
            if let ActionKind::Run {
                relationship,
                directions,
            } = &action.kind
            {
                self.run_relationship(*relationship, *directions, here)?;
                continue;
            }
            self.carry_on(id, action, here)?;
        }
        self.settle(id, going)
    }

    /// Whether the action is for this firing; where its `when` does not hold, the firing goes on to the next one.
    fn applies(
        &mut self,
        id: RelId,
        going: &mut Going,
        action: &Action,
    ) -> Result<bool, PlanError> {
        self.world.begin_record();
        match self.lines(id, &going.pending).holds(&action.when) {
            Ok(true) => Ok(true),
            Ok(false) => {
                going.at += 1;
                Ok(false)
            }
            Err(error) => {
                let acted = refused(error, going.pending.firing.side, action.rule, None);
                self.took(id, action, going, acted)?;
                Ok(false)
            }
        }
    }

    fn run_relationship(
        &mut self,
        relationship: RelId,
        directions: [bool; 2],
        here: Vec<&mut Going>,
    ) -> Result<(), PlanError> {
        let mut records: [Vec<(SmolStr, Value)>; 2] = Default::default();
        for going in here {
            // What comes before it is to be done first.
            if !going.units.is_empty() {
                going.stopped = true;
                continue;
            }
            let firing = &going.pending.firing;
            records[firing.side.index()].push((firing.object.clone(), firing.id.clone()));
            going.at += 1;
        }
        self.bring(relationship, directions, &records)
    }

    fn carry_on(
        &mut self,
        id: RelId,
        action: &'a Action,
        here: Vec<&mut Going>,
    ) -> Result<(), PlanError> {
        match &action.kind {
            ActionKind::Create {
                side,
                object,
                fields,
            } => {
                for going in here {
                    self.world.begin_record();
                    let at = (*side, object);
                    let acted = self.creation(id, action, &going.pending, at, fields, Vec::new());
                    self.took(id, action, going, acted)?;
                }
                Ok(())
            }
            ActionKind::Post { url, body } => {
                for going in here {
                    self.world.begin_record();
                    let acted = self.post(id, action, &going.pending, url, body);
                    self.took(id, action, going, acted)?;
                }
                Ok(())
            }
            ActionKind::Set { fields } => self.set(id, action, here, fields),
            ActionKind::Upsert { .. } | ActionKind::Update { .. } | ActionKind::Delete { .. } => {
                self.keyed(id, action, here)
            }
            ActionKind::Run { .. } => Ok(()),
        }
    }

    pub(super) fn took(
        &mut self,
        id: RelId,
        action: &Action,
        going: &mut Going,
        acted: Acted,
    ) -> Result<(), PlanError> {
        match acted {
            Acted::Nothing => going.at += 1,
            Acted::PutOff => going.stopped = true,
            Acted::Operation(operation, own) => {
                self.make_wanted(id)?;
                self.world.note_planned(&operation);
                let firing = &going.pending.firing;
                let step = Step {
                    key: firing.key.clone(),
                    side: firing.side,
                    action: going.at as u16,
                    expects: 0,
                    next: 0,
                    ends: false,
                    own,
                };
                let unit = Unit::alone(id, *operation);
                let step = Some(step);
                going.units.push((going.at, Unit { step, ..unit }));
                going.at += 1;
            }
            Acted::Waits(missing) => {
                going.stopped = true;
                going.held = true;
                self.hold(id, &going.pending, missing)?;
            }
            // The pass that does what comes before it tells what fails.
            Acted::Fails(_) if !going.units.is_empty() => going.stopped = true,
            Acted::Fails(failure) => {
                going.stopped = true;
                going.pending.retried = false;
                let failure = FieldFailure {
                    rule: action.rule,
                    ..failure
                };
                self.fail_field(id, &going.pending, failure)?;
                going.at = usize::from(going.pending.firing.next);
            }
        }
        Ok(())
    }

    /// The units of a page of firings, action by action; firings of which nothing is to be done go on at once.
    fn settle(&mut self, id: RelId, going: Vec<Going>) -> Result<(), PlanError> {
        let mut units = Vec::new();
        for firing in going {
            let f = &firing.pending.firing;
            if let Some(standing) = self.standing.get_mut(&id) {
                let direction = f.side.sends();
                standing.unhold(
                    &f.trigger,
                    direction,
                    &f.object,
                    &f.id,
                    firing.held,
                    self.sink,
                )?;
                if firing.pending.retried {
                    standing.unfail(&f.trigger, f.side, &f.object, &f.id, false, self.sink)?;
                }
            }
            let started = usize::from(f.next);
            if firing.units.is_empty() && (firing.at > started || firing.pending.actions == 0) {
                self.advance(&firing.pending, firing.at)?;
            }
            let mut expects = f.next;
            let places: Vec<usize> = firing.units.iter().map(|(place, _)| *place).collect();
            let nexts = places.iter().skip(1).copied().chain([firing.at]);
            for ((place, mut unit), next) in firing.units.into_iter().zip(nexts) {
                if let Some(step) = &mut unit.step {
                    step.expects = expects;
                    step.next = next as u16;
                    step.ends = next >= firing.pending.actions;
                    expects = step.next;
                }
                units.push((place, unit));
            }
        }
        units.sort_by_key(|(place, _)| *place);
        for (_, unit) in units {
            self.summary.add(&unit);
            self.sink.unit(unit)?;
        }
        Ok(())
    }

    fn hold(&mut self, id: RelId, firing: &Pending, missing: Missing) -> Result<(), PlanError> {
        self.summary.of(id).held += 1;
        let f = &firing.firing;
        self.sink.held(
            crate::ledger::Held {
                relationship: f.trigger.clone(),
                direction: f.side.sends(),
                object: f.object.clone(),
                id: f.id.clone(),
                missing: missing.names,
                because: missing.because,
                rule: self.world.program.location(missing.rule),
                waits: true,
            },
            false,
        )
    }

    pub(super) fn object(&self, side: Side, name: &SmolStr) -> Option<&'a Object> {
        let objects = &self.world.program.stores[side.index()].schema.objects;
        objects.get(name).map(AsRef::as_ref)
    }

    /// What an expression gives, in the terms of the field that takes it.
    pub(super) fn value(
        &self,
        id: RelId,
        firing: &Pending,
        expr: &Expr,
        ty: Option<&Type>,
    ) -> Result<To, EvalError> {
        let lines = self.lines(id, firing);
        let value = match expr {
            Expr::Query(query) => match self.world.answer(id, *query, &lines.scope(None))? {
                Answer::Value(value) => value,
                Answer::Coming(to) => return Ok(to),
            },
            expr => lines.value(expr)?,
        };
        match ty {
            None => Ok(To::Value(value)),
            Some(ty) => convert(value, ty)
                .map(To::Value)
                .map_err(|error| EvalError::Value(error.to_string())),
        }
    }

    /// Records that a `lookup … or create` of the firing at hand is to make.
    pub(super) fn make_wanted(&mut self, id: RelId) -> Result<(), PlanError> {
        for wanted in self.world.take_wanted(id) {
            if let Some(unit) = lookup_unit(&self.trigger(id).rules, id, wanted) {
                self.emit(unit)?;
            }
        }
        Ok(())
    }

    /// A create of these fields besides what is `given` already.
    pub(super) fn creation(
        &self,
        id: RelId,
        action: &Action,
        firing: &Pending,
        (side, name): (Side, &SmolStr),
        fields: &[(SmolStr, Expr)],
        given: Vec<(SmolStr, Value)>,
    ) -> Acted {
        let Some(object) = self.object(side, name) else {
            return Acted::Nothing;
        };
        let mut own_id = None;
        let mut changes: Vec<Change> = given
            .into_iter()
            .map(|(field, value)| change(field, Value::Null, To::Value(value)))
            .collect();
        for (field, expr) in fields {
            let ty = object.fields.get(field).map(|f| &f.ty);
            let to = match self.value(id, firing, expr, ty) {
                Ok(to) => to,
                Err(error) => return refused(error, firing.firing.side, action.rule, Some(field)),
            };
            match to {
                To::Value(value) if value.is_null() || matches!(value, Value::Absent) => {}
                To::Value(value) if object.id.as_ref() == Some(field) => own_id = Some(value),
                to => {
                    changes.retain(|c| c.field != *field);
                    changes.push(change(field.clone(), Value::Null, to));
                }
            }
        }
        let blank = |field: &SmolStr| {
            let written = changes.iter().find(|c| c.field == *field);
            written.is_none_or(|c| matches!(&c.to, To::Value(v) if v.is_blank()))
        };
        let required = object.fields.values().filter(|f| f.required());
        let missing: Vec<SmolStr> = required
            .map(|f| &f.name)
            .filter(|f| Some(*f) != object.id.as_ref() && Some(*f) != object.modified.as_ref())
            .filter(|f| blank(f))
            .cloned()
            .collect();
        if !missing.is_empty() {
            let store = &self.world.program.stores[side.index()].name;
            let because = format!(
                "`{}` of {store}.{name} may not be blank",
                missing.join("`, `")
            );
            return Acted::Waits(Missing {
                names: missing,
                because,
                rule: action.rule,
                waits: true,
            });
        }
        let mut operation = self.operation(
            id,
            action,
            firing,
            (side, name),
            OperationKind::Create,
            changes,
        );
        operation.id = own_id;
        Acted::Operation(Box::new(operation), None)
    }

    fn post(
        &self,
        id: RelId,
        action: &Action,
        firing: &Pending,
        url: &Expr,
        body: &[(SmolStr, Expr)],
    ) -> Acted {
        let side = firing.firing.side;
        let url = match self.value(id, firing, url, None) {
            Ok(To::Value(Value::Text(url))) if !url.trim().is_empty() => url,
            Ok(To::Value(_)) => {
                return Acted::Waits(Missing {
                    names: Vec::new(),
                    because: "the address to post to is blank".to_string(),
                    rule: action.rule,
                    waits: true,
                });
            }
            Ok(_) => return Acted::PutOff,
            Err(error) => return refused(error, side, action.rule, None),
        };
        let mut changes = Vec::with_capacity(body.len());
        for (member, expr) in body {
            match self.value(id, firing, expr, None) {
                Ok(to) => changes.push(change(member.clone(), Value::Null, to)),
                Err(error) => return refused(error, side, action.rule, Some(member)),
            }
        }
        let kind = OperationKind::Action;
        let operation = self.operation(id, action, firing, (side.other(), &url), kind, changes);
        Acted::Operation(Box::new(operation), None)
    }

    /// Fields of the record that fired, as it is now.
    fn set(
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

    /// What an update changes of a record, of which the fields `names` were read.
    pub(super) fn changes(
        &self,
        id: RelId,
        action: &Action,
        firing: &Pending,
        (object, names): (&Object, &[SmolStr]),
        record: &Record,
        fields: &[(SmolStr, Expr)],
    ) -> Result<Vec<Change>, Acted> {
        let mut changes = Vec::new();
        for (field, expr) in fields {
            let ty = object.fields.get(field).map(|f| &f.ty);
            let to = self
                .value(id, firing, expr, ty)
                .map_err(|error| refused(error, firing.firing.side, action.rule, Some(field)))?;
            let place = names.iter().position(|name| name == field);
            let present = place.and_then(|p| record.values.get(p)).cloned();
            let present = present.unwrap_or_default();
            let stays = match &to {
                To::Value(value) => {
                    matches!(value, Value::Absent)
                        || same_in(ty.unwrap_or(&Type::Any), value, &present)
                }
                _ => false,
            };
            if stays {
                continue;
            }
            let blanks = matches!(&to, To::Value(value) if value.is_blank());
            let required = object.fields.get(field).is_some_and(|f| !f.nullable);
            if blanks && required {
                return Err(Acted::Waits(Missing {
                    names: vec![field.clone()],
                    because: format!("`{field}` of {} may not be blank", object.name),
                    rule: action.rule,
                    waits: true,
                }));
            }
            changes.push(change(field.clone(), present, to));
        }
        Ok(changes)
    }

    pub(super) fn operation(
        &self,
        id: RelId,
        action: &Action,
        firing: &Pending,
        (side, object): (Side, &SmolStr),
        kind: OperationKind,
        changes: Vec<Change>,
    ) -> Operation {
        Operation {
            direction: side.other().sends(),
            kind,
            side,
            object: object.clone(),
            id: None,
            source: Some(SourceRecord {
                side: self.trigger(id).record().map(|(side, ..)| side),
                object: firing.firing.object.clone(),
                id: firing.firing.id.clone(),
            }),
            changes,
            expect: Value::Null,
            expect_fields: Vec::new(),
            because: because(self.trigger(id)),
            rule: action.rule,
            together: Vec::new(),
        }
    }
}

/// A write is done only where the record is still as it was read.
pub(super) fn expect(
    object: &Object,
    names: &[SmolStr],
    record: Record,
    operation: &mut Operation,
) {
    operation.id = Some(record.id);
    if object.modified.is_some() {
        operation.expect = record.stamp;
    } else {
        let read = names.iter().cloned().zip(record.values);
        operation.expect_fields = read.collect();
    }
}

pub(super) fn change(field: SmolStr, from: Value, to: To) -> Change {
    Change {
        field,
        from,
        to,
        line: None,
    }
}

/// An action whose expression has no value: it waits for what this run makes, or fails.
pub(super) fn refused(error: EvalError, side: Side, rule: Rule, field: Option<&SmolStr>) -> Acted {
    match failed(error) {
        Desire::Fail { message } => Acted::Fails(FieldFailure {
            side,
            field: field.cloned().unwrap_or_default(),
            message,
            rule,
        }),
        _ => Acted::PutOff,
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
