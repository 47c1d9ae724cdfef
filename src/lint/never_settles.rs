//! ## What it does
//! Finds values that change at each crossing: a field is written from another, and that one, perhaps over other relationships and
//! triggers, from the first again. Each such path is tried on values; one that has not settled after a round trip is shown.
//!
//! ## Why is this bad?
//! Each sync changes the records again, for ever.
//!
//! ## Example
//! ```sync
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   email     <-> Email
//!   score + 1  -> Lead_Score__c
//!   score     <-  Lead_Score__c
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   email <-> Email
//!   score <-> Lead_Score__c
//! }
//! ```

use chrono::{DateTime, Utc};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::check::Findings;
use crate::check::round_trip::quoted;
use crate::check::samples::samples;
use crate::diagnostic::codes;
use crate::program::{Conversion, EvalError, QueryRef, Scope, Side, Slot, evaluate, is_true};
use crate::value::{Type, Value, convert, same_in};

use super::context::Context;
use super::graph::{Edge, Graph, Node};

/// The longest path that is tried, in crossings.
const LONGEST: usize = 6;
/// How many steps all searches together take.
const EFFORT: usize = 200_000;
/// How many paths are tried on values.
const TRIED: usize = 2_000;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let graph = Graph::of(context);
    let component = graph.components();
    let mut search = Search {
        graph: &graph,
        component: &component,
        effort: EFFORT,
        tried: 0,
        known: FxHashSet::default(),
        found: Vec::new(),
    };
    for start in 0..graph.nodes.len() {
        search.from(start, &mut vec![]);
    }
    for loop_ in search.found {
        tell(context, findings, &graph, &loop_);
    }
}

struct Loop {
    edges: Vec<usize>,
    /// A value and what becomes of it, round by round.
    values: Vec<Value>,
}

struct Search<'g, 'a> {
    graph: &'g Graph<'a>,
    component: &'g [usize],
    effort: usize,
    tried: usize,
    /// The sets of edges that have been tried.
    known: FxHashSet<Vec<usize>>,
    found: Vec<Loop>,
}

impl Search<'_, '_> {
    /// All paths from `start` back to it over nodes that come after it.
    fn from(&mut self, start: usize, path: &mut Vec<usize>) {
        let graph = self.graph;
        let at = path.last().map_or(start, |e| graph.edges[*e].to);
        for edge in &graph.out[at] {
            if self.effort == 0 || self.tried >= TRIED {
                return;
            }
            self.effort -= 1;
            let to = graph.edges[*edge].to;
            if self.component[to] != self.component[start] || to < start {
                continue;
            }
            if to == start {
                path.push(*edge);
                self.cycle(start, path);
                path.pop();
            } else if path.len() + 1 < LONGEST && !path.iter().any(|e| graph.edges[*e].to == to) {
                path.push(*edge);
                self.from(start, path);
                path.pop();
            }
        }
    }

    fn cycle(&mut self, start: usize, path: &[usize]) {
        let edges = || path.iter().map(|e| &self.graph.edges[*e]);
        // Fields that are only copied come back as they went; a lens is tried by itself.
        let own_lens = || {
            edges().all(|e| e.plain || matches!(e.conversion, Conversion::Lens(_)))
                && path.len() == 2
                && edges().next().map(|e| e.at) == edges().next_back().map(|e| e.at)
        };
        if edges().all(|e| e.plain) || own_lens() {
            return;
        }
        let hooked = edges().all(|e| e.hook.is_none_or(|h| edges().any(|o| o.to == h)));
        let mut set = path.to_vec();
        set.sort_unstable();
        if !hooked || !self.known.insert(set) {
            return;
        }
        self.tried += 1;
        let node = &self.graph.nodes[start];
        let mut starts = samples(&node.ty);
        // What a value map knows is worth a try too.
        for edge in edges() {
            if let Conversion::Values(map) = edge.conversion {
                let entries = map.entries.iter().flatten();
                starts.extend(entries.map(|(from, _)| from.clone()));
            }
        }
        for value in starts {
            for guise in 0..GUISES {
                if let Some(values) = self.unsettled(node, path, &value, guise) {
                    self.found.push(Loop {
                        edges: path.to_vec(),
                        values,
                    });
                    return;
                }
            }
        }
    }

    /// The values round by round, where the second round changes what the first made.
    fn unsettled(
        &self,
        node: &Node,
        path: &[usize],
        value: &Value,
        guise: usize,
    ) -> Option<Vec<Value>> {
        let first = convert(value.clone(), &node.ty).ok()?;
        let mut values = vec![first];
        for _ in 0..3 {
            let round = path.iter().try_fold(values.last()?.clone(), |value, edge| {
                self.cross(&self.graph.edges[*edge], &value, guise)
            });
            match round {
                Some(value) => values.push(value),
                None => break,
            }
        }
        let [_, once, twice, ..] = values.as_slice() else {
            return None;
        };
        (!same_in(&node.ty, once, twice)).then_some(values)
    }

    /// What one write makes of a value; `None` where it does not write, or fails.
    fn cross(&self, edge: &Edge<'_>, value: &Value, guise: usize) -> Option<Value> {
        let from = &self.graph.nodes[edge.from];
        let scope = Record::of(edge, &from.key.0, &from.key.2, value, guise);
        for when in &edge.when {
            if !is_true(when, &scope).ok()? {
                return None;
            }
        }
        let made = evaluate(edge.value, &scope).ok()?;
        let made = match edge.conversion {
            Conversion::None | Conversion::Via(_) => made,
            Conversion::Values(map) => map.apply(edge.direction, &made).ok()?,
            Conversion::Lens(lens) => lens.apply(edge.direction, &made, now()).ok()?,
        };
        convert(made, &self.graph.nodes[edge.to].ty).ok()
    }
}

/// How many records a value is tried in: with usual values in the other fields, with others, and with nothing.
const GUISES: usize = 3;

/// A record of made-up values, with the one at hand in its field.
struct Record {
    values: [Vec<Value>; 2],
}

impl Record {
    fn of(edge: &Edge<'_>, side: &Side, field: &SmolStr, value: &Value, guise: usize) -> Record {
        let values = Side::BOTH.map(|s| {
            let slots = edge.slots[s.index()].iter();
            slots
                .map(|slot| {
                    if s == *side && slot.field == *field {
                        return value.clone();
                    }
                    let ty = slot.types.iter().find(|t| !matches!(t, Type::Null));
                    let made = ty.map(samples).unwrap_or_default();
                    match guise {
                        0 => made.into_iter().next().unwrap_or_default(),
                        1 => made.into_iter().nth(1).unwrap_or_default(),
                        _ => Value::Null,
                    }
                })
                .collect()
        });
        Record { values }
    }
}

static NULL: Value = Value::Null;

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

impl Scope for Record {
    fn field(&self, side: Side, slot: Slot) -> &Value {
        self.values[side.index()]
            .get(usize::from(slot.0))
            .unwrap_or(&NULL)
    }
    fn was(&self, side: Side, slot: Slot) -> Value {
        self.field(side, slot).clone()
    }
    fn alternative(&self) -> &str {
        ""
    }
    fn by_hand(&self) -> bool {
        false
    }
    fn now(&self) -> DateTime<Utc> {
        now()
    }
    fn it(&self) -> &Value {
        &NULL
    }
    fn query(&self, _: QueryRef) -> Result<Value, EvalError> {
        Err(EvalError::Query("not asked here".to_owned()))
    }
    fn round_robin(&self, _: u16, _: &[Value]) -> Value {
        Value::Null
    }
}

fn tell(context: &Context<'_>, findings: &mut Findings, graph: &Graph<'_>, found: &Loop) {
    let Some(first) = found.edges.first().map(|e| &graph.edges[*e]) else {
        return;
    };
    let name = |node: usize| {
        let (side, object, field) = &graph.nodes[node].key;
        format!(
            "`{}.{object}.{field}`",
            context.program.stores[side.index()].name
        )
    };
    let values: Vec<String> = found.values.iter().map(quoted).collect();
    let mut path = vec![name(first.from)];
    path.extend(found.edges.iter().map(|e| name(graph.edges[*e].to)));
    let field = &graph.nodes[first.from].key.2;
    let mut described = findings.warning(
        codes::NEVER_SETTLES,
        first.at,
        format!("`{field}` never settles: {}", values.join(" → ")),
    );
    let mut told = vec![first.at];
    for edge in found.edges.iter().skip(1).map(|e| &graph.edges[*e]) {
        if !told.contains(&edge.at) {
            told.push(edge.at);
            described = described.label(edge.at, format!("then {} is written here", name(edge.to)));
        }
    }
    described.help(format!("the path is {}", path.join(" → ")));
}
