-- Sample data of Pardot. `bilateral demo rules/pardot` makes pardot.db of it.
--
-- Pardot (Account Engagement) as SQLite tables: names of its API v5.
CREATE TABLE user (id INTEGER PRIMARY KEY, salesforceId TEXT, email TEXT NOT NULL, firstName TEXT, lastName TEXT, role TEXT, updatedAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE prospectAccount (id INTEGER PRIMARY KEY, salesforceId TEXT, name TEXT, industry TEXT, updatedAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE campaign (id INTEGER PRIMARY KEY, salesforceId TEXT, name TEXT, emailsSent INTEGER NOT NULL DEFAULT 0, updatedAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE prospect (id INTEGER PRIMARY KEY, salesforceId TEXT, salesforceLeadId TEXT, salesforceContactId TEXT, prospectAccountId INTEGER, assignedUserId INTEGER, assignedGroup TEXT, assignedQueue TEXT,
  email TEXT NOT NULL, firstName TEXT, lastName TEXT, company TEXT, jobTitle TEXT, phone TEXT, city TEXT, country TEXT, source TEXT, score INTEGER NOT NULL DEFAULT 0, grade TEXT, optedOut INTEGER NOT NULL DEFAULT 0,
  favouriteProduct TEXT, createdAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), updatedAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE opportunity (id INTEGER PRIMARY KEY, salesforceId TEXT, campaignId INTEGER, name TEXT, value NUMERIC, stage TEXT, status TEXT, closedAt TEXT, updatedAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE opportunityProspect (id INTEGER PRIMARY KEY, salesforceId TEXT, opportunityId INTEGER, prospectId INTEGER, updatedAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE visitorActivity (id INTEGER PRIMARY KEY, prospectId INTEGER, campaignId INTEGER, type TEXT NOT NULL,    -- sent open click form
  assetName TEXT, createdAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), updatedAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE caseStudy (id INTEGER PRIMARY KEY, salesforceId TEXT, prospectId INTEGER, updatedAt TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));

-- The keys of the rules, so that finding a record does not read the whole table.
CREATE INDEX user_salesforceId ON user (salesforceId);
CREATE INDEX user_email ON user (email);
CREATE INDEX prospectAccount_salesforceId ON prospectAccount (salesforceId);
CREATE INDEX campaign_salesforceId ON campaign (salesforceId);
CREATE INDEX prospect_salesforceId ON prospect (salesforceId);
CREATE INDEX prospect_email ON prospect (email);
CREATE INDEX opportunity_salesforceId ON opportunity (salesforceId);
CREATE INDEX opportunityProspect_salesforceId ON opportunityProspect (salesforceId);
CREATE INDEX visitorActivity_campaignId ON visitorActivity (campaignId);
CREATE INDEX caseStudy_salesforceId ON caseStudy (salesforceId);

-- Both are in Salesforce, found by e-mail.
INSERT INTO user (id, email, firstName, lastName, role, updatedAt) VALUES
  (1, 'grace@crm.example', 'Grace', 'Okafor', 'Sales'        , '2024-05-01T08:00:00.000Z'),
  (2, 'TOMAS@crm.example', 'Tomas', 'Rivera', 'Administrator', '2024-05-01T08:00:00.000Z');

INSERT INTO campaign (id, salesforceId, name, emailsSent, updatedAt) VALUES
  (1, '701000000000001AAA', 'Spring newsletter', 40, '2024-05-02T11:00:00.000Z');

-- 1 to 5 are known in Salesforce: 2 was changed on both sides, 3 changed its address there, 4 was converted there, 5 has a new
-- score. 6 and 7 fit a contact and a lead. 8 to 11 are new: assigned to a user, a queue, a group, and (without a company) to a
-- user. 12 is assigned to nobody. The first name of 13 is too long.
INSERT INTO prospect (id, salesforceId, salesforceLeadId, salesforceContactId, assignedUserId, assignedGroup, assignedQueue, email, firstName, lastName, company, jobTitle, phone, city, country, source, score, grade, optedOut, favouriteProduct, createdAt, updatedAt) VALUES
  (1 , '003000000000001AAA', NULL                , '003000000000001AAA', 1   , NULL        , NULL                , 'ada.lovelace@analytical.example', 'Ada'     , 'Lovelace', 'Analytical Engines Ltd', 'Head of Analysis', NULL             , 'London'     , 'United Kingdom', 'Fair', 40 , 'A' , 0, 'Compiler Suite', '2024-01-15T08:00:00.000Z', '2024-05-03T08:00:00.000Z'),
  (2 , '003000000000002AAA', NULL                , '003000000000002AAA', 1   , NULL        , NULL                , 'charles@analytical.example'     , 'Charles' , 'Babbage' , 'Analytical Engines Ltd', 'Inventor'        , '+44 20 7946 0222', 'London'     , 'United Kingdom', NULL  , 10 , 'B' , 0, NULL            , '2024-01-15T08:00:00.000Z', '2024-05-27T08:00:00.000Z'),
  (3 , '00Q000000000001EAA', '00Q000000000001EAA', NULL                , 2   , NULL        , NULL                , 'blaise@old.example'             , 'Blaise'  , 'Pascal'  , 'Pascal Calculators'    , 'Owner'           , NULL             , 'Rouen'      , 'France'        , 'Web' , 25 , 'B+', 0, NULL            , '2024-02-01T08:00:00.000Z', '2024-05-03T08:00:00.000Z'),
  (4 , '00Q000000000002EAA', '00Q000000000002EAA', NULL                , 2   , NULL        , NULL                , 'margaret@hamilton.example'      , 'Margaret', 'Hamilton', 'Guidance'              , NULL              , NULL             , 'Boston'     , 'United States' , 'Web' , 80 , 'A' , 0, NULL            , '2024-02-01T08:00:00.000Z', '2024-05-03T08:00:00.000Z'),
  (5 , '00Q000000000003EAA', '00Q000000000003EAA', NULL                , 1   , NULL        , NULL                , 'dorothy@vaughan.example'        , 'Dorothy' , 'Vaughan' , 'Vaughan Computing'     , 'Supervisor'      , NULL             , 'Hampton'    , 'United States' , 'Fair', 120, 'A+', 0, 'Slide Rule'    , '2024-02-01T08:00:00.000Z', '2024-05-26T08:00:00.000Z'),
  (6 , NULL                , NULL                , NULL                , 1   , NULL        , NULL                , 'ALAN@turing.example'            , 'Alan'    , 'Turing'  , NULL                    , NULL              , '+44 161 496 0103', 'Manchester' , NULL            , NULL  , 15 , NULL, 0, NULL            , '2024-05-20T08:00:00.000Z', '2024-05-20T08:00:00.000Z'),
  (7 , NULL                , NULL                , NULL                , 2   , NULL        , NULL                , 'hedy@lamarr.example'            , 'Hedy'    , 'Lamarr'  , 'Lamarr Wireless'       , NULL              , NULL             , NULL         , NULL            , 'Web' , 60 , 'B' , 0, NULL            , '2024-05-20T08:00:00.000Z', '2024-05-20T08:00:00.000Z'),
  (8 , NULL                , NULL                , NULL                , 1   , NULL        , NULL                , 'ida@rhodes.example'             , 'Ida'     , 'Rhodes'  , 'Rhodes Calendars'      , 'Director'        , NULL             , 'Washington' , 'United States' , 'Web' , 30 , 'C' , 0, NULL            , '2024-05-25T08:00:00.000Z', '2024-05-25T08:00:00.000Z'),
  (9 , NULL                , NULL                , NULL                , NULL, NULL        , '00G000000000001AAA', 'vint@packets.example'           , 'Vint'    , 'Holloway', 'Packet Radio'          , NULL              , NULL             , NULL         , NULL            , 'Web' , 20 , 'C' , 0, NULL            , '2024-05-25T09:00:00.000Z', '2024-05-25T09:00:00.000Z'),
  (10, NULL                , NULL                , NULL                , NULL, 'Sales EMEA', NULL                , 'sophie@germain.example'         , 'Sophie'  , 'Germain' , 'Germain Primes'        , NULL              , NULL             , 'Paris'      , 'France'        , 'Fair', 35 , 'B' , 0, NULL            , '2024-05-25T10:00:00.000Z', '2024-05-25T10:00:00.000Z'),
  (11, NULL                , NULL                , NULL                , 1   , NULL        , NULL                , 'radia@spanning-tree.example'    , 'Radia'   , 'Perlman' , NULL                    , NULL              , NULL             , NULL         , NULL            , 'Web' , 45 , 'B' , 0, NULL            , '2024-05-25T11:00:00.000Z', '2024-05-25T11:00:00.000Z'),
  (12, NULL                , NULL                , NULL                , NULL, NULL        , NULL                , 'jean@frequency.example'         , 'Jean'    , 'Jones'   , 'Inverse Frequency'     , NULL              , NULL             , NULL         , NULL            , 'Web' , 5  , 'D' , 0, NULL            , '2024-05-25T12:00:00.000Z', '2024-05-25T12:00:00.000Z'),
  (13, NULL                , NULL                , NULL                , 2   , NULL        , NULL                , 'wolfgang@music.example'         , 'Johannes Chrysostomus Wolfgangus Theophilus', 'Mozart', 'Music', NULL     , NULL             , 'Salzburg'   , 'Austria'       , 'Web' , 15 , 'C' , 0, NULL            , '2024-05-25T13:00:00.000Z', '2024-05-25T13:00:00.000Z');

INSERT INTO visitorActivity (id, prospectId, campaignId, type, assetName, createdAt, updatedAt) VALUES
  (1, 1, 1   , 'open' , 'Spring newsletter', '2024-05-10T15:00:00.000Z', '2024-05-10T15:00:00.000Z'),
  (2, 1, 1   , 'click', 'Spring newsletter', '2024-05-10T15:01:00.000Z', '2024-05-10T15:01:00.000Z'),
  (3, 2, 1   , 'open' , 'Spring newsletter', '2024-05-11T08:00:00.000Z', '2024-05-11T08:00:00.000Z'),
  (4, 3, 1   , 'open' , 'Spring newsletter', '2024-05-12T08:00:00.000Z', '2024-05-12T08:00:00.000Z'),
  (5, 8, NULL, 'form' , 'White paper'      , '2024-05-25T08:00:00.000Z', '2024-05-25T08:00:00.000Z');
