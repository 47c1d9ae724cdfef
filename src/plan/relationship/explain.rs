//! One record alone, with every decision told.

use super::Planner;
use crate::plan::lines::shown;
use crate::plan::reading;
use crate::plan::{Operation, PlanError, To};
use crate::program::{Program, Side};
use crate::value::Value;
use smol_str::SmolStr;

impl<'a> Planner<'_, '_, 'a> {
    pub(super) fn explain(
        &mut self,
        side: Side,
        object: &SmolStr,
        id: &Value,
    ) -> Result<(), PlanError> {
        let Some(alternative) = self.rules.sides[side.index()]
            .objects
            .iter()
            .position(|o| o.name == *object)
        else {
            return Ok(());
        };
        let projection = reading::whole(self.rules, side, alternative);
        let found = reading::get(
            self.world,
            side,
            alternative,
            &projection,
            std::slice::from_ref(id),
        )?
        .pop()
        .flatten();
        let Some(rec) = found else {
            let store = self.store_name(side);
            self.tell(
                || format!("{store}.{object} has no record {id}"),
                Some(self.rules.rule),
            );
            return Ok(());
        };
        let mut extra: [Vec<(usize, Value)>; 2] = Default::default();
        extra[side.index()].push((alternative, id.clone()));
        // Nothing is read but this record; its partners are looked for everywhere.
        self.find_partners(&[], &extra, false)?;
        self.page(side, vec![rec])
    }
}

/// An operation in a few words, for `why`.
pub fn describe(program: &Program, operation: &Operation) -> String {
    let changes: Vec<String> = operation
        .changes
        .iter()
        .map(|c| match &c.to {
            To::Value(value) => format!("{}: {} → {}", c.field, shown(&c.from), shown(value)),
            _ => format!("{}: {} → (known once it is made)", c.field, shown(&c.from)),
        })
        .collect();
    let fields = if changes.is_empty() {
        String::new()
    } else {
        format!(" ({})", changes.join(", "))
    };
    format!(
        "{} {}{fields}, because {}",
        operation.kind.word(),
        operation.object,
        operation.because.in_words(program)
    )
}
