//! The metrics, as Prometheus reads them.

use chrono::{DateTime, Utc};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::atomic::{AtomicI64, AtomicU64};

use super::board::Notes;
use crate::apply::Outcome;
use crate::ledger::LaneOutcome;
use crate::plan::Counts;
use crate::program::{Direction, Program, Side};

/// Names of labels with their values.
type Labels = Vec<(&'static str, String)>;
type Counters = Family<Labels, Counter<u64, AtomicU64>>;
type Gauges = Family<Labels, Gauge<i64, AtomicI64>>;
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

/// From a tenth of a second to half an hour.
const SECONDS: [f64; 12] = [
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0,
];

pub struct Metrics {
    registry: Registry,
    runs: Counters,
    run_seconds: Histograms,
    planned: Counters,
    operations: Counters,
    calls: Counters,
    events: Counters,
    reloads: Counters,
    held: Gauges,
    errors: Gauges,
    conflicts: Gauges,
    links: Gauges,
    lag: Gauges,
    lane_failures: Gauges,
    last_run: Gauges,
    next_run: Gauges,
    running: Gauges,
    refused: Gauges,
    firings: Gauges,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::with_prefix("bilateral");
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let metrics = Metrics {
            runs: counters(&mut registry, "runs", "Runs, by lane and how they ended"),
            run_seconds: Family::new_with_constructor(histogram),
            planned: counters(
                &mut registry,
                "planned_operations",
                "Operations that runs planned, by relationship, direction and kind",
            ),
            operations: counters(
                &mut registry,
                "operations",
                "Operations that runs carried out, by what became of them",
            ),
            calls: counters(&mut registry, "store_calls", "Calls to a store"),
            events: counters(
                &mut registry,
                "events",
                "Posts to the event endpoint, by the answer's code",
            ),
            reloads: counters(
                &mut registry,
                "reloads",
                "Changed rules, by whether they were taken over",
            ),
            held: gauges(&mut registry, "held", "Records that are held"),
            errors: gauges(&mut registry, "errors", "Entries of the error list"),
            conflicts: gauges(&mut registry, "conflicts", "Entries of the conflict list"),
            links: gauges(&mut registry, "links", "Live links"),
            lag: gauges(
                &mut registry,
                "lag_seconds",
                "Seconds since the last complete read of the store for the relationship began",
            ),
            lane_failures: gauges(
                &mut registry,
                "lane_failures",
                "Runs of the lane that failed since the last one that did not",
            ),
            last_run: gauges(
                &mut registry,
                "lane_last_run_timestamp_seconds",
                "When the lane's last run began",
            ),
            next_run: gauges(
                &mut registry,
                "lane_next_run_timestamp_seconds",
                "When the lane's next run is due",
            ),
            running: gauges(&mut registry, "lane_running", "1 while the lane runs"),
            refused: gauges(
                &mut registry,
                "rules_refused",
                "1 while the rules in the files do not check and older ones run",
            ),
            firings: gauges(
                &mut registry,
                "open_firings",
                "Triggers that fired and have not come to their end",
            ),
            registry: Registry::default(),
        };
        registry.register(
            "run_seconds",
            "How long runs took, in seconds",
            metrics.run_seconds.clone(),
        );
        Metrics {
            registry,
            ..metrics
        }
    }
}

fn counters(registry: &mut Registry, name: &str, help: &str) -> Counters {
    let family = Counters::default();
    registry.register(name, help, family.clone());
    family
}

fn gauges(registry: &mut Registry, name: &str, help: &str) -> Gauges {
    let family = Gauges::default();
    registry.register(name, help, family.clone());
    family
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn label(name: &'static str, value: &str) -> Labels {
    vec![(name, value.to_owned())]
}

impl Metrics {
    pub fn run(&self, lane: &str, outcome: LaneOutcome, took: f64) {
        let labels = vec![
            ("lane", lane.to_owned()),
            ("outcome", outcome.word().to_owned()),
        ];
        self.runs.get_or_create(&labels).inc();
        self.run_seconds
            .get_or_create(&label("lane", lane))
            .observe(took);
    }

    /// What a run did.
    pub fn outcome(&self, program: &Program, outcome: &Outcome) {
        for (rules, summary) in program.all_rules().zip(&outcome.planned.relationships) {
            for direction in Direction::BOTH {
                let Counts {
                    create,
                    update,
                    delete,
                    action,
                } = summary.directions[direction.index()];
                let kinds = [
                    ("create", create),
                    ("update", update),
                    ("delete", delete),
                    ("action", action),
                ];
                for (kind, count) in kinds {
                    if count > 0 {
                        let labels = vec![
                            ("relationship", rules.name.to_string()),
                            ("direction", direction.word().to_owned()),
                            ("op", kind.to_owned()),
                        ];
                        self.planned.get_or_create(&labels).inc_by(count);
                    }
                }
            }
        }
        let became = [
            ("done", outcome.done + outcome.resumed),
            ("failed", outcome.failed),
            ("stale", outcome.stale),
            ("held", outcome.held),
        ];
        for (word, count) in became {
            self.operations
                .get_or_create(&label("outcome", word))
                .inc_by(count);
        }
    }

    pub fn calls(&self, store: &str, more: u64) {
        self.calls
            .get_or_create(&label("store", store))
            .inc_by(more);
    }

    /// The answer to a post; `name` only of an event that the rules know.
    pub fn event(&self, name: &str, code: u16) {
        let labels = vec![("event", name.to_owned()), ("code", code.to_string())];
        self.events.get_or_create(&labels).inc();
    }

    pub fn reload(&self, taken: bool) {
        let word = if taken { "taken" } else { "refused" };
        self.reloads.get_or_create(&label("outcome", word)).inc();
    }

    /// All metrics as text, what stands on the board as it is at `now`.
    pub fn text(&self, notes: &Notes, now: DateTime<Utc>) -> String {
        self.of_the_board(notes, now);
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    fn of_the_board(&self, notes: &Notes, now: DateTime<Utc>) {
        for family in [&self.lane_failures, &self.last_run, &self.next_run] {
            family.clear();
        }
        for family in [
            &self.held,
            &self.errors,
            &self.conflicts,
            &self.links,
            &self.lag,
        ] {
            family.clear();
        }
        self.running.clear();
        let running = notes.running.as_ref().map(|(name, _)| name);
        for lane in &notes.lanes {
            let labels = label("lane", &lane.name);
            self.lane_failures
                .get_or_create(&labels)
                .set(i64::from(lane.failures));
            if let Some(started) = lane.started {
                self.last_run
                    .get_or_create(&labels)
                    .set(started.timestamp());
            }
            if let Some(next) = lane.next {
                self.next_run.get_or_create(&labels).set(next.timestamp());
            }
            self.running
                .get_or_create(&labels)
                .set(i64::from(running == Some(&lane.name)));
        }
        for (trigger, counts) in &notes.triggers {
            let labels = label("relationship", trigger);
            self.held.get_or_create(&labels).set(whole(counts.held));
            self.errors.get_or_create(&labels).set(whole(counts.errors));
        }
        for relationship in &notes.relationships {
            let labels = label("relationship", &relationship.name);
            let counts = relationship.counts;
            for (family, count) in [
                (&self.held, counts.held),
                (&self.errors, counts.errors),
                (&self.conflicts, counts.conflicts),
                (&self.links, relationship.links),
            ] {
                family.get_or_create(&labels).set(whole(count));
            }
            for side in Side::BOTH {
                let Some(read) = relationship.read[side.index()] else {
                    continue;
                };
                let mut labels = labels.clone();
                labels.push(("store", notes.stores[side.index()].to_string()));
                self.lag
                    .get_or_create(&labels)
                    .set((now - read).num_seconds().max(0));
            }
        }
        let none = Labels::new();
        self.refused
            .get_or_create(&none)
            .set(i64::from(notes.rules.refused.is_some()));
        self.firings.get_or_create(&none).set(whole(notes.firings));
    }
}
