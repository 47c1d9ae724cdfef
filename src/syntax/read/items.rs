//! Items with braces, and what stands in them.

use super::Reader;
use crate::syntax::ast::{Action, ActionKind, ItemKind, Statement, StatementKind};
use crate::syntax::complain::{self, without_arrow};
use crate::syntax::grammar::Rule;
use crate::syntax::layout::{Form, Kind, Piece, Section};

impl Reader<'_> {
    pub(super) fn values(&mut self, section: &Section) -> Option<ItemKind> {
        let mut item = self
            .statement(section.head, Rule::values_head, |lower, node| {
                lower.values_head(node)
            })
            .flatten();
        for piece in section.block.iter().flat_map(|block| &block.pieces) {
            if piece.form == Form::ValuesElse {
                let read = self
                    .statement(*piece, Rule::values_else, |lower, node| {
                        lower.values_else(node)
                    })
                    .flatten();
                if let (Some(item), Some(read)) = (&mut item, read) {
                    item.elses.push(read);
                }
            } else if let (Some(read), Some(item)) = (
                self.statement(*piece, Rule::values_entry, |lower, node| {
                    lower.values_entry(node)
                })
                .flatten(),
                &mut item,
            ) {
                item.entries.push(read);
            }
        }
        item.map(ItemKind::Values)
    }

    pub(super) fn relationship(&mut self, section: &Section) -> Option<ItemKind> {
        let mut item = self
            .statement(section.head, Rule::relationship_head, |lower, node| {
                lower.relationship_head(node)
            })
            .flatten();
        for piece in section.block.iter().flat_map(|block| &block.pieces) {
            let kind = self
                .relationship_statement(*piece)
                .unwrap_or(StatementKind::Broken);
            let statement = Statement {
                span: self.place(piece.start, piece.end),
                kind,
            };
            if let Some(item) = &mut item {
                item.statements.push(statement);
            }
        }
        item.map(|item| ItemKind::Relationship(Box::new(item)))
    }

    fn relationship_statement(&mut self, piece: Piece) -> Option<StatementKind> {
        match piece.form {
            Form::Match => self.statement(piece, Rule::match_line, |lower, node| {
                lower.match_line(node)
            })?,
            Form::Duplicates => self.statement(piece, Rule::duplicates_line, |lower, node| {
                lower.duplicates_line(node)
            })?,
            Form::Follow => self.statement(piece, Rule::follow_line, |lower, node| {
                lower.follow_line(node)
            })?,
            Form::Prefer => self.statement(piece, Rule::prefer_line, |lower, node| {
                lower.prefer_line(node)
            })?,
            Form::Star => {
                self.statement(piece, Rule::star_line, |lower, node| lower.star_line(node))?
            }
            Form::Operation => {
                self.statement(piece, Rule::operation, |lower, node| lower.operation(node))?
            }
            Form::Batch => self.statement(piece, Rule::batch_line, |lower, node| {
                lower.batch_line(node)
            })?,
            Form::Purge => self.statement(piece, Rule::purge_line, |lower, node| {
                lower.purge_line(node)
            })?,
            Form::Convert => self.statement(piece, Rule::convert_line, |lower, node| {
                lower.convert_line(node)
            })?,
            _ if self.has_arrow(piece) => {
                self.statement(piece, Rule::field_line, |lower, node| {
                    lower.field_line(node)
                })?
            }
            _ => self.without_arrow(piece),
        }
    }

    /// A line that is no statement and has no arrow, or one that was meant for an arrow.
    fn without_arrow(&mut self, piece: Piece) -> Option<StatementKind> {
        let slip = complain::unequal_for_arrow(self.file, self.text, self.tokens, piece);
        let Some(finding) = slip else {
            self.refuse(piece, |reader| {
                without_arrow(reader.file, reader.text, reader.tokens, piece)
            });
            return None;
        };
        let place = self.place(piece.start, piece.end);
        let read = self.mended(&finding, Rule::field_line, place, |lower, node| {
            lower.field_line(node)
        });
        self.broken.insert(piece.start);
        for index in self.noted(piece) {
            self.claimed[index] = true;
        }
        self.findings.push(finding);
        read.flatten()
    }

    pub(super) fn trigger(&mut self, section: &Section) -> Option<ItemKind> {
        let mut item = self
            .statement(section.head, Rule::trigger_head, |lower, node| {
                lower.trigger_head(node)
            })
            .flatten();
        for piece in section.block.iter().flat_map(|block| &block.pieces) {
            let rule = match piece.form {
                Form::Run => Some(Rule::run_action),
                Form::Create => Some(Rule::create_action),
                Form::Upsert => Some(Rule::upsert_action),
                Form::Update => Some(Rule::update_action),
                Form::Delete => Some(Rule::delete_action),
                Form::Set => Some(Rule::set_action),
                Form::Post => Some(Rule::post_action),
                _ => None,
            };
            let place = self.place(piece.start, piece.end);
            let action = match rule {
                Some(rule) => self
                    .statement(*piece, rule, |lower, node| lower.action(node, place))
                    .flatten(),
                None => {
                    self.refuse(*piece, |reader| {
                        complain::unknown_action(reader.file, reader.text, reader.tokens, *piece)
                    });
                    None
                }
            };
            if let Some(item) = &mut item {
                item.actions.push(action.unwrap_or(Action {
                    span: place,
                    kind: ActionKind::Broken,
                    when: None,
                }));
            }
        }
        item.map(ItemKind::Trigger)
    }

    fn has_arrow(&self, piece: Piece) -> bool {
        self.tokens.tokens[piece.start..piece.end]
            .iter()
            .any(|token| matches!(token.kind, Kind::Arrow | Kind::FatArrow))
    }
}
