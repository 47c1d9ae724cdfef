//! Where the schema files of the stores say what findings are about: the second place of many of them.

use std::sync::OnceLock;

use smol_str::SmolStr;

use crate::diagnostic::{FileId, SourceMap, Span};
use crate::schema::{FieldPlaces, field_places};

/// The schema files among a program's sources.
#[derive(Debug, Default, Clone)]
pub struct SchemaPlaces {
    files: Vec<SchemaFile>,
}

#[derive(Debug, Clone)]
struct SchemaFile {
    store: SmolStr,
    file: FileId,
    /// Read when first asked for: most programs have no finding.
    fields: OnceLock<FieldPlaces>,
}

impl SchemaPlaces {
    /// The schema file of `store` is this one of the sources.
    pub fn add(&mut self, store: SmolStr, file: FileId) {
        self.files.push(SchemaFile {
            store,
            file,
            fields: OnceLock::new(),
        });
    }

    /// Whether a source is a schema file.
    pub fn holds(&self, file: FileId) -> bool {
        self.files.iter().any(|f| f.file == file)
    }

    /// Where a field of an object is described, if its store has a schema file that says so.
    pub fn field(
        &self,
        sources: &SourceMap,
        store: &str,
        object: &SmolStr,
        field: &SmolStr,
    ) -> Option<Span> {
        let file = self.files.iter().find(|f| f.store == store)?;
        let text = &sources.file(file.file)?.text;
        let fields = file.fields.get_or_init(|| field_places(text));
        let place = fields.get(&(object.clone(), field.clone()))?;
        Some(Span {
            file: file.file,
            start: u32::try_from(place.start).ok()?,
            end: u32::try_from(place.end).ok()?,
        })
    }
}
