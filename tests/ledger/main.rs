//! The ledger keeps what it is told, belongs to one program and one engine, and loses nothing it promised to keep.

mod journal;
mod lanes;
mod links;
mod lists;
mod ownership;
mod progress;
mod runs;

use std::path::PathBuf;

use bilateral::ledger::{Effect, Identity, Ledger, Link};
use bilateral::program::Side;
use bilateral::value::Value;
use chrono::{DateTime, TimeDelta, Utc};
use smol_str::SmolStr;
use tempfile::TempDir;

/// A ledger in a folder of its own, which goes with it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        Place {
            folder: TempDir::new().unwrap(),
        }
    }
    fn path(&self) -> PathBuf {
        self.folder.path().join(".bilateral/ledger.db")
    }
    fn open(&self) -> Ledger {
        Ledger::open(&self.path(), &demo()).unwrap()
    }
}

fn demo() -> Identity {
    Identity {
        program: "demo".into(),
        left: "marketing".into(),
        right: "salesforce".into(),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn names<const N: usize>(names: [&str; N]) -> [SmolStr; N] {
    names.map(SmolStr::from)
}

/// So many minutes into the first of June 2024.
fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_717_200_000, 123_456_789).unwrap() + TimeDelta::minutes(minutes)
}

/// A link of `Person` between a lead and a Contact.
fn link(left: Value, right: Value) -> Effect {
    Effect::Link {
        relationship: "Person".into(),
        objects: names(["lead", "Contact"]),
        ids: [left, right],
        stamps: [Value::Instant(at(1)), Value::Int(7)],
        base: Box::from(*b"base"),
        closed: false,
    }
}

/// All live links of `Person`.
fn live(ledger: &Ledger) -> Vec<Link> {
    ledger.link_page("Person", 0, usize::MAX).unwrap()
}

/// The ids on the other side of this record's links.
fn partners(ledger: &Ledger, side: Side, id: Value) -> Vec<Value> {
    let found = ledger.links("Person", side, &[id]).unwrap();
    found
        .into_iter()
        .map(|(_, link)| link.ids[side.other().index()].clone())
        .collect()
}
