-- The last run of each schedule, by its name. `anchor` is a time of the schedule from which its intervals count.

CREATE TABLE IF NOT EXISTS lanes (
  name       TEXT PRIMARY KEY,
  anchor     TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at   TEXT,
  failures   INTEGER NOT NULL,
  outcome    TEXT,
  message    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
