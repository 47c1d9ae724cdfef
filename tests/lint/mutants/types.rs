//! Types, lengths and picklists that do not go together.

use bilateral::diagnostic::Span;
use bilateral::program::{Conversion, Direction, Flow, Side};
use bilateral::schema::{Field, Object};
use bilateral::syntax::ast::{BinaryOp, ClauseKind, Expr, ExprKind};
use bilateral::value::{Type, Value};

use super::damage::{Damage, described, replaced};
use super::sound::{LineSite, Sound, fields};

/// A line points at a field of another type: text for number, number for text.
pub fn other_target(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for (site, direction, source, object, _) in copies(sound) {
        let free = |f: &&Field| {
            f.createable && f.updateable && !written(&site, direction, f) && f.references.is_empty()
        };
        let other = object
            .fields
            .values()
            .filter(free)
            .find(|f| clash(&source.ty, &f.ty));
        all.extend(other.map(|f| replaced(last_name(site.pointed(direction)), f.name.as_str())));
    }
    all
}

/// A number where a text is written, or the other way round.
pub fn other_constant(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for site in sound.lines().filter(|s| s.flows.len() == 1) {
        let (direction, flow) = site.flows[0];
        let source = site.end(direction.source());
        if !matches!(flow.conversion, Conversion::None) {
            continue;
        }
        match site.targets(direction, flow).first().map(|(_, f)| &f.ty) {
            Some(Type::Text { .. }) => all.push(replaced(source.span, "17")),
            Some(Type::Number { .. }) => all.push(replaced(source.span, "\"seventeen\"")),
            _ => {}
        }
    }
    all
}

/// A text is compared with a number.
pub fn other_operand(sound: &Sound) -> Vec<Damage> {
    let all = sound.expressions().into_iter();
    all.filter_map(|e| match &e.kind {
        ExprKind::Binary {
            op: BinaryOp::Equal | BinaryOp::NotEqual,
            left,
            right,
            ..
        } => {
            let text = matches!(&right.kind, ExprKind::Literal(Value::Text(_)));
            (text && matches!(left.kind, ExprKind::Path(_))).then(|| replaced(right.span, "17"))
        }
        _ => None,
    })
    .collect()
}

/// The schema has another type.
pub fn schema_type(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for (site, direction, source, object, target) in copies(sound) {
        let other = match (&source.ty, &target.ty) {
            (Type::Text { .. }, Type::Text { .. }) => "number",
            (Type::Number { .. }, Type::Number { .. }) => "text",
            _ => continue,
        };
        let pairs = [
            (direction.source(), source_object(&site, direction)),
            (direction.target(), Some(object)),
        ];
        for ((side, object), field) in pairs.into_iter().zip([source, target]) {
            let line = object.and_then(|o| sound.schema_line(side, &o.name, &field.name));
            let Some(line) = line.filter(|_| field.references.is_empty()) else {
                continue;
            };
            let text = sound.text(line);
            if text.contains("default:") {
                continue;
            }
            let changed = with(
                text,
                &["type", "length", "scale"],
                &format!("type: {other}"),
            );
            all.push(described(line, changed, &field.name));
        }
    }
    all
}

/// The source holds longer texts than its target.
pub fn longer_source(sound: &Sound) -> Vec<Damage> {
    lengths(sound, |site, direction, source, target| {
        let (
            Type::Text {
                max: None | Some(_),
            },
            Type::Text { max: Some(takes) },
        ) = (&source.ty, &target.ty)
        else {
            return None;
        };
        let object = source_object(site, direction)?;
        let line = sound.schema_line(direction.source(), &object.name, &source.name)?;
        let changed = with(
            sound.text(line),
            &["type", "length"],
            &format!("type: text, length: {}", takes + 50),
        );
        Some(described(line, changed, &source.name))
    })
}

/// The target holds shorter texts than its source.
pub fn shorter_target(sound: &Sound) -> Vec<Damage> {
    lengths(sound, |site, direction, source, target| {
        let (Type::Text { max: Some(gives) }, Type::Text { .. }) = (&source.ty, &target.ty) else {
            return None;
        };
        let flow = site.flows.iter().find(|(d, _)| *d == direction)?.1;
        let [(object, _)] = site.targets(direction, flow)[..] else {
            return None;
        };
        let line = sound.schema_line(direction.target(), &object.name, &target.name)?;
        let changed = with(
            sound.text(line),
            &["type", "length"],
            &format!("type: text, length: {}", gives / 2),
        );
        Some(described(line, changed, &target.name))
    })
}

/// A constant that is longer than its field.
pub fn long_constant(sound: &Sound) -> Vec<Damage> {
    constants(sound)
        .into_iter()
        .filter_map(|(span, _, _, field)| match field.ty {
            Type::Text { max: Some(takes) } => {
                let long = "x".repeat(takes as usize + 1);
                Some(replaced(span, format!("\"{long}\"")))
            }
            _ => None,
        })
        .collect()
}

/// A constant that the picklist of its field does not have.
pub fn not_a_member(sound: &Sound) -> Vec<Damage> {
    constants(sound)
        .into_iter()
        .filter_map(|(span, side, object, field)| {
            let text = sound.text(span);
            let line = sound.schema_line(side, &object.name, &field.name)?;
            let picklist = enumeration(sound.text(line), &[text.trim_matches('"'), "other"]);
            let member = text.trim_matches('"');
            let wrong = format!("\"{member}ish\"");
            Some(replaced(span, wrong).and(line, picklist))
        })
        .collect()
}

/// A condition compares a field with what its picklist does not have.
pub fn compared_with_no_member(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for site in sound.operations() {
        let side = match site.line.direction {
            bilateral::syntax::ast::Direction::Push => Side::Left,
            bilateral::syntax::ast::Direction::Pull => Side::Right,
        };
        for clause in &site.line.clauses {
            let ClauseKind::When(when) = &clause.kind else {
                continue;
            };
            for (name, literal) in compared(when) {
                let objects = &site.relationship.sides[side.index()].objects;
                let [object] = objects.as_slice() else {
                    continue;
                };
                let field = object.fields.get(name);
                let line = field.and_then(|f| sound.schema_line(side, &object.name, &f.name));
                let text = sound.text(literal.span).trim_matches('"').to_owned();
                all.extend(line.map(|line| {
                    let picklist = enumeration(sound.text(line), &[&text, "other"]);
                    replaced(literal.span, format!("\"{text}ish\"")).and(line, picklist)
                }));
            }
        }
    }
    all
}

/// The source's picklist has a member that its target's has not.
pub fn wider_picklist(sound: &Sound) -> Vec<Damage> {
    let mut all = Vec::new();
    for (site, direction, source, object, target) in copies(sound) {
        let texts = matches!(
            (&source.ty, &target.ty),
            (Type::Text { .. }, Type::Text { .. })
        );
        let from = source_object(&site, direction)
            .and_then(|o| sound.schema_line(direction.source(), &o.name, &source.name));
        let to = sound.schema_line(direction.target(), &object.name, &target.name);
        if let (Some(from), Some(to), true) = (from, to, texts && site.flows.len() == 1) {
            let wide = enumeration(sound.text(from), &["hot", "warm", "cold"]);
            let narrow = enumeration(sound.text(to), &["hot", "warm"]);
            all.push(described(from, wide, &source.name).and(to, narrow));
        }
    }
    all
}

/// Flows that copy one field into one other, without a conversion or reference.
pub fn copies(sound: &Sound) -> Vec<(LineSite<'_>, Direction, &Field, &Object, &Field)> {
    let mut all = Vec::new();
    for site in sound.lines() {
        for (direction, flow) in site.flows.clone() {
            let plain = matches!(flow.conversion, Conversion::None) && !flow.write_back;
            let path = matches!(site.end(direction.source()).kind, ExprKind::Path(_));
            if !plain || !path {
                continue;
            }
            let sources = site.sources(direction, flow);
            let targets = site.targets(direction, flow);
            if let (Some((_, source)), Some((object, target))) = (sources.first(), targets.first())
            {
                let site = LineSite {
                    flows: site.flows.clone(),
                    ..site
                };
                all.push((site, direction, *source, *object, *target));
            }
        }
    }
    all
}

fn source_object<'a>(site: &LineSite<'a>, direction: Direction) -> Option<&'a Object> {
    let flow = site.flows.iter().find(|(d, _)| *d == direction)?.1;
    site.sources(direction, flow)
        .first()
        .map(|(object, _)| *object)
}

fn lengths(
    sound: &Sound,
    make: impl Fn(&LineSite<'_>, Direction, &Field, &Field) -> Option<Damage>,
) -> Vec<Damage> {
    copies(sound)
        .into_iter()
        .filter_map(|(site, direction, source, _, target)| make(&site, direction, source, target))
        .collect()
}

/// Constant texts that lines and `set` write: where they stand, and the field that they go into.
fn constants(sound: &Sound) -> Vec<(Span, Side, &Object, &Field)> {
    let mut all = Vec::new();
    for site in sound.lines() {
        for (direction, flow) in &site.flows {
            let source = site.end(direction.source());
            if let (true, Some((object, field))) =
                (is_text(source), site.targets(*direction, flow).first())
            {
                all.push((source.span, direction.target(), *object, *field));
            }
        }
    }
    for site in sound.operations() {
        let direction = direction(site.line.direction);
        let rules = &site.relationship.directions[direction.index()];
        for clause in &site.line.clauses {
            let ClauseKind::Set(sets) = &clause.kind else {
                continue;
            };
            let hooks = rules.change.iter().flat_map(|hook| &hook.set);
            let known: Vec<_> = rules
                .create
                .iter()
                .chain(&rules.update)
                .flat_map(|o| &o.set)
                .chain(hooks)
                .collect();
            for set in sets.iter().filter(|s| is_text(&s.value)) {
                let name = set.field.names.last().map(|n| &n.text);
                let found = known
                    .iter()
                    .flat_map(|s| fields(site.relationship, direction.target(), s.target));
                let found = found.into_iter().find(|(_, f)| Some(&f.name) == name);
                all.extend(
                    found
                        .map(|(object, field)| (set.value.span, direction.target(), object, field)),
                );
            }
        }
    }
    all
}

pub fn direction(written: bilateral::syntax::ast::Direction) -> Direction {
    match written {
        bilateral::syntax::ast::Direction::Push => Direction::Push,
        bilateral::syntax::ast::Direction::Pull => Direction::Pull,
    }
}

/// `field = "text"` and `field in ["text", …]` within a condition.
fn compared(expr: &Expr) -> Vec<(&str, &Expr)> {
    match &expr.kind {
        ExprKind::Binary {
            op: BinaryOp::And | BinaryOp::Or,
            left,
            right,
            ..
        } => compared(left).into_iter().chain(compared(right)).collect(),
        ExprKind::Binary {
            op: BinaryOp::Equal | BinaryOp::NotEqual,
            left,
            right,
            ..
        } => match (&left.kind, is_text(right)) {
            (ExprKind::Path(path), true) if path.names.len() == 1 => {
                vec![(path.names[0].text.as_str(), &**right)]
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn is_text(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(Value::Text(_)))
}

fn clash(a: &Type, b: &Type) -> bool {
    matches!(
        (a, b),
        (Type::Text { .. }, Type::Number { .. }) | (Type::Number { .. }, Type::Text { .. })
    )
}

fn written(site: &LineSite<'_>, direction: Direction, field: &Field) -> bool {
    let flows = site
        .relationship
        .lines
        .iter()
        .filter_map(|l| l.flow(direction));
    let slots = &site.relationship.sides[direction.target().index()].slots;
    let name = |flow: &Flow| slots[flow.target.0 as usize].field.clone();
    flows.into_iter().any(|flow| name(flow) == field.name)
}

pub fn last_name(expr: &Expr) -> Span {
    match &expr.kind {
        ExprKind::Path(path) => path.names.last().map_or(expr.span, |n| n.span),
        _ => expr.span,
    }
}

/// A line of a schema file with other words for some keys.
fn with(line: &str, without: &[&str], instead: &str) -> String {
    let (name, rest) = line.split_once('{').unwrap_or((line, ""));
    let kept = rest
        .trim_end_matches([' ', '}'])
        .split(", ")
        .map(str::trim)
        .filter(|part| {
            let key = part.split(':').next().unwrap_or_default();
            !part.is_empty() && !without.contains(&key)
        });
    let parts: Vec<&str> = std::iter::once(instead).chain(kept).collect();
    format!("{name}{{ {} }}", parts.join(", "))
}

pub fn enumeration(line: &str, members: &[&str]) -> String {
    let members: Vec<String> = members.iter().map(|m| format!("\"{m}\"")).collect();
    let ty = format!("type: enum, values: [{}]", members.join(", "));
    with(line, &["type", "length", "default"], &ty)
}
