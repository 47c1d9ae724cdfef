//! The files of a program.

use super::model::{Block, Phrase, Section, Table};
use super::rules::{Rules, section_of};
use crate::diagnostic::FileId;
use crate::syntax::ast::{Item, ItemKind};

/// file | relationships and triggers | about
pub fn section(rules: &Rules) -> Section {
    let head = ["file", "holds", "about"].map(Phrase::of);
    let mut table = Table::new("files", head);
    for (id, file) in (0..).map(FileId).zip(rules.files) {
        let about = rules.remarks(id).map(|remarks| remarks.first().phrase());
        table.row([
            Phrase::new().code(rules.file_name(id)),
            holds(&file.items),
            about.unwrap_or_default(),
        ]);
    }
    let title = Phrase::of("Files");
    Section::new("files", title).with([Block::Table(table.without_empty_columns())])
}

fn holds(items: &[Item]) -> Phrase {
    let named = items.iter().fold(Phrase::new(), |phrase, item| {
        let (section, name) = match &item.kind {
            ItemKind::Relationship(r) => (section_of(&r.name.text), &r.name.text),
            ItemKind::Trigger(t) => (format!("trigger {}", t.name.text), &t.name.text),
            ItemKind::Values(v) => (format!("conversion {}", v.name.text), &v.name.text),
            ItemKind::Lens(l) => (format!("conversion {}", l.name.text), &l.name.text),
            _ => return phrase,
        };
        phrase.after(", ").link(section, name.as_str())
    });
    let count = |of: fn(&ItemKind) -> bool, one: &str| match items
        .iter()
        .filter(|item| of(&item.kind))
        .count()
    {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    let counted = [
        count(|k| matches!(k, ItemKind::Let(_)), "setting"),
        count(|k| matches!(k, ItemKind::Fn(_)), "function"),
        count(|k| matches!(k, ItemKind::Schedule(_)), "schedule"),
    ];
    counted
        .into_iter()
        .flatten()
        .fold(named, |phrase, text| phrase.after(", ").text(text))
}
