//! A damage: edits of a pack's texts, and where a finding must point to have found it.

use std::ops::RangeInclusive;

use bilateral::diagnostic::{Finding, SourceMap, Span};

use super::sound::Sound;
use crate::pack::Pack;

pub struct Damage {
    /// The first one is what was damaged; others make it possible, such as a picklist that a map does not cover.
    edits: Vec<Edit>,
    told: Told,
    /// The statement that the first edit is in, where that is on more lines: all of them are the damaged line.
    statement: Option<Span>,
}

struct Edit {
    at: Span,
    text: String,
}

/// Where a finding is on the damaged line.
enum Told {
    /// On the lines of the first edit.
    There,
    /// A line was taken out, so there is none: in its file, by a finding that names what is gone.
    Naming(String),
    /// A schema changed: on its line, or on a line of the rules that names the field.
    Field(String),
}

pub fn replaced(at: Span, text: impl Into<String>) -> Damage {
    Damage {
        edits: vec![Edit {
            at,
            text: text.into(),
        }],
        told: Told::There,
        statement: None,
    }
}

/// A statement or clause is taken out.
pub fn removed(at: Span) -> Damage {
    replaced(at, "")
}

pub fn removed_naming(at: Span, name: &str) -> Damage {
    Damage {
        told: Told::Naming(format!("`{name}`")),
        ..removed(at)
    }
}

/// Other words for a field of a schema file.
pub fn described(at: Span, text: impl Into<String>, field: &str) -> Damage {
    Damage {
        told: Told::Field(field.to_owned()),
        ..replaced(at, text)
    }
}

impl Damage {
    pub fn within(mut self, statement: Span) -> Damage {
        self.statement = Some(statement);
        self
    }

    pub fn and(mut self, at: Span, text: impl Into<String>) -> Damage {
        let text = text.into();
        self.edits.push(Edit { at, text });
        self
    }

    /// The pack with the damage.
    pub fn made(&self, sound: &Pack) -> Pack {
        let mut pack = sound.clone();
        let mut edits: Vec<&Edit> = self.edits.iter().collect();
        edits.sort_by_key(|e| std::cmp::Reverse((e.at.file, e.at.start)));
        let rules = pack.rules.len();
        for edit in edits {
            let at = edit.at.file.0 as usize;
            let text = match at.checked_sub(rules) {
                None => &mut pack.rules[at].1,
                Some(at) => &mut pack.schemas[at].1,
            };
            text.replace_range(edit.at.start as usize..edit.at.end as usize, &edit.text);
        }
        pack
    }

    /// `people.sync:12: the line → the line`
    pub fn shown(&self, sound: &Sound) -> String {
        let edit = &self.edits[0];
        let text = sound.file(edit.at.file);
        let (start, end) = (edit.at.start as usize, edit.at.end as usize);
        let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
        let line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let damaged = format!("{}{}{}", &text[from..start], edit.text, &text[end..to]);
        format!(
            "{}/{}: {} → {}",
            sound.pack.name,
            sound.program.sources.location(edit.at),
            line(text[from..to].to_owned()),
            line(damaged)
        )
    }

    /// Whether one of the findings of the damaged pack is on the damaged line.
    pub fn is_told(&self, findings: &[Finding], sources: &SourceMap) -> bool {
        let file = self.edits[0].at.file;
        let lines = self.lines(sources);
        let there = |at: &Span| at.file == file && lines.contains(&sources.line_of(*at));
        let places = |f: &Finding| -> Vec<Span> {
            let labels = f.labels.iter().map(|l| l.span);
            std::iter::once(f.span).chain(labels).collect()
        };
        findings.iter().any(|f| match &self.told {
            Told::There => places(f).iter().any(there),
            Told::Naming(name) => f.span.file == file && f.message.contains(name.as_str()),
            Told::Field(field) => {
                let named = |at: &Span| line(sources, *at).contains(field.as_str());
                places(f).iter().any(|at| there(at) || named(at))
            }
        })
    }

    /// The lines that the first edit left, or of its statement, in the damaged text.
    fn lines(&self, sources: &SourceMap) -> RangeInclusive<u32> {
        let first = &self.edits[0];
        let before = self.edits[1..]
            .iter()
            .filter(|e| e.at.file == first.at.file && e.at.start < first.at.start);
        let moved = before.fold(0, |moved, e| {
            moved + e.text.len() as i64 - i64::from(e.at.end - e.at.start)
        });
        let begin = |at: u32| (i64::from(at) + moved) as u32;
        let start = begin(first.at.start);
        let at = |start: u32| {
            sources.line_of(Span {
                start,
                end: start,
                ..first.at
            })
        };
        let from = self.statement.map_or(start, |s| begin(s.start));
        at(from)..=at(start + first.text.trim_end().len() as u32)
    }
}

fn line(sources: &SourceMap, at: Span) -> &str {
    let Some(source) = sources.file(at.file) else {
        return "";
    };
    let place = sources.line_of(at) as usize - 1;
    source.text.lines().nth(place).unwrap_or_default()
}
