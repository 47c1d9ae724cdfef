//! The program's hash: a saved plan of another one is stale.

use std::fmt::{self, Write as _};

use smol_str::SmolStr;

use super::SchemaPlaces;
use crate::diagnostic::{FileId, SourceMap};
use crate::program::ProgramStore;

/// Of the rule texts, the settings' values and the schemas.
pub(super) fn hash(
    sources: &SourceMap,
    places: &SchemaPlaces,
    settings: &[(SmolStr, String)],
    stores: &[ProgramStore; 2],
) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    // Schema files are known by what they say.
    let files = (0..).map(FileId).zip(&sources.files);
    let mut texts: Vec<&str> = files
        .filter(|(id, _)| !places.holds(*id))
        .map(|(_, f)| &*f.text)
        .collect();
    // The order of files has no meaning.
    texts.sort_unstable();
    for text in texts {
        part(text.as_bytes());
    }
    let mut settings: Vec<_> = settings.iter().collect();
    settings.sort();
    for (name, value) in settings {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    for store in stores {
        part(store.name.as_bytes());
    }
    for store in stores {
        // What it says ends where the hash does, or where the next one begins: `StoreSchema {`.
        let _ = write!(Written(&mut hasher), "{:?}", store.schema);
    }
    *hasher.finalize().as_bytes()
}

/// Text that goes into a hash as it is written: a schema's is long.
struct Written<'h>(&'h mut blake3::Hasher);

impl fmt::Write for Written<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
