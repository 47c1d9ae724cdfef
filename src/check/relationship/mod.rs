//! Relationships: syntax to rules (language reference, section 5).

mod clauses;
mod exchanged;
mod fields;
mod flow;
mod header;
mod keys;
mod modifiers;
mod operations;
mod pairs;
mod preference;
mod special;
mod star;
mod target;
mod turned;
mod writers;
pub(crate) mod writes;

use smol_str::SmolStr;

use super::gaps::Gaps;
use super::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{
    Alternatives, Convert, Direction, DirectionRules, Follow, Key, Prefer, Purge, Relationship,
    Rule, Side, SideRules,
};
use crate::syntax::ast::{self, Arrow, Name, StatementKind};

pub(crate) use header::Header;

/// A relationship under construction.
#[derive(Debug)]
pub(crate) struct Build<'a> {
    pub item: &'a ast::RelationshipItem,
    pub name: SmolStr,
    pub frame: Frame,
    pub enabled: [bool; 2],
    pub many: Option<Side>,
    pub keys: Vec<Key>,
    pub follow: Vec<Follow>,
    pub lines: Vec<pairs::BuiltLine>,
    pub directions: [DirectionRules; 2],
    pub purge: [Vec<Purge>; 2],
    pub convert: Vec<Convert>,
    pub prefer: Option<(Prefer, Span)>,
    pub first_prefer: Option<(Prefer, Span)>,
    pub gaps: Gaps,
    /// Everything in it goes against its header, which has a finding.
    pub turned: bool,
}

impl Build<'_> {
    pub fn enabled(&self, direction: Direction) -> bool {
        self.enabled[direction.index()]
    }

    /// "only pushes", for findings about the header's arrow.
    pub fn only(&self) -> &'static str {
        match self.item.arrow {
            Arrow::Both => "goes both ways",
            Arrow::Push => "only pushes",
            Arrow::Pull => "only pulls",
        }
    }

    /// The alternatives to which `named` (as written in an operation) refers.
    pub fn all(&self) -> Alternatives {
        Alternatives::ALL
    }
}

impl<'a> Checker<'a> {
    /// Builds a relationship: its header's objects are known already.
    pub fn relationship(&mut self, at: usize) -> Option<Relationship> {
        let (_, item) = self.names.relationships.get_index(at)?;
        let item: &'a ast::RelationshipItem = item;
        let mut build = self.begin(at, item)?;
        self.defaults(&mut build);
        self.keys(&mut build);
        self.special(&mut build);
        self.fields(&mut build);
        self.operations(&mut build);
        self.two_writers(&build);
        self.two_sets(&build);
        self.needs_key(&build);
        self.not_too_large(&build);
        Some(self.finished_relationship(at, build))
    }

    fn begin(&mut self, at: usize, item: &'a ast::RelationshipItem) -> Option<Build<'a>> {
        let header = self.headers.get(at)?.clone();
        let turned = self.header_is_turned(item, &header);
        let enabled = [
            !matches!(item.arrow, Arrow::Pull),
            !matches!(item.arrow, Arrow::Push),
        ];
        let rules = |d: Direction| DirectionRules {
            creates: enabled[d.index()],
            updates: enabled[d.index()],
            ..DirectionRules::default()
        };
        let mut gaps = self.unread(item);
        gaps.header |= header.faulty || turned;
        if item.statements.is_empty() {
            // That it has no key is all that there is to say.
            gaps = Gaps::ALL;
        }
        let mut frame = Frame::new(header.sides[0].clone(), header.sides[1].clone());
        for (side, unsure) in frame.sides.iter_mut().zip(header.unsure) {
            side.unsure = unsure;
        }
        let build = Build {
            item,
            name: item.name.text.clone(),
            frame,
            enabled,
            many: header.many,
            keys: Vec::new(),
            follow: Vec::new(),
            lines: Vec::new(),
            directions: [rules(Direction::Push), rules(Direction::Pull)],
            purge: [Vec::new(), Vec::new()],
            convert: Vec::new(),
            prefer: None,
            first_prefer: None,
            gaps,
            turned,
        };
        Some(build)
    }

    /// What the statements that did not parse leave open.
    fn unread(&self, item: &ast::RelationshipItem) -> Gaps {
        let sources = self.input.sources;
        Gaps::of(item, |s| {
            super::names::text_of(sources, s.span).unwrap_or_default()
        })
    }

    /// Slots and queries are numbered in 16 bits.
    fn not_too_large(&mut self, build: &Build<'_>) {
        let slots = build.frame.sides.iter().map(|s| s.slots.len());
        if slots
            .chain([build.frame.queries.len(), build.lines.len()])
            .any(|n| n > usize::from(u16::MAX))
        {
            let message = format!(
                "`{}` reads more fields or holds more queries than a relationship can",
                build.name
            );
            self.findings
                .error(codes::TOO_LARGE, build.item.name.span, message);
        }
    }

    /// "No match key", for relationships that link records.
    fn needs_key(&mut self, build: &Build<'_>) {
        let lines = build
            .item
            .statements
            .iter()
            .any(|s| matches!(s.kind, StatementKind::Match { .. }));
        let once = build.directions.iter().any(|d| d.once);
        let links = build.directions.iter().any(|d| d.creates && !d.once);
        let unread = self.unread(build.item);
        if lines || unread.keys || unread.operations.contains(&true) || once && !links {
            return;
        }
        self.findings
            .error(
                codes::NO_MATCH_KEY,
                build.item.name.span,
                format!("`{}` has no match key", build.name),
            )
            .help("say how records that are the same are found: `match LEFTFIELD = RIGHTFIELD`");
    }

    fn finished_relationship(&mut self, at: usize, mut build: Build<'a>) -> Relationship {
        if build.gaps.any() {
            self.facts.gaps.insert(build.name.clone(), build.gaps);
        }
        let prefer = build.prefer.map_or(Prefer::Newest, |(p, _)| p);
        let lines = pairs::merged(build.lines);
        for line in lines.iter().filter(|l| l.prefer.merges()) {
            if let (Some(push), Some(pull)) = (&line.push, &line.pull) {
                build.frame.keep(Side::Left, pull.target);
                build.frame.keep(Side::Right, push.target);
            }
        }
        let sides = build.frame.sides.map(|side| SideRules {
            objects: side.objects.into_iter().map(|o| o.object).collect(),
            slots: side.slots,
        });
        let additions = self
            .headers
            .get(at)
            .map(|h| h.additions.clone())
            .unwrap_or_default();
        Relationship {
            name: build.name,
            rule: Rule(build.item.name.span),
            sides,
            enabled: build.enabled,
            many: build.many,
            keys: build.keys,
            follow: build.follow,
            lines,
            directions: build.directions,
            purge: build.purge,
            convert: build.convert,
            additions,
            queries: build.frame.queries,
            was: build.frame.was,
            prefer,
        }
    }

    /// The name as it is declared of a relationship that the rules name; as [`Checker::relationship_id`].
    pub fn relationship_meant(&mut self, name: &Name) -> Option<Name> {
        let at = self.relationship_id(name)?;
        let (declared, _) = self.names.relationships.get_index(usize::from(at.0))?;
        Some(Name {
            text: declared.clone(),
            span: name.span,
        })
    }

    /// The place of a relationship that the rules name; an unknown one has a finding, and is the one that was evidently meant.
    pub fn relationship_id(&mut self, name: &Name) -> Option<crate::program::RelId> {
        let mut at = self.names.relationships.get_index_of(&name.text);
        if at.is_none() {
            let known: Vec<SmolStr> = self.names.relationships.keys().cloned().collect();
            let known = known.iter().map(SmolStr::as_str);
            let meant = self.undeclared(
                codes::UNKNOWN_RELATIONSHIP,
                "relationship",
                name,
                known,
                None,
            );
            at = meant.and_then(|n| self.names.relationships.get_index_of(&n));
        }
        at.and_then(|at| u16::try_from(at).ok())
            .map(crate::program::RelId)
    }
}

/// The program's direction for the syntax tree's.
pub(crate) fn direction(direction: ast::Direction) -> Direction {
    match direction {
        ast::Direction::Push => Direction::Push,
        ast::Direction::Pull => Direction::Pull,
    }
}
