//! One operation of a plan.

use std::io::{self, Write};

use anstyle::AnsiColor;

use super::super::console::Paint;
use super::text;
use crate::plan::{Operation, OperationKind, Part, SourceRecord};
use crate::program::{Program, Side};
use crate::value::Value;

/// A create, update or delete: its record, its fields, its reason.
pub fn draw(
    operation: &Operation,
    program: &Program,
    rule: &str,
    paint: Paint,
    out: &mut impl Write,
) -> io::Result<()> {
    let (sign, color) = match operation.kind {
        OperationKind::Create => ("+", AnsiColor::Green),
        OperationKind::Delete => ("-", AnsiColor::Red),
        OperationKind::Merge => ("merge", AnsiColor::Yellow),
        OperationKind::Convert => ("convert", AnsiColor::Yellow),
        OperationKind::Action => ("post", AnsiColor::Blue),
        _ => ("~", AnsiColor::Yellow),
    };
    let record = target(operation, program);
    let head = paint.bold(color, &format!("{sign} {record}"));
    match &operation.source {
        Some(source) => {
            let from = source_name(program, source);
            writeln!(out, "    {head} {}", paint.dim(&format!("from {from}")))?;
        }
        None => writeln!(out, "    {head}")?,
    }
    let width = operation
        .changes
        .iter()
        .map(|change| change.field.chars().count())
        .max()
        .unwrap_or(0);
    for change in &operation.changes {
        let to = text::to(&change.to);
        let field = format!("{:<width$}", change.field.as_str());
        if matches!(
            operation.kind,
            OperationKind::Create | OperationKind::Action
        ) {
            writeln!(out, "        {field}  {}", paint.paint(color, &to))?;
        } else {
            let from = text::value(&change.from);
            writeln!(out, "        {field}  {from} → {}", paint.paint(color, &to))?;
        }
    }
    for part in &operation.together {
        writeln!(out, "        {}", together(part, operation.side, program))?;
    }
    let reason = format!("{} ({rule})", operation.because.in_words(program));
    writeln!(out, "        {}", paint.dim(&reason))
}

/// `with it: delete salesforce.Contact 003…`
fn together(part: &Part, side: Side, program: &Program) -> String {
    let record = record(program, side, &part.object, part.id.as_ref());
    let names: Vec<&str> = match part.kind {
        OperationKind::Delete => Vec::new(),
        _ => part.changes.iter().map(|c| c.field.as_str()).collect(),
    };
    let fields = if names.is_empty() {
        String::new()
    } else {
        format!(" ({})", names.join(", "))
    };
    format!("with it: {} {record}{fields}", part.kind.word())
}

/// A link, unlink, write-back or new field on one line.
pub fn compact(operation: &Operation, program: &Program, rule: &str) -> String {
    let side = operation.side;
    let record = record(program, side, &operation.object, operation.id.as_ref());
    let fields = || {
        let names: Vec<&str> = operation.changes.iter().map(|c| c.field.as_str()).collect();
        names.join(", ")
    };
    let source = || match &operation.source {
        Some(source) => source_name(program, source),
        None => "nothing".to_owned(),
    };
    let what = match operation.kind {
        OperationKind::Link => format!("link {} = {record}", source()),
        OperationKind::Unlink => format!("unlink {} and {record}", source()),
        OperationKind::Alter => format!("add {} to {record}", fields()),
        OperationKind::WriteBack => format!("write back {} to {record}", fields()),
        OperationKind::Create
        | OperationKind::Update
        | OperationKind::Delete
        | OperationKind::Merge
        | OperationKind::Convert
        | OperationKind::Action => {
            format!("{} {record}", operation.kind.word())
        }
    };
    format!("{what}: {} ({rule})", operation.because.in_words(program))
}

/// What an operation writes to: its record, or the address that is called.
pub fn target(operation: &Operation, program: &Program) -> String {
    match operation.kind {
        OperationKind::Action => text::cut(&operation.object),
        _ => record(
            program,
            operation.side,
            &operation.object,
            operation.id.as_ref(),
        ),
    }
}

/// `salesforce.Lead 00Q…`; without the id while nobody knows it.
pub fn record(program: &Program, side: Side, object: &str, id: Option<&Value>) -> String {
    let store = &program.stores[side.index()].name;
    match id {
        Some(id) => format!("{store}.{object} {}", text::id(id)),
        None => format!("{store}.{object}"),
    }
}

/// Where an operation takes its values from: a record, or a message that fired a trigger.
pub fn source_name(program: &Program, source: &SourceRecord) -> String {
    match source.side {
        Some(side) => record(program, side, &source.object, Some(&source.id)),
        None => format!("{} {}", source.object, text::id(&source.id)),
    }
}
