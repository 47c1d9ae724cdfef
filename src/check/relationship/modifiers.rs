//! The modifiers of a field line, each at most once.

use crate::check::Checker;
use crate::diagnostic::{Span, codes};
use crate::program::{Blanks, On, Prefer};
use crate::syntax::ast::{self, ModifierKind, Name};

/// `via REL.Contact or hold`
#[derive(Debug, Clone, Copy)]
pub(super) struct ViaModifier<'a> {
    pub relationship: &'a Name,
    pub alternative: Option<&'a Name>,
    pub fallback: ast::Fallback,
    pub span: Span,
}

/// What the modifiers of a line say.
#[derive(Debug, Clone)]
pub(super) struct Modifiers<'a> {
    pub via: Option<ViaModifier<'a>>,
    pub using: Option<&'a Name>,
    pub prefer: Option<(Prefer, Span)>,
    pub first_prefer: Option<Prefer>,
    pub blanks: Option<Blanks>,
    pub on: On,
    pub on_span: Option<Span>,
    pub if_empty: bool,
    pub when: Option<&'a ast::Expr>,
    /// `push when`, `pull when`
    pub directed: [Option<(&'a ast::Expr, Span)>; 2],
}

impl<'a> Checker<'a> {
    pub(super) fn modifiers(&mut self, line: &'a ast::FieldLine) -> Modifiers<'a> {
        let mut m = Modifiers {
            via: None,
            using: None,
            prefer: None,
            first_prefer: None,
            blanks: None,
            on: On::Both,
            on_span: None,
            if_empty: false,
            when: None,
            directed: [None, None],
        };
        let mut seen: Vec<(&'static str, Span)> = Vec::new();
        for modifier in &line.modifiers {
            let word = word(&modifier.kind);
            if let Some((_, first)) = seen.iter().find(|(w, _)| *w == word) {
                self.findings
                    .error(
                        codes::DUPLICATE_STATEMENT,
                        modifier.span,
                        format!("a second `{word}` on one line"),
                    )
                    .label(*first, "the first one is here");
                continue;
            }
            seen.push((word, modifier.span));
            match &modifier.kind {
                ModifierKind::Via {
                    relationship,
                    alternative,
                    fallback,
                } => {
                    let fallback = fallback.map_or(ast::Fallback::Hold, |(f, _)| f);
                    m.via = Some(ViaModifier {
                        relationship,
                        alternative: alternative.as_ref(),
                        fallback,
                        span: modifier.span,
                    });
                }
                ModifierKind::Using(name) => m.using = Some(name),
                ModifierKind::Prefer(preference) => {
                    m.prefer = self
                        .preference(preference, false)
                        .map(|p| (p, super::preference::span(preference)))
                }
                ModifierKind::FirstPrefer(preference) => {
                    m.first_prefer = self.preference(preference, true)
                }
                ModifierKind::Blanks(ast::Blanks::Ignore) => m.blanks = Some(Blanks::Ignore),
                ModifierKind::Blanks(ast::Blanks::Write) => m.blanks = Some(Blanks::Write),
                ModifierKind::OnCreate | ModifierKind::OnUpdate => {
                    m.on = if matches!(modifier.kind, ModifierKind::OnCreate) {
                        On::Create
                    } else {
                        On::Update
                    };
                    m.on_span = Some(modifier.span);
                }
                ModifierKind::IfEmpty => m.if_empty = true,
                ModifierKind::When {
                    direction: None,
                    condition,
                } => m.when = Some(condition),
                ModifierKind::When {
                    direction: Some(direction),
                    condition,
                } => {
                    m.directed[super::direction(*direction).index()] =
                        Some((condition, modifier.span));
                }
            }
        }
        if let (Some(via), Some(using)) = (m.via, m.using) {
            self.findings
                .error(
                    codes::DUPLICATE_STATEMENT,
                    using.span,
                    "a reference is translated by `via`, and takes no `using`",
                )
                .label(via.span, "`via` is here");
            m.using = None;
        }
        m
    }
}

fn word(kind: &ModifierKind) -> &'static str {
    match kind {
        ModifierKind::Via { .. } => "via",
        ModifierKind::Using(_) => "using",
        ModifierKind::Prefer(_) => "prefer",
        ModifierKind::FirstPrefer(_) => "first prefer",
        ModifierKind::Blanks(_) => "blanks",
        ModifierKind::OnCreate | ModifierKind::OnUpdate => "on",
        ModifierKind::IfEmpty => "if empty",
        ModifierKind::When {
            direction: None, ..
        } => "when",
        ModifierKind::When {
            direction: Some(ast::Direction::Push),
            ..
        } => "push when",
        ModifierKind::When {
            direction: Some(ast::Direction::Pull),
            ..
        } => "pull when",
    }
}
