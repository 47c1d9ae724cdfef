//! What an action writes: its values in the terms of the fields that take them.

use smol_str::SmolStr;

use super::Triggers;
use super::act::Acted;
use super::firing::{Pending, because};
use crate::plan::lines::{Desire, failed};
use crate::plan::merge::{FieldFailure, Missing};
use crate::plan::world::Answer;
use crate::plan::{Change, Operation, OperationKind, SourceRecord, To};
use crate::program::{Action, EvalError, Expr, RelId, Rule, Side};
use crate::schema::Object;
use crate::store::Record;
use crate::value::{Type, Value, convert, same_in};

impl<'a> Triggers<'_, '_, 'a> {
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

    pub(super) fn post(
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
