//! `# allow(name): reason`: silences the finding of that name on its line, or on the line below.

use crate::check::Findings;
use crate::diagnostic::{FileId, SourceMap, Span};
use crate::syntax::ast;

use super::codes;
use super::pages::all_codes;

/// One `allow`.
struct Allow {
    /// The whole comment.
    span: Span,
    name: String,
    name_span: Span,
    reason: bool,
    /// The line, counted from 0, that it speaks of.
    line: usize,
    used: bool,
}

/// Takes out the warnings that an `allow` silences, and adds what is wrong with the allows.
pub(super) fn silence(files: &[ast::File], sources: &SourceMap, findings: &mut Findings) {
    let mut allows: Vec<Allow> = Vec::new();
    for (file, text) in files.iter().zip(&sources.files) {
        allows.extend(file.comments.iter().filter_map(|c| read(c, &text.text)));
    }
    if allows.is_empty() {
        return;
    }
    let mut kept = Vec::with_capacity(findings.list.len());
    for finding in std::mem::take(&mut findings.list) {
        let line = line_of(sources, finding.span.file, finding.span.start);
        let silenced = is_warning(finding.code.code)
            && allows.iter_mut().any(|a| {
                let fits = a.reason
                    && a.span.file == finding.span.file
                    && Some(a.line) == line
                    && a.name == finding.code.name;
                a.used |= fits;
                fits
            });
        if !silenced {
            kept.push(finding);
        }
    }
    findings.list = kept;
    for allow in &allows {
        complain(allow, findings);
    }
}

fn complain(allow: &Allow, findings: &mut Findings) {
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
                None => described.suggest(
                    &allow.name,
                    all_codes().map(|c| c.name).filter(|n| *n != allow.name),
                ),
            };
        }
        Some(code) if !is_warning(code.code) => {
            findings.warning(
                codes::UNUSED_ALLOW,
                allow.name_span,
                format!("`{}` is an error, and errors are not silenced", allow.name),
            );
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
        Some(_) if !allow.used => {
            findings.warning(
                codes::UNUSED_ALLOW,
                allow.span,
                format!("this silences nothing: there is no `{}` here", allow.name),
            );
        }
        Some(_) => {}
    }
}

fn is_warning(code: &str) -> bool {
    code.starts_with('W')
}

fn read(comment: &ast::Comment, text: &str) -> Option<Allow> {
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
    let at = comment.span.start as usize;
    let before = text.get(..at)?;
    let own = before.bytes().filter(|b| *b == b'\n').count();
    let alone = before
        .rsplit('\n')
        .next()
        .is_some_and(|l| l.trim().is_empty());
    let line = if alone {
        own + 1 + comments_below(text, own + 1)
    } else {
        own
    };
    Some(Allow {
        span: comment.span,
        name: name.to_string(),
        name_span,
        reason,
        line,
        used: false,
    })
}

/// How many lines from `line` on are comments: several allows may stand above one line.
fn comments_below(text: &str, line: usize) -> usize {
    text.split('\n')
        .skip(line)
        .take_while(|l| l.trim_start().starts_with('#'))
        .count()
}

fn line_of(sources: &SourceMap, file: FileId, at: u32) -> Option<usize> {
    let text = &sources.files.get(file.0 as usize)?.text;
    Some(
        text.get(..at as usize)?
            .bytes()
            .filter(|b| *b == b'\n')
            .count(),
    )
}
