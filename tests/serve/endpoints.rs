//! What the endpoints answer, without a network.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use bilateral::ledger::Inbox;
use bilateral::serve::{BODY_LIMIT, Board, Clock, Door, Fields, Level, Log, Metrics, router};
use bilateral::store::config::Secret;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value as Json;
use sha2::Sha256;
use tower::ServiceExt;

use super::world::noon;

const SECRET: &str = "open sesame";

struct Hand(Mutex<DateTime<Utc>>);

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

#[derive(Default)]
struct Heard(Mutex<String>);

impl Log for Heard {
    fn say(&self, _level: Level, message: &str, fields: Fields<'_>) {
        self.0
            .lock()
            .unwrap()
            .push_str(&format!("{message} {fields:?}\n"));
    }
}

/// The endpoints of a daemon whose rules know the events `form` and `click`.
struct Site {
    folder: tempfile::TempDir,
    router: Router,
    board: Arc<Board>,
    clock: Arc<Hand>,
    rung: Arc<AtomicU32>,
    heard: Arc<Heard>,
}

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Refused with this status and code, and a message that has the words.
    #[track_caller]
    fn refused(&self, status: u16, code: &str, words: &[&str]) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/json");
        let json = self.json();
        assert_eq!(json["error"], code);
        for word in words {
            assert!(json["message"].as_str().unwrap().contains(word), "{json}");
        }
    }
}

impl Site {
    fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(&folder.path().join("ledger.db")).unwrap();
        let board = Arc::new(Board::default());
        {
            let mut notes = board.write();
            notes.events = vec!["form".into(), "click".into()];
            notes.secret = Some(Secret::new(SECRET));
        }
        let clock = Arc::new(Hand(Mutex::new(noon())));
        let (rung, heard) = (Arc::new(AtomicU32::new(0)), Arc::new(Heard::default()));
        let ring = Arc::clone(&rung);
        let door = Door::new(
            Arc::clone(&board),
            Arc::new(Metrics::default()),
            inbox,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::clone(&heard) as Arc<dyn Log>,
            50,
            Arc::new(move || {
                ring.fetch_add(1, Ordering::SeqCst);
            }),
        );
        Site {
            router: router(door),
            folder,
            board,
            clock,
            rung,
            heard,
        }
    }

    fn pass(&self, time: TimeDelta) {
        *self.clock.0.lock().unwrap() += time;
    }

    fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            Answer {
                status: parts.status,
                headers: parts.headers,
                text: String::from_utf8(bytes.to_vec()).unwrap(),
            }
        })
    }

    fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], Body::empty())
    }

    fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.ask(Method::POST, path, headers, Body::from(body.to_owned()))
    }

    /// With the token.
    fn told(&self, path: &str, body: &str) -> Answer {
        self.post(
            path,
            &[("authorization", &format!("Bearer {SECRET}"))],
            body,
        )
    }

    fn inbox(&self) -> Vec<(String, String)> {
        let inbox = Inbox::find(&self.folder.path().join("ledger.db"))
            .unwrap()
            .unwrap();
        let events = inbox.events(0, 1000).unwrap();
        events
            .into_iter()
            .map(|event| (event.name.to_string(), event.body))
            .collect()
    }
}

fn signature(text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

#[test]
fn an_event_is_stored_when_it_is_answered() {
    let site = Site::new();
    let answer = site.told("/events/form", "{ \"email\": \"ada@x.org\" }");
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.json()["event"], "form");
    assert_eq!(
        site.inbox(),
        [("form".to_owned(), "{ \"email\": \"ada@x.org\" }".to_owned())]
    );
    assert_eq!(site.rung.load(Ordering::SeqCst), 1, "the loop is told");
    // With a token and no key every post is an event of its own.
    site.told("/events/form", "{ \"email\": \"ada@x.org\" }");
    assert_eq!(site.inbox().len(), 2);
}

#[test]
fn a_signed_event_is_taken_once() {
    let site = Site::new();
    let signed = signature("{}");
    let headers = [("x-bilateral-signature", signed.as_str())];
    assert_eq!(
        site.post("/events/form", &headers, "{}").status,
        StatusCode::ACCEPTED
    );
    let again = site.post("/events/form", &headers, "{}");
    again.refused(409, "replay", &["taken before", "X-Bilateral-Timestamp"]);
    // Who overheard it can't send it under a key of their own.
    let other = [headers[0], ("idempotency-key", "another")];
    site.post("/events/form", &other, "{}")
        .refused(409, "replay", &[]);
    assert_eq!(site.inbox().len(), 1);
    assert_eq!(site.rung.load(Ordering::SeqCst), 1);
    // An event of another name is another event.
    assert_eq!(
        site.post("/events/click", &headers, "{}").status,
        StatusCode::ACCEPTED
    );
}

#[test]
fn a_timestamp_makes_equal_bodies_different_events() {
    let site = Site::new();
    let post = |second: i64| {
        let timestamp = (noon() + TimeDelta::seconds(second))
            .timestamp()
            .to_string();
        let signed = signature(&format!("{timestamp}.{{}}"));
        let headers = [
            ("x-bilateral-signature", signed.as_str()),
            ("x-bilateral-timestamp", timestamp.as_str()),
        ];
        site.post("/events/form", &headers, "{}")
    };
    assert_eq!(post(0).status, StatusCode::ACCEPTED);
    assert_eq!(post(1).status, StatusCode::ACCEPTED);
    post(1).refused(409, "replay", &[]);
    post(-600).refused(401, "old-timestamp", &["five minutes"]);
    post(600).refused(401, "old-timestamp", &[]);
    assert_eq!(site.inbox().len(), 2);
}

#[test]
fn a_key_makes_a_retry_the_same_event() {
    let site = Site::new();
    let token = format!("Bearer {SECRET}");
    let post = |key: &str, body: &str| {
        let headers = [("authorization", token.as_str()), ("idempotency-key", key)];
        site.post("/events/form", &headers, body)
    };
    assert_eq!(post("order-7", "{}").status, StatusCode::ACCEPTED);
    post("order-7", "{\"a\":1}").refused(409, "replay", &[]);
    assert_eq!(post("order-8", "{}").status, StatusCode::ACCEPTED);
    post(&"k".repeat(201), "{}").refused(400, "wrong-key", &["200"]);
    post("", "{}").refused(400, "wrong-key", &[]);
    assert_eq!(site.inbox().len(), 2);
}

#[test]
fn who_does_not_know_the_secret_is_turned_away() {
    let site = Site::new();
    site.post("/events/form", &[], "{}").refused(
        401,
        "no-proof",
        &["Bearer", "X-Bilateral-Signature"],
    );
    let wrong = [("authorization", "Bearer open sesam")];
    let answer = site.post("/events/form", &wrong, "{}");
    answer.refused(401, "wrong-token", &[]);
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    let wrong = signature("{} ");
    let wrong = [("x-bilateral-signature", wrong.as_str())];
    site.post("/events/form", &wrong, "{}")
        .refused(401, "wrong-signature", &["HMAC-SHA-256"]);
    // A right token does not make up for a wrong signature.
    let token = format!("Bearer {SECRET}");
    let both = [wrong[0], ("authorization", token.as_str())];
    site.post("/events/form", &both, "{}")
        .refused(401, "wrong-signature", &[]);
    site.board.write().secret = None;
    site.told("/events/form", "{}")
        .refused(403, "events-off", &["secrets"]);
    assert_eq!(site.inbox(), []);
    assert_eq!(site.rung.load(Ordering::SeqCst), 0);
}

#[test]
fn those_who_guess_are_slowed_down_and_nobody_else() {
    let site = Site::new();
    let guess = || site.post("/events/form", &[("authorization", "Bearer x")], "{}");
    let told = (0..100)
        .filter(|_| guess().status == StatusCode::UNAUTHORIZED)
        .count();
    assert_eq!(told, 20);
    let answer = guess();
    answer.refused(429, "too-many", &[]);
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(site.told("/events/form", "{}").status, StatusCode::ACCEPTED);
    site.pass(TimeDelta::seconds(1));
    assert_eq!(guess().status, StatusCode::UNAUTHORIZED);
}

#[test]
fn more_events_than_the_rate_are_put_off() {
    let site = Site::new();
    let taken = (0..230)
        .filter(|_| site.told("/events/form", "{}").status == StatusCode::ACCEPTED)
        .count();
    assert_eq!(taken, 200);
    site.told("/events/form", "{}")
        .refused(429, "too-many", &["wait"]);
    assert_eq!(site.inbox().len(), 200);
    site.pass(TimeDelta::seconds(1));
    assert_eq!(site.told("/events/form", "{}").status, StatusCode::ACCEPTED);
}

#[test]
fn an_unknown_name_is_told_with_those_that_there_are() {
    let site = Site::new();
    site.told("/events/froms", "{}")
        .refused(404, "unknown-event", &["`froms`", "form, click"]);
    site.told("/events/", "{}")
        .refused(404, "not-found", &["/events/NAME"]);
    site.told("/events/a/b", "{}")
        .refused(404, "not-found", &[]);
    site.told("/events/%00%3Cscript%3E", "{}")
        .refused(404, "unknown-event", &[]);
    let long = format!("/events/{}", "n".repeat(5000));
    let answer = site.told(&long, "{}");
    answer.refused(404, "unknown-event", &[]);
    assert!(answer.text.len() < 1000, "{}", answer.text.len());
    assert_eq!(site.inbox(), []);
    // Names that nobody knows make no metric of their own.
    let metrics = site.get("/metrics").text;
    assert!(
        metrics.contains("bilateral_events_total{event=\"\",code=\"404\"} 3"),
        "{metrics}"
    );
    assert!(!metrics.contains("froms"), "{metrics}");
}

#[test]
fn a_body_is_a_json_object_of_a_bounded_size() {
    let site = Site::new();
    for (body, words) in [
        ("", &["empty"][..]),
        ("  ", &["empty"]),
        ("{", &["line 1"]),
        ("{'a':1}", &["line 1"]),
        ("{\"a\":1} x", &["trailing"]),
        ("{\"a\":NaN}", &[]),
    ] {
        site.told("/events/form", body)
            .refused(400, "not-json", words);
    }
    for body in ["[1]", "1", "null", "\"text\""] {
        site.told("/events/form", body)
            .refused(400, "not-an-object", &["object"]);
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
    site.told("/events/form", &deep)
        .refused(400, "not-json", &["recursion"]);
    let token = format!("Bearer {SECRET}");
    let headers = [("authorization", token.as_str())];
    let bytes = Body::from(b"{\"a\":\"\xff\"}".to_vec());
    site.ask(Method::POST, "/events/form", &headers, bytes)
        .refused(400, "not-json", &["utf-8"]);

    let largest = format!("{{\"a\":\"{}\"}}", "x".repeat(BODY_LIMIT - 8));
    assert_eq!(largest.len(), BODY_LIMIT);
    assert_eq!(
        site.told("/events/form", &largest).status,
        StatusCode::ACCEPTED
    );
    let larger = format!("{largest} ");
    site.told("/events/form", &larger)
        .refused(413, "too-large", &["1048576"]);
    // One that says it is large is not even read; one that does not say is cut off.
    let said = [headers[0], ("content-length", "99999999")];
    site.ask(Method::POST, "/events/form", &said, Body::empty())
        .refused(413, "too-large", &[]);
    let signed = signature(&larger);
    let signed = [("x-bilateral-signature", signed.as_str())];
    site.post("/events/form", &signed, &larger)
        .refused(413, "too-large", &[]);
    assert_eq!(site.inbox().len(), 1);
}

#[test]
fn an_event_that_can_not_be_stored_is_not_taken() {
    let site = Site::new();
    let path = site.folder.path().join("ledger.db.inbox");
    rusqlite::Connection::open(path)
        .unwrap()
        .execute_batch("DROP TABLE events")
        .unwrap();
    site.told("/events/form", "{}")
        .refused(503, "not-stored", &["again"]);
    assert!(site.heard.0.lock().unwrap().contains("could not be stored"));
    let ready = site.get("/readyz");
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.json()["ready"], false);
    assert_eq!(site.rung.load(Ordering::SeqCst), 0);
}

#[test]
fn every_path_tells_what_it_answers() {
    let site = Site::new();
    site.get("/nowhere")
        .refused(404, "not-found", &["/healthz"]);
    let answer = site.get("/events/form");
    answer.refused(405, "wrong-method", &["POST"]);
    assert_eq!(answer.headers["allow"], "POST");
    site.post("/metrics", &[], "")
        .refused(405, "wrong-method", &["GET"]);
}

#[test]
fn health_and_readiness_say_what_is_known() {
    let site = Site::new();
    assert_eq!(site.get("/healthz").json()["status"], "ok");
    site.board.write().rules.refused = Some("2 errors".into());
    let ready = site.get("/readyz");
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!(ready.json()["rules"]["refused"], "2 errors");
    site.board.write().stopping = true;
    let ready = site.get("/readyz");
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.json()["problems"][0], "it stops");
}

#[test]
fn the_page_runs_nothing_and_escapes_everything() {
    let site = Site::new();
    {
        let mut notes = site.board.write();
        notes.program = "<script>alert(1)</script>".into();
        notes.stores = ["a\"b".into(), "c'd".into()];
        notes.rules.refused = Some("<b>&".into());
    }
    let page = site.get("/");
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(
        !policy.contains("script-src") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert!(!page.text.contains("<script"), "{}", page.text);
    assert!(page.text.contains("&lt;b&gt;&amp;"), "{}", page.text);
    assert!(page.text.contains("a&quot;b with c&#39;d"), "{}", page.text);
    assert_eq!(
        site.get("/console.css").headers["content-type"],
        "text/css; charset=utf-8"
    );
}

#[test]
fn secrets_are_on_no_page_and_in_no_log() {
    let site = Site::new();
    site.told("/events/form", "{\"email\":\"ada@x.org\"}");
    site.told("/events/form", "{");
    site.post(
        "/events/form",
        &[("authorization", "Bearer wrong guess")],
        "{}",
    );
    let mut all = site.heard.0.lock().unwrap().clone();
    for path in ["/", "/metrics", "/readyz", "/healthz", "/nowhere"] {
        all.push_str(&site.get(path).text);
    }
    all.push_str(&format!("{:?}", site.board.read()));
    for secret in [SECRET, "wrong guess", "ada@x.org"] {
        assert!(!all.contains(secret), "{secret}");
    }
}
