//! Paths: a dotted head is, in this order, a parameter, a let, a field, an alternative, a store (language reference, section 6).

use smol_str::SmolStr;

use super::{Bare, Scope, Typed};
use crate::check::facts::Shadow;
use crate::check::frame::mask;
use crate::check::sink::{Suggestion, meant, suggest};
use crate::check::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{Alternatives, Expr, Side};
use crate::syntax::ast::{Name, Path};
use crate::value::{Type, Value};

/// What a path's head names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    Parameter(usize),
    It,
    Let,
    Field(Side),
    Alternative(Side, usize),
    Store(Side),
}

impl Head {
    fn word(self) -> &'static str {
        match self {
            Head::Parameter(_) => "a parameter",
            Head::It => "the value of the lens",
            Head::Let => "a let",
            Head::Field(_) => "a field",
            Head::Alternative(..) => "an object of this relationship",
            Head::Store(_) => "a store",
        }
    }
}

impl Checker<'_> {
    pub(super) fn path(&mut self, frame: &mut Frame, scope: &Scope, path: &Path) -> Typed {
        let [head, rest @ ..] = path.names.as_slice() else {
            return Typed::unknown();
        };
        let mut hits = self.heads(frame, scope, head, !rest.is_empty());
        if hits.len() > 1 {
            // A field of a store without a schema is a guess, and gives way.
            hits.retain(|h| !matches!(h, Head::Field(side) if frame.side(*side).is_open()));
        }
        match hits.as_slice() {
            [] => match self.unknown_head(frame, scope, path, head) {
                // Read as what was evidently meant, so that nothing else is missed for it.
                Some(meant) => self.assumed(frame, scope, path, meant),
                None => Typed::unknown(),
            },
            [hit] => self.resolved(frame, scope, *hit, head, rest, path.span),
            [first, second, ..] if !rest.is_empty() => {
                self.findings
                    .error(
                        codes::AMBIGUOUS_NAME,
                        head.span,
                        format!("`{}` is {} and {}", head.text, first.word(), second.word()),
                    )
                    .help("rename the `let` or the parameter, or name the field by its store");
                Typed::unknown()
            }
            [first, second, ..] => {
                let declared = self.names.lets.get(&head.text).map(|l| l.name.span);
                let shadow = Shadow {
                    span: head.span,
                    name: head.text.clone(),
                    hidden: second.word(),
                    declared,
                };
                self.facts.shadows.push(shadow);
                self.resolved(frame, scope, *first, head, rest, path.span)
            }
        }
    }

    /// The path with the head that was evidently meant.
    fn assumed(&mut self, frame: &mut Frame, scope: &Scope, path: &Path, meant: SmolStr) -> Typed {
        match meant.as_str() {
            "true" => return Typed::constant(Value::Bool(true)),
            "false" => return Typed::constant(Value::Bool(false)),
            "null" => return Typed::constant(Value::Null),
            _ => {}
        }
        let mut path = path.clone();
        if let Some(head) = path.names.first_mut() {
            head.text = meant;
        }
        let dotted = path.names.len() > 1;
        let known = path
            .names
            .first()
            .is_some_and(|head| !self.heads(frame, scope, head, dotted).is_empty());
        if known {
            self.path(frame, scope, &path)
        } else {
            Typed::unknown()
        }
    }

    fn heads(&self, frame: &Frame, scope: &Scope, head: &Name, dotted: bool) -> Vec<Head> {
        let mut hits = Vec::new();
        if let Some(at) = scope.params.iter().position(|(name, _)| *name == head.text) {
            hits.push(Head::Parameter(at));
        }
        if scope.it.is_some() && head.text == "it" {
            hits.push(Head::It);
        }
        if self.names.lets.contains_key(&head.text) {
            hits.push(Head::Let);
        }
        if let Bare::Side(side) = scope.bare
            && frame
                .side(side)
                .present(&head.text, None, scope.within)
                .contains(&true)
        {
            hits.push(Head::Field(side));
        }
        if dotted && !matches!(scope.bare, Bare::NoFields(_) | Bare::Inlined(_)) {
            for side in Side::BOTH {
                let objects = &frame.side(side).objects;
                hits.extend(
                    objects
                        .iter()
                        .position(|o| o.object.name == head.text)
                        .map(|i| Head::Alternative(side, i)),
                );
            }
            hits.extend(self.side_of(&head.text).map(Head::Store));
        }
        hits
    }

    fn resolved(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        hit: Head,
        head: &Name,
        rest: &[Name],
        span: Span,
    ) -> Typed {
        let (mut typed, members) = match hit {
            Head::Parameter(at) => match scope.params.get(at) {
                Some((_, typed)) => (typed.clone(), rest),
                None => (Typed::unknown(), rest),
            },
            Head::It => (
                Typed::new(Expr::It, scope.it.clone().unwrap_or(Type::Any)),
                rest,
            ),
            Head::Let => (self.let_value(head), rest),
            Head::Field(side) => (self.field(frame, scope, side, None, head), rest),
            Head::Alternative(side, at) => {
                let Some((field, members)) = rest.split_first() else {
                    return Typed::unknown();
                };
                (self.field(frame, scope, side, Some(at), field), members)
            }
            Head::Store(side) => {
                let Some((first, members)) = rest.split_first() else {
                    return Typed::unknown();
                };
                let objects = &frame.side(side).objects;
                if objects.is_empty() {
                    let message = format!("there is no record of `{}` at hand here", head.text);
                    self.findings
                        .error(codes::MISPLACED, span, message)
                        .help("read another record with `lookup` or `linked`");
                    return Typed::unknown();
                }
                let alternative = objects.iter().position(|o| {
                    o.object.name == first.text && !o.object.fields.contains_key(&first.text)
                });
                match (alternative, members.split_first()) {
                    (Some(at), Some((field, members))) => {
                        (self.field(frame, scope, side, Some(at), field), members)
                    }
                    _ => (self.field(frame, scope, side, None, first), members),
                }
            }
        };
        let mut of = head.span;
        for member in members {
            typed = self.structured_member(typed, member, of);
            of.end = member.span.end;
        }
        typed
    }

    /// A field of the record on a side, of one alternative or of all that have it.
    pub(crate) fn field(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        side: Side,
        alternative: Option<usize>,
        name: &Name,
    ) -> Typed {
        if scope.only.is_some_and(|only| only != side) {
            let which = if side == Side::Left { "right" } else { "left" };
            let message = format!(
                "`{}` is of the other record: this side of `match` reads the {which} record only",
                name.text
            );
            self.findings
                .error(codes::WRONG_SIDE, name.span, message)
                .help("the left record's field stands before `=`, the right record's behind it");
            return Typed::unknown();
        }
        let within = if alternative.is_some() {
            Alternatives::ALL
        } else {
            scope.within
        };
        let present = frame.side(side).present(&name.text, alternative, within);
        if !present.contains(&true) {
            return match self.unknown_field(frame, side, alternative, within, name) {
                Some(meant) => self.field(frame, scope, side, alternative, &meant),
                None => Typed::unknown(),
            };
        }
        let everywhere = frame
            .side(side)
            .present(&name.text, alternative, Alternatives::ALL);
        let several = frame.side(side).has_alternatives();
        let slot = frame.side_mut(side).slot(&name.text, alternative);
        let here = frame.side(side);
        let objects = here.objects.iter().zip(&present).filter(|(_, p)| **p);
        let nullable = objects
            .clone()
            .any(|(o, _)| o.field(&name.text).is_none_or(|f| f.nullable));
        let unlinked = scope.source() != Some(side) && scope.only.is_none();
        let missing =
            within == Alternatives::ALL && alternative.is_none() && present.contains(&false);
        let ty = here.type_of(&name.text, &present);
        let mut typed =
            Typed::new(Expr::Field(side, slot), ty).nullable(nullable || unlinked || missing);
        if several && (alternative.is_some() || everywhere.contains(&false)) {
            typed.alternatives = Some(mask(&everywhere));
        }
        typed
    }

    /// A field that none of the objects at hand has; gives the one that was evidently meant.
    pub(crate) fn unknown_field(
        &mut self,
        frame: &Frame,
        side: Side,
        alternative: Option<usize>,
        within: Alternatives,
        name: &Name,
    ) -> Option<Name> {
        let here = frame.side(side);
        let objects: Vec<_> = match alternative {
            Some(at) => here.objects.get(at).into_iter().collect(),
            None => here.objects_in(within).collect(),
        };
        let message = match objects.as_slice() {
            [one] => format!(
                "`{}` has no field `{}`",
                self.object_name(side, one),
                name.text
            ),
            several => {
                let names: Vec<_> = several
                    .iter()
                    .map(|o| format!("`{}`", self.object_name(side, o)))
                    .collect();
                format!("none of {} has a field `{}`", names.join(", "), name.text)
            }
        };
        let fields = objects
            .iter()
            .flat_map(|o| o.object.fields.keys())
            .map(|f| f.as_str());
        let suggestion = suggest(&name.text, fields.clone());
        let assumed = meant(&name.text, fields.clone());
        // Another alternative may have it.
        let holders: Vec<SmolStr> = here
            .objects
            .iter()
            .filter(|o| o.object.fields.contains_key(&name.text))
            .map(|o| o.object.name.clone())
            .collect();
        let other = side.other();
        let there = frame.side(other);
        let elsewhere = there
            .objects
            .iter()
            .any(|o| o.object.fields.contains_key(&name.text));
        let store = self.stores[other.index()].name.clone();
        let assumed = assumed.map(|text| Name {
            text,
            span: name.span,
        });
        if self.told_already(codes::UNKNOWN_FIELD, &message, name.span) {
            return assumed;
        }
        let described = self
            .findings
            .error(codes::UNKNOWN_FIELD, name.span, message);
        match suggestion {
            Suggestion::Close(..) => described.suggest(&name.text, fields),
            _ if !holders.is_empty() => described.help(format!(
                "{} it: `{}.{}`",
                if holders.len() == 1 {
                    format!("`{}` has", holders[0])
                } else {
                    "other alternatives have".to_owned()
                },
                holders[0],
                name.text
            )),
            _ if elsewhere => described.help(format!(
                "`{}` is a field of the other record: `{store}.{}`",
                name.text, name.text
            )),
            _ => described.suggest(&name.text, fields),
        };
        assumed
    }

    /// A head that names nothing; gives the one that was evidently meant.
    fn unknown_head(
        &mut self,
        frame: &Frame,
        scope: &Scope,
        path: &Path,
        head: &Name,
    ) -> Option<SmolStr> {
        if self.names.may_be_broken(&head.text) {
            return None;
        }
        let lets = self.names.lets.keys().map(|k| k.as_str());
        let params = scope.params.iter().map(|(n, _)| n.as_str());
        let stores = self.stores.iter().map(|s| s.name.as_str());
        let dotted = path.names.len() > 1;
        match scope.bare {
            // The function has a finding of its own.
            Bare::Inlined(_) => None,
            Bare::NoFields(what) => {
                let known: Vec<&str> = params
                    .chain(lets)
                    .chain(scope.it.as_ref().map(|_| "it"))
                    .chain(LITERALS)
                    .collect();
                let code = if what == CONSTANT {
                    codes::NOT_CONSTANT
                } else {
                    codes::UNKNOWN_NAME
                };
                let known: Vec<SmolStr> = known.into_iter().map(SmolStr::from).collect();
                let known = || known.iter().map(SmolStr::as_str);
                let assumed = meant(&head.text, known());
                let message = format!("`{}` is no {what}", head.text);
                if self.told_already(code, &message, head.span) {
                    return assumed;
                }
                let described = self.findings.error(code, head.span, message);
                match suggest(&head.text, known()) {
                    Suggestion::Close(..) => described.suggest(&head.text, known()),
                    _ => described.help(format!(
                        "fields are not read here; a text stands in quotes: `\"{}\"`",
                        head.text
                    )),
                };
                assumed
            }
            Bare::None(why) => {
                let field = Side::BOTH.into_iter().find(|s| {
                    frame
                        .side(*s)
                        .present(&head.text, None, Alternatives::ALL)
                        .contains(&true)
                });
                if let (Some(side), false) = (field, dotted) {
                    let store = self.stores[side.index()].name.clone();
                    self.findings
                        .error(codes::UNQUALIFIED_TWO_WAY, head.span, why)
                        .help(format!(
                            "write `{store}.{}`, or name the direction: `push when`, `pull when`",
                            head.text
                        ));
                    None
                } else {
                    let known: Vec<&str> = lets.chain(stores).collect();
                    let assumed = meant(&head.text, known.iter().copied());
                    let described = self.findings.error(
                        codes::UNKNOWN_NAME,
                        head.span,
                        format!("there is no `{}`", head.text),
                    );
                    described.suggest(&head.text, known);
                    assumed
                }
            }
            Bare::Side(side) if !dotted => {
                let here = frame.side(side);
                let field = suggest(
                    &head.text,
                    here.objects
                        .iter()
                        .flat_map(|o| o.object.fields.keys())
                        .map(|f| f.as_str()),
                );
                let known: Vec<&str> = params.chain(lets).chain(LITERALS).collect();
                let other = suggest(&head.text, known.iter().copied());
                match (&field, other) {
                    (Suggestion::Close(..), _) | (_, Suggestion::Few(_) | Suggestion::None) => {
                        let field = self.unknown_field(frame, side, None, scope.within, head);
                        field.map(|name| name.text)
                    }
                    (_, Suggestion::Close(..)) => {
                        self.findings
                            .error(
                                codes::UNKNOWN_NAME,
                                head.span,
                                format!("there is no `{}`", head.text),
                            )
                            .suggest(&head.text, known.iter().copied());
                        meant(&head.text, known)
                    }
                }
            }
            // It may be the alternative that was meant where the header has a finding.
            Bare::Side(_) if frame.sides.iter().any(|s| s.unsure) => None,
            Bare::Side(side) => {
                let objects = frame
                    .sides
                    .iter()
                    .flat_map(|s| &s.objects)
                    .map(|o| o.object.name.as_str());
                let fields = frame
                    .side(side)
                    .objects
                    .iter()
                    .flat_map(|o| o.object.fields.keys())
                    .map(|f| f.as_str());
                let known: Vec<&str> = lets.chain(objects).chain(stores).chain(fields).collect();
                self.findings
                    .error(
                        codes::UNKNOWN_NAME,
                        head.span,
                        format!("there is no field, object or store `{}` at hand", head.text),
                    )
                    .suggest(&head.text, known.iter().copied());
                meant(&head.text, known)
            }
        }
    }
}

/// Words that stand where a name could.
const LITERALS: [&str; 3] = ["true", "false", "null"];

/// What [`Bare::NoFields`] says of a `let`.
pub(crate) const CONSTANT: &str = "constant of the program";
