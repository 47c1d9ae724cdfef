//! The same work by hand: two databases, a table of links with a hash for each field as it was when both agreed. A record is one buffer, a
//! writer has a thread of its own, every file one transaction.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};
use xxhash_rust::xxh3::xxh3_64;

use super::Outcome;
use super::data::NOW;

const LEFT: &str = "first_name, last_name, company, email, phone, title, city, country, score";
const RIGHT: &str = "FirstName, LastName, Company, Email, Phone, Title, City, Country, Score";
const LINKS: &str =
    "CREATE TABLE link(left_id INTEGER PRIMARY KEY, right_id TEXT UNIQUE, base BLOB);
  CREATE TABLE state(name TEXT PRIMARY KEY, read_at TEXT);";

/// Text fields; then there is the score.
const TEXTS: usize = 8;
const EMAIL: usize = 3;

type Base = [u64; TEXTS + 1];

#[derive(Clone, Default)]
struct Record {
    buffer: String,
    ends: [usize; TEXTS],
    null: [bool; TEXTS],
    score: Option<i64>,
}

impl Record {
    fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Record> {
        let mut record = Record {
            buffer: String::with_capacity(160),
            ..Record::default()
        };
        for field in 0..TEXTS {
            match row.get_ref(from + field)? {
                ValueRef::Text(_) => record.buffer.push_str(row.get_ref(from + field)?.as_str()?),
                _ => record.null[field] = true,
            }
            record.ends[field] = record.buffer.len();
        }
        record.score = row.get(from + TEXTS)?;
        Ok(record)
    }

    fn text(&self, field: usize) -> Option<&str> {
        let from = field.checked_sub(1).map_or(0, |before| self.ends[before]);
        (!self.null[field]).then(|| &self.buffer[from..self.ends[field]])
    }

    fn bind(&self, statement: &mut Statement<'_>, from: usize) -> rusqlite::Result<()> {
        for field in 0..TEXTS {
            statement.raw_bind_parameter(from + field, self.text(field))?;
        }
        statement.raw_bind_parameter(from + TEXTS, self.score)
    }

    fn base(&self) -> Base {
        std::array::from_fn(|field| match field {
            TEXTS => self.score.map_or(1, |score| xxh3_64(&score.to_le_bytes())),
            field => self.text(field).map_or(1, |text| xxh3_64(text.as_bytes())),
        })
    }

    /// Each field from the one or the other.
    fn of(records: [&Record; 2], from: [usize; TEXTS + 1]) -> Record {
        let mut merged = Record::default();
        for field in 0..TEXTS {
            match records[from[field]].text(field) {
                Some(text) => merged.buffer.push_str(text),
                None => merged.null[field] = true,
            }
            merged.ends[field] = merged.buffer.len();
        }
        merged.score = records[from[TEXTS]].score;
        merged
    }
}

fn bytes(base: &Base) -> Vec<u8> {
    base.iter().flat_map(|hash| hash.to_le_bytes()).collect()
}

fn base_of(bytes: &[u8]) -> Base {
    let (hashes, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|field| {
        hashes
            .get(field)
            .map_or(0, |hash| u64::from_le_bytes(*hash))
    })
}

struct Files {
    left: Connection,
    right: Connection,
    links: Connection,
}

fn open(folder: &Path) -> rusqlite::Result<Files> {
    let open = |name: &str| -> rusqlite::Result<Connection> {
        let connection = Connection::open(folder.join(name))?;
        connection.execute_batch(
            "PRAGMA cache_size = -131072; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL; BEGIN",
        )?;
        Ok(connection)
    };
    Ok(Files {
        left: open("marketing.db")?,
        right: open("crm.db")?,
        links: open("links.db")?,
    })
}

/// Carries out a part in a folder.
///
/// # Errors
/// The databases.
pub fn run(part: &str, folder: &Path) -> Outcome<()> {
    let files = open(folder)?;
    match part {
        "first" => first(files),
        "full" => full(&files),
        _ => since(files),
    }
}

fn now(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row(&format!("SELECT {NOW}"), [], |row| row.get(0))
}

enum Write {
    Insert(i64, String, Record),
    Update(i64, String, Record),
    Name(i64, String),
}

struct Writer<'c> {
    insert: Statement<'c>,
    update: Statement<'c>,
    name: Statement<'c>,
    now: &'c str,
}

impl<'c> Writer<'c> {
    fn new(left: &'c Connection, now: &'c str) -> rusqlite::Result<Writer<'c>> {
        Ok(Writer {
            insert: left.prepare(&format!(
                "INSERT INTO lead(id, crm_id, modified_at, is_contact, {LEFT}) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            ))?,
            update: left.prepare(
                "UPDATE lead SET crm_id = ?2, modified_at = ?3, first_name = ?4, last_name = ?5, company = ?6, email = ?7, phone = ?8,
                 title = ?9, city = ?10, country = ?11, score = ?12 WHERE id = ?1",
            )?,
            name: left.prepare("UPDATE lead SET crm_id = ?2, modified_at = ?3 WHERE id = ?1")?,
            now,
        })
    }

    fn write(&mut self, write: &Write) -> rusqlite::Result<()> {
        let (statement, id, crm, record) = match write {
            Write::Insert(id, crm, record) => (&mut self.insert, id, crm, Some(record)),
            Write::Update(id, crm, record) => (&mut self.update, id, crm, Some(record)),
            Write::Name(id, crm) => (&mut self.name, id, crm, None),
        };
        statement.raw_bind_parameter(1, id)?;
        statement.raw_bind_parameter(2, crm)?;
        statement.raw_bind_parameter(3, self.now)?;
        if let Some(record) = record {
            record.bind(statement, 4)?;
        }
        statement.raw_execute().map(drop)
    }
}

fn first(Files { left, right, links }: Files) -> Outcome<()> {
    let stamp = now(&left)?;
    links.execute_batch(LINKS)?;
    let mut own: Vec<(i64, Record, bool)> = left
        .prepare(&format!("SELECT id, {LEFT} FROM lead WHERE crm_id IS NULL"))?
        .query_map([], |row| Ok((row.get(0)?, Record::read(row, 1)?, false)))?
        .collect::<rusqlite::Result<_>>()?;
    let by_mail: HashMap<String, usize> = own
        .iter()
        .enumerate()
        .filter_map(|(at, (_, record, _))| Some((record.text(EMAIL)?.to_lowercase(), at)))
        .collect();
    let mut next: i64 = left.query_row("SELECT coalesce(max(id), 0) + 1 FROM lead", [], |r| {
        r.get(0)
    })?;
    let (send, writes) = sync_channel::<Vec<Write>>(16);
    thread::scope(|scope| -> Outcome<()> {
        let stamp = &stamp;
        let writing = scope.spawn(move || -> rusqlite::Result<()> {
            let mut writer = Writer::new(&left, stamp)?;
            for write in writes.iter().flatten() {
                writer.write(&write)?;
            }
            drop(writer);
            left.execute_batch("COMMIT")
        });
        let mut batch = Vec::with_capacity(1024);
        let mut emit = |write: Option<Write>| {
            let last = write.is_none();
            batch.extend(write);
            if last || batch.len() == 1024 {
                // A writer that has failed says so below.
                let _ = send.send(std::mem::replace(&mut batch, Vec::with_capacity(1024)));
            }
        };
        let mut link = links.prepare("INSERT INTO link VALUES (?, ?, ?)")?;
        let mut all =
            right.prepare(&format!("SELECT Id, {RIGHT} FROM Lead WHERE IsDeleted = 0"))?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let (crm, record): (String, Record) = (row.get(0)?, Record::read(row, 1)?);
            let mail = record.text(EMAIL).map(str::to_lowercase);
            let found = mail
                .and_then(|mail| by_mail.get(&mail))
                .filter(|at| !own[**at].2);
            let base = bytes(&record.base());
            let id = found.map_or(next, |at| own[*at].0);
            link.execute(params![id, crm, base])?;
            emit(Some(match found {
                Some(at) => {
                    own[*at].2 = true;
                    Write::Update(id, crm, record)
                }
                None => {
                    next += 1;
                    Write::Insert(id, crm, record)
                }
            }));
        }
        drop(rows);
        let mut insert = right.prepare(&format!(
            "INSERT INTO Lead(Id, SystemModstamp, IsDeleted, {RIGHT}) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ))?;
        let required = |record: &Record| {
            [1, 2, EMAIL]
                .iter()
                .all(|f| record.text(*f).is_some_and(|t| !t.is_empty()))
        };
        for (place, (id, record, _)) in own.iter().filter(|(.., found)| !found).enumerate() {
            if !required(record) {
                continue;
            }
            let crm = format!("00Q5f{place:010}AAE");
            insert.raw_bind_parameter(1, &crm)?;
            insert.raw_bind_parameter(2, stamp)?;
            record.bind(&mut insert, 3)?;
            insert.raw_execute()?;
            link.execute(params![id, crm, bytes(&record.base())])?;
            emit(Some(Write::Name(*id, crm)));
        }
        emit(None);
        drop(send);
        writing
            .join()
            .map_err(|_| "the writer's thread has ended")??;
        Ok(())
    })?;
    right.execute_batch("COMMIT")?;
    keep(&links, &stamp)
}

/// Notes when both sides were read, and commits.
fn keep(links: &Connection, stamp: &str) -> Outcome<()> {
    links.execute("INSERT OR REPLACE INTO state VALUES ('read', ?)", [stamp])?;
    links.execute_batch("COMMIT")?;
    Ok(())
}

fn since(Files { left, right, links }: Files) -> Outcome<()> {
    let stamp = now(&left)?;
    let before: String = links.query_row("SELECT read_at FROM state", [], |row| row.get(0))?;
    let changed_right: Vec<(String, Record)> = right
        .prepare(&format!(
            "SELECT Id, {RIGHT} FROM Lead WHERE SystemModstamp > ?"
        ))?
        .query_map([&before], |row| Ok((row.get(0)?, Record::read(row, 1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let changed_left: Vec<(i64, Record)> = left
        .prepare(&format!(
            "SELECT id, {LEFT} FROM lead WHERE modified_at > ?"
        ))?
        .query_map([&before], |row| Ok((row.get(0)?, Record::read(row, 1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    {
        let mut writer = Writer::new(&left, &stamp)?;
        let mut to_right = right.prepare(
            "UPDATE Lead SET SystemModstamp = ?2, FirstName = ?3, LastName = ?4, Company = ?5, Email = ?6, Phone = ?7, Title = ?8,
             City = ?9, Country = ?10, Score = ?11 WHERE Id = ?1",
        )?;
        let mut by_right = links.prepare("SELECT left_id, base FROM link WHERE right_id = ?")?;
        let mut by_left = links.prepare("SELECT right_id, base FROM link WHERE left_id = ?")?;
        let mut get_left = left.prepare(&format!("SELECT {LEFT} FROM lead WHERE id = ?"))?;
        let mut get_right = right.prepare(&format!("SELECT {RIGHT} FROM Lead WHERE Id = ?"))?;
        let mut set = links.prepare("UPDATE link SET base = ?2 WHERE left_id = ?1")?;
        let mut merge =
            |id: i64, crm: &str, base: &Base, l: &Record, r: &Record| -> rusqlite::Result<()> {
                let (left, right) = (l.base(), r.base());
                let from =
                    std::array::from_fn(|f| usize::from(right[f] != base[f] || left[f] == base[f]));
                let merged = Record::of([l, r], from);
                let hashes = merged.base();
                if hashes != right {
                    to_right.raw_bind_parameter(1, crm)?;
                    to_right.raw_bind_parameter(2, &stamp)?;
                    merged.bind(&mut to_right, 3)?;
                    to_right.raw_execute()?;
                }
                if hashes != left {
                    writer.write(&Write::Update(id, crm.to_owned(), merged))?;
                }
                if hashes != *base {
                    set.execute(params![id, bytes(&hashes)])?;
                }
                Ok(())
            };
        let mut seen = HashSet::new();
        for (crm, record) in &changed_right {
            let link = by_right
                .query_row([crm], |row| {
                    Ok((row.get::<_, i64>(0)?, base_of(row.get_ref(1)?.as_blob()?)))
                })
                .optional()?;
            let Some((id, base)) = link else { continue };
            seen.insert(id);
            let own = get_left.query_row([id], |row| Record::read(row, 0))?;
            merge(id, crm, &base, &own, record)?;
        }
        for (id, record) in changed_left.iter().filter(|(id, _)| !seen.contains(id)) {
            let link = by_left
                .query_row([id], |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        base_of(row.get_ref(1)?.as_blob()?),
                    ))
                })
                .optional()?;
            let Some((crm, base)) = link else { continue };
            let other = get_right.query_row([&crm], |row| Record::read(row, 0))?;
            merge(*id, &crm, &base, record, &other)?;
        }
    }
    left.execute_batch("COMMIT")?;
    right.execute_batch("COMMIT")?;
    keep(&links, &stamp)
}

fn full(Files { left, right, links }: &Files) -> Outcome<()> {
    let mut get_left = left.prepare(&format!("SELECT {LEFT} FROM lead WHERE id = ?"))?;
    let mut by_right = links.prepare("SELECT left_id, base FROM link WHERE right_id = ?")?;
    let mut all = right.prepare(&format!("SELECT Id, {RIGHT} FROM Lead"))?;
    let mut rows = all.query([])?;
    let mut different = 0;
    while let Some(row) = rows.next()? {
        let (crm, record): (String, Record) = (row.get(0)?, Record::read(row, 1)?);
        let (id, base) = by_right.query_row([&crm], |row| {
            Ok((row.get::<_, i64>(0)?, base_of(row.get_ref(1)?.as_blob()?)))
        })?;
        let own = get_left.query_row([id], |row| Record::read(row, 0))?;
        different += usize::from(record.base() != base || own.base() != base);
    }
    match different {
        0 => Ok(()),
        number => Err(format!("{number} records differ").into()),
    }
}
