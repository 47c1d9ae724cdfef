//! I9: memory is bounded by the size of pages and batches, not by the number of records.
//!
//! Alone in its process: what is counted is what the whole process asks the allocator for. SQLite's caches are not part of it; their size
//! is fixed.

#[path = "../engine/world.rs"]
#[allow(dead_code)]
mod world;

use bilateral::apply::Observer;
use bilateral::plan::{PlanError, Request, Sink, Summary, Unit};
use peak_alloc::PeakAlloc;

use world::{NOW, World};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Keeps nothing of what it is told.
struct Deaf;

impl Sink for Deaf {
    fn unit(&mut self, _unit: &mut Unit) -> Result<(), PlanError> {
        Ok(())
    }
}

impl Observer for Deaf {
    fn confirm(&mut self, _summary: &Summary) -> Result<bool, PlanError> {
        Ok(true)
    }
}

/// The most bytes that a first sync has at once, with so many people on the left, of whom each third has a partner on the right, each third
/// goes there, and each third lacks what it needs for that; and those that a further run has at once, when nothing has changed.
fn peaks(people: usize) -> [usize; 2] {
    let count = format!("WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {people})");
    let world = World::new(
        &format!(
            "CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, mail TEXT, company TEXT, modified_at TEXT);
             {count} INSERT INTO person(mail, company, modified_at)
             SELECT 'person.' || i || '@company-of-theirs.example', iif(i % 3 = 0, NULL, 'Company ' || i), {NOW} FROM n;"
        ),
        &format!(
            "CREATE TABLE Person(Id TEXT PRIMARY KEY, Mail TEXT, Company TEXT, modified_at TEXT);
             {count} INSERT INTO Person(Id, Mail, Company, modified_at)
             SELECT 'P' || i, 'person.' || i || '@company-of-theirs.example', 'Company ' || i, {NOW} FROM n WHERE i % 3 = 1;"
        ),
        "sync left with right
         relationship Person: person <-> Person {
           match crm = Id
           match lower(mail) = lower(Mail)
           crm <- Id
           mail <-> Mail
           company <-> Company
           push create require company
         }",
    );
    let run = |request: &Request| {
        let mut stores = world.stores();
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        let outcome = world.apply_on(&mut stores, request, &World::options(), &mut Deaf);
        let outcome = outcome.unwrap();
        (ALLOCATOR.peak_usage() - before, outcome.done)
    };
    let (first, done) = run(&World::request());
    assert!(done as usize >= people / 3, "{done} of {people}");
    let (again, done) = run(&World::request());
    assert_eq!(done, 0);
    [first, again]
}

#[test]
fn memory_hardly_grows_with_the_records() {
    let (few, many) = (10_000, 40_000);
    let [few_peaks, many_peaks] = [few, many].map(peaks);
    let growth =
        |run: usize| many_peaks[run].saturating_sub(few_peaks[run]) as f64 / (many - few) as f64;
    // In a first sync what the records match by and a hash of each that is listed, later one bit for each link.
    assert!(growth(0) < 100.0, "{few_peaks:?} {many_peaks:?}");
    assert!(growth(1) < 100.0, "{few_peaks:?} {many_peaks:?}");
}
