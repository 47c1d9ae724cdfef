//! The examples of the documents: every ```sync block is a program that checks, every command line names a command that exists.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let in_docs = fs::read_dir(root.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let packs = fs::read_dir(root.join("rules"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("README.md"));
    let mut paths: Vec<PathBuf> = in_docs
        .chain(packs)
        .filter(|path| path.extension().is_some_and(|e| e == "md") && path.is_file())
        .collect();
    paths.push(root.join("CONTRIBUTING.md"));
    paths.sort();
    paths
}

/// The code blocks of a document with their language and the line on which they begin.
fn blocks(text: &str) -> Vec<(&str, usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, usize, String)> = None;
    for (line, content) in (1..).zip(text.lines()) {
        match (content.strip_prefix("```"), open.take()) {
            (Some(language), None) => open = Some((language, line, String::new())),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some((language, at, body))) => {
                open = Some((language, at, body + content + "\n"))
            }
            (None, None) => {}
        }
    }
    blocks
}

fn bilateral() -> Command {
    Command::cargo_bin("bilateral").unwrap()
}

#[test]
fn rule_examples_check() {
    let mut checked = 0;
    for document in documents() {
        for (language, line, body) in blocks(&fs::read_to_string(&document).unwrap()) {
            if language != "sync" {
                continue;
            }
            let folder = TempDir::new().unwrap();
            fs::write(folder.path().join("example.sync"), body).unwrap();
            let output = bilateral().arg("lint").arg(folder.path()).output().unwrap();
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(
                output.status.code(),
                Some(0),
                "{}:{line}\n{told}",
                document.display()
            );
            checked += 1;
        }
    }
    assert!(checked >= 7, "only {checked} examples were found");
}

#[test]
fn command_lines_name_commands_that_exist() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (at, _) in text.match_indices("bilateral ") {
            let quoted = text[..at].ends_with(['`', '\n']) || text[..at].ends_with("&& ");
            let command: String = text[at + "bilateral ".len()..]
                .chars()
                .take_while(|c| c.is_ascii_lowercase())
                .collect();
            if quoted && !command.is_empty() {
                let known = bilateral()
                    .args([command.as_str(), "--help"])
                    .output()
                    .unwrap()
                    .status
                    .success();
                assert!(known, "{}: `bilateral {command}`", document.display());
            }
        }
    }
}
