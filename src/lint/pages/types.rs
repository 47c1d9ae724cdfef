//! Types, and what may be written.

use super::{Entry, entry, fixed};
use crate::diagnostic::codes::*;

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        TYPE_MISMATCH,
        "A value of one type goes into a field of another. Text and number are never converted silently.",
        "The store would refuse it, or keep something else than was meant.",
        "score -> Display_Name__c",
        "text(score) -> Display_Name__c",
    ),
    entry(
        TEXT_TOO_LONG,
        "A limited text goes into a field that holds fewer characters. Unlimited texts are checked record by record.",
        "Nothing is ever cut silently: each longer value is an error of its record.",
        "last_name -> FirstName        # 80 characters into 40",
        "left(last_name, 40) -> FirstName",
    ),
    fixed(
        entry(
            NOT_IN_PICKLIST,
            "A value, or a member of the source's picklist, is none of the target's.",
            "The store refuses it.",
            "push create set Status = \"Opne\"",
            "push create set Status = \"Open\"",
        ),
        "Safe for a constant that is close to one member: that is written.",
    ),
    entry(
        READ_ONLY,
        "A write to a field that the store calculates, sets itself, or takes in a create or an update only.",
        "The store refuses it.",
        "first_name -> Locked              # a formula",
        "first_name -> FirstName",
    ),
    entry(
        BRANCH_TYPES,
        "The branches of an `if` have different types.",
        "What it gives would fit its target only sometimes.",
        "if vip then \"yes\" else 0 -> Level__c",
        "if vip then \"yes\" else \"no\" -> Level__c",
    ),
    entry(
        OPERAND_TYPES,
        "An operator stands between values that it does not take: text and number, a list where text is meant.",
        "There is no implicit conversion, so that the comparison could never hold.",
        "push when email > 5",
        "push when score > 5",
    ),
    entry(
        NOT_A_CONDITION,
        "A condition that is neither true nor false.",
        "Nothing says which values should count as true.",
        "push when last_name",
        "push when last_name is not empty",
    ),
    entry(
        WRITES_ID,
        "A line writes the id of its target.",
        "A record's id is how it is known; it never changes. Only a create may give one.",
        "crm_id -> Id",
        "crm_id -> Id on create",
    ),
    entry(
        BAD_REGEX,
        "A regular expression that does not work. Looking around and back-references are not part of the language.",
        "All expressions take linear time.",
        "push when email matches /(?=x)/",
        "push when email matches /^x/",
    ),
    entry(
        ARGUMENT_TYPE,
        "A function is given a value of a type that it does not take.",
        "It has no value for it.",
        "lower(score) -> Level__c",
        "lower(text(score)) -> Level__c",
    ),
    entry(
        MISPLACED,
        "Something stands where it has no meaning: `round_robin` outside of `set`, `env` outside of `let`, a regular expression without `matches`.",
        "It depends on a place that gives it its meaning.",
        "round_robin(REPS) -> OwnerId",
        "push create set OwnerId = round_robin(REPS)",
    ),
    entry(
        FAILING_CONSTANT,
        "A constant whose expression fails.",
        "It has no value.",
        "let SHARE = 1 / 0",
        "let SHARE = 1 / 2",
    ),
];
