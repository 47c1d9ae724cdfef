//! `send STORE.OBJECT ID…`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smol_str::SmolStr;

use super::console::Console;
use super::exit::{Cause, Exit, Outcome};
use super::header::now;
use super::load::Loaded;
use super::options::{Common, RulesPath};
use super::record::{id_value, object_named};
use super::run::{Ask, Narrator, told};
use crate::apply;
use crate::ledger::Ledger;
use crate::plan::Sent;
use crate::program::Side;
use crate::schema::Object;
use crate::store::{Projection, Since, Store};
use crate::value::Value;

/// Sync these records now, whatever the `when` of a create says
///
/// Without a question. What a create requires must still be there; a record whose link was closed is taken up again.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral send marketing.lead 30 31\n  printf 'email\\nada@example.org\\n' > people.csv\n  bilateral send marketing.lead --from people.csv --rules rules/crm"
)]
pub struct Args {
    /// The records' object, with its store
    #[arg(value_name = "STORE.OBJECT")]
    object: String,
    /// Ids, or e-mail addresses
    #[arg(value_name = "ID", required_unless_present = "from")]
    ids: Vec<String>,
    /// A CSV file with a column `id` or `email`: one record a line
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    at: RulesPath,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let mut loaded = Loaded::open(args.at.rules.as_deref(), common, &console)?;
    let (side, object) = object_named(&loaded.program, &args.object)?;
    let object = Arc::clone(object);
    let related = loaded.program.relationships.iter().any(|rules| {
        let objects = &rules.sides[side.index()].objects;
        objects.iter().any(|o| o.name == object.name)
    });
    if !related {
        return Err(Exit::usage(format!(
            "no relationship of the rules has {}: none of its records can be sent",
            args.object
        )));
    }
    let mut named: Vec<Named> = args.ids.iter().map(|text| Named::said(text)).collect();
    if let Some(path) = &args.from {
        named.extend(read(path, &object)?);
    }
    let store = loaded.stores[side.index()].as_mut();
    let send = match find(&named, side, &object, store)? {
        Ok(send) => send,
        Err(problems) => return refuse(&problems, &console),
    };
    let mut request = loaded.request(now());
    request.send = send;
    // Whoever names the records has counted them.
    let options = loaded.apply_options(true);
    let mut ledger = Ledger::open(&loaded.ledger.path, &loaded.ledger.identity)?;
    let mut narrator = Narrator::new(&loaded.program, console, Ask::Go, "");
    let outcome = apply::run(
        &loaded.program,
        &mut loaded.stores,
        &mut ledger,
        &request,
        &options,
        &mut narrator,
    )?;
    drop(narrator);
    loaded.forget(&mut ledger)?;
    told(&outcome, "Sent", &console)
}

fn refuse(problems: &[String], console: &Console) -> Outcome {
    let mut out = console.stdout();
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    out.flush()?;
    Err(Exit::new(
        Cause::Failed,
        "nothing was sent: mend the list of records first",
    ))
}

/// A record as the user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    /// `people.csv: line 2: `, or nothing for one of the command line.
    place: String,
    text: String,
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Id,
    Email,
    /// An id, unless there is none and it may be an address.
    Either,
}

impl Named {
    fn said(text: &str) -> Named {
        let by = if text.contains('@') {
            By::Either
        } else {
            By::Id
        };
        Named {
            place: String::new(),
            text: text.to_owned(),
            by,
        }
    }
}

fn read(path: &Path, object: &Object) -> Result<Vec<Named>, Exit> {
    let bytes = std::fs::read(path).map_err(|error| Exit::reading(path, &error))?;
    let shown = path.display().to_string();
    rows(&bytes, object, &shown)
        .map_err(|what| Exit::new(Cause::Failed, format!("{shown}: {what}")))
}

fn rows(bytes: &[u8], object: &Object, path: &str) -> Result<Vec<Named>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |word: &str, field: Option<&SmolStr>| {
        headers.iter().position(|header| {
            header.eq_ignore_ascii_case(word) || field.is_some_and(|f| header == f.as_str())
        })
    };
    let id = column("id", object.id.as_ref());
    let email = column("email", email_field(object).as_ref());
    if id.is_none() && email.is_none() {
        return Err("the first line must name the column `id` or `email`".to_owned());
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: Option<usize>| column.and_then(|at| record.get(at)).unwrap_or("");
        let (text, by) = match (cell(id), cell(email)) {
            ("", "") => return Err(format!("line {line} names no record")),
            ("", address) => (address, By::Email),
            (id, _) => (id, By::Id),
        };
        rows.push(Named {
            place: format!("{path}: line {line}: "),
            text: text.to_owned(),
            by,
        });
    }
    Ok(rows)
}

/// The field that holds the object's e-mail address: the one of that name, else the only one whose name has it.
fn email_field(object: &Object) -> Option<SmolStr> {
    let plain = |name: &str| name.to_lowercase().replace(['_', '-'], "");
    let names = object.fields.keys();
    if let Some(name) = names.clone().find(|name| plain(name) == "email") {
        return Some(name.clone());
    }
    let mut close = names.filter(|name| {
        let name = plain(name);
        name.ends_with("email") || name.starts_with("emailaddress")
    });
    match (close.next(), close.next()) {
        (Some(name), None) => Some(name.clone()),
        _ => None,
    }
}

/// The records that are named, each once; or all that is wrong with the list.
fn find(
    named: &[Named],
    side: Side,
    object: &Arc<Object>,
    store: &mut dyn Store,
) -> Result<Result<Vec<Sent>, Vec<String>>, Exit> {
    let mut found: Vec<Vec<Value>> = vec![Vec::new(); named.len()];
    let mut problems: Vec<(usize, String)> = Vec::new();
    let mut ids: Vec<(usize, Value)> = Vec::new();
    for (place, name) in named.iter().enumerate().filter(|(_, n)| n.by != By::Email) {
        match id_value(object, &name.text) {
            Ok(id) => ids.push((place, id)),
            Err(_) if name.by == By::Either => {}
            Err(error) => problems.push((place, error.message)),
        }
    }
    let projection = Projection {
        object: object.name.clone(),
        fields: Vec::new(),
    };
    let wanted: Vec<Value> = ids.iter().map(|(_, id)| id.clone()).collect();
    let records = store
        .get(&projection, &wanted)
        .map_err(|e| Exit::store(&e))?;
    for ((place, _), record) in ids.into_iter().zip(records) {
        found[place].extend(record.filter(|r| !r.deleted).map(|r| r.id));
    }
    let by_email: Vec<usize> = (0..named.len())
        .filter(|place| named[*place].by != By::Id && found[*place].is_empty())
        .collect();
    if !by_email.is_empty() {
        match email_field(object) {
            Some(field) => find_emails(named, &by_email, object, field, store, &mut found)?,
            None => {
                let what = format!("`{}` has no e-mail field to look in", object.name);
                problems.extend(by_email.iter().map(|place| (*place, what.clone())));
            }
        }
    }
    let mut sent: Vec<Sent> = Vec::new();
    for (place, (name, ids)) in named.iter().zip(found).enumerate() {
        let said = problems.iter().any(|(at, _)| *at == place);
        match &ids[..] {
            [id] if sent.iter().any(|s| s.id.same(id)) => {}
            [id] => sent.push(Sent {
                side,
                object: object.name.clone(),
                id: id.clone(),
            }),
            [] if said => {}
            [] => problems.push((
                place,
                format!("there is no {} `{}`", object.name, name.text),
            )),
            several => {
                let ids: Vec<String> = several.iter().map(Value::to_string).collect();
                let what = format!(
                    "{} records of {} have `{}`: name one of {} by its id",
                    ids.len(),
                    object.name,
                    name.text,
                    ids.join(", ")
                );
                problems.push((place, what));
            }
        }
    }
    if problems.is_empty() {
        return Ok(Ok(sent));
    }
    problems.sort_by_key(|(place, _)| *place);
    let told = |(place, what): (usize, String)| format!("{}{what}", named[place].place);
    Ok(Err(problems.into_iter().map(told).collect()))
}

/// Addresses are compared without regard to case, in one pass over the object.
fn find_emails(
    named: &[Named],
    places: &[usize],
    object: &Object,
    field: SmolStr,
    store: &mut dyn Store,
    found: &mut [Vec<Value>],
) -> Result<(), Exit> {
    let mut wanted: std::collections::HashMap<String, Vec<usize>> = Default::default();
    for place in places {
        let address = named[*place].text.to_lowercase();
        wanted.entry(address).or_default().push(*place);
    }
    let projection = Projection {
        object: object.name.clone(),
        fields: vec![Some(field)],
    };
    let mut after = None;
    loop {
        let page = store
            .read(&projection, &Since::Start, after.as_ref(), 1000)
            .map_err(|e| Exit::store(&e))?;
        for record in page.records.into_iter().filter(|r| !r.deleted) {
            let Some(Value::Text(address)) = record.values.first() else {
                continue;
            };
            for place in wanted
                .get(&address.trim().to_lowercase())
                .into_iter()
                .flatten()
            {
                found[*place].push(record.id.clone());
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;
    use crate::value::Type;

    fn object(fields: &[&str]) -> Object {
        let field = |name: &&str| (SmolStr::from(*name), Field::new(*name, Type::Any));
        Object {
            name: "lead".into(),
            fields: fields.iter().map(field).collect(),
            id: Some("Id".into()),
            modified: None,
            deleted: None,
            created: None,
        }
    }

    #[test]
    fn a_file_names_records_by_id_or_address() {
        let lead = object(&["Id", "PersonEmail"]);
        let found = rows(b"name,Id,PersonEmail\na,7,x@y.z\nb,,q@y.z\n", &lead, "f").unwrap();
        let told: Vec<_> = found.iter().map(|n| (n.text.as_str(), n.by)).collect();
        assert_eq!(told, [("7", By::Id), ("q@y.z", By::Email)]);
        assert_eq!(found[1].place, "f: line 3: ");
    }

    #[test]
    fn a_file_without_a_header_is_refused() {
        let lead = object(&["Id", "Email"]);
        assert!(rows(b"7\n8\n", &lead, "f").unwrap_err().contains("`email`"));
        assert!(
            rows(b"id\n\"\"\n", &lead, "f")
                .unwrap_err()
                .contains("line 2")
        );
    }

    #[test]
    fn the_field_of_the_address_is_found_by_its_name() {
        let of = |fields: &[&str]| email_field(&object(fields));
        assert_eq!(of(&["Id", "E_mail", "WorkEmail"]), Some("E_mail".into()));
        assert_eq!(of(&["WorkEmail", "Id"]), Some("WorkEmail".into()));
        assert_eq!(of(&["WorkEmail", "HomeEmail"]), None);
        assert_eq!(of(&["Id", "EmailBounced"]), None);
    }
}
