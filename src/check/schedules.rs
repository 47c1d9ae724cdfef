//! `every` and `cron`: checked here, run by the daemon.

use std::str::FromStr;

use super::{Checker, codes};
use crate::diagnostic::Span;
use crate::program::Direction;
use crate::syntax::ast::{self, ScheduleAction, ScheduleWhen};

impl<'a> Checker<'a> {
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
            for (i, name) in item.relationships.iter().enumerate() {
                if let Some(first) = item.relationships[..i].iter().find(|n| n.text == name.text) {
                    self.findings
                        .error(
                            codes::DUPLICATE_NAME,
                            name.span,
                            format!("`{}` stands twice on this schedule", name.text),
                        )
                        .label(first.span, "the first one is here");
                    continue;
                }
                if self.relationship_id(name).is_some() {
                    self.facts.scheduled.insert(name.text.clone());
                    self.runs_that_way(item.lanes, name, item.action_span);
                }
            }
        }
    }

    fn cron(&mut self, line: &ast::PlainText) {
        let fields = line.text.split_whitespace().count();
        if fields != 5 {
            self.findings
                .error(codes::BAD_SCHEDULE, line.span, format!("a cron line has 5 fields, and this one has {fields}"))
                .help("minute, hour, day of the month, month, day of the week: `\"*/5 9-17 * * 1-5\"`");
        } else if let Err(error) = croner::Cron::from_str(&line.text) {
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
    }

    /// Whether the relationship goes the way that a schedule or an action runs it.
    pub(super) fn runs_that_way(&mut self, action: ScheduleAction, name: &ast::Name, at: Span) {
        let direction = match action {
            ScheduleAction::Sync => return,
            ScheduleAction::Push => Direction::Push,
            ScheduleAction::Pull => Direction::Pull,
        };
        let Some(item) = self.names.relationships.get(&name.text).copied() else {
            return;
        };
        let lacks = matches!(
            (item.arrow, direction),
            (ast::Arrow::Push, Direction::Pull) | (ast::Arrow::Pull, Direction::Push)
        );
        if lacks {
            let only = if direction == Direction::Push {
                "only pulls"
            } else {
                "only pushes"
            };
            self.findings
                .error(
                    codes::CLAUSE_DIRECTION,
                    at,
                    format!("`{}` {only}", name.text),
                )
                .label(item.arrow_span, "the relationship's direction");
        }
    }
}
