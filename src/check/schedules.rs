//! `every` and `cron`: what runs by itself.

use std::str::FromStr;

use chrono::DateTime;
use chrono_tz::Tz;
use croner::Cron;
use smol_str::{SmolStr, format_smolstr};

use rustc_hash::FxHashMap;

use super::Checker;
use crate::diagnostic::{Applicability, Span, codes};
use crate::program::{Direction, Pace, RelId, Relationship, Rule, Schedule};
use crate::syntax::ast::{self, ScheduleAction, ScheduleItem, ScheduleWhen};
use crate::value::Value;

/// A schedule by itself, without the relationships that it names.
#[derive(Debug, Clone)]
pub struct Paced {
    /// As [`Schedule::name`].
    pub name: SmolStr,
    pub pace: Pace,
    /// The interval or the cron line.
    pub span: Span,
}

/// `None` where [`Checker::schedules`] has something to say.
pub fn paced(item: &ScheduleItem) -> Option<Paced> {
    let zone = match &item.zone {
        Some(zone) => Tz::from_str(&zone.text).ok()?,
        None => Tz::UTC,
    };
    let (pace, span) = match &item.when {
        ScheduleWhen::Every { millis, span } if *millis > 0 => {
            (Pace::Every { millis: *millis }, *span)
        }
        ScheduleWhen::Every { .. } => return None,
        ScheduleWhen::Cron { line } => {
            let cron = Box::new(Cron::from_str(&line.text).ok()?);
            (Pace::Cron { line: cron, zone }, line.span)
        }
    };
    Some(Paced {
        name: name(item),
        pace,
        span,
    })
}

/// The statement with one space between its words.
fn name(item: &ScheduleItem) -> SmolStr {
    let when = match &item.when {
        ScheduleWhen::Every { millis, .. } => format!("every {}", Value::Duration(*millis)),
        ScheduleWhen::Cron { line } => {
            let fields: Vec<&str> = line.text.split_whitespace().collect();
            format!("cron \"{}\"", fields.join(" "))
        }
    };
    let action = match item.lanes {
        ScheduleAction::Sync => "sync",
        ScheduleAction::Push => "push",
        ScheduleAction::Pull => "pull",
    };
    let names: Vec<&str> = item.relationships.iter().map(|n| n.text.as_str()).collect();
    let names = names.join(", ");
    match &item.zone {
        Some(zone) => format_smolstr!("{when} {action} {names} in \"{}\"", zone.text),
        None => format_smolstr!("{when} {action} {names}"),
    }
}

/// A piece of a text; the whole of it where escapes make its bytes others than those written.
fn within(text: &ast::PlainText, start: usize, end: usize) -> Span {
    let written = (text.span.end - text.span.start) as usize;
    let at = |offset: usize| u32::try_from(offset).map(|o| text.span.start + 1 + o);
    match (at(start), at(end)) {
        (Ok(start), Ok(end)) if written == text.text.len() + 2 => Span {
            start,
            end,
            ..text.span
        },
        _ => text.span,
    }
}

impl<'a> Checker<'a> {
    /// The schedules of a program whose relationships these are, in their order.
    pub fn program_schedules(&self, relationships: &[Relationship]) -> Vec<Schedule> {
        let places: FxHashMap<&str, usize> = relationships
            .iter()
            .enumerate()
            .map(|(at, r)| (r.name.as_str(), at))
            .collect();
        let id = |name: &ast::Name| {
            let at = *places.get(name.text.as_str())?;
            u16::try_from(at).ok().map(RelId)
        };
        let mut schedules: Vec<Schedule> = Vec::new();
        for item in &self.names.schedules {
            let Some(Paced { name, pace, span }) = paced(item) else {
                continue;
            };
            // The same line twice is one schedule.
            if schedules.iter().any(|known| known.name == name) {
                continue;
            }
            schedules.push(Schedule {
                name,
                pace,
                relationships: item.relationships.iter().filter_map(id).collect(),
                directions: match item.lanes {
                    ScheduleAction::Sync => [true, true],
                    ScheduleAction::Push => [true, false],
                    ScheduleAction::Pull => [false, true],
                },
                rule: Rule(span),
            });
        }
        schedules
    }

    pub fn schedules(&mut self) {
        let items: Vec<&'a ast::ScheduleItem> = self.names.schedules.clone();
        for item in items {
            match &item.when {
                ScheduleWhen::Every { millis, span } if *millis <= 0 => {
                    self.findings.error(
                        codes::BAD_SCHEDULE,
                        *span,
                        "an interval is longer than nothing",
                    );
                }
                ScheduleWhen::Every { .. } => {}
                ScheduleWhen::Cron { line } => self.cron(line),
            }
            if let Some(zone) = &item.zone
                && chrono_tz::Tz::from_str(&zone.text).is_err()
            {
                let known = chrono_tz::TZ_VARIANTS.iter().map(|z| z.name());
                self.findings
                    .error(
                        codes::BAD_SCHEDULE,
                        zone.span,
                        format!("there is no time zone `{}`", zone.text),
                    )
                    .suggest(&zone.text, known);
                self.findings
                    .list
                    .last_mut()
                    .into_iter()
                    .for_each(|f| f.fix = None);
            }
            let mut known: Vec<ast::Name> = Vec::new();
            let mut seen: FxHashMap<&str, Span> = FxHashMap::default();
            for name in &item.relationships {
                let first = *seen.entry(&name.text).or_insert(name.span);
                if first != name.span {
                    self.findings
                        .error(
                            codes::DUPLICATE_NAME,
                            name.span,
                            format!("`{}` stands twice on this schedule", name.text),
                        )
                        .label(first, "the first one is here")
                        .help("leave one of them out");
                    continue;
                }
                match self.relationship_meant(name) {
                    Some(name) => {
                        self.facts.scheduled.insert(name.text.clone());
                        known.push(name);
                    }
                    None => self.facts.schedule_gap = true,
                }
            }
            self.run_that_way(item.lanes, &known, item.action_span);
        }
    }

    fn cron(&mut self, line: &ast::PlainText) {
        let fields = line.text.split_whitespace().count();
        if fields != 5 {
            self.findings
                .error(codes::BAD_SCHEDULE, line.span, format!("a cron line has 5 fields, and this one has {fields}"))
                .help("minute, hour, day of the month, month, day of the week: `\"*/5 9-17 * * 1-5\"`");
            return;
        }
        match Cron::from_str(&line.text) {
            Err(error) => {
                if let Some(fault) = super::cron::fault(&line.text) {
                    let at = within(line, fault.start, fault.end);
                    self.findings.error(codes::BAD_SCHEDULE, at, fault.message);
                    return;
                }
                let cause = error.to_string();
                let cause = cause.rsplit(": ").next().unwrap_or(&cause).to_lowercase();
                self.findings.error(
                    codes::BAD_SCHEDULE,
                    line.span,
                    format!(
                        "this cron line does not work: {}",
                        cause.trim_end_matches('.')
                    ),
                );
            }
            Ok(cron) => {
                let never = cron
                    .find_next_occurrence(&DateTime::UNIX_EPOCH, true)
                    .is_err();
                if never {
                    self.findings.error(
                        codes::BAD_SCHEDULE,
                        line.span,
                        "no day is ever the one that this cron line names",
                    );
                }
            }
        }
    }

    /// Whether relationships go the way that a schedule or an action runs them.
    pub(super) fn run_that_way(&mut self, action: ScheduleAction, names: &[ast::Name], at: Span) {
        let direction = match action {
            ScheduleAction::Sync => return,
            ScheduleAction::Push => Direction::Push,
            ScheduleAction::Pull => Direction::Pull,
        };
        let items = names.iter().filter_map(|name| {
            let item = self.names.relationships.get(&name.text).copied()?;
            let lacks = matches!(
                (item.arrow, direction),
                (ast::Arrow::Push, Direction::Pull) | (ast::Arrow::Pull, Direction::Push)
            );
            let told = self.facts.gaps.get(&name.text).is_some_and(|g| g.header);
            (lacks && !told).then_some(item)
        });
        let items: Vec<&ast::RelationshipItem> = items.collect();
        if items.is_empty() {
            return;
        }
        let lacking: Vec<String> = items
            .iter()
            .map(|item| format!("`{}`", item.name.text))
            .collect();
        let verb = match (direction, lacking.len()) {
            (Direction::Push, 1) => "pulls",
            (Direction::Push, _) => "pull",
            (Direction::Pull, 1) => "pushes",
            (Direction::Pull, _) => "push",
        };
        let message = format!("{} only {verb}", lacking.join(", "));
        let described = self.findings.error(codes::CLAUSE_DIRECTION, at, message);
        let described = items.iter().fold(described, |d, item| {
            d.label(item.arrow_span, "the relationship's direction")
        });
        let described = described.help("write `sync`, which takes each the way that it goes");
        if items.len() == names.len() {
            described.fix(Applicability::Unsafe, at, "sync");
        }
    }
}
