//! One pass of a run: its plan is packed into the outbox, confirmed and written.

use std::cell::RefCell;
use std::thread;

use chrono::{DateTime, Utc};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::batch::Writer;
use super::group::Groups;
use super::journaling::{Journal, Journaling};
use super::lists::taken_off;
use super::outage::Outage;
use super::outbox::{Outbox, Planned};
use super::packing::Packer;
use super::{ApplyError, Observer, Options, Outcome, Wrote, guard};
use crate::ledger::Ledger;
use crate::plan::{PlanError, Request, Sink, Summary};
use crate::program::{Program, RelId, Side};
use crate::store::Store;
use crate::value::Value;

/// A plan of one run, made and carried out.
pub struct Pass<'p> {
    pub program: &'p Program,
    pub request: &'p Request,
    pub options: &'p Options,
    pub run: &'p SmolStr,
    pub number: usize,
    /// The relationships that had no complete run before this one.
    pub first: &'p FxHashSet<RelId>,
}

/// Makes the plan.
pub type Feed<'f> = &'f mut dyn FnMut(
    &mut [Box<dyn Store>; 2],
    &Ledger,
    &mut dyn Sink,
) -> Result<Summary, PlanError>;

impl Pass<'_> {
    /// What came of it, and which objects were written.
    pub fn plan_and_carry_out(
        &mut self,
        stores: &mut [Box<dyn Store>; 2],
        ledger: &mut Ledger,
        observer: &mut dyn Observer,
        feed: Feed<'_>,
    ) -> Result<(Outcome, Wrote), ApplyError> {
        let reader = ledger.reader()?;
        let mut clocks = [Value::Null, Value::Null];
        for side in Side::BOTH {
            let now = stores[side.index()].now();
            clocks[side.index()] = Value::Instant(now.map_err(|error| PlanError::Store {
                store: self.program.stores[side.index()].name.clone(),
                error,
            })?);
        }
        let (summary, planned) = {
            let kinds = self.client_ids(stores);
            let mut make_id = |side: Side, object: &str| {
                kinds[side.index()]
                    .contains(object)
                    .then(|| Value::Text(uuid::Uuid::now_v7().to_string().into()))
            };
            let (program, run, size) = (self.program, self.run.clone(), self.options.batch);
            thread::scope(|scope| {
                let packer = Packer::new(program, size);
                let journaling = Journaling::new(scope, Journal::new(ledger, run));
                let follow_up = self.number > 0;
                let mut outbox = Outbox::new(
                    observer,
                    &mut make_id,
                    clocks,
                    follow_up,
                    packer,
                    journaling,
                );
                let summary = feed(stores, &reader, &mut outbox)?;
                Ok::<_, PlanError>((summary, outbox.finish()?))
            })?
        };
        drop(reader);
        if !self.options.allow_large {
            guard::check(self.program, ledger, &summary, self.options, self.first)?;
        }
        if self.number == 0 && !observer.confirm(&summary)? {
            return Err(ApplyError::Declined);
        }
        ledger.commit_journal_with(&planned.early)?;
        heard(ledger, self.request.now)?;
        self.write(stores, ledger, observer, summary, planned)
    }

    /// By side: the objects whose creates need an id from here.
    fn client_ids(&self, stores: &mut [Box<dyn Store>; 2]) -> [FxHashSet<SmolStr>; 2] {
        Side::BOTH.map(|side| {
            let names = self.program.stores[side.index()].schema.objects.keys();
            let store = &mut stores[side.index()];
            let without = names.filter(|name| store.make_id(name).is_some());
            without.cloned().collect()
        })
    }

    fn write(
        &self,
        stores: &mut [Box<dyn Store>; 2],
        ledger: &mut Ledger,
        observer: &mut dyn Observer,
        summary: Summary,
        planned: Planned,
    ) -> Result<(Outcome, Wrote), ApplyError> {
        let mut outcome = Outcome {
            run: self.run.clone(),
            planned: summary,
            resumed: 0,
            done: 0,
            failed: planned.failed,
            stale: 0,
            held: 0,
        };
        let mut writer = Writer::new(
            self.program,
            stores,
            self.request.now,
            self.options.poster.as_ref(),
        );
        let mut outage = Outage::default();
        let observer = RefCell::new(observer);
        Groups {
            run: self.run,
            began: self.request.now,
            lock: self.options.lock,
            particular: &planned.particular,
            outage: &mut outage,
            told: &mut |counts| {
                outcome.done += counts.done;
                outcome.failed += counts.failed;
                outcome.stale += counts.stale;
                outcome.held += counts.held;
            },
            written: 0,
            wrote: &mut |written| observer.borrow_mut().wrote(written, planned.operations),
            stop: &|| observer.borrow().interrupted(),
        }
        .carry_out(&mut writer, ledger)?;
        // What this plan lists, or what went wrong while writing, stays listed, whatever another part of the plan took off.
        writer.listed.extend(planned.listed);
        let mut late = planned.late;
        late.retain(|effect| {
            let relisted = taken_off(effect).is_some_and(|place| writer.listed.contains(&place));
            !relisted && !outage.stops(effect)
        });
        ledger.record(&late)?;
        outage.end()?;
        Ok((outcome, writer.wrote))
    }
}

/// The inbox keeps no event that is a firing by now.
fn heard(ledger: &Ledger, now: DateTime<Utc>) -> Result<(), ApplyError> {
    let number = ledger.heard()?;
    if number > 0
        && let Some(inbox) = ledger.inbox()?
    {
        inbox.forget(number, now)?;
    }
    Ok(())
}
