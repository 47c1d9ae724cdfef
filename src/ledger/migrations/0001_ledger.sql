-- Columns of the type ANY keep what they are given: the number 1 and the text "1" are different ids. Numbers and texts are stored as
-- they are, every other kind of value (null too) as a blob in the ledger's own byte form. Times are texts of fixed width, so that they
-- compare as texts. Names of relationships, objects and rules are numbers of `names`. Sides and directions are 0 (left, push) and
-- 1 (right, pull).

CREATE TABLE meta (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  program     TEXT NOT NULL,
  left_store  TEXT NOT NULL,
  right_store TEXT NOT NULL,
  made_by     TEXT NOT NULL,
  generation  INTEGER NOT NULL
) STRICT;

CREATE TABLE names (
  number INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE
) STRICT;

-- AUTOINCREMENT: a number is never given twice, since operations of the outbox name links by it.
CREATE TABLE links (
  number       INTEGER PRIMARY KEY AUTOINCREMENT,
  relationship INTEGER NOT NULL,
  left_object  INTEGER NOT NULL,
  right_object INTEGER NOT NULL,
  closed       INTEGER NOT NULL,
  left_id      ANY NOT NULL,
  right_id     ANY NOT NULL,
  left_stamp   ANY NOT NULL,
  right_stamp  ANY NOT NULL,
  base         BLOB NOT NULL
) STRICT;
CREATE INDEX links_left ON links (relationship, left_id);
CREATE INDEX links_right ON links (relationship, right_id);
CREATE INDEX links_closed ON links (relationship, left_id) WHERE closed = 1;

CREATE TABLE cursors (
  relationship INTEGER NOT NULL,
  side         INTEGER NOT NULL,
  object       INTEGER NOT NULL,
  stamp        ANY NOT NULL,
  read_at      TEXT NOT NULL,
  PRIMARY KEY (relationship, side, object)
) STRICT, WITHOUT ROWID;

-- `rules` is the hash of the rules that the last complete run went by.
CREATE TABLE completed (
  relationship INTEGER PRIMARY KEY,
  rules        INTEGER NOT NULL
) STRICT;

-- What the lines of a base are, in order: eight bytes for each.
CREATE TABLE layouts (
  relationship INTEGER NOT NULL,
  number       INTEGER NOT NULL,
  lines        BLOB NOT NULL,
  PRIMARY KEY (relationship, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE once (
  relationship INTEGER NOT NULL,
  direction    INTEGER NOT NULL,
  id           ANY NOT NULL,
  PRIMARY KEY (relationship, direction, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE round_robin (
  number INTEGER PRIMARY KEY,
  next   INTEGER NOT NULL
) STRICT;

CREATE TABLE waits (
  relationship INTEGER NOT NULL,
  side         INTEGER NOT NULL,
  object       INTEGER NOT NULL,
  id           ANY NOT NULL,
  PRIMARY KEY (relationship, side, object, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE held (
  number       INTEGER PRIMARY KEY,
  relationship INTEGER NOT NULL,
  direction    INTEGER NOT NULL,
  object       INTEGER NOT NULL,
  id           ANY NOT NULL,
  missing      TEXT NOT NULL,
  because      TEXT NOT NULL,
  rule         INTEGER NOT NULL,
  waits        INTEGER NOT NULL,
  UNIQUE (relationship, direction, object, id)
) STRICT;
CREATE INDEX held_waiting ON held (relationship) WHERE waits = 1;

-- `field` is empty for a failure of the whole record. `attempt` tells apart the failures of one attempt from those of an earlier one:
-- the run's number, or a negative number of its own outside runs.
CREATE TABLE failures (
  number       INTEGER PRIMARY KEY,
  relationship INTEGER NOT NULL,
  side         INTEGER NOT NULL,
  object       INTEGER NOT NULL,
  id           ANY NOT NULL,
  field        TEXT NOT NULL,
  code         TEXT NOT NULL,
  message      TEXT NOT NULL,
  sent         TEXT NOT NULL,
  rule         INTEGER NOT NULL,
  transient    INTEGER NOT NULL,
  at           TEXT NOT NULL,
  attempt      INTEGER NOT NULL,
  attempts     INTEGER NOT NULL,
  next_try     TEXT,
  retry        INTEGER NOT NULL,
  UNIQUE (relationship, side, object, id, field)
) STRICT;
CREATE INDEX failures_next ON failures (relationship, next_try) WHERE next_try IS NOT NULL;
CREATE INDEX failures_retry ON failures (relationship) WHERE retry = 1;

CREATE TABLE conflicts (
  number       INTEGER PRIMARY KEY,
  link         INTEGER NOT NULL,
  field        TEXT NOT NULL,
  relationship INTEGER NOT NULL,
  left_object  INTEGER NOT NULL,
  right_object INTEGER NOT NULL,
  left_id      ANY NOT NULL,
  right_id     ANY NOT NULL,
  left_value   ANY NOT NULL,
  right_value  ANY NOT NULL,
  because      TEXT NOT NULL,
  rule         INTEGER NOT NULL,
  frozen       INTEGER NOT NULL,
  winner       INTEGER,
  UNIQUE (link, field)
) STRICT;
CREATE INDEX conflicts_taken ON conflicts (relationship) WHERE winner IS NOT NULL;

CREATE TABLE runs (
  number      INTEGER PRIMARY KEY AUTOINCREMENT,
  id          TEXT NOT NULL UNIQUE,
  command     TEXT NOT NULL,
  rules       INTEGER NOT NULL,
  started_at  TEXT NOT NULL,
  finished_at TEXT,
  state       TEXT NOT NULL,
  summary     TEXT NOT NULL
) STRICT;
CREATE INDEX runs_running ON runs (number) WHERE state = 'running';

-- The outbox. A batch's state changes twice while its operations stay: they stand apart, so that they are written once.
CREATE TABLE batches (
  number       INTEGER PRIMARY KEY AUTOINCREMENT,
  run          INTEGER NOT NULL,
  relationship INTEGER NOT NULL,
  state        TEXT NOT NULL,
  count        INTEGER NOT NULL
) STRICT;
CREATE INDEX batches_run ON batches (run);

CREATE TABLE operations (
  batch INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE results (
  batch INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
