//! Held records, conflicts and errors: one line each, in plans and in their own lists.

use super::super::console::Paint;
use super::text::{id, value};
use crate::ledger::{Conflict, Failure, Held};

/// `marketing.lead 9 lacks company, email (people.sync:14)`; the reason where it says more than that.
pub fn held(held: &Held, store: &str, paint: Paint) -> String {
    let record = format!("{store}.{} {}", held.object, id(&held.id));
    let missing: Vec<&str> = held.missing.iter().map(|name| name.as_str()).collect();
    let lacks = match missing.as_slice() {
        [] => String::new(),
        names => format!(" lacks {}", paint.strong(&names.join(", "))),
    };
    let place = format!("({})", held.rule);
    if !missing.is_empty() && held.because.ends_with(" missing") {
        return format!("{record}{lacks} {}", paint.dim(&place));
    }
    let reason = format!("{} {place}", held.because);
    format!("{record}{lacks}: {}", paint.dim(&reason))
}

/// `lead 7 / Lead 00Q…, email: "a" against "b"`
pub fn conflict(conflict: &Conflict, paint: Paint) -> String {
    let pair = format!(
        "{} {} / {} {}",
        conflict.objects[0],
        id(&conflict.ids[0]),
        conflict.objects[1],
        id(&conflict.ids[1])
    );
    let values = if conflict.field.is_empty() {
        String::new()
    } else {
        format!(
            ", {}: {} against {}",
            paint.strong(&conflict.field),
            value(&conflict.left),
            value(&conflict.right)
        )
    };
    let state = match (conflict.frozen, conflict.take) {
        (_, Some(side)) => format!(
            "; the {} side wins in the next run",
            super::super::shapes::side_word(side)
        ),
        (true, None) => "; frozen until `conflicts release`".to_owned(),
        (false, None) => String::new(),
    };
    let reason = format!("{}{state} ({})", conflict.because, conflict.rule);
    format!("{pair}{values}: {}", paint.dim(&reason))
}

/// `salesforce.Lead 00Q…, Email: … [CODE] (people.sync:14)`
pub fn failure(failure: &Failure, store: &str, paint: Paint) -> String {
    let record = format!("{store}.{} {}", failure.object, id(&failure.id));
    let field = match &failure.field {
        Some(field) => format!(", {}", paint.strong(field)),
        None => String::new(),
    };
    let place = paint.dim(&format!("[{}] ({})", failure.code, failure.rule));
    format!("{record}{field}: {} {place}", failure.message)
}
