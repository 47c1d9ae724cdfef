-- Sample data of the marketing side. `bilateral demo rules/lead_gen` makes marketing.db of it.
--
-- Lead Gen & CRM (SharpSpring) as SQLite tables: the names of its public API, plus crm_id for the Salesforce id.
CREATE TABLE account (id INTEGER PRIMARY KEY, crm_id TEXT, accountName TEXT, industry TEXT, phone TEXT, updateTimestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE campaign (id INTEGER PRIMARY KEY, crm_id TEXT, campaignName TEXT, isActive INTEGER NOT NULL DEFAULT 1, campaignType TEXT, updateTimestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE dealStage (id INTEGER PRIMARY KEY, dealStageName TEXT NOT NULL UNIQUE, defaultProbability INTEGER, weight INTEGER, updateTimestamp TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE opportunity (id INTEGER PRIMARY KEY, crm_id TEXT, opportunityName TEXT, accountID INTEGER, campaignID INTEGER, dealStageID INTEGER, amount NUMERIC, closeDate TEXT, isClosed INTEGER, isWon INTEGER, updateTimestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE lead (id INTEGER PRIMARY KEY, crm_id TEXT, accountID INTEGER, campaignID INTEGER, firstName TEXT, lastName TEXT, companyName TEXT, emailAddress TEXT, phoneNumber TEXT, title TEXT, city TEXT, country TEXT,
  leadStatus TEXT NOT NULL DEFAULT 'open',            -- unqualified open qualified contact customer; 'contact' and 'customer' are contacts
  leadScore INTEGER NOT NULL DEFAULT 0, isUnsubscribed INTEGER NOT NULL DEFAULT 0, favouriteProduct TEXT, active INTEGER NOT NULL DEFAULT 1,
  updateTimestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE opportunityLead (id INTEGER PRIMARY KEY, crm_id TEXT, opportunityID INTEGER, leadID INTEGER, updateTimestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE event (id INTEGER PRIMARY KEY, leadID INTEGER, eventName TEXT, whatType TEXT, whatName TEXT, eventTimestamp TEXT, updateTimestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));

-- The keys of the rules, so that finding a record does not read the whole table.
CREATE INDEX account_crm_id ON account (crm_id);
CREATE INDEX campaign_crm_id ON campaign (crm_id);
CREATE INDEX opportunity_crm_id ON opportunity (crm_id);
CREATE INDEX lead_crm_id ON lead (crm_id);
CREATE INDEX lead_emailAddress ON lead (emailAddress);
CREATE INDEX opportunityLead_crm_id ON opportunityLead (crm_id);

-- 10 was typed in here: accounts are never written to Salesforce.
INSERT INTO account (id, crm_id, accountName, industry, phone, updateTimestamp) VALUES
  (1 , '001000000000001AAA', 'Analytical Engines Ltd', 'Manufacturing'     , '+44 20 7946 0101' , '2024-05-01T08:00:00.000Z'),
  (2 , '001000000000002AAA', 'Hopper Compilers Inc'  , 'Technology'        , '+1 212 555 0102'  , '2024-05-01T08:00:00.000Z'),
  (3 , '001000000000003AAA', 'Turing and Sons'       , 'Consulting'        , '+44 161 496 0103' , '2024-05-01T08:00:00.000Z'),
  (4 , '001000000000004AAA', 'Noether Algebra GmbH'  , 'Education'         , '+49 30 5550104'   , '2024-05-01T08:00:00.000Z'),
  (5 , '001000000000005AAA', 'Curie Radiology'       , 'Healthcare'        , '+33 1 55 50 99 99', '2024-05-01T08:00:00.000Z'),
  (6 , '001000000000006AAA', 'Kepler Optics'         , 'Manufacturing'     , '+43 1 5550106'    , '2024-05-01T08:00:00.000Z'),
  (7 , '001000000000007AAA', 'Lamarr Wireless'       , 'Telecommunications', '+1 310 555 0107'  , '2024-05-01T08:00:00.000Z'),
  (8 , '001000000000008AAA', 'Franklin Crystals'     , 'Biotechnology'     , '+44 20 7946 0108' , '2024-05-01T08:00:00.000Z'),
  (9 , '001000000000009AAA', 'Bose Statistics Pvt'   , 'Consulting'        , '+91 33 5550 0109' , '2024-05-01T08:00:00.000Z'),
  (10, NULL                , 'Local Bakery'          , 'Food'              , '+44 20 7946 0999' , '2024-05-02T08:00:00.000Z');

-- 3 was renamed here, 4 in Salesforce, 5 on both sides (here later). 10 and 11 are new and active: they go over. 12 is new and inactive: it stays.
INSERT INTO campaign (id, crm_id, campaignName, isActive, campaignType, updateTimestamp) VALUES
  (1 , '701000000000001AAA', 'Spring newsletter'             , 1, 'Email'        , '2024-05-02T11:00:00.000Z'),
  (2 , '701000000000002AAA', 'Summer newsletter'             , 1, 'Email'        , '2024-05-02T11:00:00.000Z'),
  (3 , '701000000000003AAA', 'Compiler webinar, part 2'      , 1, 'Webinar'      , '2024-05-28T11:00:00.000Z'),
  (4 , '701000000000004AAA', 'Optics fair'                   , 1, 'Trade Show'   , '2024-05-02T11:00:00.000Z'),
  (5 , '701000000000005AAA', 'Customer day, London and Leeds', 1, 'Conference'   , '2024-05-27T09:00:00.000Z'),
  (6 , '701000000000006AAA', 'Autumn newsletter'             , 0, 'Email'        , '2024-05-02T11:00:00.000Z'),
  (7 , '701000000000007AAA', 'Referral programme'            , 1, 'Referral'     , '2024-05-02T11:00:00.000Z'),
  (8 , '701000000000008AAA', 'Search ads UK'                 , 1, 'Advertisement', '2024-05-02T11:00:00.000Z'),
  (9 , '701000000000009AAA', 'Search ads DE'                 , 1, 'Advertisement', '2024-05-02T11:00:00.000Z'),
  (10, NULL                , 'Retargeting June'              , 1, 'Advertisement', '2024-05-26T09:00:00.000Z'),
  (11, NULL                , 'Slide rule giveaway'           , 1, 'Content'      , '2024-05-26T10:00:00.000Z'),
  (12, NULL                , 'Ideas for 2025'                , 0, NULL           , '2024-05-26T11:00:00.000Z');

-- Two of the stages that Salesforce uses are missing: they are made with the first opportunity that needs them.
INSERT INTO dealStage (id, dealStageName, defaultProbability, weight, updateTimestamp) VALUES
  (1, 'Prospecting'         , 10 , 1, '2024-05-01T09:00:00.000Z'),
  (2, 'Qualification'       , 20 , 2, '2024-05-01T09:00:00.000Z'),
  (3, 'Proposal/Price Quote', 60 , 3, '2024-05-01T09:00:00.000Z'),
  (4, 'Closed Won'          , 100, 5, '2024-05-01T09:00:00.000Z');

-- 3 was renamed here: Salesforce puts its name back.
INSERT INTO opportunity (id, crm_id, opportunityName, accountID, campaignID, dealStageID, amount, closeDate, isClosed, isWon, updateTimestamp) VALUES
  (1 , '006000000000001AAA', 'Analytical Engines Ltd: Difference engine', 1   , NULL, 3, 12500   , '2024-07-10', 0, 0, '2024-05-03T12:00:00.000Z'),
  (2 , '006000000000002AAA', 'Hopper Compilers Inc: Compiler licence'   , 2   , NULL, 2, 8400.5  , '2024-08-11', 0, 0, '2024-05-03T12:00:00.000Z'),
  (3 , '006000000000003AAA', 'Codebreaking (typed here)'                , 3   , NULL, 1, NULL    , '2024-09-12', 0, 0, '2024-05-03T12:00:00.000Z'),
  (4 , '006000000000004AAA', 'Noether Algebra GmbH: Algebra courses'    , 4   , NULL, 1, 3000    , '2024-10-13', 1, 0, '2024-05-03T12:00:00.000Z'),
  (5 , '006000000000005AAA', 'Curie Radiology: Radiology equipment'     , 5   , NULL, 4, 99000   , '2024-11-14', 1, 1, '2024-05-03T12:00:00.000Z'),
  (6 , '006000000000006AAA', 'Kepler Optics: Telescope lenses'          , 6   , NULL, 1, 15750.25, '2024-07-15', 0, 0, '2024-05-03T12:00:00.000Z'),
  (7 , '006000000000007AAA', 'Lamarr Wireless: Frequency hopping'       , 7   , NULL, 3, 12500   , '2024-08-16', 0, 0, '2024-05-03T12:00:00.000Z'),
  (8 , '006000000000008AAA', 'Franklin Crystals: X-ray diffraction'     , 8   , NULL, 2, 8400.5  , '2024-09-17', 0, 0, '2024-05-03T12:00:00.000Z'),
  (9 , '006000000000009AAA', 'Bose Statistics Pvt: Counting service'    , 9   , NULL, 1, NULL    , '2024-10-18', 0, 0, '2024-05-03T12:00:00.000Z'),
  (10, '006000000000010AAA', 'Meitner Energy: Reactor study'            , NULL, NULL, 1, 3000    , '2024-11-19', 1, 0, '2024-05-03T12:00:00.000Z');

-- 1 to 10 are known contacts, 15 to 22 known leads, some with changes here or there.
-- 11, 12, 23 and 24 are found by e-mail. 13 was converted in Salesforce. 14 fits two contacts: held.
-- 25 to 29 are new and complete: they become leads. 30 to 33 miss something: held, with the missing fields named.
-- 34 and 35 become contacts, 36 has no last name: held.
INSERT INTO lead (id, crm_id, accountID, firstName, lastName, companyName, emailAddress, phoneNumber, title, city, country, leadStatus, leadScore, isUnsubscribed, favouriteProduct, updateTimestamp) VALUES
  (1 , '003000000000001AAA', 1   , 'Ada'           , 'Lovelace'    , 'Analytical Engines Ltd'      , 'ada.lovelace@analytical.example'   , NULL              , 'Countess of Lovelace', 'London'      , 'United Kingdom', 'customer'   , 0 , 0, 'Compiler Suite', '2024-05-29T09:00:00.000Z'),
  (2 , '003000000000002AAA', 1   , 'Charles'       , 'Babbage'     , 'Analytical Engines Ltd'      , 'charles.babbage@analytical.example', '+1 202 555 0999' , 'Founder'             , 'London'      , 'United Kingdom', 'contact'    , 10, 0, NULL            , '2024-05-02T07:00:00.000Z'),
  (3 , '003000000000003AAA', 2   , 'Grace'         , 'Hopper'      , 'Hopper Compilers Inc'        , 'Grace.Hopper@hopper.example'       , '+1 202 555 0202' , 'Rear Admiral'        , 'New York'    , 'United States' , 'contact'    , 20, 0, NULL            , '2024-05-02T07:00:00.000Z'),
  (4 , '003000000000004AAA', 3   , 'Alan'          , 'Turing'      , 'Turing & Sons'               , 'alan@turing.example'               , NULL              , 'Partner'             , 'Manchester'  , 'United Kingdom', 'customer'   , 30, 0, NULL            , '2024-05-02T07:00:00.000Z'),
  (5 , '003000000000005AAA', 3   , 'Joan'          , 'Clarke'      , 'Turing & Sons'               , 'joan@turing.example'               , '+1 202 555 0204' , 'Partner'             , 'Manchester'  , 'United Kingdom', 'contact'    , 40, 0, 'Compiler Suite', '2024-05-02T07:00:00.000Z'),
  (6 , '003000000000006AAA', 4   , 'Emmy'          , 'Noether'     , 'Noether Algebra GmbH'        , 'emmy@noether.example'              , '+1 202 555 0205' , 'Professor'           , 'Erlangen'    , 'Germany'       , 'contact'    , 75, 0, NULL            , '2024-05-02T07:00:00.000Z'),
  (7 , '003000000000007AAA', 5   , 'Marie'         , 'Curie'       , 'Curie Radiology'             , 'marie@curie.example'               , NULL              , 'Director'            , 'Paris'       , 'France'        , 'customer'   , 75, 1, NULL            , '2024-05-28T07:00:00.000Z'),
  (8 , '003000000000008AAA', 5   , 'Irène'         , 'Joliot-Curie', 'Curie Radiology'             , 'irene@curie.example'               , '+1 202 555 0207' , 'Research Lead'       , 'Paris'       , 'France'        , 'contact'    , 75, 0, NULL            , '2024-05-02T07:00:00.000Z'),
  (9 , '003000000000009AAA', 6   , 'Johannes'      , 'Kepler'      , 'Kepler Optics'               , 'johannes@kepler.example'           , '+1 202 555 0208' , 'Astronomer'          , 'Linz'        , 'Austria'       , 'contact'    , 75, 0, 'Compiler Suite', '2024-05-02T07:00:00.000Z'),
  (10, '003000000000010AAA', 7   , 'Hedy'          , 'Lamarr'      , 'Lamarr Wireless'             , 'hedy@lamarr.example'               , NULL              , 'Inventor'            , 'Los Angeles' , 'United States' , 'customer'   , 75, 0, NULL            , '2024-05-02T07:00:00.000Z'),
  (11, NULL                , NULL, 'Rosalind'      , 'Franklin'    , NULL                          , 'Rosalind@Franklin.example'         , NULL              , NULL                  , NULL          , NULL            , 'contact'    , 12, 0, NULL            , '2024-05-02T08:00:00.000Z'),
  (12, NULL                , 9   , 'Satyendra Nath', 'Bose'        , NULL                          , 'satyendra@bose.example'            , NULL              , NULL                  , 'Kolkata'     , 'India'         , 'open'       , 3 , 0, NULL            , '2024-05-29T08:00:00.000Z'),
  (13, '00Q000000000021EAA', NULL, 'Margaret'      , 'Hamilton'    , 'Hamilton Guidance'           , 'margaret@hamilton.example'         , NULL              , 'Engineer'            , 'Boston'      , 'United States' , 'qualified'  , 88, 0, NULL            , '2024-05-02T08:00:00.000Z'),
  (14, NULL                , NULL, 'Sam'           , 'Loyd'        , 'Puzzles'                     , 'sam@puzzles.example'               , NULL              , NULL                  , 'Philadelphia', 'United States' , 'open'       , 7 , 0, NULL            , '2024-05-12T08:00:00.000Z'),
  (15, '00Q000000000001EAA', NULL, 'Blaise'        , 'Pascal'      , 'Pascal Calculators'          , 'blaise@pascal.example'             , NULL              , 'Owner'               , 'Rouen'       , 'France'        , 'open'       , 0 , 0, 'Slide Rule'    , '2024-05-02T09:00:00.000Z'),
  (16, '00Q000000000002EAA', NULL, 'Sophie'        , 'Germain'     , 'Germain Primes'              , 'sophie@germain.example'            , '+44 20 7946 0301', 'Mathematician'       , 'Paris'       , 'France'        , 'unqualified', 5 , 0, NULL            , '2024-05-02T09:00:00.000Z'),
  (17, '00Q000000000003EAA', NULL, 'Leonhard'      , 'Euler'       , 'Euler Bridges and Ferries AG', 'leonhard@euler.example'            , NULL              , 'Planner'             , 'Basel'       , 'Switzerland'   , 'qualified'  , 10, 0, NULL            , '2024-05-29T10:00:00.000Z'),
  (18, '00Q000000000004EAA', NULL, 'Évariste'      , 'Galois'      , 'Galois Groups'               , 'evariste@galois.example'           , '+44 20 7946 0303', 'Revolutionary'       , 'Paris'       , 'France'        , 'open'       , 15, 0, NULL            , '2024-05-02T09:00:00.000Z'),
  (19, '00Q000000000005EAA', NULL, 'Niels'         , 'Abel'        , 'Abel Integrals AS'           , 'niels@abel.example'                , NULL              , NULL                  , 'Oslo'        , 'Norway'        , 'unqualified', 20, 0, NULL            , '2024-05-02T09:00:00.000Z'),
  (20, '00Q000000000006EAA', NULL, 'Pafnuty'       , 'Chebyshev'   , 'Chebyshev Linkages'          , 'pafnuty@chebyshev.example'         , '+44 20 7946 0305', 'Engineer'            , 'Okatovo'     , 'Russia'        , 'qualified'  , 25, 0, 'Slide Rule'    , '2024-05-02T09:00:00.000Z'),
  (21, '00Q000000000007EAA', NULL, 'Sofya'         , 'Kovalevskaya', 'Kovalevskaya Tops'           , 'sofya@kovalevskaya.example'        , NULL              , 'Professor'           , 'Stockholm'   , 'Sweden'        , 'open'       , 60, 0, NULL            , '2024-05-02T09:00:00.000Z'),
  (22, '00Q000000000008EAA', NULL, 'Giuseppe'      , 'Peano'       , 'Peano Curves'                , 'giuseppe@peano.example'            , '+44 20 7946 0307', 'Lecturer'            , 'Turin'       , 'Italy'         , 'unqualified', 60, 0, NULL            , '2024-05-02T09:00:00.000Z'),
  (23, NULL                , NULL, 'Dorothy'       , 'Vaughan'     , 'Vaughan Computing'           , 'DOROTHY@vaughan.example'           , NULL              , NULL                  , NULL          , NULL            , 'open'       , 20, 0, 'Slide Rule'    , '2024-05-09T09:00:00.000Z'),
  (24, NULL                , NULL, 'Mary W.'       , 'Jackson'     , 'Jackson Tunnels'             , 'mary@jackson.example'              , '+1 757 555 0124' , NULL                  , NULL          , NULL            , 'open'       , 25, 0, NULL            , '2024-05-29T11:00:00.000Z'),
  (25, NULL                , NULL, 'Ida'           , 'Rhodes'      , 'Rhodes Calendars'            , 'ida@rhodes.example'                , '+1 215 555 0400' , 'Programmer'          , 'Washington'  , 'United States' , 'open'       , 30, 0, NULL            , '2024-05-15T09:00:00.000Z'),
  (26, NULL                , NULL, 'Kathleen'      , 'Antonelli'   , 'ENIAC Six'                   , 'kay@eniac.example'                 , '+1 215 555 0401' , 'Programmer'          , 'Philadelphia', 'United States' , 'qualified'  , 31, 0, NULL            , '2024-05-16T09:00:00.000Z'),
  (27, NULL                , NULL, 'Jean'          , 'Bartik'      , 'ENIAC Six'                   , 'jean@eniac.example'                , '+1 215 555 0402' , 'Programmer'          , 'Philadelphia', 'United States' , 'open'       , 32, 0, NULL            , '2024-05-17T09:00:00.000Z'),
  (28, NULL                , NULL, 'Betty'         , 'Holberton'   , 'ENIAC Six'                   , 'betty@eniac.example'               , '+1 215 555 0403' , 'Programmer'          , 'Philadelphia', 'United States' , 'qualified'  , 33, 0, NULL            , '2024-05-18T09:00:00.000Z'),
  (29, NULL                , NULL, 'Stephanie'     , 'Shirley'     , 'Freelance Programmers'       , 'steve@freelance.example'           , '+1 215 555 0404' , 'Programmer'          , 'Philadelphia', 'United States' , 'open'       , 34, 0, NULL            , '2024-05-19T09:00:00.000Z'),
  (30, NULL                , NULL, 'Radia'         , 'Perlman'     , NULL                          , 'radia@spanning-tree.example'       , NULL              , NULL                  , 'Boston'      , 'United States' , 'open'       , 41, 0, NULL            , '2024-05-20T09:00:00.000Z'),
  (31, NULL                , NULL, 'Vint'          , NULL          , 'Packet Radio'                , 'vint@packets.example'              , NULL              , NULL                  , NULL          , NULL            , 'open'       , 9 , 0, NULL            , '2024-05-20T10:00:00.000Z'),
  (32, NULL                , NULL, 'Karen'         , 'Jones'       , 'Inverse Frequency'           , NULL                                , NULL              , NULL                  , 'Cambridge'   , 'United Kingdom', 'qualified'  , 55, 0, NULL            , '2024-05-20T11:00:00.000Z'),
  (33, NULL                , NULL, NULL            , NULL          , '   '                         , 'visitor@unknown.example'           , NULL              , NULL                  , NULL          , NULL            , 'unqualified', 1 , 0, NULL            , '2024-05-20T12:00:00.000Z'),
  (34, NULL                , 1   , 'Luigi'         , 'Menabrea'    , 'Analytical Engines Ltd'      , 'luigi@analytical.example'          , NULL              , 'Translator'          , 'Turin'       , 'Italy'         , 'contact'    , 15, 0, NULL            , '2024-05-21T09:00:00.000Z'),
  (35, NULL                , NULL, 'Frances'       , 'Allen'       , 'Optimising Compilers'        , 'frances@optimise.example'          , '+1 914 555 0135' , 'Fellow'              , 'Yorktown'    , 'United States' , 'customer'   , 64, 1, 'Compiler Suite', '2024-05-21T10:00:00.000Z'),
  (36, NULL                , NULL, 'Anonymous'     , NULL          , NULL                          , 'buyer@shop.example'                , NULL              , NULL                  , NULL          , NULL            , 'customer'   , 2 , 0, NULL            , '2024-05-21T11:00:00.000Z');

-- Who is on which opportunity already.
INSERT INTO opportunityLead (id, crm_id, opportunityID, leadID, updateTimestamp) VALUES
  (1, '00K000000000001EAA', 1, 1, '2024-05-03T13:00:00.000Z'),
  (2, '00K000000000002EAA', 1, 2, '2024-05-03T13:00:00.000Z'),
  (3, '00K000000000003EAA', 2, 3, '2024-05-03T13:00:00.000Z');

-- 25 to 29 are of people who are held: they wait. 30 is of nobody: it stays.
INSERT INTO event (id, leadID, eventName, whatType, whatName, eventTimestamp, updateTimestamp) VALUES
  (1 , 1   , 'opened'    , 'email'  , 'Spring newsletter' , '2024-05-10T14:00:00.000Z', '2024-05-10T14:00:00.000Z'),
  (2 , 3   , 'clicked'   , 'email'  , 'Spring newsletter' , '2024-05-10T14:01:00.000Z', '2024-05-10T14:01:00.000Z'),
  (3 , 5   , 'visited'   , 'page'   , '/pricing'          , '2024-05-11T14:02:00.000Z', '2024-05-11T14:02:00.000Z'),
  (4 , 11  , 'submitted' , 'form'   , 'Request a demo'    , '2024-05-11T14:03:00.000Z', '2024-05-11T14:03:00.000Z'),
  (5 , 12  , 'downloaded', 'media'  , 'Whitepaper: primes', '2024-05-12T14:04:00.000Z', '2024-05-12T14:04:00.000Z'),
  (6 , 13  , 'attended'  , 'webinar', 'Compiler webinar'  , '2024-05-12T14:05:00.000Z', '2024-05-12T14:05:00.000Z'),
  (7 , 15  , 'opened'    , 'email'  , 'Spring newsletter' , '2024-05-13T14:06:00.000Z', '2024-05-13T14:06:00.000Z'),
  (8 , 16  , 'clicked'   , 'email'  , 'Spring newsletter' , '2024-05-13T14:07:00.000Z', '2024-05-13T14:07:00.000Z'),
  (9 , 17  , 'visited'   , 'page'   , '/pricing'          , '2024-05-14T14:08:00.000Z', '2024-05-14T14:08:00.000Z'),
  (10, 25  , 'submitted' , 'form'   , 'Request a demo'    , '2024-05-14T14:09:00.000Z', '2024-05-14T14:09:00.000Z'),
  (11, 25  , 'downloaded', 'media'  , 'Whitepaper: primes', '2024-05-15T14:10:00.000Z', '2024-05-15T14:10:00.000Z'),
  (12, 25  , 'attended'  , 'webinar', 'Compiler webinar'  , '2024-05-15T14:11:00.000Z', '2024-05-15T14:11:00.000Z'),
  (13, 26  , 'opened'    , 'email'  , 'Spring newsletter' , '2024-05-16T14:12:00.000Z', '2024-05-16T14:12:00.000Z'),
  (14, 27  , 'clicked'   , 'email'  , 'Spring newsletter' , '2024-05-16T14:13:00.000Z', '2024-05-16T14:13:00.000Z'),
  (15, 28  , 'visited'   , 'page'   , '/pricing'          , '2024-05-17T14:14:00.000Z', '2024-05-17T14:14:00.000Z'),
  (16, 29  , 'submitted' , 'form'   , 'Request a demo'    , '2024-05-17T14:15:00.000Z', '2024-05-17T14:15:00.000Z'),
  (17, 23  , 'downloaded', 'media'  , 'Whitepaper: primes', '2024-05-18T14:16:00.000Z', '2024-05-18T14:16:00.000Z'),
  (18, 24  , 'attended'  , 'webinar', 'Compiler webinar'  , '2024-05-18T14:17:00.000Z', '2024-05-18T14:17:00.000Z'),
  (19, 34  , 'opened'    , 'email'  , 'Spring newsletter' , '2024-05-19T14:18:00.000Z', '2024-05-19T14:18:00.000Z'),
  (20, 35  , 'clicked'   , 'email'  , 'Spring newsletter' , '2024-05-19T14:19:00.000Z', '2024-05-19T14:19:00.000Z'),
  (21, 1   , 'visited'   , 'page'   , '/pricing'          , '2024-05-20T14:20:00.000Z', '2024-05-20T14:20:00.000Z'),
  (22, 3   , 'submitted' , 'form'   , 'Request a demo'    , '2024-05-20T14:21:00.000Z', '2024-05-20T14:21:00.000Z'),
  (23, 15  , 'downloaded', 'media'  , 'Whitepaper: primes', '2024-05-21T14:22:00.000Z', '2024-05-21T14:22:00.000Z'),
  (24, 18  , 'attended'  , 'webinar', 'Compiler webinar'  , '2024-05-21T14:23:00.000Z', '2024-05-21T14:23:00.000Z'),
  (25, 30  , 'opened'    , 'email'  , 'Spring newsletter' , '2024-05-22T14:24:00.000Z', '2024-05-22T14:24:00.000Z'),
  (26, 31  , 'clicked'   , 'email'  , 'Spring newsletter' , '2024-05-22T14:25:00.000Z', '2024-05-22T14:25:00.000Z'),
  (27, 30  , 'visited'   , 'page'   , '/pricing'          , '2024-05-23T14:26:00.000Z', '2024-05-23T14:26:00.000Z'),
  (28, 14  , 'submitted' , 'form'   , 'Request a demo'    , '2024-05-23T14:27:00.000Z', '2024-05-23T14:27:00.000Z'),
  (29, 36  , 'downloaded', 'media'  , 'Whitepaper: primes', '2024-05-24T14:28:00.000Z', '2024-05-24T14:28:00.000Z'),
  (30, NULL, 'attended'  , 'webinar', 'Compiler webinar'  , '2024-05-24T14:29:00.000Z', '2024-05-24T14:29:00.000Z');
