//! Operations, schedules, triggers.

use super::{Entry, entry};
use crate::diagnostic::codes::*;

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        BAD_SCHEDULE,
        "An interval, a cron line or a time zone that does not work.",
        "The schedule would never be due.",
        "cron \"*/5 9-17 * *\" sync Lead",
        "cron \"*/5 9-17 * * 1-5\" sync Lead in \"Europe/Berlin\"",
    ),
    entry(
        BAD_BATCH,
        "A batch that holds no record.",
        "Nothing could be sent.",
        "push batch 0",
        "push batch 500",
    ),
    entry(
        MISPLACED_CLAUSE,
        "A clause that its operation does not take, or a `change` of a field that no line writes.",
        "It would have no effect.",
        "push create leave keep",
        "push when active leave keep",
    ),
    entry(
        BAD_ACTION,
        "An action of a trigger that needs a record where none fired, or a relationship that is not about it.",
        "There is nothing to do it with.",
        "relationship Lead: lead <-> Lead {\n  match email = Email\n  email <-> Email\n}\ntrigger t on event hook {\n  push Lead\n}",
        "relationship Lead: lead <-> Lead {\n  match email = Email\n  email <-> Email\n}\ntrigger t on change lead {\n  push Lead\n}",
    ),
];
