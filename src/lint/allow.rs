//! `# allow(name): reason`: silences the finding of that name on its line, or on the line below.

use rustc_hash::FxHashMap;

use crate::check::Findings;
use crate::check::sink::{Suggestion, suggest};
use crate::diagnostic::{Applicability, FileId, Severity, SourceMap, Span, codes};
use crate::syntax::ast;

use super::pages::all_codes;

/// One `allow`.
struct Allow {
    /// The whole comment.
    span: Span,
    /// The comment with the blanks before it, or its whole line where nothing else stands on it.
    whole: Span,
    name: String,
    /// The finding that it is for: its name, or the one that a misspelt name is close to. That has a finding of its own, and what it was
    /// meant to silence is none.
    meant: String,
    name_span: Span,
    reason: bool,
    /// The line, counted from 0, that it speaks of.
    line: usize,
    used: bool,
}

/// Takes out the warnings that an `allow` silences, and adds what is wrong with the allows.
///
/// `whole`: everything could be checked. Where it could not, or there are errors, what an `allow` is for may not have been looked for.
pub(super) fn silence(
    files: &[ast::File],
    sources: &SourceMap,
    whole: bool,
    findings: &mut Findings,
) {
    let mut allows: Vec<Allow> = Vec::new();
    let mut lines: Vec<Lines<'_>> = Vec::with_capacity(files.len());
    for (file, source) in files.iter().zip(&sources.files) {
        let of = Lines::of(&source.text);
        allows.extend(file.comments.iter().filter_map(|c| read(c, &of)));
        lines.push(of);
    }
    if allows.is_empty() {
        return;
    }
    let mut by_line: FxHashMap<(FileId, usize), Vec<usize>> = FxHashMap::default();
    for (at, allow) in allows.iter().enumerate() {
        let place = (allow.span.file, allow.line);
        by_line.entry(place).or_default().push(at);
    }
    let mut kept = Vec::with_capacity(findings.list.len());
    for finding in std::mem::take(&mut findings.list) {
        let file = finding.span.file;
        let line = lines.get(file.0 as usize).map(|l| l.at(finding.span.start));
        let here = line.and_then(|line| by_line.get(&(file, line)));
        let silencing = here.into_iter().flatten().copied().find(|at| {
            finding.code.is_lint()
                && allows
                    .get(*at)
                    .is_some_and(|a| a.meant == finding.code.name)
        });
        match silencing.and_then(|at| allows.get_mut(at)) {
            Some(allow) => allow.used = true,
            None => kept.push(finding),
        }
    }
    findings.list = kept;
    let errors = findings.list.iter().any(|f| f.severity == Severity::Error);
    for allow in &allows {
        complain(allow, whole && !errors, findings);
    }
}

/// The lines of a file, counted from 0.
struct Lines<'t> {
    text: &'t str,
    /// Where each line starts.
    starts: Vec<usize>,
    /// How many lines from each on are comments, one after the other.
    comments: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Lines<'t> {
        let ends = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let starts: Vec<usize> = std::iter::once(0)
            .chain(ends.map(|(at, _)| at + 1))
            .collect();
        let mut comments = vec![0; starts.len() + 1];
        for (number, start) in starts.iter().enumerate().rev() {
            if text[*start..]
                .trim_start_matches([' ', '\t', '\u{feff}'])
                .starts_with('#')
            {
                comments[number] = comments[number + 1] + 1;
            }
        }
        Lines {
            text,
            starts,
            comments,
        }
    }

    /// The line of a byte.
    fn at(&self, byte: u32) -> usize {
        let after = self.starts.partition_point(|start| *start <= byte as usize);
        after.saturating_sub(1)
    }
}

fn complain(allow: &Allow, whole: bool, findings: &mut Findings) {
    let known = all_codes().find(|c| c.name == allow.name);
    match known {
        None => {
            let named = all_codes()
                .find(|c| c.code == allow.name)
                .map(|c| format!("its name is `{}`", c.name));
            let described = findings.warning(
                codes::UNKNOWN_ALLOW,
                allow.name_span,
                format!("there is no finding `{}`", allow.name),
            );
            match named {
                Some(help) => described.help(help),
                None if allow.name.contains(',') => {
                    described.help("one `allow` is for one finding: write another comment for each")
                }
                None => described.suggest_as(
                    &allow.name,
                    all_codes().map(|c| c.name).filter(|n| *n != allow.name),
                    str::to_owned,
                ),
            };
        }
        Some(code) if !code.is_lint() => {
            findings
                .warning(
                    codes::UNUSED_ALLOW,
                    allow.name_span,
                    format!("`{}` is an error, and errors are not silenced", allow.name),
                )
                .help("mend what it is about, and leave the `allow` out");
        }
        Some(_) if !allow.reason => {
            findings
                .warning(
                    codes::ALLOW_WITHOUT_REASON,
                    allow.span,
                    "an `allow` says why",
                )
                .help(format!("write `# allow({}): the reason`", allow.name));
        }
        Some(_) if whole && !allow.used => {
            findings
                .warning(
                    codes::UNUSED_ALLOW,
                    allow.span,
                    format!("this silences nothing: there is no `{}` here", allow.name),
                )
                .help("leave it out")
                .fix(Applicability::Safe, allow.whole, "");
        }
        Some(_) => {}
    }
}

fn read(comment: &ast::Comment, lines: &Lines<'_>) -> Option<Allow> {
    let lead = comment.text.len() - comment.text.trim_start().len();
    let rest = comment.text.get(lead..)?.strip_prefix("allow")?;
    let open = rest.find('(').filter(|at| rest[..*at].trim().is_empty())?;
    let close = rest.find(')')?;
    let name = rest.get(open + 1..close)?;
    let reason = rest
        .get(close + 1..)?
        .trim_start()
        .strip_prefix(':')
        .is_some_and(|r| !r.trim().is_empty());
    // `#`, the blanks, `allow`, and the name's own blanks.
    let offset = 1 + lead + "allow".len() + open + 1 + (name.len() - name.trim_start().len());
    let start = comment.span.start + u32::try_from(offset).ok()?;
    let name = name.trim();
    let name_span = Span {
        file: comment.span.file,
        start,
        end: start + u32::try_from(name.len()).ok()?,
    };
    let own = lines.at(comment.span.start);
    let begin = *lines.starts.get(own)?;
    let before = lines.text.get(begin..comment.span.start as usize)?;
    let alone = before.trim().is_empty();
    let line = if alone {
        own + 1 + lines.comments.get(own + 1).copied().unwrap_or(0)
    } else {
        own
    };
    let blanks = u32::try_from(before.len() - before.trim_end().len()).ok()?;
    let mut whole = Span {
        start: comment.span.start - blanks,
        ..comment.span
    };
    if let (true, Some(next)) = (alone, lines.starts.get(own + 1)) {
        whole.end = u32::try_from(*next).ok()?;
    }
    Some(Allow {
        span: comment.span,
        whole,
        meant: meant(name),
        name: name.to_string(),
        name_span,
        reason,
        line,
        used: false,
    })
}

fn meant(name: &str) -> String {
    if all_codes().any(|c| c.name == name) {
        return name.to_owned();
    }
    match suggest(name, all_codes().map(|c| c.name)) {
        Suggestion::Close(close, _) => close,
        _ => name.to_owned(),
    }
}
