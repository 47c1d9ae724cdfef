-- Fields whose value goes back and forth: between which two values (hashes), how often, and since when.

CREATE TABLE IF NOT EXISTS turns (
  link  INTEGER NOT NULL,
  field INTEGER NOT NULL,
  one   INTEGER NOT NULL,
  other INTEGER NOT NULL,
  count INTEGER NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (link, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS turns_many ON turns (link) WHERE count >= 3;
