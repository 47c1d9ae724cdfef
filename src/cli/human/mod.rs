//! The plan for people: by relationship and direction, with reasons and rule lines, cut where it grows long.
//!
//! Keeps counts and the first few entries of each group only, so that its memory does not grow with the plan.

mod lists;
mod operation;
mod summary;
mod text;

use std::io::{self, Write};

use anstyle::AnsiColor;

pub use lists::{conflict, failure, held};
pub use operation::{record, source_name, target};
pub use summary::summary_line;
pub use text::{count, counted, id, title, to_within, value_within};

use super::console::Paint;
use super::interrupt;
use super::shapes::Locations;
use crate::ledger::{Conflict, Failure, Held};
use crate::plan::{Operation, OperationKind, PlanError, Sink, Summary, Unit};
use crate::program::{Direction, Program, RelId};

/// How many entries of a group are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Creates, updates, deletes, held records, conflicts, errors: each.
    pub entries: usize,
    /// Links, write-backs and the like: they follow from the others.
    pub quiet: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            entries: 10,
            quiet: 3,
        }
    }
}

/// Collects a plan and draws it.
pub struct HumanPlan<'a> {
    program: &'a Program,
    locations: Locations<'a>,
    /// By relationship, then by trigger.
    relationships: Vec<Group>,
    paint: Paint,
    limits: Limits,
}

/// What is shown of one relationship.
#[derive(Default)]
struct Group {
    directions: [Flow; 2],
    held: Cut<Held>,
    conflicts: Cut<Conflict>,
    errors: Cut<Failure>,
}

/// One direction of a relationship.
#[derive(Default)]
struct Flow {
    /// Creates, updates, deletes, external actions.
    writes: [Cut<Operation>; 4],
    /// Links, unlinks, write-backs, new fields: one short line each.
    quiet: Cut<Operation>,
}

/// The first entries of a list, and how many there are.
struct Cut<T> {
    shown: Vec<T>,
    total: u64,
}

impl<T> Default for Cut<T> {
    fn default() -> Cut<T> {
        Cut {
            shown: Vec::new(),
            total: 0,
        }
    }
}

impl<T> Cut<T> {
    fn push(&mut self, entry: T, most: usize) {
        self.total += 1;
        if self.shown.len() < most {
            self.shown.push(entry);
        }
    }
    fn hidden(&self) -> u64 {
        self.total - self.shown.len() as u64
    }
}

impl<'a> HumanPlan<'a> {
    pub fn new(program: &'a Program, paint: Paint) -> HumanPlan<'a> {
        let relationships = program.all_rules().map(|_| Group::default()).collect();
        HumanPlan {
            program,
            locations: Locations::new(program),
            relationships,
            paint,
            limits: Limits::default(),
        }
    }

    /// Shows fewer or more entries of each group.
    pub fn limited(mut self, limits: Limits) -> HumanPlan<'a> {
        self.limits = limits;
        self
    }

    /// Counts the unit's operations, and keeps what is to be shown of them.
    pub fn add(&mut self, unit: &Unit) {
        let limits = self.limits;
        let group = &mut self.relationships[usize::from(unit.relationship.0)];
        for operation in &unit.operations {
            let flow = &mut group.directions[operation.direction.index()];
            let (cut, most) = match operation.kind {
                OperationKind::Create => (&mut flow.writes[0], limits.entries),
                OperationKind::Update | OperationKind::Merge | OperationKind::Convert => {
                    (&mut flow.writes[1], limits.entries)
                }
                OperationKind::Delete => (&mut flow.writes[2], limits.entries),
                OperationKind::Action => (&mut flow.writes[3], limits.entries),
                OperationKind::Link
                | OperationKind::Unlink
                | OperationKind::Alter
                | OperationKind::WriteBack => (&mut flow.quiet, limits.quiet),
            };
            cut.total += 1;
            if cut.shown.len() < most {
                cut.shown.push(operation.clone());
            }
        }
    }

    /// Draws everything that came, ending with the summary line.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn draw(&mut self, summary: &Summary, out: &mut impl Write) -> io::Result<()> {
        let groups = std::mem::take(&mut self.relationships);
        for (index, group) in groups.iter().enumerate() {
            self.group(RelId(index as u16), group, out)?;
        }
        writeln!(out, "{}", self.paint.strong(&summary_line("Plan", summary)))
    }

    fn group(&mut self, id: RelId, group: &Group, out: &mut impl Write) -> io::Result<()> {
        if group.is_empty() {
            return Ok(());
        }
        let title = text::title(self.program, id);
        writeln!(out, "{}", self.paint.bold(AnsiColor::Cyan, &title))?;
        for direction in Direction::BOTH {
            self.flow(direction, &group.directions[direction.index()], out)?;
        }
        let program = self.program;
        let stores = [&program.stores[0].name, &program.stores[1].name];
        let paint = self.paint;
        section(
            "held",
            AnsiColor::Yellow,
            paint,
            &group.held,
            out,
            |entry| held(entry, stores[entry.direction.source().index()], paint),
        )?;
        section(
            "conflicts",
            AnsiColor::Magenta,
            paint,
            &group.conflicts,
            out,
            |entry| conflict(entry, paint),
        )?;
        section(
            "errors",
            AnsiColor::Red,
            paint,
            &group.errors,
            out,
            |entry| failure(entry, stores[entry.side.index()], paint),
        )?;
        writeln!(out)
    }

    fn flow(&mut self, direction: Direction, flow: &Flow, out: &mut impl Write) -> io::Result<()> {
        if flow.is_empty() {
            return Ok(());
        }
        let [from, to] = [direction.source(), direction.target()]
            .map(|side| self.program.stores[side.index()].name.as_str());
        writeln!(
            out,
            "  {} {}",
            direction.word(),
            self.paint.dim(&format!("{from} → {to}"))
        )?;
        for writes in &flow.writes {
            for operation in &writes.shown {
                let rule = self.locations.of(operation.rule);
                operation::draw(operation, self.program, &rule, self.paint, out)?;
            }
            self.more(writes.hidden(), out)?;
        }
        for operation in &flow.quiet.shown {
            let rule = self.locations.of(operation.rule);
            let line = operation::compact(operation, self.program, &rule);
            writeln!(out, "    {}", self.paint.dim(&line))?;
        }
        self.more(flow.quiet.hidden(), out)
    }

    fn more(&self, hidden: u64, out: &mut impl Write) -> io::Result<()> {
        more(hidden, self.paint, out)
    }
}

impl Group {
    fn is_empty(&self) -> bool {
        self.directions.iter().all(Flow::is_empty)
            && self.held.total == 0
            && self.conflicts.total == 0
            && self.errors.total == 0
    }
}

impl Flow {
    fn is_empty(&self) -> bool {
        self.writes.iter().all(|writes| writes.total == 0) && self.quiet.total == 0
    }
}

fn section<T>(
    title: &str,
    color: AnsiColor,
    paint: Paint,
    entries: &Cut<T>,
    out: &mut impl Write,
    line: impl Fn(&T) -> String,
) -> io::Result<()> {
    if entries.total == 0 {
        return Ok(());
    }
    writeln!(out, "  {}", paint.paint(color, title))?;
    for entry in &entries.shown {
        writeln!(out, "    {} {}", paint.paint(color, "!"), line(entry))?;
    }
    more(entries.hidden(), paint, out)
}

fn more(hidden: u64, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    if hidden == 0 {
        return Ok(());
    }
    let line = format!("… and {} more (--format json shows all)", count(hidden));
    writeln!(out, "    {}", paint.dim(&line))
}

impl Sink for HumanPlan<'_> {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        interrupt::check()?;
        self.add(unit);
        Ok(())
    }
    fn held(&mut self, held: Held, _standing: bool) -> Result<(), PlanError> {
        interrupt::check()?;
        if let Some(id) = self.program.named(&held.relationship) {
            self.relationships[usize::from(id.0)]
                .held
                .push(held, self.limits.entries);
        }
        Ok(())
    }
    fn failure(&mut self, failure: Failure, _standing: bool) -> Result<(), PlanError> {
        interrupt::check()?;
        if let Some(id) = self.program.named(&failure.relationship) {
            self.relationships[usize::from(id.0)]
                .errors
                .push(failure, self.limits.entries);
        }
        Ok(())
    }
    fn conflict(&mut self, conflict: Conflict, _standing: bool) -> Result<(), PlanError> {
        interrupt::check()?;
        if let Some(id) = self.program.named(&conflict.relationship) {
            self.relationships[usize::from(id.0)]
                .conflicts
                .push(conflict, self.limits.entries);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
