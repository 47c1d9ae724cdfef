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
