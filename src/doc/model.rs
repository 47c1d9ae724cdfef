//! What a document is made of: sections of blocks of phrases, before anybody decides how they look.

use super::picture::Picture;

/// A program as a document for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The program's name.
    pub title: String,
    /// What the program is about.
    pub lead: Vec<Block>,
    pub sections: Vec<Section>,
}

/// A heading and what stands under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Where links go, and the name by which a part of another file asks for this section: `relationships`, `relationship Person`.
    pub name: String,
    pub title: Phrase,
    pub blocks: Vec<Block>,
    pub sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    Paragraph(Phrase),
    /// Lines of rules.
    Code(Vec<String>),
    /// In order, with numbers.
    Numbered(Vec<Phrase>),
    Table(Table),
    Picture(Picture),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it lists, for those who style it: `fields`, `operations` …
    pub kind: &'static str,
    pub head: Vec<Phrase>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// As many as the table's head has.
    Cells(Vec<Phrase>),
    /// Over the whole width: what an author wrote about the rows that follow.
    Note(Phrase),
}

/// A text that is read as one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phrase(pub Vec<Inline>);

#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    Text(String),
    /// In the rule's own words.
    Code(String),
    /// What holds although no rule says it.
    Default(String),
    /// A name that has a section of its own, by the section's name.
    Link {
        section: String,
        text: String,
    },
    /// Which way the data flows.
    Arrow(Arrow),
    /// A new line within the phrase.
    Break,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrow {
    Both,
    Push,
    Pull,
}

impl Arrow {
    pub fn of(enabled: [bool; 2]) -> Arrow {
        match enabled {
            [true, false] => Arrow::Push,
            [false, true] => Arrow::Pull,
            _ => Arrow::Both,
        }
    }
    /// As the language reference says it.
    pub fn word(self) -> &'static str {
        match self {
            Arrow::Both => "two-way",
            Arrow::Push => "push",
            Arrow::Pull => "pull",
        }
    }
    pub fn sign(self) -> &'static str {
        match self {
            Arrow::Both => "↔",
            Arrow::Push => "→",
            Arrow::Pull => "←",
        }
    }
}

impl Phrase {
    pub fn new() -> Phrase {
        Phrase::default()
    }
    pub fn of(text: impl Into<String>) -> Phrase {
        Phrase::new().text(text)
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn with(mut self, inline: Inline) -> Phrase {
        self.0.push(inline);
        self
    }
    pub fn text(self, text: impl Into<String>) -> Phrase {
        self.with(Inline::Text(text.into()))
    }
    pub fn code(self, code: impl Into<String>) -> Phrase {
        self.with(Inline::Code(code.into()))
    }
    pub fn default_text(self, text: impl Into<String>) -> Phrase {
        self.with(Inline::Default(text.into()))
    }
    pub fn link(self, section: impl Into<String>, text: impl Into<String>) -> Phrase {
        self.with(Inline::Link {
            section: section.into(),
            text: text.into(),
        })
    }
    pub fn arrow(self, arrow: Arrow) -> Phrase {
        self.with(Inline::Arrow(arrow))
    }
    /// What follows stands on a line of its own; nothing where nothing stands yet.
    pub fn line(self) -> Phrase {
        if self.is_empty() {
            self
        } else {
            self.with(Inline::Break)
        }
    }
    /// A separator, but where nothing stands yet or a line begins.
    pub fn after(self, separator: &str) -> Phrase {
        match self.0.last() {
            None | Some(Inline::Break) => self,
            Some(_) => self.text(separator),
        }
    }
    pub fn join(mut self, other: Phrase) -> Phrase {
        self.0.extend(other.0);
        self
    }
    /// `a, b, c` in the rule's own words.
    pub fn codes<S: Into<String>>(self, codes: impl IntoIterator<Item = S>) -> Phrase {
        self.listed(codes, ", ")
    }
    /// `a or b`
    pub fn either<S: Into<String>>(self, codes: impl IntoIterator<Item = S>) -> Phrase {
        self.listed(codes, " or ")
    }
    fn listed<S: Into<String>>(
        mut self,
        codes: impl IntoIterator<Item = S>,
        separator: &str,
    ) -> Phrase {
        for (place, code) in codes.into_iter().enumerate() {
            if place > 0 {
                self = self.text(separator);
            }
            self = self.code(code);
        }
        self
    }
}

impl Table {
    pub fn new(kind: &'static str, head: impl IntoIterator<Item = Phrase>) -> Table {
        Table {
            kind,
            head: head.into_iter().collect(),
            rows: Vec::new(),
        }
    }
    pub fn row(&mut self, cells: impl IntoIterator<Item = Phrase>) {
        self.rows.push(Row::Cells(cells.into_iter().collect()));
    }
    /// Without the columns in which nothing stands.
    pub fn without_empty_columns(mut self) -> Table {
        let filled = |column: usize| {
            self.rows.iter().any(|row| match row {
                Row::Cells(cells) => cells.get(column).is_some_and(|cell| !cell.is_empty()),
                Row::Note(_) => false,
            })
        };
        let keep: Vec<bool> = (0..self.head.len()).map(filled).collect();
        let kept = |cells: Vec<Phrase>| -> Vec<Phrase> {
            let cells = cells.into_iter().zip(&keep);
            cells.filter(|(_, keep)| **keep).map(|(c, _)| c).collect()
        };
        self.head = kept(std::mem::take(&mut self.head));
        for row in &mut self.rows {
            if let Row::Cells(cells) = row {
                *cells = kept(std::mem::take(cells));
            }
        }
        self
    }
}

impl Section {
    pub fn new(name: impl Into<String>, title: Phrase) -> Section {
        Section {
            name: name.into(),
            title,
            blocks: Vec::new(),
            sections: Vec::new(),
        }
    }
    pub fn with(mut self, blocks: impl IntoIterator<Item = Block>) -> Section {
        self.blocks.extend(blocks);
        self
    }
}

impl Document {
    /// Every section, each before those in it.
    pub fn all_sections(&self) -> Vec<&Section> {
        let mut all = Vec::new();
        let mut waiting: Vec<&Section> = self.sections.iter().rev().collect();
        while let Some(section) = waiting.pop() {
            all.push(section);
            waiting.extend(section.sections.iter().rev());
        }
        all
    }
    pub fn picture(&self) -> Option<&Picture> {
        let sections = self.all_sections().into_iter();
        let mut blocks = sections.flat_map(|section| &section.blocks);
        blocks.find_map(|block| match block {
            Block::Picture(picture) => Some(picture),
            _ => None,
        })
    }
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.all_sections().into_iter().find(|s| s.name == name)
    }
}
