//! A daemon on two stores in memory, with a clock that moves only when the daemon waits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bilateral::apply::Options;
use bilateral::apply::post::Http;
use bilateral::check::{Input, check};
use bilateral::diagnostic::SourceMap;
use bilateral::ledger::{Identity, Ledger};
use bilateral::plan::Request;
use bilateral::schema::{Field, Object, StoreSchema};
use bilateral::serve::{
    Bell, Board, Clock, Daemon, Fields, Level, Log, Metrics, Origin, Project, Refused, World,
};
use bilateral::store::config::Guards;
use bilateral::store::{MemoryStore, Store};
use bilateral::syntax;
use bilateral::value::{Type, Value};
use chrono::{DateTime, TimeDelta, Utc};
use smol_str::SmolStr;

pub const SYNC: &str = "sync left with right\n";

pub const PERSON: &str = "\
relationship Person: lead <-> Contact {
  match email = mail
  email <-> mail
  name  <-> name
}
";

pub const ORDER: &str = "\
relationship Order: order -> Order {
  match number = number
  number -> number
}
";

pub fn noon() -> DateTime<Utc> {
    "2024-06-01T12:00:00Z".parse().unwrap()
}

/// So many seconds after noon.
pub fn at(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

fn schema(objects: &[(&str, &[&str])]) -> StoreSchema {
    let text = |name: &str| {
        (
            SmolStr::new(name),
            Field::new(name, Type::Text { max: None }),
        )
    };
    let object = |(name, fields): &(&str, &[&str])| {
        let all = ["id", "updated_at"]
            .into_iter()
            .chain(fields.iter().copied());
        let object = Object {
            name: (*name).into(),
            fields: all.map(text).collect(),
            id: Some("id".into()),
            modified: Some("updated_at".into()),
            deleted: None,
            created: None,
        };
        (SmolStr::new(*name), Arc::new(object))
    };
    StoreSchema {
        objects: objects.iter().map(object).collect(),
    }
}

type Act = Box<dyn FnOnce(&Fake) + Send>;

/// Time that passes while the daemon waits, and what others do meanwhile.
pub struct Fake {
    now: Mutex<DateTime<Utc>>,
    bell: Arc<Bell>,
    acts: Mutex<BTreeMap<DateTime<Utc>, Vec<Act>>>,
    end: DateTime<Utc>,
    pub stores: [MemoryStore; 2],
    /// Stops the daemon when the clock is asked for so many times.
    stop_after: Mutex<Option<u32>>,
}

impl Clock for Fake {
    fn now(&self) -> DateTime<Utc> {
        let mut left = self.stop_after.lock().unwrap();
        if let Some(times) = left.as_mut() {
            *times -= 1;
            if *times == 0 {
                *left = None;
                self.bell.stop();
            }
        }
        *self.now.lock().unwrap()
    }
}

impl World for Fake {
    fn wait(&self, until: DateTime<Utc>) {
        let next = self.acts.lock().unwrap().keys().next().copied();
        let target = next.map_or(until, |next| next.min(until)).min(self.end);
        self.set(target);
        let due: Vec<Act> = {
            let mut acts = self.acts.lock().unwrap();
            let later = acts.split_off(&(target + TimeDelta::nanoseconds(1)));
            std::mem::replace(&mut *acts, later)
                .into_values()
                .flatten()
                .collect()
        };
        due.into_iter().for_each(|act| act(self));
        if self.now() >= self.end {
            self.bell.stop();
        }
    }

    fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}

impl Fake {
    /// Time never goes back by itself.
    fn set(&self, to: DateTime<Utc>) {
        let mut now = self.now.lock().unwrap();
        *now = (*now).max(to);
        self.stores.iter().for_each(|store| store.set_now(*now));
    }

    /// The machine sleeps.
    pub fn sleep(&self, time: TimeDelta) {
        let now = *self.now.lock().unwrap();
        self.set(now + time);
    }

    pub fn add(&self, side: usize, object: &str, fields: &[(&str, &str)]) {
        let fields: Vec<(SmolStr, Value)> = fields
            .iter()
            .map(|(name, value)| (SmolStr::new(*name), Value::Text((*value).into())))
            .collect();
        self.stores[side].insert(object, &fields).unwrap();
    }
}

/// What the daemon said.
#[derive(Default)]
pub struct Said {
    lines: Mutex<Vec<(Level, String)>>,
}

impl Said {
    /// The messages of this level.
    pub fn of(&self, level: Level) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let of = lines.iter().filter(|(l, _)| *l == level);
        of.map(|(_, message)| message.clone()).collect()
    }
}

/// Rules that may change while the daemon runs.
pub struct Rules {
    pub text: Arc<Mutex<String>>,
    stores: [MemoryStore; 2],
    ledger: std::path::PathBuf,
    pub options: Options,
}

impl Origin for Rules {
    fn mark(&self) -> u64 {
        self.text.lock().unwrap().bytes().map(u64::from).sum()
    }

    fn load(&mut self) -> Result<Project, Refused> {
        let text = self.text.lock().unwrap().clone();
        let mut stores: [Box<dyn Store>; 2] = [
            Box::new(self.stores[0].clone()),
            Box::new(self.stores[1].clone()),
        ];
        let schemas = [0, 1].map(|side| Arc::new(stores[side].describe().unwrap()));
        let mut sources = SourceMap::default();
        let file = sources.add("rules.sync", text.as_str());
        let parsed = syntax::parse(file, &text);
        let checked = check(&Input {
            name: "test".into(),
            sources: &sources,
            places: &Default::default(),
            files: &[parsed.file],
            parsed: parsed.findings.is_empty(),
            stores: None,
            schema: &|name| match name {
                "left" => Some(schemas[0].clone()),
                "right" => Some(schemas[1].clone()),
                _ => None,
            },
            settings: &[],
            environment: &|_| None,
            options: &|_| None,
            all_options: &[],
        });
        let Some(program) = checked.program else {
            return Err(Refused {
                message: format!(
                    "{} findings",
                    checked.findings.len() + parsed.findings.len()
                ),
                passes: false,
            });
        };
        Ok(Project {
            identity: identity(),
            program,
            stores,
            ledger: self.ledger.clone(),
            request: request(),
            options: self.options.clone(),
            retention: TimeDelta::days(30),
            events: None,
        })
    }
}

pub fn identity() -> Identity {
    Identity {
        program: "test".into(),
        left: "left".into(),
        right: "right".into(),
    }
}

fn request() -> Request {
    Request {
        now: noon(),
        only: Vec::new(),
        directions: [true, true],
        full: false,
        overlap: [60_000, 60_000],
        tolerance: 0,
        explain: None,
        send: Vec::new(),
    }
}

/// A place with stores and a ledger, in which daemons live one after the other.
pub struct Home {
    folder: tempfile::TempDir,
    pub stores: [MemoryStore; 2],
    pub rules: Rules,
}

/// What remains of a daemon.
pub struct Life {
    pub said: Arc<Said>,
    pub board: Arc<Board>,
    pub metrics: Arc<Metrics>,
    pub runs: Vec<(i64, String, String)>,
}

impl Home {
    pub fn new(rules: &str) -> Home {
        let folder = tempfile::tempdir().unwrap();
        let stores = [
            MemoryStore::new(schema(&[
                ("lead", &["email", "name"]),
                ("order", &["number"]),
            ])),
            MemoryStore::new(schema(&[
                ("Contact", &["mail", "name"]),
                ("Order", &["number"]),
            ])),
        ];
        stores.iter().for_each(|store| store.set_now(noon()));
        let rules = Rules {
            text: Arc::new(Mutex::new(format!("{SYNC}{rules}"))),
            stores: stores.clone(),
            ledger: folder.path().join("ledger.db"),
            options: Options {
                guards: Guards::default(),
                allow_large: false,
                batch: 100,
                lock: Duration::from_secs(2),
                poster: Arc::new(Http::new(None)),
            },
        };
        Home {
            folder,
            stores,
            rules,
        }
    }

    pub fn ledger(&self) -> std::path::PathBuf {
        self.folder.path().join("ledger.db")
    }

    pub fn rows(&self, side: usize, object: &str) -> usize {
        self.stores[side].rows(object).len()
    }

    /// A daemon that lives from `from` to `to`, in seconds after noon, and what others do meanwhile.
    pub fn live(&mut self, from: i64, to: i64, acts: Vec<(i64, Act)>) -> Life {
        self.live_with(from, to, acts, None)
    }

    pub fn live_with(
        &mut self,
        from: i64,
        to: i64,
        acts: Vec<(i64, Act)>,
        stop_after: Option<u32>,
    ) -> Life {
        let mut script: BTreeMap<DateTime<Utc>, Vec<Act>> = BTreeMap::new();
        for (second, act) in acts {
            script.entry(at(second)).or_default().push(act);
        }
        let world = Fake {
            now: Mutex::new(at(from)),
            bell: Arc::new(Bell::default()),
            acts: Mutex::new(script),
            end: at(to),
            stores: self.stores.clone(),
            stop_after: Mutex::new(None),
        };
        let (board, metrics) = (Arc::new(Board::default()), Arc::new(Metrics::default()));
        let said = Arc::new(Said::default());
        let project = self.rules.load().ok().unwrap();
        let runs = Arc::new(Mutex::new(Vec::new()));
        let log: Arc<dyn Log> = Arc::new(Timed {
            said: Arc::clone(&said),
            runs: Arc::clone(&runs),
        });
        let ledger = Ledger::open(&self.ledger(), &identity()).unwrap();
        let (b, m) = (Arc::clone(&board), Arc::clone(&metrics));
        let mut daemon = Daemon::new(project, &mut self.rules, &world, b, m, log);
        daemon.begin(&ledger).unwrap();
        drop(ledger);
        *world.stop_after.lock().unwrap() = stop_after;
        daemon.run();
        let runs = runs.lock().unwrap().clone();
        Life {
            said,
            board,
            metrics,
            runs,
        }
    }
}

/// Keeps the runs of lanes apart from what else is said.
struct Timed {
    said: Arc<Said>,
    runs: Arc<Mutex<Vec<(i64, String, String)>>>,
}

impl Log for Timed {
    fn say(&self, level: Level, message: &str, fields: Fields<'_>) {
        let field = |wanted: &str| fields.iter().find(|(name, _)| *name == wanted);
        let text = |wanted: &str| {
            field(wanted)
                .and_then(|(_, v)| v.as_str())
                .map(str::to_owned)
        };
        if let (Some(lane), Some(outcome)) = (text("lane"), text("outcome")) {
            let began = text("began").unwrap();
            let began: DateTime<Utc> = began.parse().unwrap();
            let seconds = (began - noon()).num_seconds();
            self.runs.lock().unwrap().push((seconds, lane, outcome));
        }
        let mut lines = self.said.lines.lock().unwrap();
        lines.push((level, message.to_owned()));
    }
}

impl Life {
    /// When the lane began to run, in seconds after noon.
    pub fn runs_of(&self, lane: &str) -> Vec<i64> {
        let of = self.runs.iter().filter(|(_, name, _)| name == lane);
        of.map(|(at, ..)| *at).collect()
    }

    pub fn outcomes_of(&self, lane: &str) -> Vec<&str> {
        let of = self.runs.iter().filter(|(_, name, _)| name == lane);
        of.map(|(.., outcome)| outcome.as_str()).collect()
    }

    pub fn metrics(&self, now: i64) -> String {
        self.metrics.text(&self.board.read(), at(now))
    }
}
