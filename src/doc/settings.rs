//! The settings of a program: its `let`s, with their defaults as the rules say them.

use super::model::{Block, Phrase, Section, Table};
use super::rules::Rules;
use crate::diagnostic::FileId;
use crate::syntax::ast::ItemKind;

/// setting | default | meaning. A comment is about all the settings that stand under it without a gap.
pub fn section(rules: &Rules) -> Section {
    let head = ["setting", "default", "meaning"].map(Phrase::of);
    let mut table = Table::new("settings", head);
    // Where a setting would stand that shares the comment above.
    let mut next: Option<(FileId, u32)> = None;
    for item in rules.items() {
        let ItemKind::Let(setting) = &item.kind else {
            next = None;
            continue;
        };
        let [first, last] = rules.lines(item.span);
        let remark = rules.remark(item.span);
        let shares = remark.is_empty() && next == Some((item.span.file, first));
        let said = !remark.is_empty() || shares;
        next = said.then_some((item.span.file, last + 1));
        let name = Phrase::new().code(setting.name.text.as_str());
        table.row([
            match &setting.ty {
                Some(declared) => name.text(format!(": {}", rules.code(declared.span))),
                None => name,
            },
            Phrase::new().code(rules.code(setting.value.span)),
            if shares {
                Phrase::new().default_text("see above")
            } else {
                remark.phrase()
            },
        ]);
    }
    let section = Section::new("settings", Phrase::of("Settings"));
    if table.rows.is_empty() {
        return section.with([Block::Paragraph(Phrase::of("The program has no settings."))]);
    }
    section.with([Block::Table(table.without_empty_columns())])
}
