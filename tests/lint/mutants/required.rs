//! Required fields that a create may leave out, and value maps that do not cover a picklist.

use bilateral::program::{Conversion, Direction, On};
use bilateral::schema::Field;
use bilateral::syntax::ast::{ClauseKind, ElseAction, Expr, ExprKind, ItemKind, OperationName};

use super::damage::{Damage, described, removed_naming, replaced};
use super::sound::{LineSite, Sound, fields};
use super::types::{copies, direction, enumeration};

/// A `require` that no longer asks for a field that goes into a required one.
pub fn asked_for_no_more(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for site in sound.operations() {
        let direction = direction(site.line.direction);
        for clause in &site.line.clauses {
            let ClauseKind::Require(names) = &clause.kind else {
                continue;
            };
            for (at, name) in names.iter().enumerate() {
                let needed = sound.lines().any(|line| {
                    line.item.name.text == site.item.name.text
                        && feeds_required(sound, &line, direction, name)
                });
                if !needed {
                    continue;
                }
                let rest: Vec<&str> = names
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at)
                    .map(|(_, n)| sound.text(n.span))
                    .collect();
                let text = if rest.is_empty() {
                    String::new()
                } else {
                    format!("require {}", rest.join(", "))
                };
                all.push(replaced(clause.span, text).within(site.statement.span));
            }
        }
    }
    all
}

/// The only line that writes a required field is taken out.
pub fn line_gone(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for site in sound.lines() {
        for (direction, flow) in &site.flows {
            let required = site
                .targets(*direction, flow)
                .into_iter()
                .find(|(_, f)| f.required());
            if let Some((_, field)) = required
                && makes(&site, *direction)
                && flow.on != On::Update
                && !written_otherwise(&site, *direction, field)
            {
                all.push(removed_naming(site.statement.span, &field.name));
            }
        }
    }
    all
}

/// A field that a create writes from one that may be null is required in the schema.
pub fn required_of_nullable(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for (site, direction, source, object, target) in copies(sound) {
        let asked = names_in_operations(sound, &site).any(|n| n == source.name);
        let sound_already = target.required() || target.has_default || !source.nullable || asked;
        let line = sound.schema_line(direction.target(), &object.name, &target.name);
        let plain = !sound.text(site.statement.span).contains(" when ")
            && !sound.text(site.statement.span).contains(" on ");
        if let Some(line) = line.filter(|_| !sound_already && plain && makes(&site, direction)) {
            all.push(described(line, required(sound.text(line)), &target.name));
        }
    }
    all
}

/// A field that no line writes is required in the schema.
pub fn required_of_nothing(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for (relationship, item, _) in sound.relationships() {
        for direction in Direction::BOTH {
            let target = direction.target();
            let objects = &relationship.sides[target.index()].objects;
            let [object] = objects.as_slice() else {
                continue;
            };
            if !relationship.directions[direction.index()].creates {
                continue;
            }
            // A star writes what the other side has too.
            let star = sound.text(item.statements[0].span).is_empty()
                || item
                    .statements
                    .iter()
                    .any(|s| sound.text(s.span).starts_with('*'));
            for field in object.fields.values() {
                let own = [
                    &object.id,
                    &object.modified,
                    &object.deleted,
                    &object.created,
                ];
                let kept = own.into_iter().flatten().any(|n| *n == field.name);
                let line = sound.schema_line(target, &object.name, &field.name);
                let unwritten = !sound
                    .pack
                    .rules
                    .iter()
                    .any(|(_, text)| text.contains(field.name.as_str()));
                if let Some(line) = line
                    && unwritten
                    && !kept
                    && !star
                    && !field.has_default
                    && field.createable
                {
                    all.push(described(line, required(sound.text(line)), &object.name));
                }
            }
        }
    }
    all
}

/// An entry of a value map is taken out, and with it the `else`, where the source has a picklist.
pub fn entry_gone(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for site in sound.lines() {
        for (direction, flow) in &site.flows {
            let Conversion::Values(_) = &flow.conversion else {
                continue;
            };
            let named = site.line.modifiers.iter().find_map(|m| match &m.kind {
                bilateral::syntax::ast::ModifierKind::Using(name) => Some(name.text.clone()),
                _ => None,
            });
            let map = sound.items().find_map(|item| match &item.kind {
                ItemKind::Values(map) if Some(&map.name.text) == named.as_ref() => Some(map),
                _ => None,
            });
            let (Some(map), Some((object, field))) =
                (map, site.sources(*direction, flow).first().copied())
            else {
                continue;
            };
            let literal = |entry: &bilateral::syntax::ast::ValuesEntry| match direction {
                Direction::Push => sound.text(entry.left.span).trim_matches('"').to_owned(),
                Direction::Pull => sound.text(entry.right.span).trim_matches('"').to_owned(),
            };
            let members: Vec<String> = map.entries.iter().map(literal).collect();
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            let Some(line) = sound.schema_line(direction.source(), &object.name, &field.name)
            else {
                continue;
            };
            let picklist = enumeration(sound.text(line), &members);
            for (entry, member) in map.entries.iter().zip(&members) {
                let gone = removed_naming(entry.span, member).and(line, picklist.as_str());
                let elses = map
                    .elses
                    .iter()
                    .filter(|e| !matches!(e.action, ElseAction::Error));
                all.push(elses.fold(gone, |damage, e| damage.and(e.span, "")));
            }
        }
    }
    all
}

/// Whether a line copies the field into a required one, and nothing allows that it is null.
fn feeds_required(sound: &Sound, site: &LineSite<'_>, direction: Direction, name: &Expr) -> bool {
    let text = sound.file(site.statement.span.file);
    let line = text[site.statement.span.start as usize..].lines().next();
    let allowed = line.is_some_and(|l| l.contains("# allow(nullable-into-required)"));
    !allowed
        && site.flows.iter().any(|(d, flow)| {
            let targets = site.targets(*d, flow);
            // What a text is put together from is never null.
            let copied = matches!(site.end(d.source()).kind, ExprKind::Path(_));
            *d == direction
                && copied
                && sound.text(site.end(d.source()).span) == sound.text(name.span)
                && targets.iter().any(|(_, f)| f.required())
        })
}

fn makes(site: &LineSite<'_>, direction: Direction) -> bool {
    let rules = &site.relationship.directions[direction.index()];
    rules.creates
        && (rules.create.is_empty()
            || site.relationship.sides[direction.target().index()]
                .objects
                .len()
                == 1)
}

fn written_otherwise(site: &LineSite<'_>, direction: Direction, field: &Field) -> bool {
    let target = direction.target();
    let writes = |slot| {
        fields(site.relationship, target, slot)
            .into_iter()
            .any(|(_, f)| f.name == field.name)
    };
    let lines = site
        .relationship
        .lines
        .iter()
        .filter_map(|l| l.flow(direction));
    let sets = site.relationship.directions[direction.index()]
        .create
        .iter()
        .flat_map(|c| &c.set);
    lines.filter(|f| writes(f.target)).count() > 1 || sets.into_iter().any(|s| writes(s.target))
}

/// Names that the operations of a relationship ask for or compare.
fn names_in_operations<'s>(sound: &'s Sound, site: &LineSite<'s>) -> impl Iterator<Item = &'s str> {
    let name = site.item.name.text.clone();
    let lines = sound.operations().filter(move |o| {
        o.item.name.text == name && !matches!(o.line.operation, OperationName::Done)
    });
    lines.flat_map(|o| {
        let text = sound.text(o.statement.span);
        text.split(|c: char| !c.is_alphanumeric() && c != '_')
    })
}

fn required(line: &str) -> String {
    let (name, rest) = line.split_once('{').unwrap_or((line, ""));
    format!("{name}{{ required: true,{rest}")
}
