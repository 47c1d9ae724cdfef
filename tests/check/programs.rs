//! Sound programs, and what is made of them.

use bilateral::program::{
    Alternatives, Conversion, Duplicates, Fallback, Line, On, Prefer, Program, QueryKind, RelId,
    Side, Slot,
};

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

fn program(text: &str) -> Program {
    let outcome = World::of(text).check();
    let found = outcome.describe(&outcome.checked.findings) + &outcome.describe(&outcome.syntax);
    outcome.checked.program.unwrap_or_else(|| panic!("{found}"))
}

/// The lines of the first relationship, as `left -> right` by slot labels.
fn lines(program: &Program) -> Vec<String> {
    let relationship = &program.relationships[0];
    let label = |side: Side, slot: Slot| {
        relationship.sides[side.index()].slots[slot.0 as usize]
            .label
            .to_string()
    };
    let line = |l: &Line| match (&l.push, &l.pull) {
        (Some(push), Some(pull)) => format!(
            "{} <-> {}",
            label(Side::Left, pull.target),
            label(Side::Right, push.target)
        ),
        (Some(push), None) => {
            let source = push
                .source_slot
                .map_or("…".into(), |s| label(Side::Left, s));
            format!("{source} -> {}", label(Side::Right, push.target))
        }
        (None, Some(pull)) => {
            let source = pull
                .source_slot
                .map_or("…".into(), |s| label(Side::Right, s));
            format!("{} <- {source}", label(Side::Left, pull.target))
        }
        (None, None) => "nothing".into(),
    };
    relationship.lines.iter().map(line).collect()
}

#[test]
fn the_first_example_of_the_reference_checks() {
    let program = program(DEMO);
    let names: Vec<&str> = program
        .relationships
        .iter()
        .map(|r| r.name.as_str())
        .collect();
    assert_eq!(names, ["User", "Person"]);
    let person = &program.relationships[1];
    assert_eq!(
        person.sides[1]
            .objects
            .iter()
            .map(|o| o.name.as_str())
            .collect::<Vec<_>>(),
        ["Contact", "Lead"]
    );
    assert_eq!(
        (person.keys.len(), person.lines.len(), person.follow.len()),
        (2, 10, 1)
    );
    assert_eq!(person.keys[0].duplicates, Duplicates::Oldest);
    assert_eq!((person.follow[0].from, person.follow[0].to), (1, 0));
    let push = &person.directions[0];
    assert_eq!(push.create[0].alternatives, Alternatives(2));
    assert_eq!(
        (push.create[0].require.len(), push.create[0].set.len()),
        (3, 2)
    );
    assert!(push.creates && push.updates && !push.once);
    assert_eq!(person.directions[1].change[0].set.len(), 2);
    // `company` and `score` are the lead's alone.
    assert_eq!(person.lines[3].alternatives, Alternatives(2));
    assert_eq!(person.lines[8].alternatives, Alternatives(2));
    assert_eq!(person.lines[1].alternatives, Alternatives::ALL);
    assert_eq!(person.lines[7].prefer, Prefer::True);
    assert_eq!(person.lines[7].first_prefer, Prefer::True);
    let Some(Conversion::Via(via)) = person.lines[6].push.as_ref().map(|f| &f.conversion) else {
        panic!()
    };
    assert_eq!((via.relationship, via.fallback), (RelId(0), Fallback::Hold));
    let trigger = &program.triggers[0];
    assert_eq!(trigger.name(), "hot_lead");
    assert_eq!((trigger.rules.was.len(), trigger.actions.len()), (1, 1));
    assert!(trigger.when.is_some());
}

#[test]
fn two_opposite_lines_are_one() {
    let program = program(
        "sync marketing with crm
relationship Lead: lead <-> Lead {
  match email = Email
  first_name -> FirstName on create
  company -> Company
  first_name <- FirstName prefer marketing
  lower(email) -> Email
  email <- Email
}",
    );
    assert_eq!(
        lines(&program),
        [
            "first_name <-> FirstName",
            "company -> Company",
            "… -> Email",
            "email <- Email"
        ]
    );
    let line = &program.relationships[0].lines[0];
    assert_eq!(line.prefer, Prefer::Side(Side::Left));
    assert_eq!(line.push.as_ref().map(|f| f.on), Some(On::Create));
    assert_eq!(line.pull.as_ref().map(|f| f.on), Some(On::Both));
}

#[test]
fn first_prefer_follows_the_line_then_its_merge_then_the_relationship_then_prefer() {
    let with = |head: &str| {
        let text = format!(
            "sync marketing with crm
relationship Lead: lead <-> Lead {{
  match email = Email
  {head}
  first_name <-> FirstName
  last_name <-> LastName first prefer newest
  is_contact <-> HasOptedOutOfEmail prefer true
  company <-> Company prefer marketing
}}"
        );
        program(&text).relationships[0]
            .lines
            .iter()
            .map(|l| l.first_prefer)
            .collect::<Vec<_>>()
    };
    let (left, right) = (Prefer::Side(Side::Left), Prefer::Side(Side::Right));
    assert_eq!(
        with("prefer crm"),
        [right, Prefer::Newest, Prefer::True, left]
    );
    assert_eq!(
        with("first prefer crm"),
        [right, Prefer::Newest, Prefer::True, right]
    );
}

#[test]
fn a_star_maps_what_nothing_else_maps_and_adds_what_is_missing() {
    let program = program(
        "sync marketing with crm
relationship Account: account <- Account {
  match crm_id = Id
  crm_id <- Id
  * <- *
}
relationship Other: user <- User {
  match crm_id = Id
  crm_id <- Id
  email <- Email
  * <- * except Name
}",
    );
    assert_eq!(lines(&program), ["crm_id <- Id", "Name <- Name"]);
    let account = &program.relationships[0];
    let added: Vec<_> = account
        .additions
        .iter()
        .map(|a| (a.object.as_str(), a.field.name.as_str()))
        .collect();
    assert_eq!(added, [("account", "Name")]);
    assert!(account.sides[0].objects[0].fields["Name"].nullable);
    assert!(
        !program.stores[0].schema.objects["account"]
            .fields
            .contains_key("Name")
    );
    assert!(program.relationships[1].additions.is_empty());
}

#[test]
fn relationships_run_after_those_that_they_refer_to() {
    let program = program(
        "sync marketing with crm
relationship Lead: lead <-> Lead {
  match crm_id = Id
  owner_id <-> OwnerId via User
  linked(Account, account_id).Name -> Company
}
relationship Account: account <-> Account {
  match crm_id = Id
}
relationship User: user <-> User {
  match crm_id = Id
}",
    );
    let names: Vec<&str> = program
        .relationships
        .iter()
        .map(|r| r.name.as_str())
        .collect();
    assert_eq!(names, ["Account", "User", "Lead"]);
    let lead = &program.relationships[2];
    let Some(Conversion::Via(via)) = lead.lines[0].pull.as_ref().map(|f| &f.conversion) else {
        panic!()
    };
    assert_eq!(via.relationship, RelId(1));
    let QueryKind::Linked {
        relationship, from, ..
    } = &lead.queries[0].kind
    else {
        panic!()
    };
    assert_eq!((*relationship, *from), (RelId(0), Side::Left));
}

#[test]
fn a_cycle_that_or_null_breaks_is_no_finding() {
    let world = World::of(
        "sync marketing with crm
relationship Lead: lead <- Lead {
  match crm_id = Id
  crm_id <- Id
  account_id <- ConvertedContactId via Account
}
relationship Account: account <- Account {
  match crm_id = Id
  crm_id <- Id
  name <- text(linked(Lead, Id))
}",
    );
    let outcome = world.check();
    let order: Vec<_> = outcome
        .checked
        .program
        .iter()
        .flat_map(|p| &p.relationships)
        .map(|r| r.name.to_string())
        .collect();
    assert_eq!(order, ["Account", "Lead"]);
    assert!(!outcome.describe(&outcome.lint).contains("via-cycle"));
}

#[test]
fn a_write_back_against_the_arrow_is_marked() {
    let program = program(
        "sync marketing with crm
relationship Contact: many lead -> Contact {
  match email = Email
  crm_id <- Id
  crm_id -> Id on create
}",
    );
    let contact = &program.relationships[0];
    assert_eq!(contact.enabled, [true, false]);
    assert_eq!(contact.many, Some(Side::Left));
    assert!(contact.lines[0].pull.as_ref().is_some_and(|f| f.write_back));
    assert!(contact.lines[1].push.as_ref().is_some_and(|f| f.gives_id));
    assert!(!contact.directions[1].creates);
}

#[test]
fn settings_come_from_their_default_the_environment_and_the_command_line() {
    let rules = "sync marketing with crm
let LIMIT = 5
let TWICE = LIMIT * 2
let REGION = env(\"REGION\")
let SINCE: date or null = null
let OWNER: id or null = null
relationship Lead: lead -> Lead {
  match email = Email
  push when score > TWICE and company = REGION and (SINCE = null or birthday >= SINCE)
  push create set OwnerId = OWNER
}";
    let condition = |world: World| {
        let outcome = world.check();
        let found = outcome.describe(&outcome.checked.findings);
        let text = outcome
            .checked
            .program
            .map(|p| format!("{:?}", p.relationships[0].directions[0]));
        (text.unwrap_or(found), outcome.checked.notes)
    };
    let (text, notes) = condition(World::of(rules));
    assert!(
        text.contains("Int(10)") && text.contains("\"EU\"") && notes.is_empty(),
        "{text}"
    );
    let (text, notes) = condition(
        World::of(rules)
            .set("LIMIT", "1 + 1")
            .set("OWNER", "005A")
            .set("REGION", "US"),
    );
    assert!(
        text.contains("Int(4)") && text.contains("\"US\"") && text.contains("\"005A\""),
        "{text}"
    );
    assert_eq!(
        notes,
        [
            "--set REGION: `US` is taken as text",
            "--set OWNER: `005A` is taken as text"
        ]
    );
    let (text, _) = condition(World::of(rules).set("LIMIT", "\"x\""));
    assert_eq!(
        text,
        "E221 setting-type `\"x\"`: `LIMIT` is a number, and its value `\"x\"` is text [`5`: its default is here]\n"
    );
    let (text, _) = condition(World::of(rules).set("SINCE", "soon"));
    assert!(text.starts_with("E221 setting-type"), "{text}");
    let (text, _) = condition(World::of(rules).set("LIMT", "5"));
    assert_eq!(
        text,
        "E210 unknown-setting `5`: the program has no setting `LIMT` (did you mean `LIMIT`?)\n"
    );
}

#[test]
fn a_store_without_a_schema_is_counted_and_gives_no_program() {
    let mut world = World::of(
        "sync marketing with crm\nrelationship Lead: lead <-> Led {\n  match emial = Emial\n  first_name <-> Frst\n}",
    );
    world.right = None;
    let outcome = world.check();
    assert!(outcome.checked.program.is_none());
    assert_eq!(
        outcome.checked.not_checked,
        ["store `crm` has no schema: its objects and fields were not checked"]
    );
    let found = outcome.describe(&outcome.checked.findings);
    assert_eq!(
        found,
        "E203 unknown-field `emial`: `marketing.lead` has no field `emial` (did you mean `email`?)\n"
    );
    world.left = None;
    let outcome = world.check();
    assert_eq!(outcome.checked.not_checked.len(), 2);
    assert!(outcome.checked.findings.is_empty());
}

#[test]
fn files_are_one_program_in_any_order() {
    let (a, b) = (
        "sync marketing with crm\nlet A = 5\n",
        "sync marketing with crm\nrelationship Lead: lead -> Lead {\n  match email = Email\n  push when score > A\n}\n",
    );
    let hash = |first: &str, second: &str| {
        World::of(first)
            .file("b.sync", second)
            .check()
            .checked
            .program
            .map(|p| p.hash)
    };
    assert!(hash(a, b).is_some());
    assert_eq!(hash(a, b), hash(b, a));
    assert_ne!(hash(a, b), hash(&a.replace('5', "6"), b));
    let set = World::of(a)
        .file("b.sync", b)
        .set("A", "7")
        .check()
        .checked
        .program
        .map(|p| p.hash);
    assert_ne!(hash(a, b), set);
}

#[test]
fn options_of_another_kind_are_ignored_and_told() {
    let outcome = World::of(
        "sync marketing with crm
relationship Lead: lead <-> Lead {
  match email = Email
  push create with assignment_rule = \"Default\"
  pull create with assignment_rule = \"Default\"
}",
    )
    .check();
    let program = outcome.checked.program.expect("a program");
    let options = |d: usize| {
        program.relationships[0].directions[d].create[0]
            .options
            .len()
    };
    assert_eq!((options(0), options(1)), (1, 0));
    assert_eq!(
        outcome.checked.notes,
        ["the store `marketing` does not know the option `assignment_rule`, and ignores it"]
    );
}

#[test]
fn functions_that_nest_without_end_are_refused_and_nothing_overflows() {
    let mut text = String::from("sync marketing with crm\nfn f0(x) = x\n");
    for i in 1..60 {
        text += &format!("fn f{i}(x) = {}f{}(x)\n", "1 + ".repeat(200), i - 1);
    }
    text += &format!("let A = {}1\n", "1 + ".repeat(250));
    text += "relationship Lead: lead -> Lead {\n  match email = Email\n  f59(score) -> Lead_Score__c\n}\n";
    let outcome = World::of(&text).check();
    let codes: Vec<&str> = outcome
        .checked
        .findings
        .iter()
        .map(|f| f.code.name)
        .collect();
    assert!(
        !codes.is_empty() && codes.iter().all(|c| *c == "too-large"),
        "{codes:?}"
    );
    // The same by arguments inside of arguments.
    let call = (0..45).fold(String::from("score"), |inner, _| format!("deep({inner})"));
    let text = format!(
        "sync marketing with crm\nfn deep(x) = {}x\nrelationship Lead: lead -> Lead {{\n  match email = Email\n  {call} -> Lead_Score__c\n}}\n",
        "1 + ".repeat(150)
    );
    let outcome = World::of(&text).check();
    let codes: Vec<&str> = outcome
        .checked
        .findings
        .iter()
        .map(|f| f.code.name)
        .collect();
    assert_eq!(codes, ["too-large"]);
}
