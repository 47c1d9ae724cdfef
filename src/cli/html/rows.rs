//! One entry of a plan as an item of a list. Everything that comes from rules or records is escaped.

use std::fmt::Write;

use super::super::human::{counted, id, record, source_name, target, to_within, value_within};
use super::super::shapes::{Locations, side_word};
use crate::doc::html::Escaped;
use crate::ledger::{Conflict, Failure, Held};
use crate::plan::{Change, Operation, OperationKind, Part};
use crate::program::{Direction, Program};

/// Characters of a value that are shown.
const WIDTH: usize = 1_000;

/// What stands under one heading of a relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Creates(Direction),
    /// Merges and conversions too.
    Updates(Direction),
    Deletes(Direction),
    /// Requests to other systems.
    Actions(Direction),
    /// Links, write-backs and the like: they follow from the others.
    Quiet(Direction),
    Held,
    Conflicts,
    Errors,
}

impl Group {
    pub const LISTS: [Group; 3] = [Group::Held, Group::Conflicts, Group::Errors];
    pub const ALL: [Group; 13] = [
        Group::Creates(Direction::Push),
        Group::Updates(Direction::Push),
        Group::Deletes(Direction::Push),
        Group::Actions(Direction::Push),
        Group::Quiet(Direction::Push),
        Group::Creates(Direction::Pull),
        Group::Updates(Direction::Pull),
        Group::Deletes(Direction::Pull),
        Group::Actions(Direction::Pull),
        Group::Quiet(Direction::Pull),
        Group::Held,
        Group::Conflicts,
        Group::Errors,
    ];

    pub fn of(direction: Direction) -> [Group; 5] {
        [
            Group::Creates(direction),
            Group::Updates(direction),
            Group::Deletes(direction),
            Group::Actions(direction),
            Group::Quiet(direction),
        ]
    }

    pub fn operation(operation: &Operation) -> Group {
        let direction = operation.direction;
        match operation.kind {
            OperationKind::Create => Group::Creates(direction),
            OperationKind::Update | OperationKind::Merge | OperationKind::Convert => {
                Group::Updates(direction)
            }
            OperationKind::Delete => Group::Deletes(direction),
            OperationKind::Action => Group::Actions(direction),
            OperationKind::Link
            | OperationKind::Unlink
            | OperationKind::Alter
            | OperationKind::WriteBack => Group::Quiet(direction),
        }
    }

    /// Its place in [`Group::ALL`].
    pub fn place(self) -> usize {
        let direction = |first: usize, direction: Direction| first + 5 * direction.index();
        match self {
            Group::Creates(way) => direction(0, way),
            Group::Updates(way) => direction(1, way),
            Group::Deletes(way) => direction(2, way),
            Group::Actions(way) => direction(3, way),
            Group::Quiet(way) => direction(4, way),
            Group::Held => 10,
            Group::Conflicts => 11,
            Group::Errors => 12,
        }
    }

    pub fn class(self) -> &'static str {
        match self {
            Group::Creates(_) => "create",
            Group::Updates(_) => "update",
            Group::Deletes(_) => "delete",
            Group::Actions(_) => "action",
            Group::Quiet(_) => "quiet",
            Group::Held => "held",
            Group::Conflicts => "conflicts",
            Group::Errors => "errors",
        }
    }

    pub fn title(self, entries: u64) -> String {
        let of = |one: &str| counted(entries, one);
        match self {
            Group::Creates(_) => of("record") + " to create",
            Group::Updates(_) => of("record") + " to update",
            Group::Deletes(_) => of("record") + " to delete",
            Group::Actions(_) => of("external action"),
            Group::Quiet(_) => {
                of("link or write-back").replace("link or write-backs", "links and write-backs")
            }
            Group::Held => of("record") + " held",
            Group::Conflicts => of("conflict"),
            Group::Errors => of("error"),
        }
    }
}

pub struct Rows<'a> {
    program: &'a Program,
    locations: Locations<'a>,
}

impl<'a> Rows<'a> {
    pub fn new(program: &'a Program) -> Rows<'a> {
        Rows {
            program,
            locations: Locations::new(program),
        }
    }

    /// The record, its fields, the reason with its rule.
    pub fn operation(&mut self, operation: &Operation) -> String {
        let target = target(operation, self.program);
        let source = operation.source.as_ref();
        let source = source.map(|source| source_name(self.program, source));
        let mut out = format!("<li><p class=\"record\"><b>{}</b> ", sign(operation.kind));
        code(&mut out, &target);
        if let Some(source) = source {
            let word = match operation.kind {
                OperationKind::Link => "with",
                OperationKind::Unlink => "and",
                _ => "from",
            };
            let _ = write!(out, "<br><span class=\"default\">{word}</span> ");
            code(&mut out, &source);
        }
        out.push_str("</p>");
        changes(&mut out, &operation.changes, operation.kind);
        for part in &operation.together {
            self.part(&mut out, part, operation);
        }
        let because = operation.because.in_words(self.program);
        let rule = self.locations.of(operation.rule);
        reason(&mut out, &because, &rule);
        out
    }

    fn part(&self, out: &mut String, part: &Part, operation: &Operation) {
        let of = record(self.program, operation.side, &part.object, part.id.as_ref());
        let word = part.kind.word();
        let _ = write!(out, "<p class=\"part\">with it: {word} ");
        code(out, &of);
        out.push_str("</p>");
        if part.kind != OperationKind::Delete {
            changes(out, &part.changes, part.kind);
        }
    }

    pub fn held(&self, held: &Held) -> String {
        let store = &self.program.stores[held.direction.source().index()].name;
        let mut out = "<li><p class=\"record\"><b>!</b> ".to_owned();
        code(
            &mut out,
            &format!("{store}.{} {}", held.object, id(&held.id)),
        );
        out.push_str("</p>");
        if !held.missing.is_empty() {
            out.push_str("<p class=\"missing\">lacks ");
            for (place, name) in held.missing.iter().enumerate() {
                if place > 0 {
                    out.push_str(", ");
                }
                code(&mut out, name);
            }
            out.push_str("</p>");
        }
        reason(&mut out, &held.because, &held.rule);
        out
    }

    pub fn conflict(&self, conflict: &Conflict) -> String {
        let mut out = "<li><p class=\"record\"><b>!</b> ".to_owned();
        for side in [0, 1] {
            if side > 0 {
                out.push_str("<br><span class=\"default\">against</span> ");
            }
            let store = &self.program.stores[side].name;
            let of = (&conflict.objects[side], id(&conflict.ids[side]));
            code(&mut out, &format!("{store}.{} {}", of.0, of.1));
        }
        out.push_str("</p>");
        if !conflict.field.is_empty() {
            let _ = write!(out, "<dl><dt>{}</dt><dd>", Escaped(&conflict.field));
            let left = value_within(&conflict.left, WIDTH);
            let right = value_within(&conflict.right, WIDTH);
            let _ = write!(out, "<samp>{}</samp> against ", Escaped(&left));
            let _ = write!(out, "<samp>{}</samp></dd></dl>", Escaped(&right));
        }
        let state = match (conflict.frozen, conflict.take) {
            (_, Some(side)) => format!("; the {} side wins in the next run", side_word(side)),
            (true, None) => "; frozen until it is released".to_owned(),
            (false, None) => String::new(),
        };
        reason(
            &mut out,
            &format!("{}{state}", conflict.because),
            &conflict.rule,
        );
        out
    }

    pub fn failure(&self, failure: &Failure) -> String {
        let store = &self.program.stores[failure.side.index()].name;
        let mut out = "<li><p class=\"record\"><b>!</b> ".to_owned();
        code(
            &mut out,
            &format!("{store}.{} {}", failure.object, id(&failure.id)),
        );
        out.push_str("</p><p class=\"missing\">");
        if let Some(field) = &failure.field {
            code(&mut out, field);
            out.push_str(": ");
        }
        let _ = write!(out, "{}</p>", Escaped(&failure.message));
        reason(&mut out, &failure.code, &failure.rule);
        out
    }
}

fn sign(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Create => "+",
        OperationKind::Update => "~",
        OperationKind::Delete => "−",
        OperationKind::Merge => "merge",
        OperationKind::Convert => "convert",
        OperationKind::Link => "link",
        OperationKind::Unlink => "unlink",
        OperationKind::Alter => "add to",
        OperationKind::WriteBack => "write back to",
        OperationKind::Action => "post",
    }
}

fn code(out: &mut String, text: &str) {
    // Writing into a String never fails; here and below.
    let _ = write!(out, "<code>{}</code>", Escaped(text));
}

/// Field by field: from what, to what; a new record and a request have no from, and a field that is added no values.
fn changes(out: &mut String, changes: &[Change], kind: OperationKind) {
    if changes.is_empty() {
        return;
    }
    out.push_str("<dl>");
    for change in changes {
        let _ = write!(out, "<dt>{}</dt><dd>", Escaped(&change.field));
        if kind == OperationKind::Alter {
            out.push_str("new field</dd>");
            continue;
        }
        if !matches!(kind, OperationKind::Create | OperationKind::Action) {
            let from = value_within(&change.from, WIDTH);
            let _ = write!(out, "<del>{}</del> → ", Escaped(&from));
        }
        let to = to_within(&change.to, WIDTH);
        let _ = write!(out, "<ins>{}</ins></dd>", Escaped(&to));
    }
    out.push_str("</dl>");
}

/// Ends an entry.
fn reason(out: &mut String, because: &str, rule: &str) {
    let _ = write!(out, "<p class=\"because\">{} ", Escaped(because));
    code(out, rule);
    out.push_str("</p></li>\n");
}
