//! Lines and clauses of a direction that the header does not have, and second writers.

use bilateral::program::{Conversion, Direction};
use bilateral::syntax::ast::{Arrow, ExprKind, ItemKind, ScheduleAction};

use super::damage::{Damage, replaced};
use super::sound::{LineSite, Sound};
use super::types::{copies, last_name};

/// The arrow of a line in a one-way relationship is turned. A turned line that reads an id or a reference is a write-back, which is right.
pub fn turned_line(sound: &Sound) -> Vec<Damage> {
    one_way_lines(sound)
        .map(|site| {
            let (direction, _) = site.flows[0];
            let turned = direction.other().arrow();
            replaced(site.line.arrow_span, turned)
        })
        .collect()
}

pub fn two_way_line(sound: &Sound) -> Vec<Damage> {
    one_way_lines(sound)
        .map(|site| replaced(site.line.arrow_span, "<->"))
        .collect()
}

/// The arrow of a one-way relationship is turned, its lines are not.
pub fn turned_header(sound: &Sound) -> Vec<Damage> {
    sound
        .relationships()
        .filter_map(|(_, item, _)| match item.arrow {
            Arrow::Push => Some(replaced(item.arrow_span, "<-")),
            Arrow::Pull => Some(replaced(item.arrow_span, "->")),
            Arrow::Both => None,
        })
        .collect()
}

/// `push …` in a pull-only relationship.
pub fn turned_clause(sound: &Sound) -> Vec<Damage> {
    let one_way = sound
        .operations()
        .filter(|site| site.relationship.enabled != [true, true]);
    one_way
        .map(|site| {
            let other = match sound.text(site.line.direction_span) {
                "push" => "pull",
                _ => "push",
            };
            replaced(site.line.direction_span, other)
        })
        .collect()
}

/// `push` of a relationship that only pulls.
pub fn turned_schedule(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for item in sound.items() {
        let ItemKind::Schedule(schedule) = &item.kind else {
            continue;
        };
        let enabled = |direction: Direction| {
            schedule.relationships.iter().all(|name| {
                let found = sound
                    .program
                    .relationships
                    .iter()
                    .find(|r| r.name == name.text);
                found.is_some_and(|r| r.enabled[direction.index()])
            })
        };
        for direction in Direction::BOTH {
            if schedule.lanes != ScheduleAction::Sync && !enabled(direction) {
                all.push(replaced(schedule.action_span, direction.word()));
            }
        }
    }
    all
}

/// An expression goes both ways.
pub fn two_way_expression(sound: &Sound) -> Vec<Damage> {
    let lines = sound.lines().filter(|site| {
        let both = site.relationship.enabled == [true, true];
        let path = |e: &ExprKind| matches!(e, ExprKind::Path(_));
        both && site.flows.len() == 1
            && !(path(&site.line.left.kind) && path(&site.line.right.kind))
    });
    lines
        .map(|site| replaced(site.line.arrow_span, "<->"))
        .collect()
}

/// The same line again.
pub fn line_twice(sound: &Sound) -> Vec<Damage> {
    let lines = sound.lines().filter(|site| !site.flows.is_empty());
    lines
        .map(|site| {
            let text = sound.text(site.statement.span).trim_end();
            replaced(site.statement.span, format!("{text}\n  {text}\n"))
        })
        .collect()
}

/// Another field is written into the target of a line too.
pub fn other_writer(sound: &Sound) -> Vec<Damage> {
    let all = copies(sound);
    let mut damages = Vec::new();
    for (site, direction, source, _, _) in &all {
        let other = all.iter().find(|(other, d, field, _, _)| {
            other.item.name.text == site.item.name.text
                && d == direction
                && field.name != source.name
                && field.ty == source.ty
        });
        let Some((other, ..)) = other else {
            continue;
        };
        let from = sound.text(other.end(direction.source()).span);
        let to = sound.text(site.pointed(*direction).span);
        let line = match direction {
            Direction::Push => format!("{from} -> {to}"),
            Direction::Pull => format!("{to} <- {from}"),
        };
        let after = sound.text(site.statement.span).trim_end();
        damages.push(replaced(
            site.statement.span,
            format!("{after}\n  {line}\n"),
        ));
    }
    damages
}

/// Another relationship over the same objects writes a field of them.
pub fn other_relationship(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for (site, direction, ..) in copies(sound) {
        let [left, right] = [&site.item.left, &site.item.right];
        let plain = left.len() == 1 && right.len() == 1 && site.item.many.is_none();
        let item = sound
            .relationships()
            .find(|(_, item, _)| item.name.text == site.item.name.text);
        let Some((_, _, span)) = item.filter(|_| plain) else {
            continue;
        };
        let keys = site
            .item
            .statements
            .iter()
            .find(|s| sound.text(s.span).starts_with("match"));
        let key = keys.map_or("", |s| sound.text(s.span).trim_end());
        let line = format!(
            "{} {} {}",
            sound.text(site.line.left.span),
            direction.arrow(),
            sound.text(site.line.right.span)
        );
        let second = format!(
            "relationship Second{}: {} {} {} {{\n  {key}\n  {line}\n  {} create never\n}}",
            site.item.name.text,
            sound.text(left[0].span),
            direction.arrow(),
            sound.text(right[0].span),
            direction.word(),
        );
        let at = bilateral::diagnostic::Span {
            end: span.start,
            ..span
        };
        all.push(replaced(at, format!("{second}\n\n")));
    }
    all
}

/// A two-way field through a value map that goes one way.
pub fn one_way_map(sound: &Sound) -> Vec<Damage> {
    let lines = sound.lines().filter(|site| {
        let map = site
            .flows
            .iter()
            .any(|(_, f)| matches!(&f.conversion, Conversion::Values(_)));
        map && site.flows.len() == 1
    });
    lines
        .map(|site| replaced(site.line.arrow_span, "<->"))
        .collect()
}

/// Lines of one-way relationships whose other end is no id and no reference: turned, they are no write-back.
fn one_way_lines(sound: &Sound) -> impl Iterator<Item = LineSite<'_>> {
    sound.lines().filter(|site| {
        let Some((direction, flow)) = site.flows.first().copied() else {
            return false;
        };
        let written_back = site.targets(direction, flow).iter().any(|(object, field)| {
            object.id.as_ref() == Some(&field.name) || !field.references.is_empty()
        });
        site.one_way()
            && !flow.write_back
            && !written_back
            && last_name(site.pointed(direction)).start > 0
    })
}
