//! A record without a partner: whether it is made on the other side, or what keeps it from it (language reference, 5.3).

mod alike;
mod write_back;

use smol_str::SmolStr;

pub use self::alike::Alike;
use self::alike::Form;
use self::write_back::{made, write_back};
use super::base::{AS_WRITTEN, NOT_WRITTEN, hash};
use super::fields::Changes;
use super::lines::{Desire, Lines, failed};
use super::merge::{FieldFailure, Missing};
use super::pair::{created_base, done, kept, missing, overridden, pair_record, set_value};
use super::world::Rec;
use super::{
    Because, Change, LinkOutcome, Operation, OperationKind, PlanError, SourceRecord, To, Unit,
};
use crate::program::{
    Conversion, Direction, EvalError, Flow, Line, On, OperationRule, Relationship, Rule,
};
use crate::schema::{Field, Object};
use crate::value::Value;

pub enum Creation {
    /// With what it has in common with others, where it is like them.
    Unit(Box<Unit>, Option<Form>),
    /// Silently not applicable: why, and the rule that says so.
    No(String, Option<Rule>),
    Held(Missing),
    Failed(Vec<FieldFailure>),
}

/// The `create` line that applies and the alternative that it makes.
enum Choice<'r> {
    Made(Option<&'r OperationRule>, usize),
    None(Creation),
}

pub fn plan_create(
    lines: &Lines<'_, '_>,
    direction: Direction,
    source: &Rec,
    alike: &mut Alike,
) -> Result<Creation, PlanError> {
    let rules = &lines.rules.directions[direction.index()];
    if !lines.rules.enabled[direction.index()] || !rules.creates {
        return Ok(Creation::No(
            format!("`{}` makes no records here", direction.word()),
            Some(lines.rules.rule),
        ));
    }
    let (rule, alternative) = match choose(lines, direction, source) {
        Choice::Made(rule, alternative) => (rule, alternative),
        Choice::None(creation) => return Ok(creation),
    };
    let held = rule.and_then(|r| missing(lines, r));
    let form = match held {
        None => alike.form(lines, direction, source, (rule, alternative)),
        Some(_) => None,
    };
    if let Some(unit) = form.and_then(|form| alike.filled(form, source)) {
        return Ok(Creation::Unit(unit, form));
    }
    let creation = plan_made(lines, direction, source, (rule, alternative), held)?;
    Ok(match creation {
        Creation::Unit(unit, _) => Creation::Unit(unit, form),
        other => other,
    })
}

/// The record of this alternative that a conversion makes: by its field lines and the `set` of its `create`, whatever else that says.
pub fn plan_converted(
    lines: &Lines<'_, '_>,
    direction: Direction,
    source: &Rec,
    alternative: usize,
) -> Result<Creation, PlanError> {
    let rules = &lines.rules.directions[direction.index()];
    let rule = rules
        .create
        .iter()
        .find(|r| r.alternatives.has(alternative));
    plan_made(lines, direction, source, (rule, alternative), None)
}

fn plan_made(
    lines: &Lines<'_, '_>,
    direction: Direction,
    source: &Rec,
    (rule, alternative): (Option<&OperationRule>, usize),
    mut held: Option<Missing>,
) -> Result<Creation, PlanError> {
    let rules = &lines.rules.directions[direction.index()];
    let target = direction.target();
    let object = &lines.rules.sides[target.index()].objects[alternative];
    let mut changes = Changes::new(lines.world.fields(lines.relationship), target);
    let mut base = vec![None; lines.rules.lines.len()];
    let mut failures = Vec::new();
    let mut given = None;
    let varied = lines.varied(target, alternative, source);
    let settled = is_settled(lines.rules, direction, rule);
    for (index, line) in lines.rules.lines.iter().enumerate() {
        let Some(flow) = line
            .flow(direction)
            .filter(|_| line.alternatives.has(varied))
        else {
            continue;
        };
        if flow.on == On::Update {
            if let (false, Ok(value)) = (line.two_way(), lines.value(&flow.source)) {
                let mut later = [hash(&value); 2];
                later[target.index()] = NOT_WRITTEN;
                base[index] = Some(later);
            }
            continue;
        }
        match lines.holds(&flow.when) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                refuse(
                    lines,
                    flow,
                    direction,
                    failed(error),
                    &mut held,
                    &mut failures,
                );
                continue;
            }
        }
        if let Some(value) = lines.plain(flow, direction, alternative) {
            base[index] = match settled && !flow.gives_id && !value.is_null() {
                true => Some(AS_WRITTEN),
                false => Some([hash(value); 2]),
            };
            if flow.gives_id {
                given = Some(value).filter(|v| !v.is_blank()).cloned();
            } else if !value.is_null() {
                let change = Change {
                    field: lines.target_field(flow, target),
                    from: Value::Null,
                    to: To::Value(value.clone()),
                    line: Some(index as u16),
                };
                changes.put(flow.target, change);
            }
            continue;
        }
        let (value, desire) = lines.desire(flow, direction, alternative)?;
        match desire {
            Desire::Write(to) => {
                base[index] = created_base(direction, &value, &to);
                match &to {
                    To::Value(value) if flow.gives_id => {
                        given = Some(value.clone()).filter(|v| !v.is_blank())
                    }
                    To::Value(value) if value.is_null() => {}
                    _ => {
                        let change = Change {
                            field: lines.target_field(flow, target),
                            from: Value::Null,
                            to,
                            line: Some(index as u16),
                        };
                        changes.put(flow.target, change);
                    }
                }
            }
            Desire::Blank => {}
            Desire::Skip if matches!(flow.conversion, Conversion::Via(_)) => {
                let name = lines.source_name(flow, direction);
                return Ok(Creation::No(
                    format!("what `{name}` refers to is not linked (`or skip`)"),
                    Some(flow.rule),
                ));
            }
            Desire::Skip => {}
            other => refuse(lines, flow, direction, other, &mut held, &mut failures),
        }
    }
    // A record that is not made takes no turn of a `round_robin`.
    let turns = lines.world.turns_now();
    let mut set_fields: Vec<(SmolStr, Value)> = Vec::new();
    for set in rule.into_iter().flat_map(|r| &r.set) {
        let slot = &lines.rules.sides[target.index()].slots[set.target.0 as usize];
        let Some(ty) = slot
            .types
            .get(alternative)
            .filter(|_| slot.present[alternative])
        else {
            continue;
        };
        match set_value(lines, set, ty) {
            Ok(value) => {
                changes.drop(set.target);
                set_fields.push((slot.field.clone(), value.clone()));
                if !value.is_null() {
                    let change = Change {
                        field: slot.field.clone(),
                        from: Value::Null,
                        to: To::Value(value),
                        line: None,
                    };
                    changes.put(set.target, change);
                }
            }
            Err(EvalError::NotYet) => {
                let because = failed(EvalError::NotYet);
                if let Desire::Hold { because } = because {
                    hold(
                        &mut held,
                        Missing {
                            names: Vec::new(),
                            because,
                            rule: set.rule,
                            waits: true,
                        },
                    );
                }
            }
            Err(error) => failures.push(FieldFailure {
                side: direction.source(),
                field: slot.field.clone(),
                message: error.to_string(),
                rule: set.rule,
            }),
        }
    }
    required(
        lines,
        direction,
        alternative,
        source,
        changes.list(),
        rule.map_or(lines.rules.rule, |r| r.rule),
        &mut held,
        &failures,
    );
    if !failures.is_empty() || held.is_some() {
        lines.world.turn_back(turns);
    }
    if !failures.is_empty() {
        return Ok(Creation::Failed(failures));
    }
    if let Some(held) = held {
        return Ok(Creation::Held(held));
    }
    let source_object = lines.rules.sides[direction.source().index()].objects[source.alternative]
        .name
        .clone();
    let at = rule.map_or(lines.rules.rule, |r| r.rule);
    let back = match rules.once {
        true => None,
        false => write_back(lines, direction, alternative, source, &changes, &mut base)?,
    };
    let mut operations = vec![Operation {
        direction,
        kind: OperationKind::Create,
        side: target,
        object: object.name.clone(),
        id: given,
        source: Some(SourceRecord {
            side: Some(direction.source()),
            object: source_object,
            id: source.id().clone(),
        }),
        changes: changes.into_list(),
        expect: Value::Null,
        expect_fields: Vec::new(),
        because: Because::New,
        rule: at,
        together: Vec::new(),
    }];
    operations.extend(back);
    // What a `set` wrote and no line brings back is agreed on as it is.
    for (field, value) in &set_fields {
        let comes_back = |c: &Change| {
            let line = c.line.and_then(|l| lines.rules.lines.get(usize::from(l)));
            line.is_some_and(|l| {
                l.flow(direction)
                    .is_some_and(|f| lines.target_field(f, target) == *field)
            })
        };
        if !operations[1..]
            .iter()
            .any(|o| o.changes.iter().any(comes_back))
        {
            overridden(lines, direction, varied, field, value, &mut base);
        }
    }
    operations.extend(done(lines, direction, source, &mut base));
    let kept = match lines.rules.was.is_empty() {
        true => Vec::new(),
        false => {
            let made = made(lines, target, alternative, &operations[0].changes);
            let mut sides = [source, source];
            sides[target.index()] = &made;
            kept(lines, sides, &operations, &base)
        }
    };
    let mut records = [None, None];
    records[direction.source().index()] = Some(pair_record(source));
    let unit = Unit {
        relationship: lines.relationship,
        link: None,
        records,
        operations,
        old_base: Vec::new(),
        kept: [Vec::new(), kept],
        base,
        outcome: if rules.once {
            LinkOutcome::Once
        } else {
            LinkOutcome::Linked
        },
        moved: None,
        step: None,
    };
    Ok(Creation::Unit(Box::new(unit), None))
}

fn choose<'r>(lines: &Lines<'_, 'r>, direction: Direction, source: &Rec) -> Choice<'r> {
    let rules = &lines.rules.directions[direction.index()];
    let targets = lines.rules.sides[direction.target().index()].objects.len();
    // A line that names an alternative of the source's side is about that one alone.
    let own = |rule: &&OperationRule| targets > 1 || rule.alternatives.has(source.alternative);
    if !rules.create.iter().any(|r| own(&r)) {
        return match targets {
            1 => Choice::Made(None, 0),
            _ => Choice::None(Creation::No(
                format!("no `{} create` line names an alternative", direction.word()),
                Some(lines.rules.rule),
            )),
        };
    }
    let mut not_met: Option<(Rule, String)> = None;
    for rule in rules.create.iter().filter(own) {
        match lines.holds(&rule.when) {
            Ok(true) => {
                return Choice::Made(Some(rule), made_by(rule, targets));
            }
            Ok(false) => {
                let read = rule.when.as_ref().map(|w| lines.reads(w));
                not_met.get_or_insert((rule.rule, read.unwrap_or_default()));
            }
            Err(_) if lines.world.is_by_hand() => {}
            Err(error) => {
                let creation = match failed(error) {
                    Desire::Hold { because } => Creation::Held(Missing {
                        names: Vec::new(),
                        because,
                        rule: rule.rule,
                        waits: true,
                    }),
                    Desire::Fail { message } => {
                        let failure = FieldFailure {
                            side: direction.source(),
                            field: SmolStr::default(),
                            message,
                            rule: rule.rule,
                        };
                        Creation::Failed(vec![failure])
                    }
                    Desire::Write(_) | Desire::Blank | Desire::Skip => continue,
                };
                return Choice::None(creation);
            }
        }
    }
    let by_hand = rules.create.iter().find(own);
    if let Some(rule) = by_hand.filter(|_| lines.world.is_by_hand()) {
        return Choice::Made(Some(rule), made_by(rule, targets));
    }
    let (rule, read) = not_met.unzip();
    let read = read.filter(|r| !r.is_empty());
    let read = read.map_or(String::new(), |r| format!(": {r}"));
    let why = format!("`{} create when` does not hold{read}", direction.word());
    Choice::None(Creation::No(why, rule))
}

/// The alternative of the target's side that the line makes.
fn made_by(rule: &OperationRule, targets: usize) -> usize {
    let named = (0..targets).find(|a| rule.alternatives.has(*a));
    named.filter(|_| targets > 1).unwrap_or(0)
}

fn refuse(
    lines: &Lines<'_, '_>,
    flow: &Flow,
    direction: Direction,
    desire: Desire,
    held: &mut Option<Missing>,
    failures: &mut Vec<FieldFailure>,
) {
    match desire {
        Desire::Hold { because } => {
            let names = vec![lines.source_name(flow, direction)];
            hold(
                held,
                Missing {
                    names,
                    because,
                    rule: flow.rule,
                    waits: true,
                },
            );
        }
        Desire::Fail { message } => {
            let field = lines.target_field(flow, direction.target());
            failures.push(FieldFailure {
                side: direction.source(),
                field,
                message,
                rule: flow.rule,
            });
        }
        Desire::Write(_) | Desire::Blank | Desire::Skip => {}
    }
}

fn hold(held: &mut Option<Missing>, more: Missing) {
    match held {
        None => *held = Some(more),
        Some(held) => {
            for name in more.names {
                if !held.names.contains(&name) {
                    held.names.push(name);
                }
            }
            held.because = format!("{}; {}", held.because, more.because);
            held.waits |= more.waits;
        }
    }
}

/// Whether nothing that a create does looks at what a line writes once more, or writes something else.
fn is_settled(rules: &Relationship, direction: Direction, rule: Option<&OperationRule>) -> bool {
    rule.is_none_or(|r| r.set.is_empty())
        && rules.directions[direction.index()].done.is_empty()
        && rules.was.is_empty()
}

/// What a new record may not leave blank; its store sees to its id and stamp.
fn required_fields(object: &Object) -> impl Iterator<Item = &Field> {
    let own = |f: &&Field| {
        Some(&f.name) == object.id.as_ref() || Some(&f.name) == object.modified.as_ref()
    };
    let fields = object.fields.values();
    fields.filter(move |f| f.required() && !own(f))
}

/// A blank never goes into a field that the target requires.
#[allow(clippy::too_many_arguments)]
fn required(
    lines: &Lines<'_, '_>,
    direction: Direction,
    alternative: usize,
    source: &Rec,
    changes: &[Change],
    rule: Rule,
    held: &mut Option<Missing>,
    failures: &[FieldFailure],
) {
    let target = direction.target();
    let object = &lines.rules.sides[target.index()].objects[alternative];
    for field in required_fields(object) {
        let written = changes.iter().find(|c| c.field == field.name);
        let blank = match written.map(|c| &c.to) {
            None => true,
            Some(To::Value(value)) => value.is_blank(),
            Some(_) => false,
        };
        if !blank || failures.iter().any(|f| f.field == field.name) {
            continue;
        }
        let varied = lines.varied(target, alternative, source);
        let feeds = |l: &&Line| {
            l.alternatives.has(varied)
                && l.flow(direction)
                    .is_some_and(|f| lines.target_field(f, target) == field.name)
        };
        let feed = lines
            .rules
            .lines
            .iter()
            .find(feeds)
            .and_then(|l| l.flow(direction));
        let name = feed.map_or_else(|| field.name.clone(), |f| lines.source_name(f, direction));
        if held.as_ref().is_some_and(|h| h.names.contains(&name)) {
            continue;
        }
        let because = format!("`{}` of {} may not be blank", field.name, object.name);
        hold(
            held,
            Missing {
                names: vec![name],
                because,
                rule: feed.map_or(rule, |f| f.rule),
                waits: false,
            },
        );
    }
}
