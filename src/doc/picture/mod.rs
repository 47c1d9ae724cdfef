//! The picture of a program: the objects of the left store on the left, those of the right store on the right, the relationships between
//! them, and dashed at the edges which objects refer to which.

mod layout;
mod mermaid;
mod order;
mod svg;

pub use svg::STYLE;

use smol_str::SmolStr;

use super::model::Arrow;
use crate::program::{Conversion, Direction, Program, Relationship, Side};

/// What the picture shows, before anything has a place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// Left, right.
    pub stores: [SmolStr; 2],
    /// The objects of each store that relationships relate, in the order of the relationships.
    pub objects: [Vec<SmolStr>; 2],
    pub relationships: Vec<Tie>,
    pub references: Vec<Reference>,
}

/// A relationship: which objects it ties together.
#[derive(Debug, Clone, PartialEq)]
pub struct Tie {
    pub name: SmolStr,
    pub arrow: Arrow,
    /// Places in [`Picture::objects`], left and right; several where it has alternatives.
    pub ends: [Vec<usize>; 2],
}

/// Records of one object name records of another one of their store.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// 0 is left, 1 is right.
    pub side: usize,
    pub from: usize,
    pub to: usize,
    /// The fields that name them: `Lead.OwnerId`.
    pub fields: Vec<String>,
}

impl Picture {
    pub fn of(program: &Program) -> Picture {
        let mut picture = Picture {
            stores: [0, 1].map(|side| program.stores[side].name.clone()),
            ..Picture::default()
        };
        for relationship in &program.relationships {
            let ends = Side::BOTH.map(|side| picture.ends(relationship, side));
            picture.relationships.push(Tie {
                name: relationship.name.clone(),
                arrow: Arrow::of(relationship.enabled),
                ends,
            });
        }
        for relationship in &program.relationships {
            picture.refer(program, relationship);
        }
        picture
    }

    fn ends(&mut self, relationship: &Relationship, side: Side) -> Vec<usize> {
        let known = &mut self.objects[side.index()];
        let objects = relationship.sides[side.index()].objects.iter();
        let mut place = |object: &SmolStr| match known.iter().position(|name| name == object) {
            Some(place) => place,
            None => {
                known.push(object.clone());
                known.len() - 1
            }
        };
        objects
            .map(|object| object.name.clone())
            .map(|name| place(&name))
            .collect()
    }

    /// The `via` of a relationship: its target field names a record of the other relationship's object.
    fn refer(&mut self, program: &Program, relationship: &Relationship) {
        for line in &relationship.lines {
            for flow in Direction::BOTH
                .into_iter()
                .filter_map(|way| Some((way, line.flow(way)?)))
            {
                let (way, flow) = flow;
                let Conversion::Via(via) = &flow.conversion else {
                    continue;
                };
                let side = way.target();
                let own = &relationship.sides[side.index()];
                let Some(slot) = own.slots.get(usize::from(flow.target.0)) else {
                    continue;
                };
                let has_field = own.objects.iter().zip(&slot.present).filter(|(_, p)| **p);
                let from: Vec<&SmolStr> = has_field.map(|(object, _)| &object.name).collect();
                let referred = &program[via.relationship];
                let named = |place: usize| {
                    side != referred.varied() || via.alternative.is_none_or(|a| a == place)
                };
                let objects = referred.sides[side.index()].objects.iter().enumerate();
                let to: Vec<&SmolStr> = objects
                    .filter(|(place, _)| named(*place))
                    .map(|(_, object)| &object.name)
                    .collect();
                for from in from {
                    for to in &to {
                        self.reference(side.index(), from, to, &slot.field);
                    }
                }
            }
        }
    }

    fn reference(&mut self, side: usize, from: &str, to: &str, field: &str) {
        let place = |name: &str| self.objects[side].iter().position(|object| object == name);
        let (Some(from), Some(to)) = (place(from), place(to)) else {
            return;
        };
        let field = format!("{}.{field}", self.objects[side][from]);
        let known = self
            .references
            .iter_mut()
            .find(|r| (r.side, r.from, r.to) == (side, from, to));
        match known {
            Some(known) if known.fields.contains(&field) => {}
            Some(known) => known.fields.push(field),
            None => self.references.push(Reference {
                side,
                from,
                to,
                fields: vec![field],
            }),
        }
    }

    /// What the picture shows, in words: for those who do not see it.
    pub fn in_words(&self) -> String {
        let tie = |tie: &Tie| {
            let ends = [0, 1].map(|side| {
                let names = tie.ends[side]
                    .iter()
                    .map(|at| self.objects[side][*at].as_str());
                names.collect::<Vec<_>>().join(" or ")
            });
            format!(
                "{}: {} with {}, {}.",
                tie.name,
                ends[0],
                ends[1],
                tie.arrow.word()
            )
        };
        let reference = |reference: &Reference| {
            format!(
                "{} names {}.",
                reference.fields.join(", "),
                self.objects[reference.side][reference.to]
            )
        };
        let ties = self.relationships.iter().map(tie);
        let all: Vec<String> = ties.chain(self.references.iter().map(reference)).collect();
        all.join(" ")
    }
}
