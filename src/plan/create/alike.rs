//! Creates that are alike: where every line goes over as it is, the unit of one create is filled with the values of the next.

use super::{is_settled, required_fields};
use crate::plan::lines::Lines;
use crate::plan::pair::pair_record;
use crate::plan::world::Rec;
use crate::plan::{To, Unit};
use crate::program::{Conversion, Direction, Expr, Flow, Line, On, OperationRule, Rule, Slot};
use crate::value::{Type, Value, fits};

/// Units of one kind that are kept: which fields are null varies.
const KEPT: usize = 4;

/// The last creates of a relationship.
#[derive(Default)]
pub struct Alike {
    kinds: Vec<Kind>,
}

/// Creates by one rule, from one alternative to another.
struct Kind {
    direction: Direction,
    /// The source's and the target's.
    alternatives: [usize; 2],
    rule: Option<Rule>,
    /// `None` where more is to be done than to take values over.
    crossings: Option<Vec<Crossing>>,
    units: Vec<(u64, Box<Unit>)>,
}

/// A line that takes its source's value over as it is.
struct Crossing {
    source: Slot,
    ty: Type,
    /// The target takes no blank.
    required: bool,
}

/// What creates that are alike have in common.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    kind: usize,
    /// A bit for each crossing whose value is not null.
    sent: u64,
}

impl Alike {
    /// `None` where the record may need more than to have its values taken over.
    pub(super) fn form(
        &mut self,
        lines: &Lines<'_, '_>,
        direction: Direction,
        source: &Rec,
        (rule, alternative): (Option<&OperationRule>, usize),
    ) -> Option<Form> {
        let alternatives = [source.alternative, alternative];
        let by = rule.map(|r| r.rule);
        let same = |kind: &Kind| {
            kind.alternatives == alternatives && kind.direction == direction && kind.rule == by
        };
        let kind = self.kinds.iter().position(same).unwrap_or_else(|| {
            self.kinds.push(Kind {
                direction,
                alternatives,
                rule: by,
                crossings: crossings(lines, direction, source, (rule, alternative)),
                units: Vec::new(),
            });
            self.kinds.len() - 1
        });
        let mut sent = 0;
        for (at, crossing) in self.kinds[kind].crossings.iter().flatten().enumerate() {
            let value = source.slot(crossing.source);
            let missing = crossing.required && value.is_blank();
            if missing || matches!(value, Value::Absent) || !fits(value, &crossing.ty) {
                return None;
            }
            sent |= u64::from(!value.is_null()) << at;
        }
        self.kinds[kind].crossings.as_ref()?;
        Some(Form { kind, sent })
    }

    /// What is to be done for a record of this form, where one of it was kept.
    pub(super) fn filled(&mut self, form: Form, source: &Rec) -> Option<Box<Unit>> {
        let kind = &mut self.kinds[form.kind];
        let place = kind.units.iter().position(|(sent, _)| *sent == form.sent)?;
        let (_, mut unit) = kind.units.remove(place);
        let create = unit.operations.first_mut()?;
        // Whoever got it for the record before has named that one.
        (create.id, create.expect) = (None, Value::Null);
        create.source.as_mut()?.id = source.id().clone();
        let crossings = kind.crossings.iter().flatten().enumerate();
        let sent = crossings.filter(|(at, _)| form.sent >> at & 1 == 1);
        for (change, (_, crossing)) in create.changes.iter_mut().zip(sent) {
            change.to = To::Value(source.slot(crossing.source).clone());
        }
        unit.records[kind.direction.source().index()] = Some(pair_record(source));
        Some(unit)
    }

    /// For the next record of this form.
    pub fn keep(&mut self, unit: Box<Unit>, form: Form) {
        let units = &mut self.kinds[form.kind].units;
        if units.len() == KEPT {
            units.remove(0);
        }
        units.push((form.sent, unit));
    }
}

/// The lines that cross, in order; `None` where it takes more than their values to say what is written, agreed on or brought back.
fn crossings(
    lines: &Lines<'_, '_>,
    direction: Direction,
    source: &Rec,
    (rule, alternative): (Option<&OperationRule>, usize),
) -> Option<Vec<Crossing>> {
    let rules = lines.rules;
    let target = direction.target();
    is_settled(rules, direction, rule).then_some(())?;
    let object = &rules.sides[target.index()].objects[alternative];
    let varied = lines.varied(target, alternative, source);
    let here = || rules.lines.iter().filter(|l| l.alternatives.has(varied));
    let mut written = Vec::new();
    let mut crossings = Vec::new();
    for line in here() {
        let Some(flow) = line.flow(direction) else {
            continue;
        };
        // It goes with the first update.
        if flow.on == On::Update && line.two_way() {
            continue;
        }
        let field = lines.target_field(flow, target);
        if flow.on == On::Update || flow.when.is_some() || flow.gives_id || written.contains(&field)
        {
            return None;
        }
        let (Expr::Field(side, slot), Conversion::None) = (&flow.source, &flow.conversion) else {
            return None;
        };
        (*side == direction.source()).then_some(())?;
        crossings.push(Crossing {
            source: *slot,
            ty: lines.target_type(flow, target, alternative).clone(),
            required: required_fields(object).any(|f| f.name == field),
        });
        written.push(field);
    }
    let fed = required_fields(object).all(|f| written.contains(&f.name));
    let mut back = here().filter_map(|l| Some((l, l.flow(direction.other())?)));
    let alone = rules.directions[direction.index()].once
        || !back.any(|(line, flow)| brings_back(lines, line, flow, (direction, alternative)));
    (fed && alone && crossings.len() <= u64::BITS as usize).then_some(crossings)
}

/// Whether a line of the other direction may have something to take back from the new record.
fn brings_back(
    lines: &Lines<'_, '_>,
    line: &Line,
    flow: &Flow,
    (direction, alternative): (Direction, usize),
) -> bool {
    let target = direction.target();
    let rules = &lines.rules.sides[target.index()];
    let fields = lines.world.fields(lines.relationship);
    let mut reads = !line.two_way();
    flow.source.visit(&mut |e| {
        // A slot counts among those of its side.
        if let Expr::Field(side, slot) = e
            && *side == target
        {
            // Only the store knows the id, and what it puts where nothing is written.
            let field = &rules.slots[usize::from(slot.0)].field;
            let field = rules.objects[alternative].fields.get(field);
            reads |=
                fields.is_id(target, alternative, *slot) || field.is_some_and(|f| f.has_default);
        }
    });
    flow.on != On::Create && reads
}
