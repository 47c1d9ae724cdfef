//! The order in which relationships run: what is referred to comes first (engine, section 5).

use super::Checker;
use crate::program::{Conversion, Direction, Fallback, QueryKind, RelId, Relationship};

/// What one relationship needs of another.
#[derive(Debug, Clone, Copy)]
struct Need {
    on: usize,
    /// It can't be put off: a `via` without `or null`.
    hard: bool,
}

impl Checker<'_> {
    /// Sorts the relationships and renumbers what points at them.
    pub fn ordered(&mut self, relationships: Vec<Relationship>) -> Vec<Relationship> {
        let needs: Vec<Vec<Need>> = relationships
            .iter()
            .enumerate()
            .map(|(at, r)| needs(at, r, &relationships))
            .collect();
        let order = self.sorted(&relationships, &needs);
        let mut place = vec![0u16; order.len()];
        for (new, old) in order.iter().enumerate() {
            if let Some(p) = place.get_mut(*old) {
                *p = u16::try_from(new).unwrap_or(u16::MAX);
            }
        }
        let mut slots: Vec<Option<Relationship>> = relationships.into_iter().map(Some).collect();
        let mut result = Vec::with_capacity(slots.len());
        for old in order {
            if let Some(mut relationship) = slots.get_mut(old).and_then(Option::take) {
                renumber(&mut relationship, &place);
                result.push(relationship);
            }
        }
        result
    }

    /// File order, but what is needed first; of a cycle, the softest needs give way, then file order decides.
    fn sorted(&mut self, relationships: &[Relationship], needs: &[Vec<Need>]) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::with_capacity(needs.len());
        let mut waiting: Vec<usize> = (0..needs.len()).collect();
        while !waiting.is_empty() {
            let ready = |hard_only: bool| {
                waiting.iter().position(|at| {
                    needs[*at]
                        .iter()
                        .all(|n| (hard_only && !n.hard) || !waiting.contains(&n.on))
                })
            };
            let next = match ready(false).or_else(|| ready(true)) {
                Some(next) => next,
                None => {
                    self.cycle(relationships, needs, &waiting);
                    0
                }
            };
            order.push(waiting.remove(next));
        }
        order
    }

    fn cycle(&mut self, relationships: &[Relationship], needs: &[Vec<Need>], waiting: &[usize]) {
        let Some(first) = waiting.first() else { return };
        let mut path = vec![*first];
        loop {
            let Some(last) = path.last() else { return };
            let Some(next) = needs[*last]
                .iter()
                .find(|n| n.hard && waiting.contains(&n.on))
            else {
                return;
            };
            if let Some(at) = path.iter().position(|p| *p == next.on) {
                let names: Vec<String> = path[at..]
                    .iter()
                    .chain([&next.on])
                    .map(|i| format!("`{}`", relationships[*i].name))
                    .collect();
                let span = relationships[next.on].rule.0;
                self.facts.via_cycles.push((
                    span,
                    format!("{} refer to each other by `via`", names.join(" → ")),
                ));
                return;
            }
            path.push(next.on);
        }
    }
}

fn needs(at: usize, relationship: &Relationship, all: &[Relationship]) -> Vec<Need> {
    let mut needs = Vec::new();
    let mut need = |on: usize, hard: bool| {
        if on != at {
            needs.push(Need { on, hard });
        }
    };
    for flow in relationship
        .lines
        .iter()
        .flat_map(|l| [l.push.as_ref(), l.pull.as_ref()])
        .flatten()
    {
        if let Conversion::Via(via) = &flow.conversion {
            need(
                usize::from(via.relationship.0),
                matches!(via.fallback, Fallback::Hold | Fallback::Skip),
            );
        }
    }
    for query in &relationship.queries {
        match &query.kind {
            QueryKind::Linked { relationship, .. } => need(usize::from(relationship.0), false),
            QueryKind::Lookup { side, object, .. } | QueryKind::Aggregate { side, object, .. } => {
                for (on, other) in all.iter().enumerate() {
                    let writes = Direction::BOTH
                        .into_iter()
                        .any(|d| d.target() == *side && other.enabled[d.index()]);
                    let about = other.sides[side.index()]
                        .objects
                        .iter()
                        .any(|o| o.name == *object);
                    if writes && about {
                        need(on, false);
                    }
                }
            }
        }
    }
    needs
}

fn renumber(relationship: &mut Relationship, place: &[u16]) {
    let moved = |id: RelId| RelId(place.get(usize::from(id.0)).copied().unwrap_or(id.0));
    for line in &mut relationship.lines {
        for flow in [&mut line.push, &mut line.pull].into_iter().flatten() {
            if let Conversion::Via(via) = &mut flow.conversion {
                via.relationship = moved(via.relationship);
            }
        }
    }
    for query in &mut relationship.queries {
        if let QueryKind::Linked { relationship, .. } = &mut query.kind {
            *relationship = moved(*relationship);
        }
    }
}
