//! The actions of a trigger.

use super::Lower;
use crate::diagnostic::Span;
use crate::syntax::ast::{Action, ActionKind, Assign, Expr, Name, Path, ScheduleAction};
use crate::syntax::grammar::{Node, Rule, children};

/// What an action is made of, whichever it is.
#[derive(Default)]
struct Parts {
    lane: Option<ScheduleAction>,
    name: Option<Name>,
    object: Option<Path>,
    keys: Vec<Assign>,
    assigns: Vec<Assign>,
    url: Option<Expr>,
    when: Option<Expr>,
}

impl Lower<'_> {
    pub fn action(&mut self, node: Node<'_>, place: Span) -> Option<Action> {
        let rule = node.as_rule();
        let mut parts = Parts::default();
        for child in children(node) {
            self.action_part(child, &mut parts);
        }
        let Parts {
            lane,
            name,
            object,
            keys,
            assigns,
            url,
            when,
        } = parts;
        let kind = match rule {
            Rule::run_action => ActionKind::Run {
                action: lane?,
                relationship: name?,
            },
            Rule::create_action => ActionKind::Create {
                object: object?,
                fields: assigns,
            },
            Rule::upsert_action => ActionKind::Upsert {
                object: object?,
                keys,
                fields: assigns,
            },
            Rule::update_action => ActionKind::Update {
                object: object?,
                keys,
                fields: assigns,
            },
            Rule::delete_action => ActionKind::Delete {
                object: object?,
                keys,
            },
            Rule::set_action => ActionKind::Set(assigns),
            _ => ActionKind::Post {
                url: url?,
                body: assigns,
            },
        };
        Some(Action {
            span: place,
            kind,
            when,
        })
    }

    fn action_part(&mut self, node: Node<'_>, parts: &mut Parts) {
        match node.as_rule() {
            Rule::lane => {
                parts.lane = Some(match node.as_str() {
                    "push" => ScheduleAction::Push,
                    "pull" => ScheduleAction::Pull,
                    _ => ScheduleAction::Sync,
                });
            }
            Rule::path => parts.object = Some(self.path(node)),
            Rule::target => {
                if let Some((object, keys)) = self.target(node) {
                    parts.object = Some(object);
                    parts.keys = keys;
                }
            }
            Rule::record => parts.assigns = self.record(node),
            Rule::assign => parts.assigns.extend(self.assign(node)),
            Rule::expr => parts.url = Some(self.expr(node)),
            Rule::clause_when => {
                parts.when = children(node).next().map(|condition| self.expr(condition))
            }
            _ => parts.name = Some(self.name(&node)),
        }
    }
}
