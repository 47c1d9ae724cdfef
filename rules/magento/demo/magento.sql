-- Sample data of the shop. `bilateral demo rules/magento` makes magento.db of it.
--
-- Magento 2 as SQLite tables: names of its REST API; the Salesforce ids are customer attributes. Addresses are JSON, as in the API.
CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL, firstname TEXT NOT NULL, lastname TEXT NOT NULL, company TEXT, group_code TEXT NOT NULL DEFAULT 'General', telephone TEXT,
  billing JSON,           -- {"street": …, "city": …, "region": …, "postcode": …, "country_id": …}
  shipping JSON, invoiced_orders INTEGER NOT NULL DEFAULT 0, salesforce_account_id TEXT, salesforce_contact_id TEXT, salesforce_lead_id TEXT,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE "order" (entity_id INTEGER PRIMARY KEY, increment_id TEXT NOT NULL, customer_id INTEGER, customer_is_guest INTEGER NOT NULL DEFAULT 0, customer_email TEXT NOT NULL, customer_firstname TEXT, customer_lastname TEXT,
  state TEXT NOT NULL DEFAULT 'new', total_invoiced NUMERIC, billing JSON, shipping JSON, salesforce_account_id TEXT, salesforce_contact_id TEXT, updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE subscriber (subscriber_id INTEGER PRIMARY KEY, subscriber_email TEXT NOT NULL, subscriber_status INTEGER NOT NULL DEFAULT 1,   -- 1 subscribed, 3 unsubscribed
  customer_id INTEGER, salesforce_lead_id TEXT, salesforce_contact_id TEXT, updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));

-- The keys of the rules, so that finding a record does not read the whole table.
CREATE INDEX customer_email ON customer (email);
CREATE INDEX customer_salesforce_account_id ON customer (salesforce_account_id);
CREATE INDEX customer_salesforce_contact_id ON customer (salesforce_contact_id);
CREATE INDEX customer_salesforce_lead_id ON customer (salesforce_lead_id);
CREATE INDEX order_customer_email ON "order" (customer_email);
CREATE INDEX order_salesforce_account_id ON "order" (salesforce_account_id);
CREATE INDEX order_salesforce_contact_id ON "order" (salesforce_contact_id);
CREATE INDEX subscriber_email ON subscriber (subscriber_email);
CREATE INDEX subscriber_salesforce_lead_id ON subscriber (salesforce_lead_id);
CREATE INDEX subscriber_salesforce_contact_id ON subscriber (salesforce_contact_id);
CREATE INDEX customer_company ON customer (company);
CREATE INDEX order_customer_firstname ON "order" (customer_firstname);

-- 1 is known in Salesforce. 2 and 3 are of one company, whose account is there twice; 4 has no company; 5 has the address of two
-- contacts; 6 has an account there with an owner of its own; 7 subscribed to the newsletter before.
INSERT INTO customer (id, email, firstname, lastname, company, group_code, telephone, billing, shipping, invoiced_orders, salesforce_account_id, salesforce_contact_id, created_at, updated_at) VALUES
  (1, 'ada@analytical.example'        , 'Ada'     , 'Lovelace'  , 'Analytical Engines Ltd', 'Wholesale', '+44 20 7946 0101', '{"street": ["12 St James Sq"], "city": "London", "region": "Greater London", "postcode": "SW1Y 4LB", "country_id": "GB"}', NULL, 3, '001000000000001AAA', '003000000000001AAA', '2024-01-15T08:00:00.000Z', '2024-05-26T08:00:00.000Z'),
  (2, 'grace@hopper.example'          , 'Grace'   , 'Hopper'    , 'Hopper Compilers Inc'  , 'Wholesale', '+1 212 555 0102' , '{"street": ["1 Navy Yard", "Building 4"], "city": "New York", "region": "New York", "postcode": "10001", "country_id": "US"}', '{"street": ["2 Harbor Rd"], "city": "Newark", "region": "New Jersey", "postcode": "07101", "country_id": "US"}', 1, NULL, NULL, '2024-05-20T08:00:00.000Z', '2024-05-20T08:00:00.000Z'),
  (3, 'vincent@hopper.example'        , 'Vincent' , 'Foster'    , 'Hopper Compilers Inc'  , 'General'  , NULL              , NULL, NULL, 0, NULL, NULL, '2024-05-21T08:00:00.000Z', '2024-05-21T08:00:00.000Z'),
  (4, 'ida@rhodes.example'            , 'Ida'     , 'Rhodes'    , NULL                    , 'General'  , '+1 202 555 0104' , '{"street": "4 Calendar Ave", "city": "Washington", "postcode": "20001", "country_id": "US"}', NULL, 2, NULL, NULL, '2024-05-22T08:00:00.000Z', '2024-05-22T08:00:00.000Z'),
  (5, 'ALAN@turing.example'           , 'Alan'    , 'Turing'    , 'Turing and Sons'       , 'General'  , NULL              , NULL, NULL, 0, NULL, NULL, '2024-05-23T08:00:00.000Z', '2024-05-23T08:00:00.000Z'),
  (6, 'emmy@noether.example'          , 'Emmy'    , 'Noether'   , 'Noether Algebra GmbH'  , 'Wholesale', '+49 30 5550104'  , '{"street": ["Schlossplatz 4"], "city": "Erlangen", "region": "Bayern", "postcode": "91054", "country_id": "DE"}', NULL, 1, NULL, NULL, '2024-05-24T08:00:00.000Z', '2024-05-24T08:00:00.000Z'),
  (7, 'mary.somerville@press.example' , 'Mary'    , 'Somerville', NULL                    , 'General'  , NULL              , NULL, NULL, 0, NULL, NULL, '2024-05-25T08:00:00.000Z', '2024-05-25T08:00:00.000Z');

-- 1 to 3 are of guests, the first two of the same one, whose second order has another address. 4 is of customer 2.
INSERT INTO "order" (entity_id, increment_id, customer_id, customer_is_guest, customer_email, customer_firstname, customer_lastname, state, total_invoiced, billing, shipping, updated_at) VALUES
  (1, '000000001', NULL, 1, 'gus@home.example'             , 'Gus', 'Guest' , 'complete', 40 , '{"street": ["1 Main St", "Flat 2"], "city": "London", "postcode": "N1 9GU", "country_id": "GB"}', '{"street": ["2 High St"], "city": "Leeds", "postcode": "LS1 4DY", "country_id": "GB"}', '2024-05-10T08:00:00.000Z'),
  (2, '000000002', NULL, 1, 'gus@home.example'             , 'Gus', 'Guest' , 'complete', 25 , '{"street": ["3 New St"], "city": "York", "postcode": "YO1 8AA", "country_id": "GB"}'           , '{"street": ["2 High St"], "city": "Leeds", "postcode": "LS1 4DY", "country_id": "GB"}', '2024-05-20T08:00:00.000Z'),
  (3, '000000003', NULL, 1, 'sophie.germain@primes.example', NULL , NULL    , 'new'     , NULL, '{"street": ["13 Rue de Savoie"], "city": "Paris", "postcode": "75006", "country_id": "FR"}'  , NULL, '2024-05-21T08:00:00.000Z'),
  (4, '000000004', 2   , 0, 'grace@hopper.example'         , 'Grace', 'Hopper', 'complete', 80, NULL, NULL, '2024-05-22T08:00:00.000Z');

-- 2 unsubscribed; 3 is customer 7, who was a lead before; 4 is customer 1.
INSERT INTO subscriber (subscriber_id, subscriber_email, subscriber_status, customer_id, salesforce_lead_id, updated_at) VALUES
  (1, 'radia.perlman@spanning-tree.example', 1, NULL, NULL                , '2024-05-10T08:00:00.000Z'),
  (2, 'info@bakery.example'                , 3, NULL, NULL                , '2024-05-11T08:00:00.000Z'),
  (3, 'mary.somerville@press.example'      , 1, 7   , '00Q000000000001EAA', '2024-05-25T08:00:00.000Z'),
  (4, 'ada@analytical.example'             , 1, 1   , NULL                , '2024-05-12T08:00:00.000Z');
