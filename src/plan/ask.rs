//! The queries of a page of records, asked together: one call of a store for a query, not one for each record (language reference,
//! section 6).

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::PlanError;
use super::ids::IdKey;
use super::world::{PairScope, Partner, Rec, World, keys_of};
use crate::program::{Expr, QueryKind, QueryRef, RelId, Relationship, Scope, Side, evaluate};
use crate::store::Projection;
use crate::value::Value;

/// Records of one side, each with its partner where it has one.
pub type Pairs<'r> = Vec<[Option<&'r Rec>; 2]>;

/// The queries of a relationship by what asks them.
#[derive(Debug, Default)]
pub struct Asks {
    /// Asked for every record, also in the keys of those that are.
    always: Vec<QueryRef>,
    /// Asked besides for a record without a partner.
    alone: Vec<QueryRef>,
}

impl Asks {
    pub fn of(rules: &Relationship) -> Asks {
        if rules.queries.is_empty() {
            return Asks::default();
        }
        let mut always = FxHashSet::default();
        let mut alone = FxHashSet::default();
        for flow in rules
            .lines
            .iter()
            .flat_map(|l| [&l.push, &l.pull])
            .flatten()
        {
            asked(rules, &flow.source, &mut always);
            flow.when.iter().for_each(|w| asked(rules, w, &mut always));
        }
        for direction in &rules.directions {
            for filter in &direction.filters {
                asked(rules, &filter.when, &mut always);
            }
            for rule in &direction.create {
                rule.when.iter().for_each(|w| asked(rules, w, &mut alone));
                rule.set
                    .iter()
                    .for_each(|s| asked(rules, &s.value, &mut alone));
            }
            for rule in &direction.update {
                rule.when.iter().for_each(|w| asked(rules, w, &mut always));
                rule.set
                    .iter()
                    .for_each(|s| asked(rules, &s.value, &mut always));
            }
        }
        alone.retain(|query| !always.contains(query));
        let sorted = |set: FxHashSet<QueryRef>| {
            let mut all: Vec<QueryRef> = set.into_iter().collect();
            // The keys of a query hold queries of smaller number only.
            all.sort_unstable();
            all
        };
        Asks {
            always: sorted(always),
            alone: sorted(alone),
        }
    }
}

impl Asks {
    /// Every query, for every record.
    pub fn all(rules: &Relationship) -> Asks {
        Asks {
            always: (0..rules.queries.len())
                .map(|at| QueryRef(at as u16))
                .collect(),
            alone: Vec::new(),
        }
    }
}

/// The queries of an expression, and those in their keys.
fn asked(rules: &Relationship, expr: &Expr, all: &mut FxHashSet<QueryRef>) {
    expr.visit(&mut |e| {
        let Expr::Query(query) = e else { return };
        if !all.insert(*query) {
            return;
        }
        match rules.queries.get(query.0 as usize).map(|q| &q.kind) {
            Some(QueryKind::Lookup { keys, .. } | QueryKind::Aggregate { keys, .. }) => {
                keys.iter().for_each(|(_, key)| asked(rules, key, all));
            }
            Some(QueryKind::Linked { key: Some(key), .. }) => asked(rules, key, all),
            _ => {}
        }
    });
}

impl<'a> World<'a> {
    /// Has the answers ready that these records will ask for. What can't be asked ahead is asked when it is needed.
    ///
    /// # Errors
    /// A store or the ledger that does not answer.
    pub fn ask_ahead(
        &self,
        relationship: RelId,
        asks: &Asks,
        pairs: &Pairs<'_>,
    ) -> Result<(), PlanError> {
        for query in &asks.always {
            self.ask(relationship, *query, pairs)?;
        }
        if asks.alone.is_empty() {
            return Ok(());
        }
        let single = |pair: &&[Option<&Rec>; 2]| pair.iter().any(Option::is_none);
        let alone: Pairs<'_> = pairs.iter().filter(single).copied().collect();
        for query in &asks.alone {
            self.ask(relationship, *query, &alone)?;
        }
        Ok(())
    }

    fn ask(
        &self,
        relationship: RelId,
        query: QueryRef,
        pairs: &Pairs<'_>,
    ) -> Result<(), PlanError> {
        let rules = &self.program[relationship];
        let Some(kind) = rules.queries.get(query.0 as usize).map(|q| &q.kind) else {
            return Ok(());
        };
        let scopes = pairs.iter().map(|sides| PairScope {
            world: self,
            relationship,
            sides: *sides,
            kept: &[],
            it: None,
        });
        match kind {
            QueryKind::Lookup { keys, .. } | QueryKind::Aggregate { keys, .. } => {
                let wanted = self.unanswered_keys(relationship, query, keys, scopes);
                // One alone is no dearer when it is needed.
                match wanted.len() {
                    0 | 1 => Ok(()),
                    _ => self.answer_all(relationship, query, kind, keys, &wanted),
                }
            }
            QueryKind::Linked {
                relationship: other,
                from,
                key,
                field,
            } => {
                let ids: Vec<Value> = scopes
                    .filter_map(|scope| scope.linked_id(*from, key.as_ref()).ok())
                    .filter(|id| !id.is_blank())
                    .collect();
                self.fetch_links(*other, *from, ids.clone())?;
                match field {
                    Some(field) => self.read_linked(*other, *from, field, &ids),
                    None => Ok(()),
                }
            }
        }
    }

    /// The keys of a query that have no answer yet, each once.
    fn unanswered_keys<'s>(
        &self,
        relationship: RelId,
        query: QueryRef,
        keys: &[(SmolStr, Expr)],
        scopes: impl Iterator<Item = PairScope<'s, 'a>>,
    ) -> Vec<Vec<Value>>
    where
        'a: 's,
    {
        let mut seen: FxHashSet<Vec<IdKey>> = FxHashSet::default();
        let mut wanted = Vec::new();
        for scope in scopes {
            let values: Option<Vec<Value>> = keys.iter().map(|(_, e)| key_of(e, &scope)).collect();
            let Some(values) = values else { continue };
            if !self.is_answered(relationship, query, &values) && seen.insert(keys_of(&values)) {
                wanted.push(values);
            }
        }
        wanted
    }

    fn answer_all(
        &self,
        relationship: RelId,
        query: QueryRef,
        kind: &QueryKind,
        keys: &[(SmolStr, Expr)],
        wanted: &[Vec<Value>],
    ) -> Result<(), PlanError> {
        let (side, projection) = self.projection_of(kind);
        let names: Vec<SmolStr> = keys.iter().map(|(n, _)| n.clone()).collect();
        let found = self.store(side, |s| s.find(&projection, &names, wanted))?;
        for (values, records) in wanted.iter().zip(found) {
            let answer = self.answer_from(kind, values, records);
            self.remember(relationship, query, values, answer);
        }
        Ok(())
    }

    /// The field of the partners of these records.
    fn read_linked(
        &self,
        relationship: RelId,
        from: Side,
        field: &SmolStr,
        ids: &[Value],
    ) -> Result<(), PlanError> {
        let side = from.other();
        let mut open = Vec::with_capacity(ids.len());
        for id in ids {
            if let Partner::Linked(partner) = self.partner(relationship, from, id, None)?
                && !self.is_read(relationship, side, &partner, field)
            {
                open.push(partner);
            }
        }
        for object in &self.program[relationship].sides[side.index()].objects {
            if open.is_empty() {
                break;
            }
            if !object.fields.contains_key(field) {
                continue;
            }
            let projection = Projection {
                object: object.name.clone(),
                fields: vec![Some(field.clone())],
            };
            let found = self.store(side, |s| s.get(&projection, &open))?;
            let mut rest = Vec::new();
            for (id, record) in open.into_iter().zip(found) {
                match record {
                    Some(mut record) => {
                        let value = record.values.first_mut().map(std::mem::take);
                        self.note_read(relationship, side, &id, field, value.unwrap_or_default());
                    }
                    None => rest.push(id),
                }
            }
            open = rest;
        }
        Ok(())
    }
}

/// A key that is not blank and can be told.
fn key_of(expr: &Expr, scope: &dyn Scope) -> Option<Value> {
    evaluate(expr, scope).ok().filter(|value| !value.is_blank())
}
