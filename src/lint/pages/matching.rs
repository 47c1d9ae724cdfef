//! Matching, alternatives and conflicts.

use super::{Entry, entry, fixed};
use crate::diagnostic::codes::*;

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        NO_MATCH_KEY,
        "A relationship that links records has no `match` line.",
        "It could not tell that two records are the same, and would make each of them again.",
        "relationship Lead: lead <-> Lead {\n  email <-> Email\n}",
        "relationship Lead: lead <-> Lead {\n  match lower(email) = lower(Email)\n  email <-> Email\n}",
    ),
    entry(
        NO_PRIMARY_KEY,
        "A table without a primary key, where records must be told apart.",
        "A link is a pair of ids.",
        "relationship Log: log -> Task { … }      # `log` has no primary key",
        "# stores.yaml\nobjects: { log: { id: line_number } }",
    ),
    entry(
        QUERY_IN_MATCH,
        "A side of `match`, its `where`, or a lens holds a query.",
        "Keys are compared for all records at once.",
        "match email = lookup crm.User(Id = OwnerId).Email",
        "match email = Email",
    ),
    entry(
        DUPLICATE_VALUE,
        "Two `<->` entries of a value map have one value on a side.",
        "The way back from that value is not known.",
        "values s { \"new\" <-> \"Open\"\n  \"fresh\" <-> \"Open\" }",
        "values s { \"new\" <-> \"Open\"\n  \"fresh\" -> \"Open\" }",
    ),
    entry(
        CREATE_ALTERNATIVE,
        "A create towards alternatives does not name the one to make.",
        "Nothing says what kind of record to make.",
        "relationship Person: lead <-> Contact | Lead {\n  push create\n}",
        "relationship Person: lead <-> Contact | Lead {\n  push create Lead\n}",
    ),
    entry(
        TWO_SIDED_ALTERNATIVES,
        "Both sides of a relationship have alternatives.",
        "A record is linked to one record of one alternative; which would be anyone's guess.",
        "relationship P: lead | member <-> Contact | Lead { … }",
        "relationship P: lead   <-> Contact | Lead { … }\nrelationship M: member <-> Contact { … }",
    ),
    entry(
        MANY_TWO_WAY,
        "A `many` relationship goes both ways.",
        "Several records share one partner: nothing says which of them a change should go back to.",
        "relationship Guest: many order <-> Contact { … }",
        "relationship Guest: many order -> Contact { … }",
    ),
    fixed(
        entry(
            WRONG_SIDE,
            "A side of `match` or of a field line reads the other record, or `follow` leads nowhere.",
            "Left of the arrow or `=` stand fields of the left record, right of it those of the right one.",
            "match email = marketing.email",
            "match email = Email",
        ),
        "Safe where the sides of a key or of a two-way line have changed places: they are exchanged. Unsafe for a line of one way, whose arrow is turned too.",
    ),
    entry(
        BAD_PREFER,
        "A `prefer` that does not fit its field or its place.",
        "`true` and `false` need conditions, `max` and `min` an order; `first prefer` names a store or `newest`.",
        "first_name <-> FirstName prefer true",
        "opt_out <-> HasOptedOutOfEmail prefer true",
    ),
    entry(
        CONVERT_TO_ITSELF,
        "A `convert` from an alternative to the same one.",
        "Nothing would become of the record, in every run again.",
        "relationship Person: lead <-> Contact | Lead {\n  match email = Email\n  email <-> Email\n  push create never\n  convert Lead to Lead when is_contact\n}",
        "relationship Person: lead <-> Contact | Lead {\n  match email = Email\n  email <-> Email\n  push create never\n  convert Lead to Contact when is_contact\n}",
    ),
];
