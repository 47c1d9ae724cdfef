//! Which slots of a side are one field: rules may name a field with its alternative and without.

use super::Change;
use smol_str::SmolStr;

use crate::program::{Relationship, Side, Slot};

#[derive(Debug)]
pub struct Fields {
    /// By side and slot: the first slot that has the same field.
    first: [Vec<u16>; 2],
    /// By side and alternative: that of the id.
    ids: [Vec<Option<u16>>; 2],
}

impl Fields {
    pub fn of(rules: &Relationship) -> Fields {
        let place = |side: Side, field: &SmolStr| {
            let mut slots = rules.sides[side.index()].slots.iter();
            slots.position(|s| s.field == *field).map(|at| at as u16)
        };
        let first = Side::BOTH.map(|side| {
            let slots = rules.sides[side.index()].slots.iter();
            slots.filter_map(|s| place(side, &s.field)).collect()
        });
        let ids = Side::BOTH.map(|side| {
            let objects = rules.sides[side.index()].objects.iter();
            objects
                .map(|o| o.id.as_ref().and_then(|id| place(side, id)))
                .collect()
        });
        Fields { first, ids }
    }

    fn place(&self, side: Side, slot: Slot) -> usize {
        usize::from(self.first[side.index()][usize::from(slot.0)])
    }

    /// Whether the slot has the id of an alternative.
    pub fn is_id(&self, side: Side, alternative: usize, slot: Slot) -> bool {
        let id = self.ids[side.index()].get(alternative).copied().flatten();
        id.is_some_and(|id| usize::from(id) == self.place(side, slot))
    }
}

/// The changes of one record, each field at most once, found by slot.
pub struct Changes<'f> {
    fields: &'f Fields,
    side: Side,
    list: Vec<Change>,
    /// By field (the first slot that has it): its place in the list, plus one.
    places: Vec<u16>,
}

impl<'f> Changes<'f> {
    pub fn new(fields: &'f Fields, side: Side) -> Changes<'f> {
        let slots = fields.first[side.index()].len();
        Changes {
            fields,
            side,
            list: Vec::with_capacity(slots),
            places: vec![0; slots],
        }
    }

    pub fn of(&self, slot: Slot) -> Option<&Change> {
        let place = self.places[self.fields.place(self.side, slot)];
        self.list.get(usize::from(place).checked_sub(1)?)
    }

    /// The field is not changed after all.
    pub fn drop(&mut self, slot: Slot) {
        let field = self.fields.place(self.side, slot);
        let place = std::mem::take(&mut self.places[field]);
        if place > 0 {
            self.list.remove(usize::from(place) - 1);
            self.places
                .iter_mut()
                .filter(|other| **other > place)
                .for_each(|other| *other -= 1);
        }
    }

    /// Replaces what was there for the field.
    #[inline(always)]
    pub fn put(&mut self, slot: Slot, change: Change) {
        let field = self.fields.place(self.side, slot);
        if self.places[field] > 0 {
            self.drop(slot);
        }
        self.list.push(change);
        self.places[field] = self.list.len() as u16;
    }

    pub fn list(&self) -> &[Change] {
        &self.list
    }

    pub fn into_list(self) -> Vec<Change> {
        self.list
    }
}
