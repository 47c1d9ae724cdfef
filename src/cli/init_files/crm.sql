CREATE TABLE contact (
  id INTEGER PRIMARY KEY,
  first_name TEXT,
  last_name TEXT NOT NULL,
  mail TEXT,
  phone TEXT,
  order_count INTEGER,
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
CREATE INDEX contact_mail ON contact (mail);
INSERT INTO contact (id, first_name, last_name, mail, phone) VALUES
  (101, 'Ada', 'Lovelace', 'Ada@Example.org', '020 111'),
  (102, 'Katherine', 'Johnson', 'katherine@example.org', NULL);
