-- Objects that triggers watch, with the fields (a JSON list) whose values are kept for `was()`; and their records as last seen.

CREATE TABLE IF NOT EXISTS watches (
  side   INTEGER NOT NULL,
  object INTEGER NOT NULL,
  fields TEXT NOT NULL,
  PRIMARY KEY (side, object)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sightings (
  side   INTEGER NOT NULL,
  object INTEGER NOT NULL,
  id     ANY NOT NULL,
  stamp  ANY NOT NULL,
  kept   BLOB NOT NULL,
  PRIMARY KEY (side, object, id)
) STRICT, WITHOUT ROWID;

-- `key` is what makes a firing one: the same thing never fires a trigger twice. `next` is the place of the action that comes next;
-- `record` holds what the actions read, as it was when the trigger fired. An undecided firing waits for what its condition reads.
CREATE TABLE IF NOT EXISTS firings (
  number  INTEGER PRIMARY KEY,
  trigger INTEGER NOT NULL,
  key     TEXT NOT NULL,
  side    INTEGER NOT NULL,
  object  INTEGER NOT NULL,
  id      ANY NOT NULL,
  record  BLOB NOT NULL,
  decided INTEGER NOT NULL,
  next    INTEGER NOT NULL,
  state   TEXT NOT NULL,
  at      TEXT NOT NULL,
  UNIQUE (trigger, key)
) STRICT;
CREATE INDEX IF NOT EXISTS firings_open ON firings (trigger, number) WHERE state <> 'done';
CREATE INDEX IF NOT EXISTS firings_of ON firings (side, object, id);

-- The events that were heard: all up to this number of the inbox.
CREATE TABLE IF NOT EXISTS heard (
  one    INTEGER PRIMARY KEY CHECK (one = 1),
  number INTEGER NOT NULL
) STRICT;
