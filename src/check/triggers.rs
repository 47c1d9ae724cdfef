//! Triggers: what fires them, and what a firing does (language reference, section 8).

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::expression::{Scope, Typed};
use super::facts::{ActionFact, Firing, Writing};
use super::frame::ObjectRef;
use super::relationship::writes::{FieldWrite, Operations};
use super::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{
    Action, ActionKind, Expr, Happens, Prefer, RUN_MEMBERS, Relationship, Rule, Side, SideRules,
    Source, Trigger,
};
use crate::schema::{Field, Object};
use crate::syntax::ast::{self, ScheduleAction, TriggerSource};
use crate::value::{Type, Value};

/// Names with their values.
type Assigned = Vec<(SmolStr, Expr)>;

/// The record or message that a trigger fires on.
struct Fired {
    frame: Frame,
    scope: Scope,
    source: Option<Source>,
    /// It is a record, which actions can push, pull and set.
    record: Option<(Side, ObjectRef)>,
    /// What happened to the record.
    firing: Firing,
    /// The trigger, and the conditions of the action at hand.
    name: SmolStr,
    when: Vec<Expr>,
}

impl Fired {
    fn of(frame: Frame, scope: Scope, source: Option<Source>) -> Fired {
        Fired {
            frame,
            scope,
            source,
            record: None,
            firing: Firing::Change,
            name: SmolStr::default(),
            when: Vec::new(),
        }
    }
}

impl<'a> Checker<'a> {
    pub fn triggers(&mut self) -> Vec<Trigger> {
        let items: Vec<&'a ast::TriggerItem> = self.names.triggers.values().copied().collect();
        let mut triggers = Vec::with_capacity(items.len());
        for item in items {
            self.named_apart(item);
            let mut fired = self.fired(&item.source);
            fired.name = item.name.text.clone();
            let first = self.facts.actions.len();
            let when = item.when.as_ref();
            let when = when.map(|w| self.condition(&mut fired.frame, &fired.scope, w).expr);
            let mut actions = Vec::with_capacity(item.actions.len());
            for action in &item.actions {
                fired.when = when.iter().cloned().collect();
                let own = action.when.as_ref();
                let own = own.map(|w| self.condition(&mut fired.frame, &fired.scope, w).expr);
                fired.when.extend(own.clone());
                actions.extend(self.action(&mut fired, action).map(|kind| Action {
                    rule: Rule(action.span),
                    when: own,
                    kind,
                }));
            }
            // All that its expressions read is known only now.
            for fact in self.facts.actions.iter_mut().skip(first) {
                fact.slots = Side::BOTH.map(|s| fired.frame.side(s).slots.clone());
            }
            let Some(source) = fired.source else { continue };
            triggers.push(Trigger {
                rules: rules(item, fired.frame),
                source,
                when,
                actions,
            });
        }
        triggers
    }

    /// Lists, errors and plans name relationships and triggers alike.
    fn named_apart(&mut self, item: &ast::TriggerItem) {
        let Some(other) = self.names.relationships.get(&item.name.text) else {
            return;
        };
        let first = other.name.span;
        self.findings
            .error(
                codes::DUPLICATE_NAME,
                item.name.span,
                format!(
                    "a trigger and a relationship are both called `{}`",
                    item.name.text
                ),
            )
            .label(first, "the relationship is here");
    }

    fn fired(&mut self, source: &TriggerSource) -> Fired {
        let (path, happens, firing) = match source {
            TriggerSource::Change(path) => (path, Happens::Change, Firing::Change),
            TriggerSource::Create(path) => (path, Happens::Create, Firing::Create),
            TriggerSource::Delete(path) => (path, Happens::Delete, Firing::Delete),
            TriggerSource::Event(name) => {
                let object = ObjectRef::open(&name.text);
                return message(object, Some(Source::Event(name.text.clone())));
            }
            TriggerSource::RunFailed(_) => return message(run_object(), Some(Source::RunFailed)),
        };
        let found = match path.names.as_slice() {
            [name] => Some((Side::Left, self.object(Side::Left, name))),
            _ => self.store_object(path),
        };
        let Some((side, object)) = found else {
            return message(ObjectRef::open(&"record".into()), None);
        };
        let mut frame = Frame::default();
        frame.side_mut(side).objects.push(object.clone());
        let source = Source::Record {
            happens,
            side,
            object: object.object.clone(),
        };
        Fired {
            record: Some((side, object)),
            firing,
            ..Fired::of(frame, Scope::of(side), Some(source))
        }
    }

    /// `None` for an action that did not parse, or that names something that is not there: it has a finding.
    fn action(&mut self, fired: &mut Fired, action: &'a ast::Action) -> Option<ActionKind> {
        match &action.kind {
            ast::ActionKind::Run {
                action: lanes,
                relationship,
            } => self.run_action(fired, action, *lanes, relationship),
            ast::ActionKind::Create { object, fields } => {
                let (side, object) = self.store_object(object)?;
                let writes = (Operations::Create, Writing::Create);
                Some(ActionKind::Create {
                    side,
                    object: object.object.name.clone(),
                    fields: self.assigns(fired, side, &object, fields, writes),
                })
            }
            ast::ActionKind::Upsert {
                object: path,
                keys,
                fields,
            } => {
                let (side, object) = self.store_object(path)?;
                let writes = (Operations::Both, Writing::Other);
                Some(ActionKind::Upsert {
                    side,
                    object: object.object.name.clone(),
                    keys: self.action_keys(fired, side, &object, path, keys),
                    fields: self.assigns(fired, side, &object, fields, writes),
                })
            }
            ast::ActionKind::Update {
                object: path,
                keys,
                fields,
            } => {
                let (side, object) = self.store_object(path)?;
                let writes = (Operations::Update, Writing::Other);
                Some(ActionKind::Update {
                    side,
                    object: object.object.name.clone(),
                    keys: self.action_keys(fired, side, &object, path, keys),
                    fields: self.assigns(fired, side, &object, fields, writes),
                })
            }
            ast::ActionKind::Delete { object: path, keys } => {
                let (side, object) = self.store_object(path)?;
                Some(ActionKind::Delete {
                    side,
                    object: object.object.name.clone(),
                    keys: self.action_keys(fired, side, &object, path, keys),
                })
            }
            ast::ActionKind::Set(assigns) => match fired.record.clone() {
                Some((side, object)) => {
                    let writes = (Operations::Update, Writing::Own);
                    let fields = self.assigns(fired, side, &object, assigns, writes);
                    if fired.firing == Firing::Delete {
                        self.findings.error(
                            codes::BAD_ACTION,
                            action.span,
                            "the record that fired this trigger is deleted, so that there is none to set fields of",
                        );
                    }
                    Some(ActionKind::Set { fields })
                }
                None => {
                    self.findings
                        .error(
                            codes::BAD_ACTION,
                            action.span,
                            "no record fired this trigger, so that there is none to set fields of",
                        )
                        .help("write another record by its key: `update STORE.OBJECT(key = EXPR) { … }`");
                    None
                }
            },
            ast::ActionKind::Post { url, body } => {
                let typed = self.expr(&mut fired.frame, &fired.scope, url);
                if !(super::types::is_text(&typed.ty) || super::types::open(&typed.ty)) {
                    self.findings
                        .error(
                            codes::BAD_ACTION,
                            url.span,
                            "`post` takes an address, as a text",
                        )
                        .help("as in `post \"https://example.org/hook\" { id = id }`");
                } else if let ast::ExprKind::Literal(Value::Text(address)) = &url.kind
                    && !is_address(address)
                {
                    self.findings
                        .error(
                            codes::BAD_ACTION,
                            url.span,
                            format!("`{address}` is no address that can be posted to"),
                        )
                        .help("an address begins with `https://` or `http://` and a host");
                }
                Some(ActionKind::Post {
                    url: typed.expr,
                    body: self.members(fired, body),
                })
            }
            ast::ActionKind::Broken => None,
        }
    }

    fn run_action(
        &mut self,
        fired: &Fired,
        action: &ast::Action,
        lanes: ScheduleAction,
        relationship: &ast::Name,
    ) -> Option<ActionKind> {
        let relationship = self.relationship_meant(relationship)?;
        let id = self.relationship_id(&relationship)?;
        // `push`, `pull` and `sync` have four letters each.
        let word = Span {
            end: action.span.start + 4,
            ..action.span
        };
        self.run_that_way(lanes, std::slice::from_ref(&relationship), word);
        let Some((side, object)) = &fired.record else {
            self.findings
                .error(
                    codes::BAD_ACTION,
                    action.span,
                    "no record fired this trigger, so that there is none to sync",
                )
                .help("let it fire on `change`, `create` or `delete` of an object");
            return None;
        };
        let theirs = self.relationship_objects(&relationship, *side);
        if !theirs.iter().any(|o| o.object.name == object.object.name) {
            let message = format!(
                "`{}` does not relate `{}`",
                relationship.text,
                self.object_name(*side, object)
            );
            let known = self.relationships_of(*side, &object.object.name);
            let described = self
                .findings
                .error(codes::BAD_ACTION, relationship.span, message);
            if !known.is_empty() {
                described.help(format!("these relate it: {}", known.join(", ")));
            }
            return None;
        }
        Some(ActionKind::Run {
            relationship: id,
            directions: match lanes {
                ScheduleAction::Sync => [true, true],
                ScheduleAction::Push => [true, false],
                ScheduleAction::Pull => [false, true],
            },
        })
    }

    /// The members of a JSON body.
    fn members(&mut self, fired: &mut Fired, body: &'a [ast::Assign]) -> Assigned {
        let mut members: IndexMap<SmolStr, (Expr, Span)> = IndexMap::new();
        for member in body {
            let value = self.expr(&mut fired.frame, &fired.scope, &member.value);
            match members.get(&member.name.text) {
                Some((_, first)) => {
                    let first = *first;
                    self.findings
                        .error(
                            codes::TWO_WRITERS,
                            member.name.span,
                            format!("`{}` stands twice in one body", member.name.text),
                        )
                        .label(first, "the first one is here");
                }
                None => {
                    let value = (value.expr, member.name.span);
                    members.insert(member.name.text.clone(), value);
                }
            }
        }
        let members = members.into_iter();
        members.map(|(name, (value, _))| (name, value)).collect()
    }

    fn assigns(
        &mut self,
        fired: &mut Fired,
        side: Side,
        object: &ObjectRef,
        assigns: &'a [ast::Assign],
        (operations, writing): (Operations, Writing),
    ) -> Assigned {
        let scope = Scope {
            round_robin: true,
            ..fired.scope.clone()
        };
        let mut assigned = Vec::with_capacity(assigns.len());
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
            self.check_assigned(&write, &typed);
            assigned.push((assign.name.text.clone(), typed.expr.clone()));
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
        assigned
    }

    fn action_keys(
        &mut self,
        fired: &mut Fired,
        side: Side,
        object: &ObjectRef,
        path: &ast::Path,
        keys: &'a [ast::Assign],
    ) -> Assigned {
        if keys.is_empty() {
            self.findings
                .error(
                    codes::BAD_ACTION,
                    path.span,
                    "this action finds its record by a key, and none is given",
                )
                .help("write `STORE.OBJECT(field = EXPR)`");
        }
        let mut result = Typed::new(Expr::Const(crate::value::Value::Null), Type::Any);
        let scope = fired.scope.clone();
        self.query_keys(&mut fired.frame, &scope, side, object, keys, &mut result)
    }
}

/// What fires is no record of a store.
fn message(object: ObjectRef, source: Option<Source>) -> Fired {
    let mut frame = Frame::default();
    frame.side_mut(Side::Left).objects.push(object);
    Fired::of(frame, Scope::of(Side::Left), source)
}

/// What can be said of a run that failed.
fn run_object() -> ObjectRef {
    let fields = RUN_MEMBERS.iter().map(|(name, ty)| {
        let field = Field::new(SmolStr::new_static(name), ty.clone());
        (field.name.clone(), field)
    });
    let object = Object {
        name: SmolStr::new_static("run"),
        fields: fields.collect(),
        id: None,
        modified: None,
        deleted: None,
        created: None,
    };
    ObjectRef {
        object: Arc::new(object),
        open: false,
    }
}

fn rules(item: &ast::TriggerItem, frame: Frame) -> Relationship {
    Relationship {
        name: item.name.text.clone(),
        rule: Rule(item.name.span),
        sides: frame.sides.map(|side| SideRules {
            objects: side.objects.into_iter().map(|o| o.object).collect(),
            slots: side.slots,
        }),
        enabled: [false, false],
        many: None,
        keys: Vec::new(),
        follow: Vec::new(),
        lines: Vec::new(),
        directions: Default::default(),
        purge: Default::default(),
        convert: Vec::new(),
        additions: Vec::new(),
        queries: frame.queries,
        was: frame.was,
        prefer: Prefer::Newest,
    }
}

/// Whether a text has the form `https://HOST…`.
fn is_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !text.contains(char::is_whitespace)
    })
}
