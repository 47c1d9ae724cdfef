//! Ids for tables that leave them to their client.

use smol_str::SmolStr;
use uuid::Uuid;

/// The shortest id column that still gets ids: below this they would soon collide.
pub(super) const SHORTEST: u32 = 16;

/// A UUID (version 7), its random end where the column is too short for all of it.
pub(super) fn make(max: u32) -> SmolStr {
    let id = Uuid::now_v7();
    match max {
        36.. => id.hyphenated().to_string().into(),
        32..36 => id.simple().to_string().into(),
        _ => {
            let text = id.simple().to_string();
            let start = text.len().saturating_sub(max as usize);
            text.get(start..).unwrap_or(&text).into()
        }
    }
}
