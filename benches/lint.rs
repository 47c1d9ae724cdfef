//! How many lines a second are parsed, checked and linted, each apart, and that the time grows with the lines and not faster.
//!
//! `cargo bench --bench lint`; compare the throughput of the sizes: it stays the same.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use bilateral::check::{Checked, Input, check};
use bilateral::diagnostic::{FileId, Finding, SourceMap};
use bilateral::lint::lint;
use bilateral::schema::{Field, Object, StoreSchema};
use bilateral::syntax::{self, ast};
use bilateral::value::Type;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use smol_str::SmolStr;

/// Fields of each object.
const FIELDS: usize = 40;
/// Lines of a relationship, about.
const LINES: usize = 33;

fn schema(objects: usize) -> Arc<StoreSchema> {
    let mut schema = StoreSchema::default();
    for o in 0..objects {
        let name: SmolStr = format!("o{o}").into();
        let mut object = Object {
            name: name.clone(),
            fields: Default::default(),
            id: Some("id".into()),
            modified: None,
            deleted: None,
            created: None,
        };
        let mut field = |name: &str, ty: Type| {
            let field = Field {
                indexed: true,
                ..Field::new(name, ty)
            };
            object.fields.insert(name.into(), field);
        };
        field("id", Type::Text { max: None });
        field("n", Type::Number { scale: None });
        for f in 0..FIELDS {
            field(&format!("f{f}"), Type::Text { max: None });
        }
        schema.objects.insert(name, Arc::new(object));
    }
    Arc::new(schema)
}

/// A program of about `lines` lines: relationships of 33 lines over objects of their own.
fn program(lines: usize) -> (String, usize) {
    let relationships = lines.div_ceil(LINES);
    let mut text = String::from("sync left with right\nlet LIMIT = 100\n");
    for r in 0..relationships {
        let _ = writeln!(
            text,
            "# relationship {r}\nrelationship R{r}: o{r} <-> o{r} {{\n  match f0 = id\n  match lower(f1) = lower(f1)\n  prefer newest\n\n  f0 <- id"
        );
        for f in 1..22 {
            let _ = match f % 4 {
                0 => writeln!(text, "  trim(f{f}) -> f{f}  when n > {f} and n < LIMIT"),
                1 => writeln!(text, "  f{f} <-> f{f}"),
                2 => writeln!(text, "  f{f} <-> f{f}  prefer left"),
                _ => writeln!(text, "  \"{{f{f}}} {{f1}}\" -> f{f}"),
            };
        }
        let _ = writeln!(
            text,
            "\n  push create when n > 5 and f1 is not empty require f1, f5\n  pull create when n >= LIMIT or f1 = \"x\"\n}}\n"
        );
    }
    (text, relationships)
}

struct World {
    sources: SourceMap,
    schema: Arc<StoreSchema>,
}

impl World {
    fn of(lines: usize) -> World {
        let (text, relationships) = program(lines);
        let mut sources = SourceMap::default();
        sources.add("rules.sync", text);
        World {
            sources,
            schema: schema(relationships),
        }
    }

    fn parse(&self) -> (Vec<ast::File>, Vec<Finding>) {
        let parsed = syntax::parse(FileId(0), &self.sources.files[0].text);
        (vec![parsed.file], parsed.findings)
    }

    fn check(&self, files: &[ast::File]) -> Checked {
        check(&Input {
            name: "bench".into(),
            sources: &self.sources,
            files,
            parsed: true,
            stores: None,
            schema: &|_| Some(self.schema.clone()),
            places: &Default::default(),
            settings: &[],
            environment: &|_| None,
            options: &|_| None,
            all_options: &[],
        })
    }
}

fn speed(c: &mut Criterion) {
    for lines in [10_000, 20_000, 50_000, 100_000] {
        let world = World::of(lines);
        let counted = world.sources.files[0].text.lines().count() as u64;
        let (files, findings) = world.parse();
        let checked = world.check(&files);
        assert!(findings.is_empty(), "{findings:?}");
        let mut group = c.benchmark_group("lint");
        group
            .sample_size(10)
            .throughput(Throughput::Elements(counted));
        group.bench_function(BenchmarkId::new("parse", counted), |b| {
            b.iter(|| black_box(world.parse()));
        });
        group.bench_function(BenchmarkId::new("check", counted), |b| {
            b.iter(|| black_box(world.check(&files)));
        });
        group.bench_function(BenchmarkId::new("lint", counted), |b| {
            b.iter(|| black_box(lint(&files, &world.sources, &findings, &checked)));
        });
        group.finish();
    }
}

criterion_group!(benches, speed);
criterion_main!(benches);
