//! `${NAME}` and `${file:PATH}` in the values of `stores.yaml`.

use std::path::Path;

/// Around the number of a masked variable: characters that YAML takes anywhere in a plain text.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// A text whose variables are hidden from YAML, which would take the brace of `{ post: ${SECRET} }` for its own.
pub(super) struct Masked {
    pub(super) text: String,
    /// The variables as they are written, by number.
    written: Vec<String>,
}

impl Masked {
    pub(super) fn new(text: &str) -> Self {
        let mut masked = Masked {
            text: String::with_capacity(text.len()),
            written: Vec::new(),
        };
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            masked.text.push_str(before);
            match after
                .split_once('}')
                .filter(|(name, _)| !name.contains(['\n', '"', '{']))
            {
                Some((name, after)) => {
                    masked
                        .text
                        .push_str(&format!("{OPEN}{}{CLOSE}", masked.written.len()));
                    masked.written.push(format!("${{{name}}}"));
                    rest = after;
                }
                None => {
                    masked.text.push_str("${");
                    rest = after;
                }
            }
        }
        masked.text.push_str(rest);
        masked
    }

    /// A part of the masked text as it is written.
    pub(super) fn unmask(&self, text: &str) -> String {
        let mut parts = text.split(OPEN);
        let mut plain = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let variable = part.split_once(CLOSE).and_then(|(number, rest)| {
                Some((self.written.get(number.parse::<usize>().ok()?)?, rest))
            });
            match variable {
                Some((written, rest)) => {
                    plain.push_str(written);
                    plain.push_str(rest);
                }
                None => {
                    plain.push(OPEN);
                    plain.push_str(part);
                }
            }
        }
        plain
    }
}

/// What stands behind the variables.
pub(super) struct Variables<'a> {
    /// To which file paths are relative.
    pub(super) folder: &'a Path,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
}

/// A variable that has no value: as it is written, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoValue {
    pub(super) written: String,
    pub(super) reason: String,
}

impl Variables<'_> {
    /// `text` with its variables replaced, once: what they stand for is taken as it is.
    pub(super) fn expand(&self, text: &str) -> Result<String, NoValue> {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            expanded.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                return Err(NoValue {
                    written: format!("${{{after}"),
                    reason: "it has no closing `}`".into(),
                });
            };
            let value = self.value(name).map_err(|reason| NoValue {
                written: format!("${{{name}}}"),
                reason,
            })?;
            expanded.push_str(&value);
            rest = after;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    fn value(&self, name: &str) -> Result<String, String> {
        if let Some(path) = name.strip_prefix("file:") {
            let path = self.folder.join(path.trim());
            let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => format!("there is no file {}", path.display()),
                _ => format!("{} cannot be read: {error}", path.display()),
            })?;
            let text = text.strip_suffix('\n').unwrap_or(&text);
            return Ok(text.strip_suffix('\r').unwrap_or(text).to_owned());
        }
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || char == '_');
        if !is_name {
            return Err("it is neither `${NAME}` nor `${file:PATH}`".into());
        }
        (self.environment)(name).ok_or_else(|| format!("the environment has no variable `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_text_is_the_same_once_unmasked() {
        for text in [
            "a: ${A}, b: \"${file:x y}\" ${",
            "${A}${A}",
            "${A\n}",
            "no \u{E000}1\u{E001}",
            "",
        ] {
            let masked = Masked::new(text);
            assert_eq!(masked.unmask(&masked.text), text);
        }
        assert!(!Masked::new("{ a: ${A} }").text.contains("${"));
    }

    #[test]
    fn variables_are_replaced_once() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "s3cret${A}\r\n").unwrap();
        let environment = |name: &str| (name == "A").then(|| "x".to_owned());
        let variables = Variables {
            folder: folder.path(),
            environment: &environment,
        };
        assert_eq!(variables.expand("a${A}b${A}"), Ok("axbx".into()));
        assert_eq!(variables.expand("${file:key}"), Ok("s3cret${A}".into()));
        assert_eq!(variables.expand("$A {A} }"), Ok("$A {A} }".into()));
        for (text, reason) in [
            ("${B}", "no variable `B`"),
            ("${file:none}", "there is no file"),
            ("${A", "no closing"),
            ("${a-b}", "neither"),
            ("${}", "neither"),
        ] {
            let error = variables.expand(text).unwrap_err();
            assert!(
                error.reason.contains(reason) && error.written.starts_with(text),
                "{error:?}"
            );
        }
    }
}
