//! The graph of "reads F, writes G" over the fields of both stores: field lines, `set` and the actions of triggers.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::check::facts::Writing;
use crate::diagnostic::Span;
use crate::program::{Conversion, Direction, Expr, Line, On, Relationship, Side, Slot, SlotRule};
use crate::value::Type;

use super::context::{Context, reads};

/// A field of an object of a store.
pub(super) type NodeKey = (Side, SmolStr, SmolStr);

pub(super) struct Node {
    pub key: NodeKey,
    pub ty: Type,
}

/// A write of one field from another.
pub(super) struct Edge<'a> {
    pub from: usize,
    pub to: usize,
    pub value: &'a Expr,
    pub conversion: &'a Conversion,
    pub direction: Direction,
    pub when: Vec<&'a Expr>,
    /// What the slots of the expressions are.
    pub slots: [&'a [SlotRule]; 2],
    /// The line's own field is copied as it is, whenever it changes.
    pub plain: bool,
    /// It only writes when the sync changes this field too (`change FIELD set`).
    pub hook: Option<usize>,
    pub at: Span,
}

#[derive(Default)]
pub(super) struct Graph<'a> {
    pub nodes: Vec<Node>,
    places: FxHashMap<NodeKey, usize>,
    pub edges: Vec<Edge<'a>>,
    /// By node: the edges that leave it.
    pub out: Vec<Vec<usize>>,
}

/// What an edge is made of, before its ends are known.
struct Write<'a> {
    value: &'a Expr,
    conversion: &'a Conversion,
    direction: Direction,
    when: Vec<&'a Expr>,
    slots: [&'a [SlotRule]; 2],
    hook: Option<usize>,
    at: Span,
}

const NO_CONVERSION: &Conversion = &Conversion::None;

impl<'a> Graph<'a> {
    pub fn of(context: &Context<'a>) -> Graph<'a> {
        let mut graph = Graph::default();
        for relationship in &context.program.relationships {
            graph.lines(context, relationship);
            graph.sets(context, relationship);
        }
        graph.actions(context);
        for (at, edge) in graph.edges.iter().enumerate() {
            if let Some(out) = graph.out.get_mut(edge.from) {
                out.push(at);
            }
        }
        graph
    }

    fn lines(&mut self, context: &Context<'_>, relationship: &'a Relationship) {
        // What has a finding would seem to write something else than is meant.
        let sound = |line: &&Line| !context.has_error(line.rule.0);
        for line in relationship.lines.iter().filter(sound) {
            for direction in Direction::BOTH {
                let Some(flow) = line.flow(direction) else {
                    continue;
                };
                if flow.on == On::Create
                    || flow.if_empty
                    || flow.write_back
                    || flow.gives_id
                    || matches!(flow.conversion, Conversion::Via(_))
                    || matches!(&flow.conversion, Conversion::Lens(l) if context.facts.broken_lenses.contains(&l.name))
                {
                    continue;
                }
                let write = Write {
                    value: &flow.source,
                    conversion: &flow.conversion,
                    direction,
                    when: flow.when.iter().collect(),
                    slots: slots(relationship),
                    hook: None,
                    at: flow.rule.0,
                };
                self.write(relationship, flow.target, write);
            }
        }
    }

    /// The `set` of updates, and of `change FIELD`; those of `done` are never sent back.
    fn sets(&mut self, context: &Context<'_>, relationship: &'a Relationship) {
        for direction in Direction::BOTH {
            let rules = &relationship.directions[direction.index()];
            let updates = rules.update.iter().map(|u| (u.when.as_ref(), None, &u.set));
            let hooks = rules
                .change
                .iter()
                .map(|c| (c.when.as_ref(), Some(c.target), &c.set));
            for (when, hook, sets) in updates.chain(hooks) {
                for set in sets.iter().filter(|set| !context.has_error(set.rule.0)) {
                    let side = direction.target();
                    let hook = hook.and_then(|slot| {
                        self.slot_nodes(relationship, side, slot).first().copied()
                    });
                    let write = Write {
                        value: &set.value,
                        conversion: NO_CONVERSION,
                        direction,
                        when: when.into_iter().collect(),
                        slots: slots(relationship),
                        hook,
                        at: set.rule.0,
                    };
                    self.write(relationship, set.target, write);
                }
            }
        }
    }

    fn actions(&mut self, context: &Context<'a>) {
        for fact in &context.facts.actions {
            // What is created is another record: its fields feed nothing of the one that fired.
            if fact.writing == Writing::Create {
                continue;
            }
            let ty = |(side, object): &(Side, SmolStr), field: &SmolStr| {
                let schema = &context.program.stores[side.index()].schema;
                let field = schema.objects.get(object).and_then(|o| o.fields.get(field));
                field.map_or(Type::Any, |f| f.ty.clone())
            };
            let mut fields = Vec::new();
            reads(&fact.value, &mut fields);
            let to = self.node(
                (fact.target.0, fact.target.1.clone(), fact.field.clone()),
                ty(&fact.target, &fact.field),
            );
            for (side, slot) in fields {
                let Some(rule) = fact.slots[side.index()].get(usize::from(slot.0)) else {
                    continue;
                };
                if side != fact.fired.0 {
                    continue;
                }
                let key = (side, fact.fired.1.clone(), rule.field.clone());
                let from = self.node(key, ty(&fact.fired, &rule.field));
                // A record that a trigger sets fields of does not fire it again.
                if fact.writing == Writing::Own && from == to {
                    continue;
                }
                self.edges.push(Edge {
                    from,
                    to,
                    value: &fact.value,
                    conversion: NO_CONVERSION,
                    direction: fact.fired.0.sends(),
                    when: fact.when.iter().collect(),
                    slots: [&fact.slots[0], &fact.slots[1]],
                    plain: false,
                    hook: None,
                    at: fact.span,
                });
            }
        }
    }

    fn write(&mut self, relationship: &'a Relationship, target: Slot, write: Write<'a>) {
        let mut fields = Vec::new();
        reads(write.value, &mut fields);
        for when in &write.when {
            reads(when, &mut fields);
        }
        fields.dedup();
        let plain = matches!(write.value, Expr::Field(..))
            && matches!(write.conversion, Conversion::None)
            && write.when.is_empty();
        let to = self.slot_nodes(relationship, write.direction.target(), target);
        for (side, slot) in fields {
            for from in self.slot_nodes(relationship, side, slot) {
                for to in &to {
                    self.edges.push(Edge {
                        from,
                        to: *to,
                        value: write.value,
                        conversion: write.conversion,
                        direction: write.direction,
                        when: write.when.clone(),
                        slots: write.slots,
                        plain,
                        hook: write.hook,
                        at: write.at,
                    });
                }
            }
        }
    }

    /// The fields that a slot stands for: one in each alternative that has it.
    fn slot_nodes(&mut self, relationship: &Relationship, side: Side, slot: Slot) -> Vec<usize> {
        let rules = &relationship.sides[side.index()];
        let Some(slot) = rules.slots.get(usize::from(slot.0)) else {
            return Vec::new();
        };
        let present = rules.objects.iter().enumerate().filter_map(|(at, object)| {
            let here = slot.present.get(at).copied().unwrap_or(false);
            here.then(|| (object, slot.types.get(at).cloned().unwrap_or(Type::Any)))
        });
        present
            .map(|(object, ty)| self.node((side, object.name.clone(), slot.field.clone()), ty))
            .collect()
    }

    fn node(&mut self, key: NodeKey, ty: Type) -> usize {
        if let Some(at) = self.places.get(&key) {
            return *at;
        }
        let at = self.nodes.len();
        self.places.insert(key.clone(), at);
        self.nodes.push(Node { key, ty });
        self.out.push(Vec::new());
        at
    }

    /// For each node the number of its component: nodes that reach each other have the same.
    pub fn components(&self) -> Vec<usize> {
        let reversed = {
            let mut reversed = vec![Vec::new(); self.nodes.len()];
            for edge in &self.edges {
                if let Some(list) = reversed.get_mut(edge.to) {
                    list.push(edge.from);
                }
            }
            reversed
        };
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut seen = vec![false; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut stack = vec![(start, 0)];
            while let Some((node, next)) = stack.pop() {
                if next == 0 && std::mem::replace(&mut seen[node], true) {
                    continue;
                }
                match self.out[node].get(next).map(|e| self.edges[*e].to) {
                    Some(to) => {
                        stack.push((node, next + 1));
                        if !seen[to] {
                            stack.push((to, 0));
                        }
                    }
                    None => order.push(node),
                }
            }
        }
        let mut component = vec![usize::MAX; self.nodes.len()];
        for (number, start) in order.into_iter().rev().enumerate() {
            let mut stack = vec![start];
            while let Some(node) = stack.pop() {
                if component[node] != usize::MAX {
                    continue;
                }
                component[node] = number;
                stack.extend(&reversed[node]);
            }
        }
        component
    }
}

fn slots(relationship: &Relationship) -> [&[SlotRule]; 2] {
    [&relationship.sides[0].slots, &relationship.sides[1].slots]
}
