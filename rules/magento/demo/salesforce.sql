-- Sample data of Salesforce. `bilateral demo rules/magento` makes salesforce.db of it.
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
CREATE INDEX Account_Name ON Account (Name);
CREATE INDEX Contact_Email ON Contact (Email);
CREATE INDEX Lead_Email ON Lead (Email);

INSERT INTO User (Id, Username, Email, FirstName, LastName, ProfileName, CreatedDate, SystemModstamp) VALUES
  ('005000000000001AAA', 'grace@crm.example', 'grace@crm.example', 'Grace', 'Okafor', 'Standard User', '2024-01-15T08:00:00.000Z', '2024-05-01T09:00:00.000Z'),
  ('005000000000002AAA', 'tomas@crm.example', 'tomas@crm.example', 'Tomás', 'Rivera', 'Standard User', '2024-01-15T08:00:00.000Z', '2024-05-01T09:00:00.000Z');

-- 2 and 3 have one name; 2 is the older one.
INSERT INTO Account (Id, Name, Phone, OwnerId, CreatedDate, SystemModstamp) VALUES
  ('001000000000001AAA', 'Analytical Engines Ltd', '+44 20 7946 0101', '005000000000001AAA', '2024-01-15T08:00:00.000Z', '2024-05-02T09:00:00.000Z'),
  ('001000000000002AAA', 'Hopper Compilers Inc'  , NULL              , '005000000000001AAA', '2024-01-16T08:00:00.000Z', '2024-05-03T09:00:00.000Z'),
  ('001000000000003AAA', 'Hopper Compilers Inc'  , '+1 212 555 9999' , '005000000000002AAA', '2024-03-16T08:00:00.000Z', '2024-05-03T09:00:00.000Z'),
  ('001000000000004AAA', 'Noether Algebra GmbH'  , NULL              , '005000000000002AAA', '2024-01-17T08:00:00.000Z', '2024-05-04T09:00:00.000Z');

-- 2 and 3 have one address; 3 is the older one.
INSERT INTO Contact (Id, AccountId, FirstName, LastName, Email, Phone, OwnerId, LeadSource, CreatedDate, SystemModstamp) VALUES
  ('003000000000001AAA', '001000000000001AAA', 'Ada' , 'Lovelace', 'ada@analytical.example', '+44 20 7946 0101', '005000000000001AAA', 'Web' , '2024-01-15T08:00:00.000Z', '2024-05-02T09:00:00.000Z'),
  ('003000000000002AAA', NULL                , 'A.'  , 'Turing'  , 'alan@turing.example'   , NULL              , '005000000000001AAA', 'Fair', '2024-03-15T08:00:00.000Z', '2024-05-03T09:00:00.000Z'),
  ('003000000000003AAA', NULL                , 'Alan', 'Turing'  , 'alan@turing.example'   , '+44 161 496 0103', '005000000000002AAA', 'Fair', '2024-01-15T08:00:00.000Z', '2024-05-03T09:00:00.000Z');

INSERT INTO Lead (Id, FirstName, LastName, Company, Email, LeadSource, OwnerId, Subscribed__c, CreatedDate, SystemModstamp) VALUES
  ('00Q000000000001EAA', 'Mary', 'Somerville', 'Mary Somerville', 'mary.somerville@press.example', 'Web', '005000000000001AAA', 1, '2024-05-01T08:00:00.000Z', '2024-05-01T09:00:00.000Z');
