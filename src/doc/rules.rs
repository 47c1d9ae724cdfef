//! What a document is made from: the checked program, the trees and texts of its files, and their comments.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::model::{Arrow, Phrase, Row};
use super::remarks::{Remark, Remarks};
use crate::diagnostic::{FileId, SourceMap, Span};
use crate::program::{Program, Relationship};
use crate::syntax::{ast, one_line};

/// A relationship as it was checked, and as it is written.
#[derive(Clone, Copy)]
pub struct Declared<'a> {
    pub relationship: &'a Relationship,
    pub at: &'a ast::Item,
    pub item: &'a ast::RelationshipItem,
}

pub struct Rules<'a> {
    pub program: &'a Program,
    pub files: &'a [ast::File],
    lines: Vec<Lines>,
    remarks: Vec<Remarks<'a>>,
}

impl<'a> Rules<'a> {
    pub fn new(program: &'a Program, files: &'a [ast::File]) -> Rules<'a> {
        let texts = program.sources.files.iter().take(files.len());
        let lines: Vec<Lines> = texts.map(|source| Lines::of(&source.text)).collect();
        let remarks = files.iter().zip(&lines);
        Rules {
            program,
            files,
            remarks: remarks
                .map(|(file, lines)| Remarks::of(file, &program.sources, lines))
                .collect(),
            lines,
        }
    }

    pub fn items(&self) -> impl Iterator<Item = &'a ast::Item> {
        self.files.iter().flat_map(|file| &file.items)
    }

    /// The relationships in the order in which they run, each with its item.
    pub fn relationships(&self) -> Vec<Declared<'a>> {
        let items = self.items().filter_map(|item| match &item.kind {
            ast::ItemKind::Relationship(r) => Some((&r.name.text, (item, r.as_ref()))),
            _ => None,
        });
        let items: FxHashMap<&SmolStr, _> = items.collect();
        let all = self.program.relationships.iter();
        all.filter_map(|relationship| {
            let (at, item) = items.get(&relationship.name)?;
            Some(Declared {
                relationship,
                at,
                item,
            })
        })
        .collect()
    }

    /// Whether a file declares one relationship, so that what it begins with is about that one.
    pub fn has_one_relationship(&self, file: FileId) -> bool {
        let items = self.files.get(file.0 as usize).map(|file| &file.items);
        let relationships = items.into_iter().flatten();
        relationships
            .filter(|item| matches!(item.kind, ast::ItemKind::Relationship(_)))
            .take(2)
            .count()
            == 1
    }

    pub fn sources(&self) -> &'a SourceMap {
        &self.program.sources
    }

    pub fn store(&self, side: usize) -> &'a str {
        &self.program.stores[side].name
    }

    /// A part of a rule in its own words, on one line.
    pub fn code(&self, span: Span) -> String {
        one_line(self.sources().text(span))
    }

    /// The file's name without its folder.
    pub fn file_name(&self, file: FileId) -> &'a str {
        let path = self.sources().file(file).map_or("", |s| s.path.as_str());
        path.rsplit(['/', '\\']).next().unwrap_or(path)
    }

    /// The lines on which a part of a rule begins and ends.
    pub fn lines(&self, span: Span) -> [u32; 2] {
        let end = span.end.saturating_sub(1).max(span.start);
        match self.lines.get(span.file.0 as usize) {
            Some(lines) => [lines.of_byte(span.start), lines.of_byte(end)],
            None => [1, 1],
        }
    }

    pub fn remarks(&self, file: FileId) -> Option<&Remarks<'a>> {
        self.remarks.get(file.0 as usize)
    }

    /// The comment above an item and beside its first line; what stands in its braces is somebody else's.
    pub fn item_remark(&self, span: Span) -> Remark {
        let [first, _] = self.lines(span);
        let remarks = self.remarks(span.file);
        remarks.map_or_else(Remark::default, |remarks| {
            remarks.above(first).and(remarks.beside(first))
        })
    }

    /// The comment above a statement, and those beside it.
    pub fn remark(&self, span: Span) -> Remark {
        let [first, last] = self.lines(span);
        let Some(remarks) = self.remarks(span.file) else {
            return Remark::default();
        };
        (first..=last).fold(remarks.above(first), |remark, line| {
            remark.and(remarks.beside(line))
        })
    }

    /// The remark on a statement as a row over the ones that it is about.
    pub fn note(&self, span: Span) -> Option<Row> {
        let remark = self.remark(span);
        (!remark.is_empty()).then(|| Row::Note(remark.phrase()))
    }
}

/// Where the lines of a text begin.
pub struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    pub fn of(text: &str) -> Lines {
        let ends = text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n');
        Lines {
            starts: ends.map(|(_, next)| next).collect(),
        }
    }
    /// 1-based.
    pub fn of_byte(&self, at: u32) -> u32 {
        let before = self.starts.partition_point(|start| *start <= at);
        u32::try_from(before).map_or(u32::MAX, |before| before + 1)
    }
}

/// `a or b`, each in the rule's own words.
pub fn names(phrase: Phrase, names: &[ast::Name]) -> Phrase {
    phrase.either(names.iter().map(|name| name.text.as_str()))
}

pub fn arrow(arrow: ast::Arrow) -> Arrow {
    match arrow {
        ast::Arrow::Both => Arrow::Both,
        ast::Arrow::Push => Arrow::Push,
        ast::Arrow::Pull => Arrow::Pull,
    }
}

pub fn direction(direction: ast::Direction) -> crate::program::Direction {
    match direction {
        ast::Direction::Push => crate::program::Direction::Push,
        ast::Direction::Pull => crate::program::Direction::Pull,
    }
}

/// The name of a relationship's section.
pub fn section_of(relationship: &str) -> String {
    format!("relationship {relationship}")
}
