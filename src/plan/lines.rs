//! What a field line would write: its source converted into the target's terms, and whether its clauses let it cross.

use smol_str::SmolStr;

use super::base;
use super::world::{Answer, PairScope, Partner, Rec, Wish, World};
use super::{PlanError, To};
use crate::program::{
    Conversion, Direction, EvalError, Expr, Fallback, Flow, Line, RelId, Relationship, Side, Via,
    evaluate, is_true,
};
use crate::value::{Type, Value, convert, fits};

/// What a flow makes of its source.
#[derive(Debug)]
pub enum Desire {
    /// The value in the target's terms, or one that this run will make.
    Write(To),
    /// `or null`: blank until what it refers to is linked; nothing is agreed on.
    Blank,
    /// Not applicable, silently (`or skip`, a hidden field).
    Skip,
    /// The reference is not linked: the record waits.
    Hold {
        because: String,
    },
    Fail {
        message: String,
    },
}

/// A relationship's expressions in front of a pair of records.
pub struct Lines<'w, 'a> {
    pub world: &'w World<'a>,
    pub relationship: RelId,
    pub rules: &'a Relationship,
    pub sides: [Option<&'w Rec>; 2],
    /// The values at the base of the fields that `was()` reads; empty where there is no base.
    pub kept: &'w [Value],
}

impl<'w, 'a> Lines<'w, 'a> {
    pub fn scope<'s>(&'s self, it: Option<&'s Value>) -> PairScope<'s, 'a> {
        PairScope {
            world: self.world,
            relationship: self.relationship,
            sides: self.sides,
            kept: self.kept,
            it,
        }
    }

    pub fn holds(&self, condition: &Option<Expr>) -> Result<bool, EvalError> {
        condition
            .as_ref()
            .map_or(Ok(true), |c| is_true(c, &self.scope(None)))
    }

    /// The fields that an expression reads, with their values: `is_contact = 1, company = null`.
    pub fn reads(&self, expr: &Expr) -> String {
        let mut read: Vec<String> = Vec::new();
        expr.visit(&mut |e| {
            let Expr::Field(side, slot) = e else { return };
            let label = &self.rules.sides[side.index()].slots[slot.0 as usize].label;
            let value = self.sides[side.index()].map_or(&Value::Null, |r| r.slot(*slot));
            let text = format!("{label} = {}", shown(value));
            if !read.contains(&text) {
                read.push(text);
            }
        });
        read.join(", ")
    }

    pub fn value(&self, expr: &Expr) -> Result<Value, EvalError> {
        evaluate(expr, &self.scope(None))
    }

    /// The alternative that lines apply to, of a record of `target` that is made of another one: of the side that has several.
    pub fn varied(&self, target: Side, alternative: usize, source: &Rec) -> usize {
        match self.rules.varied() == target {
            true => alternative,
            false => source.alternative,
        }
    }

    pub fn target_type(&self, flow: &Flow, target: Side, alternative: usize) -> &Type {
        let slot = &self.rules.sides[target.index()].slots[flow.target.0 as usize];
        slot.types.get(alternative).unwrap_or(&Type::Any)
    }

    pub fn target_field(&self, flow: &Flow, target: Side) -> SmolStr {
        self.rules.sides[target.index()].slots[flow.target.0 as usize]
            .field
            .clone()
    }

    /// The name of what feeds a flow, for messages: its plain source field, else its target.
    pub fn source_name(&self, flow: &Flow, direction: Direction) -> SmolStr {
        match flow.source_slot {
            Some(slot) => self.rules.sides[direction.source().index()].slots[slot.0 as usize]
                .field
                .clone(),
            None => self.target_field(flow, direction.target()),
        }
    }

    /// The source's own value where it is a plain field that goes to the target as it is.
    #[inline]
    pub fn plain(
        &self,
        flow: &Flow,
        direction: Direction,
        alternative: usize,
    ) -> Option<&'w Value> {
        let (Expr::Field(side, slot), Conversion::None) = (&flow.source, &flow.conversion) else {
            return None;
        };
        let value = self.sides[side.index()]?.slot(*slot);
        let fits = !matches!(value, Value::Absent)
            && fits(
                value,
                self.target_type(flow, direction.target(), alternative),
            );
        fits.then_some(value)
    }

    /// The source's own value (its hash goes into the base) and what it becomes on the target.
    pub fn desire(
        &self,
        flow: &Flow,
        direction: Direction,
        alternative: usize,
    ) -> Result<(Value, Desire), PlanError> {
        let scope = self.scope(None);
        let source = match &flow.source {
            Expr::Query(query) => match self.world.answer(self.relationship, *query, &scope) {
                Ok(Answer::Value(value)) => value,
                Ok(Answer::Coming(to)) => return Ok((Value::Null, Desire::Write(to))),
                Err(error) => return Ok((Value::Null, failed(error))),
            },
            expr => match evaluate(expr, &scope) {
                Ok(value) => value,
                Err(error) => return Ok((Value::Null, failed(error))),
            },
        };
        if matches!(source, Value::Absent) {
            return Ok((source, Desire::Skip));
        }
        let desire = self.convert(flow, direction, alternative, &source)?;
        Ok((source, desire))
    }

    fn convert(
        &self,
        flow: &Flow,
        direction: Direction,
        alternative: usize,
        source: &Value,
    ) -> Result<Desire, PlanError> {
        let converted = match &flow.conversion {
            Conversion::None => source.clone(),
            _ if source.is_null() => Value::Null,
            Conversion::Values(map) => match map.apply(direction, source) {
                Ok(value) => value,
                Err(error) => {
                    return Ok(Desire::Fail {
                        message: error.to_string(),
                    });
                }
            },
            Conversion::Lens(lens) => {
                let half = if direction == Direction::Push {
                    &lens.push
                } else {
                    &lens.pull
                };
                match evaluate(half, &self.scope(Some(source))) {
                    Ok(value) => value,
                    Err(error) => return Ok(failed(error)),
                }
            }
            Conversion::Via(_) if source.is_blank() => Value::Null,
            Conversion::Via(via) => {
                match self.world.partner(
                    via.relationship,
                    direction.source(),
                    source,
                    via.alternative,
                )? {
                    Partner::Linked(id) => id,
                    Partner::Coming => {
                        let (relationship, side) = (via.relationship, direction.source());
                        return Ok(Desire::Write(To::Linked {
                            relationship,
                            side,
                            id: source.clone(),
                        }));
                    }
                    Partner::None => match via.fallback {
                        Fallback::Skip => {
                            self.world.wait();
                            return Ok(Desire::Skip);
                        }
                        Fallback::Null => {
                            self.world.wait();
                            return Ok(Desire::Blank);
                        }
                        Fallback::Sync if self.brings(via, direction, source) => {
                            let (relationship, side) = (via.relationship, direction.source());
                            return Ok(Desire::Write(To::Linked {
                                relationship,
                                side,
                                id: source.clone(),
                            }));
                        }
                        Fallback::Hold | Fallback::Sync => {
                            let name = &self.world.program[via.relationship].name;
                            let because = format!(
                                "`{}` refers to {source}, which is not linked in {name} yet",
                                self.source_name(flow, direction)
                            );
                            return Ok(Desire::Hold { because });
                        }
                    },
                }
            }
        };
        Ok(
            match convert(
                converted,
                self.target_type(flow, direction.target(), alternative),
            ) {
                Ok(value) => Desire::Write(To::Value(value)),
                Err(error) => Desire::Fail {
                    message: error.to_string(),
                },
            },
        )
    }

    /// `or sync`: whether the record that is referred to may still be brought over first.
    fn brings(&self, via: &Via, direction: Direction, id: &Value) -> bool {
        let side = direction.source();
        let named = self.world.program[via.relationship].sides[side.index()]
            .objects
            .len()
            > 1;
        self.world.wish(Wish {
            relationship: via.relationship,
            side,
            alternative: via.alternative.filter(|_| named),
            id: id.clone(),
        })
    }
}

/// The field that conflicts about a line name: the left one, or the right one where there is no left one.
pub fn name_of(rules: &Relationship, line: &Line) -> SmolStr {
    let (side, flow) = match (&line.push, &line.pull) {
        (_, Some(pull)) => (Side::Left, pull),
        (Some(push), None) => (Side::Right, push),
        (None, None) => return SmolStr::default(),
    };
    rules.sides[side.index()].slots[flow.target.0 as usize]
        .field
        .clone()
}

pub fn failed(error: EvalError) -> Desire {
    match error {
        EvalError::NotYet => Desire::Hold {
            because: "it needs a record that this run makes first".to_string(),
        },
        other => Desire::Fail {
            message: other.to_string(),
        },
    }
}

/// The hash of what a target holds once `to` is written; 0 where only the write tells (`apply` fills it in).
pub fn hash_of(to: &To) -> u64 {
    match to {
        To::Value(value) => base::hash(value),
        To::Linked { .. } | To::Made { .. } | To::CreatedId | To::Unknown => 0,
    }
}

/// A value as rules write it: texts in quotes.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null | Value::Absent => "null".to_string(),
        Value::Text(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}
