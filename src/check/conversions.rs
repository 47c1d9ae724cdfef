//! Value maps and lenses (language reference, section 4).

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::expression::{Scope, Typed};
use super::names::ConversionItem;
use super::types::{self, article};
use super::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{Conversion, Direction, ElseRule, Expr, Lens, Side, ValueMap};
use crate::syntax::ast::{self, Arrow, Name};
use crate::value::{Type, Value};

/// The program's value maps and lenses, compiled.
#[derive(Debug, Default)]
pub(crate) struct Conversions {
    values: FxHashMap<SmolStr, Arc<ValueMap>>,
    lenses: FxHashMap<SmolStr, Arc<Lens>>,
}

/// What a name in a lens is, as findings say that it is none.
const LENS: &str = "`let`, and a lens reads only its value, `it`";

impl<'a> Checker<'a> {
    pub fn check_conversions(&mut self) {
        let items: Vec<(SmolStr, ConversionItem<'a>)> = self
            .names
            .conversions
            .iter()
            .map(|(n, i)| (n.clone(), *i))
            .collect();
        for (name, item) in items {
            match item {
                ConversionItem::Values(item) => {
                    let map = self.value_map(item);
                    self.conversions.values.insert(name, Arc::new(map));
                }
                ConversionItem::Lens(item) => {
                    let before = self.findings.list.len();
                    let push = self.lens_half(item.push.as_ref(), Type::Any);
                    let pull = self.lens_half(item.pull.as_ref(), Type::Any);
                    if self.findings.list.len() > before {
                        self.facts.broken_lenses.insert(name.clone());
                    }
                    let lens = Lens {
                        name: name.clone(),
                        push: push.expr,
                        pull: pull.expr,
                    };
                    self.conversions.lenses.insert(name, Arc::new(lens));
                }
            }
        }
    }

    fn lens_half(&mut self, half: Option<&ast::Expr>, it: Type) -> Typed {
        let Some(half) = half else {
            return Typed::new(Expr::It, Type::Any);
        };
        let scope = Scope {
            it: Some(it),
            no_queries: Some("a lens holds no query"),
            ..Scope::without_fields(LENS)
        };
        self.expr(&mut Frame::default(), &scope, half)
    }

    fn value_map(&mut self, item: &'a ast::ValuesItem) -> ValueMap {
        let mut map = ValueMap {
            name: item.name.text.clone(),
            entries: [Vec::new(), Vec::new()],
            otherwise: [ElseRule::Error, ElseRule::Error],
        };
        let mut known = KnownValues::default();
        for entry in &item.entries {
            self.repeated(&mut known, entry);
            for direction in directions(entry.arrow) {
                let (from, to) = ends(entry, direction);
                map.entries[direction.index()].push((from.value.clone(), to.value.clone()));
            }
        }
        let mut seen: [Option<Span>; 2] = [None, None];
        for otherwise in &item.elses {
            let rule = match &otherwise.action {
                ast::ElseAction::Error => ElseRule::Error,
                ast::ElseAction::Keep => ElseRule::Keep,
                ast::ElseAction::Value(literal) => ElseRule::Value(literal.value.clone()),
            };
            let covered = match otherwise.direction {
                None => Direction::BOTH.to_vec(),
                Some(ast::Direction::Push) => vec![Direction::Push],
                Some(ast::Direction::Pull) => vec![Direction::Pull],
            };
            if let Some(first) = covered.iter().find_map(|d| seen[d.index()]) {
                self.findings
                    .error(
                        codes::DUPLICATE_STATEMENT,
                        otherwise.span,
                        "a second `else` for one direction",
                    )
                    .label(first, "the first one is here");
                continue;
            }
            for direction in covered {
                seen[direction.index()] = Some(otherwise.span);
                map.otherwise[direction.index()] = rule.clone();
            }
        }
        map
    }

    /// Two entries for one value in a direction: which of them counts is not known. Of two `<->` entries it is the way back.
    fn repeated(&mut self, known: &mut KnownValues<'a>, entry: &'a ast::ValuesEntry) {
        let firsts: Vec<_> = directions(entry.arrow)
            .into_iter()
            .map(|direction| (direction, known.first(entry, direction)))
            .collect();
        for (direction, first) in firsts {
            let (here, _) = ends(entry, direction);
            let Some(first) = first else { continue };
            let text = self.text(here.span);
            let side = match direction.source() {
                Side::Left => "left",
                Side::Right => "right",
            };
            let both = [first, entry]
                .iter()
                .all(|e| matches!(e.arrow, Arrow::Both));
            let message = if both {
                format!("a second `<->` entry with {text} on the {side}")
            } else {
                format!("a second entry for {text} in a {}", direction.word())
            };
            // What repeats on the right can't be pulled twice, so that one entry only pushes.
            let help = if both {
                format!(
                    "let one of them count in one direction only: `{}`",
                    direction.other().arrow()
                )
            } else {
                "leave one of them out, or let it count in the other direction only".to_owned()
            };
            self.findings
                .error(codes::DUPLICATE_VALUE, here.span, message)
                .label(ends(first, direction).0.span, "the first one is here")
                .help(help);
            return;
        }
    }

    /// What `using NAME` of a line converts by, and the type that comes out in each of its directions.
    pub(super) fn using(
        &mut self,
        name: &Name,
        directions: &[(Direction, Typed, Span)],
    ) -> Option<(Conversion, Vec<Typed>)> {
        let Some(item) = self.names.conversions.get(&name.text).copied() else {
            let known: Vec<SmolStr> = self.names.conversions.keys().cloned().collect();
            let meant = self.undeclared(
                codes::UNKNOWN_CONVERSION,
                "value map or lens",
                name,
                known.iter().map(SmolStr::as_str),
                Some(format!("declare it: `values {} {{ … }}`", name.text)),
            );
            let name = Name {
                text: meant?,
                span: name.span,
            };
            return self.using(&name, directions);
        };
        self.facts.used_conversions.insert(name.text.clone());
        match item {
            ConversionItem::Values(item) => self.using_values(name, item, directions),
            ConversionItem::Lens(item) => self.using_lens(name, item, directions),
        }
    }

    fn using_values(
        &mut self,
        name: &Name,
        item: &'a ast::ValuesItem,
        flows: &[(Direction, Typed, Span)],
    ) -> Option<(Conversion, Vec<Typed>)> {
        let map = self.conversions.values.get(&name.text)?.clone();
        let two_way = item.entries.iter().any(|e| matches!(e.arrow, Arrow::Both));
        let keeps = |d: Direction| !matches!(map.otherwise[d.index()], ElseRule::Error);
        if flows.len() == 2 && !two_way && !item.entries.is_empty() {
            self.findings
                .error(
                    codes::NOT_TWO_WAY,
                    name.span,
                    format!(
                        "`{}` has no `<->` entry, and this field goes both ways",
                        name.text
                    ),
                )
                .label(item.name.span, "the value map is here")
                .help("give it entries that go both ways, or let the field go one way");
            return None;
        }
        if let [(direction, ..)] = flows
            && map.entries[direction.index()].is_empty()
            && !item.entries.is_empty()
            && !keeps(*direction)
        {
            self.findings
                .error(
                    codes::NOT_TWO_WAY,
                    name.span,
                    format!(
                        "`{}` has no entry that works in a {}",
                        name.text,
                        direction.word()
                    ),
                )
                .label(item.name.span, "the value map is here")
                .help(format!(
                    "write its entries with `{}`, or with `<->`",
                    direction.arrow()
                ));
            return None;
        }
        let mut results = Vec::new();
        for (direction, source, span) in flows {
            self.facts.mapped.push(super::facts::MapUse {
                map: name.text.clone(),
                direction: *direction,
                source: source.ty.clone(),
                span: name.span,
            });
            self.entry_types(item, &map, *direction, source, *span, name);
            let mut ty = Type::Null;
            for (_, to) in &map.entries[direction.index()] {
                ty = types::join(&ty, &types::of_value(to)).unwrap_or(Type::Any);
            }
            match &map.otherwise[direction.index()] {
                ElseRule::Keep => ty = types::join(&ty, &source.ty).unwrap_or(Type::Any),
                ElseRule::Value(value) => {
                    ty = types::join(&ty, &types::of_value(value)).unwrap_or(Type::Any)
                }
                ElseRule::Error => {}
            }
            results.push(Typed {
                ty,
                ..source.clone()
            });
        }
        Some((Conversion::Values(map), results))
    }

    /// Entries that the source could never hold.
    fn entry_types(
        &mut self,
        item: &ast::ValuesItem,
        map: &ValueMap,
        direction: Direction,
        source: &Typed,
        span: Span,
        name: &Name,
    ) {
        let odd = map.entries[direction.index()]
            .iter()
            .find(|(from, _)| !types::comparable(&types::of_value(from), &source.ty));
        if let Some((from, _)) = odd {
            let message = format!(
                "`{}` converts {}, and `{}` is {}",
                name.text,
                article(&types::of_value(from)),
                self.text(span),
                article(&source.ty)
            );
            self.findings
                .error(codes::TYPE_MISMATCH, name.span, message)
                .label(item.name.span, "the value map is here");
        }
    }

    fn using_lens(
        &mut self,
        name: &Name,
        item: &'a ast::LensItem,
        flows: &[(Direction, Typed, Span)],
    ) -> Option<(Conversion, Vec<Typed>)> {
        let lens = self.conversions.lenses.get(&name.text)?.clone();
        let mut results = Vec::new();
        for (direction, source, _) in flows {
            let half = match direction {
                Direction::Push => item.push.as_ref(),
                Direction::Pull => item.pull.as_ref(),
            };
            let Some(half) = half else {
                let why = if flows.len() == 2 {
                    ", and this field goes both ways"
                } else {
                    ""
                };
                self.findings
                    .error(
                        codes::NOT_TWO_WAY,
                        name.span,
                        format!(
                            "the lens `{}` has no `{}`{why}",
                            name.text,
                            direction.word()
                        ),
                    )
                    .label(item.name.span, "the lens is here")
                    .help(format!("give it one: `{} EXPR`", direction.word()));
                return None;
            };
            let before = self.findings.list.len();
            let typed = self.lens_half(Some(half), source.ty.clone());
            let mut found = self.findings.list.split_off(before);
            found.truncate(1);
            if let (Some(first), false) = (found.pop(), self.lens_has_finding(half.span)) {
                self.facts.broken_lenses.insert(name.text.clone());
                self.findings
                    .error(first.code, name.span, first.message)
                    .label(first.span, format!("in the lens `{}`", name.text))
                    .maybe_help(first.help);
            }
            results.push(Typed {
                ty: typed.ty,
                ..source.clone()
            });
        }
        Some((Conversion::Lens(lens), results))
    }

    fn lens_has_finding(&self, half: Span) -> bool {
        self.findings.list.iter().any(|f| {
            f.span.file == half.file && f.span.start >= half.start && f.span.end <= half.end
        })
    }
}

/// What an entry converts in a direction, and what it gives.
/// The entries of a value map so far, by direction.
#[derive(Default)]
struct KnownValues<'a> {
    texts: [FxHashMap<&'a str, &'a ast::ValuesEntry>; 2],
    /// Of what is no text.
    others: [Vec<&'a ast::ValuesEntry>; 2],
}

impl<'a> KnownValues<'a> {
    /// The first entry with the value of this one in a direction, if it is another one; else this one is it.
    fn first(
        &mut self,
        entry: &'a ast::ValuesEntry,
        direction: Direction,
    ) -> Option<&'a ast::ValuesEntry> {
        let value = &ends(entry, direction).0.value;
        if let Value::Text(text) = value {
            let first = *self.texts[direction.index()].entry(text).or_insert(entry);
            return (!std::ptr::eq(first, entry)).then_some(first);
        }
        let others = &mut self.others[direction.index()];
        let first = others
            .iter()
            .find(|e| ends(e, direction).0.value.same(value));
        let first = first.copied();
        if first.is_none() {
            others.push(entry);
        }
        first
    }
}

fn ends(entry: &ast::ValuesEntry, direction: Direction) -> (&ast::Literal, &ast::Literal) {
    match direction {
        Direction::Push => (&entry.left, &entry.right),
        Direction::Pull => (&entry.right, &entry.left),
    }
}

fn directions(arrow: Arrow) -> Vec<Direction> {
    match arrow {
        Arrow::Both => vec![Direction::Push, Direction::Pull],
        Arrow::Push => vec![Direction::Push],
        Arrow::Pull => vec![Direction::Pull],
    }
}

/// The constants that a conversion gives in a direction, for checks against a picklist.
pub(crate) fn outputs(conversion: &Conversion, direction: Direction) -> Vec<Value> {
    match conversion {
        Conversion::Values(map) => {
            let mut values: Vec<Value> = map.entries[direction.index()]
                .iter()
                .map(|(_, to)| to.clone())
                .collect();
            if let ElseRule::Value(value) = &map.otherwise[direction.index()] {
                values.push(value.clone());
            }
            values
        }
        Conversion::None | Conversion::Lens(_) | Conversion::Via(_) => Vec::new(),
    }
}

/// The members of a picklist that a value map has no entry for and lets cross as they are (`else keep`).
pub(crate) fn kept(conversion: &Conversion, direction: Direction, from: &Type) -> Vec<Value> {
    let (Conversion::Values(map), Type::Enum(members)) = (conversion, from) else {
        return Vec::new();
    };
    if !matches!(map.otherwise[direction.index()], ElseRule::Keep) {
        return Vec::new();
    }
    let entries = &map.entries[direction.index()];
    let member = |m: &SmolStr| Value::Text(m.clone());
    let all = members.iter().map(member);
    all.filter(|m| !entries.iter().any(|(from, _)| from.same(m)))
        .collect()
}
