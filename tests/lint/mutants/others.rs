//! Damages that neither schema nor header shows: what the rules do is another thing. Some the linter sees by what it proves, some it can't.

use bilateral::diagnostic::Span;
use bilateral::syntax::ast::{
    BinaryOp, ClauseKind, ElseAction, Expr, ExprKind, Fallback, ItemKind, ModifierKind,
    OperationName, Statement, StatementKind,
};
use bilateral::value::Value;

use super::damage::{Damage, removed, replaced};
use super::sound::Sound;
use super::types::copies;

pub fn key_gone(sound: &Sound) -> Vec<Damage> {
    statements(sound, |kind| matches!(kind, StatementKind::Match { .. }))
}

pub fn follow_gone(sound: &Sound) -> Vec<Damage> {
    statements(sound, |kind| matches!(kind, StatementKind::Follow { .. }))
}

pub fn preference_gone(sound: &Sound) -> Vec<Damage> {
    let mut all = statements(sound, |kind| matches!(kind, StatementKind::Prefer(_)));
    all.extend(modifiers(sound, |kind| {
        matches!(kind, ModifierKind::Prefer(_))
    }));
    all
}

/// A line that no create needs.
pub fn line_gone(sound: &Sound) -> Vec<Damage> {
    let lines = sound.lines().filter(|site| {
        let required = |direction, flow| {
            site.targets(direction, flow)
                .iter()
                .any(|(_, f)| f.required())
        };
        !site.flows.iter().any(|(d, f)| required(*d, f))
    });
    lines.map(|site| removed(site.statement.span)).collect()
}

pub fn filter_gone(sound: &Sound) -> Vec<Damage> {
    operations(sound, |name| matches!(name, OperationName::Filter))
}

pub fn operation_gone(sound: &Sound) -> Vec<Damage> {
    operations(sound, |name| !matches!(name, OperationName::Filter))
}

pub fn condition_gone(sound: &Sound) -> Vec<Damage> {
    let mut all = modifiers(sound, |kind| matches!(kind, ModifierKind::When { .. }));
    for site in sound
        .operations()
        .filter(|s| !matches!(s.line.operation, OperationName::Filter))
    {
        let whens = site
            .line
            .clauses
            .iter()
            .filter(|c| matches!(c.kind, ClauseKind::When(_)));
        all.extend(whens.map(|c| removed(c.span)));
    }
    all
}

pub fn set_gone(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for site in sound.operations() {
        let sets = site
            .line
            .clauses
            .iter()
            .filter(|c| matches!(c.kind, ClauseKind::Set(_)));
        let other = site.line.clauses.len() > 1;
        all.extend(sets.filter(|_| other).map(|c| removed(c.span)));
    }
    all
}

/// `on create`, `if empty`, `blanks ignore`
pub fn modifier_gone(sound: &Sound) -> Vec<Damage> {
    modifiers(sound, |kind| {
        matches!(
            kind,
            ModifierKind::OnCreate
                | ModifierKind::OnUpdate
                | ModifierKind::IfEmpty
                | ModifierKind::Blanks(_)
        )
    })
}

pub fn conversion_gone(sound: &Sound) -> Vec<Damage> {
    modifiers(sound, |kind| matches!(kind, ModifierKind::Using(_)))
}

pub fn reference_gone(sound: &Sound) -> Vec<Damage> {
    modifiers(sound, |kind| matches!(kind, ModifierKind::Via { .. }))
}

pub fn other_reference(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for site in sound.lines() {
        for modifier in &site.line.modifiers {
            if let ModifierKind::Via {
                relationship,
                alternative: None,
                ..
            } = &modifier.kind
            {
                let other = sound
                    .program
                    .relationships
                    .iter()
                    .find(|r| r.name != relationship.text && r.name != site.item.name.text);
                all.extend(other.map(|r| replaced(relationship.span, r.name.as_str())));
            }
        }
    }
    all
}

/// `or null` and `or skip` become the default, `or hold`.
pub fn fallback_gone(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for site in sound.lines() {
        for modifier in &site.line.modifiers {
            if let ModifierKind::Via {
                fallback: Some((kind, span)),
                ..
            } = &modifier.kind
                && *kind != Fallback::Hold
            {
                let text = sound.text(*span);
                let new = if text.starts_with("or") {
                    "or hold"
                } else {
                    "hold"
                };
                all.push(replaced(*span, new));
            }
        }
    }
    all
}

pub fn two_ways_become_one(sound: &Sound) -> Vec<Damage> {
    let lines = sound.lines().filter(|site| site.flows.len() == 2);
    lines
        .flat_map(|site| ["->", "<-"].map(|arrow| replaced(site.line.arrow_span, arrow)))
        .collect()
}

/// The sources of two lines of one relationship and type are swapped.
pub fn swapped_sources(sound: &Sound) -> Vec<Damage> {
    let all = copies(sound);
    let mut damages = Vec::new();
    for (at, (site, direction, source, ..)) in all.iter().enumerate() {
        let next = all[at + 1..].iter().find(|(other, d, field, ..)| {
            other.item.name.text == site.item.name.text
                && d == direction
                && field.name != source.name
                && field.ty == source.ty
        });
        if let Some((other, ..)) = next {
            let [a, b] = [site, other].map(|s| s.end(direction.source()).span);
            damages.push(replaced(a, sound.text(b)).and(b, sound.text(a)));
        }
    }
    damages
}

pub fn normalised_on_one_side(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for statement in all_statements(sound) {
        let StatementKind::Match { keys, .. } = &statement.kind else {
            continue;
        };
        for side in keys.iter().flat_map(|k| [&k.left, &k.right]) {
            if let ExprKind::Call { args, .. } = &side.kind
                && let [argument] = args.as_slice()
            {
                all.push(replaced(side.span, sound.text(argument.span)));
            }
        }
    }
    all
}

pub fn off_the_schedule(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for item in sound.items() {
        let ItemKind::Schedule(schedule) = &item.kind else {
            continue;
        };
        let names = &schedule.relationships;
        for at in 0..names.len() {
            let rest: Vec<&str> = names
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != at)
                .map(|(_, n)| n.text.as_str())
                .collect();
            let (Some(first), Some(last)) = (names.first(), names.last()) else {
                continue;
            };
            if !rest.is_empty() {
                let span = Span {
                    end: last.span.end,
                    ..first.span
                };
                all.push(replaced(span, rest.join(", ")));
            }
        }
    }
    all
}

pub fn negated(sound: &Sound) -> Vec<Damage> {
    conditions(sound)
        .map(|condition| {
            replaced(
                condition.span,
                format!("not ({})", sound.text(condition.span)),
            )
        })
        .collect()
}

/// `=` and `!=`, `<` and `>=`, `and` and `or` for one another.
pub fn other_operator(sound: &Sound) -> Vec<Damage> {
    let all = sound.expressions().into_iter();
    all.filter_map(|e| match &e.kind {
        ExprKind::Binary { op, op_span, .. } => {
            let other = match op {
                BinaryOp::Equal => "!=",
                BinaryOp::NotEqual => "=",
                BinaryOp::Less => ">=",
                BinaryOp::GreaterEqual => "<",
                BinaryOp::Greater => "<=",
                BinaryOp::LessEqual => ">",
                BinaryOp::And => "or",
                BinaryOp::Or => "and",
                _ => return None,
            };
            // A key compares by `=` alone.
            (sound.text(*op_span).len() == op_text(*op).len()).then(|| replaced(*op_span, other))
        }
        _ => None,
    })
    .collect()
}

pub fn other_text(sound: &Sound) -> Vec<Damage> {
    let all = sound.expressions().into_iter();
    all.filter_map(|e| match &e.kind {
        ExprKind::Literal(Value::Text(text)) => Some(replaced(e.span, format!("\"{text}x\""))),
        _ => None,
    })
    .collect()
}

pub fn other_number(sound: &Sound) -> Vec<Damage> {
    let all = sound.expressions().into_iter();
    all.filter_map(|e| match &e.kind {
        ExprKind::Literal(Value::Int(number)) => Some(replaced(e.span, format!("{number}7"))),
        _ => None,
    })
    .collect()
}

/// What is in a value map is not, or what is not becomes an error.
pub fn map_changed(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for item in sound.items() {
        if let ItemKind::Values(map) = &item.kind {
            all.extend(map.entries.iter().map(|e| removed(e.span)));
            let kept = map
                .elses
                .iter()
                .filter(|e| !matches!(e.action, ElseAction::Error));
            all.extend(kept.map(|e| removed(e.span)));
        }
    }
    all
}

pub fn action_gone(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for item in sound.items() {
        if let ItemKind::Trigger(trigger) = &item.kind {
            all.extend(
                trigger
                    .actions
                    .iter()
                    .filter(|_| trigger.actions.len() > 1)
                    .map(|a| removed(a.span)),
            );
        }
    }
    all
}

pub fn item_gone(sound: &Sound) -> Vec<Damage> {
    let items = sound
        .items()
        .filter(|i| matches!(i.kind, ItemKind::Trigger(_)));
    items.map(|i| removed(i.span)).collect()
}

/// A bracket is not closed, or an operand is missing.
pub fn syntax(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for expr in sound.expressions() {
        match &expr.kind {
            ExprKind::Call { .. } if sound.text(expr.span).ends_with(')') => {
                all.push(removed(Span {
                    start: expr.span.end - 1,
                    ..expr.span
                }));
            }
            ExprKind::Binary { left, .. } => all.push(removed(left.span)),
            _ => {}
        }
    }
    all
}

pub fn arguments(sound: &Sound) -> Vec<Damage> {
    let all = sound.expressions().into_iter();
    all.filter_map(|e| match &e.kind {
        ExprKind::Call { args, .. } => {
            let last = args.last()?;
            let twice = format!("{0}, {0}, {0}", sound.text(last.span));
            Some(replaced(last.span, twice))
        }
        _ => None,
    })
    .collect()
}

pub fn contradiction(sound: &Sound) -> Vec<Damage> {
    conditions(sound)
        .filter(|c| {
            matches!(
                c.kind,
                ExprKind::IsEmpty { .. }
                    | ExprKind::Binary {
                        op: BinaryOp::Equal | BinaryOp::Less | BinaryOp::Greater,
                        ..
                    }
            )
        })
        .map(|c| {
            let text = sound.text(c.span);
            replaced(c.span, format!("{text} and not ({text})"))
        })
        .collect()
}

pub fn index_gone(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for (at, (_, text)) in sound.pack.schemas.iter().enumerate() {
        for flag in [", indexed: true", ", unique: true"] {
            for (start, _) in text.match_indices(flag) {
                all.push(removed(Span {
                    file: bilateral::diagnostic::FileId((sound.pack.rules.len() + at) as u32),
                    start: start as u32,
                    end: (start + flag.len()) as u32,
                }));
            }
        }
    }
    all
}

fn op_text(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Equal => "=",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::And => "and",
        _ => "or",
    }
}

fn conditions(sound: &Sound) -> impl Iterator<Item = &Expr> {
    let of_lines = sound.lines().flat_map(|site| {
        site.line.modifiers.iter().filter_map(|m| match &m.kind {
            ModifierKind::When { condition, .. } => Some(condition),
            _ => None,
        })
    });
    let of_operations = sound.operations().flat_map(|site| {
        site.line.clauses.iter().filter_map(|c| match &c.kind {
            ClauseKind::When(condition) => Some(condition),
            _ => None,
        })
    });
    of_lines.chain(of_operations)
}

fn all_statements(sound: &Sound) -> impl Iterator<Item = &Statement> {
    sound
        .relationships()
        .flat_map(|(_, item, _)| &item.statements)
}

fn statements(sound: &Sound, which: impl Fn(&StatementKind) -> bool) -> Vec<Damage> {
    let all = all_statements(sound).filter(|s| which(&s.kind));
    all.map(|s| removed(s.span)).collect()
}

fn operations(sound: &Sound, which: impl Fn(&OperationName) -> bool) -> Vec<Damage> {
    let all = sound.operations().filter(|s| which(&s.line.operation));
    all.map(|s| removed(s.statement.span)).collect()
}

fn modifiers(sound: &Sound, which: impl Fn(&ModifierKind) -> bool) -> Vec<Damage> {
    let all = sound.lines().flat_map(|site| &site.line.modifiers);
    all.filter(|m| which(&m.kind))
        .map(|m| removed(m.span))
        .collect()
}
