//! A pack as it is before it is damaged, and what of it can be damaged.

use std::collections::BTreeSet;

use bilateral::diagnostic::{FileId, Span};
use bilateral::program::{Direction, Flow, Program, Relationship, Side, Slot};
use bilateral::schema::{Field, Object, field_places};
use bilateral::syntax::ast::{
    self, ActionKind, ClauseKind, Expr, ExprKind, FieldLine, Item, ItemKind, ModifierKind,
    OperationLine, RelationshipItem, Statement, StatementKind, TextPart,
};

use crate::pack::Pack;

pub struct Sound {
    pub pack: Pack,
    pub files: Vec<ast::File>,
    pub program: Program,
    /// Every name that a schema or a rule file uses: a name that becomes one of them is not misspelt.
    pub names: BTreeSet<String>,
}

/// A field line of a relationship, and how it writes.
pub struct LineSite<'a> {
    pub relationship: &'a Relationship,
    pub item: &'a RelationshipItem,
    pub statement: &'a Statement,
    pub line: &'a FieldLine,
    pub flows: Vec<(Direction, &'a Flow)>,
}

/// `push create when … require …`
pub struct OperationSite<'a> {
    pub relationship: &'a Relationship,
    pub item: &'a RelationshipItem,
    pub statement: &'a Statement,
    pub line: &'a OperationLine,
}

impl Sound {
    pub fn of(pack: Pack) -> Sound {
        let look = pack.look();
        let program = look.checked.program.expect("a shipped pack checks");
        let words = |text: &str| -> Vec<String> {
            text.split(|c: char| !c.is_alphanumeric() && c != '_')
                .map(str::to_owned)
                .collect()
        };
        let texts = pack.rules.iter().chain(&pack.schemas);
        Sound {
            names: texts.flat_map(|(_, text)| words(text)).collect(),
            pack,
            files: look.files,
            program,
        }
    }

    pub fn text(&self, span: Span) -> &str {
        self.program.sources.text(span)
    }

    /// The text of each file: rules, then schemas.
    pub fn file(&self, file: FileId) -> &str {
        let at = file.0 as usize;
        let rules = &self.pack.rules;
        &rules
            .get(at)
            .unwrap_or_else(|| &self.pack.schemas[at - rules.len()])
            .1
    }

    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.files.iter().flat_map(|f| &f.items)
    }

    pub fn relationships(&self) -> impl Iterator<Item = (&Relationship, &RelationshipItem, Span)> {
        self.items().filter_map(|item| match &item.kind {
            ItemKind::Relationship(r) => {
                let all = &self.program.relationships;
                let checked = all.iter().find(|c| c.name == r.name.text)?;
                Some((checked, &**r, item.span))
            }
            _ => None,
        })
    }

    pub fn lines(&self) -> impl Iterator<Item = LineSite<'_>> {
        self.relationships().flat_map(|(relationship, item, _)| {
            item.statements.iter().filter_map(move |statement| {
                let StatementKind::Field(line) = &statement.kind else {
                    return None;
                };
                let flows = relationship.lines.iter().flat_map(|line| {
                    Direction::BOTH
                        .into_iter()
                        .filter_map(|d| Some((d, line.flow(d)?)))
                });
                Some(LineSite {
                    relationship,
                    item,
                    statement,
                    line,
                    flows: flows.filter(|(_, f)| f.rule.0 == statement.span).collect(),
                })
            })
        })
    }

    pub fn operations(&self) -> impl Iterator<Item = OperationSite<'_>> {
        self.relationships().flat_map(|(relationship, item, _)| {
            item.statements
                .iter()
                .filter_map(move |statement| match &statement.kind {
                    StatementKind::Operation(line) => Some(OperationSite {
                        relationship,
                        item,
                        statement,
                        line,
                    }),
                    _ => None,
                })
        })
    }

    /// Every expression of the rules, and those within it.
    pub fn expressions(&self) -> Vec<&Expr> {
        let mut all = Vec::new();
        for item in self.items() {
            roots(item).into_iter().for_each(|e| within(e, &mut all));
        }
        all
    }

    /// Where the schema file of a side describes a field.
    pub fn schema_line(&self, side: Side, object: &str, field: &str) -> Option<Span> {
        let name = format!("{}.yaml", self.program.stores[side.index()].name);
        let at = self.pack.schemas.iter().position(|(n, _)| *n == name)?;
        let places = field_places(&self.pack.schemas[at].1);
        let range = places.get(&(object.into(), field.into()))?;
        Some(Span {
            file: FileId((self.pack.rules.len() + at) as u32),
            start: range.start as u32,
            end: range.end as u32,
        })
    }
}

impl<'a> LineSite<'a> {
    /// The plain field that feeds a flow, for each alternative that has it.
    pub fn sources(&self, direction: Direction, flow: &Flow) -> Vec<(&'a Object, &'a Field)> {
        match flow.source_slot {
            Some(slot) => fields(self.relationship, direction.source(), slot),
            None => Vec::new(),
        }
    }

    pub fn targets(&self, direction: Direction, flow: &Flow) -> Vec<(&'a Object, &'a Field)> {
        fields(self.relationship, direction.target(), flow.target)
    }

    /// What stands at the pointed end of the arrow.
    pub fn pointed(&self, direction: Direction) -> &'a Expr {
        match direction {
            Direction::Push => &self.line.right,
            Direction::Pull => &self.line.left,
        }
    }

    pub fn end(&self, side: Side) -> &'a Expr {
        match side {
            Side::Left => &self.line.left,
            Side::Right => &self.line.right,
        }
    }

    /// Whether the line goes one way in a relationship that does.
    pub fn one_way(&self) -> bool {
        self.relationship.enabled != [true, true] && self.flows.len() == 1
    }
}

/// The objects that a slot is read from, with their fields.
pub fn fields(relationship: &Relationship, side: Side, slot: Slot) -> Vec<(&Object, &Field)> {
    let rules = &relationship.sides[side.index()];
    let slot = &rules.slots[slot.0 as usize];
    let objects = rules.objects.iter().zip(&slot.present);
    objects
        .filter(|(_, present)| **present)
        .filter_map(|(object, _)| Some((&**object, object.fields.get(&slot.field)?)))
        .collect()
}

fn roots(item: &Item) -> Vec<&Expr> {
    match &item.kind {
        ItemKind::Let(item) => vec![&item.value],
        ItemKind::Fn(item) => vec![&item.body],
        ItemKind::Lens(item) => item.push.iter().chain(&item.pull).collect(),
        ItemKind::Relationship(item) => item.statements.iter().flat_map(of_statement).collect(),
        ItemKind::Trigger(item) => {
            let mut all: Vec<&Expr> = item.when.iter().collect();
            for action in &item.actions {
                all.extend(of_action(&action.kind));
                all.extend(&action.when);
            }
            all
        }
        _ => Vec::new(),
    }
}

fn of_statement(statement: &Statement) -> Vec<&Expr> {
    match &statement.kind {
        StatementKind::Match { keys, filter, .. } => {
            let keys = keys.iter().flat_map(|k| [&k.left, &k.right]);
            keys.chain(filter).collect()
        }
        StatementKind::Field(line) => {
            let conditions = line.modifiers.iter().filter_map(|m| match &m.kind {
                ModifierKind::When { condition, .. } => Some(condition),
                _ => None,
            });
            [&line.left, &line.right]
                .into_iter()
                .chain(conditions)
                .collect()
        }
        StatementKind::Operation(line) => line.clauses.iter().flat_map(of_clause).collect(),
        StatementKind::Purge { when, .. } => vec![when],
        StatementKind::Convert(line) => line.clauses.iter().flat_map(of_clause).collect(),
        _ => Vec::new(),
    }
}

fn of_clause(clause: &ast::Clause) -> Vec<&Expr> {
    match &clause.kind {
        ClauseKind::When(condition) | ClauseKind::RequireElse { condition, .. } => vec![condition],
        ClauseKind::Require(names) => names.iter().collect(),
        ClauseKind::Set(sets) => sets.iter().map(|s| &s.value).collect(),
        ClauseKind::With(options) => options.iter().map(|o| &o.value).collect(),
        ClauseKind::Leave(..) => Vec::new(),
    }
}

fn of_action(action: &ActionKind) -> Vec<&Expr> {
    let (keys, fields): (&[ast::Assign], &[ast::Assign]) = match action {
        ActionKind::Create { fields, .. } | ActionKind::Set(fields) => (&[], fields),
        ActionKind::Post { body, .. } => (&[], body),
        ActionKind::Upsert { keys, fields, .. } | ActionKind::Update { keys, fields, .. } => {
            (keys, fields)
        }
        ActionKind::Delete { keys, .. } => (keys, &[]),
        ActionKind::Run { .. } | ActionKind::Broken => (&[], &[]),
    };
    keys.iter().chain(fields).map(|a| &a.value).collect()
}

/// An expression and those within it, the outer ones first.
fn within<'a>(expr: &'a Expr, all: &mut Vec<&'a Expr>) {
    all.push(expr);
    let assigns = |assigns: &'a [ast::Assign]| assigns.iter().map(|a| &a.value);
    let parts: Vec<&Expr> = match &expr.kind {
        ExprKind::Interpolation(parts) => parts
            .iter()
            .filter_map(|part| match part {
                TextPart::Expr(expr) => Some(expr),
                TextPart::Text(_) => None,
            })
            .collect(),
        ExprKind::List(items) => items.iter().collect(),
        ExprKind::Index { of, index } => vec![of, index],
        ExprKind::Member { of, .. } => vec![of],
        ExprKind::Call { args, .. } => args.iter().collect(),
        ExprKind::Unary { operand, .. } | ExprKind::IsEmpty { operand, .. } => vec![operand],
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => vec![condition, then, otherwise],
        ExprKind::Lookup(lookup) => {
            let made = lookup.or_create.iter().flatten().map(|a| &a.value);
            assigns(&lookup.keys).chain(made).collect()
        }
        ExprKind::Aggregate(aggregate) => assigns(&aggregate.keys).collect(),
        _ => Vec::new(),
    };
    parts.into_iter().for_each(|part| within(part, all));
}
