//! Changes of the ledger, and their order of business: each is carried out by the file of its subject.

use smol_str::SmolStr;

use super::new_links::NewLink;
use super::{Conflict, Cursor, Failure, Firing, FiringState, Held, Ledger, Revisit, Sighting};
use crate::program::{Direction, Side};
use crate::value::Value;

/// A change of the ledger itself. Effects of one call are one transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A new link. A closed link with the same two records is replaced.
    Link {
        relationship: SmolStr,
        objects: [SmolStr; 2],
        ids: [Value; 2],
        stamps: [Value; 2],
        base: Box<[u8]>,
        closed: bool,
    },
    /// New versions (where some) and base (where some) of a link.
    Touch {
        link: i64,
        stamps: [Option<Value>; 2],
        base: Option<Box<[u8]>>,
    },
    /// One side of the link is another record from now on.
    Move {
        link: i64,
        side: Side,
        object: SmolStr,
        id: Value,
        stamp: Value,
        base: Box<[u8]>,
    },
    /// The link becomes a tombstone.
    Close {
        link: i64,
    },
    /// No link, no tombstone.
    Remove {
        link: i64,
    },
    /// `create once` made a record of this source record.
    Once {
        relationship: SmolStr,
        direction: Direction,
        id: Value,
    },
    /// Replaces what is held for this record in this relationship and direction.
    Hold(Held),
    Unhold {
        relationship: SmolStr,
        direction: Direction,
        object: SmolStr,
        id: Value,
    },
    Fail(Failure),
    Unfail {
        relationship: SmolStr,
        side: Side,
        object: SmolStr,
        id: Value,
    },
    Conflict(Conflict),
    /// All (`field: None`) or one field's conflict of a link is settled.
    Settle {
        link: i64,
        field: Option<SmolStr>,
    },
    /// A field went from one of two values (hashes, the smaller one first) to the other.
    Turn {
        link: i64,
        field: SmolStr,
        values: [u64; 2],
    },
    /// Plan this record again in every run, until `Unwait`.
    Wait {
        relationship: SmolStr,
        revisit: Revisit,
    },
    Unwait {
        relationship: SmolStr,
        revisit: Revisit,
    },
    Cursor {
        relationship: SmolStr,
        side: Side,
        object: SmolStr,
        cursor: Cursor,
    },
    /// The relationship has had a complete run by the rules with this hash.
    Complete {
        relationship: SmolStr,
        rules: u64,
    },
    /// What the lines of bases with this layout number are.
    Layout {
        relationship: SmolStr,
        number: u32,
        lines: Vec<u64>,
    },
    RoundRobin {
        number: u16,
        next: u64,
    },
    /// A trigger fired; where it has fired by this key before, at most its condition is decided.
    Fire(Firing),
    /// A firing goes on at the action `next`, in this state.
    Advance {
        trigger: SmolStr,
        key: SmolStr,
        next: u16,
        state: FiringState,
    },
    /// These fields are kept of the records of a watched object.
    Watch {
        side: Side,
        object: SmolStr,
        fields: Vec<SmolStr>,
    },
    See(Sighting),
    /// A write that fires no trigger moved a watched record's stamp from one to the other.
    SeeOwn {
        side: Side,
        object: SmolStr,
        id: Value,
        from: Value,
        to: Value,
    },
    /// A watched record is gone.
    Unsee {
        side: Side,
        object: SmolStr,
        id: Value,
    },
    /// The events of the inbox up to this number have fired what they fire.
    Hear {
        number: i64,
    },
}

impl Ledger {
    /// In order; new live links that follow each other at once.
    pub(super) fn apply_all(&self, effects: &[Effect]) -> rusqlite::Result<()> {
        let mut links = Vec::new();
        for effect in effects {
            match NewLink::of(effect) {
                Some(link) if !link.closed => links.push(link),
                _ => {
                    self.add_links(&std::mem::take(&mut links))?;
                    self.apply(effect)?;
                }
            }
        }
        self.add_links(&links)
    }

    pub(super) fn apply(&self, effect: &Effect) -> rusqlite::Result<()> {
        match effect {
            Effect::Link { .. } => match NewLink::of(effect) {
                Some(link) => self.add_links(&[link]),
                None => Ok(()),
            },
            Effect::Touch { link, stamps, base } => self.touch_link(*link, stamps, base.as_deref()),
            Effect::Move {
                link,
                side,
                object,
                id,
                stamp,
                base,
            } => {
                self.move_link(*link, *side, object, id, stamp, base)?;
                self.drop_tombstones(*link)?;
                self.move_conflicts(*link, *side, object, id)
            }
            Effect::Close { link } => {
                self.close_link(*link)?;
                self.forget_turns(*link, None)?;
                self.settle(*link, None)
            }
            Effect::Remove { link } => {
                self.remove_link(*link)?;
                self.forget_turns(*link, None)?;
                self.settle(*link, None)
            }
            Effect::Once {
                relationship,
                direction,
                id,
            } => self.add_once(relationship, *direction, id),
            Effect::Hold(held) => self.hold(held),
            Effect::Unhold {
                relationship,
                direction,
                object,
                id,
            } => self.unhold(relationship, *direction, object, id),
            Effect::Fail(failure) => self.fail(failure),
            Effect::Unfail {
                relationship,
                side,
                object,
                id,
            } => self.unfail(relationship, *side, object, id),
            Effect::Conflict(conflict) => self.add_conflict(conflict),
            Effect::Settle { link, field } => self.settle(*link, field.as_deref()),
            Effect::Turn {
                link,
                field,
                values,
            } => self.turn(*link, field, *values),
            Effect::Wait {
                relationship,
                revisit,
            } => self.wait(relationship, revisit),
            Effect::Unwait {
                relationship,
                revisit,
            } => self.unwait(relationship, revisit),
            Effect::Cursor {
                relationship,
                side,
                object,
                cursor,
            } => self.set_cursor(relationship, *side, object, cursor),
            Effect::Complete {
                relationship,
                rules,
            } => self.set_completed(relationship, *rules),
            Effect::Layout {
                relationship,
                number,
                lines,
            } => self.add_layout(relationship, *number, lines),
            Effect::RoundRobin { number, next } => self.set_round_robin(*number, *next),
            Effect::Fire(firing) => self.fire(firing),
            Effect::Advance {
                trigger,
                key,
                next,
                state,
            } => self.move_firing(trigger, key, *next, *state),
            Effect::Watch {
                side,
                object,
                fields,
            } => self.set_watch(*side, object, fields),
            Effect::See(sighting) => self.see(sighting),
            Effect::SeeOwn {
                side,
                object,
                id,
                from,
                to,
            } => self.see_own(*side, object, id, [from, to]),
            Effect::Unsee { side, object, id } => self.unsee(*side, object, id),
            Effect::Hear { number } => self.hear(*number),
        }
    }
}
