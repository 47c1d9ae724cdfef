//! What a store's objects and fields look like, as described by the store or by `schema/STORE.yaml`.
//!
//! Knows values and their types, nothing of rules.

mod diff;
mod file;
mod place;
#[cfg(test)]
pub(crate) mod samples;
pub mod yaml;

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::value::{Type, Value};

pub use diff::{Change, ChangeKind, changes};
pub use file::{parse_file, read_file, refine, write_file};
pub use place::{FieldPlaces, field_places};

/// All objects of one store, by name, in the store's own order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoreSchema {
    pub objects: IndexMap<SmolStr, Arc<Object>>,
}

/// One type of record.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub name: SmolStr,
    /// By name, in the store's own order.
    pub fields: IndexMap<SmolStr, Field>,
    /// The primary key's field; `None` where the table has none (it can then only be read by queries).
    pub id: Option<SmolStr>,
    pub modified: Option<SmolStr>,
    pub deleted: Option<SmolStr>,
    pub created: Option<SmolStr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: SmolStr,
    pub ty: Type,
    pub nullable: bool,
    /// The store fills it in when a create leaves it out.
    pub has_default: bool,
    /// What it fills in, where that is a constant.
    pub default: Option<Value>,
    pub createable: bool,
    pub updateable: bool,
    pub unique: bool,
    pub indexed: bool,
    /// The objects that a reference field may name (a foreign key).
    pub references: Vec<SmolStr>,
}

impl Field {
    /// A nullable field without a default that can be written and refers to nothing.
    pub fn new(name: impl Into<SmolStr>, ty: Type) -> Self {
        Field {
            name: name.into(),
            ty,
            nullable: true,
            has_default: false,
            default: None,
            createable: true,
            updateable: true,
            unique: false,
            indexed: false,
            references: Vec::new(),
        }
    }

    /// A create that leaves this field out, or blanks it, is refused by the store.
    pub fn required(&self) -> bool {
        !self.nullable && !self.has_default
    }
}
