//! What fires, under which condition, and what it does.

use super::model::{Block, Phrase, Section, Table};
use super::rules::{Rules, section_of};
use crate::syntax::ast::{
    Action, ActionKind, Assign, Item, ItemKind, Path, ScheduleAction, TriggerItem, TriggerSource,
};

/// trigger | on | when | does | about; each trigger in full under it.
pub fn section(rules: &Rules) -> Section {
    let head = ["trigger", "on", "when", "does", "about"].map(Phrase::of);
    let mut table = Table::new("triggers", head);
    let mut sections = Vec::new();
    for item in rules.items() {
        if let ItemKind::Trigger(trigger) = &item.kind {
            let name = trigger.name.text.as_str();
            table.row([
                Phrase::new().link(section_name(name), name),
                source(rules, &trigger.source),
                when(rules, trigger),
                does(rules, trigger),
                rules.item_remark(item.span).phrase(),
            ]);
            sections.push(full(rules, item, trigger));
        }
    }
    let mut section = Section::new("triggers", Phrase::of("Triggers"));
    section.blocks.push(if sections.is_empty() {
        Block::Paragraph(Phrase::of("The program has no triggers."))
    } else {
        Block::Table(table.without_empty_columns())
    });
    section.sections = sections;
    section
}

fn section_name(trigger: &str) -> String {
    format!("trigger {trigger}")
}

/// `lead` of marketing changes
fn source(rules: &Rules, source: &TriggerSource) -> Phrase {
    let record = |path: &Path, what: &str| {
        let name = match path.names.as_slice() {
            [_] => format!("{}.{}", rules.store(0), rules.code(path.span)),
            _ => rules.code(path.span),
        };
        Phrase::of("a record of ")
            .code(name)
            .text(format!(" {what}"))
    };
    match source {
        TriggerSource::Change(path) => record(path, "changes"),
        TriggerSource::Create(path) => record(path, "is created"),
        TriggerSource::Delete(path) => record(path, "is deleted"),
        TriggerSource::Event(name) => Phrase::of("the event ").code(name.text.as_str()),
        TriggerSource::RunFailed(_) => Phrase::of("a run failed"),
    }
}

fn when(rules: &Rules, trigger: &TriggerItem) -> Phrase {
    match &trigger.when {
        Some(when) => Phrase::new().code(rules.code(when.span)),
        None => Phrase::new().default_text("always"),
    }
}

fn does(rules: &Rules, trigger: &TriggerItem) -> Phrase {
    let phrases = trigger.actions.iter().map(|action| {
        let head = head(rules, action);
        match &action.when {
            Some(when) => head.text(" when ").code(rules.code(when.span)),
            None => head,
        }
    });
    phrases.fold(Phrase::new(), |all, one| all.line().join(one))
}

/// An action without its values.
fn head(rules: &Rules, action: &Action) -> Phrase {
    let on = |word: &str, path: &Path| Phrase::of(word).text(" ").code(rules.code(path.span));
    match &action.kind {
        ActionKind::Run {
            action,
            relationship,
        } => {
            let name = relationship.text.as_str();
            Phrase::of(run_word(*action))
                .text(" ")
                .link(section_of(name), name)
        }
        ActionKind::Create { object, .. } => on("create", object),
        ActionKind::Upsert { object, .. } => on("create or update", object),
        ActionKind::Update { object, .. } => on("update", object),
        ActionKind::Delete { object, .. } => on("delete", object),
        ActionKind::Set(sets) => {
            Phrase::of("set ").codes(sets.iter().map(|set| set.name.text.as_str()))
        }
        ActionKind::Post { url, .. } => Phrase::of("call ").code(rules.code(url.span)),
        ActionKind::Broken => Phrase::new(),
    }
}

pub fn run_word(action: ScheduleAction) -> &'static str {
    match action {
        ScheduleAction::Sync => "sync",
        ScheduleAction::Push => "push",
        ScheduleAction::Pull => "pull",
    }
}

fn full(rules: &Rules, item: &Item, trigger: &TriggerItem) -> Section {
    let name = trigger.name.text.as_str();
    let [line, _] = rules.lines(item.span);
    let place = format!(", in {}, line {line}", rules.file_name(item.span.file));
    let mut on = Phrase::of("On: ").join(source(rules, &trigger.source));
    if let Some(when) = &trigger.when {
        on = on.text(", when ").code(rules.code(when.span));
    }
    let mut section = Section::new(section_name(name), Phrase::new().code(name));
    section.blocks.push(Block::Paragraph(on.text(place)));
    section.blocks.extend(rules.item_remark(item.span).blocks());
    let head = ["does, in order", "by key", "with", "when"].map(Phrase::of);
    let mut table = Table::new("actions", head);
    for action in &trigger.actions {
        table.rows.extend(rules.note(action.span));
        table.row(row(rules, action));
    }
    section
        .blocks
        .push(Block::Table(table.without_empty_columns()));
    section
}

fn row(rules: &Rules, action: &Action) -> [Phrase; 4] {
    let (keys, values): (&[Assign], &[Assign]) = match &action.kind {
        ActionKind::Create { fields, .. } => (&[], fields),
        ActionKind::Upsert { keys, fields, .. } | ActionKind::Update { keys, fields, .. } => {
            (keys, fields)
        }
        ActionKind::Delete { keys, .. } => (keys, &[]),
        ActionKind::Set(sets) => (&[], sets),
        ActionKind::Post { body, .. } => (&[], body),
        ActionKind::Run { .. } | ActionKind::Broken => (&[], &[]),
    };
    let each = |assigns: &[Assign]| {
        assigns.iter().fold(Phrase::new(), |phrase, assign| {
            let value = rules.code(assign.value.span);
            phrase
                .line()
                .code(format!("{} = {value}", assign.name.text))
        })
    };
    [
        head(rules, action),
        each(keys),
        each(values),
        match &action.when {
            Some(when) => Phrase::new().code(rules.code(when.span)),
            None => Phrase::new(),
        },
    ]
}
