//! Expressions of a mapping beside the same by hand. The ratio of the two is told at the end, and judged.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use bilateral::check::{Input, check};
use bilateral::diagnostic::SourceMap;
use bilateral::program::{EvalError, Expr, QueryRef, Scope, Side, Slot, evaluate};
use bilateral::schema::{Field, Object, StoreSchema};
use bilateral::syntax::parse;
use bilateral::value::{Type, Value};
use chrono::{DateTime, Utc};
use criterion::{Criterion, criterion_group};
use smol_str::SmolStr;

const RULES: &str = "sync left with right
relationship Lead: lead -> Lead {
  match id = id
  trim(\"{first} {last}\") -> name
  lower(trim(mail)) -> mail
  if score > 80 then \"hot\" else if score > 40 then \"warm\" else \"cold\" -> rating
  not (first is empty) and not (last is empty) and not (mail is empty) and not (score is empty) -> ready
}";

fn schema(object: &str, fields: &[(&str, Type)]) -> Arc<StoreSchema> {
    let mut schema = StoreSchema::default();
    let fields = std::iter::once(("id", Type::Text { max: None })).chain(fields.iter().cloned());
    let object = Object {
        name: object.into(),
        fields: fields
            .map(|(n, ty)| (n.into(), Field::new(n, ty)))
            .collect(),
        id: Some("id".into()),
        modified: None,
        deleted: None,
        created: None,
    };
    schema.objects.insert(object.name.clone(), Arc::new(object));
    Arc::new(schema)
}

struct Record(Vec<Value>);

impl Scope for Record {
    fn field(&self, side: Side, slot: Slot) -> &Value {
        match side {
            Side::Left => &self.0[usize::from(slot.0)],
            Side::Right => &Value::Null,
        }
    }
    fn was(&self, side: Side, slot: Slot) -> Value {
        self.field(side, slot).clone()
    }
    fn alternative(&self) -> &str {
        "lead"
    }
    fn by_hand(&self) -> bool {
        false
    }
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }
    fn it(&self) -> &Value {
        &Value::Null
    }
    fn query(&self, _query: QueryRef) -> Result<Value, EvalError> {
        Err(EvalError::NotYet)
    }
    fn round_robin(&self, _number: u16, _list: &[Value]) -> Value {
        Value::Null
    }
}

/// The four sources, and the slots of first, last, mail and score.
fn compiled() -> (Vec<Expr>, [usize; 4]) {
    let text = || Type::Text { max: None };
    let number = Type::Number { scale: Some(0) };
    let left = schema(
        "lead",
        &[
            ("first", text()),
            ("last", text()),
            ("mail", text()),
            ("score", number),
        ],
    );
    let right = schema(
        "Lead",
        &[
            ("name", text()),
            ("mail", text()),
            ("rating", text()),
            ("ready", Type::Bool),
        ],
    );
    let mut sources = SourceMap::default();
    let file = sources.add("rules.sync", RULES);
    let parsed = parse(file, RULES);
    let checked = check(&Input {
        name: "bench".into(),
        sources: &sources,
        files: &[parsed.file],
        parsed: parsed.findings.is_empty(),
        stores: None,
        schema: &|name| {
            Some(if name == "left" {
                left.clone()
            } else {
                right.clone()
            })
        },
        places: &Default::default(),
        settings: &[],
        environment: &|_| None,
        options: &|_| None,
        all_options: &[],
    });
    let Some(program) = checked.program else {
        panic!("{:?} {:?}", parsed.findings, checked.findings)
    };
    let rules = &program.relationships[0];
    let slot = |name: &str| {
        rules.sides[0]
            .slots
            .iter()
            .position(|s| s.field == name)
            .unwrap()
    };
    let sources = rules.lines.iter().filter_map(|l| l.push.as_ref());
    (
        sources.map(|f| f.source.clone()).collect(),
        ["first", "last", "mail", "score"].map(slot),
    )
}

fn by_hand(
    first: &str,
    last: &str,
    mail: &str,
    score: Option<i64>,
) -> (String, String, &'static str, bool) {
    let rating = match score {
        Some(81..) => "hot",
        Some(41..) => "warm",
        _ => "cold",
    };
    let blank = |text: &str| text.is_empty();
    let ready = !blank(first) && !blank(last) && !blank(mail) && score.is_some();
    (
        format!("{first} {last}").trim().to_owned(),
        mail.trim().to_lowercase(),
        rating,
        ready,
    )
}

/// A record's fields, as a function by hand takes them.
type Plain = (SmolStr, SmolStr, SmolStr, Option<i64>);

/// 1,000 records, the expressions' way and plain.
struct Work {
    sources: Vec<Expr>,
    records: Vec<Record>,
    plain: Vec<Plain>,
}

impl Work {
    fn new() -> Work {
        let (sources, slots) = compiled();
        let all = (0..1000_i64).map(|n| {
            let first = format!("First{n}");
            let last = format!("Last{}", n * 7);
            let mail = format!(" First{n}.Last{n}@Example.org ");
            let mut values = vec![Value::Null; 1 + slots.iter().max().unwrap()];
            values[slots[0]] = Value::Text(first.as_str().into());
            values[slots[1]] = Value::Text(last.as_str().into());
            values[slots[2]] = Value::Text(mail.as_str().into());
            values[slots[3]] = Value::Int(n % 120);
            let plain = (first.into(), last.into(), mail.into(), Some(n % 120));
            (Record(values), plain)
        });
        let (records, plain) = all.unzip();
        Work {
            sources,
            records,
            plain,
        }
    }

    fn expressions(&self) {
        for record in &self.records {
            for source in &self.sources {
                black_box(evaluate(source, record)).unwrap();
            }
        }
    }

    fn by_hand(&self) {
        for (first, last, mail, score) in &self.plain {
            black_box(by_hand(first, last, mail, *score));
        }
    }
}

fn expressions(c: &mut Criterion) {
    let work = Work::new();
    let mut group = c.benchmark_group("a mapping of 1,000 records");
    group.bench_function("expressions", |b| b.iter(|| work.expressions()));
    group.bench_function("by hand", |b| b.iter(|| work.by_hand()));
    group.finish();
    c.bench_function("parse and check", |b| b.iter(|| black_box(compiled())));
}

/// How many times as long as by hand expressions may take.
const LIMIT: f64 = 3.0;

/// The quickest of many rounds in turn: what else the machine does makes both slower, but not each of their rounds.
fn ratio() -> f64 {
    let work = Work::new();
    let time = |run: &dyn Fn()| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    let mut quickest = [f64::MAX; 2];
    for _ in 0..2000 {
        quickest[0] = quickest[0].min(time(&|| work.expressions()));
        quickest[1] = quickest[1].min(time(&|| work.by_hand()));
    }
    quickest[0] / quickest[1]
}

criterion_group!(benches, expressions);

fn main() -> ExitCode {
    benches();
    let ratio = ratio();
    println!("expressions take {ratio:.2} times by hand, at most {LIMIT:.1}");
    match ratio <= LIMIT {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
