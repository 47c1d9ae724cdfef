//! The statements of writes: one is kept while the writes have the same form.

use std::cell::RefCell;
use std::sync::Arc;

use rusqlite::CachedStatement;
use smol_str::SmolStr;

use super::SqliteStore;
use super::cell::Bound;
use super::create::AT_ONCE;
use super::table::quote;
use super::write::Batch;
use crate::schema::Object;
use crate::store::Write;
use crate::value::Value;

pub(super) const CREATE: u8 = 1;
pub(super) const UPDATE: u8 = 2;
pub(super) const MARK: u8 = 3;
pub(super) const DELETE: u8 = 4;
/// [`AT_ONCE`] creates.
pub(super) const SEVERAL: u8 = 5;

/// Statements that are kept.
const KEPT: usize = 8;

/// The last forms of writes.
#[derive(Default)]
pub(super) struct Forms(RefCell<Vec<Arc<Form>>>);

/// The statements of the last forms of writes.
#[derive(Default)]
pub(super) struct LastStatement<'c> {
    shapes: Vec<Shape<'c>>,
    /// Whether new row ids follow each other, where that was asked since a record was given its id.
    pub(super) row_ids_follow: Option<bool>,
}

/// What of a write its statement depends on: what it does; whether it checks the stamp (or, for a create, need not ask for the id);
/// whether an id is bound that is none of its fields.
type Kind = (u8, bool, bool);

/// Writes to one object that differ in their values only.
struct Form {
    object: Arc<Object>,
    kind: Kind,
    /// The fields of the write that it was made for.
    fields: Vec<SmolStr>,
    /// The places of those that are set: all but absent ones and the modification column.
    used: Vec<usize>,
    /// Some are absent: the next write may have others.
    partial: bool,
    /// Values of a row.
    width: usize,
    /// All rows have the stamp, which is the first value of the statement and none of theirs.
    shares_stamp: bool,
    /// The deletion mark is none of the fields.
    marked: bool,
    sql: String,
}

pub(super) struct Shape<'c> {
    form: Arc<Form>,
    statement: CachedStatement<'c>,
}

impl Forms {
    fn of(&self, batch: &Batch, write: &Write, kind: Kind) -> Arc<Form> {
        let mut forms = self.0.borrow_mut();
        let same = |form: &Arc<Form>| {
            Arc::ptr_eq(&form.object, &batch.table.object) && form.fits(write, kind)
        };
        if let Some(place) = forms.iter().rposition(same) {
            return Arc::clone(&forms[place]);
        }
        let form = Arc::new(Form::new(batch, write, kind));
        if form.partial {
            return form;
        }
        if forms.len() == KEPT {
            forms.remove(0);
        }
        forms.push(Arc::clone(&form));
        form
    }
}

impl<'c> LastStatement<'c> {
    /// The statement of this write.
    pub(super) fn of(
        &mut self,
        store: &'c SqliteStore,
        batch: &Batch,
        write: &Write,
        kind: Kind,
    ) -> rusqlite::Result<&mut Shape<'c>> {
        let fits = |shape: &Shape<'c>| shape.form.fits(write, kind);
        let place = match self.shapes.iter().rposition(fits) {
            Some(place) => place,
            None => {
                let form = store.forms.of(batch, write, kind);
                if self.shapes.len() == KEPT {
                    self.shapes.remove(0);
                }
                self.shapes.push(Shape {
                    statement: store.connection.prepare_cached(&form.sql)?,
                    form,
                });
                self.shapes.len() - 1
            }
        };
        Ok(&mut self.shapes[place])
    }
}

impl Form {
    fn new(batch: &Batch, write: &Write, kind: Kind) -> Form {
        let (form, flag, _) = kind;
        let modified = batch.stamp.as_ref().map(|(modified, _)| modified);
        let absent = |at: &usize| write.fields[*at].1 == Value::Absent;
        let used: Vec<usize> = match form {
            DELETE => Vec::new(),
            _ => (0..write.fields.len())
                .filter(|at| !absent(at) && Some(&write.fields[*at].0) != modified)
                .collect(),
        };
        let mut names: Vec<&SmolStr> = used.iter().map(|at| &write.fields[*at].0).collect();
        let mark = batch.mark.as_ref().filter(|_| form == MARK);
        let mark = mark.filter(|(name, _)| !names.contains(&name));
        names.extend(mark.map(|(name, _)| name));
        names.extend(modified.filter(|_| form != DELETE));
        let sql = match form {
            CREATE | SEVERAL => {
                names.extend(Some(&batch.id).filter(|_| kind.2));
                let rows = if form == SEVERAL { AT_ONCE } else { 1 };
                batch.insert(&names, rows, !flag)
            }
            _ => batch.change(form, &names, flag),
        };
        let shares_stamp = form == SEVERAL && modified.is_some();
        Form {
            object: Arc::clone(&batch.table.object),
            kind,
            width: names.len() - usize::from(shares_stamp),
            shares_stamp,
            fields: write.fields.iter().map(|(name, _)| name.clone()).collect(),
            partial: (0..write.fields.len()).any(|at| absent(&at)),
            marked: mark.is_some(),
            used,
            sql,
        }
    }

    fn fits(&self, write: &Write, kind: Kind) -> bool {
        let mut fields = self.fields.iter().zip(&write.fields);
        self.kind == kind
            && !self.partial
            && self.fields.len() == write.fields.len()
            && fields.all(|(own, (name, value))| own == name && !matches!(value, Value::Absent))
    }
}

impl<'c> Shape<'c> {
    /// Binds the write's values, and behind them these.
    pub(super) fn bind(
        &mut self,
        batch: &Batch,
        write: &Write,
        behind: [Option<&Value>; 2],
    ) -> rusqlite::Result<&mut CachedStatement<'c>> {
        self.bind_row(0, batch, write, behind)?;
        Ok(&mut self.statement)
    }

    /// As [`Shape::bind`], of one of the statement's rows; what the write leaves out is null.
    pub(super) fn bind_row(
        &mut self,
        row: usize,
        batch: &Batch,
        write: &Write,
        behind: [Option<&Value>; 2],
    ) -> rusqlite::Result<()> {
        let whole = write.fields.len() == self.form.fields.len();
        let own = self.form.used.iter().map(|at| match whole {
            true => &write.fields[*at].1,
            false => {
                let name = &self.form.fields[*at];
                let mut own = write.fields.iter();
                own.find(|(field, _)| field == name)
                    .map_or(&Value::Null, |(_, value)| value)
            }
        });
        let mark = batch.mark.as_ref().filter(|_| self.form.marked);
        let stamp = batch.stamp.as_ref().filter(|_| self.form.kind.0 != DELETE);
        let stamp = match self.form.shares_stamp {
            true => {
                if let (0, Some((_, stamp))) = (row, stamp) {
                    self.statement.raw_bind_parameter(1, Bound(stamp))?;
                }
                None
            }
            false => stamp,
        };
        let set = [mark, stamp].into_iter().flatten().map(|(_, value)| value);
        let values = own.chain(set).chain(behind.into_iter().flatten());
        let first = row * self.form.width + usize::from(self.form.shares_stamp) + 1;
        for (place, value) in (first..).zip(values) {
            self.statement.raw_bind_parameter(place, Bound(value))?;
        }
        Ok(())
    }

    pub(super) fn statement(&mut self) -> &mut CachedStatement<'c> {
        &mut self.statement
    }
}

impl Batch {
    fn insert(&self, names: &[&SmolStr], rows: usize, ask: bool) -> String {
        let values = if names.is_empty() {
            "DEFAULT VALUES".to_owned()
        } else {
            let columns: Vec<String> = names.iter().map(|name| quote(name)).collect();
            let stamp = self.stamp.as_ref().map(|(modified, _)| modified);
            let shared = stamp.filter(|_| rows > 1);
            let mut number = usize::from(shared.is_some());
            let mut value = |name: &&SmolStr| match Some(*name) == shared {
                true => "?1".to_owned(),
                false => {
                    number += 1;
                    format!("?{number}")
                }
            };
            let mut row = |_| {
                let values: Vec<String> = names.iter().map(&mut value).collect();
                format!("({})", values.join(", "))
            };
            let all: Vec<String> = (0..rows).map(&mut row).collect();
            format!("({}) VALUES {}", columns.join(", "), all.join(", "))
        };
        // The rows before one that breaks a constraint stay, so that the statement need not be able to take back itself.
        let or_fail = if rows > 1 { " OR FAIL" } else { "" };
        let insert = format!("INSERT{or_fail} INTO {} {values}", self.table.quoted);
        if !ask {
            return insert;
        }
        let stamp = self
            .stamp
            .as_ref()
            .map(|(modified, _)| format!(", {}", quote(modified)))
            .unwrap_or_default();
        format!("{insert} RETURNING {}{stamp}", quote(&self.id))
    }

    fn change(&self, form: u8, names: &[&SmolStr], checked: bool) -> String {
        let id = quote(&self.id);
        let expected = match &self.stamp {
            Some((modified, _)) if checked => {
                format!(" AND {} COLLATE BINARY IS ?", quote(modified))
            }
            _ => String::new(),
        };
        if form == DELETE {
            return format!("DELETE FROM {} WHERE {id} = ?{expected}", self.table.quoted);
        }
        let set = if names.is_empty() {
            // Nothing changes, but whether the record is there must be known.
            format!("{id} = {id}")
        } else {
            let set: Vec<String> = names
                .iter()
                .map(|name| format!("{} = ?", quote(name)))
                .collect();
            set.join(", ")
        };
        format!(
            "UPDATE {} SET {set} WHERE {id} = ?{expected}",
            self.table.quoted
        )
    }
}
