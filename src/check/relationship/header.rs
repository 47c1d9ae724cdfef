//! Headers: the objects of each side, their alternatives, `many`.

use crate::check::Checker;
use crate::check::frame::ObjectRef;
use crate::diagnostic::codes;
use crate::program::{Addition, Side};
use crate::syntax::ast::{self, Arrow, Name};

/// What a relationship is about.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub sides: [Vec<ObjectRef>; 2],
    pub many: Option<Side>,
    /// By side: one of its objects has a finding.
    pub unsure: [bool; 2],
    /// Something of it has a finding.
    pub faulty: bool,
    /// The fields that `*` adds.
    pub additions: Vec<Addition>,
}

/// Alternatives are kept as bits.
const MOST_ALTERNATIVES: usize = 32;

impl<'a> Checker<'a> {
    /// Resolves the objects of every relationship.
    pub fn resolve_headers(&mut self) {
        let items: Vec<&'a ast::RelationshipItem> =
            self.names.relationships.values().copied().collect();
        for item in items {
            let header = self.header(item);
            self.headers.push(header);
        }
    }

    fn header(&mut self, item: &ast::RelationshipItem) -> Header {
        let first = self.findings.mark();
        if let ([_, second, ..], [_, _, ..]) = (item.left.as_slice(), item.right.as_slice()) {
            self.findings
                .error(
                    codes::TWO_SIDED_ALTERNATIVES,
                    second.span,
                    "only one side of a relationship has alternatives",
                )
                .label(
                    item.right.get(1).map_or(item.arrow_span, |n| n.span),
                    "the other side has some too",
                )
                .help("write a relationship for each object of one side");
        }
        let many = match (item.many, item.arrow) {
            (None, _) => None,
            (Some(_), Arrow::Push) => Some(Side::Left),
            (Some(_), Arrow::Pull) => Some(Side::Right),
            (Some(span), Arrow::Both) => {
                self.findings
                    .error(
                        codes::MANY_TWO_WAY,
                        span,
                        "`many` relationships go one way only",
                    )
                    .label(item.arrow_span, "this arrow goes both ways")
                    .help("let it go one way: `->` or `<-`");
                None
            }
        };
        let mut unsure = [false, false];
        let sides = Side::BOTH.map(|side| {
            let names = match side {
                Side::Left => &item.left,
                Side::Right => &item.right,
            };
            let objects = self.side_objects(side, names);
            let described = self.store(side).schema.is_some();
            unsure[side.index()] =
                objects.len() < names.len() || described && objects.iter().any(|o| o.open);
            objects
        });
        Header {
            sides,
            many,
            unsure,
            faulty: self.findings.lost_since(first),
            additions: Vec::new(),
        }
    }

    fn side_objects(&mut self, side: Side, names: &[Name]) -> Vec<ObjectRef> {
        let mut objects: Vec<ObjectRef> = Vec::with_capacity(names.len());
        for (i, name) in names.iter().enumerate() {
            if let Some(first) = names[..i].iter().find(|n| n.text == name.text) {
                crate::check::names::duplicate(
                    &mut self.findings,
                    codes::DUPLICATE_NAME,
                    "alternative",
                    name,
                    first.span,
                );
                continue;
            }
            if i >= MOST_ALTERNATIVES {
                self.findings.error(
                    codes::TOO_LARGE,
                    name.span,
                    format!("a side has at most {MOST_ALTERNATIVES} alternatives"),
                );
                break;
            }
            let object = self.object(side, name);
            if !object.open && object.object.id.is_none() {
                let full = self.object_name(side, &object);
                self.findings
                    .error(
                        codes::NO_PRIMARY_KEY,
                        name.span,
                        format!(
                            "`{full}` has no primary key, so that its records can't be told apart"
                        ),
                    )
                    .help(format!(
                        "name one in stores.yaml: `objects: {{ {}: {{ id: … }} }}`",
                        name.text
                    ));
            }
            objects.push(object);
        }
        objects
    }

    /// The relationships of an object on a side, in backticks.
    pub fn relationships_of(&self, side: Side, object: &str) -> Vec<String> {
        let items = self.names.relationships.iter().filter(|(_, item)| {
            let names = match side {
                Side::Left => &item.left,
                Side::Right => &item.right,
            };
            names.iter().any(|n| n.text == object)
        });
        items.map(|(name, _)| format!("`{name}`")).collect()
    }

    /// Whether an object in the header of the relationship with this name has a finding.
    pub fn is_unsure(&self, name: &Name) -> bool {
        let at = self.names.relationships.get_index_of(&name.text);
        at.and_then(|at| self.headers.get(at))
            .is_some_and(|h| h.unsure.contains(&true))
    }

    /// The objects of a side of the relationship with this name.
    pub fn relationship_objects(&self, name: &Name, side: Side) -> Vec<ObjectRef> {
        let header = self
            .names
            .relationships
            .get_index_of(&name.text)
            .and_then(|at| self.headers.get(at));
        header
            .map(|h| h.sides[side.index()].clone())
            .unwrap_or_default()
    }
}
