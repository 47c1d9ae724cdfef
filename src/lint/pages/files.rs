//! Files that cannot be read as rules at all. No `allow` silences them: there is no line to say so on.

use super::{Entry, entry};
use crate::diagnostic::codes::*;

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        NOT_UTF8,
        "A rule file holds bytes that are no UTF-8 text.",
        "Nobody can tell which characters they stand for, so none of the file is read.",
        "# a comment saved as Latin-1: caf\\xe9",
        "# a comment saved as UTF-8: café",
    ),
    entry(
        FILE_TOO_LARGE,
        "A rule file is larger than 16 MiB.",
        "No person writes such a file; reading it would take the memory of everything else.",
        "# rules/all.sync, 50 MB",
        "# rules/people.sync, rules/orders.sync, …",
    ),
];
