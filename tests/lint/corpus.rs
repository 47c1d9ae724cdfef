//! The corpus of the fuzz targets, replayed: each law holds of each text, of it cut at many places, and of it without each line.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/fuzz_targets/laws.rs"]
mod laws;

fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/rules");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 8);
    paths
        .into_iter()
        .map(|p| fs::read_to_string(p).unwrap())
        .collect()
}

/// The text, parts of it, and it without a line.
fn variants(text: &str, step: usize) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    let cuts = (0..text.len())
        .step_by(step)
        .filter(|at| text.is_char_boundary(*at));
    all.extend(cuts.map(|at| text[..at].to_owned()));
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for at in (0..lines.len()).step_by(step.div_ceil(20)) {
        let rest = lines.iter().enumerate().filter(|(i, _)| *i != at);
        all.push(rest.map(|(_, l)| *l).collect());
    }
    all
}

#[test]
fn every_text_parses() {
    corpus()
        .iter()
        .flat_map(|t| variants(t, 7))
        .for_each(|t| laws::parse(&t));
}

#[test]
fn formatting_keeps_comments_and_settles() {
    corpus()
        .iter()
        .flat_map(|t| variants(t, 41))
        .for_each(|t| laws::format(&t));
}

#[test]
fn every_text_lints() {
    corpus()
        .iter()
        .flat_map(|t| variants(t, 41))
        .for_each(|t| laws::lint(&t));
}

#[test]
fn mending_never_makes_worse() {
    corpus()
        .iter()
        .flat_map(|t| variants(t, 101))
        .for_each(|t| laws::fix(&t));
}
