//! The steps of a test.

use chrono::{DateTime, TimeDelta, Utc};
use indexmap::IndexMap;
use serde_yaml::Value as Yaml;
use smol_str::SmolStr;

use super::expect;
use super::text::{Events, Records, SendIds, StepText, Targets};
use super::values::{self, Stated};
use super::world::World;
use crate::ledger::{Effect, Revisit};
use crate::plan::Sent;
use crate::program::Side;
use crate::schema::Object;
use crate::value::{Value, convert, parse_duration, parse_instant};

/// When a test that says nothing takes place.
const NOON: &str = "2024-06-01T12:00:00Z";

/// # Errors
/// `now` is no instant.
pub fn start(now: Option<&str>) -> Result<DateTime<Utc>, String> {
    let now = now.unwrap_or(NOON);
    parse_instant(now).ok_or_else(|| format!("now: `{now}` is no instant such as {NOON}"))
}

/// The settings of a test as `--set` would give them: texts are expressions or else texts.
///
/// # Errors
/// A value that no setting can have.
pub fn settings(set: &IndexMap<String, Yaml>) -> Result<Vec<(String, String)>, String> {
    set.iter()
        .map(|(name, yaml)| match yaml {
            Yaml::String(text) => Ok((name.clone(), text.clone())),
            yaml => expression(yaml)
                .map(|text| (name.clone(), text))
                .ok_or_else(|| {
                    format!(
                        "set.{name}: a setting is a text, a number, true, false, null or a list"
                    )
                }),
        })
        .collect()
}

/// A value in the words of the rule language.
fn expression(yaml: &Yaml) -> Option<String> {
    match yaml {
        Yaml::Null => Some("null".to_owned()),
        Yaml::Bool(truth) => Some(truth.to_string()),
        Yaml::Number(number) => Some(number.to_string()),
        Yaml::String(text) => {
            let escaped = text
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('{', "\\{")
                .replace('\n', "\\n")
                .replace('\t', "\\t");
            Some(format!("\"{escaped}\""))
        }
        Yaml::Sequence(items) => {
            let items: Option<Vec<String>> = items.iter().map(expression).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Yaml::Mapping(_) | Yaml::Tagged(_) => None,
    }
}

/// Fills the stores.
///
/// # Errors
/// A store, object or field that is not there; a value that does not fit.
pub fn given(world: &mut World, records: &Records) -> Result<(), String> {
    edit(world, records).map_err(|error| format!("given: {error}"))
}

/// One step; the first one does not move the clock.
///
/// # Errors
/// What differs, or why the step can't be taken.
pub fn run(world: &mut World, step: &StepText, first: bool) -> Result<(), Vec<String>> {
    let one = |line: String| vec![line];
    if let Some(then) = &step.then {
        return expect::check(world, then);
    }
    let second = if first { 0 } else { 1 };
    world.advance(TimeDelta::seconds(second));
    match kind(step).map_err(one)? {
        Kind::Run(targets, directions) => sync(world, targets, directions).map_err(one),
        Kind::Edit(records) => edit(world, records).map_err(one),
        Kind::Delete(records) => delete(world, records).map_err(one),
        Kind::Send(records) => send(world, records).map_err(one),
        Kind::Link(pairs) => link(world, pairs).map_err(one),
        Kind::Advance(by) => {
            let millis = parse_duration(by)
                .ok_or_else(|| one(format!("advance: `{by}` is no duration such as 20m")))?;
            world.advance(TimeDelta::milliseconds(millis));
            Ok(())
        }
        Kind::Event(events) => event(world, events).map_err(one),
    }
}

/// What a step does.
enum Kind<'a> {
    Run(&'a Targets, [bool; 2]),
    Edit(&'a Records),
    Delete(&'a IndexMap<String, IndexMap<String, Vec<Yaml>>>),
    Send(&'a IndexMap<String, SendIds>),
    Link(&'a IndexMap<String, Vec<[Yaml; 2]>>),
    Advance(&'a str),
    Event(&'a Events),
}

fn kind(step: &StepText) -> Result<Kind<'_>, String> {
    let kinds = [
        step.sync
            .as_ref()
            .map(|targets| Kind::Run(targets, [true, true])),
        step.push
            .as_ref()
            .map(|targets| Kind::Run(targets, [true, false])),
        step.pull
            .as_ref()
            .map(|targets| Kind::Run(targets, [false, true])),
        step.edit.as_ref().map(Kind::Edit),
        step.delete.as_ref().map(Kind::Delete),
        step.link.as_ref().map(Kind::Link),
        step.advance.as_deref().map(Kind::Advance),
        step.send.as_ref().map(Kind::Send),
        step.event.as_ref().map(Kind::Event),
    ];
    let mut named = kinds.into_iter().flatten();
    match (named.next(), named.next()) {
        (Some(kind), None) => Ok(kind),
        (Some(_), Some(_)) => {
            Err("a step is one thing: put each into an entry of its own".to_owned())
        }
        (None, _) => Err(
            "a step is one of sync, push, pull, edit, delete, send, link, event, advance, then"
                .to_owned(),
        ),
    }
}

fn sync(world: &mut World, targets: &Targets, directions: [bool; 2]) -> Result<(), String> {
    let names: &[String] = match targets {
        Targets::All(()) => &[],
        Targets::One(name) if name == "all" && world.relationship(name).is_err() => &[],
        Targets::One(name) => std::slice::from_ref(name),
        Targets::Some(names) => names,
    };
    let only: Result<Vec<_>, String> = names.iter().map(|name| world.relationship(name)).collect();
    world.apply(only?, directions)
}

/// Events are posted and acted on, one after the other. An event called `name` needs its body as an object; `{name: form, body: {…}}`
/// is the event `form`.
fn event(world: &mut World, events: &Events) -> Result<(), String> {
    let empty = || Yaml::Mapping(Default::default());
    let bodies: Vec<(String, Yaml)> = match events {
        Events::Name(name) => vec![(name.clone(), empty())],
        Events::Bodies(bodies) => match bodies.get("name") {
            Some(Yaml::String(name)) => {
                let others = bodies
                    .keys()
                    .find(|k| !matches!(k.as_str(), "name" | "body"));
                if let Some(other) = others {
                    return Err(format!("event: `{other}` is neither `name` nor `body`"));
                }
                vec![(
                    name.clone(),
                    bodies.get("body").cloned().unwrap_or_else(empty),
                )]
            }
            _ => bodies.clone().into_iter().collect(),
        },
    };
    for (name, body) in bodies {
        let body = match body {
            Yaml::Null => empty(),
            body => body,
        };
        if !matches!(body, Yaml::Mapping(_)) {
            return Err(format!(
                "event: the body of `{name}` is an object of members"
            ));
        }
        let json = serde_json::to_value(&body)
            .map_err(|error| format!("event: the body of `{name}`: {error}"))?;
        world.event(&name, &json)?;
    }
    Ok(())
}

/// Changes the records whose ids are there already, and makes the others.
fn edit(world: &mut World, records: &Records) -> Result<(), String> {
    for (store, objects) in records {
        let side = world.side(store)?;
        for (object, records) in objects {
            let object = world.object(side, object)?;
            for record in records {
                let stated = values::record(record, store, &object)?;
                let mut fields = Vec::with_capacity(stated.len());
                for (name, value) in &stated {
                    let value = fitting(world, store, &object, name, value)?;
                    fields.push((SmolStr::from(name.as_str()), value));
                }
                write(world, side, &object, &fields)
                    .map_err(|error| format!("{store}.{}: {error}", object.name))?;
            }
        }
    }
    Ok(())
}

fn write(
    world: &World,
    side: Side,
    object: &Object,
    fields: &[(SmolStr, Value)],
) -> Result<(), String> {
    let store = world.store(side);
    let id = fields
        .iter()
        .find(|(name, _)| Some(name) == object.id.as_ref())
        .map(|(_, id)| id.clone());
    if let Some(id) = id {
        let others: Vec<(SmolStr, Value)> = fields
            .iter()
            .filter(|(name, _)| Some(name) != object.id.as_ref())
            .cloned()
            .collect();
        if store
            .update(&object.name, &id, &others)
            .map_err(|error| error.to_string())?
        {
            return Ok(());
        }
    }
    store
        .insert(&object.name, fields)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// The value of a field, as its type has it.
fn fitting(
    world: &World,
    store: &str,
    object: &Object,
    field: &str,
    stated: &Stated,
) -> Result<Value, String> {
    let place = |error: String| format!("{store}.{}.{field}: {error}", object.name);
    let value = stated.known(&world.names).map_err(place)?;
    let ty = &values::field(object, store, field)?.ty;
    convert(value, ty).map_err(|error| place(error.to_string()))
}

fn delete(
    world: &mut World,
    records: &IndexMap<String, IndexMap<String, Vec<Yaml>>>,
) -> Result<(), String> {
    for (store, objects) in records {
        let side = world.side(store)?;
        for (object, ids) in objects {
            let object = world.object(side, object)?;
            for id in ids {
                let id = id_of(world, store, &object, id)?;
                let there = world.store(side).delete(&object.name, &id);
                if !there.map_err(|error| error.to_string())? {
                    return Err(format!("delete: there is no {store}.{} {id}", object.name));
                }
            }
        }
    }
    Ok(())
}

/// Sends records, as `bilateral send` does.
fn send(world: &mut World, records: &IndexMap<String, SendIds>) -> Result<(), String> {
    let mut sent = Vec::new();
    for (name, ids) in records {
        match ids {
            SendIds::Objects(objects) => {
                for (object, ids) in objects {
                    named(world, name, object, ids, &mut sent)?;
                }
            }
            SendIds::Ids(ids) => {
                let (store, object) = name
                    .split_once('.')
                    .ok_or_else(|| format!("send: `{name}` is not STORE.OBJECT"))?;
                named(world, store, object, ids, &mut sent)?;
            }
        }
    }
    world.send(sent)
}

fn named(
    world: &World,
    store: &str,
    object: &str,
    ids: &[Yaml],
    sent: &mut Vec<Sent>,
) -> Result<(), String> {
    let side = world.side(store)?;
    let object = world.object(side, object)?;
    let known = world.store(side).rows(&object.name);
    let field = object.id.clone().unwrap_or_default();
    for id in ids {
        let id = id_of(world, store, &object, id)?;
        let is_it = |row: &IndexMap<SmolStr, Value>| row.get(&field).is_some_and(|f| f.same(&id));
        if !known.iter().any(is_it) {
            return Err(format!("send: there is no {store}.{} {id}", object.name));
        }
        sent.push(Sent {
            side,
            object: object.name.clone(),
            id,
        });
    }
    Ok(())
}

fn id_of(world: &World, store: &str, object: &Object, yaml: &Yaml) -> Result<Value, String> {
    let field = object
        .id
        .as_ref()
        .ok_or_else(|| format!("{store}.{} has no primary key", object.name))?;
    fitting(world, store, object, field, &Stated::read(yaml)?)
}

/// Links pairs of records, as `bilateral link` does.
fn link(world: &mut World, pairs: &IndexMap<String, Vec<[Yaml; 2]>>) -> Result<(), String> {
    let mut effects = Vec::new();
    for (name, pairs) in pairs {
        let id = world.relationship(name)?;
        for pair in pairs {
            let left = linked_record(world, id, Side::Left, &pair[0])?;
            let right = linked_record(world, id, Side::Right, &pair[1])?;
            let revisit = Revisit {
                side: Side::Left,
                object: left.0.clone(),
                id: left.1.clone(),
            };
            effects.push(Effect::Link {
                relationship: name.as_str().into(),
                objects: [left.0, right.0],
                ids: [left.1, right.1],
                stamps: [Value::Null, Value::Null],
                base: Box::default(),
                closed: false,
            });
            effects.push(Effect::Wait {
                relationship: name.as_str().into(),
                revisit,
            });
        }
    }
    world
        .ledger
        .record(&effects)
        .map_err(|error| error.to_string())
}

/// The record of that id in the first of the side's objects that has it.
fn linked_record(
    world: &World,
    relationship: crate::program::RelId,
    side: Side,
    id: &Yaml,
) -> Result<(SmolStr, Value), String> {
    let store = &world.program.stores[side.index()].name;
    let objects = &world.program[relationship].sides[side.index()].objects;
    for object in objects {
        let Ok(id) = id_of(world, store, object, id) else {
            continue;
        };
        let field = object.id.clone().unwrap_or_default();
        let rows = world.store(side).rows(&object.name);
        if rows
            .iter()
            .any(|row| row.get(&field).is_some_and(|found| found.same(&id)))
        {
            return Ok((object.name.clone(), id));
        }
    }
    let names: Vec<&str> = objects.iter().map(|object| object.name.as_str()).collect();
    let shown = Stated::read(id).and_then(|id| id.known(&world.names));
    Err(format!(
        "link: there is no {store}.{} {}",
        names.join(" or "),
        shown.map(|id| id.to_string()).unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_written_in_the_language() {
        let set: IndexMap<String, Yaml> =
            serde_yaml::from_str("{ A: 2024-06-01, B: [a\"b, 1, null], C: true, D: 3.5, E: null }")
                .unwrap();
        let texts: Vec<String> = settings(&set)
            .unwrap()
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(
            texts,
            ["2024-06-01", "[\"a\\\"b\", 1, null]", "true", "3.5", "null"]
        );
        let map: IndexMap<String, Yaml> = serde_yaml::from_str("{ A: { b: 1 } }").unwrap();
        assert!(settings(&map).unwrap_err().contains("set.A"));
    }

    #[test]
    fn a_step_is_exactly_one_thing() {
        let step = |text: &str| -> StepText { serde_yaml::from_str(text).unwrap() };
        assert!(kind(&step("{ sync: A }")).is_ok());
        assert!(kind(&step("{ sync: A, push: B }")).is_err());
        assert!(kind(&step("{}")).is_err());
        assert!(matches!(
            kind(&step("{ event: { form: { a: 1 } } }")),
            Ok(Kind::Event(_))
        ));
    }
}
