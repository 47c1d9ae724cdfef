//! What lints look at: the syntax tree, the facts that checking left, and the relationships as they were built.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::{Checked, Facts};
use crate::diagnostic::Span;
use crate::program::{
    Alternatives, Direction, Expr, Flow, PathStep, Program, Relationship, Side, Slot, TextPart,
};
use crate::schema::{Field, Object};
use crate::syntax::ast::{self, Item, ItemKind, Statement, StatementKind, ValuesItem};

pub(super) struct Context<'a> {
    pub files: &'a [ast::File],
    pub facts: &'a Facts,
    pub program: &'a Program,
    /// A statement or an item did not parse: what is not there may stand in it.
    pub incomplete: bool,
    /// The place of each relationship of the program by its name.
    places: FxHashMap<&'a str, usize>,
    incomplete_names: FxHashSet<&'a str>,
    /// Statements of relationships by their spans.
    statements: FxHashMap<Span, &'a Statement>,
    values: FxHashMap<&'a str, &'a ValuesItem>,
}

impl<'a> Context<'a> {
    pub fn new(files: &'a [ast::File], checked: &'a Checked) -> Option<Self> {
        let program = checked.facts.draft.as_ref()?;
        let broken = |f: &ast::File| f.items.iter().any(|i| matches!(i.kind, ItemKind::Broken));
        let incomplete = files.iter().any(broken) || !checked.facts.incomplete.is_empty();
        let mut statements = FxHashMap::default();
        let mut values = FxHashMap::default();
        for item in files.iter().flat_map(|f| &f.items) {
            match &item.kind {
                ItemKind::Relationship(r) => {
                    statements.extend(r.statements.iter().map(|s| (s.span, s)));
                }
                ItemKind::Values(v) => {
                    values.entry(v.name.text.as_str()).or_insert(v);
                }
                _ => {}
            }
        }
        let named = program.relationships.iter().enumerate();
        let incomplete_names = checked.facts.incomplete.iter();
        Some(Context {
            files,
            facts: &checked.facts,
            program,
            incomplete,
            places: named.map(|(at, r)| (r.name.as_str(), at)).collect(),
            incomplete_names: incomplete_names.map(|n| n.as_str()).collect(),
            statements,
            values,
        })
    }

    pub fn items(&self) -> impl Iterator<Item = &'a Item> {
        self.files.iter().flat_map(|f| &f.items)
    }

    /// Relationships that parsed whole, so that what they lack can be told.
    pub fn complete(&self) -> impl Iterator<Item = &'a Relationship> {
        let relationships = self.program.relationships.iter();
        relationships.filter(|r| !self.incomplete_names.contains(r.name.as_str()))
    }

    pub fn relationship(&self, name: &str) -> Option<&'a Relationship> {
        self.program.relationships.get(*self.places.get(name)?)
    }

    /// A relationship that parsed whole.
    pub fn complete_one(&self, name: &str) -> Option<&'a Relationship> {
        self.relationship(name)
            .filter(|r| !self.incomplete_names.contains(r.name.as_str()))
    }

    /// The statement with exactly this span.
    pub fn statement(&self, span: Span) -> Option<&'a Statement> {
        self.statements.get(&span).copied()
    }

    pub fn values(&self, name: &str) -> Option<&'a ValuesItem> {
        self.values.get(name).copied()
    }

    /// The smallest piece of an operation line that names it, by the line's own span.
    pub fn operation_span(&self, line: Span) -> Span {
        let named = self.statement(line).and_then(|s| match &s.kind {
            StatementKind::Operation(o) => Some(Span {
                end: o.operation_span.end,
                ..o.direction_span
            }),
            _ => None,
        });
        named.unwrap_or(line)
    }

    /// The user's text of a place, on one line.
    pub fn text(&self, span: Span) -> String {
        let text = self.program.sources.text(span);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A place with the end of its last line, where nothing else stands on its lines.
    pub fn whole_lines(&self, span: Span) -> Span {
        let Some(source) = self.program.sources.file(span.file) else {
            return span;
        };
        let range = source.range(span);
        let written = source.text[range.clone()].trim_end().len();
        let end = range.start + written;
        let rest = &source.text[end..];
        let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let alone = source.text[..range.start].ends_with('\n') || range.start == 0;
        let end = if alone && rest[..line].trim().is_empty() {
            end + line
        } else {
            end
        };
        Span {
            end: u32::try_from(end).unwrap_or(span.end),
            ..span
        }
    }

    /// The clause or modifier that a place stands in, if it stands in one.
    pub fn clause_of(&self, at: Span) -> Option<Span> {
        let within = |s: &Span| s.file == at.file && s.start <= at.start && at.end <= s.end;
        let relationships = self.items().filter(|i| within(&i.span));
        let statements = relationships.filter_map(|i| match &i.kind {
            ItemKind::Relationship(r) => Some(&r.statements),
            _ => None,
        });
        let statement = statements.flatten().find(|s| within(&s.span))?;
        match &statement.kind {
            StatementKind::Operation(o) => o.clauses.iter().map(|c| c.span).find(|s| within(s)),
            StatementKind::Field(f) => f.modifiers.iter().map(|m| m.span).find(|s| within(s)),
            _ => None,
        }
    }

    /// `crm.Lead`
    pub fn full_name(&self, side: Side, object: &Object) -> String {
        format!("{}.{}", self.program.stores[side.index()].name, object.name)
    }
}

/// The field of a slot in one object.
pub(super) fn slot_field<'o>(
    relationship: &Relationship,
    side: Side,
    slot: Slot,
    object: &'o Object,
) -> Option<&'o Field> {
    let rule = relationship.sides[side.index()]
        .slots
        .get(usize::from(slot.0))?;
    object.fields.get(&rule.field)
}

pub(super) fn slot_name(relationship: &Relationship, side: Side, slot: Slot) -> &str {
    relationship.sides[side.index()]
        .slots
        .get(usize::from(slot.0))
        .map_or("", |s| s.field.as_str())
}

/// The objects of a side with their places.
pub(super) fn objects(
    relationship: &Relationship,
    side: Side,
    within: Alternatives,
) -> impl Iterator<Item = (usize, &Object)> {
    let objects = &relationship.sides[side.index()].objects;
    let several = objects.len() > 1;
    objects
        .iter()
        .enumerate()
        .filter(move |(i, _)| !several || within.has(*i))
        .map(|(i, o)| (i, o.as_ref()))
}

pub(super) fn is_id(relationship: &Relationship, side: Side, slot: Slot) -> bool {
    let name = slot_name(relationship, side, slot);
    relationship.sides[side.index()]
        .objects
        .iter()
        .any(|o| o.id.as_deref() == Some(name))
}

/// The flows of a relationship with their alternatives.
pub(super) fn flows(
    relationship: &Relationship,
) -> impl Iterator<Item = (Direction, Alternatives, &Flow)> {
    relationship.lines.iter().flat_map(|l| {
        Direction::BOTH
            .into_iter()
            .filter_map(|d| l.flow(d).map(|f| (d, l.alternatives, f)))
    })
}

/// Every field that an expression reads.
pub(super) fn reads(expr: &Expr, found: &mut Vec<(Side, Slot)>) {
    match expr {
        Expr::Field(side, slot) | Expr::Was(side, slot) => found.push((*side, *slot)),
        Expr::Const(_)
        | Expr::It
        | Expr::Alternative
        | Expr::ByHand
        | Expr::Now
        | Expr::Today
        | Expr::Query(_) => {}
        Expr::Not(a) | Expr::Negate(a) | Expr::Matches(a, _) | Expr::RoundRobin(a, _) => {
            reads(a, found)
        }
        Expr::IsNull { operand, .. } | Expr::IsEmpty { operand, .. } => reads(operand, found),
        Expr::And(parts) | Expr::Or(parts) | Expr::List(parts) | Expr::Call(_, parts) => {
            parts.iter().for_each(|p| reads(p, found))
        }
        Expr::Compare(_, a, b) | Expr::Coalesce(a, b) | Expr::Arithmetic(_, a, b) => {
            reads(a, found);
            reads(b, found);
        }
        Expr::In { operand, list, .. } => {
            reads(operand, found);
            reads(list, found);
        }
        Expr::If(c, a, b) => [c, a, b].into_iter().for_each(|e| reads(e, found)),
        Expr::Interpolate(parts) => parts.iter().for_each(|p| match p {
            TextPart::Text(_) => {}
            TextPart::Expr(e) => reads(e, found),
        }),
        Expr::Path(of, steps) => {
            reads(of, found);
            steps.iter().for_each(|s| match s {
                PathStep::Member(_) => {}
                PathStep::Index(e) => reads(e, found),
            });
        }
    }
}
