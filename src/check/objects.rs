//! The two stores and their objects, by the names that rules use.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Checker;
use super::frame::ObjectRef;
use super::sink::meant;
use crate::diagnostic::{Span, codes};
use crate::program::Side;
use crate::schema::{Object, StoreSchema};
use crate::syntax::ast::{Name, Path};

/// One of the two stores as checks see it.
#[derive(Debug, Default)]
pub(crate) struct StoreObjects {
    /// Empty where no `sync` names it.
    pub name: SmolStr,
    pub schema: Option<Arc<StoreSchema>>,
    /// The schema's objects, with the fields that `*` adds.
    pub objects: IndexMap<SmolStr, Arc<Object>>,
}

impl StoreObjects {
    pub fn new(name: SmolStr, schema: Option<Arc<StoreSchema>>) -> Self {
        let objects = schema
            .as_ref()
            .map(|s| s.objects.clone())
            .unwrap_or_default();
        StoreObjects {
            name,
            schema,
            objects,
        }
    }
}

impl Checker<'_> {
    pub fn store(&self, side: Side) -> &StoreObjects {
        &self.stores[side.index()]
    }

    /// The side of the store with this name.
    pub fn side_of(&self, name: &str) -> Option<Side> {
        Side::BOTH.into_iter().find(|s| self.store(*s).name == name)
    }

    /// `crm.Lead`, as findings name an object.
    pub fn object_name(&self, side: Side, object: &ObjectRef) -> String {
        let store = &self.store(side).name;
        if store.is_empty() {
            object.object.name.to_string()
        } else {
            format!("{store}.{}", object.object.name)
        }
    }

    /// Where a schema file describes a field of an object.
    pub fn schema_place(&self, side: Side, object: &Object, field: &SmolStr) -> Option<Span> {
        let store = &self.store(side).name;
        let sources = self.input.sources;
        self.facts.places.field(sources, store, &object.name, field)
    }

    /// The object of a store. An unknown one has a finding; it is the one that was evidently meant, or open.
    pub fn object(&mut self, side: Side, name: &Name) -> ObjectRef {
        let store = &self.stores[side.index()];
        if store.schema.is_none() {
            return ObjectRef::open(&name.text);
        }
        if let Some(object) = store.objects.get(&name.text) {
            return ObjectRef {
                object: object.clone(),
                open: false,
            };
        }
        let message = format!("the store `{}` has no object `{}`", store.name, name.text);
        let elsewhere = &self.stores[side.other().index()];
        let names = store.objects.keys().map(SmolStr::as_str);
        let assumed = meant(&name.text, names).and_then(|n| store.objects.get(&n).cloned());
        let described = self
            .findings
            .error(codes::UNKNOWN_OBJECT, name.span, message);
        if elsewhere.objects.contains_key(&name.text) && assumed.is_none() {
            described.help(format!(
                "`{}` is an object of `{}`: the left store's object stands before the arrow",
                name.text, elsewhere.name
            ));
        } else {
            described.suggest(&name.text, store.objects.keys().map(SmolStr::as_str));
        }
        match assumed {
            Some(object) => ObjectRef {
                object,
                open: false,
            },
            None => ObjectRef::open(&name.text),
        }
    }

    /// `STORE.OBJECT`, in queries, triggers and actions.
    pub fn store_object(&mut self, path: &Path) -> Option<(Side, ObjectRef)> {
        let (store, object) = match path.names.as_slice() {
            [store, object] => (store, object),
            [object] => {
                let holders: Vec<Side> = Side::BOTH
                    .into_iter()
                    .filter(|s| self.store(*s).objects.contains_key(&object.text))
                    .collect();
                let described = self.findings.error(
                    codes::UNKNOWN_STORE,
                    path.span,
                    format!("`{}` does not say of which store", object.text),
                );
                if let [side] = holders.as_slice() {
                    described.help(format!(
                        "write `{}.{}`",
                        self.stores[side.index()].name,
                        object.text
                    ));
                }
                return None;
            }
            _ => {
                self.findings.error(
                    codes::UNKNOWN_OBJECT,
                    path.span,
                    "an object is named as `STORE.OBJECT`",
                );
                return None;
            }
        };
        let side = self.store_side(store)?;
        Some((side, self.object(side, object)))
    }

    /// The side of a store that the rules name; an unknown one has a finding.
    pub fn store_side(&mut self, name: &Name) -> Option<Side> {
        let side = self.side_of(&name.text);
        if side.is_none() && self.stores.iter().all(|s| !s.name.is_empty()) {
            let known = [self.stores[0].name.as_str(), self.stores[1].name.as_str()];
            self.findings
                .error(
                    codes::UNKNOWN_STORE,
                    name.span,
                    format!("the program has no store `{}`", name.text),
                )
                .suggest(&name.text, known);
            return meant(&name.text, known).and_then(|n| self.side_of(&n));
        }
        side
    }
}
