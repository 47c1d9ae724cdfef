//! The last run of each schedule: it outlives the daemon, and other processes can look at it.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, params};
use smol_str::SmolStr;

use super::column::{self, Time};
use super::{Ledger, LedgerOutcome};

/// The last run of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneRun {
    /// The schedule's name.
    pub lane: SmolStr,
    /// A time of the schedule from which its intervals count.
    pub anchor: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    /// `None`: it is going on, or was cut off.
    pub ended_at: Option<DateTime<Utc>>,
    /// Runs that failed since the last one that did not.
    pub failures: u32,
    /// How it ended, or, while it is going on, how the one before did.
    pub outcome: Option<LaneOutcome>,
    /// Why it did not get through; empty where it did.
    pub message: String,
}

/// How a run of a lane ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LaneOutcome {
    Done,
    /// Some records failed; the run itself got to its end.
    Failed,
    /// A limit of `guard:` stopped it before its first write.
    Guard,
    /// A store or the ledger did not answer.
    Error,
    /// The daemon was asked to stop.
    Interrupted,
}

impl LaneOutcome {
    pub const ALL: [LaneOutcome; 5] = [
        LaneOutcome::Done,
        LaneOutcome::Failed,
        LaneOutcome::Guard,
        LaneOutcome::Error,
        LaneOutcome::Interrupted,
    ];
    pub fn word(self) -> &'static str {
        match self {
            LaneOutcome::Done => "done",
            LaneOutcome::Failed => "failed",
            LaneOutcome::Guard => "guard",
            LaneOutcome::Error => "error",
            LaneOutcome::Interrupted => "interrupted",
        }
    }
}

/// How many entries the lists have for one relationship.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListCounts {
    pub held: u64,
    pub errors: u64,
    pub conflicts: u64,
}

impl Ledger {
    /// By name.
    pub fn lanes(&self) -> LedgerOutcome<Vec<LaneRun>> {
        self.answer(self.find_lanes())
    }

    /// Durable before it returns; no plan is stale for it.
    pub fn set_lane(&mut self, run: &LaneRun) -> LedgerOutcome<()> {
        self.commit_journal()?;
        let set = self.connection.prepare_cached(
            "INSERT OR REPLACE INTO lanes (name, anchor, started_at, ended_at, failures, outcome, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        );
        let set = set.and_then(|mut statement| {
            statement.execute(params![
                run.lane.as_str(),
                Time(run.anchor),
                Time(run.started_at),
                run.ended_at.map(Time),
                run.failures,
                run.outcome,
                run.message,
            ])
        });
        self.answer(set).map(drop)
    }

    /// Without reading the entries.
    pub fn list_counts(&self, relationship: &str) -> LedgerOutcome<ListCounts> {
        self.answer(self.find_list_counts(relationship))
    }

    /// When the first failure under one of these names is tried again by itself.
    pub fn next_retry(&self, names: &[&str]) -> LedgerOutcome<Option<DateTime<Utc>>> {
        self.answer(self.find_next_retry(names))
    }

    fn find_lanes(&self) -> rusqlite::Result<Vec<LaneRun>> {
        self.connection
            .prepare_cached(
                "SELECT name, anchor, started_at, ended_at, failures, outcome, message FROM lanes ORDER BY name",
            )?
            .query_map([], lane_of)?
            .collect()
    }

    fn find_list_counts(&self, relationship: &str) -> rusqlite::Result<ListCounts> {
        let number = self.names.number(&self.connection, relationship)?;
        let count = |sql: &str| {
            self.connection
                .prepare_cached(sql)?
                .query_row(params![number], |row| row.get::<_, i64>(0))
                .map(i64::cast_unsigned)
        };
        Ok(ListCounts {
            held: count("SELECT count(*) FROM held WHERE relationship = ?1")?,
            errors: count("SELECT count(*) FROM failures WHERE relationship = ?1")?,
            conflicts: count("SELECT count(*) FROM conflicts WHERE relationship = ?1")?,
        })
    }

    fn find_next_retry(&self, names: &[&str]) -> rusqlite::Result<Option<DateTime<Utc>>> {
        let mut first: Option<DateTime<Utc>> = None;
        let mut statement = self
            .connection
            .prepare_cached("SELECT min(next_try) FROM failures WHERE relationship = ?1")?;
        for name in names {
            let number = self.names.number(&self.connection, name)?;
            let next = statement.query_row(params![number], |row| column::time_or_none(row, 0))?;
            first = match (first, next) {
                (Some(first), Some(next)) => Some(first.min(next)),
                (first, next) => first.or(next),
            };
        }
        Ok(first)
    }
}

fn lane_of(row: &Row<'_>) -> rusqlite::Result<LaneRun> {
    Ok(LaneRun {
        lane: column::text(row, 0)?,
        anchor: column::time(row, 1)?,
        started_at: column::time(row, 2)?,
        ended_at: column::time_or_none(row, 3)?,
        failures: row.get(4)?,
        outcome: row.get(5)?,
        message: row.get(6)?,
    })
}

impl ToSql for LaneOutcome {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.word()))
    }
}

impl FromSql for LaneOutcome {
    fn column_result(column: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = column.as_str()?;
        LaneOutcome::ALL
            .into_iter()
            .find(|outcome| outcome.word() == word)
            .ok_or_else(|| column::damaged(format!("`{word}` is no end of a run")))
    }
}
