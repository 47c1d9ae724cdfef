//! Applying the safe fixes of findings: as many as there are, and never one after which more is wrong.

use crate::diagnostic::{Applicability, Edit, Finding, Fix, Severity};

/// How many times the rules are looked at again for what a fix brought to light.
const ROUNDS: usize = 10;
/// How many fixes are tried one by one, where all at once made things worse.
const TRIES: usize = 200;

/// The texts with all safe fixes applied; `look` gives the findings of texts, whose places in `texts` are their file ids.
///
/// The result never has more findings, nor more errors, than the texts given.
pub fn settle(texts: &[String], look: &dyn Fn(&[String]) -> Vec<Finding>) -> Vec<String> {
    let mut texts = texts.to_vec();
    let mut findings = look(&texts);
    let mut tries = TRIES;
    for _ in 0..ROUNDS {
        let fixes: Vec<&Fix> = findings.iter().filter_map(safe).collect();
        if fixes.is_empty() {
            break;
        }
        if let Some((better, left)) = tried(&texts, &findings, &fixes, look) {
            (texts, findings) = (better, left);
            continue;
        }
        let mut one = None;
        for fix in &fixes {
            if tries == 0 {
                break;
            }
            tries -= 1;
            one = tried(&texts, &findings, &[fix], look);
            if one.is_some() {
                break;
            }
        }
        match one {
            Some(better) => (texts, findings) = better,
            None => break,
        }
    }
    texts
}

fn safe(finding: &Finding) -> Option<&Fix> {
    finding
        .fix
        .as_ref()
        .filter(|fix| fix.applicability == Applicability::Safe)
}

/// The texts after these fixes with what is left to find, if that is less.
fn tried(
    texts: &[String],
    findings: &[Finding],
    fixes: &[&Fix],
    look: &dyn Fn(&[String]) -> Vec<Finding>,
) -> Option<(Vec<String>, Vec<Finding>)> {
    let mended = apply(texts, fixes);
    if mended == texts {
        return None;
    }
    let left = look(&mended);
    let errors = |all: &[Finding]| all.iter().filter(|f| f.severity == Severity::Error).count();
    let better = left.len() < findings.len() && errors(&left) <= errors(findings);
    better.then_some((mended, left))
}

/// The texts with the edits of these fixes. A fix of which an edit overlaps one before it, or lies in no text, is left out whole.
pub fn apply(texts: &[String], fixes: &[&Fix]) -> Vec<String> {
    let mut taken: Vec<&Edit> = Vec::new();
    for fix in fixes {
        let fits = |edit: &Edit| {
            let text = texts.get(edit.span.file.0 as usize);
            let inside = text.is_some_and(|t| {
                edit.span.start <= edit.span.end
                    && t.get(edit.span.start as usize..edit.span.end as usize)
                        .is_some()
            });
            inside && !taken.iter().any(|t| overlap(t, edit))
        };
        if fix.edits.iter().all(fits) {
            taken.extend(&fix.edits);
        }
    }
    taken.sort_by_key(|edit| (edit.span.file, edit.span.start, edit.span.end));
    let mut mended = texts.to_vec();
    for edit in taken.into_iter().rev() {
        if let Some(text) = mended.get_mut(edit.span.file.0 as usize) {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
    }
    mended
}

fn overlap(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file
        && a.span.start <= b.span.end
        && b.span.start <= a.span.end
        && !(a.span.end == b.span.start && a.span.start < a.span.end && b.span.start < b.span.end)
        && !(b.span.end == a.span.start && a.span.start < a.span.end && b.span.start < b.span.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, FileId, Span};

    const CODE: Code = Code {
        code: "E203",
        name: "unknown-field",
    };

    fn finding(start: u32, end: u32, text: &str) -> Finding {
        let span = Span {
            file: FileId(0),
            start,
            end,
        };
        Finding::error(CODE, span, "x").fix(Applicability::Safe, span, text)
    }

    #[test]
    fn edits_that_overlap_are_not_both_made() {
        let texts = vec!["emial phnoe".to_owned()];
        let all = [
            finding(0, 5, "email"),
            finding(3, 8, "x"),
            finding(6, 11, "phone"),
        ];
        let fixes: Vec<&Fix> = all.iter().filter_map(|f| f.fix.as_ref()).collect();
        assert_eq!(apply(&texts, &fixes), ["email phone"]);
    }

    #[test]
    fn a_fix_that_makes_things_worse_is_not_made() {
        let look = |texts: &[String]| match texts[0].as_str() {
            "a b" => vec![finding(0, 1, "A"), finding(2, 3, "B")],
            "A b" => vec![finding(0, 1, "x"), finding(0, 1, "y")],
            "A B" => vec![finding(0, 1, "x"), finding(0, 1, "y"), finding(0, 1, "z")],
            "a B" => vec![finding(0, 1, "A")],
            _ => vec![],
        };
        assert_eq!(settle(&["a b".to_owned()], &look), ["a B"]);
    }
}
