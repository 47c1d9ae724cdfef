use std::fs;

use bilateral::ledger::{Effect, Identity, Ledger, LedgerError};
use rusqlite::Connection;

use super::{Place, at, demo, link, live, text};

fn foreign(outcome: Result<Ledger, LedgerError>) -> String {
    match outcome {
        Err(LedgerError::Foreign(message)) => message,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it opened"),
    }
}

fn unavailable<T>(outcome: Result<T, LedgerError>) -> String {
    match outcome {
        Err(LedgerError::Unavailable(message)) => message,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it opened"),
    }
}

#[test]
fn one_engine_holds_a_ledger() {
    let place = Place::new();
    let first = place.open();
    let second = Ledger::open(&place.path(), &demo());
    assert!(
        matches!(&second, Err(LedgerError::Held { path }) if *path == place.path().display().to_string())
    );
    drop(first);
    place.open();
}

#[cfg(unix)]
#[test]
fn two_names_of_one_ledger_are_one_ledger() {
    let place = Place::new();
    let _first = place.open();
    let alias = place.folder.path().join("alias.db");
    std::os::unix::fs::symlink(place.path(), &alias).unwrap();
    assert!(matches!(
        Ledger::open(&alias, &demo()),
        Err(LedgerError::Held { .. })
    ));
}

#[test]
fn readers_stand_beside_the_writer() {
    let place = Place::new();
    let mut ledger = place.open();
    let reader = ledger.reader().unwrap();
    let other_program = Ledger::open_read(&place.path(), &demo()).unwrap();
    ledger.record(&[link(text("a"), text("b"))]).unwrap();
    assert_eq!(live(&reader), live(&ledger));
    assert_eq!(live(&other_program), live(&ledger));
    assert_eq!(live(&ledger).len(), 1);
}

#[test]
fn a_reader_sees_only_what_is_committed() {
    let place = Place::new();
    let mut ledger = place.open();
    ledger.begin_run("r", "apply", 0, at(0)).unwrap();
    let reader = ledger.reader().unwrap();
    let batch = super::journal::batch("Person", b"operations");
    ledger.journal("r", &batch).unwrap();
    assert_eq!(reader.batches("r", 0, 10).unwrap(), []);
    ledger.commit_journal().unwrap();
    assert_eq!(reader.batches("r", 0, 10).unwrap().len(), 1);
}

#[test]
fn reading_no_ledger_makes_none() {
    let place = Place::new();
    let ledger = Ledger::open_read(&place.path(), &demo()).unwrap();
    assert_eq!(live(&ledger), []);
    assert_eq!(ledger.generation().unwrap(), 0);
    assert!(ledger.reader().is_ok());
    drop(ledger);
    assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 0);
}

#[test]
fn reading_leaves_every_byte() {
    let place = Place::new();
    place.open().record(&[link(text("a"), text("b"))]).unwrap();
    let folder = || {
        let mut files: Vec<_> = fs::read_dir(place.path().parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    };
    let before = folder();
    let reader = Ledger::open_read(&place.path(), &demo()).unwrap();
    assert_eq!(live(&reader).len(), 1);
    drop(reader);
    assert_eq!(folder(), before);
}

#[test]
fn a_ledger_opened_for_reading_is_not_written() {
    let place = Place::new();
    drop(place.open());
    let mut reader = Ledger::open_read(&place.path(), &demo()).unwrap();
    let message = unavailable(reader.record(&[link(text("a"), text("b"))]));
    assert!(message.contains("cannot be written"), "{message}");
    let nowhere = Place::new();
    let mut empty = Ledger::open_read(&nowhere.path(), &demo()).unwrap();
    unavailable(empty.record(&[link(text("a"), text("b"))]));
    assert_eq!(live(&empty), []);
}

#[test]
fn an_empty_file_is_an_empty_ledger() {
    let place = Place::new();
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    fs::write(place.path(), "").unwrap();
    assert_eq!(
        live(&Ledger::open_read(&place.path(), &demo()).unwrap()),
        []
    );
    assert_eq!(fs::read(place.path()).unwrap(), b"");
    assert_eq!(live(&place.open()), []);
}

#[test]
fn another_program_or_other_stores_are_refused() {
    let place = Place::new();
    drop(place.open());
    for (program, left, right) in [
        ("people", "marketing", "salesforce"),
        ("demo", "shop", "salesforce"),
        ("demo", "marketing", "sandbox"),
    ] {
        let other = Identity {
            program: program.into(),
            left: left.into(),
            right: right.into(),
        };
        for outcome in [
            Ledger::open(&place.path(), &other),
            Ledger::open_read(&place.path(), &other),
        ] {
            let message = foreign(outcome);
            assert!(
                message.contains("`demo` (marketing with salesforce)"),
                "{message}"
            );
            assert!(
                message.contains(&format!("`{program}` ({left} with {right})")),
                "{message}"
            );
        }
    }
}

#[test]
fn a_newer_ledger_is_refused_and_left_alone() {
    let place = Place::new();
    drop(place.open());
    let raw = Connection::open(place.path()).unwrap();
    raw.execute_batch("PRAGMA user_version = 99; UPDATE meta SET made_by = '7.1.0'")
        .unwrap();
    drop(raw);
    for outcome in [
        Ledger::open(&place.path(), &demo()),
        Ledger::open_read(&place.path(), &demo()),
    ] {
        let message = foreign(outcome);
        assert!(
            message.contains("version 7.1.0 of bilateral (format 99)"),
            "{message}"
        );
        assert!(message.ends_with("update bilateral"), "{message}");
    }
    let raw = Connection::open(place.path()).unwrap();
    raw.execute_batch("DROP TABLE meta").unwrap();
    assert!(foreign(Ledger::open(&place.path(), &demo())).contains("a newer version of bilateral"));
}

#[test]
fn a_database_of_something_else_is_left_alone() {
    let place = Place::new();
    let store = place.folder.path().join("store.db");
    let raw = Connection::open(&store).unwrap();
    raw.execute_batch("CREATE TABLE lead (id INTEGER PRIMARY KEY)")
        .unwrap();
    drop(raw);
    let before = fs::read(&store).unwrap();
    for outcome in [
        Ledger::open(&store, &demo()),
        Ledger::open_read(&store, &demo()),
    ] {
        assert!(foreign(outcome).contains("not a ledger"));
    }
    assert_eq!(fs::read(&store).unwrap(), before);
}

#[test]
fn what_cannot_be_a_ledger_is_unavailable() {
    let place = Place::new();
    let file = place.folder.path().join("notes.txt");
    fs::write(
        &file,
        "not a database, but long enough to be read as the header of one ".repeat(20),
    )
    .unwrap();
    for outcome in [
        Ledger::open(&file, &demo()),
        Ledger::open_read(&file, &demo()),
    ] {
        assert!(unavailable(outcome).contains("is not a database"));
    }
    unavailable(Ledger::open(&file.join("ledger.db"), &demo()));
    unavailable(Ledger::open(place.folder.path(), &demo()));
    unavailable(Ledger::open_read(place.folder.path(), &demo()));
}

#[test]
fn the_generation_grows_with_every_change() {
    let place = Place::new();
    let mut ledger = place.open();
    let mut last = ledger.generation().unwrap();
    let mut grown = |ledger: &Ledger, by: u64| {
        let now = ledger.generation().unwrap();
        assert_eq!(now, last + by);
        last = now;
    };
    ledger
        .record(&[link(text("a"), text("b")), link(text("c"), text("d"))])
        .unwrap();
    grown(&ledger, 1);
    ledger.record(&[]).unwrap();
    grown(&ledger, 0);
    ledger.begin_run("r", "apply", 0, at(0)).unwrap();
    grown(&ledger, 1);
    ledger
        .journal("r", &super::journal::batch("Person", b"x"))
        .unwrap();
    ledger.sent(1, None).unwrap();
    grown(&ledger, 2);
    ledger.record(&[Effect::Close { link: 1 }]).unwrap();
    grown(&ledger, 1);
    drop(ledger);
    grown(&place.open(), 0);
}
