//! Triggers: checked, and not run by this version (language reference, section 8).

use smol_str::SmolStr;

use super::expression::{Scope, Typed};
use super::facts::{ActionFact, Firing, Writing};
use super::frame::ObjectRef;
use super::relationship::writes::{FieldWrite, Operations};
use super::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{Expr, NotRun, Rule, Side};
use crate::syntax::ast::{self, ActionKind, TriggerSource};
use crate::value::Type;

/// The record or message that a trigger fires on.
struct Fired {
    frame: Frame,
    scope: Scope,
    /// It is a record, which actions can push, pull and set.
    record: Option<(Side, ObjectRef)>,
    /// What happened to the record.
    firing: Firing,
    /// The trigger, and the conditions of the action at hand.
    name: SmolStr,
    when: Vec<Expr>,
}

impl Fired {
    fn of(frame: Frame, scope: Scope) -> Fired {
        Fired {
            frame,
            scope,
            record: None,
            firing: Firing::Change,
            name: SmolStr::default(),
            when: Vec::new(),
        }
    }
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
            fired.name = item.name.text.clone();
            let first = self.facts.actions.len();
            let mut whens = Vec::new();
            if let Some(when) = &item.when {
                whens.push(self.condition(&mut fired.frame, &fired.scope, when).expr);
            }
            for action in &item.actions {
                fired.when.clone_from(&whens);
                if let Some(when) = &action.when {
                    let when = self.condition(&mut fired.frame, &fired.scope, when);
                    fired.when.push(when.expr);
                }
                self.action(&mut fired, action);
            }
            // All that its expressions read is known only now.
            for fact in self.facts.actions.iter_mut().skip(first) {
                fact.slots = Side::BOTH.map(|s| fired.frame.side(s).slots.clone());
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
                    record: Some((side, object)),
                    firing: match source {
                        TriggerSource::Create(_) => Firing::Create,
                        TriggerSource::Delete(_) => Firing::Delete,
                        _ => Firing::Change,
                    },
                    ..Fired::of(frame, Scope::of(side))
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
                let Some(relationship) = self.relationship_meant(relationship) else {
                    return;
                };
                // `push`, `pull` and `sync` have four letters each.
                let word = Span {
                    end: action.span.start + 4,
                    ..action.span
                };
                self.run_that_way(*lanes, std::slice::from_ref(&relationship), word);
                let Some((side, object)) = &fired.record else {
                    self.findings
                        .error(
                            codes::BAD_ACTION,
                            action.span,
                            "no record fired this trigger, so that there is none to sync",
                        )
                        .help("let it fire on `change`, `create` or `delete` of an object");
                    return;
                };
                let theirs = self.relationship_objects(&relationship, *side);
                if !theirs.iter().any(|o| o.object.name == object.object.name) {
                    let message = format!(
                        "`{}` does not relate `{}`",
                        relationship.text,
                        self.object_name(*side, object)
                    );
                    let known = self.relationships_of(*side, &object.object.name);
                    let described =
                        self.findings
                            .error(codes::BAD_ACTION, relationship.span, message);
                    if !known.is_empty() {
                        described.help(format!("these relate it: {}", known.join(", ")));
                    }
                }
            }
            ActionKind::Create { object, fields } => {
                let Some((side, object)) = self.store_object(object) else {
                    return;
                };
                self.assigns(
                    fired,
                    side,
                    &object,
                    fields,
                    (Operations::Create, Writing::Create),
                );
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
                self.assigns(
                    fired,
                    side,
                    &object,
                    fields,
                    (Operations::Both, Writing::Other),
                );
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
                self.assigns(
                    fired,
                    side,
                    &object,
                    fields,
                    (Operations::Update, Writing::Other),
                );
            }
            ActionKind::Delete { object, keys } => {
                let Some((side, object)) = self.store_object(object) else {
                    return;
                };
                self.action_keys(fired, side, &object, keys);
            }
            ActionKind::Set(assigns) => match fired.record.clone() {
                Some((side, object)) => self.assigns(
                    fired,
                    side,
                    &object,
                    assigns,
                    (Operations::Update, Writing::Own),
                ),
                None => {
                    self.findings
                        .error(
                            codes::BAD_ACTION,
                            action.span,
                            "no record fired this trigger, so that there is none to set fields of",
                        )
                        .help("write another record by its key: `update STORE.OBJECT(key = EXPR) { … }`");
                }
            },
            ActionKind::Post { url, body } => {
                let typed = self.expr(&mut fired.frame, &fired.scope, url);
                if !(super::types::is_text(&typed.ty) || super::types::open(&typed.ty)) {
                    self.findings
                        .error(
                            codes::BAD_ACTION,
                            url.span,
                            "`post` takes an address, as a text",
                        )
                        .help("as in `post \"https://example.org/hook\" { id = id }`");
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
        (operations, writing): (Operations, Writing),
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
                two_way: false,
            };
            self.check_write(&write, &typed);
            if let Some((of, record)) = &fired.record {
                self.facts.actions.push(ActionFact {
                    trigger: fired.name.clone(),
                    fired: (*of, record.object.name.clone()),
                    firing: fired.firing,
                    slots: Default::default(),
                    when: fired.when.clone(),
                    writing,
                    target: (side, object.object.name.clone()),
                    field: assign.name.text.clone(),
                    value: typed.expr,
                    span: assign.name.span,
                });
            }
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
    Fired::of(frame, Scope::of(Side::Left))
}
