//! Which slots of a side are one field: rules may name a field with its alternative and without.

use super::Change;
use crate::program::{Relationship, Side, Slot};

/// By side and slot: the first slot that has the same field.
#[derive(Debug)]
pub struct Fields([Vec<u16>; 2]);

impl Fields {
    pub fn of(rules: &Relationship) -> Fields {
        Fields(Side::BOTH.map(|side| {
            let slots = &rules.sides[side.index()].slots;
            let first = |at: usize| slots.iter().position(|s| s.field == slots[at].field);
            (0..slots.len())
                .map(|at| first(at).unwrap_or(at) as u16)
                .collect()
        }))
    }

    fn place(&self, side: Side, slot: Slot) -> usize {
        usize::from(self.0[side.index()][usize::from(slot.0)])
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
        let slots = fields.0[side.index()].len();
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
    #[inline]
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
