//! Triggers: what fires them, once, and what their firings do (language reference, 8).

use std::sync::{Arc, Mutex};

use bilateral::apply::post::{Answer, Message, Poster};
use bilateral::apply::{Options, Outcome};
use bilateral::ledger::{Added, Inbox, NewEvent, Selection};
use bilateral::plan::Request;

use super::world::{Shown, World, world};

const LEFT: &str = "
  CREATE TABLE lead(id INTEGER PRIMARY KEY, crm_id TEXT, email TEXT, name TEXT, score INTEGER, note TEXT, seen INTEGER, STAMP);
  CREATE TABLE click(id INTEGER PRIMARY KEY, lead INTEGER, campaign TEXT, kind TEXT, STAMP);
  INSERT INTO lead(id, email, name, score) VALUES (1, 'ada@x.org', 'Ada', 50), (2, 'ben@x.org', 'Ben', 120);";
const RIGHT: &str = "
  CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, Name TEXT, Status TEXT, STAMP);
  CREATE TABLE Task(Id TEXT PRIMARY KEY, Who TEXT, Subject TEXT NOT NULL, Due TEXT, STAMP);
  CREATE TABLE Member(Id TEXT PRIMARY KEY, Campaign TEXT NOT NULL, Who TEXT NOT NULL, Status TEXT, STAMP);";
const PERSON: &str = "
  relationship Person: lead <-> Contact {
    match crm_id = Id
    match lower(email) = lower(Email)
    crm_id <- Id
    email <-> Email
    name <-> Name
  }\n";

fn leads(triggers: &str) -> World {
    world(LEFT, RIGHT, &format!("{PERSON}{triggers}"))
}

/// Answers as told, and keeps what was posted.
#[derive(Default)]
struct Receiver {
    posts: Mutex<Vec<Message>>,
    status: Mutex<u16>,
}

impl Receiver {
    fn answering(status: u16) -> Arc<Receiver> {
        Arc::new(Receiver {
            status: Mutex::new(status),
            ..Receiver::default()
        })
    }
    fn answer(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }
    fn bodies(&self) -> Vec<String> {
        let posts = self.posts.lock().unwrap();
        posts.iter().map(|p| p.body.clone()).collect()
    }
    fn keys(&self) -> Vec<String> {
        let posts = self.posts.lock().unwrap();
        posts.iter().map(|p| p.key.clone()).collect()
    }
}

impl Poster for Receiver {
    fn post(&self, message: &Message) -> Answer {
        self.posts.lock().unwrap().push(message.clone());
        Answer::Status(*self.status.lock().unwrap(), String::new())
    }
}

fn apply_with(w: &World, poster: &Arc<Receiver>) -> Outcome {
    let options = Options {
        poster: poster.clone(),
        ..World::options()
    };
    w.try_apply(&World::request(), &options, &mut Shown::default())
        .unwrap()
}

fn post_event(w: &World, name: &str, key: &str, body: &str) -> Added {
    let inbox = Inbox::open(&w.ledger_path()).unwrap();
    let at = chrono::Utc::now();
    inbox
        .add(&NewEvent {
            name,
            key,
            body,
            at,
        })
        .unwrap()
}

const HOT: &str = "
  trigger hot on change lead when score >= 100 and was(score) < 100 {
    create right.Task { Who = linked(Person), Subject = \"Call {name}\", Due = today() + 1d }
  }\n";

#[test]
fn a_change_fires_once_and_the_first_read_fires_nothing() {
    let w = leads(HOT);
    w.settle();
    assert!(w.rows("right", "SELECT * FROM Task").is_empty());
    w.edit("left", "lead", "score = 110", "id = 1");
    let shown = w.plan();
    let task = &shown.operations()[0];
    assert_eq!((task.kind.word(), task.object.as_str()), ("create", "Task"));
    w.settle();
    let look = "SELECT t.Subject, c.Name FROM Task t JOIN Contact c ON c.Id = t.Who";
    assert_eq!(w.rows("right", look), ["Call Ada|Ada"]);
    // Hotter still: its condition compares with the value before.
    w.edit("left", "lead", "score = 130", "id = 1");
    w.edit("left", "lead", "score = 140", "id = 2");
    w.settle();
    assert_eq!(w.rows("right", "SELECT Subject FROM Task").len(), 1);
    // Cooled down and hot again: another firing.
    w.edit("left", "lead", "score = 10", "id = 1");
    w.settle();
    w.edit("left", "lead", "score = 100", "id = 1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT Subject FROM Task").len(), 2);
}

#[test]
fn a_plan_writes_nothing_and_says_why() {
    let w = leads(HOT);
    w.settle();
    w.edit("left", "lead", "score = 110", "id = 1");
    let before = w.read_ledger().generation().unwrap();
    for _ in 0..2 {
        let (shown, summary) = w.plan_with(&World::request());
        let lines = shown.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].starts_with("push create Task {Who:  -> "),
            "{lines:?}"
        );
        assert!(shown.units.iter().any(|unit| unit.step.is_some()));
        let last = summary.relationships.last().unwrap();
        assert_eq!(last.directions[0].create, 1);
    }
    assert_eq!(w.read_ledger().generation().unwrap(), before);
}

#[test]
fn creates_and_deletes_fire_each_their_own() {
    let w = leads(
        "trigger born on create lead { create right.Task { Subject = \"new {name}\" } }
         trigger gone on delete lead { create right.Task { Subject = \"gone {id} {name}\" } }
         trigger moved on change right.Contact { create right.Task { Subject = \"contact {Name}\" } }\n",
    );
    w.settle();
    w.sql(
        "left",
        "INSERT INTO lead(id, email, name) VALUES (3, 'cy@x.org', 'Cy')",
    );
    w.settle();
    let look = "SELECT Subject FROM Task ORDER BY Subject";
    assert_eq!(w.rows("right", look), ["new Cy"]);
    w.edit("right", "Contact", "Name = 'Cyrus'", "Email = 'cy@x.org'");
    w.settle();
    assert_eq!(w.rows("right", look), ["contact Cyrus", "new Cy"]);
    w.sql("left", "DELETE FROM lead WHERE id = 3");
    w.full_settle();
    assert_eq!(
        w.rows("right", look),
        ["contact Cyrus", "gone 3 Cyrus", "new Cy"]
    );
}

#[test]
fn a_record_of_a_table_without_stamps_fires_when_any_field_changes() {
    let w = world(
        "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, n INTEGER); INSERT INTO item VALUES (1, 'a', 0);",
        "CREATE TABLE Log(Id TEXT PRIMARY KEY, Text TEXT, STAMP);",
        "trigger changed on change item {
           create right.Log { Text = name }
           set n = n + 1
         }
         trigger gone on delete item {
           create right.Log { Text = \"gone {name}\" }
         }",
    );
    w.settle();
    w.sql("left", "UPDATE item SET name = 'b'");
    w.settle();
    assert_eq!(w.rows("right", "SELECT Text FROM Log"), ["b"]);
    assert_eq!(w.rows("left", "SELECT n FROM item"), ["1"]);
    w.sql("left", "UPDATE item SET name = 'a'");
    w.settle();
    w.sql("left", "DELETE FROM item");
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Text FROM Log ORDER BY Text"),
        ["a", "b", "gone a"]
    );
}

const CLICKS: &str = "
  trigger clicked on create click when kind = \"click\" {
    upsert right.Member(Campaign = campaign, Who = linked(Person, lead)) { Status = \"responded {id}\" }
  }\n";

#[test]
fn an_upsert_never_makes_a_second_record() {
    let w = leads(CLICKS);
    w.settle();
    // Two clicks of one person in one run, and one of another.
    w.sql(
        "left",
        "INSERT INTO click(id, lead, campaign, kind) VALUES (1, 1, 'c', 'click'), (2, 1, 'c', 'click'), (3, 2, 'c', 'click'), (4, 2, 'c', 'open')",
    );
    w.settle();
    let look = "SELECT m.Campaign, c.Name, m.Status FROM Member m JOIN Contact c ON c.Id = m.Who ORDER BY c.Name";
    assert_eq!(
        w.rows("right", look),
        ["c|Ada|responded 2", "c|Ben|responded 3"]
    );
    w.sql(
        "left",
        "INSERT INTO click(id, lead, campaign, kind) VALUES (5, 1, 'c', 'click')",
    );
    let lines = w.plan().lines();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("push update Member"), "{lines:?}");
    w.settle();
    assert_eq!(w.rows("right", look)[0], "c|Ada|responded 5");
}

#[test]
fn many_firings_on_one_record_all_come_in_their_order() {
    let w = leads(CLICKS);
    w.settle();
    let rows: Vec<String> = (1..=30)
        .map(|i| format!("({i}, 1, 'c', 'click')"))
        .collect();
    w.sql(
        "left",
        &format!(
            "INSERT INTO click(id, lead, campaign, kind) VALUES {}",
            rows.join(", ")
        ),
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Status FROM Member"),
        ["responded 30"]
    );
    assert_eq!(w.read_ledger().count_open_firings().unwrap(), 0);
}

#[test]
fn a_key_that_is_not_there_yet_makes_the_firing_wait() {
    let w = leads(CLICKS);
    w.settle();
    w.sql("left", "INSERT INTO click(id, lead, campaign, kind) VALUES (1, 9, 'c', 'click'), (2, 1, NULL, 'click')");
    w.settle();
    assert!(w.rows("right", "SELECT * FROM Member").is_empty());
    assert_eq!(
        w.held_lines(),
        [
            "click 1 [Who]: the key `Who` of right.Member is a record that is not linked in Person yet",
            "click 2 [Campaign]: the key `Campaign` of right.Member is blank",
        ]
    );
    // Both come, one by a link and one by an edit; nothing else changes.
    w.sql(
        "left",
        "INSERT INTO lead(id, email, name) VALUES (9, 'ida@x.org', 'Ida')",
    );
    w.edit("left", "click", "campaign = 'd'", "id = 2");
    w.settle();
    assert_eq!(
        w.rows(
            "right",
            "SELECT Campaign, Status FROM Member ORDER BY Campaign"
        ),
        ["c|responded 1", "d|responded 2"]
    );
    assert!(w.held_lines().is_empty());
}

#[test]
fn a_key_that_finds_several_is_an_error_and_is_tried_again() {
    let w = leads(CLICKS);
    w.settle();
    w.sql(
        "right",
        "INSERT INTO Member(Id, Campaign, Who) SELECT 'a', 'c', Id FROM Contact WHERE Name = 'Ada' UNION SELECT 'b', 'c', Id FROM Contact WHERE Name = 'Ada'",
    );
    w.sql(
        "left",
        "INSERT INTO click(id, lead, campaign, kind) VALUES (1, 1, 'c', 'click')",
    );
    let outcome = w.apply();
    assert_eq!(outcome.failed, 1);
    assert!(
        w.failures()[0].contains("2 records of `Member` have the key"),
        "{:?}",
        w.failures()
    );
    w.assert_settled();
    w.sql("right", "DELETE FROM Member WHERE Id = 'b'");
    w.assert_settled();
    {
        let identity = World::identity();
        let mut ledger = bilateral::ledger::Ledger::open(&w.ledger_path(), &identity).unwrap();
        assert_eq!(ledger.retry(&Selection::default()).unwrap(), 1);
    }
    w.settle();
    assert!(w.failures().is_empty());
    assert_eq!(
        w.rows("right", "SELECT Status FROM Member"),
        ["responded 1"]
    );
}

#[test]
fn a_dismissed_failure_is_never_acted_on() {
    let w = leads(
        "trigger t on create lead {\n update right.Contact(Email = email) { Status = \"{1 / (id - 3)}\" }\n}\n",
    );
    w.settle();
    w.sql(
        "left",
        "INSERT INTO lead(id, email, name) VALUES (3, 'ada@x.org', 'Ada 2')",
    );
    assert!(w.apply().failed >= 1);
    let identity = World::identity();
    let mut ledger = bilateral::ledger::Ledger::open(&w.ledger_path(), &identity).unwrap();
    ledger.dismiss(&Selection::default()).unwrap();
    drop(ledger);
    assert!(w.plan().failures.is_empty());
}

#[test]
fn a_set_does_not_fire_again_and_neither_does_done() {
    let w = world(
        LEFT,
        RIGHT,
        "relationship Person: lead -> Contact {\n match crm_id = Id\n crm_id <- Id\n email -> Email\n name -> Name\n push done set seen = 1\n}
         trigger count on change lead {\n set score = score + 1, note = \"{note}x\"\n}\n",
    );
    w.settle();
    assert_eq!(w.rows("left", "SELECT seen FROM lead"), ["1", "1"]);
    let counts = "SELECT score, note FROM lead ORDER BY id";
    // The ids that came back with the first run are changes of the records like any other.
    let before = w.rows("left", counts);
    w.edit("left", "lead", "name = 'Ada L'", "id = 1");
    w.settle();
    let after = w.rows("left", counts);
    assert_eq!(after[1], before[1]);
    let score = |row: &str| row.split('|').next().unwrap().parse::<i64>().unwrap();
    assert_eq!(score(&after[0]), score(&before[0]) + 1);
}

#[test]
fn actions_go_in_order_and_stop_where_one_fails() {
    let w = leads(
        "trigger t on create click {
           create right.Task { Subject = \"first {id}\" }
           update right.Contact(Email = campaign) { Status = \"{10 / lead}\" }
           create right.Task { Subject = \"last {id}\" } when kind = \"b\"
         }\n",
    );
    w.settle();
    w.sql(
        "left",
        "INSERT INTO click(id, lead, campaign, kind) VALUES (1, 0, 'ada@x.org', 'b'), (2, 5, 'ben@x.org', 'b'), (3, 2, 'nobody', 'a')",
    );
    let outcome = w.apply();
    assert_eq!(outcome.failed, 1, "{:?}", w.failures());
    let tasks = "SELECT Subject FROM Task ORDER BY Subject";
    assert_eq!(
        w.rows("right", tasks),
        ["first 1", "first 2", "first 3", "last 2"]
    );
    assert_eq!(
        w.rows("right", "SELECT Status FROM Contact ORDER BY Name"),
        ["null", "2"]
    );
    w.assert_settled();
    // Once mended, it goes on where it stopped.
    w.edit("left", "click", "lead = 2", "id = 1");
    {
        let identity = World::identity();
        let mut ledger = bilateral::ledger::Ledger::open(&w.ledger_path(), &identity).unwrap();
        ledger.retry(&Selection::default()).unwrap();
    }
    w.settle();
    assert_eq!(
        w.rows("right", tasks),
        ["first 1", "first 2", "first 3", "last 1", "last 2"]
    );
    assert_eq!(
        w.rows("right", "SELECT Status FROM Contact ORDER BY Name"),
        ["5", "2"]
    );
}

#[test]
fn a_record_that_fires_goes_through_its_relationship() {
    let w = leads("trigger now on change lead {\n push Person\n}\n");
    w.settle();
    w.edit("left", "lead", "name = 'Ada L'", "id = 1");
    w.edit("left", "lead", "name = 'Ben L'", "id = 2");
    // Asked for the triggers alone: nothing else brings the names over.
    let mut stores = w.stores();
    let only: Vec<_> = w.program(&mut stores).trigger_ids().collect();
    let request = Request {
        only,
        ..World::request()
    };
    let (shown, _) = w.plan_with(&request);
    assert_eq!(shown.lines().len(), 2, "{:?}", shown.lines());
    w.try_apply(&request, &World::options(), &mut Shown::default())
        .unwrap();
    assert_eq!(
        w.rows("right", "SELECT Name FROM Contact ORDER BY Name"),
        ["Ada L", "Ben L"]
    );
    w.settle();
    // In a run of everything the relationship has it planned already.
    w.edit("left", "lead", "name = 'Ada M'", "id = 1");
    assert_eq!(w.plan().lines().len(), 1);
    w.settle();
}

#[test]
fn an_event_fires_once_with_its_members() {
    let w = leads(
        "trigger form on event form when email is not empty {
           upsert left.lead(email = email) { name = person.name, score = points }
         }\n",
    );
    w.settle();
    let body = r#"{"email":"ada@x.org","person":{"name":"Ada L"},"points":7}"#;
    assert_eq!(post_event(&w, "form", "1", body), Added::New);
    assert_eq!(post_event(&w, "form", "1", body), Added::Known);
    assert_eq!(
        post_event(&w, "form", "2", r#"{"email":"cy@x.org","points":1}"#),
        Added::New
    );
    assert_eq!(post_event(&w, "form", "3", r#"{"points":1}"#), Added::New);
    let lines = w.plan().lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    w.settle();
    let look = "SELECT email, name, score FROM lead ORDER BY email";
    assert_eq!(
        w.rows("left", look),
        ["ada@x.org|Ada L|7", "ben@x.org|Ben|120", "cy@x.org|null|1"]
    );
    assert_eq!(post_event(&w, "form", "2", body), Added::Known);
    w.assert_settled();
}

const WEBINAR: &str = "
  trigger webinar on create click when kind = \"form\" {
    post \"https://webinars.example/{campaign}\" { who = lead, name = lookup left.lead(id = lead).name, at = now() }
    set kind = \"told\"
  }\n";

#[test]
fn a_post_that_was_taken_is_never_repeated() {
    let w = leads(WEBINAR);
    w.settle();
    let receiver = Receiver::answering(204);
    w.sql(
        "left",
        "INSERT INTO click(id, lead, campaign, kind) VALUES (1, 1, 'c', 'form')",
    );
    let shown = w.plan();
    let post = shown.operations()[0];
    assert_eq!(
        (post.kind.word(), post.object.as_str()),
        ("action", "https://webinars.example/c")
    );
    apply_with(&w, &receiver);
    apply_with(&w, &receiver);
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 1);
    assert!(
        bodies[0].starts_with(r#"{"who":1,"name":"Ada","at":""#),
        "{bodies:?}"
    );
    assert_eq!(w.rows("left", "SELECT kind FROM click"), ["told"]);
    w.assert_settled();
}

#[test]
fn a_post_that_was_refused_waits_for_its_time_and_goes_with_the_same_key() {
    let w = leads(WEBINAR);
    w.settle();
    let receiver = Receiver::answering(503);
    w.sql(
        "left",
        "INSERT INTO click(id, lead, campaign, kind) VALUES (1, 1, 'c', 'form')",
    );
    assert_eq!(apply_with(&w, &receiver).failed, 1);
    assert_eq!(w.failures(), ["click 1 : the receiver answered 503"]);
    assert_eq!(w.rows("left", "SELECT kind FROM click"), ["form"]);
    receiver.answer(200);
    // Not before its time.
    apply_with(&w, &receiver);
    assert_eq!(receiver.bodies().len(), 1);
    let later = Request {
        now: chrono::Utc::now() + chrono::TimeDelta::minutes(2),
        ..World::request()
    };
    let options = Options {
        poster: receiver.clone(),
        ..World::options()
    };
    w.try_apply(&later, &options, &mut Shown::default())
        .unwrap();
    let keys = receiver.keys();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    assert!(w.failures().is_empty());
    assert_eq!(w.rows("left", "SELECT kind FROM click"), ["told"]);
    w.assert_settled();
}

#[test]
fn a_post_whose_answer_was_lost_goes_again_with_the_same_key() {
    let w = leads(WEBINAR);
    w.settle();
    let receiver = Receiver::answering(200);
    w.sql(
        "left",
        "INSERT INTO click(id, lead, campaign, kind) VALUES (1, 1, 'c', 'form')",
    );
    let before = w.path("ledger_before");
    std::fs::copy(w.ledger_path(), &before).unwrap();
    apply_with(&w, &receiver);
    // As if the process had died before the answer was noted: the batch is sent, and no more is known.
    let connection = rusqlite::Connection::open(w.ledger_path()).unwrap();
    connection
        .execute_batch(
            "UPDATE runs SET state = 'running', finished_at = NULL WHERE number = (SELECT max(number) FROM runs);
             DELETE FROM batches WHERE number > (SELECT min(number) FROM batches WHERE run = (SELECT max(number) FROM runs));
             UPDATE batches SET state = 'sent' WHERE run = (SELECT max(number) FROM runs);
             DELETE FROM results WHERE batch = (SELECT max(number) FROM batches);
             UPDATE firings SET next = 0, state = 'open';",
        )
        .unwrap();
    drop(connection);
    apply_with(&w, &receiver);
    let keys = receiver.keys();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    apply_with(&w, &receiver);
    assert_eq!(receiver.keys().len(), 2);
}

#[test]
fn a_create_whose_answer_was_lost_is_found_and_not_made_twice() {
    let w =
        leads("trigger t on create click {\n create right.Task { Subject = \"click {id}\" }\n}\n");
    w.settle();
    w.sql("left", "INSERT INTO click(id, lead) VALUES (1, 1), (2, 1)");
    w.apply();
    let connection = rusqlite::Connection::open(w.ledger_path()).unwrap();
    connection
        .execute_batch(
            "UPDATE runs SET state = 'running', finished_at = NULL WHERE number = (SELECT max(number) FROM runs);
             UPDATE batches SET state = 'sent' WHERE run = (SELECT max(number) FROM runs);
             DELETE FROM results WHERE batch IN (SELECT number FROM batches WHERE run = (SELECT max(number) FROM runs));
             UPDATE firings SET next = 0, state = 'open';",
        )
        .unwrap();
    drop(connection);
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Subject FROM Task ORDER BY Subject"),
        ["click 1", "click 2"]
    );
}

#[test]
fn a_failed_run_fires_once() {
    let w = leads(
        "trigger alarm on run failed {\n post \"https://ops.example/alarm\" { run = run, failed = failed, what = message }\n}
         trigger t on create click {\n create right.Task { Subject = \"{10 / lead}\" }\n}\n",
    );
    let receiver = Receiver::answering(200);
    apply_with(&w, &receiver);
    w.sql("left", "INSERT INTO click(id, lead) VALUES (1, 0)");
    let outcome = apply_with(&w, &receiver);
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let json: serde_json::Value = serde_json::from_str(&bodies[0]).unwrap();
    assert_eq!(json["run"], outcome.run.as_str());
    assert_eq!(
        (json["failed"].as_i64(), json["what"].as_str()),
        (Some(1), Some("1 record failed"))
    );
    apply_with(&w, &receiver);
    assert_eq!(receiver.bodies().len(), 1);
}

#[test]
fn a_run_that_a_store_broke_off_is_told_too() {
    let w = leads(
        "trigger alarm on run failed {\n post \"https://ops.example/alarm\" { what = message }\n}\n",
    );
    let receiver = Receiver::answering(200);
    apply_with(&w, &receiver);
    let mut stores = w.stores();
    let program = w.program(&mut stores);
    w.sql("right", "ALTER TABLE Contact RENAME TO Person");
    let mut ledger = bilateral::ledger::Ledger::open(&w.ledger_path(), &World::identity()).unwrap();
    let options = Options {
        poster: receiver.clone(),
        ..World::options()
    };
    let refused = bilateral::apply::run(
        &program,
        &mut stores,
        &mut ledger,
        &World::request(),
        &options,
        &mut Shown::default(),
    );
    assert!(refused.is_err());
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains("right"), "{bodies:?}");
}

#[test]
fn undo_takes_back_what_actions_made_and_the_firing_stays_done() {
    let w = leads(HOT);
    w.settle();
    w.edit("left", "lead", "score = 110", "id = 1");
    let run = w.apply().run;
    assert_eq!(w.rows("right", "SELECT Subject FROM Task"), ["Call Ada"]);
    w.undo(&run);
    assert!(w.rows("right", "SELECT Subject FROM Task").is_empty());
    w.assert_settled();
}

#[test]
fn why_tells_what_became_of_a_firing() {
    let w = leads(&format!("{HOT}{CLICKS}"));
    w.settle();
    let why = |table: &str, id: i64| -> Vec<String> {
        let request = Request {
            explain: Some((
                bilateral::program::Side::Left,
                table.into(),
                bilateral::value::Value::Int(id),
            )),
            ..World::request()
        };
        let (shown, _) = w.plan_with(&request);
        let first = shown.decisions.iter().map(|d| d.text.clone());
        first
            .filter(|t| t.contains("fired") || t.contains("when"))
            .collect()
    };
    assert_eq!(why("lead", 1), ["its `when` does not hold: score = 50"]);
    w.edit("left", "lead", "score = 110", "id = 1");
    w.sql(
        "left",
        "INSERT INTO click(id, lead, campaign, kind) VALUES (1, 9, 'c', 'click')",
    );
    w.apply();
    assert!(
        why("lead", 1)[0].ends_with(": done"),
        "{:?}",
        why("lead", 1)
    );
    assert!(why("click", 1)[0].ends_with(": waits at action 1 of 1"));
}
