//! One history, carried out: two stores in memory, a ledger on disk, and what must hold after every step.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bilateral::apply::{self, ApplyError, Observer, Options, Outcome};
use bilateral::ledger::{Identity, Ledger, LedgerError, Selection};
use bilateral::plan::{self, Decision, OperationKind, PlanError, Request, Sink, Summary, Unit};
use bilateral::program::{Program, Side};
use bilateral::store::{MemoryStore, Store, WriteKind};
use bilateral::value::Value;
use chrono::{DateTime, TimeDelta, Utc};

use super::faults::{Fault, Faulty, Killed, Moment, Script, Shared, lock, pass};
use super::history::{History, Step};
use super::templates::{Agree, Template};
use super::users::{Given, ID, Memory, Users, mark_of};

pub type Verdict = Result<(), String>;

macro_rules! ensure {
    ($holds:expr, $($words:tt)*) => {
        if !$holds {
            return Err(format!($($words)*));
        }
    };
}

/// What a plan shows, and the moments of a run.
struct Watcher {
    script: Option<Shared>,
    units: Vec<Unit>,
    decisions: Vec<Decision>,
}

impl Watcher {
    fn new(script: Option<Shared>) -> Watcher {
        Watcher {
            script,
            units: Vec::new(),
            decisions: Vec::new(),
        }
    }

    fn pass(&self, moment: Moment) {
        if let Some(script) = &self.script {
            pass(script, moment);
        }
    }

    /// The operations as text, without the ids that only a run gives to what it makes.
    fn operations(&self) -> Vec<String> {
        let operations = self.units.iter().flat_map(|u| &u.operations);
        operations
            .map(|o| {
                let mut o = o.clone();
                if o.kind == OperationKind::Create {
                    o.id = None;
                    o.expect = Value::Null;
                }
                format!("{o:?}")
            })
            .collect()
    }
}

impl Sink for Watcher {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        self.units.push(unit.clone());
        Ok(())
    }
    fn decision(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }
}

impl Observer for Watcher {
    fn confirm(&mut self, _summary: &Summary) -> Result<bool, PlanError> {
        self.pass(Moment::Confirm);
        Ok(true)
    }
    fn wrote(&mut self, _done: u64, _total: u64) {
        self.pass(Moment::Settled);
    }
    fn interrupted(&self) -> bool {
        self.pass(Moment::BetweenBatches);
        false
    }
}

pub enum End {
    Done(Outcome),
    Stopped(String),
    Killed,
}

pub struct World {
    template: &'static Template,
    program: &'static Program,
    history: History,
    pub users: Users,
    pub script: Shared,
    folder: tempfile::TempDir,
    now: DateTime<Utc>,
    /// What both sides agreed on after the last run that nothing disturbed: by pair, mark and field.
    agreed: BTreeMap<(usize, String, usize), Option<String>>,
    /// How many of the users' values came before that.
    settled: BTreeMap<(usize, String, usize), usize>,
    /// The marks that stood on the left at the end of the first run that nothing disturbed: triggers may have seen them first.
    before: Option<BTreeSet<String>>,
}

impl World {
    pub fn new(history: &History) -> World {
        let template = history.template;
        let stores = template.schemas().map(MemoryStore::new);
        let memory = Arc::new(Mutex::new(Memory::default()));
        let users = Users {
            template,
            stores,
            memory,
        };
        let script = Shared::new(Mutex::new(Script::default()));
        let editor = users.clone();
        lock(&script).editor = Some(Box::new(move |edit| editor.edit(edit)));
        let shm = std::path::Path::new("/dev/shm");
        let folder = if shm.is_dir() {
            tempfile::tempdir_in(shm)
        } else {
            tempfile::tempdir()
        };
        World {
            template,
            program: template.program(),
            history: history.clone(),
            users,
            script,
            folder: folder.unwrap(),
            now: DateTime::from_timestamp(1_717_236_000, 0).unwrap(),
            agreed: BTreeMap::new(),
            settled: BTreeMap::new(),
            before: None,
        }
    }

    pub fn advance(&mut self, by: TimeDelta) {
        self.now += by;
        self.users.stores[0].set_now(self.now);
        let skewed = self.now + TimeDelta::milliseconds(self.history.skew);
        self.users.stores[1].set_now(skewed);
    }

    fn stores(&self) -> [Box<dyn Store>; 2] {
        [Side::Left, Side::Right].map(|side| {
            Box::new(Faulty {
                inner: self.users.stores[side.index()].clone(),
                side,
                script: self.script.clone(),
                page: self.history.page,
            }) as Box<dyn Store>
        })
    }

    fn ledger_path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    fn identity() -> Identity {
        Identity {
            program: "simulated".into(),
            left: "left".into(),
            right: "right".into(),
        }
    }

    pub fn ledger(&self) -> Ledger {
        let began = std::time::Instant::now();
        loop {
            match Ledger::open(&self.ledger_path(), &World::identity()) {
                // A process that another test is about to start has a copy of the lock for a moment.
                Err(LedgerError::Held { .. }) if began.elapsed().as_secs() < 10 => {
                    std::thread::yield_now();
                }
                opened => return opened.unwrap(),
            }
        }
    }

    pub fn reader(&self) -> Ledger {
        Ledger::open_read(&self.ledger_path(), &World::identity()).unwrap()
    }

    fn request(&self, full: bool) -> Request {
        Request {
            now: self.now,
            only: Vec::new(),
            directions: [true, true],
            full,
            overlap: [self.history.overlap; 2],
            tolerance: 0,
            explain: None,
            send: Vec::new(),
        }
    }

    fn plan(&self, request: &Request) -> Result<Watcher, String> {
        let mut watcher = Watcher::new(None);
        plan::plan(
            self.program,
            &mut self.stores(),
            &self.reader(),
            request,
            &mut watcher,
        )
        .map_err(|e| e.to_string())?;
        Ok(watcher)
    }

    fn apply(&self, full: bool, watcher: &mut Watcher) -> End {
        let options = Options {
            guards: Default::default(),
            allow_large: true,
            batch: self.history.batch,
            lock: Duration::from_secs(2),
            poster: std::sync::Arc::new(bilateral::apply::post::Http::new(None)),
        };
        let ran = catch_unwind(AssertUnwindSafe(|| {
            apply::run(
                self.program,
                &mut self.stores(),
                &mut self.ledger(),
                &self.request(full),
                &options,
                watcher,
            )
        }));
        match ran {
            Ok(Ok(outcome)) => End::Done(outcome),
            Ok(Err(ApplyError::Plan(PlanError::Store { error, .. }))) => {
                End::Stopped(error.to_string())
            }
            Ok(Err(error)) => End::Stopped(format!("unexpected: {error}")),
            Err(payload) if payload.is::<Killed>() => End::Killed,
            Err(payload) => std::panic::resume_unwind(payload),
        }
    }

    /// A run that these faults disturb.
    pub fn disturbed(&mut self, faults: &[Fault]) -> End {
        lock(&self.script).arm(faults);
        let end = self.apply(false, &mut Watcher::new(Some(self.script.clone())));
        lock(&self.script).arm(&[]);
        end
    }

    /// Carries the history out, and says which promise was broken first.
    pub fn run(&mut self) -> Verdict {
        let steps = self.history.steps.clone();
        for (number, step) in steps.iter().enumerate() {
            self.advance(TimeDelta::seconds(61));
            match step {
                Step::Edit(edit) => self.users.edit(edit),
                Step::Run(faults) if faults.is_empty() => {
                    self.clean_run()
                        .map_err(|e| format!("step {number}: {e}"))?;
                }
                Step::Run(faults) => self
                    .faulty_run(faults)
                    .map_err(|e| format!("step {number}: {e}"))?,
            }
        }
        self.finish()
    }

    fn faulty_run(&mut self, faults: &[Fault]) -> Verdict {
        let end = self.disturbed(faults);
        let may_stop = faults
            .iter()
            .any(|f| matches!(f, Fault::Down(..) | Fault::Unreadable(..)));
        match end {
            End::Stopped(why) => ensure!(
                may_stop && why == "the store is away",
                "I6: a run stopped: {why}"
            ),
            End::Done(_) | End::Killed => {}
        }
        Ok(())
    }

    /// A run that nothing disturbs: it does what a plan right before it shows (I7).
    pub fn clean_run(&mut self) -> Verdict {
        let fresh = self.reader().unfinished().unwrap().is_none();
        let before = self.bytes();
        let calls = lock(&self.script).calls;
        let planned = self.plan(&self.request(false))?;
        ensure!(
            self.bytes() == before && lock(&self.script).calls == calls,
            "I7: a plan wrote something"
        );
        let mut watcher = Watcher::new(Some(self.script.clone()));
        match self.apply(false, &mut watcher) {
            End::Done(outcome) => {
                ensure!(
                    outcome.failed == 0 && outcome.stale == 0,
                    "I7: without a fault {} failed and {} were stale",
                    outcome.failed,
                    outcome.stale
                );
            }
            End::Stopped(why) => return Err(format!("a run stopped: {why}")),
            End::Killed => return Err("a run was killed".to_string()),
        }
        if fresh {
            let (shown, done) = (planned.operations(), watcher.operations());
            ensure!(
                shown == done,
                "I7: the plan shows\n{}\nbut the run does\n{}",
                shown.join("\n"),
                done.join("\n")
            );
        }
        self.remember();
        if self.before.is_none() {
            self.before = Some(self.left_marks());
        }
        Ok(())
    }

    /// The bytes of the ledger's files.
    fn bytes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files: Vec<_> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            // The shared-memory file is an index for readers, made anew at will.
            .filter(|path| !path.to_string_lossy().ends_with("-shm"))
            .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
            .filter(|(_, bytes)| !bytes.is_empty())
            .collect();
        files.sort();
        files
    }

    /// Runs until nothing is left to do.
    pub fn until_quiet(&mut self, full: bool) -> Verdict {
        for _ in 0..12 {
            // Long enough for the next attempt at whatever failed for now.
            self.advance(TimeDelta::hours(7));
            let calls = lock(&self.script).calls;
            // Going on with a run that died writes what it left.
            let fresh = self.reader().unfinished().unwrap().is_none();
            match self.apply(full, &mut Watcher::new(Some(self.script.clone()))) {
                End::Done(outcome) => {
                    if fresh && outcome.done == 0 && outcome.failed == 0 && outcome.stale == 0 {
                        ensure!(
                            lock(&self.script).calls == calls,
                            "I4: a run that did nothing wrote to a store"
                        );
                        return Ok(());
                    }
                }
                End::Stopped(why) => return Err(format!("I6: a run stopped: {why}")),
                End::Killed => return Err("a run was killed".to_string()),
            }
        }
        let plan = self.plan(&self.request(full))?;
        Err(format!(
            "I1: 12 runs without an edit, and there is still something to do:\n{}",
            plan.operations().join("\n")
        ))
    }

    fn finish(&mut self) -> Verdict {
        self.until_quiet(false)?;
        self.check(true)?;
        self.ledger().retry(&Selection::default()).unwrap();
        self.until_quiet(false)?;
        self.until_quiet(true)?;
        for full in [false, true] {
            let plan = self.plan(&self.request(full))?;
            ensure!(
                plan.operations().is_empty(),
                "I1: a quiet world, and a plan (full: {full}) shows\n{}",
                plan.operations().join("\n")
            );
        }
        let failures = self.reader().failures(&Selection::default()).unwrap();
        ensure!(
            failures.is_empty(),
            "I2: nothing refuses any more, but these failures are still listed: {failures:?}"
        );
        self.check(false)?;
        self.explains()
    }

    fn explains(&self) -> Verdict {
        for (index, rules) in self.program.relationships.iter().enumerate() {
            for side in Side::BOTH {
                for object in &rules.sides[side.index()].objects {
                    for row in self.users.stores[side.index()].rows(&object.name) {
                        let id = row[ID[side.index()]].clone();
                        let request = Request {
                            explain: Some((side, object.name.clone(), id.clone())),
                            ..self.request(false)
                        };
                        let plan = self.plan(&request)?;
                        let of = plan
                            .decisions
                            .iter()
                            .filter(|d| d.relationship.0 as usize == index);
                        let enabled = rules.enabled[side.sends().index()];
                        ensure!(
                            of.count() > 0 || !enabled,
                            "I8: {} says nothing about {side:?} {} {id}",
                            rules.name,
                            object.name
                        );
                    }
                }
            }
        }
        Ok(())
    }

    /// Ids of all records that are listed somewhere.
    fn listed(&self) -> Vec<String> {
        let (ledger, all) = (self.reader(), Selection::default());
        let held = ledger.held(&all).unwrap().into_iter().map(|h| h.id);
        let failed = ledger
            .failures(&all)
            .unwrap()
            .into_iter()
            .map(|f| f.failure.id);
        let conflicts = ledger
            .conflicts(&all)
            .unwrap()
            .into_iter()
            .flat_map(|c| c.ids);
        held.chain(failed)
            .chain(conflicts)
            .map(|id| id.to_string())
            .collect()
    }

    /// The values of a shared field of both records with this mark; `None` unless there is one on each side.
    pub fn couple(&self, pair: usize, mark: &str) -> Option<[super::users::Row; 2]> {
        let rules = &self.template.pairs[pair];
        let found = [0, 1].map(|side| {
            let mut rows = self.users.rows(side, rules.objects[side]);
            rows.retain(|row| mark_of(row, side) == mark);
            (rows.len() == 1).then(|| rows.remove(0))
        });
        match found {
            [Some(left), Some(right)] => Some([left, right]),
            _ => None,
        }
    }

    fn values(
        &self,
        pair: usize,
        field: usize,
        couple: &[super::users::Row; 2],
    ) -> [Option<String>; 2] {
        let shared = &self.template.pairs[pair].fields[field];
        [0, 1].map(|side| {
            self.users
                .meaning(side, shared.kind, &couple[side][shared.fields[side]])
        })
    }

    /// What is agreed on after an undisturbed run.
    fn remember(&mut self) {
        let marks: Vec<String> = self.users.memory().made.keys().cloned().collect();
        let count = self.users.memory().given.len();
        let listed = self.listed();
        for (pair, rules) in self.template.pairs.iter().enumerate() {
            for mark in &marks {
                let Some(couple) = self.couple(pair, mark) else {
                    continue;
                };
                if (0..2).any(|s| listed.contains(&couple[s][ID[s]].to_string())) {
                    continue;
                }
                for field in 0..rules.fields.len() {
                    let [left, right] = self.values(pair, field, &couple);
                    if left == right {
                        let key = (pair, mark.clone(), field);
                        self.agreed.insert(key.clone(), left);
                        self.settled.insert(key, count);
                    }
                }
            }
        }
    }

    fn check(&self, listing: bool) -> Verdict {
        let listed = self.listed();
        let (made, gone, given) = {
            let memory = self.users.memory();
            (
                memory.made.clone(),
                memory.gone.clone(),
                memory.given.clone(),
            )
        };
        let written: Vec<(usize, String)> = lock(&self.script)
            .written
            .iter()
            .filter(|(_, _, write, _)| matches!(write.kind, WriteKind::Create { .. }))
            .filter_map(|(side, _, write, _)| {
                let uid = super::users::UID[side.index()];
                let value = super::faults::created(write, uid)?;
                Some((side.index(), value.to_string()))
            })
            .collect();
        for (mark, (first, by_users)) in &made {
            let relationship = self.template.pairs[*first].relationship;
            let pairs = self
                .template
                .pairs
                .iter()
                .filter(|p| p.relationship == relationship);
            let mut found: [Vec<super::users::Row>; 2] = Default::default();
            let mut seen = Vec::new();
            for pair in pairs {
                for (side, found) in found.iter_mut().enumerate() {
                    if seen.contains(&(side, pair.objects[side])) {
                        continue;
                    }
                    seen.push((side, pair.objects[side]));
                    let rows = self.users.rows(side, pair.objects[side]);
                    found.extend(rows.into_iter().filter(|r| mark_of(r, side) == *mark));
                }
            }
            for (side, by_users) in by_users.iter().enumerate() {
                let creates = written
                    .iter()
                    .filter(|w| **w == (side, mark.clone()))
                    .count();
                // What a user deleted before it was linked may come back from the other side.
                let allowed = usize::from(!by_users || gone.contains(mark));
                ensure!(
                    creates <= allowed,
                    "I3: the engine made {creates} records {mark} on side {side}, where users made {}",
                    usize::from(*by_users)
                );
            }
            let is_listed = (0..2).any(|side| {
                found[side]
                    .iter()
                    .any(|row| listed.contains(&row[ID[side]].to_string()))
            });
            let (left, right) = (found[0].len(), found[1].len());
            if gone.contains(mark) {
                continue;
            }
            ensure!(
                left <= 1 && right <= 1,
                "I3: {mark} is there {left} times on the left and {right} times on the right"
            );
            let crosses = self.template.pairs[*first].crosses;
            let lost = (left == 0 && by_users[1] && crosses[1])
                || (right == 0 && by_users[0] && crosses[0]);
            ensure!(
                !lost || is_listed,
                "I2: {mark} is on one side only, and no list says why"
            );
            ensure!(
                !lost || listing || self.template.name.contains("require"),
                "I2: {mark} is still on one side only"
            );
        }
        for (pair, rules) in self.template.pairs.iter().enumerate() {
            for mark in made.keys() {
                let Some(couple) = self.couple(pair, mark) else {
                    continue;
                };
                let is_listed = (0..2).any(|s| listed.contains(&couple[s][ID[s]].to_string()));
                if is_listed {
                    continue;
                }
                for (field, shared) in rules.fields.iter().enumerate() {
                    let [left, right] = self.values(pair, field, &couple);
                    let name = shared.fields[0];
                    let first = !self.agreed.contains_key(&(pair, mark.clone(), field));
                    let one_way = matches!(shared.agree, Agree::Push | Agree::Pull);
                    // A blank never beats a value when two records are linked, and a one-way line does not bring it back.
                    if first && one_way && (left.is_none() || right.is_none()) {
                        continue;
                    }
                    ensure!(
                        left == right,
                        "I1: {mark}.{name} is {left:?} on the left and {right:?} on the right"
                    );
                    if gone.contains(mark) {
                        continue;
                    }
                    self.kept(pair, mark, field, &left, &given)?;
                }
            }
        }
        self.fired(listing)?;
        if let Some((object, target)) = self.template.once {
            let (sources, targets) = (made.len(), self.users.stores[1].rows(target).len());
            ensure!(
                sources == targets || (listing && targets < sources && !listed.is_empty()),
                "I3: {sources} records of {object} made {targets} of {target}"
            );
        }
        Ok(())
    }

    fn left_marks(&self) -> BTreeSet<String> {
        let rows = self.users.rows(0, self.template.pairs[0].objects[0]);
        rows.iter().map(|row| mark_of(row, 0)).collect()
    }

    /// Each new record of the left fires once, and what is made by a key is made once.
    fn fired(&self, listing: bool) -> Verdict {
        let Some(objects) = self.template.fired else {
            return Ok(());
        };
        for (place, (object, field)) in objects.into_iter().enumerate() {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for row in self.users.stores[1].rows(object) {
                *counts.entry(row[field].to_string()).or_default() += 1;
            }
            for (mark, count) in &counts {
                ensure!(*count <= 1, "I3: {count} of {object} for {mark}");
            }
            let Some(before) = self.before.as_ref().filter(|_| !listing) else {
                continue;
            };
            for mark in self.left_marks().difference(before) {
                ensure!(
                    counts.contains_key(mark),
                    "I2: {mark} is new, and trigger {place} made no {object} of it"
                );
            }
        }
        let open = self.reader().count_open_firings().unwrap();
        ensure!(
            listing || open == 0,
            "I2: {open} firings are open in a quiet world"
        );
        Ok(())
    }

    /// The value that both sides have is one that a user gave, and which the rule lets win.
    fn kept(
        &self,
        pair: usize,
        mark: &str,
        field: usize,
        value: &Option<String>,
        given: &[Given],
    ) -> Verdict {
        let shared = &self.template.pairs[pair].fields[field];
        let key = (pair, mark.to_string(), field);
        let settled = self.settled.get(&key).copied().unwrap_or(0);
        let agreed = self.agreed.get(&key);
        let of = |list: &[Given], side: usize| {
            let mut all = list.iter().filter(|g| {
                g.mark == mark
                    && g.side == side
                    && self.template.pairs[g.pair].fields[g.field].fields[side]
                        == shared.fields[side]
            });
            all.next_back().map(|g| g.value.clone())
        };
        let since = &given[settled.min(given.len())..];
        let last = [of(since, 0), of(since, 1)];
        let wanted: Vec<Option<String>> = match shared.agree {
            Agree::Either | Agree::Manual => last.iter().flatten().cloned().collect(),
            Agree::Push => last[0].iter().cloned().collect(),
            Agree::Pull => last[1].iter().cloned().collect(),
            Agree::Max | Agree::True => {
                let number = |v: &Option<String>| match v.as_deref() {
                    Some("true") => 1,
                    Some(n) => n.parse().unwrap_or(0),
                    None => 0,
                };
                // Values that were taken back before any run saw them do not count.
                let seen = last.iter().flatten().chain(agreed);
                let most = seen.map(number).max().unwrap_or(0);
                ensure!(
                    number(value) >= most,
                    "I2: {mark}.{} is {value:?}, though it was {most}",
                    shared.fields[0]
                );
                return Ok(());
            }
        };
        // A blank never beats a value when two records are linked, so either may stand then.
        if agreed.is_none() && wanted.contains(&None) {
            return Ok(());
        }
        if wanted.is_empty() {
            ensure!(
                agreed.is_none_or(|a| a == value),
                "I2: nobody changed {mark}.{}, but it went from {agreed:?} to {value:?}",
                shared.fields[0]
            );
            return Ok(());
        }
        let dangling = |v: &Option<String>| v.as_ref().is_some_and(|v| v.starts_with("dangling"));
        ensure!(
            wanted.contains(value) || wanted.iter().any(dangling),
            "I2: {mark}.{} is {value:?} on both sides, though users gave it {wanted:?} since {agreed:?} was agreed",
            shared.fields[0]
        );
        Ok(())
    }

    /// What both stores hold in the end, without generated ids and stamps.
    pub fn result(&self) -> Vec<String> {
        let mut all = Vec::new();
        for pair in self.template.pairs {
            for side in 0..2 {
                for row in self.users.rows(side, pair.objects[side]) {
                    let fields: Vec<String> = pair
                        .fields
                        .iter()
                        .filter(|f| !f.fields[side].is_empty())
                        .map(|f| {
                            let value = self.users.meaning(side, f.kind, &row[f.fields[side]]);
                            format!("{}: {value:?}", f.fields[side])
                        })
                        .collect();
                    all.push(format!(
                        "{} {} {}",
                        pair.objects[side],
                        mark_of(&row, side),
                        fields.join(", ")
                    ));
                }
            }
        }
        if let Some((_, target)) = self.template.once {
            all.push(format!(
                "{target} {}",
                self.users.stores[1].rows(target).len()
            ));
        }
        all.sort();
        all.dedup();
        all
    }
}
