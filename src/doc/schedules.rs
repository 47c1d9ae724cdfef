//! How often what runs.

use std::str::FromStr;

use super::model::{Block, Phrase, Section, Table};
use super::rules::{Rules, section_of};
use super::triggers::run_word;
use crate::syntax::ast::{ItemKind, ScheduleItem, ScheduleWhen};

/// when | runs | relationships | about
pub fn section(rules: &Rules) -> Section {
    let head = ["when", "runs", "relationships", "about"].map(Phrase::of);
    let mut table = Table::new("schedules", head);
    for item in rules.items() {
        if let ItemKind::Schedule(schedule) = &item.kind {
            let names = schedule.relationships.iter();
            table.row([
                when(schedule),
                Phrase::of(run_word(schedule.lanes)),
                names.fold(Phrase::new(), |phrase, name| {
                    let name = name.text.as_str();
                    phrase.after(", ").link(section_of(name), name)
                }),
                rules.remark(item.span).phrase(),
            ]);
        }
    }
    let section = Section::new("schedules", Phrase::of("Schedules"));
    if table.rows.is_empty() {
        let none = "Nothing is on a schedule: all relationships run together.";
        return section.with([Block::Paragraph(Phrase::of(none))]);
    }
    section.with([Block::Table(table.without_empty_columns())])
}

fn when(schedule: &ScheduleItem) -> Phrase {
    let phrase = match &schedule.when {
        ScheduleWhen::Every { millis, .. } => Phrase::of(format!("every {}", duration(*millis))),
        ScheduleWhen::Cron { line } => {
            let phrase = Phrase::new().code(line.text.as_str());
            // A line that checks has a pattern.
            match croner::Cron::from_str(&line.text) {
                Ok(cron) => phrase.text(format!(": {}", within(&cron.describe()))),
                Err(_) => phrase,
            }
        }
    };
    match &schedule.zone {
        Some(zone) => phrase.text(format!(" ({} time)", zone.text)),
        None => phrase,
    }
}

/// A sentence as a part of one.
fn within(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// Milliseconds in the largest unit that leaves no rest: `20 minutes`, `day`.
fn duration(millis: i64) -> String {
    let seconds = millis / 1000;
    let units = [
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let (length, unit) = units
        .into_iter()
        .find(|(length, _)| seconds % length == 0)
        .unwrap_or((1, "second"));
    match seconds / length {
        1 => unit.to_owned(),
        number => format!("{number} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_words() {
        for (millis, words) in [
            (90_000, "90 seconds"),
            (1_200_000, "20 minutes"),
            (3_600_000, "hour"),
            (172_800_000, "2 days"),
        ] {
            assert_eq!(duration(millis), words);
        }
    }
}
