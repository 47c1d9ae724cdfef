//! What an expression is compiled against: the record at hand on each side, with the slots and queries that it comes to need.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::program::{Alternatives, Query, QueryRef, Side, Slot, SlotRule};
use crate::schema::{Field, Object};
use crate::value::Type;

use super::types;

/// An object of a store. `open`: its fields are not known (no schema, or an unknown object), so that any name may be one.
#[derive(Debug, Clone)]
pub(crate) struct ObjectRef {
    pub object: Arc<Object>,
    pub open: bool,
}

impl ObjectRef {
    pub fn open(name: &SmolStr) -> ObjectRef {
        let object = Object {
            name: name.clone(),
            fields: indexmap::IndexMap::new(),
            id: None,
            modified: None,
            deleted: None,
            created: None,
        };
        ObjectRef {
            object: Arc::new(object),
            open: true,
        }
    }

    pub fn has(&self, field: &str) -> bool {
        self.open || self.object.fields.contains_key(field)
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.object.fields.get(name)
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct FrameSide {
    /// The object, or the alternatives in header order; empty where there is no record on this side.
    pub objects: Vec<ObjectRef>,
    pub slots: Vec<SlotRule>,
    /// An object of the header has a finding: another name may have been meant, so that no name of an alternative is wrong for certain.
    pub unsure: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    pub sides: [FrameSide; 2],
    pub queries: Vec<Query>,
    /// Fields read with `was()`.
    pub was: Vec<(Side, Slot)>,
}

impl FrameSide {
    pub fn new(objects: Vec<ObjectRef>) -> FrameSide {
        FrameSide {
            objects,
            slots: Vec::new(),
            unsure: false,
        }
    }

    pub fn has_alternatives(&self) -> bool {
        self.objects.len() > 1
    }

    pub fn is_open(&self) -> bool {
        self.objects.iter().any(|o| o.open)
    }

    /// The alternatives that have the field, among those of `within`.
    pub fn present(
        &self,
        field: &str,
        alternative: Option<usize>,
        within: Alternatives,
    ) -> Vec<bool> {
        let eligible = |i: usize| {
            alternative.is_none_or(|a| a == i) && (!self.has_alternatives() || within.has(i))
        };
        self.objects
            .iter()
            .enumerate()
            .map(|(i, o)| eligible(i) && o.has(field))
            .collect()
    }

    /// The slot of a field: one for each alternative that it is qualified by, and one for the unqualified name.
    pub fn slot(&mut self, field: &SmolStr, alternative: Option<usize>) -> Slot {
        let alternative = alternative.filter(|_| self.has_alternatives());
        let present = self.present(field, alternative, Alternatives::ALL);
        let label = match alternative.and_then(|a| self.objects.get(a)) {
            Some(o) => SmolStr::from(format!("{}.{field}", o.object.name)),
            None => field.clone(),
        };
        if let Some(at) = self
            .slots
            .iter()
            .position(|s| s.label == label && s.field == *field)
        {
            return Slot(at as u16);
        }
        let types = self.objects.iter().zip(&present);
        let types = types.map(|(o, present)| match (present, o.field(field)) {
            (true, Some(field)) => field.ty.clone(),
            (true, None) => Type::Any,
            (false, _) => Type::Null,
        });
        let types = types.collect();
        self.slots.push(SlotRule {
            field: field.clone(),
            label,
            present,
            types,
        });
        Slot((self.slots.len() - 1) as u16)
    }

    /// The type that a field has over the alternatives marked in `present`.
    pub fn type_of(&self, field: &str, present: &[bool]) -> Type {
        let mut ty: Option<Type> = None;
        for object in self
            .objects
            .iter()
            .zip(present)
            .filter(|(_, p)| **p)
            .map(|(o, _)| o)
        {
            let here = object.field(field).map_or(Type::Any, |f| f.ty.clone());
            ty = Some(match ty {
                None => here,
                Some(before) => types::join(&before, &here).unwrap_or(Type::Any),
            });
        }
        ty.unwrap_or(Type::Any)
    }

    /// The alternatives in which the slot is read or written.
    pub fn alternatives_of(&self, slot: Slot) -> Alternatives {
        match self.slots.get(slot.0 as usize) {
            Some(rule) if rule.present.contains(&false) => mask(&rule.present),
            _ => Alternatives::ALL,
        }
    }

    /// Every object at hand under one of these bits, with its schema.
    pub fn objects_in(&self, alternatives: Alternatives) -> impl Iterator<Item = &ObjectRef> {
        let several = self.has_alternatives();
        self.objects
            .iter()
            .enumerate()
            .filter(move |(i, _)| !several || alternatives.has(*i))
            .map(|(_, o)| o)
    }
}

impl Frame {
    pub fn new(left: Vec<ObjectRef>, right: Vec<ObjectRef>) -> Frame {
        Frame {
            sides: [FrameSide::new(left), FrameSide::new(right)],
            queries: Vec::new(),
            was: Vec::new(),
        }
    }

    pub fn side(&self, side: Side) -> &FrameSide {
        &self.sides[side.index()]
    }

    pub fn side_mut(&mut self, side: Side) -> &mut FrameSide {
        &mut self.sides[side.index()]
    }

    /// The side that has alternatives, if one has.
    pub fn alternatives_side(&self) -> Option<Side> {
        Side::BOTH
            .into_iter()
            .find(|s| self.side(*s).has_alternatives())
    }

    /// The ledger keeps this field's value at the base.
    pub fn keep(&mut self, side: Side, slot: Slot) {
        if !self.was.contains(&(side, slot)) {
            self.was.push((side, slot));
        }
    }

    pub fn query(&mut self, query: Query) -> QueryRef {
        self.queries.push(query);
        QueryRef((self.queries.len() - 1) as u16)
    }
}

/// The alternatives marked in `present`.
pub(crate) fn mask(present: &[bool]) -> Alternatives {
    Alternatives(present.iter().enumerate().fold(
        0,
        |bits, (i, p)| if *p { bits | 1 << (i % 32) } else { bits },
    ))
}
