CREATE TABLE customer (
  id INTEGER PRIMARY KEY,
  crm_id INTEGER UNIQUE,
  first_name TEXT,
  last_name TEXT,
  email TEXT,
  phone TEXT,
  orders INTEGER NOT NULL DEFAULT 0,
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
CREATE INDEX customer_email ON customer (email);
INSERT INTO customer (id, crm_id, first_name, last_name, email, phone, orders) VALUES
  (1, NULL, 'Ada', 'Lovelace', 'ada@example.org', '020 111', 3),
  (2, NULL, 'Grace', 'Hopper', 'grace@example.org', NULL, 1),
  (3, NULL, 'Alan', 'Turing', 'alan@example.org', '0161 333', 0),
  (4, NULL, 'Emmy', 'Noether', NULL, NULL, 0);
