//! The check from its beginning to its end; it reads as a table of contents.

use std::sync::Arc;

use smol_str::SmolStr;

use super::names::Names;
use super::objects::StoreObjects;
use super::{Checked, Checker, Facts, Findings, Input, hash};
use crate::diagnostic::{Finding, Severity, SourceMap, codes};
use crate::program::{Program, ProgramStore, Relationship, Side, Trigger};
use crate::syntax::ast;

/// Checks a program: every file, every name, every type.
pub fn check(input: &Input<'_>) -> Checked {
    let mut findings = Findings::default();
    let names = Names::collect(input.files, &mut findings);
    let mut checker = Checker {
        input,
        findings,
        names,
        stores: [StoreObjects::default(), StoreObjects::default()],
        headers: Vec::new(),
        lets: super::settings::Lets::default(),
        functions: super::expression::FunctionStates::default(),
        conversions: super::conversions::Conversions::default(),
        facts: Facts {
            places: input.places.clone(),
            ..Facts::default()
        },
        not_checked: Vec::new(),
        notes: Vec::new(),
        nesting: 0,
        told: Default::default(),
        round_robins: 0,
    };
    checker.stores();
    checker.check_lets();
    checker.check_functions();
    checker.check_conversions();
    checker.resolve_headers();
    checker.add_missing_fields();
    let relationships = checker.relationships();
    let mut triggers = checker.triggers();
    checker.schedules();
    let relationships = checker.ordered(relationships, &mut triggers);
    checker.round_trips(&relationships);
    checker.finish(relationships, triggers)
}

impl<'a> Checker<'a> {
    /// The pair of stores, and their schemas.
    fn stores(&mut self) {
        let Some(first) = super::pair(self.input.files, self.input.stores) else {
            if !self.names.relationships.is_empty() && !self.names.incomplete {
                let span = self
                    .names
                    .relationships
                    .values()
                    .next()
                    .map(|r| r.name.span);
                if let Some(span) = span {
                    self.findings
                        .error(
                            codes::MISSING_SYNC,
                            span,
                            "no file of the program says which stores it is for",
                        )
                        .help("write `sync LEFT with RIGHT`");
                }
            }
            return;
        };
        let others: Vec<&'a ast::SyncItem> = self.names.syncs.clone();
        for other in others {
            if (&other.left.text, &other.right.text) != (&first.left.text, &first.right.text) {
                if self.misspelt_pair(first, other) {
                    continue;
                }
                let pair = |s: &ast::SyncItem| crate::diagnostic::Span {
                    end: s.right.span.end,
                    ..s.left.span
                };
                let message = format!(
                    "a second pair of stores: `{}` with `{}`, after `{}` with `{}`",
                    other.left.text, other.right.text, first.left.text, first.right.text
                );
                self.findings
                    .error(codes::SECOND_SYNC, pair(other), message)
                    .label(pair(first), "the first pair is here")
                    .help("a program keeps one pair of stores in step: put the other pair into a folder of its own");
            }
        }
        if first.left.text == first.right.text {
            self.findings.error(
                codes::SECOND_SYNC,
                first.right.span,
                "a store is synced with another one, not with itself",
            );
        }
        for (side, name) in Side::BOTH.into_iter().zip([&first.left, &first.right]) {
            let known = self
                .input
                .stores
                .is_none_or(|stores| stores.contains(&name.text));
            let store = super::store_meant(&name.text, self.input.stores);
            let schema = (self.input.schema)(&store);
            if !known {
                self.unknown_store(name);
            } else if schema.is_none() {
                self.not_checked.push(format!(
                    "store `{}` has no schema: its objects and fields were not checked",
                    name.text
                ));
            }
            self.stores[side.index()] = StoreObjects::new(store, schema);
        }
    }

    /// Whether a pair is meant to be the first one: it names a store that is not there, and its finding says so.
    fn misspelt_pair(&mut self, first: &ast::SyncItem, other: &ast::SyncItem) -> bool {
        let Some(stores) = self.input.stores else {
            return false;
        };
        let unknown = [(&other.left, &first.left), (&other.right, &first.right)]
            .into_iter()
            .filter(|(name, meant)| {
                name.text != meant.text
                    && super::store_meant(&name.text, Some(stores)) == meant.text
            });
        let unknown: Vec<_> = unknown.collect();
        for (name, _) in &unknown {
            self.unknown_store(name);
        }
        !unknown.is_empty()
    }

    fn unknown_store(&mut self, name: &ast::Name) {
        let known = self.input.stores.unwrap_or_default();
        self.findings
            .error(
                codes::UNKNOWN_STORE,
                name.span,
                format!("stores.yaml has no store `{}`", name.text),
            )
            .suggest(&name.text, known.iter().map(SmolStr::as_str));
    }

    fn relationships(&mut self) -> Vec<Relationship> {
        (0..self.headers.len())
            .filter_map(|at| self.relationship(at))
            .collect()
    }

    fn finish(mut self, relationships: Vec<Relationship>, triggers: Vec<Trigger>) -> Checked {
        let count = relationships.len();
        let described = self.stores.iter().all(|s| s.schema.is_some());
        let stores = [Side::Left, Side::Right].map(|side| ProgramStore {
            name: self.stores[side.index()].name.clone(),
            schema: self.stores[side.index()]
                .schema
                .clone()
                .unwrap_or_else(|| Arc::new(Default::default())),
        });
        let settings = self.setting_values();
        let hash = hash::hash(self.input.sources, self.input.places, &settings, &stores);
        let schedules = self.program_schedules(&relationships);
        let program = Program {
            name: self.input.name.clone(),
            stores,
            relationships,
            schedules,
            triggers,
            sources: self.input.sources.clone(),
            hash,
        };
        let mut findings = self.findings.list;
        findings
            .iter_mut()
            .for_each(|f| trim(f, self.input.sources));
        findings.sort_by_key(|f| (f.span.file, f.span.start, f.span.end));
        let errors = findings.iter().any(|f| f.severity == Severity::Error);
        let sound = !errors && described && self.input.parsed;
        self.facts.draft = Some(program.clone());
        Checked {
            program: sound.then_some(program),
            findings,
            not_checked: self.not_checked,
            notes: self.notes,
            relationships: count,
            facts: self.facts,
        }
    }
}

/// Spans end with their text, not with the blanks after it.
fn trim(finding: &mut Finding, sources: &SourceMap) {
    let spans =
        std::iter::once(&mut finding.span).chain(finding.labels.iter_mut().map(|l| &mut l.span));
    for span in spans {
        let text = super::names::text_of(sources, *span).unwrap_or_default();
        let blanks = text.len() - text.trim_end().len();
        span.end -= u32::try_from(blanks).unwrap_or(0);
    }
}
