//! Items: `sync`, `let`, `fn`, `lens`, `every` and `cron`, and the heads of relationships and triggers.

use super::Lower;
use crate::diagnostic::codes;
use crate::syntax::ast::{
    FnItem, ItemKind, LensItem, LetItem, Name, RelationshipItem, ScheduleAction, ScheduleItem,
    ScheduleWhen, SyncItem, TriggerItem, TriggerSource, TypeName,
};
use crate::syntax::grammar::{Node, Rule, children};

impl Lower<'_> {
    pub fn sync_item(&mut self, node: Node<'_>) -> Option<ItemKind> {
        let mut names = children(node).map(|name| self.name(&name));
        Some(ItemKind::Sync(SyncItem {
            left: names.next()?,
            right: names.next()?,
        }))
    }

    pub fn let_item(&mut self, node: Node<'_>) -> Option<ItemKind> {
        let mut parts = children(node);
        let name = self.name(&parts.next()?);
        let mut ty = None;
        let mut value = parts.next()?;
        if value.as_rule() == Rule::type_name {
            ty = self.type_name(value);
            value = parts.next()?;
        }
        Some(ItemKind::Let(LetItem {
            name,
            ty,
            value: self.expr(value),
        }))
    }

    fn type_name(&mut self, node: Node<'_>) -> Option<TypeName> {
        let place = self.span(&node);
        let mut parts = children(node);
        let name = self.name(&parts.next()?);
        Some(TypeName {
            name,
            or_null: parts.next().is_some(),
            span: place,
        })
    }

    pub fn fn_item(&mut self, node: Node<'_>) -> Option<ItemKind> {
        let mut name = None;
        let mut params = Vec::new();
        for child in children(node) {
            match child.as_rule() {
                Rule::params => params = self.names(child),
                Rule::expr => {
                    return Some(ItemKind::Fn(FnItem {
                        name: name?,
                        params,
                        body: self.expr(child),
                    }));
                }
                _ => name = Some(self.name(&child)),
            }
        }
        None
    }

    pub fn lens_item(&mut self, node: Node<'_>) -> Option<ItemKind> {
        let mut parts = children(node);
        let mut lens = LensItem {
            name: self.name(&parts.next()?),
            push: None,
            pull: None,
        };
        for half in parts {
            let is_push = half.as_rule() == Rule::lens_push;
            let place = self.span(&half);
            let Some(value) = children(half).next().map(|value| self.expr(value)) else {
                continue;
            };
            let (slot, word) = if is_push {
                (&mut lens.push, "push")
            } else {
                (&mut lens.pull, "pull")
            };
            if let Some(first) = slot {
                let first = first.span;
                self.repeated(word, first, place);
            } else {
                *slot = Some(value);
            }
        }
        Some(ItemKind::Lens(lens))
    }

    pub fn schedule(&mut self, node: Node<'_>) -> Option<ItemKind> {
        let mut when = None;
        let mut action = None;
        let mut relationships = Vec::new();
        let mut zone = None;
        for child in children(node) {
            let place = self.span(&child);
            match child.as_rule() {
                Rule::every => {
                    let written = children(child).next()?;
                    let Some(millis) = super::literal::duration(written.as_str()) else {
                        let message =
                            format!("`{}` is longer than a duration can be", written.as_str());
                        let place = self.span(&written);
                        self.complain(codes::BAD_NUMBER, place, message, "write a shorter one");
                        return None;
                    };
                    when = Some(ScheduleWhen::Every {
                        millis,
                        span: self.span(&written),
                    });
                }
                Rule::cron => {
                    let line = children(child).next()?;
                    when = Some(ScheduleWhen::Cron {
                        line: self.plain_text(line),
                    });
                }
                Rule::word => {
                    let known = [
                        ("sync", ScheduleAction::Sync),
                        ("push", ScheduleAction::Push),
                        ("pull", ScheduleAction::Pull),
                    ];
                    action = Some((self.word(&child, "action of a schedule", &known)?, place));
                }
                Rule::names => relationships = self.names(child),
                _ => zone = Some(self.plain_text(child)),
            }
        }
        let (lanes, action_span) = action?;
        Some(ItemKind::Schedule(ScheduleItem {
            when: when?,
            lanes,
            action_span,
            relationships,
            zone,
        }))
    }

    pub fn relationship_head(&mut self, node: Node<'_>) -> Option<RelationshipItem> {
        let mut parts = children(node);
        let name = self.name(&parts.next()?);
        let mut many = None;
        let left = self.objects(parts.next()?, &mut many);
        let (arrow, arrow_span) = self.arrow(parts.next()?);
        let right = self.objects(parts.next()?, &mut many);
        Some(RelationshipItem {
            name,
            many,
            left,
            arrow,
            arrow_span,
            right,
            statements: Vec::new(),
        })
    }

    fn objects(&mut self, node: Node<'_>, many: &mut Option<crate::diagnostic::Span>) -> Vec<Name> {
        let mut names = Vec::new();
        for child in children(node) {
            if child.as_rule() == Rule::many {
                *many = Some(self.span(&child));
            } else {
                names.push(self.name(&child));
            }
        }
        names
    }

    pub fn trigger_head(&mut self, node: Node<'_>) -> Option<TriggerItem> {
        let mut parts = children(node);
        let name = self.name(&parts.next()?);
        let source = self.trigger_source(parts.next()?)?;
        let when = parts
            .next()
            .and_then(|clause| children(clause).next())
            .map(|condition| self.expr(condition));
        Some(TriggerItem {
            name,
            source,
            when,
            actions: Vec::new(),
        })
    }

    fn trigger_source(&mut self, node: Node<'_>) -> Option<TriggerSource> {
        let source = children(node).next()?;
        let place = self.span(&source);
        match source.as_rule() {
            Rule::on_run_failed => Some(TriggerSource::RunFailed(place)),
            Rule::on_event => children(source)
                .next()
                .map(|name| TriggerSource::Event(self.name(&name))),
            _ => {
                let mut parts = children(source);
                let event = parts.next()?;
                let object = self.path(parts.next()?);
                Some(match event.as_str() {
                    "change" => TriggerSource::Change(object),
                    "create" => TriggerSource::Create(object),
                    _ => TriggerSource::Delete(object),
                })
            }
        }
    }
}
