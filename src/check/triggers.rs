//! Triggers: checked, and not run by this version (language reference, section 8).

use super::expression::{Scope, Typed};
use super::frame::ObjectRef;
use super::relationship::writes::{FieldWrite, Operations};
use super::{Checker, Frame, codes};
use crate::program::{Expr, NotRun, Rule, Side};
use crate::syntax::ast::{self, ActionKind, TriggerSource};
use crate::value::Type;

/// The record or message that a trigger fires on.
struct Fired {
    frame: Frame,
    scope: Scope,
    /// It is a record, which actions can push, pull and set.
    record: Option<(Side, ObjectRef)>,
}

impl<'a> Checker<'a> {
    pub fn triggers(&mut self, not_run: &mut Vec<NotRun>) {
        let items: Vec<&'a ast::TriggerItem> = self.names.triggers.values().copied().collect();
        for item in items {
            not_run.push(NotRun {
                what: format!("trigger `{}`", item.name.text),
                rule: Rule(item.name.span),
            });
            let mut fired = self.fired(&item.source);
            if let Some(when) = &item.when {
                self.condition(&mut fired.frame, &fired.scope, when);
            }
            for action in &item.actions {
                if let Some(when) = &action.when {
                    self.condition(&mut fired.frame, &fired.scope, when);
                }
                self.action(&mut fired, action);
            }
        }
    }

    fn fired(&mut self, source: &TriggerSource) -> Fired {
        match source {
            TriggerSource::Change(path)
            | TriggerSource::Create(path)
            | TriggerSource::Delete(path) => {
                let found = match path.names.as_slice() {
                    [name] => Some((Side::Left, self.object(Side::Left, name))),
                    _ => self.store_object(path),
                };
                let Some((side, object)) = found else {
                    return open_fired("record");
                };
                let mut frame = Frame::default();
                frame.side_mut(side).objects.push(object.clone());
                Fired {
                    frame,
                    scope: Scope::of(side),
                    record: Some((side, object)),
                }
            }
            TriggerSource::Event(name) => open_fired(&name.text),
            TriggerSource::RunFailed(_) => open_fired("run"),
        }
    }

    fn action(&mut self, fired: &mut Fired, action: &'a ast::Action) {
        match &action.kind {
            ActionKind::Run {
                action: lanes,
                relationship,
            } => {
                if self.relationship_id(relationship).is_none() {
                    return;
                }
                self.runs_that_way(*lanes, relationship, action.span);
                let Some((side, object)) = &fired.record else {
                    self.findings.error(
                        codes::BAD_ACTION,
                        action.span,
                        "no record fired this trigger, so that there is none to sync",
                    );
                    return;
                };
                let theirs = self.relationship_objects(relationship, *side);
                if !theirs.iter().any(|o| o.object.name == object.object.name) {
                    let message = format!(
                        "`{}` does not relate `{}`",
                        relationship.text,
                        self.object_name(*side, object)
                    );
                    self.findings
                        .error(codes::BAD_ACTION, relationship.span, message);
                }
            }
            ActionKind::Create { object, fields } => {
                let Some((side, object)) = self.store_object(object) else {
                    return;
                };
                self.assigns(fired, side, &object, fields, Operations::Create);
            }
            ActionKind::Upsert {
                object,
                keys,
                fields,
            } => {
                let Some((side, object)) = self.store_object(object) else {
                    return;
                };
                self.action_keys(fired, side, &object, keys);
                self.assigns(fired, side, &object, fields, Operations::Both);
            }
            ActionKind::Update {
                object,
                keys,
                fields,
            } => {
                let Some((side, object)) = self.store_object(object) else {
                    return;
                };
                self.action_keys(fired, side, &object, keys);
                self.assigns(fired, side, &object, fields, Operations::Update);
            }
            ActionKind::Delete { object, keys } => {
                let Some((side, object)) = self.store_object(object) else {
                    return;
                };
                self.action_keys(fired, side, &object, keys);
            }
            ActionKind::Set(assigns) => match fired.record.clone() {
                Some((side, object)) => {
                    self.assigns(fired, side, &object, assigns, Operations::Update)
                }
                None => {
                    self.findings.error(
                        codes::BAD_ACTION,
                        action.span,
                        "no record fired this trigger, so that there is none to set fields of",
                    );
                }
            },
            ActionKind::Post { url, body } => {
                let typed = self.expr(&mut fired.frame, &fired.scope, url);
                if !(super::types::is_text(&typed.ty) || super::types::open(&typed.ty)) {
                    self.findings.error(
                        codes::BAD_ACTION,
                        url.span,
                        "`post` takes an address, as a text",
                    );
                }
                for member in body {
                    self.expr(&mut fired.frame, &fired.scope, &member.value);
                }
            }
            ActionKind::Broken => {}
        }
    }

    fn assigns(
        &mut self,
        fired: &mut Fired,
        side: Side,
        object: &ObjectRef,
        assigns: &'a [ast::Assign],
        operations: Operations,
    ) {
        let scope = Scope {
            round_robin: true,
            ..fired.scope.clone()
        };
        for (i, assign) in assigns.iter().enumerate() {
            let typed = self.expr(&mut fired.frame, &scope, &assign.value);
            if let Some(first) = assigns[..i]
                .iter()
                .find(|a| a.name.text == assign.name.text)
            {
                self.findings
                    .error(
                        codes::TWO_WRITERS,
                        assign.name.span,
                        format!("`{}` is set twice in one action", assign.name.text),
                    )
                    .label(first.name.span, "the first one is here");
                continue;
            }
            let write = FieldWrite {
                side,
                object,
                field: &assign.name,
                source: assign.value.span,
                operations,
                converted: false,
                may_give_id: operations == Operations::Create,
            };
            self.check_write(&write, &typed);
        }
    }

    fn action_keys(
        &mut self,
        fired: &mut Fired,
        side: Side,
        object: &ObjectRef,
        keys: &'a [ast::Assign],
    ) {
        let mut result = Typed::new(Expr::Const(crate::value::Value::Null), Type::Any);
        let scope = fired.scope.clone();
        self.query_keys(&mut fired.frame, &scope, side, object, keys, &mut result);
    }
}

/// A message whose members are not known.
fn open_fired(name: &str) -> Fired {
    let mut frame = Frame::default();
    frame
        .side_mut(Side::Left)
        .objects
        .push(ObjectRef::open(&name.into()));
    Fired {
        frame,
        scope: Scope::of(Side::Left),
        record: None,
    }
}
