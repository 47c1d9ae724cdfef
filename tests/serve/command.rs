//! `bilateral serve` as an operator meets it: a process on a port of this machine, stopped by a signal.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bilateral::ledger::{Identity, Ledger};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value as Json;
use sha2::Sha256;

use super::project::{Project, RULES};

/// Long, for machines that do much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// Until something holds; asks again and again.
#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(
            begin.elapsed() < PATIENCE,
            "{what}: not within {PATIENCE:?}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

struct Daemon {
    child: Child,
    address: String,
    said: Arc<Mutex<Vec<String>>>,
}

impl Daemon {
    /// On a free port; it listens when this returns.
    fn start(project: &Project, args: &[&str]) -> Daemon {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bilateral"))
            .current_dir(project.folder())
            .env("EVENT_SECRET", "open sesame")
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let said = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                lines.lock().unwrap().push(line);
            }
        });
        let mut daemon = Daemon {
            child,
            address: String::new(),
            said,
        };
        until("it listens", || {
            assert_eq!(daemon.child.try_wait().unwrap(), None, "{:?}", daemon.said);
            let address = daemon
                .logged("listening")
                .map(|line| line["address"].clone());
            daemon.address = address
                .and_then(|url| Some(url.as_str()?.strip_prefix("http://")?.to_owned()))
                .unwrap_or_default();
            !daemon.address.is_empty()
        });
        daemon
    }

    /// The lines of the log with this message.
    fn lines(&self, message: &str) -> Vec<Json> {
        let said = self.said.lock().unwrap();
        let lines = said
            .iter()
            .map(|line| serde_json::from_str::<Json>(line).unwrap());
        lines.filter(|line| line["message"] == message).collect()
    }

    fn logged(&self, message: &str) -> Option<Json> {
        self.lines(message).into_iter().next()
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Asks it to stop; its exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        let mut code = None;
        until("it stops", || {
            code = self.child.try_wait().unwrap().map(|status| status.code());
            code.is_some()
        });
        code.flatten()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn project(more: &str) -> Project {
    let project = Project::new();
    project.write("rules/people.sync", format!("{RULES}{more}"));
    project
}

fn identity() -> Identity {
    Identity {
        program: "people".into(),
        left: "shop".into(),
        right: "crm".into(),
    }
}

#[test]
fn a_schedule_runs_until_a_signal_stops_it() {
    for signal in ["-TERM", "-INT"] {
        let project = project("\nevery 1s sync Person\n");
        let daemon = Daemon::start(&project, &[]);
        let there = |mail: &str| {
            let query = format!("SELECT count(*) FROM contact WHERE mail = '{mail}'");
            project.value("crm.db", &query) == "1"
        };
        until("the first run is over", || there("ada@x.org"));
        project.sql(
            "shop.db",
            "INSERT INTO customer (last_name, email) VALUES ('Hamilton', 'margaret@x.org')",
        );
        until("a new customer went over", || there("margaret@x.org"));
        until("its run is over", || daemon.lines("ran").len() == 2);
        assert!(daemon.get("/healthz").starts_with("HTTP/1.1 200"));
        until("the page shows it", || {
            daemon.get("/").contains("every 1s sync Person")
        });
        assert!(daemon.get("/metrics").contains("bilateral_runs_total"));
        assert_eq!(daemon.stop(signal), Some(130), "{signal}");
        // Nothing is half done, and nothing is left to do.
        project.run(&["plan", "--detailed-exitcode"]).code(0);
        let status = project.run(&["status", "--format", "json"]).code(0).json();
        assert_eq!(status["unfinished"], Json::Null);
        let schedule = &status["schedules"][0];
        assert_eq!(schedule["schedule"], "every 1s sync Person");
        assert!(
            schedule["rule"]
                .as_str()
                .unwrap()
                .starts_with("rules/people.sync:")
        );
        assert_eq!(schedule["outcome"], "done");
        assert!(schedule["last_run"].as_str() < schedule["next_run"].as_str());
        assert!(
            status["relationships"][0]["cursors"][0]["lag_seconds"]
                .as_i64()
                .unwrap()
                < 60
        );
    }
}

#[test]
fn other_commands_get_in_between_runs() {
    let project = project("\nevery 1h sync Person\n");
    let daemon = Daemon::start(&project, &[]);
    until("the first run is over", || daemon.logged("ran").is_some());
    project.sql("shop.db", "UPDATE customer SET email = 'grace@x.org', updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = 2");
    let mut code = 75;
    until("the ledger is free", || {
        code = project.run(&["apply", "--yes"]).code;
        code != 75
    });
    assert_eq!(code, 0);
    assert_eq!(
        project.value(
            "crm.db",
            "SELECT count(*) FROM contact WHERE mail = 'grace@x.org'"
        ),
        "1"
    );
    assert_eq!(daemon.stop("-TERM"), Some(130));
}

#[test]
fn changed_rules_are_taken_over_and_wrong_ones_told() {
    let project = project("\nevery 1h sync Person\n");
    let daemon = Daemon::start(&project, &[]);
    project.write(
        "rules/people.sync",
        format!("{RULES}\nevery 1h sync Persn\n"),
    );
    let refused = "the files have changed and do not check: the rules from before go on";
    until("it refuses", || daemon.logged(refused).is_some());
    assert!(
        daemon
            .get("/readyz")
            .contains("\"refused\":\"the rules do not check: 1 error\"")
    );
    project.write(
        "rules/people.sync",
        format!("{RULES}\nevery 2h sync Person\n"),
    );
    until("it takes over", || {
        daemon.logged("the files were loaded anew").is_some()
    });
    until("the page shows it", || {
        daemon.get("/").contains("every 2h sync Person")
    });
    assert!(daemon.get("/readyz").contains("\"refused\":null"));
}

const TRIGGERS: &str = "
trigger signed_up on event signup when email != null {
  create crm.contact { last_name = name, mail = lower(email) }
}

trigger renamed on change customer when last_name != was(last_name) {
  push Person
}
";

/// Posts an event, signed with the secret of the environment; the status and the body of the answer.
fn post(daemon: &Daemon, name: &str, body: &str) -> (u16, Json) {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"open sesame").unwrap();
    mac.update(body.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let answer = daemon.ask(&format!(
        "POST /events/{name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Bilateral-Signature: sha256={digits}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, serde_json::from_str(body).unwrap())
}

#[test]
fn an_event_and_a_change_act_at_once() {
    let project = project(&format!("{TRIGGERS}\nevery 1d sync Person\n"));
    let stores = super::project::STORES;
    project.write(
        "stores.yaml",
        format!("{stores}secrets: {{ events: \"${{EVENT_SECRET}}\" }}\n"),
    );
    let daemon = Daemon::start(&project, &[]);
    until("the first run is over", || daemon.logged("ran").is_some());

    let body = "{\"name\":\"Hamilton\",\"email\":\"Margaret@x.org\"}";
    assert_eq!(post(&daemon, "signup", body).0, 202);
    let (status, answer) = post(&daemon, "signup", body);
    assert_eq!((status, answer["error"].as_str()), (409, Some("replay")));
    assert_eq!(post(&daemon, "sign-up", "{}").1["error"], "unknown-event");
    assert_eq!(post(&daemon, "signup", "{").1["error"], "not-json");
    let count = "SELECT count(*) FROM contact WHERE mail = 'margaret@x.org'";
    until("the event made a contact", || {
        project.value("crm.db", count) == "1"
    });

    let begin = Instant::now();
    project.sql("shop.db", "UPDATE customer SET last_name = 'King', updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = 1");
    let name = "SELECT last_name FROM contact WHERE mail = 'ada@x.org'";
    until("the change went over", || {
        project.value("crm.db", name) == "King"
    });
    println!("a change went over within {:?}", begin.elapsed());
    // Then it is quiet: what the daemon wrote itself does not make it run for ever.
    let runs = || {
        let metrics = daemon.get("/metrics");
        let line = metrics
            .lines()
            .find(|l| l.starts_with("bilateral_runs_total{lane=\"triggers\",outcome=\"done\"}"));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<u32>().ok())
            .unwrap_or(0)
    };
    assert!(runs() < 12, "{}", runs());

    let log = daemon.said.lock().unwrap().join("\n");
    for secret in ["open sesame", "argaret@x.org", "King", "Hamilton"] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
    assert_eq!(daemon.stop("-TERM"), Some(130));
    assert_eq!(project.value("crm.db", count), "1", "once");
}

#[test]
fn one_daemon_a_ledger_and_one_engine_at_a_time() {
    let project = project("\nevery 1h sync Person\n");
    let daemon = Daemon::start(&project, &[]);
    project
        .run(&["serve", "--listen", "127.0.0.1:0"])
        .refused(75, &["another engine holds the ledger"]);
    assert_eq!(daemon.stop("-TERM"), Some(130));
    let held = Ledger::open(&project.path("ledger.db"), &identity()).unwrap();
    project
        .run(&["serve", "--listen", "127.0.0.1:0"])
        .refused(75, &["another engine holds the ledger"]);
    drop(held);
}

#[test]
fn a_port_in_use_is_told() {
    let project = project("\nevery 1h sync Person\n");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    project
        .run(&["serve", "--listen", &address])
        .refused(69, &[&address, "something else listens there", "--listen"]);
    // Nothing has run.
    assert_eq!(project.value("crm.db", "SELECT count(*) FROM contact"), "1");
    project
        .run(&["serve", "--listen", "nowhere"])
        .refused(64, &["--listen"]);
    project
        .run(&["serve", "--listen", "203.0.113.1:8420"])
        .refused(69, &["no such address"]);
    project
        .run(&["serve", "--rate", "0"])
        .refused(64, &["--rate"]);
}

#[test]
fn what_is_wrong_from_the_start_is_told_with_its_code() {
    let project = project("\nevery 1h sync Persn\n");
    let none = ["serve", "--listen", "127.0.0.1:0"];
    project.run(&none).refused(65, &["Persn"]);
    project.write("rules/people.sync", RULES);
    project.write(
        "stores.yaml",
        super::project::STORES.to_owned() + "secrets: { events: \"\" }\n",
    );
    project.run(&none).refused(78, &["secrets.events", "empty"]);
    project.write(
        "stores.yaml",
        super::project::STORES.replace("shop.db", "nowhere.db"),
    );
    project.run(&none).refused(69, &["nowhere.db"]);
    project
        .run(&["serve", "--rules", "elsewhere"])
        .refused(66, &["elsewhere"]);
}
