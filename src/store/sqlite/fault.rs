//! What SQLite's errors mean for the user: what is wrong, with which file, and what to do.

use std::path::PathBuf;

use rusqlite::ErrorCode;
use smol_str::SmolStr;

use crate::schema::yaml::close_to;
use crate::store::{RecordError, StoreError};

/// The store's name and file, for messages.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) store: SmolStr,
    pub(super) path: PathBuf,
}

impl Place {
    pub(super) fn unavailable(&self, what: impl std::fmt::Display) -> StoreError {
        StoreError::Unavailable(format!(
            "store `{}`: {} {what}",
            self.store,
            self.path.display()
        ))
    }

    pub(super) fn shape(&self, what: impl std::fmt::Display) -> StoreError {
        StoreError::Shape(format!(
            "store `{}`: {what} in {}",
            self.store,
            self.path.display()
        ))
    }

    pub(super) fn data(&self, what: impl std::fmt::Display) -> StoreError {
        StoreError::Data(format!(
            "store `{}`: {what} in {}",
            self.store,
            self.path.display()
        ))
    }

    /// An error of the whole store.
    pub(super) fn error(&self, error: rusqlite::Error) -> StoreError {
        let text = message(&error);
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                self.unavailable("is locked by another program; try again when it has finished")
            }
            Some(ErrorCode::NotADatabase) => {
                self.unavailable("is not a SQLite database; check `path` in stores.yaml")
            }
            Some(ErrorCode::CannotOpen) => {
                self.unavailable("cannot be opened; check that you may read it and its folder")
            }
            Some(ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied) => {
                self.unavailable("cannot be read; check its permissions")
            }
            Some(ErrorCode::ReadOnly) => {
                self.unavailable("is read-only; check that you may write it and its folder")
            }
            Some(ErrorCode::DatabaseCorrupt) => self.unavailable(format_args!(
                "is damaged ({text}); restore it or run `PRAGMA integrity_check`"
            )),
            Some(ErrorCode::DiskFull) => self.unavailable("cannot grow: the disk is full"),
            Some(ErrorCode::SystemIoFailure) => {
                self.unavailable(format_args!("cannot be read or written ({text})"))
            }
            _ if text.starts_with("no such") || text.contains("has no column") => self.shape(text),
            _ => self.unavailable(format_args!("gave an error: {text}")),
        }
    }
}

/// ` (did you mean …?)` where a known name is close, else nothing.
pub(super) fn hint<'a>(unknown: &str, known: impl IntoIterator<Item = &'a SmolStr>) -> String {
    let known = known.into_iter().map(SmolStr::as_str);
    close_to(unknown, known)
        .map(|name| format!(" (did you mean `{name}`?)"))
        .unwrap_or_default()
}

/// An error of one record; `None` where the whole store has failed.
pub(super) fn record_error(error: &rusqlite::Error) -> Option<RecordError> {
    let code = error.sqlite_error_code()?;
    if !matches!(
        code,
        ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig
    ) {
        return None;
    }
    let message = message(error);
    let field = field_of(&message);
    Some(RecordError {
        code: name(error.sqlite_extended_error_code().unwrap_or_default()).into(),
        message,
        field,
        transient: false,
    })
}

fn message(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

/// `Company` of `NOT NULL constraint failed: Lead.Company`; the first of several.
fn field_of(message: &str) -> Option<SmolStr> {
    let (kind, columns) = message.split_once(" constraint failed: ")?;
    if !matches!(kind, "NOT NULL" | "UNIQUE") {
        return None;
    }
    let column = columns.split(", ").next()?;
    column.split_once('.').map(|(_, field)| field.into())
}

fn name(extended: i32) -> &'static str {
    use rusqlite::ffi;
    match extended {
        ffi::SQLITE_CONSTRAINT_CHECK => "SQLITE_CONSTRAINT_CHECK",
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => "SQLITE_CONSTRAINT_FOREIGNKEY",
        ffi::SQLITE_CONSTRAINT_NOTNULL => "SQLITE_CONSTRAINT_NOTNULL",
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY => "SQLITE_CONSTRAINT_PRIMARYKEY",
        ffi::SQLITE_CONSTRAINT_TRIGGER => "SQLITE_CONSTRAINT_TRIGGER",
        ffi::SQLITE_CONSTRAINT_UNIQUE => "SQLITE_CONSTRAINT_UNIQUE",
        ffi::SQLITE_CONSTRAINT_ROWID => "SQLITE_CONSTRAINT_ROWID",
        ffi::SQLITE_CONSTRAINT_DATATYPE => "SQLITE_CONSTRAINT_DATATYPE",
        ffi::SQLITE_MISMATCH => "SQLITE_MISMATCH",
        ffi::SQLITE_TOOBIG => "SQLITE_TOOBIG",
        _ => "SQLITE_CONSTRAINT",
    }
}
