//! All relationships in one table.

use super::model::{Arrow, Block, Phrase, Section, Table};
use super::operations::creates;
use super::rules::{Declared, Rules, arrow, names, section_of};
use crate::program::{Direction, Relationship};
use crate::syntax::ast::{Duplicates, ItemKind, KeyPair, RelationshipItem, StatementKind};

/// relationship | direction | keys | creates when
pub fn section(rules: &Rules) -> Section {
    let head = ["relationship", "direction", "keys", "creates when"].map(Phrase::of);
    let mut table = Table::new("relationships", head);
    for Declared {
        relationship, item, ..
    } in rules.relationships()
    {
        let name = Phrase::new().link(section_of(&relationship.name), relationship.name.as_str());
        table.row([
            name.line().join(objects(item)),
            direction(relationship),
            keys(rules, item),
            creates_in_all(rules, relationship, item),
        ]);
    }
    let section = Section::new("relationships", Phrase::of("Relationships"));
    if table.rows.is_empty() {
        return section.with([Block::Paragraph(Phrase::of("No relationship is declared."))]);
    }
    section.with([Block::Table(table)])
}

/// `prospect ↔ Contact or Lead`
pub fn objects(item: &RelationshipItem) -> Phrase {
    let left = names(Phrase::new(), &item.left);
    names(
        left.text(" ").arrow(arrow(item.arrow)).text(" "),
        &item.right,
    )
}

/// The header's direction, and how many records of one side share one of the other.
pub fn direction(relationship: &Relationship) -> Phrase {
    let mut text = Arrow::of(relationship.enabled).word().to_owned();
    if relationship.many.is_some() {
        text.push_str(", several share one");
    }
    if relationship.directions.iter().any(|d| d.once) {
        text.push_str(", once each");
    }
    Phrase::of(text)
}

fn keys(rules: &Rules, item: &RelationshipItem) -> Phrase {
    let mut keys = Phrase::new();
    for statement in &item.statements {
        if let StatementKind::Match {
            keys: columns,
            filter,
            duplicates,
        } = &statement.kind
        {
            if !keys.is_empty() {
                keys = keys.line().text("then ");
            }
            keys = key(rules, keys, columns);
            if let Some(filter) = filter {
                keys = keys.text(" where ").code(rules.code(filter.span));
            }
            if let Some((duplicates, _)) = duplicates {
                keys = keys.text(format!(" ({})", of_several(*duplicates)));
            }
        }
    }
    if keys.is_empty() {
        return Phrase::of("none");
    }
    keys
}

/// `crm_id` = `Id`
pub fn key(rules: &Rules, phrase: Phrase, columns: &[KeyPair]) -> Phrase {
    columns
        .iter()
        .enumerate()
        .fold(phrase, |phrase, (place, column)| {
            let phrase = if place > 0 {
                phrase.text(" and ")
            } else {
                phrase
            };
            phrase
                .code(rules.code(column.left.span))
                .text(" = ")
                .code(rules.code(column.right.span))
        })
}

/// What becomes of several records that one key finds.
pub fn of_several(duplicates: Duplicates) -> &'static str {
    match duplicates {
        Duplicates::Error => "several that fit are held",
        Duplicates::Oldest => "of several the oldest",
        Duplicates::Newest => "of several the newest",
        Duplicates::Create => "where several fit, a new one is made",
        Duplicates::Merge => "several that fit are merged into the oldest",
    }
}

fn creates_in_all(rules: &Rules, relationship: &Relationship, item: &RelationshipItem) -> Phrase {
    let ways: Vec<Direction> = Direction::BOTH
        .into_iter()
        .filter(|way| relationship.enabled[way.index()])
        .collect();
    ways.iter().fold(Phrase::new(), |phrase, way| {
        let phrase = phrase.line();
        let phrase = match ways.len() {
            1 => phrase,
            _ => phrase.text(format!("{}: ", way.word())),
        };
        phrase.join(creates(rules, relationship, item, *way))
    })
}

/// The relationships' number, and those of what acts on them.
pub fn counts(rules: &Rules) -> String {
    let count = |of: fn(&ItemKind) -> bool, one: &str, many: &str| match rules
        .items()
        .filter(|item| of(&item.kind))
        .count()
    {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let counts = [
        count(
            |k| matches!(k, ItemKind::Relationship(_)),
            "relationship",
            "relationships",
        ),
        count(|k| matches!(k, ItemKind::Trigger(_)), "trigger", "triggers"),
        count(
            |k| matches!(k, ItemKind::Schedule(_)),
            "schedule",
            "schedules",
        ),
        count(|k| matches!(k, ItemKind::Let(_)), "setting", "settings"),
    ];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    counts.join(", ")
}
