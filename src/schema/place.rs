//! Where the fields of a schema file stand in its text, for messages that point at them.

use std::ops::Range;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// By object and field: the bytes of the field's name and what is said of it, on the line on which it begins.
pub type FieldPlaces = FxHashMap<(SmolStr, SmolStr), Range<usize>>;

/// The fields of a schema file in block form, as `schema pull` writes it; of any other form those that can be found, or none.
pub fn field_places(text: &str) -> FieldPlaces {
    let mut places = FieldPlaces::default();
    // The keys above the line at hand, with their columns.
    let mut above: Vec<(usize, SmolStr)> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let begin = start;
        start += line.len();
        let content = line.trim_end();
        let column = content.len() - content.trim_start().len();
        let Some(key) = key_of(content) else { continue };
        above.retain(|(before, _)| *before < column);
        if let [(_, objects), (_, object), (_, fields)] = above.as_slice()
            && objects == "objects"
            && fields == "fields"
        {
            places.insert(
                (object.clone(), key.clone()),
                begin + column..begin + content.len(),
            );
        }
        above.push((column, key));
    }
    places
}

/// The key that a line begins with: plain, or in quotes.
fn key_of(line: &str) -> Option<SmolStr> {
    let text = line.trim_start().trim_start_matches('\u{feff}');
    if text.starts_with(['#', '-']) {
        return None;
    }
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            let (key, rest) = rest.split_once(quote)?;
            return rest.trim_start().starts_with(':').then(|| key.into());
        }
    }
    let at = text
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| text[at + 1..].starts_with([' ', '\t']) || at + 1 == text.len())?;
    Some(text[..at].trim_end().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_in_its_object() {
        let text = "objects:\n  Lead:   # people\n    id: Id\n    fields:\n      Id: { type: id }\n      \"Deal Stage\": { type: text }\n  Contact:\n    fields:\n      Lead: { type: text }\n      # Id: gone\n      Id:\n        type: id\n";
        let places = field_places(text);
        let at = |object: &str, field: &str| {
            let place = places.get(&(object.into(), field.into()));
            place.map(|p| &text[p.clone()])
        };
        assert_eq!(at("Lead", "Id"), Some("Id: { type: id }"));
        assert_eq!(
            at("Lead", "Deal Stage"),
            Some("\"Deal Stage\": { type: text }")
        );
        assert_eq!(at("Contact", "Lead"), Some("Lead: { type: text }"));
        assert_eq!(at("Contact", "Id"), Some("Id:"));
        assert_eq!(at("Contact", "Deal Stage"), None);
        assert_eq!(places.len(), 4);
    }

    #[test]
    fn what_is_no_block_is_no_place() {
        assert!(field_places("objects: { Lead: { fields: { Id: { type: id } } } }").is_empty());
        assert!(field_places("").is_empty());
    }
}
