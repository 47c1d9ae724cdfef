//! The language as a table of snippets: what parses, and what a mistake says.

use super::{Parsed, parse};
use crate::diagnostic::FileId;

const EXAMPLE: &str = include_str!("../../tests/format/cases/people.sync");

fn read(text: &str) -> Parsed {
    parse(FileId(0), text)
}

/// The findings as `code text-underlined: message | help`.
fn findings(text: &str) -> Vec<String> {
    read(text)
        .findings
        .iter()
        .map(|finding| {
            let underlined = &text[finding.span.start as usize..finding.span.end as usize];
            format!(
                "{} {underlined:?}: {} | {}",
                finding.code.code,
                finding.message,
                finding.help.as_deref().unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn the_example_of_the_reference_parses() {
    assert_eq!(findings(EXAMPLE), Vec::<String>::new());
    let file = read(EXAMPLE).file;
    assert_eq!(file.items.len(), 6);
}

/// Statements inside a relationship that parse without a finding.
#[test]
fn every_construct_parses() {
    let statements = r#"
  match crm_id = Id
  match lower(email) = lower(Email), name ?? "" = Name where LeadSource = "Web" duplicates oldest
  match email = Lead.Email where LeadSource = "Web"
    duplicates newest
  duplicates merge
  follow Lead.ConvertedContactId to Contact
  prefer newest
  first prefer salesforce
  crm_id <- Id
  match -> Match__c
  first <-> First
  list <- List
  when.then -> X
  lower(mail) -> Mail
  first(items) -> X
  items[0].sku -> Sku
  `Deal Stage` <-> Stage
  "{first_name} {last_name}" -> Name
  "a \"q\" \\ \n \t \{x} } \u{1F600} {lower("x{y}")}" -> Text
  billing.city <-> City via Account.Contact or null using cents prefer max first prefer newest blanks ignore on create if empty when a push when b pull when c
  x <-> Y
    via User or hold
    when a = 1
      and b = 2
    if empty
  x <- if A then B else if C then D else E if empty
  x <- a ?? b + 1 * 2 - -3 % 4 / 5
  x <- f(x).first
  x <- lookup salesforce.Account(Name = Company, Kind = 1).OwnerId
  x <- lookup first Account(Name = Company)
  x <- lookup salesforce.Account(Name = Company) or create { Kind = "x", Size = 3, }
  x <- count(salesforce.Task(WhoId = Id))
  x <- sum(salesforce.Task(WhoId = Id).Hours) + max(salesforce.Task(WhoId = Id).Hours) + max(a, b)
  x <- linked(Person, OwnerId).Name
  x <- ["a", "b",]
  * <- * except A, B
  * -> *
  push create when not is_contact
  push create Lead when not is_contact
       require last_name, company, email
       set LeadSource = "Web", OwnerId = round_robin(REPS)
       with assignment_rule = "Default {x}", other = OTHER
  push create once
  push create never
  push update never
  push create once Task when a
  pull create Contact set a = 1
  pull delete
  pull delete set deleted_at = now()
  pull when Type != "Competitor" leave unlink
  pull change email set del_status = 0, del_message = "Reset by Sync"
  push done set needs_push = false
  push create require x is not empty and y in [1] else "no {reason}"
  push when set = 1 set x = 2
  push update Lead set Lead.Status = "x"
  push batch 500
  purge lead when score < 3 and a matches /^a\/b#"$/i or not c not in LIST
  convert Lead to Contact
  convert Lead to Contact keep when a set Status = "x" with y = 1
  convert every Lead to Contact delete when CONVERT
  x -> Y when d = 2024-06-01 or i > 2024-06-01T10:00:00Z or t < 90s or n = 3.50
  x -> Y when a is empty or b is not empty and c = null
"#;
    let text = format!("relationship A: a | b <-> C {{\n{statements}\n}}\n");
    assert_eq!(findings(&text), Vec::<String>::new());
    let items = r#"
sync marketing with `sales force`
let A = 1
let B: text or null = env("B", "x")
let C: list = [
  "a",

  "b" # c
]
fn full(a, b) = "{a} {b}"
fn none() = if A = 1 then
  2
  else 3
values status {
  "a { b" <-> "{" # not interpolated
  "}" -> null
  -1 <- true
  2.5 <-> false
  else push "x"
  else pull keep
}
values more { "a" <-> "b" }
lens cents { push it * 100 pull it / 100 }
lens two {
  push trim(it)
  pull upper(it)
}
relationship Guest: many order -> Contact {}
relationship X: a <- `B c` | D { match a = B }
every 20m sync A, B
every 15m
  pull A
cron "*/5 9-17 * * 1-5" push A in "Europe/Berlin"
trigger t on change lead when lookup m.lead(id = 1) or create { a = 1 } != null {
  push Lead
  pull Lead when a
  sync Lead
  create salesforce.Task { a = 1, b = "x", } when a = 1
  create salesforce.Task {
    a = 1,

    # comment
    b = 2
  }
    when c
  upsert s.M(a = 1, b = 2) { c = 3 }
  update s.M(a = 1) { c = 3 }
  delete s.M(a = 1)
  set a = 1, b = 2
  post "https://example.org/{id}" { a = 1 }
}
trigger e on event signup { push Lead }
trigger f on run failed { post "https://x" {} }
trigger g on delete salesforce.Lead { push Lead }
"#;
    assert_eq!(findings(items), Vec::<String>::new());
}
