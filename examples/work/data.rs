//! The two databases: made, changed, compared.

use std::path::Path;

use rusqlite::{Connection, params};

use super::Outcome;

const MARKETING: &str = "CREATE TABLE lead(id INTEGER PRIMARY KEY, crm_id TEXT, first_name TEXT, last_name TEXT, company TEXT, email TEXT,
    phone TEXT, title TEXT, city TEXT, country TEXT, score INTEGER, is_contact INTEGER, modified_at TEXT);
  CREATE INDEX lead_mod ON lead(modified_at); CREATE INDEX lead_email ON lead(email); CREATE INDEX lead_crm ON lead(crm_id);";
const CRM: &str = "CREATE TABLE Lead(Id TEXT PRIMARY KEY, FirstName TEXT, LastName TEXT, Company TEXT, Email TEXT, Phone TEXT, Title TEXT,
    City TEXT, Country TEXT, Score INTEGER, IsDeleted INTEGER, SystemModstamp TEXT);
  CREATE INDEX Lead_mod ON Lead(SystemModstamp); CREATE INDEX Lead_email ON Lead(Email);";

/// Now, as the stores write it.
pub const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

/// A number that looks like chance and is the same in every run.
fn mixed(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// First name, last name, company, e-mail, phone, title, city, country, score.
struct Person([String; 8], i64);

impl Person {
    fn of(kind: &str, number: u64) -> Person {
        let chance = mixed(number.wrapping_mul(2) + u64::from(kind.is_empty()));
        let pick =
            |from: &[&str], shift: u32| from[(chance >> shift) as usize % from.len()].to_owned();
        let first = pick(
            &[
                "Anna", "Bruno", "Chloé", "David", "Elena", "Farid", "Grace", "Zoë",
            ],
            0,
        );
        let last = pick(
            &[
                "Bauer", "Costa", "Dubois", "Jones", "Müller", "O'Brien", "Rossi",
            ],
            8,
        );
        let company = pick(&["Acme", "Boreal", "Cobalt", "Fjord", "Granite"], 16);
        let letters = |text: &str| {
            text.chars()
                .filter(char::is_ascii_alphabetic)
                .collect::<String>()
        };
        let email = format!(
            "{}.{}{kind}.{number}@{}.example",
            letters(&first),
            letters(&last),
            company.to_lowercase()
        );
        let email = if chance.is_multiple_of(4) {
            email
        } else {
            email.to_lowercase()
        };
        let phone = format!(
            "+{} {} {:07}",
            1 + chance % 90,
            10 + chance % 89,
            chance % 10_000_000
        );
        let company = format!("{company} {} Ltd", chance % 5000);
        let title = pick(
            &[
                "CTO",
                "Head of Marketing",
                "Buyer",
                "Director of Operations",
            ],
            24,
        );
        let city = pick(&["Berlin", "Oslo", "Lisboa", "Kraków", "Zürich"], 32);
        let country = pick(
            &["Germany", "Norway", "Portugal", "Poland", "Switzerland"],
            32,
        );
        let texts = [first, last, company, email, phone, title, city, country];
        Person(texts, (chance % 140) as i64)
    }
}

fn open(folder: &Path, name: &str) -> rusqlite::Result<Connection> {
    Connection::open(folder.join(name))
}

/// Makes both databases.
///
/// # Errors
/// The disk.
pub fn generate(folder: &Path, rows: u64) -> Outcome<()> {
    let (left, right) = (open(folder, "marketing.db")?, open(folder, "crm.db")?);
    left.execute_batch(MARKETING)?;
    right.execute_batch(CRM)?;
    left.execute_batch("BEGIN")?;
    right.execute_batch("BEGIN")?;
    {
        let mut lead = left.prepare(
            "INSERT INTO lead VALUES (NULL, NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10)",
        )?;
        let mut other = right
            .prepare("INSERT INTO Lead VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11)")?;
        let stamp = |n: u64| {
            format!(
                "2024-{:02}-{:02}T08:00:{:02}.000Z",
                n % 12 + 1,
                n % 28 + 1,
                n % 60
            )
        };
        for number in 0..rows {
            let Person(texts, score) = Person::of("", number);
            let [first, last, company, email, phone, title, city, country] = &texts;
            let same = number % 20 == 3;
            let mail = (same || number % 50 > 0).then_some(email);
            let id = format!("00Q5e{number:010}AAE");
            other.execute(params![
                id,
                first,
                last,
                company,
                mail,
                phone,
                title,
                city,
                country,
                score,
                stamp(number)
            ])?;
            if same {
                // The same person, written otherwise, older.
                let email = email.to_uppercase();
                lead.execute(params![
                    first,
                    last,
                    company,
                    email,
                    "",
                    "",
                    city,
                    country,
                    score / 2,
                    "2024-01-01T00:00:00.000Z"
                ])?;
            }
        }
        for number in 0..rows / 20 {
            let Person(texts, score) = Person::of(".new", number);
            let [first, last, company, email, phone, title, city, country] = &texts;
            // One of five lacks what a push requires.
            let last = (number % 5 > 0).then_some(last);
            lead.execute(params![
                first,
                last,
                company,
                email,
                phone,
                title,
                city,
                country,
                score,
                stamp(number)
            ])?;
        }
    }
    left.execute_batch("COMMIT; ANALYZE;")?;
    right.execute_batch("COMMIT; ANALYZE;")?;
    Ok(())
}

/// Changes `some` records in the CRM, `some` in marketing, and `both` on both in different fields.
///
/// # Errors
/// The disk.
pub fn change(folder: &Path, some: u64, both: u64) -> Outcome<()> {
    let (left, right) = (open(folder, "marketing.db")?, open(folder, "crm.db")?);
    let pairs: Vec<(i64, String)> = left
        .prepare("SELECT id, crm_id FROM lead WHERE crm_id IS NOT NULL ORDER BY id")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let wanted = 2 * some + both;
    let (total, step) = (
        pairs.len() as u64,
        (pairs.len() as u64 / wanted.max(1)).max(1),
    );
    left.execute_batch("BEGIN")?;
    right.execute_batch("BEGIN")?;
    for number in 0..wanted.min(total) {
        let (id, crm) = &pairs[(number * step) as usize];
        let chance = mixed(number + wanted) % 10_000_000;
        if number < some || number >= 2 * some {
            right
                .prepare_cached(&format!(
                    "UPDATE Lead SET Phone = ?2, Score = Score + 7, SystemModstamp = {NOW} WHERE Id = ?1"
                ))?
                .execute(params![crm, format!("+1 {chance}")])?;
        }
        if number >= some {
            left.prepare_cached(&format!(
                "UPDATE lead SET title = ?2, city = 'Rome', modified_at = {NOW} WHERE id = ?1"
            ))?
            .execute(params![id, format!("VP {chance}")])?;
        }
    }
    left.execute_batch("COMMIT")?;
    right.execute_batch("COMMIT")?;
    Ok(())
}

/// Whether every record of the CRM has its partner in marketing, with the same values.
///
/// # Errors
/// The disk.
pub fn agree(folder: &Path) -> Outcome<bool> {
    let both = open(folder, "crm.db")?;
    both.execute(
        "ATTACH ?1 AS m",
        [folder.join("marketing.db").to_string_lossy()],
    )?;
    let count = |sql: &str| both.query_row(sql, [], |row| row.get::<_, i64>(0));
    let all = count("SELECT count(*) FROM Lead")?;
    let linked = count("SELECT count(*) FROM m.lead WHERE crm_id IS NOT NULL")?;
    let equal = count(
        "SELECT count(*) FROM m.lead AS a CROSS JOIN main.Lead AS b ON b.Id = a.crm_id WHERE a.first_name IS b.FirstName
         AND a.last_name IS b.LastName AND a.company IS b.Company AND a.email IS b.Email AND a.phone IS b.Phone AND a.title IS b.Title
         AND a.city IS b.City AND a.country IS b.Country AND a.score IS b.Score",
    )?;
    Ok(all == linked && linked == equal)
}
