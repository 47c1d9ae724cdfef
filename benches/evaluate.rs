//! Expressions of a mapping beside the same by hand: quote the ratio of the two.

use std::hint::black_box;
use std::sync::Arc;

use bilateral::check::{Input, check};
use bilateral::diagnostic::SourceMap;
use bilateral::program::{EvalError, Expr, QueryRef, Scope, Side, Slot, evaluate};
use bilateral::schema::{Field, Object, StoreSchema};
use bilateral::syntax::parse;
use bilateral::value::{Type, Value};
use chrono::{DateTime, Utc};
use criterion::{Criterion, criterion_group, criterion_main};

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

fn expressions(c: &mut Criterion) {
    let (sources, slots) = compiled();
    let records: Vec<Record> = (0..1000_i64)
        .map(|n| {
            let mut values = vec![Value::Null; 1 + slots.iter().max().unwrap()];
            values[slots[0]] = Value::Text(format!("First{n}").into());
            values[slots[1]] = Value::Text(format!("Last{}", n * 7).into());
            values[slots[2]] = Value::Text(format!(" First{n}.Last{n}@Example.org ").into());
            values[slots[3]] = Value::Int(n % 120);
            Record(values)
        })
        .collect();
    let text = |record: &Record, at: usize| match &record.0[slots[at]] {
        Value::Text(text) => text.clone(),
        _ => Default::default(),
    };
    let plain: Vec<_> = records
        .iter()
        .enumerate()
        .map(|(n, r)| (text(r, 0), text(r, 1), text(r, 2), Some(n as i64 % 120)))
        .collect();
    let mut group = c.benchmark_group("a mapping of 1,000 records");
    group.bench_function("expressions", |b| {
        b.iter(|| {
            for record in &records {
                for source in &sources {
                    black_box(evaluate(source, record)).unwrap();
                }
            }
        })
    });
    group.bench_function("by hand", |b| {
        b.iter(|| {
            for (first, last, mail, score) in &plain {
                black_box(by_hand(first, last, mail, *score));
            }
        })
    });
    group.finish();
    c.bench_function("parse and check", |b| b.iter(|| black_box(compiled())));
}

criterion_group!(benches, expressions);
criterion_main!(benches);
