//! Sound programs, and what is made of them.

use crate::world::World;

const DEMO: &str = r#"sync marketing with crm

let REPS = ["005000000000001AAA", "005000000000002AAA"]

values lead_status {
  "new"       <-> "Open"
  "working"   <-> "Working"
  "converted" <-  "Closed"
  else error
}

relationship User: user <-> User {
  match email = Email
  crm_id <- Id
  email <-> Email
}

relationship Person: lead <-> Contact | Lead {
  match crm_id = Id
  match lower(email) = lower(Email)
  duplicates oldest
  follow Lead.ConvertedContactId to Contact
  prefer newest

  crm_id      <-  Id
  first_name  <-> FirstName
  last_name   <-> LastName
  company     <-> Lead.Company
  email       <-> Email
  status      <-> Lead.Status         using lead_status
  owner_id    <-> OwnerId             via User
  opt_out     <-> HasOptedOutOfEmail  prefer true
  score        -> Lead_Score__c
  "{first_name} {last_name}" -> Display_Name__c

  push create Lead when not is_contact
       require last_name, company, email
       set LeadSource = "Web", OwnerId = round_robin(REPS)
  pull change email set del_status = 0, del_message = "Reset by Sync"
}

every 15m sync User, Person

trigger hot_lead on change lead when score >= 100 and was(score) < 100 {
  create crm.Task {
    WhoId = linked(Person), Subject = "Call {last_name}", ActivityDate = today() + 1d
  }
}
"#;

#[test]
fn the_first_example_of_the_reference_checks() {
    let outcome = World::of(DEMO).check();
    println!("{}", outcome.describe(&outcome.syntax));
    println!("{}", outcome.describe(&outcome.lint));
    println!(
        "{:#?}",
        outcome
            .checked
            .program
            .as_ref()
            .map(|p| &p.relationships[1].lines)
    );
}
