//! One record, as a user names it.

use std::sync::Arc;

use smol_str::SmolStr;

use super::exit::Exit;
use super::only::unknown;
use crate::program::{Program, Side};
use crate::schema::Object;
use crate::store::{Projection, Store};
use crate::value::{Type, Value};

/// `marketing.lead 30`
#[derive(Debug, Clone, PartialEq)]
pub struct RecordName {
    pub side: Side,
    pub object: SmolStr,
    pub id: Value,
}

impl RecordName {
    /// # Errors
    /// A store or object that is not there, or an id that the object's ids can't be.
    pub fn parse(program: &Program, object: &str, id: &str) -> Result<RecordName, Exit> {
        let (side, object) = object_named(program, object)?;
        Ok(RecordName {
            side,
            object: object.name.clone(),
            id: id_value(object, id)?,
        })
    }

    /// # Errors
    /// The store does not answer.
    pub fn exists(&self, stores: &mut [Box<dyn Store>; 2]) -> Result<bool, Exit> {
        let projection = Projection {
            object: self.object.clone(),
            fields: Vec::new(),
        };
        let found = stores[self.side.index()]
            .get(&projection, std::slice::from_ref(&self.id))
            .map_err(|error| Exit::store(&error))?;
        Ok(found.iter().any(Option::is_some))
    }
}

/// `marketing.lead`
///
/// # Errors
/// A store or object that is not there.
pub fn object_named<'p>(program: &'p Program, name: &str) -> Result<(Side, &'p Arc<Object>), Exit> {
    let Some((store, object)) = name.split_once('.') else {
        return Err(Exit::usage(format!(
            "`{name}` names no store: write it as STORE.OBJECT, such as {}.{name}",
            program.stores[0].name
        )));
    };
    let side = Side::BOTH
        .into_iter()
        .find(|side| program.stores[side.index()].name == store);
    let Some(side) = side else {
        let known = program.stores.iter().map(|store| store.name.as_str());
        return Err(unknown("store", store, known));
    };
    let objects = &program.stores[side.index()].schema.objects;
    let Some(object) = objects.get(object) else {
        let known = objects.keys().map(SmolStr::as_str);
        return Err(unknown("object", object, known));
    };
    Ok((side, object))
}

/// The text of an id as a value of the object's id field.
///
/// # Errors
/// Letters where the ids are numbers.
pub fn id_value(object: &Arc<Object>, text: &str) -> Result<Value, Exit> {
    let field = object.id.as_ref().and_then(|id| object.fields.get(id));
    let number = matches!(field.map(|field| &field.ty), Some(Type::Number { .. }));
    if !number {
        return Ok(Value::Text(text.into()));
    }
    match (text.parse(), text.parse()) {
        (Ok(number), _) => Ok(Value::Int(number)),
        (_, Ok(number)) => Ok(Value::Decimal(number)),
        _ => Err(Exit::usage(format!(
            "`{text}` is no id of `{}`: its ids are numbers",
            object.name
        ))),
    }
}
