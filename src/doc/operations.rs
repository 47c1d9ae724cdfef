//! What a relationship makes, changes and deletes, and under which conditions.

use smol_str::SmolStr;

use super::model::{Block, Phrase, Section, Table};
use super::rules::{Rules, direction};
use crate::program::{Direction, Relationship};
use crate::syntax::ast::{
    Arrow, ClauseKind, Fallback, Leave, ModifierKind, OperationLine, OperationName,
    RelationshipItem, SetAssign, Statement, StatementKind,
};

/// operation | when | requires | sets, with what holds although no line says it.
pub fn section(
    rules: &Rules,
    name: &str,
    relationship: &Relationship,
    item: &RelationshipItem,
) -> Section {
    let head = ["operation", "when", "requires", "sets"].map(Phrase::of);
    let mut table = Table::new("operations", head);
    for way in Direction::BOTH {
        if relationship.enabled[way.index()] {
            rows(rules, &mut table, relationship, item, way);
        }
    }
    let title = Phrase::of("What is made, changed and deleted");
    let mut blocks = vec![Block::Table(table.without_empty_columns())];
    for statement in &item.statements {
        if let StatementKind::Batch {
            direction: way,
            size,
        } = &statement.kind
        {
            let size = rules.code(size.span);
            let way = direction(*way).word();
            let text = format!("One call of a {way} carries at most {size} records.");
            blocks.extend(rules.remark(statement.span).blocks());
            blocks.push(Block::Paragraph(Phrase::of(text)));
        }
    }
    Section::new(format!("operations {name}"), title).with(blocks)
}

/// The place of an operation among those of its direction.
fn rank(operation: &OperationName) -> u8 {
    match operation {
        OperationName::Filter => 0,
        OperationName::Create | OperationName::CreateOnce | OperationName::CreateNever => 1,
        OperationName::Update | OperationName::UpdateNever => 2,
        OperationName::Change(_) => 3,
        OperationName::Delete => 4,
        OperationName::Done => 5,
    }
}

/// The lines of one direction.
fn lines(item: &RelationshipItem, way: Direction) -> Vec<(&Statement, &OperationLine)> {
    item.statements
        .iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Operation(line) if direction(line.direction) == way => {
                Some((statement, line.as_ref()))
            }
            _ => None,
        })
        .collect()
}

fn rows(
    rules: &Rules,
    table: &mut Table,
    relationship: &Relationship,
    item: &RelationshipItem,
    way: Direction,
) {
    let lines = lines(item, way);
    let directed = &relationship.directions[way.index()];
    for place in 0..=5 {
        let here: Vec<_> = lines
            .iter()
            .filter(|(_, line)| rank(&line.operation) == place)
            .collect();
        for (statement, line) in &here {
            table.rows.extend(rules.note(statement.span));
            row(rules, table, line);
        }
        if !here.is_empty() {
            continue;
        }
        let (what, when) = match place {
            1 if directed.creates => ("create", "always"),
            1 => ("create", "never: no line says which to make"),
            2 if directed.once => ("update", "never: what is made once is forgotten"),
            2 => ("update", "always"),
            4 if directed.once => ("delete", "never: what is made once is forgotten"),
            4 => (
                "delete",
                "never: the link is closed, the other record stays",
            ),
            _ => continue,
        };
        let what = Phrase::new().default_text(format!("{} {what}", way.word()));
        table.row([
            what,
            Phrase::new().default_text(when),
            Phrase::new(),
            Phrase::new(),
        ]);
    }
}

fn row(rules: &Rules, table: &mut Table, line: &OperationLine) {
    let clauses = Clauses::of(rules, line);
    let when = if clauses.when.is_empty() {
        always(&line.operation)
    } else {
        Phrase::new().codes(clauses.when.iter())
    };
    table.row([
        operation(rules, line),
        when.join(clauses.leave),
        clauses.require,
        clauses.set,
    ]);
}

/// When an operation without a condition happens.
fn always(operation: &OperationName) -> Phrase {
    match operation {
        OperationName::CreateNever | OperationName::UpdateNever => Phrase::of("never"),
        OperationName::Delete => Phrase::of("the partner was deleted"),
        OperationName::Done => Phrase::new().default_text("after each operation"),
        OperationName::Create
        | OperationName::CreateOnce
        | OperationName::Update
        | OperationName::Filter
        | OperationName::Change(_) => Phrase::new().default_text("always"),
    }
}

/// `push create Lead`
fn operation(rules: &Rules, line: &OperationLine) -> Phrase {
    let way = direction(line.direction).word();
    let word = match &line.operation {
        OperationName::Create | OperationName::CreateNever => "create",
        OperationName::CreateOnce => "create once",
        OperationName::Update | OperationName::UpdateNever => "update",
        OperationName::Delete if marks(line) => "delete, which marks it only",
        OperationName::Delete => "delete",
        OperationName::Filter => return Phrase::of(format!("{way} at all")),
        OperationName::Change(field) => {
            let field = rules.code(field.span);
            return Phrase::of(format!("{way} update that changes ")).code(field);
        }
        OperationName::Done => return Phrase::of(format!("{way} done, on the source")),
    };
    let phrase = Phrase::of(format!("{way} {word}"));
    match &line.alternative {
        Some(alternative) => phrase.text(" ").code(alternative.text.as_str()),
        None => phrase,
    }
}

/// `pull delete set …` deletes nothing.
fn marks(line: &OperationLine) -> bool {
    line.clauses
        .iter()
        .any(|clause| matches!(clause.kind, ClauseKind::Set(_)))
}

/// The clauses of an operation.
struct Clauses {
    when: Vec<String>,
    require: Phrase,
    /// Sets, then options.
    set: Phrase,
    leave: Phrase,
}

impl Clauses {
    fn of(rules: &Rules, line: &OperationLine) -> Clauses {
        let mut clauses = Clauses {
            when: Vec::new(),
            require: Phrase::new(),
            set: Phrase::new(),
            leave: Phrase::new(),
        };
        for clause in &line.clauses {
            match &clause.kind {
                ClauseKind::When(condition) => clauses.when.push(rules.code(condition.span)),
                ClauseKind::Require(fields) => {
                    let fields = fields.iter().map(|field| rules.code(field.span));
                    clauses.require = clauses.require.after(", ").codes(fields);
                }
                ClauseKind::RequireElse { condition, reason } => {
                    clauses.require = clauses
                        .require
                        .after(", ")
                        .code(rules.code(condition.span))
                        .text(format!(" (else “{}”)", reason.text));
                }
                ClauseKind::Set(sets) => {
                    clauses.set = set(rules, clauses.set, sets);
                }
                ClauseKind::With(options) => {
                    clauses.set = options.iter().fold(clauses.set, |phrase, option| {
                        let value = rules.code(option.value.span);
                        let option = format!("{} = {value}", option.name.text);
                        phrase.line().text("with ").code(option)
                    });
                }
                ClauseKind::Leave(leave, _) => clauses.leave = leaves(*leave),
            }
        }
        if matches!(line.operation, OperationName::Filter) && clauses.leave.is_empty() {
            clauses.leave = Phrase::new().line().default_text(KEPT);
        }
        clauses
    }
}

/// Each `field = value` on its line.
pub fn set(rules: &Rules, phrase: Phrase, sets: &[SetAssign]) -> Phrase {
    sets.iter().fold(phrase, |phrase, set| {
        let field = rules.code(set.field.span);
        let value = rules.code(set.value.span);
        phrase.line().code(format!("{field} = {value}"))
    })
}

const KEPT: &str = "; what leaves it stays, no longer updated";

fn leaves(leave: Leave) -> Phrase {
    Phrase::of(match leave {
        Leave::Keep => KEPT,
        Leave::Unlink => "; what leaves it is unlinked",
        Leave::Delete => "; what leaves it is deleted on the other side",
    })
}

/// When a direction makes a record, in one phrase: its filters, its creates, and the references that it waits for.
pub fn creates(
    rules: &Rules,
    relationship: &Relationship,
    item: &RelationshipItem,
    way: Direction,
) -> Phrase {
    let directed = &relationship.directions[way.index()];
    if !directed.creates && !directed.once {
        return Phrase::of("never");
    }
    let lines = lines(item, way);
    let filters = lines
        .iter()
        .filter(|(_, line)| matches!(line.operation, OperationName::Filter))
        .flat_map(|(_, line)| Clauses::of(rules, line).when);
    let mut phrase = filters.fold(Phrase::new(), |phrase, filter| {
        let word = if phrase.is_empty() { "if " } else { " and " };
        phrase.text(word).code(filter)
    });
    let makes = lines.iter().filter(|(_, line)| {
        matches!(
            line.operation,
            OperationName::Create | OperationName::CreateOnce
        )
    });
    let makes: Vec<Phrase> = makes.map(|(_, line)| made(rules, line)).collect();
    let several = makes.len() > 1;
    for made in makes.into_iter().filter(|made| !made.is_empty()) {
        let begun = if several {
            phrase.line()
        } else {
            phrase.after("; ")
        };
        phrase = begun.join(made);
    }
    for (source, referred) in waits(rules, item, way) {
        let begun = if several {
            phrase.line()
        } else {
            phrase.after(", ")
        };
        phrase = begun
            .text("once what ")
            .code(source)
            .text(" names is linked in ")
            .code(referred.as_str());
    }
    if phrase.is_empty() {
        return Phrase::of("always");
    }
    phrase
}

/// `Lead` when …, requires …
fn made(rules: &Rules, line: &OperationLine) -> Phrase {
    let clauses = Clauses::of(rules, line);
    let mut phrase = Phrase::new();
    if let Some(alternative) = &line.alternative {
        phrase = phrase.code(alternative.text.as_str());
    }
    if !clauses.when.is_empty() {
        let word = if phrase.is_empty() { "when " } else { " when " };
        phrase = phrase.text(word).codes(clauses.when);
    }
    if !clauses.require.is_empty() {
        let word = if phrase.is_empty() {
            "requires "
        } else {
            ", requires "
        };
        phrase = phrase.text(word).join(clauses.require);
    }
    phrase
}

/// The references without which a direction makes no record: each as the rule says it, and the relationship that it waits for.
fn waits(rules: &Rules, item: &RelationshipItem, way: Direction) -> Vec<(String, SmolStr)> {
    let waits = |statement: &Statement| {
        let StatementKind::Field(line) = &statement.kind else {
            return None;
        };
        let (goes, source) = match way {
            Direction::Push => (line.arrow != Arrow::Pull, &line.left),
            Direction::Pull => (line.arrow != Arrow::Push, &line.right),
        };
        let always = line.modifiers.iter().all(|modifier| match &modifier.kind {
            ModifierKind::OnUpdate => false,
            ModifierKind::When { direction: on, .. } => on.is_some_and(|on| direction(on) != way),
            _ => true,
        });
        if !goes || !always {
            return None;
        }
        line.modifiers
            .iter()
            .find_map(|modifier| match &modifier.kind {
                ModifierKind::Via {
                    relationship,
                    fallback: None | Some((Fallback::Hold | Fallback::Skip, _)),
                    ..
                } => Some((rules.code(source.span), relationship.text.clone())),
                _ => None,
            })
    };
    item.statements.iter().filter_map(waits).collect()
}
