//! The tables of a file as SQLite describes them.

use std::sync::Arc;

use indexmap::IndexMap;
use rusqlite::Connection;
use smol_str::{SmolStr, format_smolstr};

use super::cell::Decode;
use super::declared;
use crate::schema::{Field, Object};
use crate::store::columns::{self, ObjectConfig};
use crate::store::stamp::StampFormat;
use crate::value::Type;

/// One table as an object.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) object: Arc<Object>,
    /// The table's name, quoted.
    pub(super) quoted: String,
    /// The expression, quoted, by which rows are read in order: the row id, else the id. `None`: the table can't be read in pages.
    pub(super) row_key: Option<String>,
    /// The id is the row id.
    pub(super) row_id: bool,
    /// The columns of each index, in its order.
    pub(super) indexes: Vec<Vec<SmolStr>>,
    /// Triggers or generated columns change what was written.
    pub(super) rewrites: bool,
    /// One statement may make several rows: no trigger, and no rule of its own for rows that break a constraint.
    pub(super) takes_several: bool,
    /// The longest text that a client-made id may have; `None` where the database makes it.
    pub(super) client_id: Option<u32>,
    /// The columns of a primary key of several.
    pub(super) composite: Vec<SmolStr>,
    /// The default expression of the modification column.
    pub(super) modified_default: Option<String>,
    /// The form of the modification column, once a row has shown it.
    pub(super) format: Option<StampFormat>,
}

impl Table {
    pub(super) fn decode(&self, field: &str) -> Decode {
        self.object
            .fields
            .get(field)
            .map_or(Decode::Plain, |field| Decode::of(&field.ty))
    }

    /// Whether an index begins with these fields, in any order.
    pub(super) fn indexed(&self, fields: &[SmolStr]) -> bool {
        !fields.is_empty()
            && self.indexes.iter().any(|index| {
                index.len() >= fields.len()
                    && index[..fields.len()]
                        .iter()
                        .all(|column| fields.contains(column))
            })
    }
}

/// A name as an SQL identifier.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

struct Listed {
    name: SmolStr,
    view: bool,
    without_rowid: bool,
    /// A rule of the table (or column) says what becomes of rows that break a constraint.
    on_conflict: bool,
}

/// Every table and view as an object, under the name that the configuration gives it.
pub(super) fn describe(
    connection: &Connection,
    config: &IndexMap<SmolStr, ObjectConfig>,
) -> Result<IndexMap<SmolStr, Table>, DescribeError> {
    let listed = list(connection)?;
    let mut tables = IndexMap::new();
    for table in &listed {
        let mapped: Vec<_> = config
            .iter()
            .filter(|(object, config)| config.table.as_ref().unwrap_or(object) == &table.name)
            .collect();
        if mapped.is_empty() {
            tables.insert(
                table.name.clone(),
                load(connection, table, &table.name, &ObjectConfig::default())?,
            );
        }
        for (object, config) in mapped {
            tables.insert(object.clone(), load(connection, table, object, config)?);
        }
    }
    for (object, config) in config {
        if !tables.contains_key(object) {
            let table = config.table.clone().unwrap_or_else(|| object.clone());
            return Err(DescribeError::Missing(format!(
                "object `{object}`: there is no table `{table}`"
            )));
        }
    }
    Ok(tables)
}

pub(super) enum DescribeError {
    Sqlite(rusqlite::Error),
    /// What the configuration names and the file does not have.
    Missing(String),
}

impl From<rusqlite::Error> for DescribeError {
    fn from(error: rusqlite::Error) -> Self {
        DescribeError::Sqlite(error)
    }
}

fn list(connection: &Connection) -> rusqlite::Result<Vec<Listed>> {
    let mut statement = connection.prepare(
        "SELECT l.name, l.type, l.wr, s.sql LIKE '%conflict%' FROM pragma_table_list AS l LEFT JOIN sqlite_schema AS s ON s.name = l.name AND s.type IN ('table', 'view')
         WHERE l.schema = 'main' AND l.type IN ('table', 'view') AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.rowid",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Listed {
            name: row.get::<_, String>(0)?.into(),
            view: row.get::<_, String>(1)? == "view",
            without_rowid: row.get(2)?,
            on_conflict: row.get::<_, Option<bool>>(3)?.unwrap_or(true),
        })
    })?;
    rows.collect()
}

struct RawColumn {
    name: SmolStr,
    declared: String,
    not_null: bool,
    default: Option<String>,
    /// The place in the primary key, from 1; 0 outside it.
    key: u32,
    generated: bool,
}

fn columns_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<RawColumn>> {
    let mut statement = connection.prepare_cached("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1) WHERE hidden <> 1")?;
    let rows = statement.query_map([table], |row| {
        Ok(RawColumn {
            name: row.get::<_, String>(0)?.into(),
            declared: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
            not_null: row.get(2)?,
            default: row.get(3)?,
            key: row.get(4)?,
            generated: row.get::<_, i64>(5)? != 0,
        })
    })?;
    rows.collect()
}

/// The columns of each full index (not of partial ones, not of expressions), and whether it is unique.
fn indexes_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<(bool, Vec<SmolStr>)>> {
    let mut statement = connection
        .prepare_cached("SELECT name, \"unique\" FROM pragma_index_list(?1) WHERE partial = 0")?;
    let listed: Vec<(String, bool)> = statement
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut statement =
        connection.prepare_cached("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
    let mut indexes = Vec::new();
    for (index, unique) in listed {
        let columns: Vec<Option<String>> = statement
            .query_map([index], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let known: Vec<SmolStr> = columns
            .iter()
            .map_while(|column| column.as_deref().map(SmolStr::new))
            .collect();
        indexes.push((unique && known.len() == columns.len(), known));
    }
    Ok(indexes)
}

fn references_of(
    connection: &Connection,
    table: &str,
) -> rusqlite::Result<Vec<(SmolStr, SmolStr)>> {
    let mut statement =
        connection.prepare_cached("SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1)")?;
    let rows = statement.query_map([table], |row| {
        Ok((
            row.get::<_, String>(0)?.into(),
            row.get::<_, String>(1)?.into(),
        ))
    })?;
    rows.collect()
}

fn load(
    connection: &Connection,
    listed: &Listed,
    object: &SmolStr,
    config: &ObjectConfig,
) -> Result<Table, DescribeError> {
    let columns = columns_of(connection, &listed.name)?;
    let mut indexes = indexes_of(connection, &listed.name)?;
    let references = references_of(connection, &listed.name)?;
    let keys: Vec<&RawColumn> = columns.iter().filter(|column| column.key > 0).collect();
    let composite: Vec<SmolStr> = if keys.len() > 1 {
        keys.iter().map(|column| column.name.clone()).collect()
    } else {
        Vec::new()
    };
    // The one primary key column; an INTEGER one of a table with row ids is the row id itself.
    let primary = if let [key] = keys[..] {
        Some(key)
    } else {
        None
    };
    let alias = primary
        .filter(|key| !listed.without_rowid && key.declared.eq_ignore_ascii_case("INTEGER"))
        .map(|key| key.name.clone());
    if let Some(alias) = &alias {
        indexes.push((true, vec![alias.clone()]));
    }

    let has = |name: &str| columns.iter().any(|column| column.name == name);
    let role = |role: &str, named: &Option<SmolStr>, detected: Option<SmolStr>| match named {
        Some(name) if !has(name) => Err(DescribeError::Missing(format!(
            "object `{object}`: table `{}` has no column `{name}`, named as `{role}`",
            listed.name
        ))),
        Some(name) => Ok(Some(name.clone())),
        None => Ok(detected),
    };
    let id = role("id", &config.id, primary.map(|key| key.name.clone()))?;
    let modified = role("modified", &config.modified, columns::modified(has))?;
    let deleted = role("deleted", &config.deleted, columns::deleted(has))?;
    let created = role("created", &config.created, columns::created(has))?;

    let mut fields = IndexMap::new();
    let mut client_id = None;
    let mut modified_default = None;
    for column in &columns {
        let ty = declared::column_type(&column.declared);
        let is_id = id.as_ref() == Some(&column.name);
        let is_alias = alias.as_ref() == Some(&column.name);
        let computed_default = column
            .default
            .as_deref()
            .is_some_and(|default| !default.trim().eq_ignore_ascii_case("null"));
        if is_id
            && !computed_default
            && let Type::Text { max } = ty
        {
            client_id = Some(max.unwrap_or(u32::MAX)).filter(|max| *max >= super::id::SHORTEST);
        }
        if modified.as_ref() == Some(&column.name) {
            modified_default.clone_from(&column.default);
        }
        let field = Field {
            name: column.name.clone(),
            nullable: !(column.not_null || is_id),
            has_default: computed_default
                || is_alias
                || column.generated
                || (is_id && client_id.is_some()),
            default: column
                .default
                .as_deref()
                .and_then(|default| declared::constant(default, &ty)),
            createable: !(column.generated || listed.view),
            updateable: !(column.generated || listed.view || is_id),
            unique: indexes
                .iter()
                .any(|(unique, index)| *unique && index[..] == [column.name.clone()]),
            indexed: indexes
                .iter()
                .any(|(_, index)| index.first() == Some(&column.name)),
            references: references
                .iter()
                .filter(|(from, _)| *from == column.name)
                .map(|(_, to)| to.clone())
                .collect(),
            ty,
        };
        fields.insert(column.name.clone(), field);
    }
    let row_key = if listed.view || listed.without_rowid {
        id.as_deref().map(quote)
    } else {
        alias
            .as_deref()
            .map(quote)
            .or_else(|| {
                ["rowid", "_rowid_", "oid"]
                    .into_iter()
                    .find(|name| {
                        !columns
                            .iter()
                            .any(|column| column.name.eq_ignore_ascii_case(name))
                    })
                    .map(str::to_owned)
            })
            .or_else(|| id.as_deref().map(quote))
    };
    let triggers: bool = connection.query_row("SELECT EXISTS(SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE)", [listed.name.as_str()], |row| row.get(0))?;
    let row_id = alias.is_some() && alias == id;
    Ok(Table {
        row_id,
        object: Arc::new(Object {
            name: format_smolstr!("{object}"),
            fields,
            id,
            modified,
            deleted,
            created,
        }),
        quoted: quote(&listed.name),
        row_key,
        indexes: indexes.into_iter().map(|(_, index)| index).collect(),
        takes_several: !(triggers || listed.view || listed.on_conflict),
        rewrites: triggers || columns.iter().any(|column| column.generated),
        client_id,
        composite,
        modified_default,
        format: None,
    })
}
