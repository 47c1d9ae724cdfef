//! Strict reading of the project's YAML files: sized, typed, every complaint with its key and line.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{DeserializeOwned, Deserializer, Visitor};

/// The greatest YAML file that is read, in bytes.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What is wrong with a YAML file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YamlError {
    /// It is not there, or can't be read (exit code 66).
    #[error("{}: {reason}", path.display())]
    Missing { path: PathBuf, reason: String },
    /// A wrong key, value or variable, or no YAML at all (exit code 78).
    #[error("{}{}: {message}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
    Wrong {
        path: PathBuf,
        line: Option<usize>,
        message: String,
    },
}

/// The text of the file at `path`.
///
/// # Errors
/// A file that is missing, too large or not UTF-8.
pub fn read_text(path: &Path) -> Result<String, YamlError> {
    let missing = |error: std::io::Error| {
        let reason = if error.kind() == std::io::ErrorKind::NotFound {
            "there is no such file".to_owned()
        } else {
            error.to_string()
        };
        YamlError::Missing {
            path: path.to_owned(),
            reason,
        }
    };
    let length = std::fs::metadata(path).map_err(missing)?.len();
    if length > MAX_BYTES {
        return Err(YamlError::Wrong {
            path: path.to_owned(),
            line: None,
            message: "the file is larger than 16 MiB".into(),
        });
    }
    let bytes = std::fs::read(path).map_err(missing)?;
    String::from_utf8(bytes).map_err(|_| YamlError::Wrong {
        path: path.to_owned(),
        line: None,
        message: "the file is not UTF-8".into(),
    })
}

/// What `text`, the content of `path`, describes.
///
/// # Errors
/// The first thing that is wrong, with its key, its line and what was probably meant.
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, YamlError> {
    let wrong = |line: Option<usize>, message: String| YamlError::Wrong {
        path: path.to_owned(),
        line,
        message,
    };
    if text.len() as u64 > MAX_BYTES {
        return Err(wrong(None, "the file is larger than 16 MiB".into()));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_path_to_error::deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| {
        let key = error.path().to_string();
        let inner = error.into_inner();
        let line = inner.location().map(|location| location.line());
        wrong(line, explain(&key, &bare(&inner.to_string(), &key)))
    })
}

/// The message without the place that the parser adds: it is told in our own form.
fn bare(message: &str, key: &str) -> String {
    let message = message
        .rfind(" at line ")
        .map_or(message, |at| &message[..at]);
    // The parser's own path of keys stands before the fact.
    match message.split_once(": ") {
        Some((path, fact)) if key.starts_with(path) || path.starts_with(key) => fact.to_owned(),
        _ => message.to_owned(),
    }
}

/// The parser's words in ours: which key, and what was probably meant.
fn explain(key: &str, message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let unknown = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        let what = if message.starts_with("unknown field") {
            "key"
        } else {
            "value"
        };
        let parent = key
            .strip_suffix(unknown)
            .map_or(key, |parent| parent.trim_end_matches('.'));
        let place = if parent.is_empty() || parent == "." {
            String::new()
        } else {
            format!(" in `{parent}`")
        };
        return format!(
            "unknown {what} `{unknown}`{place}; {}",
            suggest(unknown, &known)
        );
    }
    if key == "." || key.is_empty() {
        message.to_owned()
    } else {
        format!("`{key}`: {message}")
    }
}

/// The known name that is close to the unknown one: at most a third of its length away.
pub fn close_to<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = unknown.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            (
                strsim::damerau_levenshtein(&name.to_lowercase(), &lower),
                name,
            )
        })
        .filter(|(distance, name)| {
            *distance <= name.chars().count().max(unknown.chars().count()) / 3
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `did you mean …?` where a known name is close, else the known names.
pub fn suggest(unknown: &str, known: &[&str]) -> String {
    match close_to(unknown, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "none is known here".into(),
        None => {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("known: {}", known.join(", "))
        }
    }
}

/// The line of the key that this path of keys leads to, as far as it leads: for complaints about what the keys together say.
pub fn line_of(text: &str, keys: &[&str]) -> Option<usize> {
    let mut from = 0;
    for key in keys {
        let found = text[from..]
            .match_indices(key)
            .map(|(at, _)| from + at)
            .find(|at| {
                let before = text[..*at].chars().next_back().is_none_or(|char| {
                    char.is_whitespace() || matches!(char, '"' | '\'' | '{' | ',')
                });
                let after = text[at + key.len()..].trim_start_matches(['"', '\'']);
                let comment = text[..*at]
                    .rsplit('\n')
                    .next()
                    .is_some_and(|line| line.contains('#'));
                before && after.starts_with(':') && !comment
            });
        match found {
            Some(at) => from = at,
            None => break,
        }
    }
    (from > 0 || keys.len() == 1).then(|| text[..from].matches('\n').count() + 1)
}

/// A YAML scalar as its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Scalar(pub String);

impl<'de> serde::Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a number")
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
            fn visit_bool<E>(self, truth: bool) -> Result<Scalar, E> {
                Ok(Scalar(truth.to_string()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_keys_has_a_line() {
        let text = "stores:\n  # kind: x\n  a:\n    kind: sqlite\n  b: { kind: csv }\n";
        assert_eq!(line_of(text, &["stores", "a", "kind"]), Some(4));
        assert_eq!(line_of(text, &["stores", "b", "kind"]), Some(5));
        assert_eq!(line_of(text, &["stores", "b", "none"]), Some(5));
    }

    #[test]
    fn only_what_is_close_is_suggested() {
        assert_eq!(suggest("pth", &["path", "kind"]), "did you mean `path`?");
        assert_eq!(suggest("Path", &["path"]), "did you mean `path`?");
        assert_eq!(
            suggest("colour", &["path", "kind"]),
            "known: `path`, `kind`"
        );
    }
}
