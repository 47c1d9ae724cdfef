//! The order in which relationships run: what is referred to comes first (engine, section 5).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Checker;
use super::facts::ViaCycle;
use crate::diagnostic::Span;
use crate::program::{
    ActionKind, Conversion, Direction, Fallback, QueryKind, RelId, Relationship, Side, Trigger,
};

/// What one relationship needs of another.
#[derive(Debug, Clone, Copy)]
struct Need {
    on: usize,
    /// It can't be put off, for this line: a `via` without `or null`.
    hard: Option<Span>,
}

impl Checker<'_> {
    /// Sorts the relationships and renumbers what points at them.
    pub fn ordered(
        &mut self,
        relationships: Vec<Relationship>,
        triggers: &mut [Trigger],
    ) -> Vec<Relationship> {
        let writers = writers(&relationships);
        let needs: Vec<Vec<Need>> = relationships
            .iter()
            .enumerate()
            .map(|(at, r)| needs(at, r, &writers))
            .collect();
        let order = self.sorted(&relationships, &needs);
        let mut place = vec![0u16; order.len()];
        for (new, old) in order.iter().enumerate() {
            if let Some(p) = place.get_mut(*old) {
                *p = u16::try_from(new).unwrap_or(u16::MAX);
            }
        }
        for trigger in triggers {
            renumber(&mut trigger.rules, &place);
            for action in &mut trigger.actions {
                if let ActionKind::Run { relationship, .. } = &mut action.kind {
                    *relationship = moved(*relationship, &place);
                }
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
        let mut waiting = Waiting::of(needs);
        let mut order: Vec<usize> = Vec::with_capacity(needs.len());
        while let Some(next) = waiting.next() {
            let next = match next {
                Next::Ready(next) => next,
                Next::Stuck(first) => {
                    self.cycle(relationships, needs, &waiting, first);
                    first
                }
            };
            waiting.take(next);
            order.push(next);
        }
        order
    }

    fn cycle(
        &mut self,
        relationships: &[Relationship],
        needs: &[Vec<Need>],
        waiting: &Waiting,
        first: usize,
    ) {
        let mut path = vec![first];
        let mut lines: Vec<Span> = Vec::new();
        loop {
            let Some(last) = path.last() else { return };
            let Some(next) = needs[*last]
                .iter()
                .find(|n| n.hard.is_some() && !waiting.done[n.on])
            else {
                return;
            };
            lines.extend(next.hard);
            if let Some(at) = path.iter().position(|p| *p == next.on) {
                let names = path[at..].iter().chain([&next.on]);
                let names = names.map(|i| relationships[*i].name.clone()).collect();
                let lines = lines.split_off(at);
                self.facts.via_cycles.push(ViaCycle { names, lines });
                return;
            }
            path.push(next.on);
        }
    }
}

/// What comes next: the first in file order that waits for nothing, or only for what can be put off; else the first that is left.
enum Next {
    Ready(usize),
    Stuck(usize),
}

/// The relationships that have no place yet, with how many others each still waits for.
struct Waiting {
    done: Vec<bool>,
    /// By relationship: needs that are not met, all and the hard ones.
    open: Vec<[usize; 2]>,
    /// By relationship: who needs it, and whether hard.
    needed_by: Vec<Vec<(usize, bool)>>,
    /// Those that wait for nothing, and those that wait for nothing hard.
    ready: [BinaryHeap<Reverse<usize>>; 2],
    first: usize,
}

impl Waiting {
    fn of(needs: &[Vec<Need>]) -> Waiting {
        let mut waiting = Waiting {
            done: vec![false; needs.len()],
            open: vec![[0, 0]; needs.len()],
            needed_by: vec![Vec::new(); needs.len()],
            ready: Default::default(),
            first: 0,
        };
        for (at, needs) in needs.iter().enumerate() {
            for need in needs {
                waiting.open[at][0] += 1;
                let hard = need.hard.is_some();
                waiting.open[at][1] += usize::from(hard);
                waiting.needed_by[need.on].push((at, hard));
            }
            waiting.look(at);
        }
        waiting
    }

    fn look(&mut self, at: usize) {
        for (ready, open) in self.ready.iter_mut().zip(self.open[at]) {
            if open == 0 {
                ready.push(Reverse(at));
            }
        }
    }

    fn next(&mut self) -> Option<Next> {
        for ready in &mut self.ready {
            while let Some(Reverse(at)) = ready.pop() {
                if !self.done[at] {
                    return Some(Next::Ready(at));
                }
            }
        }
        while *self.done.get(self.first)? {
            self.first += 1;
        }
        Some(Next::Stuck(self.first))
    }

    fn take(&mut self, at: usize) {
        self.done[at] = true;
        for (by, hard) in std::mem::take(&mut self.needed_by[at]) {
            self.open[by][0] -= 1;
            self.open[by][1] -= usize::from(hard);
            self.look(by);
        }
    }
}

/// The relationships that write records of an object.
type Writers = FxHashMap<(Side, SmolStr), Vec<usize>>;

fn writers(all: &[Relationship]) -> Writers {
    let mut writers = Writers::default();
    for (at, relationship) in all.iter().enumerate() {
        for direction in Direction::BOTH {
            if relationship.enabled[direction.index()] {
                let side = direction.target();
                for object in &relationship.sides[side.index()].objects {
                    writers
                        .entry((side, object.name.clone()))
                        .or_default()
                        .push(at);
                }
            }
        }
    }
    writers
}

fn needs(at: usize, relationship: &Relationship, writers: &Writers) -> Vec<Need> {
    let mut needs = Vec::new();
    let mut need = |on: usize, hard: Option<Span>| {
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
                matches!(via.fallback, Fallback::Hold | Fallback::Skip).then_some(flow.rule.0),
            );
        }
    }
    for query in &relationship.queries {
        match &query.kind {
            QueryKind::Linked { relationship, .. } => need(usize::from(relationship.0), None),
            QueryKind::Lookup { side, object, .. } | QueryKind::Aggregate { side, object, .. } => {
                for on in writers.get(&(*side, object.clone())).into_iter().flatten() {
                    need(*on, None);
                }
            }
        }
    }
    needs
}

fn moved(id: RelId, place: &[u16]) -> RelId {
    RelId(place.get(usize::from(id.0)).copied().unwrap_or(id.0))
}

fn renumber(relationship: &mut Relationship, place: &[u16]) {
    for line in &mut relationship.lines {
        for flow in [&mut line.push, &mut line.pull].into_iter().flatten() {
            if let Conversion::Via(via) = &mut flow.conversion {
                via.relationship = moved(via.relationship, place);
            }
        }
    }
    for query in &mut relationship.queries {
        if let QueryKind::Linked { relationship, .. } = &mut query.kind {
            *relationship = moved(*relationship, place);
        }
    }
}
