-- Sample data of Sugar Market. `bilateral demo rules/sugar_market` makes market.db of it.
--
-- Sugar Market as SQLite tables. Its CRM side is salesforce.sql here; the pack's README says which names change for SugarCRM, Dynamics and NetSuite.
CREATE TABLE user (id INTEGER PRIMARY KEY, CRMID TEXT, Email TEXT NOT NULL, FirstName TEXT, LastName TEXT, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE account (id INTEGER PRIMARY KEY, CRMID TEXT, Name TEXT, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE contact (id INTEGER PRIMARY KEY, CRMID TEXT, CRMType TEXT, AccountID INTEGER, FirstName TEXT, LastName TEXT, Company TEXT, Email TEXT, OptOut INTEGER NOT NULL DEFAULT 0, Guarded INTEGER NOT NULL DEFAULT 0,
  Score INTEGER NOT NULL DEFAULT 0, ScoreChanged INTEGER NOT NULL DEFAULT 0, PushToCRM INTEGER NOT NULL DEFAULT 0, UpdateInCRM INTEGER NOT NULL DEFAULT 0, DelStatus INTEGER, DelMessage TEXT, DeleteMe TEXT, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE opportunity (id INTEGER PRIMARY KEY, CRMID TEXT, Name TEXT, AccountID INTEGER, Stage TEXT, Amount NUMERIC, CloseDate TEXT, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE emailActivity (id INTEGER PRIMARY KEY, ContactID INTEGER NOT NULL, CampaignID INTEGER, Kind TEXT NOT NULL,    -- sent opened clicked
  Subject TEXT, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE campaign (id INTEGER PRIMARY KEY, CRMID TEXT, Name TEXT, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE webActivity (id INTEGER PRIMARY KEY, ContactID INTEGER NOT NULL, Url TEXT, VisitedAt TEXT, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE task (id INTEGER PRIMARY KEY, CRMID TEXT, ContactID INTEGER NOT NULL, Subject TEXT, DueDate TEXT, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE list (id INTEGER PRIMARY KEY, CRMID TEXT, Name TEXT, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE listMember (id INTEGER PRIMARY KEY, CRMID TEXT, ListID INTEGER, ContactID INTEGER, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE caseStudy (id INTEGER PRIMARY KEY, CRMID TEXT, ModifyDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));

-- The keys of the rules, so that finding a record does not read the whole table.
CREATE INDEX user_CRMID ON user (CRMID);
CREATE INDEX user_Email ON user (Email);
CREATE INDEX account_CRMID ON account (CRMID);
CREATE INDEX account_Name ON account (Name);
CREATE INDEX contact_CRMID ON contact (CRMID);
CREATE INDEX contact_Email ON contact (Email);
CREATE INDEX opportunity_CRMID ON opportunity (CRMID);
CREATE INDEX emailActivity_CampaignID ON emailActivity (CampaignID);
CREATE INDEX campaign_CRMID ON campaign (CRMID);
CREATE INDEX task_CRMID ON task (CRMID);
CREATE INDEX list_CRMID ON list (CRMID);
CREATE INDEX listMember_CRMID ON listMember (CRMID);
CREATE INDEX caseStudy_CRMID ON caseStudy (CRMID);

-- Found by e-mail; the other users come from the CRM.
INSERT INTO user (id, Email, FirstName, LastName, ModifyDate) VALUES
  (1, 'grace@crm.example', 'Grace', 'Okafor', '2024-05-01T08:00:00.000Z');

-- 1 is known; 2 was made by a lead's company, and its account is in the CRM by now; 3 is local.
INSERT INTO account (id, CRMID, Name, ModifyDate) VALUES
  (1, '001000000000001AAA', 'Analytical Engines Ltd', '2024-05-01T08:00:00.000Z'),
  (2, NULL                , 'Hopper Compilers Inc'  , '2024-05-01T08:00:00.000Z'),
  (3, NULL                , 'Local Bakery'          , '2024-05-01T08:00:00.000Z');

-- 1 to 6 are known in the CRM: 2 has a new score, 3 unsubscribed here and is guarded, 4 was changed by a landing page, 5 was
-- changed here without a flag, 6 changed its address in the CRM. 7 and 8 were imported before the first sync. 10 to 14 come from
-- landing pages: 12 has no company, 13 is not flagged, 14 fits a lead of the CRM. 15 is to be deleted here.
INSERT INTO contact (id, CRMID, CRMType, AccountID, FirstName, LastName, Company, Email, OptOut, Guarded, Score, ScoreChanged, PushToCRM, UpdateInCRM, DelStatus, DelMessage, DeleteMe, ModifyDate) VALUES
  (1 , '003000000000001AAA', 'Contact', 1   , 'Ada'      , 'Lovelace' , NULL                , 'ada.lovelace@analytical.example', 0, 0, 40, 0, 0, 0, NULL, NULL          , NULL , '2024-05-03T08:00:00.000Z'),
  (2 , '003000000000002AAA', 'Contact', 1   , 'Charles'  , 'Babbage'  , NULL                , 'charles@analytical.example'     , 0, 0, 75, 1, 0, 0, NULL, NULL          , NULL , '2024-05-20T08:00:00.000Z'),
  (3 , '003000000000003AAA', 'Contact', NULL, 'Grace'    , 'Hopper'   , NULL                , 'grace@hopper.example'           , 1, 1, 10, 0, 0, 0, NULL, NULL          , NULL , '2024-05-21T08:00:00.000Z'),
  (4 , '00Q000000000001EAA', 'Lead'   , NULL, 'Blaise'   , 'Pascal'   , 'Pascal Calculators', 'blaise@pascal.example'          , 0, 0, 25, 0, 0, 1, NULL, NULL          , NULL , '2024-05-22T08:00:00.000Z'),
  (5 , '00Q000000000002EAA', 'Lead'   , NULL, 'Dorothy'  , 'Vaughan'  , 'Vaughan Computing' , 'dorothy@vaughan.example'        , 0, 0, 5 , 0, 0, 0, NULL, NULL          , NULL , '2024-05-22T09:00:00.000Z'),
  (6 , '00Q000000000003EAA', 'Lead'   , NULL, 'Sophie'   , 'Germain'  , 'Germain Primes'    , 'sophie@old.example'             , 0, 0, 15, 0, 0, 0, 5   , 'mailbox full', NULL , '2024-05-03T08:00:00.000Z'),
  (7 , NULL                , NULL     , NULL, 'A.'       , 'Turing'   , NULL                , 'alan@turing.example'            , 1, 0, 0 , 0, 0, 0, NULL, NULL          , NULL , '2024-04-01T08:00:00.000Z'),
  (8 , NULL                , NULL     , NULL, 'Emmy'     , 'N.'       , NULL                , 'emmy@noether.example'           , 0, 0, 0 , 0, 0, 0, NULL, NULL          , NULL , '2024-04-01T08:00:00.000Z'),
  (10, NULL                , NULL     , NULL, 'Ida'      , 'Rhodes'   , 'Rhodes Calendars'  , 'ida@rhodes.example'             , 0, 0, 30, 1, 1, 0, NULL, NULL          , NULL , '2024-05-25T08:00:00.000Z'),
  (11, NULL                , NULL     , NULL, 'Vint'     , 'Holloway' , 'Packet Radio'      , 'vint@packets.example'           , 0, 0, 20, 0, 1, 0, NULL, NULL          , NULL , '2024-05-25T09:00:00.000Z'),
  (12, NULL                , NULL     , NULL, 'Jean'     , 'Jones'    , NULL                , 'jean@frequency.example'         , 0, 0, 10, 0, 1, 0, NULL, NULL          , NULL , '2024-05-25T10:00:00.000Z'),
  (13, NULL                , NULL     , NULL, 'Radia'    , 'Perlman'  , 'Spanning Trees'    , 'radia@spanning-tree.example'    , 0, 0, 10, 0, 0, 0, NULL, NULL          , NULL , '2024-05-25T11:00:00.000Z'),
  (14, NULL                , NULL     , NULL, 'Hedy'     , 'Lamarr'   , 'Lamarr Wireless'   , 'HEDY@lamarr.example'            , 0, 0, 50, 1, 1, 0, NULL, NULL          , NULL , '2024-05-25T12:00:00.000Z'),
  (15, NULL                , NULL     , NULL, 'Old'      , 'Import'   , NULL                , 'old@import.example'             , 0, 0, 0 , 0, 0, 0, NULL, NULL          , 'yes', '2023-01-01T08:00:00.000Z');

INSERT INTO campaign (id, CRMID, Name, ModifyDate) VALUES
  (1, '701000000000001AAA', 'Spring newsletter', '2024-05-02T11:00:00.000Z');

-- 6 is of somebody who is not in the CRM: it waits.
INSERT INTO emailActivity (id, ContactID, CampaignID, Kind, Subject, CreatedDate, ModifyDate) VALUES
  (1, 1 , 1   , 'sent'   , 'Spring news', '2024-05-10T14:00:00.000Z', '2024-05-10T14:00:00.000Z'),
  (2, 1 , 1   , 'opened' , 'Spring news', '2024-05-10T15:00:00.000Z', '2024-05-10T15:00:00.000Z'),
  (3, 1 , 1   , 'clicked', 'Spring news', '2024-05-10T15:01:00.000Z', '2024-05-10T15:01:00.000Z'),
  (4, 4 , 1   , 'sent'   , 'Spring news', '2024-05-10T14:00:00.000Z', '2024-05-10T14:00:00.000Z'),
  (5, 4 , 1   , 'opened' , 'Spring news', '2024-05-11T08:00:00.000Z', '2024-05-11T08:00:00.000Z'),
  (6, 13, 1   , 'sent'   , 'Spring news', '2024-05-10T14:00:00.000Z', '2024-05-10T14:00:00.000Z'),
  (7, 10, NULL, 'sent'   , 'Welcome'    , '2024-05-25T08:05:00.000Z', '2024-05-25T08:05:00.000Z');

INSERT INTO webActivity (id, ContactID, Url, VisitedAt, ModifyDate) VALUES
  (1, 1 , '/pricing', '2024-05-10T15:02:00.000Z', '2024-05-10T15:02:00.000Z'),
  (2, 10, '/demo'   , '2024-05-25T07:58:00.000Z', '2024-05-25T07:58:00.000Z'),
  (3, 13, '/jobs'   , '2024-05-25T10:58:00.000Z', '2024-05-25T10:58:00.000Z');

-- 1 is in the CRM; 3 waits for its lead.
INSERT INTO task (id, CRMID, ContactID, Subject, DueDate, ModifyDate) VALUES
  (1, '00T000000000001AAA', 1 , 'Call about the engine', '2024-06-03', '2024-05-12T08:00:00.000Z'),
  (2, NULL                , 4 , 'Send the offer'       , '2024-06-04', '2024-05-26T08:00:00.000Z'),
  (3, NULL                , 12, 'Ask for the company'  , '2024-06-05', '2024-05-26T09:00:00.000Z');
