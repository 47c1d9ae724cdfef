//! One relationship in full.

use super::model::{Block, Phrase, Section};
use super::overview::{direction, key, objects, of_several};
use super::remarks::Remark;
use super::rules::{Declared, Rules, section_of};
use super::{fields, operations};
use crate::syntax::ast::{
    ClauseKind, ConvertLine, Disposal, Duplicates, Item, RelationshipItem, Statement, StatementKind,
};

pub fn sections(rules: &Rules) -> Vec<Section> {
    let all = rules.relationships().into_iter();
    all.map(|declared| section(rules, declared)).collect()
}

fn section(rules: &Rules, declared: Declared) -> Section {
    let Declared {
        relationship,
        at,
        item,
    } = declared;
    let name = relationship.name.as_str();
    let [line, _] = rules.lines(at.span);
    let mut section = Section::new(section_of(name), Phrase::new().code(name));
    let place = format!(", in {}, line {line}", rules.file_name(at.span.file));
    section.blocks.push(Block::Paragraph(
        objects(item)
            .text(" (")
            .join(direction(relationship))
            .text(")")
            .text(place),
    ));
    section.blocks.extend(about(rules, at).blocks());
    section.sections.push(matching(rules, name, item));
    section
        .sections
        .push(fields::section(rules, name, relationship, item));
    section
        .sections
        .push(operations::section(rules, name, relationship, item));
    section.sections.extend(further(rules, name, item));
    section.sections.extend(notes(rules, name, at, item));
    section
}

/// What its author wrote above it; for the only relationship of a file, else, what the file begins with.
fn about(rules: &Rules, at: &Item) -> Remark {
    let above = rules.item_remark(at.span);
    let only = rules.has_one_relationship(at.span.file);
    match rules.remarks(at.span.file) {
        Some(remarks) if above.is_empty() && only => remarks.first(),
        _ => above,
    }
}

fn matching(rules: &Rules, name: &str, item: &RelationshipItem) -> Section {
    let mut blocks = Vec::new();
    let mut keys = Vec::new();
    let mut otherwise = Duplicates::Error;
    let mut follows = Vec::new();
    for statement in &item.statements {
        match &statement.kind {
            StatementKind::Match {
                keys: columns,
                filter,
                duplicates,
            } => {
                blocks.extend(rules.remark(statement.span).blocks());
                let mut phrase = key(rules, Phrase::new(), columns);
                if let Some(filter) = filter {
                    phrase = phrase.text(" where ").code(rules.code(filter.span));
                }
                keys.push((phrase, duplicates.map(|(duplicates, _)| duplicates)));
            }
            StatementKind::Duplicates(duplicates, _) => {
                blocks.extend(rules.remark(statement.span).blocks());
                otherwise = *duplicates;
            }
            StatementKind::Follow { field, to } => {
                follows.extend(rules.remark(statement.span).blocks());
                follows.push(Block::Paragraph(
                    Phrase::of("A record whose ")
                        .code(rules.code(field.span))
                        .text(" is set is left alone; a link to it moves to the ")
                        .code(to.text.as_str())
                        .text(" that it names."),
                ));
            }
            _ => {}
        }
    }
    let section = Section::new(format!("matching {name}"), Phrase::of("Matching"));
    if keys.is_empty() {
        blocks.push(Block::Paragraph(Phrase::of("By no key.")));
    } else {
        let keys = keys.into_iter().map(|(key, duplicates)| {
            let several = of_several(duplicates.unwrap_or(otherwise));
            let text = format!("; {several}");
            match duplicates {
                Some(_) => key.text(text),
                None => key.default_text(text),
            }
        });
        blocks.push(Block::Numbered(keys.collect()));
    }
    section.with(blocks).with(follows)
}

/// Conversions and purges.
fn further(rules: &Rules, name: &str, item: &RelationshipItem) -> Option<Section> {
    let mut blocks = Vec::new();
    for statement in &item.statements {
        let phrase = match &statement.kind {
            StatementKind::Convert(line) => convert(rules, line),
            StatementKind::Purge { object, when } => Phrase::of("At the end of every pull, each ")
                .code(object.text.as_str())
                .text(" is deleted for which ")
                .code(rules.code(when.span))
                .text(" holds. The other side stays as it is."),
            _ => continue,
        };
        blocks.extend(rules.remark(statement.span).blocks());
        blocks.push(Block::Paragraph(phrase));
    }
    let title = Phrase::of("Conversion and purge");
    (!blocks.is_empty()).then(|| Section::new(format!("further {name}"), title).with(blocks))
}

fn convert(rules: &Rules, line: &ConvertLine) -> Phrase {
    let mut phrase = Phrase::of(if line.every {
        "Every linked or matching "
    } else {
        "A linked "
    })
    .code(line.from.text.as_str())
    .text(" becomes a ")
    .code(line.to.text.as_str());
    let mut sets = Phrase::new();
    for clause in &line.clauses {
        match &clause.kind {
            ClauseKind::When(condition) => {
                phrase = phrase.text(" when ").code(rules.code(condition.span));
            }
            ClauseKind::Set(assigns) => sets = operations::set(rules, sets, assigns),
            ClauseKind::With(options) => {
                for option in options {
                    let value = rules.code(option.value.span);
                    let option = format!("{} = {value}", option.name.text);
                    sets = sets.line().text("with ").code(option);
                }
            }
            _ => {}
        }
    }
    let phrase = match line.disposal {
        Some((Disposal::Delete, _)) => phrase.text("; the old record is deleted."),
        Some((Disposal::Keep, _)) => phrase.text("; the old record stays."),
        None => phrase.default_text("; the old record stays").text("."),
    };
    if sets.is_empty() {
        return phrase;
    }
    phrase.text(" Set on it:").line().join(sets)
}

/// What is written between the lines, and above none of them.
fn notes(rules: &Rules, name: &str, at: &Item, item: &RelationshipItem) -> Option<Section> {
    let begins: Vec<u32> = item
        .statements
        .iter()
        .map(|statement: &Statement| rules.lines(statement.span)[0])
        .collect();
    let [first, last] = rules.lines(at.span);
    let remarks = rules.remarks(at.span.file)?;
    let loose = remarks.loose(first, last, |line| begins.binary_search(&line).is_ok());
    let blocks: Vec<Block> = loose.iter().flat_map(Remark::blocks).collect();
    (!blocks.is_empty())
        .then(|| Section::new(format!("notes {name}"), Phrase::of("Notes")).with(blocks))
}
