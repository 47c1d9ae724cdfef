-- Sample data of the CRM. `bilateral demo rules/sugar_market` makes crm.db of it.
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

-- Salesforce finds people by e-mail and accounts by name without reading them all.
CREATE INDEX User_Email ON User (Email);
CREATE INDEX Account_Name ON Account (Name);
CREATE INDEX Contact_Email ON Contact (Email);
CREATE INDEX Lead_Email ON Lead (Email);

INSERT INTO User (Id, Username, Email, FirstName, LastName, ProfileName, CreatedDate, SystemModstamp) VALUES
  ('005000000000001AAA', 'grace@crm.example', 'grace@crm.example', 'Grace', 'Okafor', 'Standard User', '2024-01-15T08:00:00.000Z', '2024-05-01T09:00:00.000Z'),
  ('005000000000002AAA', 'tomas@crm.example', 'tomas@crm.example', 'Tomás', 'Rivera', 'Standard User', '2024-01-15T08:00:00.000Z', '2024-05-01T09:00:00.000Z');

INSERT INTO Account (Id, Name, Industry, Phone, BillingCity, BillingCountry, OwnerId, CreatedDate, SystemModstamp) VALUES
  ('001000000000001AAA', 'Analytical Engines Ltd', 'Manufacturing', '+44 20 7946 0101', 'London'  , 'United Kingdom', '005000000000001AAA', '2024-01-15T08:00:00.000Z', '2024-05-02T09:00:00.000Z'),
  ('001000000000002AAA', 'Hopper Compilers Inc'  , 'Technology'   , '+1 212 555 0102' , 'New York', 'United States' , '005000000000002AAA', '2024-01-15T08:00:00.000Z', '2024-05-03T09:00:00.000Z'),
  ('001000000000003AAA', 'Noether Algebra GmbH'  , 'Education'    , '+49 30 5550104'  , 'Erlangen', 'Germany'       , '005000000000001AAA', '2024-01-15T08:00:00.000Z', '2024-05-04T09:00:00.000Z');

INSERT INTO Contact (Id, AccountId, FirstName, LastName, Email, Title, HasOptedOutOfEmail, Favourite_Product__c, Score__c, CreatedDate, SystemModstamp) VALUES
  ('003000000000001AAA', '001000000000001AAA', 'Ada'    , 'Lovelace', 'ada.lovelace@analytical.example', 'Head of Analysis', 0, 'Compiler Suite', 40  , '2024-01-15T08:00:00.000Z', '2024-05-03T09:00:00.000Z'),
  ('003000000000002AAA', '001000000000001AAA', 'Charles', 'Babbage' , 'charles@analytical.example'     , 'Founder'         , 0, NULL            , 60  , '2024-01-15T08:00:00.000Z', '2024-05-04T09:00:00.000Z'),
  ('003000000000003AAA', '001000000000002AAA', 'Grace'  , 'Hopper'  , 'grace@hopper.example'           , 'Rear Admiral'    , 0, NULL            , 10  , '2024-01-15T08:00:00.000Z', '2024-05-05T09:00:00.000Z'),
  ('003000000000004AAA', NULL                , 'Alan'   , 'Turing'  , 'alan@turing.example'            , 'Partner'         , 0, 'Slide Rule'    , NULL, '2024-01-15T08:00:00.000Z', '2024-05-06T09:00:00.000Z'),
  ('003000000000005AAA', '001000000000003AAA', 'Emmy'   , 'Noether' , 'emmy@noether.example'           , 'Professor'       , 1, NULL            , NULL, '2024-01-15T08:00:00.000Z', '2024-05-07T09:00:00.000Z');

-- The last one names the company of an account.
INSERT INTO Lead (Id, FirstName, LastName, Company, Email, Title, City, Country, LeadSource, Score__c, CreatedDate, SystemModstamp) VALUES
  ('00Q000000000001EAA', 'B.'     , 'Pascal'  , 'Pascal Calculators'    , 'blaise@pascal.example'  , 'Owner'     , 'Rouen'      , 'France'        , 'Web'    , 25  , '2024-02-01T08:00:00.000Z', '2024-05-03T09:00:00.000Z'),
  ('00Q000000000002EAA', 'Dorothy', 'Vaughan' , 'Vaughan Computing'     , 'dorothy@vaughan.example', 'Supervisor', 'Hampton'    , 'United States' , 'Fair'   , 5   , '2024-02-01T08:00:00.000Z', '2024-05-04T09:00:00.000Z'),
  ('00Q000000000003EAA', 'Sophie' , 'Germain' , 'Germain Primes'        , 'sophie@germain.example' , NULL        , 'Paris'      , 'France'        , 'Web'    , 15  , '2024-02-01T08:00:00.000Z', '2024-05-28T09:00:00.000Z'),
  ('00Q000000000004EAA', 'Hedy'   , 'Lamarr'  , 'Lamarr Wireless'       , 'hedy@lamarr.example'    , 'Inventor'  , 'Los Angeles', 'United States' , 'Partner', NULL, '2024-02-01T08:00:00.000Z', '2024-05-06T09:00:00.000Z'),
  ('00Q000000000005EAA', 'Luigi'  , 'Menabrea', 'Analytical Engines Ltd', 'luigi@menabrea.example' , 'Engineer'  , 'Turin'      , 'Italy'         , 'Fair'   , NULL, '2024-02-01T08:00:00.000Z', '2024-05-07T09:00:00.000Z');

INSERT INTO Campaign (Id, Name, IsActive, Type, CreatedDate, SystemModstamp) VALUES
  ('701000000000001AAA', 'Spring newsletter', 1, 'Email'     , '2024-04-01T08:00:00.000Z', '2024-05-02T09:00:00.000Z'),
  ('701000000000002AAA', 'Optics fair'      , 1, 'Trade Show', '2024-04-01T08:00:00.000Z', '2024-05-02T09:00:00.000Z');

INSERT INTO CampaignMember (Id, CampaignId, LeadId, ContactId, Status, CreatedDate, SystemModstamp) VALUES
  ('00v000000000001AAA', '701000000000001AAA', NULL                , '003000000000001AAA', 'Sent', '2024-05-02T09:00:00.000Z', '2024-05-02T09:00:00.000Z'),
  ('00v000000000002AAA', '701000000000001AAA', '00Q000000000001EAA', NULL                , 'Sent', '2024-05-02T09:00:00.000Z', '2024-05-02T09:00:00.000Z'),
  ('00v000000000003AAA', '701000000000002AAA', '00Q000000000004EAA', NULL                , 'Sent', '2024-05-02T09:00:00.000Z', '2024-05-02T09:00:00.000Z');

INSERT INTO Opportunity (Id, Name, AccountId, CampaignId, StageName, Amount, CloseDate, CreatedDate, SystemModstamp) VALUES
  ('006000000000001AAA', 'Difference engine', '001000000000001AAA', '701000000000001AAA', 'Prospecting', 12500, '2024-09-30', '2024-04-01T08:00:00.000Z', '2024-05-08T09:00:00.000Z'),
  ('006000000000002AAA', 'Compiler licences', '001000000000002AAA', NULL                , 'Closed Won' , 4800 , '2024-05-15', '2024-04-01T08:00:00.000Z', '2024-05-15T09:00:00.000Z');

INSERT INTO Task (Id, WhoId, Subject, ActivityDate, CreatedDate, SystemModstamp) VALUES
  ('00T000000000001AAA', '003000000000001AAA', 'Call about the engine', '2024-06-03', '2024-05-12T08:00:00.000Z', '2024-05-12T08:00:00.000Z');

INSERT INTO Case_Study__c (Id, Name, Contact__c, Product__c, Price__c, CreatedDate, SystemModstamp) VALUES
  ('a00000000000001AAA', 'Engines in print', '003000000000001AAA', 'Difference Engine', 12.5, '2024-04-01T08:00:00.000Z', '2024-05-08T09:00:00.000Z');
