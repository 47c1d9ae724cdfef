//! The house: data flows one way through the folders of `src`, and a folder imports only those before it.

use std::fs;
use std::path::{Path, PathBuf};

/// In the order of the way; the last ones are the top floor, which do not import one another, but that `cli` starts them.
const FOLDERS: [&str; 14] = [
    "value",
    "schema",
    "diagnostic",
    "syntax",
    "program",
    "check",
    "lint",
    "store",
    "ledger",
    "plan",
    "apply",
    "scenario",
    "doc",
    "cli",
];

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// The folders that a text names after `crate::`, alone or in braces.
fn named(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let list = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => rest
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default(),
        };
        names.extend(list.split(',').filter_map(|n| n.trim().split("::").next()));
    }
    names
}

#[test]
fn a_folder_imports_only_folders_before_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (place, folder) in FOLDERS.iter().enumerate() {
        let mut all = Vec::new();
        files(&source.join(folder), &mut all);
        for file in all {
            let text = fs::read_to_string(&file).unwrap();
            for name in named(&text) {
                if FOLDERS
                    .iter()
                    .position(|f| *f == name)
                    .is_some_and(|p| p > place)
                {
                    wrong.push(format!("{} imports {name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_on_the_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: Vec<String> = fs::read_dir(source)
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.path().is_dir())
        .map(|e| e.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut known: Vec<&str> = FOLDERS.to_vec();
    known.sort_unstable();
    assert_eq!(folders, known);
}

#[test]
fn only_syntax_knows_the_grammar_and_one_file_draws_findings() {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    for file in all {
        let text = fs::read_to_string(&file).unwrap();
        let path = file.to_string_lossy().replace('\\', "/");
        assert!(
            !text.contains("use pest") || path.contains("/syntax/"),
            "{path}"
        );
        assert!(
            !text.contains("use annotate_snippets") || path.ends_with("diagnostic/text.rs"),
            "{path}"
        );
        for pack in ["lead_gen", "pardot", "magento", "sugar_market"] {
            let mention = text
                .lines()
                .any(|l| l.contains(pack) && !l.trim_start().starts_with("//"));
            assert!(
                !mention || path.contains("/cli/") || path.contains("test"),
                "{path} names the pack {pack}"
            );
        }
    }
}
