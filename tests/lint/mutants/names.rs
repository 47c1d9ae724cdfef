//! Misspelt names and words.

use bilateral::diagnostic::Span;
use bilateral::program::{Direction, Side};
use bilateral::syntax::ast::{Expr, ExprKind, ItemKind, ModifierKind, Name, Path};

use super::damage::{Damage, described, replaced};
use super::sound::Sound;

/// The name of a field line's end.
pub fn line_fields(sound: &Sound) -> Vec<Damage> {
    sound
        .lines()
        .flat_map(|site| [&site.line.left, &site.line.right])
        .filter_map(|end| path(end).and_then(|p| of_path(sound, p)))
        .collect()
}

/// A name anywhere else in an expression: keys, conditions, sets, arguments.
pub fn other_fields(sound: &Sound) -> Vec<Damage> {
    let ends: Vec<Span> = sound
        .lines()
        .flat_map(|site| [site.line.left.span, site.line.right.span])
        .collect();
    let all = sound.expressions().into_iter();
    all.filter(|e| !ends.contains(&e.span))
        .filter_map(|e| path(e).and_then(|p| of_path(sound, p)))
        .collect()
}

pub fn objects(sound: &Sound) -> Vec<Damage> {
    sound
        .relationships()
        .flat_map(|(_, item, _)| item.left.iter().chain(&item.right))
        .filter_map(|name| of_name(sound, name))
        .collect()
}

/// After `via`, in schedules, in `linked(…)` and in actions.
pub fn relationships(sound: &Sound) -> Vec<Damage> {
    let via = sound.lines().flat_map(|site| {
        site.line.modifiers.iter().filter_map(|m| match &m.kind {
            ModifierKind::Via { relationship, .. } => Some(relationship),
            _ => None,
        })
    });
    let scheduled = sound.items().flat_map(|item| match &item.kind {
        ItemKind::Schedule(schedule) => schedule.relationships.iter().collect(),
        _ => Vec::new(),
    });
    via.chain(scheduled)
        .filter_map(|name| of_name(sound, name))
        .collect()
}

pub fn functions(sound: &Sound) -> Vec<Damage> {
    let all = sound.expressions().into_iter();
    all.filter_map(|e| match &e.kind {
        ExprKind::Call { function, .. } => of_name(sound, function),
        _ => None,
    })
    .collect()
}

/// The store, object or key of a query.
pub fn queries(sound: &Sound) -> Vec<Damage> {
    let all = sound.expressions().into_iter();
    all.flat_map(|e| match &e.kind {
        ExprKind::Lookup(query) => (query
            .object
            .names
            .iter()
            .chain(query.keys.first().map(|k| &k.name)))
        .chain(&query.field)
        .collect(),
        ExprKind::Aggregate(query) => query.object.names.iter().chain(&query.field).collect(),
        _ => Vec::new(),
    })
    .filter_map(|name: &Name| of_name(sound, name))
    .collect()
}

/// A word of the language.
pub fn words(sound: &Sound) -> Vec<Damage> {
    const WORDS: &[&str] = &[
        "require",
        "when",
        "follow",
        "prefer",
        "match",
        "every",
        "create",
        "relationship",
        "using",
        "duplicates",
        "blanks",
        "trigger",
        "else",
        "via",
        "purge",
        "convert",
    ];
    let mut all = Vec::new();
    for item in sound.items() {
        let text = sound.text(item.span);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let code = line.split('#').next().unwrap_or_default();
            for word in WORDS {
                let places = code.match_indices(word);
                let whole = |at: &usize| {
                    let side = |c: Option<char>| {
                        !c.is_some_and(|c| c.is_alphanumeric() || "_\".".contains(c))
                    };
                    let in_text = code[..*at].matches('"').count() % 2 == 1;
                    let end = code[at + word.len()..].chars().next();
                    !in_text && side(code[..*at].chars().next_back()) && side(end)
                };
                for at in places.map(|(at, _)| at).filter(whole) {
                    let begin = item.span.start + (start + at) as u32;
                    let span = Span {
                        start: begin,
                        end: begin + word.len() as u32,
                        ..item.span
                    };
                    all.extend(of_text(sound, word, span));
                }
            }
            start += line.len();
        }
    }
    all
}

/// A field that the rules name has another name in the schema.
pub fn renamed_in_schema(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for site in sound.lines() {
        for (direction, flow) in &site.flows {
            let ends = [
                (direction.source(), site.sources(*direction, flow)),
                (direction.target(), site.targets(*direction, flow)),
            ];
            for (side, fields) in ends {
                // Another alternative may still have it.
                let [(object, field)] = fields.as_slice() else {
                    continue;
                };
                let Some(line) = sound.schema_line(side, &object.name, &field.name) else {
                    continue;
                };
                let text = sound.text(line);
                let (_, rest) = text.split_once(':').unwrap_or_default();
                // The keys of the object are named above its fields.
                let own = [
                    &object.id,
                    &object.modified,
                    &object.created,
                    &object.deleted,
                ];
                if !own.into_iter().flatten().any(|name| *name == field.name) {
                    let renamed = format!("{}_old:{rest}", field.name);
                    all.push(described(line, renamed, &field.name));
                }
            }
        }
    }
    all
}

fn path(expr: &Expr) -> Option<&Path> {
    match &expr.kind {
        ExprKind::Path(path) => Some(path),
        _ => None,
    }
}

/// What stands before the first dot, or the field of a store or an alternative: what is deeper in a value, no schema describes.
fn of_path(sound: &Sound, path: &Path) -> Option<Damage> {
    let [head, rest @ ..] = path.names.as_slice() else {
        return None;
    };
    let of_side = |side: Side| {
        let store = &sound.program.stores[side.index()];
        store.name == head.text || store.schema.objects.contains_key(&head.text)
    };
    let whole = Direction::BOTH.into_iter().any(|d| of_side(d.source()));
    match rest {
        [field, ..] if whole => of_name(sound, field),
        _ => of_name(sound, head),
    }
}

fn of_name(sound: &Sound, name: &Name) -> Option<Damage> {
    of_text(sound, &name.text, name.span)
}

/// By a letter too few, two letters that changed places, or a letter too many; no other name there is.
fn of_text(sound: &Sound, name: &str, at: Span) -> Option<Damage> {
    let letters: Vec<char> = name.chars().collect();
    let middle = letters.len() / 2;
    let mut swapped = letters.clone();
    swapped.swap(middle, middle.saturating_sub(1));
    let mut short = letters.clone();
    short.remove(middle);
    let mut long = letters.clone();
    long.insert(middle, 'x');
    let mut ways = [swapped, short, long];
    ways.rotate_left(at.start as usize % 3);
    ways.into_iter()
        .map(String::from_iter)
        .find(|new| !new.is_empty() && new != name && !sound.names.contains(new))
        .map(|new| replaced(at, new))
}
