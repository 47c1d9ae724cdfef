//! The plan as values: units of operations, each with its reason.

use smol_str::SmolStr;

use crate::program::{Direction, Program, QueryRef, RelId, Rule, Side};
use crate::value::Value;

/// All that is done for one pair of records (or one record), and what the ledger learns of it when it is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    pub relationship: RelId,
    /// The live link that this pair has already.
    pub link: Option<i64>,
    /// The records of the pair, left and right; `None` where an operation of this unit makes it (or there is none).
    pub records: [Option<PairRecord>; 2],
    pub operations: Vec<Operation>,
    /// The base once everything is done, line by line; `None`: not agreed.
    pub base: Vec<Option<[u64; 2]>>,
    /// The base before.
    pub old_base: Vec<Option<[u64; 2]>>,
    /// Values of the fields that the relationship reads with `was()`: at the base before, and once everything is done.
    pub kept: [Vec<Value>; 2],
    /// What becomes of the link when everything is done.
    pub outcome: LinkOutcome,
    /// The link moves to another record of this side (conversion, merge).
    pub moved: Option<Side>,
    /// It is an action of a firing of the trigger that stands as its relationship.
    pub step: Option<Step>,
}

impl Unit {
    /// One operation by itself, which leaves no link.
    pub fn alone(relationship: RelId, operation: Operation) -> Unit {
        Unit {
            relationship,
            link: None,
            records: [None, None],
            operations: vec![operation],
            base: Vec::new(),
            old_base: Vec::new(),
            kept: Default::default(),
            outcome: LinkOutcome::None,
            moved: None,
            step: None,
        }
    }
}

/// An action of a firing: it is carried out only where the firing stands at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The firing's.
    pub key: SmolStr,
    /// Of the store whose record fired; the left one where none did.
    pub side: Side,
    /// The place of the action.
    pub action: u16,
    /// Where the firing stands before.
    pub expects: u16,
    /// Where it stands once the action is done.
    pub next: u16,
    /// The firing is done then.
    pub ends: bool,
    /// A `set`: the record's version before, and after it (null: the stamp that its store gives it). It does not fire again.
    pub own: Option<[Value; 2]>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PairRecord {
    /// Its place among the alternatives of its side.
    pub alternative: u16,
    pub id: Value,
    pub stamp: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkOutcome {
    /// Linked, with the base.
    Linked,
    /// A tombstone.
    Closed,
    /// Neither link nor tombstone.
    Removed,
    /// No link is kept (`lookup … or create`, purge).
    None,
    /// `create once`: the source is remembered.
    Once,
}

/// One write, or one change of a link, as users see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub direction: Direction,
    pub kind: OperationKind,
    /// The store that it writes to.
    pub side: Side,
    pub object: SmolStr,
    /// The target; `None` for a create whose id is not known yet.
    pub id: Option<Value>,
    pub source: Option<SourceRecord>,
    pub changes: Vec<Change>,
    /// Expected version of the target: its stamp, and for objects without one the fields as read.
    pub expect: Value,
    pub expect_fields: Vec<(SmolStr, Value)>,
    pub because: Because,
    pub rule: Rule,
    /// What happens together with it, or not at all (merge, conversion): before it, in order.
    pub together: Vec<Part>,
}

/// A write of a merge or conversion, in the operation's store.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Create, update, delete; link: the link with the number in `expect` moves with it.
    pub kind: OperationKind,
    /// A link: the relationship.
    pub object: SmolStr,
    /// `None` for a create whose id is not known yet.
    pub id: Option<Value>,
    /// Of a delete: the whole record before.
    pub changes: Vec<Change>,
    /// Expected version; once it is done, the version that it made.
    pub expect: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SourceRecord {
    /// Its store; `None` where it is no record but a message that fired a trigger.
    pub side: Option<Side>,
    pub object: SmolStr,
    pub id: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationKind {
    Create,
    Update,
    Delete,
    Link,
    Unlink,
    Alter,
    /// After a create: the other direction's lines; after success: `done`.
    WriteBack,
    /// Several records of one store become one, which this is.
    Merge,
    /// A record goes on as one of another alternative.
    Convert,
    /// `post`: a request to another system, whose address stands as the object.
    Action,
}

impl OperationKind {
    /// Its parts are written together with it.
    pub fn is_joint(self) -> bool {
        matches!(self, OperationKind::Merge | OperationKind::Convert)
    }

    /// As in `plan --format json`.
    pub fn word(self) -> &'static str {
        match self {
            OperationKind::Create => "create",
            OperationKind::Update => "update",
            OperationKind::Delete => "delete",
            OperationKind::Link => "link",
            OperationKind::Unlink => "unlink",
            OperationKind::Alter => "alter",
            OperationKind::WriteBack => "write_back",
            OperationKind::Merge => "merge",
            OperationKind::Convert => "convert",
            OperationKind::Action => "action",
        }
    }
}

/// A field that an operation changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub field: SmolStr,
    pub from: Value,
    pub to: To,
    /// The line of the relationship that it comes from; `None` for a `set`.
    pub line: Option<u16>,
}

impl Change {
    /// What it writes, where that is known beforehand.
    pub fn value(&self) -> Option<&Value> {
        match &self.to {
            To::Value(value) => Some(value),
            To::Linked { .. } | To::Made { .. } | To::CreatedId | To::Unknown => None,
        }
    }
}

/// What a field becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum To {
    Value(Value),
    /// The partner, in that relationship, of the record with this id on this side: it is linked earlier in the same run.
    Linked {
        relationship: RelId,
        side: Side,
        id: Value,
    },
    /// The record that a `lookup … or create` of the unit's relationship makes for these keys.
    Made {
        query: QueryRef,
        keys: Vec<Value>,
    },
    /// The id of the record that this unit creates.
    CreatedId,
    /// What the store makes of a field of the record that this unit creates.
    Unknown,
}

/// Why an operation is there: a closed set.
#[derive(Debug, Clone, PartialEq)]
pub enum Because {
    /// No link and no match: made new.
    New,
    /// Changed since the last sync, on this side only.
    Changed(Side),
    /// Both sides changed; this one won by `prefer`.
    Preferred(Side),
    /// Linked for the first time; this side won by `first prefer`.
    FirstSync(Side),
    /// A one-way field was edited on its target side and is restored.
    Restored,
    /// Values merged (`prefer true`, `max` …).
    Merged,
    /// Matched by the key of this line.
    Matched(Rule),
    /// The partner was deleted.
    Deleted(Side),
    /// Left a filter (`leave unlink`, `leave delete`).
    Left,
    /// Followed to another record (conversion, merge).
    Followed,
    /// `purge`
    Purged,
    /// `lookup … or create`
    LookedUp,
    /// After the create: its id and defaults.
    ReadBack,
    /// `done set`
    Done,
    /// `*` adds a field.
    Added,
    /// A key finds several records, and `duplicates merge` makes them one.
    Duplicates,
    /// The condition of a `convert` holds.
    Converted,
    /// Takes back what a run did.
    Undone(SmolStr),
    /// A trigger fired: a record is new.
    FiredByCreate,
    /// A trigger fired: a record changed.
    FiredByChange,
    /// A trigger fired: a record was deleted.
    FiredByDelete,
    /// A trigger fired: an event arrived.
    FiredByEvent,
    /// A trigger fired: a run failed.
    FiredByFailedRun,
}

impl Because {
    /// The reason for people, with the stores' names.
    pub fn in_words(&self, program: &Program) -> String {
        let store = |side: &Side| &program.stores[side.index()].name;
        match self {
            Because::New => "new: no link, and no match key finds a partner".to_string(),
            Because::Changed(side) => format!("changed in {} since the last sync", store(side)),
            Because::Preferred(side) => {
                format!("changed on both sides; {} wins by `prefer`", store(side))
            }
            Because::FirstSync(side) => {
                format!("first sync of the two; {}'s value counts", store(side))
            }
            Because::Restored => {
                "edited on the target of a one-way field; the source's value is restored"
                    .to_string()
            }
            Because::Merged => "both values merged by `prefer`".to_string(),
            Because::Matched(_) => "a match key found the partner".to_string(),
            Because::Deleted(side) => format!("its partner in {} was deleted", store(side)),
            Because::Left => "the record left the filter".to_string(),
            Because::Followed => "the linked record was converted or merged".to_string(),
            Because::Purged => "the purge condition holds".to_string(),
            Because::LookedUp => "a lookup did not find it".to_string(),
            Because::ReadBack => "read back after the create".to_string(),
            Because::Done => "the operation succeeded".to_string(),
            Because::Added => "a field that `*` maps is missing on the target".to_string(),
            Because::Duplicates => "a match key finds several: they become one".to_string(),
            Because::Converted => "the `convert` condition holds".to_string(),
            Because::Undone(run) => format!("takes back run {run}"),
            Because::FiredByCreate => "the trigger fired: the record is new".to_string(),
            Because::FiredByChange => "the trigger fired: the record changed".to_string(),
            Because::FiredByDelete => "the trigger fired: the record was deleted".to_string(),
            Because::FiredByEvent => "the trigger fired: the event arrived".to_string(),
            Because::FiredByFailedRun => "the trigger fired: a run failed".to_string(),
        }
    }
}
