//! A checked trigger (language reference, section 8).

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Expr, RelId, Relationship, Rule, Side};
use crate::schema::Object;
use crate::value::Type;

/// What a program does when something happens.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// What its expressions read, as a relationship that has a record on one side only: the slots, queries and `was()` fields. Its name
    /// is the trigger's.
    pub rules: Relationship,
    pub source: Source,
    pub when: Option<Expr>,
    /// In the order in which they are carried out.
    pub actions: Vec<Action>,
}

/// What makes a trigger fire.
#[derive(Debug, Clone)]
pub enum Source {
    Record {
        happens: Happens,
        side: Side,
        object: Arc<Object>,
    },
    /// Posted to the event endpoint under this name.
    Event(SmolStr),
    RunFailed,
}

/// What a trigger `on run failed` can read of the run.
pub const RUN_MEMBERS: [(&str, Type); 9] = [
    ("run", Type::Text { max: None }),
    ("command", Type::Text { max: None }),
    ("message", Type::Text { max: None }),
    ("done", Type::Number { scale: Some(0) }),
    ("failed", Type::Number { scale: Some(0) }),
    ("stale", Type::Number { scale: Some(0) }),
    ("held", Type::Number { scale: Some(0) }),
    ("started_at", Type::Instant),
    ("finished_at", Type::Instant),
];

/// What happens to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Happens {
    Create,
    Change,
    Delete,
}

/// What a firing does.
#[derive(Debug, Clone)]
pub struct Action {
    pub rule: Rule,
    pub when: Option<Expr>,
    pub kind: ActionKind,
}

/// Fields, keys and members are names with their values.
#[derive(Debug, Clone)]
pub enum ActionKind {
    /// `push REL`, `pull REL`, `sync REL`: the record that fired, through its relationship.
    Run {
        relationship: RelId,
        /// Push, pull.
        directions: [bool; 2],
    },
    Create {
        side: Side,
        object: SmolStr,
        fields: Vec<(SmolStr, Expr)>,
    },
    /// Creates where nothing has the keys.
    Upsert {
        side: Side,
        object: SmolStr,
        keys: Vec<(SmolStr, Expr)>,
        fields: Vec<(SmolStr, Expr)>,
    },
    Update {
        side: Side,
        object: SmolStr,
        keys: Vec<(SmolStr, Expr)>,
        fields: Vec<(SmolStr, Expr)>,
    },
    Delete {
        side: Side,
        object: SmolStr,
        keys: Vec<(SmolStr, Expr)>,
    },
    /// On the record that fired.
    Set { fields: Vec<(SmolStr, Expr)> },
    /// An external action; the members make the JSON body.
    Post {
        url: Expr,
        body: Vec<(SmolStr, Expr)>,
    },
}

impl Trigger {
    pub fn name(&self) -> &SmolStr {
        &self.rules.name
    }

    /// The record that fires it: its side, object, and what happens to it.
    pub fn record(&self) -> Option<(Side, &Arc<Object>, Happens)> {
        match &self.source {
            Source::Record {
                happens,
                side,
                object,
            } => Some((*side, object, *happens)),
            Source::Event(_) | Source::RunFailed => None,
        }
    }

    /// The objects that its actions write to other than through relationships, by side.
    pub fn acts_on(&self) -> impl Iterator<Item = (Side, &SmolStr)> {
        let own = self.record();
        self.actions.iter().filter_map(move |a| match &a.kind {
            ActionKind::Create { side, object, .. }
            | ActionKind::Upsert { side, object, .. }
            | ActionKind::Update { side, object, .. }
            | ActionKind::Delete { side, object, .. } => Some((*side, object)),
            ActionKind::Set { .. } => own.map(|(side, object, _)| (side, &object.name)),
            ActionKind::Run { .. } | ActionKind::Post { .. } => None,
        })
    }

    /// The side of the store that the record which fires is in; the left one where no record does.
    pub fn side(&self) -> Side {
        self.record().map_or(Side::Left, |(side, ..)| side)
    }
}

impl Happens {
    /// As in the source of a trigger.
    pub fn word(self) -> &'static str {
        match self {
            Happens::Create => "create",
            Happens::Change => "change",
            Happens::Delete => "delete",
        }
    }
}
