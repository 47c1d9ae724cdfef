//! What queries give: lookups, counts, links.

use super::scope::PairScope;
use super::{ANSWERS, Answer, Partner, Wanted, World, keys_of};
use crate::plan::ids::IdKey;
use crate::plan::{PlanError, To};
use crate::program::{
    Aggregate, EvalError, Expr, NoRecord, Query, QueryKind, QueryRef, RelId, Side, evaluate,
};
use crate::store::{Projection, Record};
use crate::value::Value;
use smol_str::SmolStr;

impl World<'_> {
    /// What a query gives for a pair of records.
    pub fn answer(
        &self,
        relationship: RelId,
        query: QueryRef,
        scope: &PairScope<'_, '_>,
    ) -> Result<Answer, EvalError> {
        let rules = &self.program[relationship];
        let Some(Query { kind, .. }) = rules.queries.get(query.0 as usize) else {
            return Ok(Answer::Value(Value::Null));
        };
        match kind {
            QueryKind::Lookup {
                side,
                keys,
                field,
                or_create,
                ..
            } => {
                let Some(values) = self.keys(keys, scope)? else {
                    return Ok(Answer::Value(Value::Null));
                };
                let found = self.cached(relationship, query, &values, || {
                    self.find_and_answer(kind, keys, &values)
                })?;
                let absent = matches!(found, Value::Absent);
                if absent
                    && let Some(answer) = self.makes_now(query, kind, &values, field.as_ref())?
                {
                    return Ok(answer);
                }
                match (found, or_create) {
                    (Value::Absent, Some(fields)) => {
                        let fields = fields
                            .iter()
                            .map(|(n, e)| Ok((n.clone(), evaluate(e, scope)?)))
                            .collect::<Result<Vec<_>, EvalError>>()?;
                        self.wanted.borrow_mut().push(Wanted {
                            query,
                            keys: values.clone(),
                            fields,
                            source: scope.source(side.other()),
                        });
                        Ok(Answer::Coming(To::Made {
                            query,
                            keys: values,
                        }))
                    }
                    (Value::Absent, None) => Ok(Answer::Value(Value::Null)),
                    (value, _) => Ok(Answer::Value(value)),
                }
            }
            QueryKind::Aggregate { function, keys, .. } => {
                let Some(values) = self.keys(keys, scope)? else {
                    return Ok(Answer::Value(if *function == Aggregate::Count {
                        Value::Int(0)
                    } else {
                        Value::Null
                    }));
                };
                self.cached(relationship, query, &values, || {
                    self.find_and_answer(kind, keys, &values)
                })
                .map(Answer::Value)
            }
            QueryKind::Linked {
                relationship: other,
                from,
                key,
                field,
            } => {
                let id = scope.linked_id(*from, key.as_ref())?;
                if id.is_blank() {
                    return Ok(Answer::Value(Value::Null));
                }
                let fail = |e: PlanError| EvalError::Query(e.to_string());
                match (self.partner(*other, *from, &id, None).map_err(fail)?, field) {
                    (Partner::Linked(partner), None) => Ok(Answer::Value(partner)),
                    (Partner::Linked(partner), Some(field)) => self
                        .read_field(*other, from.other(), &partner, field)
                        .map(Answer::Value),
                    (Partner::Coming, None) => Ok(Answer::Coming(To::Linked {
                        relationship: *other,
                        side: *from,
                        id,
                    })),
                    (Partner::Coming, Some(_)) => Err(EvalError::NotYet),
                    (Partner::None, _) => {
                        self.unanswered.set(true);
                        Ok(Answer::Value(Value::Null))
                    }
                }
            }
        }
    }

    /// The answer of a lookup that finds nothing in the store, where an operation of this plan makes it.
    fn makes_now(
        &self,
        query: QueryRef,
        kind: &QueryKind,
        values: &[Value],
        field: Option<&SmolStr>,
    ) -> Result<Option<Answer>, EvalError> {
        let QueryKind::Lookup {
            side, object, keys, ..
        } = kind
        else {
            return Ok(None);
        };
        let makes = self.makes.borrow();
        let names = keys.iter().map(|(name, _)| name);
        let Some(changes) = makes.find(*side, object, names, values) else {
            return Ok(None);
        };
        let Some(field) = field else {
            return Ok(Some(Answer::Coming(To::Made {
                query,
                keys: values.to_vec(),
            })));
        };
        match changes.iter().find(|c| c.field == *field).map(|c| &c.to) {
            Some(To::Value(value)) => Ok(Some(Answer::Value(value.clone()))),
            Some(_) => Err(EvalError::NotYet),
            None => Ok(Some(Answer::Value(Value::Null))),
        }
    }

    /// `None` where a key is blank.
    fn keys(
        &self,
        keys: &[(SmolStr, Expr)],
        scope: &PairScope<'_, '_>,
    ) -> Result<Option<Vec<Value>>, EvalError> {
        let values = keys
            .iter()
            .map(|(_, e)| evaluate(e, scope))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(if values.iter().any(Value::is_blank) {
            None
        } else {
            Some(values)
        })
    }

    fn cached(
        &self,
        relationship: RelId,
        query: QueryRef,
        keys: &[Value],
        ask: impl FnOnce() -> Result<Value, EvalError>,
    ) -> Result<Value, EvalError> {
        let key = (relationship, query, keys_of(keys));
        if let Some(answer) = self.answers.borrow().get(&key) {
            return answer.clone();
        }
        let answer = ask();
        self.remember(relationship, query, keys, answer.clone());
        answer
    }

    /// What is read of the records that a lookup or an aggregate finds, and on which side.
    pub(in crate::plan) fn projection_of(&self, kind: &QueryKind) -> (Side, Projection) {
        let (side, object, fields) = match kind {
            QueryKind::Lookup {
                side,
                object,
                field,
                ..
            } => {
                let schema = self.program.stores[side.index()].schema.objects.get(object);
                let age = schema.and_then(|o| o.created.clone().or_else(|| o.modified.clone()));
                (*side, object.clone(), vec![field.clone(), age])
            }
            QueryKind::Aggregate {
                side,
                object,
                field,
                ..
            } => (*side, object.clone(), vec![field.clone()]),
            QueryKind::Linked { from, .. } => (from.other(), SmolStr::default(), Vec::new()),
        };
        (side, Projection { object, fields })
    }

    fn find_and_answer(
        &self,
        kind: &QueryKind,
        keys: &[(SmolStr, Expr)],
        values: &[Value],
    ) -> Result<Value, EvalError> {
        let names: Vec<SmolStr> = keys.iter().map(|(n, _)| n.clone()).collect();
        let (side, projection) = self.projection_of(kind);
        let found = self.store(side, |s| s.find(&projection, &names, &[values.to_vec()]));
        let found = found.map_err(|e| EvalError::Query(e.to_string()))?;
        self.answer_from(kind, values, found.into_iter().next().unwrap_or_default())
    }

    /// What a lookup or an aggregate makes of the records found; `Value::Absent` for a lookup that finds none.
    pub(in crate::plan) fn answer_from(
        &self,
        kind: &QueryKind,
        values: &[Value],
        found: Vec<Record>,
    ) -> Result<Value, EvalError> {
        match kind {
            QueryKind::Lookup {
                object,
                keys,
                first,
                field,
                ..
            } => {
                if found.len() > 1 && !first {
                    let wanted: Vec<String> = keys
                        .iter()
                        .zip(values)
                        .map(|((n, _), v)| format!("{n} = {v}"))
                        .collect();
                    return Err(EvalError::Query(format!(
                        "the lookup finds {} records of `{object}` with {}",
                        found.len(),
                        wanted.join(", ")
                    )));
                }
                Ok(oldest(found, field.is_some()))
            }
            QueryKind::Aggregate { function, .. } => self.aggregate(*function, &found),
            QueryKind::Linked { .. } => Ok(Value::Null),
        }
    }

    fn aggregate(&self, function: Aggregate, found: &[Record]) -> Result<Value, EvalError> {
        let fields = found.iter().map(|r| &r.values[0]).filter(|v| !v.is_null());
        let pick = |wanted: std::cmp::Ordering| {
            fields.clone().fold(Value::Null, |best, v| {
                if best.is_null() || v.order(&best) == Some(wanted) {
                    v.clone()
                } else {
                    best
                }
            })
        };
        match function {
            Aggregate::Count => Ok(Value::Int(found.len() as i64)),
            Aggregate::Max => Ok(pick(std::cmp::Ordering::Greater)),
            Aggregate::Min => Ok(pick(std::cmp::Ordering::Less)),
            Aggregate::Sum => fields.clone().try_fold(Value::Int(0), |sum, v| {
                let add = Expr::Arithmetic(
                    crate::program::Arithmetic::Add,
                    Box::new(Expr::Const(sum)),
                    Box::new(Expr::Const(v.clone())),
                );
                evaluate(&add, &NoRecord::at(self.now))
            }),
        }
    }

    pub(in crate::plan) fn is_answered(
        &self,
        relationship: RelId,
        query: QueryRef,
        keys: &[Value],
    ) -> bool {
        let key = (relationship, query, keys_of(keys));
        self.answers.borrow().contains_key(&key)
    }

    pub(in crate::plan) fn remember(
        &self,
        relationship: RelId,
        query: QueryRef,
        keys: &[Value],
        answer: Result<Value, EvalError>,
    ) {
        let mut answers = self.answers.borrow_mut();
        if answers.len() >= ANSWERS {
            answers.clear();
        }
        answers.insert((relationship, query, keys_of(keys)), answer);
    }

    pub(in crate::plan) fn is_read(
        &self,
        relationship: RelId,
        side: Side,
        id: &Value,
        field: &SmolStr,
    ) -> bool {
        let key = (relationship, side, IdKey(id.clone()), field.clone());
        self.read.borrow().contains_key(&key)
    }

    /// The field of a linked record, for `linked(REL).field`.
    pub(in crate::plan) fn note_read(
        &self,
        relationship: RelId,
        side: Side,
        id: &Value,
        field: &SmolStr,
        value: Value,
    ) {
        let mut read = self.read.borrow_mut();
        if read.len() >= ANSWERS {
            read.clear();
        }
        read.insert(
            (relationship, side, IdKey(id.clone()), field.clone()),
            value,
        );
    }

    fn read_field(
        &self,
        relationship: RelId,
        side: Side,
        id: &Value,
        field: &SmolStr,
    ) -> Result<Value, EvalError> {
        let key = (relationship, side, IdKey(id.clone()), field.clone());
        if let Some(value) = self.read.borrow().get(&key) {
            return Ok(value.clone());
        }
        for object in &self.program[relationship].sides[side.index()].objects {
            if !object.fields.contains_key(field) {
                continue;
            }
            let projection = Projection {
                object: object.name.clone(),
                fields: vec![Some(field.clone())],
            };
            let found = self
                .store(side, |s| s.get(&projection, std::slice::from_ref(id)))
                .map_err(|e| EvalError::Query(e.to_string()))?;
            if let Some(mut record) = found.into_iter().flatten().next() {
                return Ok(std::mem::take(&mut record.values[0]));
            }
        }
        Ok(Value::Null)
    }
}

/// Of the record that was made first (its last value tells) the id, or its first value where a field is asked for; absent where there is
/// none.
fn oldest(mut found: Vec<Record>, field: bool) -> Value {
    found.sort_by(|a, b| {
        a.values[1]
            .order(&b.values[1])
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    match found.into_iter().next() {
        None => Value::Absent,
        Some(mut record) if field => std::mem::take(&mut record.values[0]),
        Some(record) => record.id,
    }
}
