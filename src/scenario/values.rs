//! Values of a test's YAML: what it states, what it names, and how both meet a record.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_yaml::Value as Yaml;

use crate::schema::{Field, Object};
use crate::value::{Type, Value, convert, same_in};

/// What a test says of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Stated {
    Value(Value),
    /// `$name`: any value but null, the same wherever the name is used.
    Name(String),
}

/// What the names of a test stand for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names(BTreeMap<String, Value>);

impl Names {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
    /// Whether `value` may stand for `name`; if it is new, it does from now on.
    pub fn bind(&mut self, name: &str, value: &Value) -> bool {
        if value.is_null() {
            return false;
        }
        match self.0.get(name) {
            Some(known) => same_in(&Type::Id, known, value),
            None => {
                self.0.insert(name.to_owned(), value.clone());
                true
            }
        }
    }
}

impl Stated {
    /// A text of `$` and a name is a name, everything else a value.
    pub fn read(yaml: &Yaml) -> Result<Stated, String> {
        if let Yaml::String(text) = yaml
            && let Some(name) = text.strip_prefix('$')
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        {
            return Ok(Stated::Name(name.to_owned()));
        }
        value(yaml).map(Stated::Value)
    }

    /// The value itself; a name must stand for one already.
    pub fn known(&self, names: &Names) -> Result<Value, String> {
        match self {
            Stated::Value(value) => Ok(value.clone()),
            Stated::Name(name) => names.get(name).cloned().ok_or_else(|| {
                format!("`${name}` stands for nothing yet: name it in an earlier `then`")
            }),
        }
    }

    /// Whether a field of type `ty` that holds `found` is as stated.
    pub fn meets(&self, found: &Value, ty: &Type, names: &mut Names) -> bool {
        match self {
            Stated::Name(name) => names.bind(name, found),
            Stated::Value(value) => {
                let wanted = convert(value.clone(), ty).unwrap_or_else(|_| value.clone());
                (wanted.is_null() && found.is_null()) || same_in(ty, &wanted, found)
            }
        }
    }
}

/// Fields of one record, as a test states them.
pub type StatedRecord = IndexMap<String, Stated>;

/// # Errors
/// A field that the object does not have; a value that is no value.
pub fn record(
    yaml: &IndexMap<String, Yaml>,
    store: &str,
    object: &Object,
) -> Result<StatedRecord, String> {
    let mut record = StatedRecord::with_capacity(yaml.len());
    for (name, value) in yaml {
        field(object, store, name)?;
        let stated = Stated::read(value)
            .map_err(|error| format!("{store}.{}.{name}: {error}", object.name))?;
        record.insert(name.clone(), stated);
    }
    Ok(record)
}

/// # Errors
/// The object has no such field.
pub fn field<'a>(object: &'a Object, store: &str, name: &str) -> Result<&'a Field, String> {
    object.fields.get(name).ok_or_else(|| {
        let known: Vec<&str> = object.fields.keys().map(|name| name.as_str()).collect();
        format!(
            "{store}.{} has no field `{name}`: it has {}",
            object.name,
            known.join(", ")
        )
    })
}

/// A YAML value as a value of records.
pub fn value(yaml: &Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(*truth),
        Yaml::String(text) => Value::Text(text.into()),
        Yaml::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => number
                .to_string()
                .parse()
                .map(Value::Decimal)
                .map_err(|_| format!("`{number}` is no number that a record holds"))?,
        },
        Yaml::Sequence(items) => {
            let items: Result<Vec<Value>, String> = items.iter().map(value).collect();
            Value::List(Arc::new(items?))
        }
        Yaml::Mapping(members) => {
            let members: Result<IndexMap<_, _>, String> = members
                .iter()
                .map(|(name, member)| match name {
                    Yaml::String(name) => Ok((name.as_str().into(), value(member)?)),
                    _ => Err("a member's name must be a text".to_owned()),
                })
                .collect();
            Value::Object(Arc::new(members?))
        }
        Yaml::Tagged(tagged) => return Err(format!("`{}` means nothing here", tagged.tag)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(text: &str) -> Stated {
        Stated::read(&serde_yaml::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn names_and_values_are_told_apart() {
        assert_eq!(stated("$ada"), Stated::Name("ada".into()));
        assert_eq!(stated("$5"), Stated::Value(Value::Text("$5".into())));
        assert_eq!(stated("7"), Stated::Value(Value::Int(7)));
        assert_eq!(
            stated("001000000000001AAA"),
            Stated::Value(Value::Text("001000000000001AAA".into()))
        );
        let Stated::Value(amount) = stated("8400.5") else {
            panic!()
        };
        assert_eq!(amount.to_string(), "8400.5");
    }

    #[test]
    fn a_name_stands_for_one_value_and_never_for_null() {
        let mut names = Names::default();
        assert!(!names.bind("a", &Value::Null));
        assert!(names.bind("a", &Value::Int(1)));
        assert!(names.bind("a", &Value::Int(1)));
        assert!(!names.bind("a", &Value::Int(2)));
        assert!(Stated::Name("b".into()).known(&names).is_err());
    }

    #[test]
    fn a_value_is_compared_as_its_field_holds_it() {
        let mut names = Names::default();
        let number = Type::Number { scale: Some(0) };
        assert!(stated("true").meets(&Value::Int(1), &number, &mut names));
        assert!(stated("null").meets(&Value::Null, &number, &mut names));
        assert!(!stated("null").meets(&Value::Int(0), &number, &mut names));
        assert!(!stated("2").meets(&Value::Int(1), &number, &mut names));
    }
}
