//! Value maps, lenses and functions.

use super::model::{Arrow, Block, Phrase, Section, Table};
use super::rules::{Rules, arrow};
use crate::syntax::ast::{self, ElseAction, FnItem, Item, ItemKind, LensItem, ValuesItem};

/// Each value map and lens with a section of its own.
pub fn section(rules: &Rules) -> Option<Section> {
    let mut section = Section::new("conversions", Phrase::of("Conversions"));
    for item in rules.items() {
        section.sections.extend(match &item.kind {
            ItemKind::Values(map) => Some(values(rules, item, map)),
            ItemKind::Lens(pair) => Some(lens(rules, item, pair)),
            _ => None,
        });
    }
    (!section.sections.is_empty()).then_some(section)
}

fn values(rules: &Rules, item: &Item, map: &ValuesItem) -> Section {
    let head = [
        Phrase::new().code(rules.store(0)),
        Phrase::new(),
        Phrase::new().code(rules.store(1)),
    ];
    let mut table = Table::new("values", head);
    for entry in &map.entries {
        table.rows.extend(rules.note(entry.span));
        table.row([
            Phrase::new().code(rules.code(entry.left.span)),
            Phrase::new().arrow(arrow(entry.arrow)),
            Phrase::new().code(rules.code(entry.right.span)),
        ]);
    }
    for otherwise in &map.elses {
        table.rows.extend(rules.note(otherwise.span));
        let becomes = match &otherwise.action {
            ElseAction::Error => Phrase::of("an error of the record"),
            ElseAction::Keep => Phrase::of("the same value"),
            ElseAction::Value(value) => Phrase::new().code(rules.code(value.span)),
        };
        let other = Phrase::of("any other value");
        table.row(match otherwise.direction {
            Some(ast::Direction::Push) => [other, Phrase::new().arrow(Arrow::Push), becomes],
            Some(ast::Direction::Pull) => [becomes, Phrase::new().arrow(Arrow::Pull), other],
            None => [other, Phrase::new().arrow(Arrow::Both), becomes],
        });
    }
    if map.elses.is_empty() {
        table.row([
            Phrase::new().default_text("any other value"),
            Phrase::new().arrow(Arrow::Both),
            Phrase::new().default_text("an error of the record"),
        ]);
    }
    named(rules, item, &map.name, "value map", table)
}

fn lens(rules: &Rules, item: &Item, pair: &LensItem) -> Section {
    let mut table = Table::new(
        "lens",
        [
            Phrase::of("direction"),
            Phrase::new().code("it").text(" becomes"),
        ],
    );
    for (way, half) in [("push", &pair.push), ("pull", &pair.pull)] {
        if let Some(half) = half {
            table.row([Phrase::of(way), Phrase::new().code(rules.code(half.span))]);
        }
    }
    named(rules, item, &pair.name, "lens", table)
}

fn named(rules: &Rules, item: &Item, name: &ast::Name, kind: &str, table: Table) -> Section {
    let title = Phrase::new()
        .code(name.text.as_str())
        .text(format!(", a {kind}"));
    Section::new(format!("conversion {}", name.text), title)
        .with(rules.item_remark(item.span).blocks())
        .with([Block::Table(table)])
}

/// function | gives | about
pub fn functions(rules: &Rules) -> Option<Section> {
    let head = ["function", "gives", "about"].map(Phrase::of);
    let mut table = Table::new("functions", head);
    for item in rules.items() {
        if let ItemKind::Fn(function) = &item.kind {
            table.row([
                Phrase::new().code(signature(function)),
                Phrase::new().code(rules.code(function.body.span)),
                rules.remark(item.span).phrase(),
            ]);
        }
    }
    let title = Phrase::of("Functions");
    let table = Block::Table(table.without_empty_columns());
    match &table {
        Block::Table(table) if table.rows.is_empty() => None,
        _ => Some(Section::new("functions", title).with([table])),
    }
}

/// `full_name(first, last)`
fn signature(function: &FnItem) -> String {
    let params: Vec<&str> = function.params.iter().map(|p| p.text.as_str()).collect();
    format!("{}({})", function.name.text, params.join(", "))
}
