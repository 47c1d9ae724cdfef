//! The fields of a relationship: where each value comes from, where it goes, how it is converted, who wins, under which conditions.

use super::model::Block;
use super::model::{Arrow, Phrase, Row, Section, Table};
use super::rules::{Rules, arrow, direction, section_of};
use crate::diagnostic::Span;
use crate::program::{Direction, Relationship};
use crate::syntax::ast::{
    self, Blanks, Expr, ExprKind, Fallback, FieldLine, Modifier, ModifierKind, Name, Preference,
    RelationshipItem, StatementKind,
};

/// left | arrow | right | conversion | who wins | conditions
pub fn section(
    rules: &Rules,
    name: &str,
    relationship: &Relationship,
    item: &RelationshipItem,
) -> Section {
    let section = Section::new(format!("fields {name}"), Phrase::of("Fields"));
    let head = [
        Phrase::new().code(rules.store(0)),
        Phrase::new(),
        Phrase::new().code(rules.store(1)),
        Phrase::of("conversion"),
        Phrase::of("who wins"),
        Phrase::of("conditions"),
    ];
    let mut table = Table::new("fields", head);
    let default = default_preference(rules, item);
    for statement in &item.statements {
        match &statement.kind {
            StatementKind::Field(line) => {
                table.rows.extend(rules.note(statement.span));
                let only = only(relationship, statement.span, line);
                table.row(row(rules, line, &default, only));
            }
            StatementKind::Star { arrow, except, .. } => {
                table.rows.extend(rules.note(statement.span));
                table
                    .rows
                    .push(all(relationship, statement.span, *arrow, except));
            }
            _ => {}
        }
    }
    if table.rows.is_empty() {
        return section.with([Block::Paragraph(Phrase::of("No field is mapped."))]);
    }
    let mut blocks = Vec::new();
    let mut said = false;
    for statement in &item.statements {
        if matches!(
            statement.kind,
            StatementKind::Prefer(_) | StatementKind::FirstPrefer(_)
        ) {
            blocks.extend(rules.remark(statement.span).blocks());
            said = true;
        }
    }
    if said {
        let wins = Phrase::of("Where a line does not say who wins: ").join(default);
        blocks.push(Block::Paragraph(wins.text(".")));
    }
    blocks.push(Block::Table(table.without_empty_columns()));
    section.with(blocks)
}

/// Who wins where a line says nothing.
fn default_preference(rules: &Rules, item: &RelationshipItem) -> Phrase {
    let mut wins = Phrase::new();
    for statement in &item.statements {
        wins = match &statement.kind {
            StatementKind::Prefer(prefer) => wins.default_text(preference(rules, &prefer.kind)),
            _ => wins,
        };
    }
    if wins.is_empty() {
        wins = wins.default_text("newest");
    }
    for statement in &item.statements {
        if let StatementKind::FirstPrefer(first) = &statement.kind {
            wins = wins.default_text(format!(", at first {}", preference(rules, first)));
        }
    }
    wins
}

fn preference(rules: &Rules, preference: &Preference) -> String {
    match preference {
        Preference::Store(name) => name.text.to_string(),
        Preference::Newest(span)
        | Preference::Manual(span)
        | Preference::True(span)
        | Preference::False(span)
        | Preference::Max(span)
        | Preference::Min(span) => rules.code(*span),
    }
}

fn row(rules: &Rules, line: &FieldLine, default: &Phrase, only: Option<Phrase>) -> [Phrase; 6] {
    let mut conversion = Phrase::new();
    let mut own = Phrase::new();
    let mut first = Phrase::new();
    let mut conditions = only.unwrap_or_default();
    for modifier in &line.modifiers {
        match &modifier.kind {
            ModifierKind::Via {
                relationship,
                alternative,
                fallback,
            } => {
                conversion = via(
                    conversion,
                    relationship,
                    alternative.as_ref(),
                    fallback.map(|(fallback, _)| fallback),
                );
            }
            ModifierKind::Using(name) => {
                conversion = conversion
                    .line()
                    .text("using ")
                    .link(format!("conversion {}", name.text), name.text.as_str());
            }
            ModifierKind::Prefer(prefer) => own = own.code(preference(rules, prefer)),
            ModifierKind::FirstPrefer(prefer) => {
                first = first.text(", at first ").code(preference(rules, prefer));
            }
            _ => conditions = condition(rules, conditions, modifier),
        }
    }
    let wins = match (line.arrow, own.is_empty()) {
        (ast::Arrow::Both, true) if first.is_empty() => default.clone(),
        (ast::Arrow::Both, true) => Phrase(default.0.iter().take(1).cloned().collect()).join(first),
        (ast::Arrow::Both, false) => own.join(first),
        (ast::Arrow::Push | ast::Arrow::Pull, _) => own.join(first),
    };
    [
        Phrase::new().code(rules.code(line.left.span)),
        Phrase::new().arrow(arrow(line.arrow)),
        Phrase::new().code(rules.code(line.right.span)),
        conversion,
        wins,
        conditions,
    ]
}

/// `via User or hold`
fn via(
    phrase: Phrase,
    relationship: &Name,
    alternative: Option<&Name>,
    fallback: Option<Fallback>,
) -> Phrase {
    let name = relationship.text.as_str();
    let shown = match alternative {
        Some(alternative) => format!("{name}.{}", alternative.text),
        None => name.to_owned(),
    };
    let phrase = phrase.line().text("via ").link(section_of(name), shown);
    match fallback {
        None => phrase.text(" ").default_text("or hold"),
        Some(Fallback::Hold) => phrase.text(" or hold"),
        Some(Fallback::Skip) => phrase.text(" or skip"),
        Some(Fallback::Null) => phrase.text(" or null"),
        Some(Fallback::Sync) => phrase.text(" or sync"),
    }
}

fn condition(rules: &Rules, phrase: Phrase, modifier: &Modifier) -> Phrase {
    let phrase = phrase.line();
    match &modifier.kind {
        ModifierKind::Blanks(Blanks::Ignore) => phrase.text("blanks are ignored"),
        ModifierKind::Blanks(Blanks::Write) => phrase.text("blanks are written"),
        ModifierKind::OnCreate => phrase.text("on create"),
        ModifierKind::OnUpdate => phrase.text("on update"),
        ModifierKind::IfEmpty => phrase.text("if empty"),
        ModifierKind::When {
            direction: way,
            condition,
        } => {
            let word = match way {
                Some(way) => format!("{} when ", direction(*way).word()),
                None => "when ".to_owned(),
            };
            phrase.text(word).code(rules.code(condition.span))
        }
        ModifierKind::Via { .. }
        | ModifierKind::Using(_)
        | ModifierKind::Prefer(_)
        | ModifierKind::FirstPrefer(_) => phrase,
    }
}

/// The alternatives that a line is for, where it does not say so itself.
fn only(relationship: &Relationship, at: Span, line: &FieldLine) -> Option<Phrase> {
    let objects = &relationship.sides[relationship.varied().index()].objects;
    let qualified = |expr: &Expr| match &expr.kind {
        ExprKind::Path(path) => {
            path.names.len() > 1 && objects.iter().any(|o| o.name == path.names[0].text)
        }
        _ => false,
    };
    if qualified(&line.left) || qualified(&line.right) {
        return None;
    }
    let built = relationship.lines.iter().find(|line| {
        let flows = Direction::BOTH.map(|way| line.flow(way));
        line.rule.0 == at || flows.iter().flatten().any(|flow| flow.rule.0 == at)
    })?;
    let names: Vec<&str> = (0..)
        .zip(objects)
        .filter(|(place, _)| built.alternatives.has(*place))
        .map(|(_, object)| object.name.as_str())
        .collect();
    (names.len() < objects.len()).then(|| Phrase::of("only of ").either(names))
}

/// What `*` stands for.
fn all(relationship: &Relationship, at: Span, way: ast::Arrow, except: &[Name]) -> Row {
    let way = match way {
        ast::Arrow::Pull => Direction::Pull,
        ast::Arrow::Push | ast::Arrow::Both => Direction::Push,
    };
    let flows = relationship.lines.iter().filter_map(|line| line.flow(way));
    let slots = &relationship.sides[way.target().index()].slots;
    let fields: Vec<&str> = flows
        .filter(|flow| flow.rule.0 == at)
        .filter_map(|flow| slots.get(usize::from(flow.target.0)))
        .map(|slot| slot.field.as_str())
        .collect();
    let sign = match way {
        Direction::Push => Arrow::Push,
        Direction::Pull => Arrow::Pull,
    };
    let mut phrase = Phrase::new()
        .code("*")
        .text(" ")
        .arrow(sign)
        .text(" ")
        .code("*");
    phrase = match fields.len() {
        0 => phrase.text(": every other field, by name; there is none at present"),
        _ => phrase
            .text(": every other field, by name: ")
            .codes(fields.iter().copied()),
    };
    if !except.is_empty() {
        let names = except.iter().map(|name| name.text.as_str());
        phrase = phrase.text("; not ").codes(names);
    }
    let added = relationship.additions.iter().filter(|a| a.rule.0 == at);
    let added: Vec<&str> = added.map(|a| a.field.name.as_str()).collect();
    if added == fields && !added.is_empty() {
        phrase = phrase.text("; the target gets them all");
    } else if !added.is_empty() {
        phrase = phrase.text("; the target gets ").codes(added);
    }
    Row::Note(phrase)
}
