//! `plan --format json`: one object, written as it comes. Operations go out at once; held records, conflicts and errors wait their turn
//! in a spool that goes to disk when it grows; `calls` and `summary` come last.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::exit::plan_output;
use super::forms::Forms;
use super::header::Header;
use super::interrupt;
use super::shapes::{ConflictShape, FailureShape, HeldShape, Locations};
use super::spool::Spool;
use crate::ledger::{Conflict, Failure, Held};
use crate::plan::{Counts, PlanError, Sink, Summary, Unit};
use crate::program::Program;

/// What the two stores are asked for in an apply, about: calls by store, left and right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    pub estimated: [u64; 2],
}

pub struct JsonPlan<'a, W: Write> {
    program: &'a Program,
    out: W,
    locations: Locations<'a>,
    forms: Forms,
    line: Vec<u8>,
    first: bool,
    /// Members of the arrays that wait.
    waiting: Spool,
}

/// The lists of [`JsonPlan::waiting`].
const HELD: usize = 0;
const CONFLICTS: usize = 1;
const ERRORS: usize = 2;

impl<'a, W: Write> JsonPlan<'a, W> {
    /// # Errors
    /// The output takes nothing.
    pub fn new(program: &'a Program, header: &Header, mut out: W) -> io::Result<JsonPlan<'a, W>> {
        out.write_all(b"{\"version\":1,\"program\":")?;
        serde_json::to_writer(&mut out, program.name.as_str())?;
        out.write_all(b",\"run\":")?;
        serde_json::to_writer(&mut out, &header.run)?;
        out.write_all(b",\"created_at\":")?;
        serde_json::to_writer(&mut out, &header.created_at())?;
        out.write_all(b",\"stores\":{\"left\":")?;
        serde_json::to_writer(&mut out, program.stores[0].name.as_str())?;
        out.write_all(b",\"right\":")?;
        serde_json::to_writer(&mut out, program.stores[1].name.as_str())?;
        out.write_all(b"},\"operations\":[")?;
        Ok(JsonPlan {
            program,
            out,
            locations: Locations::new(program),
            forms: Forms::default(),
            line: Vec::new(),
            first: true,
            waiting: Spool::new(3),
        })
    }

    /// The lists that waited, the calls and the summary.
    ///
    /// # Errors
    /// The output, or the disk of the spool, takes no more.
    pub fn finish(mut self, summary: &Summary, calls: Calls) -> io::Result<W> {
        self.out.write_all(b"],\"held\":[")?;
        self.waiting.drain(HELD, &mut self.out)?;
        self.out.write_all(b"],\"conflicts\":[")?;
        self.waiting.drain(CONFLICTS, &mut self.out)?;
        self.out.write_all(b"],\"errors\":[")?;
        self.waiting.drain(ERRORS, &mut self.out)?;
        self.out.write_all(b"],\"calls\":")?;
        serde_json::to_writer(&mut self.out, &CallsShape(self.program, calls))?;
        self.out.write_all(b",\"summary\":")?;
        serde_json::to_writer(&mut self.out, &SummaryShape(self.program, summary))?;
        self.out.write_all(b"}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// Keeps a member of one of the arrays that are written later.
    fn wait(&mut self, list: usize, member: &impl Serialize) -> Result<(), PlanError> {
        interrupt::check()?;
        let mut line = Vec::with_capacity(256);
        if self.waiting.entries(list) > 0 {
            line.push(b',');
        }
        line.push(b'\n');
        serde_json::to_writer(&mut line, member)
            .map_err(io::Error::from)
            .and_then(|()| self.waiting.push(list, &line))
            .map_err(|error| plan_output(&error))
    }

    fn operations(&mut self, unit: &Unit) -> io::Result<()> {
        for operation in &unit.operations {
            self.line.clear();
            if !std::mem::replace(&mut self.first, false) {
                self.line.push(b',');
            }
            self.line.push(b'\n');
            self.forms.write(
                self.program,
                &mut self.locations,
                unit.relationship,
                operation,
                &mut self.line,
            )?;
            self.out.write_all(&self.line)?;
        }
        Ok(())
    }
}

impl<W: Write> Sink for JsonPlan<'_, W> {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        interrupt::check()?;
        self.operations(unit).map_err(|error| plan_output(&error))
    }
    fn held(&mut self, held: Held, _standing: bool) -> Result<(), PlanError> {
        self.wait(HELD, &HeldShape::from(&held))
    }
    fn failure(&mut self, failure: Failure, _standing: bool) -> Result<(), PlanError> {
        self.wait(ERRORS, &FailureShape::from(&failure))
    }
    fn conflict(&mut self, conflict: Conflict, _standing: bool) -> Result<(), PlanError> {
        self.wait(CONFLICTS, &ConflictShape::from(&conflict))
    }
}

struct CallsShape<'a>(&'a Program, Calls);

#[derive(Serialize)]
struct StoreCalls {
    estimated: u64,
    /// No kind of this version counts its calls down.
    remaining: Option<u64>,
}

impl Serialize for CallsShape<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        for (store, estimated) in self.0.stores.iter().zip(self.1.estimated) {
            let calls = StoreCalls {
                estimated,
                remaining: None,
            };
            map.serialize_entry(store.name.as_str(), &calls)?;
        }
        map.end()
    }
}

/// A summary by relationship, as in `plan --format json` and `history --format json`.
pub struct SummaryShape<'a>(pub &'a Program, pub &'a Summary);

#[derive(Serialize)]
struct CountsShape {
    create: u64,
    update: u64,
    delete: u64,
    #[serde(skip_serializing_if = "is_none")]
    action: u64,
}

/// Only triggers act.
fn is_none(number: &u64) -> bool {
    *number == 0
}

impl From<Counts> for CountsShape {
    fn from(counts: Counts) -> CountsShape {
        CountsShape {
            create: counts.create,
            update: counts.update,
            delete: counts.delete,
            action: counts.action,
        }
    }
}

#[derive(Serialize)]
struct RelationshipShape {
    push: CountsShape,
    pull: CountsShape,
    held: u64,
    conflicts: u64,
    errors: u64,
}

impl Serialize for SummaryShape<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.1.relationships.len()))?;
        for (relationship, counts) in self.0.all_rules().zip(&self.1.relationships) {
            let shape = RelationshipShape {
                push: counts.directions[0].into(),
                pull: counts.directions[1].into(),
                held: counts.held,
                conflicts: counts.conflicts,
                errors: counts.errors,
            };
            map.serialize_entry(relationship.name.as_str(), &shape)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fixture;
    use chrono::{DateTime, Utc};

    fn header() -> Header {
        Header {
            run: "run-1".into(),
            at: DateTime::<Utc>::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_plan_with_one_of_everything() {
        let program = fixture::program();
        let mut plan = JsonPlan::new(&program, &header(), Vec::new()).unwrap();
        let summary = fixture::send(&program, &mut plan);
        let calls = Calls { estimated: [1, 2] };
        let text = String::from_utf8(plan.finish(&summary, calls).unwrap()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["operations"].as_array().unwrap().len(), 16);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_long_list_goes_through_the_disk_unharmed() {
        let program = fixture::program();
        let mut plan = JsonPlan::new(&program, &header(), Vec::new()).unwrap();
        for id in 0..40_000 {
            let mut held = fixture::held();
            held.id = crate::value::Value::Int(id);
            plan.held(held, false).unwrap();
        }
        let out = plan
            .finish(&Summary::new(&program), Calls::default())
            .unwrap();
        assert!(out.len() > 4 << 20);
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["held"].as_array().unwrap().len(), 40_000);
        assert_eq!(json["held"][39_999]["id"], 39_999);
    }
}
