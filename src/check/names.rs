//! The items of a program, by name and over all its files.

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::sink::{Findings, meant};
use crate::diagnostic::{Code, SourceMap, Span, codes};
use crate::syntax::ast::{self, Name};

/// What stands behind `using NAME`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ConversionItem<'a> {
    Values(&'a ast::ValuesItem),
    Lens(&'a ast::LensItem),
}

/// Every item that parsed. Of two with one name, the first.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    pub syncs: Vec<&'a ast::SyncItem>,
    pub lets: IndexMap<SmolStr, &'a ast::LetItem>,
    pub functions: IndexMap<SmolStr, &'a ast::FnItem>,
    pub conversions: IndexMap<SmolStr, ConversionItem<'a>>,
    pub relationships: IndexMap<SmolStr, &'a ast::RelationshipItem>,
    pub triggers: IndexMap<SmolStr, &'a ast::TriggerItem>,
    pub schedules: Vec<&'a ast::ScheduleItem>,
    /// What items that did not parse would have declared.
    broken: Vec<&'a str>,
    /// An item did not parse that declares something, and not even its name is there.
    nameless: bool,
    /// An item did not parse: what it would have used is not known.
    pub incomplete: bool,
}

impl<'a> Names<'a> {
    pub fn collect(files: &'a [ast::File], findings: &mut Findings) -> Self {
        let mut names = Names {
            broken: files
                .iter()
                .flat_map(|f| &f.broken_names)
                .map(|n| n.text.as_str())
                .collect(),
            nameless: files.iter().any(|f| f.nameless),
            ..Names::default()
        };
        for item in files.iter().flat_map(|f| &f.items) {
            match &item.kind {
                ast::ItemKind::Sync(sync) => names.syncs.push(sync),
                ast::ItemKind::Let(item) => declare(
                    &mut names.lets,
                    &item.name,
                    item,
                    "let",
                    |i| i.name.span,
                    findings,
                ),
                ast::ItemKind::Fn(item) => declare(
                    &mut names.functions,
                    &item.name,
                    item,
                    "fn",
                    |i| i.name.span,
                    findings,
                ),
                ast::ItemKind::Values(item) => {
                    declare(
                        &mut names.conversions,
                        &item.name,
                        ConversionItem::Values(item),
                        "values",
                        |i| i.name().span,
                        findings,
                    );
                }
                ast::ItemKind::Lens(item) => {
                    declare(
                        &mut names.conversions,
                        &item.name,
                        ConversionItem::Lens(item),
                        "lens",
                        |i| i.name().span,
                        findings,
                    );
                }
                ast::ItemKind::Relationship(item) => {
                    declare(
                        &mut names.relationships,
                        &item.name,
                        item.as_ref(),
                        "relationship",
                        |i| i.name.span,
                        findings,
                    );
                }
                ast::ItemKind::Trigger(item) => declare(
                    &mut names.triggers,
                    &item.name,
                    item,
                    "trigger",
                    |i| i.name.span,
                    findings,
                ),
                ast::ItemKind::Schedule(item) => names.schedules.push(item),
                ast::ItemKind::Broken => names.incomplete = true,
            }
        }
        names
    }

    /// Whether an item that did not parse may have declared `name`: then its absence has a finding already.
    pub fn may_be_broken(&self, name: &str) -> bool {
        self.nameless || self.broken.contains(&name)
    }
}

/// The pair of stores that the files are about: of those whose stores are configured the one that most files name, else the first.
///
/// One file with a misspelt store is then the odd one out, and not all the others.
pub fn pair<'a>(files: &'a [ast::File], stores: Option<&[SmolStr]>) -> Option<&'a ast::SyncItem> {
    let items = files.iter().flat_map(|f| &f.items);
    let all: Vec<&ast::SyncItem> = items
        .filter_map(|item| match &item.kind {
            ast::ItemKind::Sync(sync) => Some(sync),
            _ => None,
        })
        .collect();
    let known = |name: &Name| stores.is_none_or(|stores| stores.contains(&name.text));
    let mut counts: FxHashMap<(&str, &str), usize> = FxHashMap::default();
    for sync in &all {
        *counts
            .entry((&sync.left.text, &sync.right.text))
            .or_default() += 1;
    }
    let weight = |sync: &ast::SyncItem| {
        let count = counts.get(&(sync.left.text.as_str(), sync.right.text.as_str()));
        (known(&sync.left) && known(&sync.right), count.copied())
    };
    let mut best: Option<(&ast::SyncItem, _)> = None;
    for sync in &all {
        let weight = weight(sync);
        if best.is_none_or(|(_, most)| weight > most) {
            best = Some((sync, weight));
        }
    }
    best.map(|(sync, _)| sync)
}

/// The configured store that a name in `sync` means: itself, or the one that it is evidently a misspelling of.
pub fn store_meant(name: &SmolStr, stores: Option<&[SmolStr]>) -> SmolStr {
    match stores {
        Some(stores) if !stores.contains(name) => {
            meant(name, stores.iter().map(SmolStr::as_str)).unwrap_or_else(|| name.clone())
        }
        _ => name.clone(),
    }
}

impl<'a> ConversionItem<'a> {
    pub fn name(self) -> &'a Name {
        match self {
            ConversionItem::Values(item) => &item.name,
            ConversionItem::Lens(item) => &item.name,
        }
    }
}

fn declare<T>(
    map: &mut IndexMap<SmolStr, T>,
    name: &Name,
    item: T,
    kind: &str,
    span: impl Fn(&T) -> Span,
    findings: &mut Findings,
) {
    match map.get(&name.text) {
        Some(first) => duplicate(findings, codes::DUPLICATE_NAME, kind, name, span(first)),
        None => {
            map.insert(name.text.clone(), item);
        }
    }
}

/// A second declaration of a name.
pub(crate) fn duplicate(
    findings: &mut Findings,
    code: Code,
    kind: &str,
    second: &Name,
    first: Span,
) {
    findings
        .error(
            code,
            second.span,
            format!("a second {kind} `{}`", second.text),
        )
        .label(first, "the first one is here")
        .help("give one of them another name");
}

pub(crate) fn text_of(sources: &SourceMap, span: Span) -> Option<&str> {
    let source = sources.files.get(span.file.0 as usize)?;
    source.text.get(span.start as usize..span.end as usize)
}
