//! Directions: which way data may flow, and who writes.

use super::{Entry, entry, fixed};
use crate::diagnostic::codes::*;

pub(super) const ENTRIES: &[Entry] = &[
    fixed(
        entry(
            TWO_WRITERS,
            "Two lines write one field in the same direction, and may both apply to one record.",
            "Which one wins would depend on their order, which has no meaning.",
            "first_name -> LastName\ncompany    -> LastName",
            "first_name -> LastName when status = \"new\"\ncompany    -> LastName when status != \"new\"",
        ),
        "Safe where a line stands twice: the second one is removed. There is none for two lines that differ.",
    ),
    fixed(
        entry(
            WRONG_DIRECTION,
            "A field line points against the arrow of its relationship. Only an id or a reference may be written back.",
            "The line would never run.",
            "relationship Account: account <- Account {\n  name -> Name\n}",
            "relationship Account: account <- Account {\n  name <- Name\n}",
        ),
        "Safe for a line: its arrow is turned, or loses the way that the relationship does not go. Unsafe for a header against which all lines go: its arrow is turned.",
    ),
    fixed(
        entry(
            CLAUSE_DIRECTION,
            "A clause, `when` or schedule is for a direction that the relationship, or the line, does not have.",
            "It would never apply.",
            "relationship Account: account <- Account {\n  push create require name\n}",
            "relationship Account: account <- Account {\n  pull create require Name\n}",
        ),
        "Unsafe, for a schedule against which all its relationships go: `sync` is written.",
    ),
    entry(
        NOT_TWO_WAY,
        "A two-way line converts by a value map without `<->` entries, or by a lens that lacks a half.",
        "There is no way back.",
        "values status { \"new\" -> \"Open\" }\nstatus <-> Status using status",
        "values status { \"new\" <-> \"Open\" }\nstatus <-> Status using status",
    ),
    entry(
        LENS_NOT_INVERSE,
        "The halves of a lens on a two-way field do not undo each other. The value shown goes over and does not come back, and does not settle either.",
        "Each sync changes the record again, for ever.",
        "lens cents {\n  push it * 100\n  pull it / 10\n}\nrelationship Campaign: campaign <-> Campaign {\n  match crm_id = Id\n  clicks <-> Clicks__c using cents\n}",
        "lens cents {\n  push it * 100\n  pull it / 100\n}\nrelationship Campaign: campaign <-> Campaign {\n  match crm_id = Id\n  clicks <-> Clicks__c using cents\n}",
    ),
    fixed(
        entry(
            TWO_WAY_EXPRESSION,
            "`<->` stands between anything but two plain fields, or between two stars.",
            "An expression can be read, but not written.",
            "lower(email) <-> Email",
            "lower(email) -> Email\nemail <- Email",
        ),
        "Unsafe, for stars: one arrow is chosen.",
    ),
    entry(
        NOT_A_TARGET,
        "An arrow points at something that is no field.",
        "Only whole fields are written.",
        "email -> lower(Email)",
        "lower(email) -> Email",
    ),
    entry(
        UNQUALIFIED_TWO_WAY,
        "A plain `when` on a two-way line names a field without saying of which side.",
        "The line has no source: each side is one in its direction.",
        "email <-> Email when is_contact",
        "email <-> Email when marketing.is_contact",
    ),
];
