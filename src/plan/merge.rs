//! The three-way merge of a linked pair, line by line (engine, section 4; language reference, 5.2 and 5.4).

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::base::{LineBase, NOT_WRITTEN, hash, turn};
use super::lines::{Desire, Lines, hash_of, name_of};
use super::world::Rec;
use super::{Because, Change, PlanError, To};
use crate::program::{Blanks, Direction, Flow, Line, On, Prefer, Rule, Scope, Side};
use crate::value::{Value, parse_instant, same_in};

/// A precondition that is not met.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    pub names: Vec<SmolStr>,
    pub because: String,
    pub rule: Rule,
    /// Another record is waited for.
    pub waits: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FieldFailure {
    pub side: Side,
    pub field: SmolStr,
    pub message: String,
    pub rule: Rule,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FieldConflict {
    pub line: usize,
    pub field: SmolStr,
    pub values: [Value; 2],
    pub because: String,
    pub rule: Rule,
    pub frozen: bool,
}

/// What the lines of a pair come to.
#[derive(Debug, Default)]
pub struct Merged {
    /// Writes by target side.
    pub writes: [Vec<Change>; 2],
    pub reasons: [Option<(Because, Rule)>; 2],
    pub base: Vec<LineBase>,
    /// By direction: holds of the whole record.
    pub holds: [Vec<Missing>; 2],
    /// By direction: fields held alone.
    pub field_holds: [Vec<Missing>; 2],
    pub failures: Vec<FieldFailure>,
    pub conflicts: Vec<FieldConflict>,
}

/// What the caller knows of a pair besides its records.
pub struct PairFacts<'a> {
    pub old: &'a [LineBase],
    /// By direction: its filter holds and its arrow and `update` let fields cross.
    pub open: [bool; 2],
    /// The stamps of the link; a side whose stamp differs changed outside.
    pub link_stamps: Option<&'a [Value; 2]>,
    pub tolerance: i64,
    pub settled: Option<SettledBy<'a>>,
    /// No links yet, or a moved one: `first prefer`.
    pub first: bool,
    /// `many`: the target may have other partners on this side.
    pub shared: bool,
    /// `many`: another of the target's partners changed later.
    pub yields: bool,
}

/// `conflicts take` and frozen fields, by field name.
pub type SettledBy<'a> = &'a dyn Fn(&str) -> Option<Settled>;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Settled {
    Take(Side),
    Frozen,
    Listed,
    /// It must not go once more from one of these values (hashes, the smaller one first) to the other.
    Turning([u64; 2]),
}

/// Why a field is frozen.
const TURNS: &str = "the field goes back and forth between two values, each time by another writer: release it once that one is known";

pub fn merge(
    lines: &Lines<'_, '_>,
    left: &Rec,
    right: &Rec,
    facts: &PairFacts<'_>,
) -> Result<Merged, PlanError> {
    let records = [left, right];
    let varied = records[lines.rules.varied().index()];
    let mut merged = Merged {
        base: facts.old.to_vec(),
        ..Merged::default()
    };
    for (index, line) in lines.rules.lines.iter().enumerate() {
        if !line.alternatives.has(varied.alternative) {
            continue;
        }
        let mut at = At {
            lines,
            records,
            facts,
            merged: &mut merged,
            index,
            line,
        };
        match (&line.push, &line.pull) {
            (Some(push), Some(pull)) => at.two_way(push, pull)?,
            (Some(push), None) => at.one_way(push, Direction::Push)?,
            (None, Some(pull)) => at.one_way(pull, Direction::Pull)?,
            (None, None) => {}
        }
    }
    for direction in Direction::BOTH {
        let writes = &merged.writes[direction.target().index()];
        let waits = writes
            .iter()
            .all(|c| rides_along(lines, direction, facts, c));
        if waits || !merged.holds[direction.index()].is_empty() {
            merged.drop_writes(direction.target(), facts.old);
        }
    }
    Ok(merged)
}

/// Whether every line has on both sides what it had at the base, where that can be seen at once: [`merge`] would change and tell nothing.
pub fn agrees(lines: &Lines<'_, '_>, left: &Rec, right: &Rec, old: &[LineBase]) -> bool {
    let records = [left, right];
    let varied = records[lines.rules.varied().index()].alternative;
    let unchanged = |(line, old): (&Line, &LineBase)| match (&line.push, &line.pull) {
        _ if !line.alternatives.has(varied) => true,
        (Some(push), Some(pull)) => {
            let values = [left.slot(pull.target), right.slot(push.target)];
            values.iter().any(|v| matches!(v, Value::Absent)) || *old == Some(values.map(hash))
        }
        (Some(flow), None) => agrees_one_way(lines, records, flow, Direction::Push, old),
        (None, Some(flow)) => agrees_one_way(lines, records, flow, Direction::Pull, old),
        (None, None) => true,
    };
    lines.rules.lines.len() == old.len() && lines.rules.lines.iter().zip(old).all(unchanged)
}

fn agrees_one_way(
    lines: &Lines<'_, '_>,
    records: [&Rec; 2],
    flow: &Flow,
    direction: Direction,
    old: &LineBase,
) -> bool {
    let target = records[direction.target().index()];
    let present = target.slot(flow.target);
    if matches!(present, Value::Absent) {
        return true;
    }
    let Some(source) = lines.plain(flow, direction, target.alternative) else {
        return false;
    };
    let mut hashes = [hash(source); 2];
    hashes[direction.target().index()] = hash(present);
    *old == Some(hashes)
}

/// A line `on update` that a create left out goes with the record's first update, and makes none itself.
fn rides_along(
    lines: &Lines<'_, '_>,
    direction: Direction,
    facts: &PairFacts<'_>,
    change: &Change,
) -> bool {
    let Some(place) = change.line.map(usize::from) else {
        return false;
    };
    let flow = lines.rules.lines.get(place).and_then(|l| l.flow(direction));
    let left_out = match facts.old.get(place).copied().flatten() {
        Some(old) => {
            old[direction.target().index()] == NOT_WRITTEN
                && unchanged_source(lines, direction, flow, old)
        }
        None => !facts.first,
    };
    left_out && flow.is_some_and(|f| f.on == On::Update)
}

fn unchanged_source(
    lines: &Lines<'_, '_>,
    direction: Direction,
    flow: Option<&Flow>,
    old: [u64; 2],
) -> bool {
    flow.and_then(|f| lines.value(&f.source).ok())
        .is_some_and(|v| hash(&v) == old[direction.source().index()])
}

impl Merged {
    /// Nothing is held, failed or in conflict.
    pub fn lists_nothing(&self) -> bool {
        self.holds
            .iter()
            .chain(&self.field_holds)
            .all(Vec::is_empty)
            && self.failures.is_empty()
            && self.conflicts.is_empty()
    }

    /// Takes back all writes to a side; their lines keep the base that they had.
    pub fn drop_writes(&mut self, target: Side, old: &[LineBase]) {
        for change in self.writes[target.index()].drain(..) {
            if let Some(line) = change.line {
                self.base[line as usize] = old.get(line as usize).copied().flatten();
            }
        }
        self.reasons[target.index()] = None;
    }
}

struct At<'m, 'l, 'w, 'a> {
    lines: &'l Lines<'w, 'a>,
    records: [&'l Rec; 2],
    facts: &'l PairFacts<'l>,
    merged: &'m mut Merged,
    index: usize,
    line: &'l Line,
}

impl At<'_, '_, '_, '_> {
    fn old(&self) -> LineBase {
        self.facts.old.get(self.index).copied().flatten()
    }

    fn name(&self) -> SmolStr {
        name_of(self.lines.rules, self.line)
    }

    fn two_way(&mut self, push: &Flow, pull: &Flow) -> Result<(), PlanError> {
        let values = [
            self.records[0].slot(pull.target),
            self.records[1].slot(push.target),
        ];
        if values.iter().any(|v| matches!(v, Value::Absent)) {
            return Ok(());
        }
        if self.is_frozen() {
            self.conflict(values, TURNS, true);
            return Ok(());
        }
        let hashes = [hash(values[0]), hash(values[1])];
        let changed = self
            .old()
            .map(|old| [old[0] != hashes[0], old[1] != hashes[1]]);
        if changed == Some([false, false]) && !matches!(self.settled(), Some(Settled::Take(_))) {
            return Ok(());
        }
        match changed {
            None if self.line.first_prefer.merges() => self.combine(values, hashes),
            Some(_) if self.line.prefer.merges() => self.combine(values, hashes),
            Some([true, false]) => self.cross(push, Direction::Push, Because::Changed(Side::Left)),
            Some([false, true]) => self.cross(pull, Direction::Pull, Because::Changed(Side::Right)),
            Some(_) => self.both_changed(values, hashes, push, pull),
            None => self.first_time(values, hashes, push, pull),
        }
    }

    fn crossing(&mut self, winner: Side, because: Because) -> Result<(), PlanError> {
        let direction = winner.sends();
        match self.line.flow(direction) {
            Some(flow) => self.cross(flow, direction, because),
            None => Ok(()),
        }
    }

    fn agree(
        &mut self,
        values: [&Value; 2],
        hashes: [u64; 2],
        push: &Flow,
        pull: &Flow,
    ) -> Result<bool, PlanError> {
        for (flow, direction) in [(push, Direction::Push), (pull, Direction::Pull)] {
            let target = direction.target();
            let alternative = self.records[target.index()].alternative;
            if let (_, Desire::Write(To::Value(value))) =
                self.lines.desire(flow, direction, alternative)?
                && same_in(
                    self.lines.target_type(flow, target, alternative),
                    &value,
                    values[target.index()],
                )
            {
                self.merged.base[self.index] = Some(hashes);
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn both_changed(
        &mut self,
        values: [&Value; 2],
        hashes: [u64; 2],
        push: &Flow,
        pull: &Flow,
    ) -> Result<(), PlanError> {
        if self.agree(values, hashes, push, pull)? {
            return Ok(());
        }
        let winner = match self.settled() {
            Some(Settled::Take(side)) => side,
            _ => match self.line.prefer {
                Prefer::Side(side) => side,
                Prefer::Manual => {
                    self.conflict(
                        values,
                        "changed on both sides, and `prefer manual` leaves it to a person",
                        false,
                    );
                    return Ok(());
                }
                _ => self.newest(),
            },
        };
        self.crossing(winner, Because::Preferred(winner))
    }

    fn first_time(
        &mut self,
        values: [&Value; 2],
        hashes: [u64; 2],
        push: &Flow,
        pull: &Flow,
    ) -> Result<(), PlanError> {
        if self.agree(values, hashes, push, pull)? {
            return Ok(());
        }
        let winner = match (self.settled(), values[0].is_blank(), values[1].is_blank()) {
            (Some(Settled::Take(side)), ..) => side,
            (_, true, false) => Side::Right,
            (_, false, true) => Side::Left,
            _ => match self.line.first_prefer {
                Prefer::Side(side) => side,
                Prefer::Manual => {
                    self.conflict(values, "both records had a value when they were linked, and `prefer manual` leaves it to a person", false);
                    return Ok(());
                }
                _ => self.newest(),
            },
        };
        self.crossing(winner, Because::FirstSync(winner))
    }

    fn conflict(&mut self, values: [&Value; 2], because: &str, frozen: bool) {
        let field = self.name();
        let conflict = FieldConflict {
            line: self.index,
            field,
            values: [values[0].clone(), values[1].clone()],
            because: because.to_string(),
            rule: self.line.rule,
            frozen,
        };
        self.merged.conflicts.push(conflict);
    }

    /// The side whose last outside change is later; equal or unknown: the right one.
    fn newest(&self) -> Side {
        let stamp = |side: Side| {
            let stamp = &self.records[side.index()].record.stamp;
            let own = self
                .facts
                .link_stamps
                .is_some_and(|l| l[side.index()].same(stamp));
            if own { None } else { instant_of(stamp) }
        };
        match (stamp(Side::Left), stamp(Side::Right)) {
            (Some(left), Some(right))
                if (left - right).num_milliseconds() > self.facts.tolerance =>
            {
                Side::Left
            }
            (Some(_), None) if self.facts.link_stamps.is_some() => Side::Left,
            _ => Side::Right,
        }
    }

    /// `prefer true|false|max|min`: both sides end with the value that must not be lost.
    fn combine(&mut self, values: [&Value; 2], hashes: [u64; 2]) -> Result<(), PlanError> {
        let prefer = if self.line.prefer.merges() {
            self.line.prefer
        } else {
            self.line.first_prefer
        };
        let mut kept = hashes;
        let mut wrote = false;
        for direction in Direction::BOTH {
            let Some(flow) = self.line.flow(direction) else {
                continue;
            };
            let (source, target) = (direction.source(), direction.target());
            let alternative = self.records[target.index()].alternative;
            let (_, desire) = self.lines.desire(flow, direction, alternative)?;
            let Desire::Write(To::Value(mut incoming)) = desire else {
                self.refuse(flow, direction, desire);
                return Ok(());
            };
            let present = values[target.index()];
            // Where both sides gave the value up for different ones, it is in the base.
            let agreed = self.lines.scope(None).was(target, flow.target);
            let ty = self.lines.target_type(flow, target, alternative);
            if !same_in(ty, &incoming, present) && wins(prefer, &agreed, &incoming) {
                incoming = agreed;
            }
            if !wins(prefer, &incoming, present)
                || same_in(
                    self.lines.target_type(flow, target, alternative),
                    &incoming,
                    present,
                )
            {
                continue;
            }
            if self.cross_value(
                flow,
                direction,
                Because::Merged,
                hashes[source.index()],
                To::Value(incoming.clone()),
            )? {
                kept[target.index()] = hash(&incoming);
                wrote = true;
            } else {
                return Ok(());
            }
        }
        if wrote || self.old().is_none() || !self.is_closed() {
            self.merged.base[self.index] = Some(kept);
        }
        Ok(())
    }

    fn settled(&self) -> Option<Settled> {
        self.facts.settled.and_then(|of| of(&self.name()))
    }

    fn is_frozen(&self) -> bool {
        self.settled() == Some(Settled::Frozen)
    }

    fn is_closed(&self) -> bool {
        !self.facts.open[0] && !self.facts.open[1]
    }

    fn one_way(&mut self, flow: &Flow, direction: Direction) -> Result<(), PlanError> {
        let target = direction.target();
        let record = self.records[target.index()];
        let present = record.slot(flow.target);
        if matches!(present, Value::Absent) {
            return Ok(());
        }
        let (source, desire) = self.lines.desire(flow, direction, record.alternative)?;
        if matches!(source, Value::Absent) {
            return Ok(());
        }
        if self.is_frozen() {
            let mut values = [&source, &source];
            values[target.index()] = present;
            self.conflict(values, TURNS, true);
            return Ok(());
        }
        let mut hashes = [hash(&source); 2];
        hashes[target.index()] = hash(present);
        let old = self.old();
        // Without a value of its own, the source is not known to be what it was.
        let valued = match desire {
            Desire::Write(To::Linked { .. } | To::Made { .. }) | Desire::Fail { .. } => false,
            Desire::Hold { .. } => !source.is_null(),
            Desire::Write(_) | Desire::Blank | Desire::Skip => true,
        };
        if valued && old == Some(hashes) {
            return Ok(());
        }
        let source_changed =
            old.is_none_or(|o| o[direction.source().index()] != hashes[direction.source().index()]);
        if valued && old.is_none() && self.facts.first && source.is_blank() && !present.is_blank() {
            self.merged.base[self.index] = Some(hashes);
            return Ok(());
        }
        // Of several records that share a target the one that changed last writes; the others let its value stand.
        let shared = self.facts.yields || (self.facts.shared && !source_changed);
        // What comes back to one of the several is its own.
        if shared && !flow.write_back {
            self.merged.base[self.index] = Some(hashes);
            return Ok(());
        }
        let because = match (old.is_none(), source_changed) {
            (true, _) => Because::FirstSync(direction.source()),
            (false, true) => Because::Changed(direction.source()),
            (false, false) => Because::Restored,
        };
        self.cross_desire(
            flow,
            direction,
            because,
            hashes[direction.source().index()],
            desire,
        )
        .map(|_| ())
    }

    fn cross(
        &mut self,
        flow: &Flow,
        direction: Direction,
        because: Because,
    ) -> Result<(), PlanError> {
        let alternative = self.records[direction.target().index()].alternative;
        let (source, desire) = self.lines.desire(flow, direction, alternative)?;
        self.cross_desire(flow, direction, because, hash(&source), desire)
            .map(|_| ())
    }

    fn refuse(&mut self, flow: &Flow, direction: Direction, desire: Desire) {
        let name = self.lines.source_name(flow, direction);
        match desire {
            Desire::Hold { because } if self.may_cross(flow, direction) => {
                self.merged.holds[direction.index()].push(Missing {
                    names: vec![name],
                    because,
                    rule: flow.rule,
                    waits: true,
                });
            }
            Desire::Fail { message } if self.may_cross(flow, direction) => {
                let field = self.lines.target_field(flow, direction.target());
                self.merged.failures.push(FieldFailure {
                    side: direction.source(),
                    field,
                    message,
                    rule: flow.rule,
                });
            }
            _ => {}
        }
    }

    fn may_cross(&self, flow: &Flow, direction: Direction) -> bool {
        (flow.write_back || self.facts.open[direction.index()]) && flow.on != On::Create
    }

    fn cross_desire(
        &mut self,
        flow: &Flow,
        direction: Direction,
        because: Because,
        source: u64,
        desire: Desire,
    ) -> Result<bool, PlanError> {
        match desire {
            Desire::Write(to) => self.cross_value(flow, direction, because, source, to),
            Desire::Blank => {
                let crossed =
                    self.cross_value(flow, direction, because, source, To::Value(Value::Null))?;
                self.merged.base[self.index] = None;
                Ok(crossed)
            }
            other => {
                match self.lines.holds(&flow.when) {
                    Ok(true) => self.refuse(flow, direction, other),
                    Ok(false) => {}
                    Err(error) => self.refuse(flow, direction, super::lines::failed(error)),
                }
                Ok(false)
            }
        }
    }

    /// Whether it is written or already there; otherwise the line keeps its old base.
    fn cross_value(
        &mut self,
        flow: &Flow,
        direction: Direction,
        because: Because,
        source: u64,
        to: To,
    ) -> Result<bool, PlanError> {
        let target = direction.target();
        let record = self.records[target.index()];
        let present = record.slot(flow.target);
        let base = |target_hash: u64| {
            let mut base = [source; 2];
            base[target.index()] = target_hash;
            Some(base)
        };
        let ty = self.lines.target_type(flow, target, record.alternative);
        if let To::Value(value) = &to
            && same_in(ty, value, present)
        {
            self.merged.base[self.index] = base(hash(present));
            return Ok(true);
        }
        let blank = matches!(&to, To::Value(v) if v.is_blank());
        let stays = flow.on == On::Create
            || (flow.if_empty && !present.is_blank())
            || (blank && self.line.blanks == Blanks::Ignore);
        if stays {
            self.merged.base[self.index] = base(hash(present));
            return Ok(true);
        }
        if !self.may_cross(flow, direction) {
            return Ok(false);
        }
        match self.lines.holds(&flow.when) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) => {
                self.refuse(flow, direction, super::lines::failed(error));
                return Ok(false);
            }
        }
        let field = self.lines.target_field(flow, target);
        let object = &self.lines.rules.sides[target.index()].objects[record.alternative];
        if blank && object.fields.get(&field).is_some_and(|f| !f.nullable) {
            let name = self.lines.source_name(flow, direction);
            let because = format!("`{field}` of {} may not be blank", object.name);
            self.merged.field_holds[direction.index()].push(Missing {
                names: vec![name],
                because,
                rule: flow.rule,
                waits: false,
            });
            return Ok(false);
        }
        let new = base(hash_of(&to));
        let turned = turn(self.line, self.old(), new, [hash(present), hash_of(&to)]);
        if let (Some(values), Some(Settled::Turning(most))) = (turned, self.settled())
            && values == most
        {
            let source = flow.source_slot.map_or(&Value::Null, |s| {
                self.records[direction.source().index()].slot(s)
            });
            let mut values = [source, source];
            values[target.index()] = present;
            self.conflict(values, TURNS, true);
            return Ok(false);
        }
        self.merged.base[self.index] = new;
        self.merged.writes[target.index()].push(Change {
            field,
            from: present.clone(),
            to,
            line: Some(self.index as u16),
        });
        self.merged.reasons[target.index()].get_or_insert((because, flow.rule));
        Ok(true)
    }
}

/// Whether the incoming value replaces the present one under a merging `prefer`.
fn wins(prefer: Prefer, incoming: &Value, present: &Value) -> bool {
    let truth = |v: &Value| match v {
        Value::Bool(b) => *b,
        Value::Null | Value::Absent => false,
        other => !other.same(&Value::Int(0)) && !other.is_blank(),
    };
    match prefer {
        Prefer::True => truth(incoming) && !truth(present),
        Prefer::False => {
            !incoming.is_null() && !truth(incoming) && (truth(present) || present.is_null())
        }
        Prefer::Max => {
            !incoming.is_blank()
                && (present.is_blank() || incoming.order(present) == Some(Ordering::Greater))
        }
        Prefer::Min => {
            !incoming.is_blank()
                && (present.is_blank() || incoming.order(present) == Some(Ordering::Less))
        }
        Prefer::Side(_) | Prefer::Newest | Prefer::Manual => false,
    }
}

/// A stamp as an instant: ISO text, or seconds or milliseconds since 1970.
pub fn instant_of(stamp: &Value) -> Option<DateTime<Utc>> {
    match stamp {
        Value::Instant(instant) => Some(*instant),
        Value::Text(text) => parse_instant(text),
        Value::Int(n) if *n > 100_000_000_000 => DateTime::from_timestamp_millis(*n),
        Value::Int(n) => DateTime::from_timestamp(*n, 0),
        Value::Date(date) => date.and_hms_opt(0, 0, 0).map(|d| d.and_utc()),
        _ => None,
    }
}
