//! The rule files of a program, as text.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::super::exit::{Cause, Exit};

/// What a rule file may weigh, in bytes.
pub const LARGEST: u64 = 16 << 20;

/// A rule file, read or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// As messages show it.
    pub path: String,
    pub text: Result<String, Unreadable>,
}

/// Why a file is no rule file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the file is not UTF-8 text: the first wrong byte stands on line {line}")]
    NotUtf8 { line: usize },
    #[error("the file is larger than 16 MiB: split it")]
    TooLarge,
}

/// The `.sync` files of the program at `path`, in the order of their names: the file itself, or those of the folder and none of its
/// subfolders.
///
/// # Errors
/// A folder that can't be read.
pub fn rule_paths(path: &Path) -> Result<Vec<PathBuf>, Exit> {
    if path.is_dir() {
        in_folder(path)
    } else {
        Ok(vec![path.to_owned()])
    }
}

/// The texts of [`rule_paths`].
///
/// # Errors
/// A file or folder that can't be read.
pub fn rule_files(path: &Path) -> Result<Vec<RuleFile>, Exit> {
    rule_paths(path)?.iter().map(|path| read(path)).collect()
}

/// The folders of programs under `path`: itself if it is a file or has rule files, else each subfolder that has some.
///
/// # Errors
/// A folder that can't be read, or without any program.
pub fn programs(path: &Path) -> Result<Vec<PathBuf>, Exit> {
    if !path.is_dir() || !in_folder(path)?.is_empty() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for folder in entries(path)? {
        if folder.is_dir() && !in_folder(&folder)?.is_empty() {
            found.push(folder);
        }
    }
    if found.is_empty() {
        return Err(none(path));
    }
    Ok(found)
}

/// The text of a file that is no rule file.
///
/// # Errors
/// The file can't be read, is too large, or is no text.
pub fn read_text(path: &Path) -> Result<String, Exit> {
    let file = read(path)?;
    file.text
        .map_err(|reason| Exit::new(Cause::Failed, format!("{}: {reason}", file.path)))
}

/// No rules where some were meant.
pub fn none(path: &Path) -> Exit {
    Exit::new(
        Cause::FileMissing,
        format!(
            "{} has no .sync files: name the folder of your rules",
            path.display()
        ),
    )
}

/// One text file of at most [`LARGEST`] bytes.
///
/// # Errors
/// The file can't be read.
fn read(path: &Path) -> Result<RuleFile, Exit> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| Exit::reading(path, &error))?;
    Ok(RuleFile {
        path: shown(path),
        text: text(bytes),
    })
}

/// The text of bytes that claim to be rules.
///
/// # Errors
/// See [`Unreadable`].
pub fn text(bytes: Vec<u8>) -> Result<String, Unreadable> {
    if bytes.len() as u64 > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..good];
        Unreadable::NotUtf8 {
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
        }
    })
}

/// A path as messages show it: without a leading `./`.
pub fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    match text.strip_prefix("./") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => text,
    }
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Exit> {
    let mut files = entries(folder)?;
    files.retain(|path| path.extension().is_some_and(|e| e == "sync") && !path.is_dir());
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Exit> {
    let wrong = |error: std::io::Error| Exit::reading(folder, &error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        paths.push(entry.map_err(wrong)?.path());
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    #[test]
    fn a_program_is_its_own_files_in_order() {
        let folder = folder(&[
            ("b.sync", b"b"),
            ("a.sync", b"a"),
            ("x.txt", b""),
            ("sub/c.sync", b"c"),
        ]);
        let files = rule_files(folder.path()).unwrap();
        let texts: Vec<_> = files
            .iter()
            .map(|file| file.text.clone().unwrap())
            .collect();
        assert_eq!(texts, ["a", "b"]);
    }

    #[test]
    fn a_folder_without_rules_stands_for_its_subfolders() {
        let with = folder(&[
            ("one/a.sync", b""),
            ("two/a.sync", b""),
            ("three/a.txt", b""),
        ]);
        let names: Vec<_> = programs(with.path())
            .unwrap()
            .iter()
            .map(|path| path.file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["one", "two"]);
        let without = folder(&[("three/a.txt", b"")]);
        let exit = programs(without.path()).unwrap_err();
        assert_eq!(exit.cause, Cause::FileMissing);
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        let folder = folder(&[("a.sync", b"let A = 1\n# \xff\n")]);
        let files = rule_files(folder.path()).unwrap();
        assert_eq!(files[0].text, Err(Unreadable::NotUtf8 { line: 2 }));
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let largest = usize::try_from(LARGEST).unwrap();
        assert!(text(vec![b' '; largest]).is_ok());
        assert_eq!(text(vec![b' '; largest + 1]), Err(Unreadable::TooLarge));
    }
}
