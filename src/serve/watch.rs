//! What others change in the stores, for those that can tell.

use chrono::{DateTime, TimeDelta, Utc};

use crate::program::Side;
use crate::store::Store;

/// Between two looks at a store: a change is picked up well within a second.
const PAUSE: TimeDelta = TimeDelta::milliseconds(250);

#[derive(Debug)]
pub struct Watch {
    /// By side, as last told. `None`: not asked yet.
    known: [Option<u64>; 2],
    /// The store has something to tell at all.
    tells: [bool; 2],
    next: DateTime<Utc>,
}

impl Watch {
    /// Over stores that were opened just now: what they tell first is news.
    pub fn new(now: DateTime<Utc>) -> Watch {
        Watch {
            known: [None, None],
            tells: [true, true],
            next: now,
        }
    }

    /// When to look next; `None` where no store can tell.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        self.tells.contains(&true).then_some(self.next)
    }

    /// The sides that somebody else has changed since the last look. A store that does not answer has no news: its runs will tell.
    pub fn look(&mut self, stores: &mut [Box<dyn Store>; 2], now: DateTime<Utc>) -> [bool; 2] {
        self.next = now + PAUSE;
        Side::BOTH.map(|side| {
            let place = side.index();
            match stores[place].outside_changes() {
                Ok(Some(told)) => self.known[place].replace(told) != Some(told),
                Ok(None) => {
                    self.tells[place] = false;
                    false
                }
                Err(_) => false,
            }
        })
    }
}
