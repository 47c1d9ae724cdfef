//! What may be written into a field: by its type, its picklist, and what the store allows.

use crate::check::Checker;
use crate::check::expression::Typed;
use crate::check::facts::NullWrite;
use crate::check::frame::ObjectRef;
use crate::check::sink::suggest;
use crate::check::types::{self, Misfit, article};
use crate::diagnostic::{Span, codes};
use crate::program::{Expr, Side};
use crate::syntax::ast::Name;
use crate::value::{Type, Value};

/// In which operations a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operations {
    Create,
    Update,
    Both,
}

/// A value on its way into a field of one object.
#[derive(Debug)]
pub(crate) struct FieldWrite<'w> {
    pub side: Side,
    pub object: &'w ObjectRef,
    pub field: &'w Name,
    /// What is written, for findings.
    pub source: Span,
    pub operations: Operations,
    /// What is written is what a conversion makes of the source.
    pub converted: bool,
    /// `x -> Id on create`, or a `set` in a create.
    pub may_give_id: bool,
    /// The value goes over and comes back: an expression in its place is no mend.
    pub two_way: bool,
}

impl<'w> FieldWrite<'w> {
    pub fn create(side: Side, object: &'w ObjectRef, field: &'w Name, source: Span) -> Self {
        FieldWrite {
            side,
            object,
            field,
            source,
            operations: Operations::Create,
            converted: false,
            may_give_id: true,
            two_way: false,
        }
    }
}

impl Checker<'_> {
    /// Whether the value can go there; if not, it has a finding.
    pub fn check_write(&mut self, write: &FieldWrite<'_>, typed: &Typed) -> bool {
        let FieldWrite {
            side,
            object,
            field: name,
            ..
        } = write;
        let full = format!("`{}`", self.object_name(*side, object));
        let Some(field) = object.field(&name.text) else {
            if object.open {
                return true;
            }
            let message = format!("{full} has no field `{}`", name.text);
            let fields = object.object.fields.keys().map(|f| f.as_str());
            self.findings
                .error(codes::UNKNOWN_FIELD, name.span, message)
                .suggest(&name.text, fields);
            return false;
        };
        if object.object.id.as_ref() == Some(&name.text) && !write.may_give_id {
            let help = match write.operations {
                Operations::Update => "leave it out",
                _ => "to give new records their id, write `… on create`",
            };
            self.findings
                .error(
                    codes::WRITES_ID,
                    name.span,
                    format!(
                        "`{}` is the id of {full}, and an id is never written",
                        name.text
                    ),
                )
                .help(help);
            return false;
        }
        if object.object.modified.as_ref() == Some(&name.text) {
            self.findings
                .error(
                    codes::READ_ONLY,
                    name.span,
                    format!(
                        "`{}` is the modification time of {full}, which the store sets itself",
                        name.text
                    ),
                )
                .help("leave the line out: it can only be read");
            return false;
        }
        let creates = matches!(write.operations, Operations::Create | Operations::Both);
        let updates = matches!(write.operations, Operations::Update | Operations::Both);
        if creates && !field.createable || updates && !field.updateable {
            let (message, help) = match (field.createable, field.updateable) {
                (false, false) => (
                    format!("{full} does not let `{}` be written", name.text),
                    Some("it is calculated, or set by the store itself: it can only be read"),
                ),
                (false, true) => (
                    format!("{full} does not take `{}` in a create", name.text),
                    Some("write it `on update`"),
                ),
                (true, _) => (
                    format!("{full} does not let `{}` be changed", name.text),
                    Some("write it `on create`"),
                ),
            };
            let described_at = self.described_at(write);
            self.findings
                .error(codes::READ_ONLY, name.span, message)
                .maybe_label(described_at, "its schema says so")
                .maybe_help(help.map(String::from));
            return false;
        }
        let ty = field.ty.clone();
        self.check_fits(write, typed, &ty)
    }

    /// As [`Checker::check_write`], of a value that is assigned: a null is noted.
    pub fn check_assigned(&mut self, write: &FieldWrite<'_>, typed: &Typed) -> bool {
        let sound = self.check_write(write, typed);
        if sound && matches!(typed.expr, Expr::Const(Value::Null)) && !typed.unknown {
            self.facts.null_writes.push(NullWrite {
                side: write.side,
                object: write.object.object.name.clone(),
                field: write.field.text.clone(),
                target: write.field.span,
                source: write.source,
            });
        }
        sound
    }

    fn check_fits(&mut self, write: &FieldWrite<'_>, typed: &Typed, ty: &Type) -> bool {
        let name = &write.field.text;
        let source = self.text(write.source);
        let subject = if write.converted {
            format!("what becomes of `{source}`")
        } else {
            format!("`{source}`")
        };
        if let Some(constant) = constants(&typed.expr)
            .into_iter()
            .find(|c| !fits_constant(c, ty))
        {
            return self.constant_misfit(write, constant, ty);
        }
        let all_constant = matches!(typed.expr, Expr::Const(_));
        let help_for = |help: String| (!write.converted).then_some(help);
        let via = self.via_help(write);
        let (code, message, help) = match types::fits(&typed.ty, ty) {
            Ok(()) => return true,
            Err(Misfit::Length(..)) | Err(Misfit::Members(_)) if all_constant => return true,
            Err(Misfit::Kind) => {
                let help = match (&typed.ty, ty) {
                    _ if via.is_some() => via,
                    (_, to) if types::is_number(to) && constant_number(&typed.expr).is_some() => {
                        constant_number(&typed.expr).map(|n| format!("write the number: `{n}`"))
                    }
                    (Type::Object, _) => {
                        help_for(format!("name one of its members: `{source}.NAME`"))
                    }
                    (from, to) if write.two_way => help_for(lens_help(write.side, from, to)),
                    (from, to) if types::is_text(from) && types::is_number(to) => {
                        help_for(format!("read the number in the text: `number({source})`"))
                    }
                    (from, to) if types::is_number(from) && types::is_text(to) => {
                        help_for(format!("write the number as text: `text({source})`"))
                    }
                    (Type::List(_), to) if types::is_text(to) => {
                        help_for(format!("join the members: `join({source}, \", \")`"))
                    }
                    _ => None,
                };
                (
                    codes::TYPE_MISMATCH,
                    format!(
                        "{subject} is {}, and `{name}` is {}",
                        article(&typed.ty),
                        article(ty)
                    ),
                    help,
                )
            }
            Err(Misfit::Length(from, to)) => (
                codes::TEXT_TOO_LONG,
                format!("{subject} has up to {from} characters, and `{name}` takes {to}"),
                help_for(if write.two_way {
                    let shortened = match write.side {
                        Side::Right => format!("left({source}, {to}) -> {name}"),
                        Side::Left => format!("{name} <- left({source}, {to})"),
                    };
                    format!(
                        "say how it is made to fit, by a line for each direction: `{shortened}`"
                    )
                } else {
                    format!("shorten it: `left({source}, {to})`")
                }),
            ),
            Err(Misfit::Members(missing)) => {
                let list: Vec<String> = missing.iter().take(5).map(|m| format!("`{m}`")).collect();
                let more = if missing.len() > 5 { ", …" } else { "" };
                (
                    codes::NOT_IN_PICKLIST,
                    format!(
                        "`{name}` has no {}{more}, which {subject} can be",
                        list.join(", ")
                    ),
                    Some("convert the values: `using` a value map".to_string()),
                )
            }
        };
        let described_at = self.described_at(write);
        self.findings
            .error(code, write.source, message)
            .label(write.field.span, format!("this is {}", article(ty)))
            .maybe_label(described_at, "its schema says so")
            .maybe_help(help);
        false
    }

    /// Where a schema file describes the field that is written.
    fn described_at(&self, write: &FieldWrite<'_>) -> Option<Span> {
        self.schema_place(write.side, &write.object.object, &write.field.text)
    }

    /// A reference of another type than its source is translated, not converted.
    fn via_help(&self, write: &FieldWrite<'_>) -> Option<String> {
        let field = write.object.field(&write.field.text)?;
        let refers = field.references.first().filter(|_| !write.converted)?;
        let related = self.relationships_of(write.side, refers);
        let through = match related.as_slice() {
            [one] => format!("`via {}`", one.trim_matches('`')),
            _ => "`via` the relationship of what it refers to".to_owned(),
        };
        Some(format!(
            "`{}` refers to `{refers}`: translate the reference, {through}",
            field.name
        ))
    }

    /// Where a text stands within an expression, if it stands there once.
    fn literal(&self, within: Span, text: &str) -> Option<Span> {
        let written = crate::check::names::text_of(self.input.sources, within)?;
        let quoted = format!("\"{text}\"");
        let at = written.find(&quoted)?;
        if written[at + 1..].contains(&quoted) {
            return None;
        }
        let start = within.start + u32::try_from(at).ok()?;
        Some(Span {
            start,
            end: start + u32::try_from(quoted.len()).ok()?,
            ..within
        })
    }

    fn constant_misfit(&mut self, write: &FieldWrite<'_>, constant: &Value, ty: &Type) -> bool {
        let name = &write.field.text;
        let given = types::of_value(constant);
        let described_at = self.described_at(write);
        let label = format!("this is {}", article(ty));
        match (constant, ty) {
            (Value::Text(text), Type::Enum(members)) => {
                let literal = self.literal(write.source, text);
                let members = members.iter().map(|m| m.as_str());
                let described = self
                    .findings
                    .error(
                        codes::NOT_IN_PICKLIST,
                        literal.unwrap_or(write.source),
                        format!("`{text}` is not in the picklist of `{name}`"),
                    )
                    .label(write.field.span, label)
                    .maybe_label(described_at, "its schema says so");
                match literal {
                    Some(_) => described.suggest_text(text, members),
                    None => described.help(suggest(text, members).sentence()),
                };
            }
            (Value::Text(text), Type::Text { max: Some(max) }) => {
                let length = text.chars().count();
                let at = self.literal(write.source, text).unwrap_or(write.source);
                self.findings
                    .error(
                        codes::TEXT_TOO_LONG,
                        at,
                        format!("this text has {length} characters, and `{name}` takes {max}"),
                    )
                    .label(write.field.span, label)
                    .maybe_label(described_at, "its schema says so");
            }
            _ => {
                let source = self.text(write.source);
                self.findings
                    .error(
                        codes::TYPE_MISMATCH,
                        write.source,
                        format!(
                            "`{source}` is {}, and `{name}` is {}",
                            article(&given),
                            article(ty)
                        ),
                    )
                    .label(write.field.span, label)
                    .maybe_label(described_at, "its schema says so");
            }
        }
        false
    }
}

/// The number that a constant text holds.
fn constant_number(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Const(Value::Text(text)) => text
            .parse::<rust_decimal::Decimal>()
            .is_ok()
            .then_some(text.as_str()),
        _ => None,
    }
}

/// What a two-way field of two types needs.
fn lens_help(target: Side, from: &Type, to: &Type) -> String {
    let half = |from: &Type, to: &Type| match (from, to) {
        (from, to) if types::is_text(from) && types::is_number(to) => "number(it)",
        (from, to) if types::is_number(from) && types::is_text(to) => "text(it)",
        _ => "…",
    };
    let (there, back) = (half(from, to), half(to, from));
    let (push, pull) = match target {
        Side::Right => (there, back),
        Side::Left => (back, there),
    };
    format!("convert it both ways, `using` a lens: `lens NAME {{ push {push} pull {pull} }}`")
}

/// The constants that an expression may give as they are.
fn constants(expr: &Expr) -> Vec<&Value> {
    match expr {
        Expr::Const(value) => vec![value],
        Expr::If(_, a, b) | Expr::Coalesce(a, b) => [constants(a), constants(b)].concat(),
        _ => Vec::new(),
    }
}

/// Whether a constant goes into a field of a type. Texts for numbers, and other differences of kind, are left to the types.
pub(crate) fn fits_constant(value: &Value, ty: &Type) -> bool {
    match (value, ty) {
        (Value::Text(text), Type::Enum(members)) => {
            text.trim().is_empty() || members.contains(text)
        }
        (Value::Text(text), Type::Text { max: Some(max) }) => {
            u32::try_from(text.chars().count()).is_ok_and(|n| n <= *max)
        }
        (Value::Text(text), Type::Date) => {
            crate::value::parse_date(text).is_some() || crate::value::parse_instant(text).is_some()
        }
        (Value::Text(text), Type::Instant) => {
            crate::value::parse_instant(text).is_some() || crate::value::parse_date(text).is_some()
        }
        (Value::Int(n), ty) if types::is_integer_column(ty) || matches!(ty, Type::Bool) => {
            matches!(ty, Type::Number { .. }) || matches!(n, 0 | 1)
        }
        (Value::Decimal(d), Type::Number { scale: Some(scale) }) => d.normalize().scale() <= *scale,
        _ => true,
    }
}
