//! `plan --format html`: one page that needs nothing else, summary first, then everything by relationship and direction.
//!
//! The summary is known last and stands first, so the rest waits in a spool that goes to disk when it grows: memory does not grow with the
//! plan.

mod rows;
mod summary;

use std::io::{self, Write};

use self::rows::{Group, Rows};
use super::exit::plan_output;
use super::header::Header;
use super::human::title;
use super::interrupt;
use super::json::Calls;
use super::spool::Spool;
use crate::doc::html::{Escaped, Head};
use crate::ledger::{Conflict, Failure, Held};
use crate::plan::{PlanError, Sink, Summary, Unit};
use crate::program::{Direction, Program, RelId};

/// Entries up to which a group is unfolded; what follows from other entries is not.
const OPEN: u64 = 100;

/// Collects a plan and writes it as a page.
pub struct HtmlPlan<'a> {
    program: &'a Program,
    header: &'a Header,
    rows: Rows<'a>,
    /// The groups of every relationship and trigger, one after the other.
    waiting: Spool,
}

impl<'a> HtmlPlan<'a> {
    pub fn new(program: &'a Program, header: &'a Header) -> HtmlPlan<'a> {
        HtmlPlan {
            program,
            header,
            rows: Rows::new(program),
            waiting: Spool::new(program.all_rules().count() * Group::ALL.len()),
        }
    }

    /// Writes the page.
    ///
    /// # Errors
    /// The output, or the disk of the spool, takes no more.
    pub fn finish(
        mut self,
        summary: &Summary,
        calls: Calls,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let name = &self.program.name;
        let head = Head {
            title: &format!("Plan of {name}"),
            style: include_str!("plan.css"),
        };
        write!(out, "{head}<body>\n<nav aria-label=\"Contents\">\n")?;
        write!(
            out,
            "<p><a href=\"#top\">Plan of {}</a></p>\n<ul>\n",
            Escaped(name)
        )?;
        for relationship in self.told() {
            let name = &self.program[relationship].name;
            let id = relationship.0;
            writeln!(out, "<li><a href=\"#r{id}\">{}</a></li>", Escaped(name))?;
        }
        writeln!(out, "</ul>\n</nav>\n<main id=\"top\">")?;
        summary::write(self.program, self.header, summary, calls, out)?;
        for relationship in self.told() {
            self.relationship(relationship, out)?;
        }
        out.write_all(b"</main>\n</body>\n</html>\n")?;
        out.flush()
    }

    /// The relationships and triggers of which anything is told.
    fn told(&self) -> Vec<RelId> {
        let all = (0..self.program.all_rules().count()).map(|at| RelId(at as u16));
        all.filter(|id| Group::ALL.iter().any(|group| self.entries(*id, *group) > 0))
            .collect()
    }

    fn list(&self, relationship: RelId, group: Group) -> usize {
        usize::from(relationship.0) * Group::ALL.len() + group.place()
    }

    fn entries(&self, relationship: RelId, group: Group) -> u64 {
        self.waiting.entries(self.list(relationship, group))
    }

    fn relationship(&mut self, relationship: RelId, out: &mut impl Write) -> io::Result<()> {
        let shown = title(self.program, relationship);
        let id = relationship.0;
        writeln!(out, "<section id=\"r{id}\">\n<h2>{}</h2>", Escaped(&shown))?;
        for direction in Direction::BOTH {
            let groups = Group::of(direction);
            if groups.iter().all(|g| self.entries(relationship, *g) == 0) {
                continue;
            }
            let [from, to] = [direction.source(), direction.target()]
                .map(|side| &self.program.stores[side.index()].name);
            let word = direction.word();
            writeln!(
                out,
                "<h3>{word} <span class=\"default\">{} → {}</span></h3>",
                Escaped(from),
                Escaped(to)
            )?;
            for group in groups {
                self.group(relationship, group, out)?;
            }
        }
        for group in Group::LISTS {
            self.group(relationship, group, out)?;
        }
        out.write_all(b"</section>\n")
    }

    fn group(&mut self, relationship: RelId, group: Group, out: &mut impl Write) -> io::Result<()> {
        let list = self.list(relationship, group);
        let entries = self.waiting.entries(list);
        if entries == 0 {
            return Ok(());
        }
        let follows = matches!(group, Group::Quiet(_));
        let open = if follows || entries > OPEN {
            ""
        } else {
            " open"
        };
        let (class, title) = (group.class(), group.title(entries));
        writeln!(
            out,
            "<details class=\"{class}\"{open}><summary>{title}</summary>\n<ol>"
        )?;
        self.waiting.drain(list, out)?;
        out.write_all(b"</ol>\n</details>\n")
    }

    fn wait(&mut self, relationship: RelId, group: Group, row: &str) -> Result<(), PlanError> {
        let list = self.list(relationship, group);
        self.waiting
            .push(list, row.as_bytes())
            .map_err(|error| plan_output(&error))
    }
}

impl Sink for HtmlPlan<'_> {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        interrupt::check()?;
        for operation in &unit.operations {
            let row = self.rows.operation(operation);
            self.wait(unit.relationship, Group::operation(operation), &row)?;
        }
        Ok(())
    }
    fn held(&mut self, held: Held, _standing: bool) -> Result<(), PlanError> {
        interrupt::check()?;
        match self.program.named(&held.relationship) {
            Some(id) => self.wait(id, Group::Held, &self.rows.held(&held)),
            None => Ok(()),
        }
    }
    fn failure(&mut self, failure: Failure, _standing: bool) -> Result<(), PlanError> {
        interrupt::check()?;
        match self.program.named(&failure.relationship) {
            Some(id) => self.wait(id, Group::Errors, &self.rows.failure(&failure)),
            None => Ok(()),
        }
    }
    fn conflict(&mut self, conflict: Conflict, _standing: bool) -> Result<(), PlanError> {
        interrupt::check()?;
        match self.program.named(&conflict.relationship) {
            Some(id) => self.wait(id, Group::Conflicts, &self.rows.conflict(&conflict)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
