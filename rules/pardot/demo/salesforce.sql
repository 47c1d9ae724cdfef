-- Sample data of Salesforce. `bilateral demo rules/pardot` makes salesforce.db of it.
--
-- Salesforce objects as SQLite tables: the real API names, the fields that the packs use. Ids are 18 characters.
-- Required-on-create fields are NOT NULL without a default, as in Salesforce.
CREATE TABLE User (Id TEXT PRIMARY KEY, Username TEXT NOT NULL UNIQUE, Email TEXT NOT NULL, FirstName TEXT, LastName TEXT NOT NULL, IsActive INTEGER NOT NULL DEFAULT 1,
  ProfileName TEXT, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE Account (Id TEXT PRIMARY KEY, Name VARCHAR(255) NOT NULL, IsPersonAccount INTEGER NOT NULL DEFAULT 0, Industry VARCHAR(255), Phone VARCHAR(40), Website VARCHAR(255), OwnerId TEXT,
  BillingStreet VARCHAR(255), BillingCity VARCHAR(40), BillingState VARCHAR(80), BillingPostalCode VARCHAR(20), BillingCountry VARCHAR(80),
  ShippingStreet VARCHAR(255), ShippingCity VARCHAR(40), ShippingState VARCHAR(80), ShippingPostalCode VARCHAR(20), ShippingCountry VARCHAR(80), MasterRecordId TEXT,
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE Contact (Id TEXT PRIMARY KEY, AccountId TEXT REFERENCES Account(Id), IsPersonAccount INTEGER NOT NULL DEFAULT 0, FirstName VARCHAR(40), LastName VARCHAR(80) NOT NULL, Email VARCHAR(80), Phone VARCHAR(40), Title VARCHAR(128), OwnerId TEXT,
  LeadSource VARCHAR(255), HasOptedOutOfEmail INTEGER NOT NULL DEFAULT 0, MailingStreet VARCHAR(255), MailingCity VARCHAR(40), MailingState VARCHAR(80), MailingPostalCode VARCHAR(20), MailingCountry VARCHAR(80),
  OtherStreet VARCHAR(255), OtherCity VARCHAR(40), OtherState VARCHAR(80), OtherPostalCode VARCHAR(20), OtherCountry VARCHAR(80), Description TEXT,
  Score__c NUMERIC, Grade__c VARCHAR(4), Favourite_Product__c VARCHAR(100), External_Id__c VARCHAR(64), Subscribed__c INTEGER, MasterRecordId TEXT,
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE Lead (Id TEXT PRIMARY KEY, FirstName VARCHAR(40), LastName VARCHAR(80) NOT NULL, Company VARCHAR(255) NOT NULL, Email VARCHAR(80), Phone VARCHAR(40), Title VARCHAR(128), Street VARCHAR(255), City VARCHAR(40), State VARCHAR(80), PostalCode VARCHAR(20), Country VARCHAR(80), Website VARCHAR(255),
  Status VARCHAR(255) NOT NULL DEFAULT 'Open - Not Contacted', LeadSource VARCHAR(255), OwnerId TEXT, HasOptedOutOfEmail INTEGER NOT NULL DEFAULT 0, Description TEXT,
  Score__c NUMERIC, Grade__c VARCHAR(4), Favourite_Product__c VARCHAR(100), External_Id__c VARCHAR(64), Subscribed__c INTEGER,
  IsConverted INTEGER NOT NULL DEFAULT 0, ConvertedContactId TEXT, ConvertedAccountId TEXT, ConvertedOpportunityId TEXT, MasterRecordId TEXT,
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE Campaign (Id TEXT PRIMARY KEY, Name VARCHAR(80) NOT NULL, IsActive INTEGER NOT NULL DEFAULT 0, Status VARCHAR(255), Type VARCHAR(255), StartDate TEXT, EndDate TEXT, Description TEXT,
  Emails_Sent__c NUMERIC, Emails_Opened__c NUMERIC, Emails_Clicked__c NUMERIC, Click_Rate__c NUMERIC,
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE CampaignMember (Id TEXT PRIMARY KEY, CampaignId TEXT NOT NULL REFERENCES Campaign(Id), LeadId TEXT, ContactId TEXT, Status VARCHAR(255), HasResponded INTEGER NOT NULL DEFAULT 0,
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE Opportunity (Id TEXT PRIMARY KEY, Name VARCHAR(120) NOT NULL, AccountId TEXT, CampaignId TEXT, StageName VARCHAR(255) NOT NULL, Amount NUMERIC, CloseDate TEXT NOT NULL, IsClosed INTEGER NOT NULL DEFAULT 0, IsWon INTEGER NOT NULL DEFAULT 0, OwnerId TEXT,
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE OpportunityContactRole (Id TEXT PRIMARY KEY, OpportunityId TEXT NOT NULL, ContactId TEXT NOT NULL, Role VARCHAR(255), IsPrimary INTEGER NOT NULL DEFAULT 0,
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE Task (Id TEXT PRIMARY KEY, WhoId TEXT, WhatId TEXT, OwnerId TEXT, Subject VARCHAR(255), Description TEXT, ActivityDate TEXT, Status VARCHAR(255) NOT NULL DEFAULT 'Not Started', Priority VARCHAR(255) NOT NULL DEFAULT 'Normal', Type VARCHAR(255), External_Id__c VARCHAR(64),
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE Event (Id TEXT PRIMARY KEY, WhoId TEXT, WhatId TEXT, OwnerId TEXT, Subject VARCHAR(255), Description TEXT, ActivityDateTime TEXT, DurationInMinutes INTEGER NOT NULL DEFAULT 0, Type VARCHAR(255), External_Id__c VARCHAR(64),
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE Case_Study__c (Id TEXT PRIMARY KEY, Name VARCHAR(80) NOT NULL, Contact__c TEXT, Product__c VARCHAR(80), Price__c NUMERIC,
  IsDeleted INTEGER NOT NULL DEFAULT 0, CreatedDate TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));

-- Salesforce finds people by e-mail without reading them all, and members, roles and campaigns by what they belong to.
CREATE INDEX User_Email ON User (Email);
CREATE INDEX Contact_Email ON Contact (Email);
CREATE INDEX Lead_Email ON Lead (Email);
CREATE INDEX Campaign_Name ON Campaign (Name);
CREATE INDEX CampaignMember_CampaignId ON CampaignMember (CampaignId);
CREATE INDEX OpportunityContactRole_OpportunityId ON OpportunityContactRole (OpportunityId);

-- The last one left: no user is made for her here.
INSERT INTO User (Id, Username, Email, FirstName, LastName, IsActive, ProfileName, CreatedDate, SystemModstamp) VALUES
  ('005000000000001AAA', 'grace@crm.example', 'grace@crm.example', 'Grace', 'Okafor' , 1, 'Standard User'       , '2024-01-15T08:00:00.000Z', '2024-05-01T09:00:00.000Z'),
  ('005000000000002AAA', 'tomas@crm.example', 'tomas@crm.example', 'Tomás', 'Rivera' , 1, 'System Administrator', '2024-01-15T08:00:00.000Z', '2024-05-01T09:00:00.000Z'),
  ('005000000000003AAA', 'lena@crm.example' , 'lena@crm.example' , 'Lena' , 'Novak'  , 1, 'Marketing User'      , '2024-01-15T08:00:00.000Z', '2024-05-01T09:00:00.000Z'),
  ('005000000000004AAA', 'gone@crm.example' , 'gone@crm.example' , 'Greta', 'Gone'   , 0, 'Standard User'       , '2023-01-15T08:00:00.000Z', '2024-05-01T09:00:00.000Z');

INSERT INTO Account (Id, Name, IsPersonAccount, Industry, OwnerId, CreatedDate, SystemModstamp) VALUES
  ('001000000000001AAA', 'Analytical Engines Ltd', 0, 'Manufacturing', '005000000000001AAA', '2024-01-15T08:00:00.000Z', '2024-05-02T09:00:00.000Z'),
  ('001000000000002AAA', 'Hamilton Guidance'     , 0, 'Technology'   , '005000000000002AAA', '2024-05-20T08:00:00.000Z', '2024-05-20T09:00:00.000Z'),
  ('001000000000003AAA', 'Marie Tharp'           , 1, NULL           , '005000000000001AAA', '2024-01-15T08:00:00.000Z', '2024-05-04T09:00:00.000Z');

-- 2 was changed on both sides. 4 came of a converted lead. 5, a person account, and 6 are not known in Pardot.
INSERT INTO Contact (Id, AccountId, IsPersonAccount, FirstName, LastName, Email, Phone, Title, OwnerId, LeadSource, MailingCity, MailingCountry, Favourite_Product__c, Score__c, Grade__c, CreatedDate, SystemModstamp) VALUES
  ('003000000000001AAA', '001000000000001AAA', 0, 'Ada'     , 'Lovelace', 'ada.lovelace@analytical.example', NULL              , 'Head of Analysis', '005000000000001AAA', 'Fair', 'London'    , 'United Kingdom', 'Compiler Suite', 40  , 'A' , '2024-01-15T08:00:00.000Z', '2024-05-03T09:00:00.000Z'),
  ('003000000000002AAA', '001000000000001AAA', 0, 'Charles' , 'Babbage' , 'charles@analytical.example'     , '+44 20 7946 0201', 'Founder'         , '005000000000001AAA', NULL  , 'London'    , 'United Kingdom', NULL            , 10  , 'B' , '2024-01-15T08:00:00.000Z', '2024-05-26T09:00:00.000Z'),
  ('003000000000003AAA', NULL                , 0, 'Alan'    , 'Turing'  , 'alan@turing.example'            , NULL              , 'Partner'         , '005000000000001AAA', 'Fair', 'Manchester', 'United Kingdom', 'Slide Rule'    , NULL, NULL, '2024-01-15T08:00:00.000Z', '2024-05-06T09:00:00.000Z'),
  ('003000000000004AAA', '001000000000002AAA', 0, 'Margaret', 'Hamilton', 'margaret@hamilton.example'      , '+1 617 555 0111' , 'Lead Engineer'   , '005000000000002AAA', 'Web' , 'Boston'    , 'United States' , NULL            , NULL, NULL, '2024-05-20T08:00:00.000Z', '2024-05-20T09:00:00.000Z'),
  ('003000000000005AAA', '001000000000003AAA', 1, 'Marie'   , 'Tharp'   , 'marie@home.example'             , NULL              , NULL              , '005000000000001AAA', NULL  , 'Nyack'     , 'United States' , NULL            , NULL, NULL, '2024-01-15T08:00:00.000Z', '2024-05-04T09:00:00.000Z'),
  ('003000000000006AAA', '001000000000001AAA', 0, 'Luigi'   , 'Menabrea', 'luigi@analytical.example'       , NULL              , 'Engineer'        , '005000000000001AAA', 'Fair', 'Turin'     , 'Italy'         , NULL            , NULL, NULL, '2024-05-28T08:00:00.000Z', '2024-05-28T09:00:00.000Z');

-- 1 has a new address, 2 was converted. 5 is not known in Pardot.
INSERT INTO Lead (Id, FirstName, LastName, Company, Email, Title, City, Country, LeadSource, OwnerId, Score__c, Grade__c, Favourite_Product__c, IsConverted, ConvertedContactId, ConvertedAccountId, CreatedDate, SystemModstamp) VALUES
  ('00Q000000000001EAA', 'Blaise'  , 'Pascal'  , 'Pascal Calculators', 'blaise@pascal.example'    , 'Owner'     , 'Rouen'      , 'France'       , 'Web'    , '005000000000002AAA', 25  , 'B+', NULL        , 0, NULL                , NULL                , '2024-02-01T08:00:00.000Z', '2024-05-28T09:00:00.000Z'),
  ('00Q000000000002EAA', 'Margaret', 'Hamilton', 'Guidance'          , 'margaret@hamilton.example', NULL        , 'Boston'     , 'United States', 'Web'    , '005000000000002AAA', 80  , 'A' , NULL        , 1, '003000000000004AAA', '001000000000002AAA', '2024-02-01T08:00:00.000Z', '2024-05-20T09:00:00.000Z'),
  ('00Q000000000003EAA', 'Dorothy' , 'Vaughan' , 'Vaughan Computing' , 'dorothy@vaughan.example'  , 'Supervisor', 'Hampton'    , 'United States', 'Fair'   , '005000000000001AAA', 5   , 'D' , 'Slide Rule', 0, NULL                , NULL                , '2024-02-01T08:00:00.000Z', '2024-05-04T09:00:00.000Z'),
  ('00Q000000000004EAA', 'Hedy'    , 'Lamarr'  , 'Lamarr Wireless'   , 'hedy@lamarr.example'      , 'Inventor'  , 'Los Angeles', 'United States', 'Partner', '005000000000002AAA', NULL, NULL, NULL        , 0, NULL                , NULL                , '2024-02-01T08:00:00.000Z', '2024-05-06T09:00:00.000Z'),
  ('00Q000000000005EAA', 'Emmy'    , 'Noether' , 'Algebra GmbH'      , 'emmy@noether.example'     , 'Professor' , 'Erlangen'   , 'Germany'      , 'Fair'   , '005000000000001AAA', NULL, NULL, NULL        , 0, NULL                , NULL                , '2024-05-29T08:00:00.000Z', '2024-05-29T09:00:00.000Z');

INSERT INTO Campaign (Id, Name, IsActive, Type, CreatedDate, SystemModstamp) VALUES
  ('701000000000001AAA', 'Spring newsletter', 1, 'Email', '2024-04-01T08:00:00.000Z', '2024-05-02T09:00:00.000Z'),
  ('701000000000002AAA', 'Hot prospects'    , 1, 'Other', '2024-04-01T08:00:00.000Z', '2024-05-02T09:00:00.000Z');

INSERT INTO CampaignMember (Id, CampaignId, LeadId, ContactId, Status, CreatedDate, SystemModstamp) VALUES
  ('00v000000000001AAA', '701000000000001AAA', NULL, '003000000000001AAA', 'sent', '2024-05-02T09:00:00.000Z', '2024-05-02T09:00:00.000Z');

-- 2 has no contact role: it does not come. Of the roles of 1, one is of a contact who is no prospect.
INSERT INTO Opportunity (Id, Name, AccountId, CampaignId, StageName, Amount, CloseDate, IsClosed, IsWon, CreatedDate, SystemModstamp) VALUES
  ('006000000000001AAA', 'Difference engine', '001000000000001AAA', '701000000000001AAA', 'Prospecting', 12500, '2024-09-30', 0, 0, '2024-04-01T08:00:00.000Z', '2024-05-08T09:00:00.000Z'),
  ('006000000000002AAA', 'Analytical engine', '001000000000001AAA', NULL                , 'Prospecting', 99000, '2025-03-31', 0, 0, '2024-04-01T08:00:00.000Z', '2024-05-08T09:00:00.000Z');

INSERT INTO OpportunityContactRole (Id, OpportunityId, ContactId, Role, CreatedDate, SystemModstamp) VALUES
  ('00K000000000001AAA', '006000000000001AAA', '003000000000001AAA', 'Decision Maker', '2024-04-01T08:00:00.000Z', '2024-05-08T09:00:00.000Z'),
  ('00K000000000002AAA', '006000000000001AAA', '003000000000006AAA', 'Evaluator'     , '2024-04-01T08:00:00.000Z', '2024-05-08T09:00:00.000Z');

INSERT INTO Case_Study__c (Id, Name, Contact__c, Product__c, Price__c, CreatedDate, SystemModstamp) VALUES
  ('a00000000000001AAA', 'Engines in print', '003000000000001AAA', 'Difference Engine', 12.5, '2024-04-01T08:00:00.000Z', '2024-05-08T09:00:00.000Z');
