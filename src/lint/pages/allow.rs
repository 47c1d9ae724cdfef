//! `allow` itself.

use super::{Entry, entry, fixed};
use crate::diagnostic::codes::*;

pub(super) const ENTRIES: &[Entry] = &[
    fixed(
        entry(
            UNKNOWN_ALLOW,
            "`# allow(name)` names no finding.",
            "It silences nothing, and what it was for is told or lost.",
            "# allow(unusd-let): used by the dashboard",
            "# allow(unused-let): used by the dashboard",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    fixed(
        entry(
            UNUSED_ALLOW,
            "An `allow` that silences nothing: the finding is gone, or is an error, which nothing silences.",
            "It would hide the next one of that name.",
            "email <-> Email     # allow(key-not-indexed): few records",
            "email <-> Email",
        ),
        "Safe: it is removed. Not where a program has errors, or could not be checked whole.",
    ),
    entry(
        ALLOW_WITHOUT_REASON,
        "An `allow` that does not say why.",
        "The next reader can't tell whether it still holds.",
        "# allow(not-scheduled)",
        "# allow(not-scheduled): a person runs it at the end of each month",
    ),
];
