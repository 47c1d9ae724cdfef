//! What is wrong with a statement that the grammar refuses: one finding, in the language's own words.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::codes;
use super::findings::{FindingExt, error, nearest, one_of, shown, span};
use super::grammar::{Rule, keyword};
use super::layout::{Context, Form, Kind, Piece, Tokens, begins_item};
use crate::diagnostic::{Applicability, FileId, Finding, Span};

const ITEMS: [&str; 9] = [
    "sync",
    "let",
    "fn",
    "values",
    "lens",
    "relationship",
    "every",
    "cron",
    "trigger",
];
const STATEMENTS: [&str; 9] = [
    "match",
    "duplicates",
    "follow",
    "prefer",
    "first",
    "push",
    "pull",
    "purge",
    "convert",
];
const ACTIONS: [&str; 8] = [
    "push", "pull", "sync", "create", "upsert", "update", "delete", "post",
];
const CLAUSES: [&str; 12] = [
    "when", "require", "set", "with", "leave", "via", "using", "blanks", "on", "where", "if",
    "except",
];
const RESERVED: [&str; 8] = [
    "true", "false", "null", "not", "if", "lookup", "count", "sum",
];

/// A statement that its rule does not accept.
pub struct Failure<'t> {
    pub file: FileId,
    pub text: &'t str,
    pub tokens: &'t Tokens,
    pub piece: Piece,
    /// The byte at which the statement begins.
    pub base: usize,
    pub error: &'t Error<Rule>,
}

impl<'t> Failure<'t> {
    fn place(&self, index: usize) -> Span {
        place(self.file, self.tokens, index)
    }

    fn word(&self, index: usize) -> &'t str {
        self.tokens.text(self.text, index)
    }

    /// The first token that the grammar could not take; the end of the statement if it took all.
    fn token(&self) -> usize {
        let offset = match self.error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
        let at = (self.base + offset) as u32;
        let Piece { start, end, .. } = self.piece;
        start + self.tokens.tokens[start..end].partition_point(|token| token.end <= at)
    }

    fn expected(&self) -> Vec<&'static str> {
        let ErrorVariant::ParsingError { positives, .. } = &self.error.variant else {
            return Vec::new();
        };
        let mut words: Vec<&'static str> = Vec::new();
        for rule in positives {
            if let Some(word) = described(*rule)
                && !words.contains(&word)
            {
                words.push(word);
            }
        }
        if words.contains(&EXPRESSION) {
            words.retain(|word| *word != DURATION);
        }
        words
    }
}

const EXPRESSION: &str = "an expression";
const DURATION: &str = "a duration such as `20m`";

fn place(file: FileId, tokens: &Tokens, index: usize) -> Span {
    tokens.tokens.get(index).map_or_else(
        || span(file, 0, 0),
        |token| span(file, token.start as usize, token.end as usize),
    )
}

/// What a rule is called in a message; nothing for those that would only lengthen it.
fn described(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::expr
        | Rule::key_expr
        | Rule::chain
        | Rule::text
        | Rule::number
        | Rule::list
        | Rule::group => EXPRESSION,
        Rule::ident | Rule::quoted | Rule::path | Rule::alternative => "a name",
        Rule::word | Rule::type_name => "a word",
        Rule::plain_text => "a text",
        Rule::values_literal => "a text, number, `true`, `false` or `null`",
        Rule::duration => DURATION,
        Rule::arrow | Rule::arrow_both | Rule::arrow_push | Rule::arrow_pull => {
            "an arrow (`->`, `<-` or `<->`)"
        }
        Rule::equals => "`=`",
        Rule::colon => "`:`",
        Rule::record => "`{ name = value }`",
        Rule::trigger_source | Rule::record_event => {
            "`change`, `create`, `delete`, `event` or `run failed`"
        }
        Rule::direction => "`push` or `pull`",
        Rule::op => "`create`, `update`, `delete`, `change`, `done`, `when` or `batch`",
        Rule::duplicates => "`duplicates`",
        Rule::match_where => "`where`",
        other => return keyword(other),
    })
}

/// The finding about a statement that does not parse.
pub fn complain(failure: &Failure<'_>) -> Finding {
    let at = failure.token();
    if at >= failure.piece.end {
        return incomplete(failure);
    }
    known_slip(failure, at).unwrap_or_else(|| unexpected(failure, at))
}

fn incomplete(failure: &Failure<'_>) -> Finding {
    let last = failure.piece.end - 1;
    let expected = failure.expected();
    let place = failure.place(last);
    let what = match expected.as_slice() {
        [] => "more".to_owned(),
        words => listed(words),
    };
    let finding = error(
        codes::INCOMPLETE,
        place,
        format!(
            "after `{}` the statement needs {what}",
            shown(failure.word(last))
        ),
    );
    match example(failure.piece.form) {
        Some(example) => finding.help(format!("as in `{example}`")),
        None => finding,
    }
}

fn unexpected(failure: &Failure<'_>, at: usize) -> Finding {
    let written = shown(failure.word(at));
    let expected = failure.expected();
    let here = failure.place(at);
    if (1..=3).contains(&expected.len()) {
        let finding = error(
            codes::UNEXPECTED,
            here,
            format!(
                "`{written}` stands where the statement needs {}",
                listed(&expected)
            ),
        );
        return match example(failure.piece.form) {
            Some(example) => finding.help(format!("as in `{example}`")),
            None => finding,
        };
    }
    let finding = error(
        codes::UNEXPECTED,
        here,
        format!("`{written}` cannot stand here"),
    );
    match example(failure.piece.form) {
        Some(example) => finding.help(format!("as in `{example}`")),
        None if (4..=12).contains(&expected.len()) => {
            finding.help(format!("here can stand {}", listed(&expected)))
        }
        None => finding,
    }
}

fn listed(words: &[&str]) -> String {
    match words {
        [init @ .., last] if !init.is_empty() => format!("{} or {last}", init.join(", ")),
        _ => words.join(""),
    }
}

/// The mistakes that have a name.
fn known_slip(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let kind = failure.tokens.kind(at)?;
    let written = failure.word(at);
    let here = failure.place(at);
    match kind {
        Kind::Arrow => Some(arrow_in_expression(failure, at)),
        Kind::Comma if matches!(failure.piece.form, Form::ValuesEntry | Form::ValuesElse) => Some(
            error(
                codes::STRAY_COMMA,
                here,
                "entries of `values` have no commas",
            )
            .help("remove it")
            .fix(Applicability::Safe, here, ""),
        ),
        Kind::Comma if at + 1 == failure.piece.end => Some(
            error(codes::STRAY_COMMA, here, "nothing follows this `,`")
                .help("remove it")
                .fix(Applicability::Safe, here, ""),
        ),
        Kind::Unknown if written == ";" => {
            let finding = error(codes::UNEXPECTED, here, "`;` cannot stand here")
                .help("a statement ends with its line");
            Some(if at + 1 == failure.piece.end {
                finding.fix(Applicability::Safe, here, "")
            } else {
                finding
            })
        }
        Kind::Open(b'[')
            if at > failure.piece.start
                && !failure.tokens.touches(at)
                && ends_operand(failure, at - 1) =>
        {
            let gap = Span {
                start: failure.place(at - 1).end,
                end: here.start,
                ..here
            };
            Some(
                error(
                    codes::UNEXPECTED,
                    here,
                    "`[` does not touch the name that it reads from",
                )
                .help(format!("write `{}[`", shown(failure.word(at - 1))))
                .fix(Applicability::Safe, gap, ""),
            )
        }
        Kind::Open(b'{') if failure.piece.form == Form::UnknownItem => None,
        Kind::Operator if written == "/" => Some(
            error(
                codes::BAD_REGEX_LITERAL,
                here,
                "this regular expression has no closing `/`",
            )
            .help("it ends on the line on which it begins"),
        )
        .filter(|_| failure.expected().contains(&EXPRESSION)),
        _ => second_statement(failure, at)
            .or_else(|| missing_comma(failure, at))
            .or_else(|| aggregate_of_value(failure, at))
            .or_else(|| reserved_word(failure, at))
            .or_else(|| unquoted_value(failure, at))
            .or_else(|| near_word(failure, at)),
    }
}

fn arrow_in_expression(failure: &Failure<'_>, at: usize) -> Finding {
    let written = failure.word(at);
    let here = failure.place(at);
    let finding = error(
        codes::ARROW_IN_EXPRESSION,
        here,
        format!("`{written}` is an arrow, and this is an expression"),
    );
    if written != "<-" || at == failure.piece.start {
        return finding.help("a statement has one arrow at most");
    }
    let (before, after) = (failure.word(at - 1), failure.word(at + 1));
    let space = |touches: bool| if touches { " " } else { "" };
    let text = format!("{}< -", space(failure.tokens.touches(at)));
    let meant = format!("{} < -{}", shown(before), shown(after));
    let end = if failure.tokens.touches(at + 1) {
        here.end
    } else {
        failure
            .tokens
            .tokens
            .get(at + 1)
            .map_or(here.end, |next| next.start)
    };
    finding
        .help(format!("write `{meant}`"))
        .fix(Applicability::Safe, Span { end, ..here }, text)
}

/// A statement that begins on the line of another.
fn second_statement(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let Piece {
        start,
        context,
        form,
        ..
    } = failure.piece;
    if at == start || failure.tokens.is_first_of_line(at) {
        return None;
    }
    let begins = match context {
        Context::File => begins_item(failure.tokens, failure.text, at),
        Context::Values => {
            failure.word(at) == "else"
                || form == Form::ValuesEntry
                    && failure.tokens.kind(at) == Some(Kind::Text)
                    && at >= start + 3
        }
        Context::Relationship => {
            let word = failure.word(at);
            let path_and_arrow = matches!(failure.tokens.kind(at), Some(Kind::Word | Kind::Quoted))
                && failure.tokens.kind(at + 1) == Some(Kind::Arrow);
            (STATEMENTS.contains(&word) || path_and_arrow) && ends_operand(failure, at - 1)
        }
        Context::Trigger => {
            (ACTIONS.contains(&failure.word(at)) || failure.word(at) == "set")
                && ends_operand(failure, at - 1)
        }
    };
    if !begins {
        return None;
    }
    let here = failure.place(at);
    let before = failure.place(at - 1).end;
    let indent = " ".repeat(if context == Context::File { 0 } else { 2 });
    Some(
        error(codes::ONE_LINE, here, "two statements stand on one line")
            .label(failure.place(start), "the first begins here")
            .help("begin a new line here")
            .fix(
                Applicability::Safe,
                Span {
                    start: before,
                    end: here.start,
                    ..here
                },
                format!("\n{indent}"),
            ),
    )
}

/// Members of a list or record that only a line end or blank parts.
fn missing_comma(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let start = failure.piece.start;
    if at <= start + 1 || !ends_operand(failure, at - 1) {
        return None;
    }
    let mut depth = 0;
    let inside = (start..at)
        .rev()
        .find_map(|index| match failure.tokens.kind(index) {
            Some(Kind::Close(_)) => {
                depth += 1;
                None
            }
            Some(Kind::Open(bracket)) if depth == 0 => Some(bracket),
            Some(Kind::Open(_)) => {
                depth -= 1;
                None
            }
            _ => None,
        })?;
    let begins_member = match inside {
        b'{' => {
            matches!(failure.tokens.kind(at), Some(Kind::Word | Kind::Quoted))
                && failure.word(at + 1) == "="
        }
        b'[' | b'(' => matches!(
            failure.tokens.kind(at),
            Some(Kind::Text | Kind::Number | Kind::Word | Kind::Quoted)
        ),
        _ => false,
    };
    if !begins_member {
        return None;
    }
    let end = failure.place(at - 1).end;
    let here = failure.place(at);
    Some(
        error(
            codes::MISSING_COMMA,
            here,
            format!("a `,` is missing before `{}`", shown(failure.word(at))),
        )
        .help("put a `,` between the two")
        .fix(
            Applicability::Safe,
            Span {
                start: end,
                end,
                ..here
            },
            ",",
        ),
    )
}

/// `sum(score)`: the words that count read records, not values.
fn aggregate_of_value(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let first = at.saturating_sub(4).max(failure.piece.start);
    let word = (first..at).rev().find(|index| {
        matches!(failure.word(*index), "count" | "sum") && failure.word(index + 1) == "("
    })?;
    let written = failure.word(word);
    let field = if written == "sum" { ".field" } else { "" };
    Some(
        error(
            codes::UNEXPECTED,
            failure.place(word),
            format!("`{written}` reads records of a store"),
        )
        .help(format!(
            "write `{written}(STORE.OBJECT(key = value){field})`"
        )),
    )
}

fn reserved_word(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let written = failure.word(at);
    // The grammar stops behind `count` and `lookup`, since a query could have followed.
    let (at, written) = if RESERVED.contains(&written) {
        (at, written)
    } else if at > failure.piece.start && matches!(failure.word(at - 1), "count" | "sum" | "lookup")
    {
        (at - 1, failure.word(at - 1))
    } else {
        return None;
    };
    if written == "lookup" && failure.tokens.kind(at + 1) == Some(Kind::Word) {
        return Some(
            error(
                codes::UNEXPECTED,
                failure.place(at + 1),
                "`lookup` needs an object and its key",
            )
            .help("as in `lookup salesforce.Account(Name = company)`"),
        );
    }
    if written == "if"
        && failure
            .tokens
            .kind(at + 1)
            .is_some_and(|kind| kind != Kind::Arrow)
    {
        return None;
    }
    if ends_operand(failure, at.saturating_sub(1))
        && at > failure.piece.start
        && !matches!(failure.word(at - 1), "when" | "set" | "require" | "where")
    {
        return None;
    }
    let here = failure.place(at);
    Some(
        error(
            codes::RESERVED_WORD,
            here,
            format!("`{written}` is a reserved word"),
        )
        .help(format!(
            "write `` `{written}` `` in backticks if it is a field"
        ))
        .fix(Applicability::Unsafe, here, format!("`{written}`")),
    )
}

/// `new <-> "Open"`
fn unquoted_value(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let is_value = matches!(failure.piece.form, Form::ValuesEntry)
        && matches!(failure.tokens.kind(at), Some(Kind::Word | Kind::Quoted));
    if !is_value {
        return None;
    }
    let here = failure.place(at);
    let text = format!("\"{}\"", failure.word(at).trim_matches('`'));
    Some(
        error(
            codes::UNEXPECTED,
            here,
            format!("`{}` is no value", failure.word(at)),
        )
        .help(format!("write `{text}`"))
        .fix(Applicability::Unsafe, here, text),
    )
}

/// A word that is close to one that could stand here.
fn near_word(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    if failure.tokens.kind(at) != Some(Kind::Word) {
        return None;
    }
    let written = failure.word(at);
    let is_operation = failure.piece.form == Form::Operation && at == failure.piece.start + 1;
    let known: &[&str] = match failure.piece.form {
        Form::Operation if is_operation => &[
            "create", "update", "delete", "change", "done", "when", "batch",
        ],
        Form::TriggerHead => &["on", "change", "create", "delete", "event", "run", "when"],
        form => form.clause_words(),
    };
    let here = failure.place(at);
    match nearest(written, known).filter(|meant| *meant != written) {
        Some(meant) => Some(
            error(
                codes::UNKNOWN_WORD,
                here,
                format!("`{written}` cannot stand here"),
            )
            .help(format!("did you mean `{meant}`?"))
            .fix(Applicability::Unsafe, here, meant),
        ),
        None if is_operation => Some(
            error(
                codes::UNKNOWN_WORD,
                here,
                format!("`{written}` is no operation"),
            )
            .help(format!("write {}", one_of(known))),
        ),
        None => None,
    }
}

fn ends_operand(failure: &Failure<'_>, index: usize) -> bool {
    failure.tokens.kind(index).is_some_and(|kind| {
        matches!(
            kind,
            Kind::Word | Kind::Quoted | Kind::Text | Kind::Number | Kind::Regex | Kind::Close(_)
        ) || kind == Kind::Operator && failure.word(index) == "*"
    })
}

/// A line of a relationship without statement word and arrow.
pub fn without_arrow(file: FileId, text: &str, tokens: &Tokens, piece: Piece) -> Finding {
    let first = tokens.text(text, piece.start);
    let here = place(file, tokens, piece.start);
    let is_word = tokens.kind(piece.start) == Some(Kind::Word);
    if is_word && begins_item(tokens, text, piece.start) {
        return error(
            codes::MISPLACED,
            here,
            format!("`{first}` cannot stand inside the braces of a relationship"),
        )
        .help("move it out of the braces");
    }
    let equals = (piece.start..piece.end).find(|at| tokens.text(text, *at) == "=");
    if is_word && CLAUSES.contains(&first) && equals != Some(piece.start + 1) {
        return error(codes::UNKNOWN_STATEMENT, here, format!("`{first}` begins no statement"))
            .help("indent it deeper than the statement that it belongs to, without a blank line between them");
    }
    if is_word && let Some(meant) = nearest(first, &STATEMENTS) {
        return error(
            codes::UNKNOWN_STATEMENT,
            here,
            format!("`{first}` begins no statement"),
        )
        .help(format!("did you mean `{meant}`?"))
        .fix(Applicability::Unsafe, here, meant);
    }
    if let Some(at) = equals
        && tokens
            .kind(piece.start)
            .is_some_and(|kind| matches!(kind, Kind::Word | Kind::Quoted | Kind::Text))
    {
        return error(
            codes::MISSING_ARROW,
            place(file, tokens, at),
            "a field line needs an arrow, not `=`",
        )
        .help("write `<->`, `->` or `<-`");
    }
    error(codes::UNKNOWN_STATEMENT, here, format!("`{}` begins no statement, and the line has no arrow", shown(first)))
        .help("a field line is `field <-> Field`; other lines begin with a statement word such as `match` or `push`")
}

/// Whether a line outside of braces reads as one that belongs inside, or as the `}` behind such lines.
pub fn is_misplaced(text: &str, tokens: &Tokens, piece: Piece) -> bool {
    if piece.form != Form::UnknownItem {
        return false;
    }
    let first = tokens.text(text, piece.start);
    if first == "}"
        || STATEMENTS.contains(&first)
        || ACTIONS.contains(&first)
        || CLAUSES.contains(&first)
        || first == "else"
    {
        return true;
    }
    let has_arrow = (piece.start..piece.end).any(|at| tokens.kind(at) == Some(Kind::Arrow));
    has_arrow && nearest(first, &ITEMS).is_none()
}

/// A line outside of braces that begins no item.
pub fn unknown_item(file: FileId, text: &str, tokens: &Tokens, piece: Piece) -> Finding {
    let first = tokens.text(text, piece.start);
    let here = place(file, tokens, piece.start);
    if is_misplaced(text, tokens, piece) {
        return error(codes::MISPLACED, here, "this line stands outside of the braces in which it belongs")
            .help("move it into the braces of its relationship or trigger; perhaps a `}` above closes them too early");
    }
    if tokens.kind(piece.start) == Some(Kind::Word)
        && let Some(meant) = nearest(first, &ITEMS)
    {
        return error(
            codes::UNKNOWN_STATEMENT,
            here,
            format!("`{first}` begins no item"),
        )
        .help(format!("did you mean `{meant}`?"))
        .fix(Applicability::Unsafe, here, meant);
    }
    error(
        codes::UNKNOWN_STATEMENT,
        here,
        format!("`{}` begins no item", shown(first)),
    )
    .help(format!("write {}", one_of(&ITEMS)))
}

/// A line of a trigger that is no action.
pub fn unknown_action(file: FileId, text: &str, tokens: &Tokens, piece: Piece) -> Finding {
    let first = tokens.text(text, piece.start);
    let here = place(file, tokens, piece.start);
    let finding = error(
        codes::UNKNOWN_STATEMENT,
        here,
        format!("`{}` begins no action", shown(first)),
    );
    match nearest(first, &ACTIONS) {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(Applicability::Unsafe, here, meant),
        None => finding.help("actions are `push`, `pull`, `sync`, `create`, `upsert`, `update`, `delete`, `set` and `post`"),
    }
}

fn example(form: Form) -> Option<&'static str> {
    Some(match form {
        Form::Sync => "sync marketing with salesforce",
        Form::Let => "let LIMIT = 100",
        Form::Fn => "fn full(a, b) = \"{a} {b}\"",
        Form::Lens => "lens cents { push it * 100 pull it / 100 }",
        Form::Schedule => "every 20m sync Lead",
        Form::ValuesHead => "values status {",
        Form::ValuesEntry => "\"new\" <-> \"Open\"",
        Form::ValuesElse => "else error",
        Form::RelationshipHead => "relationship Lead: lead <-> Lead {",
        Form::TriggerHead => "trigger hot on change lead when score > 100 {",
        Form::Match => "match email = Email",
        Form::Duplicates => "duplicates oldest",
        Form::Follow => "follow Lead.ConvertedContactId to Contact",
        Form::Prefer => "prefer newest",
        Form::Star => "* <- * except Id",
        Form::Batch => "push batch 500",
        Form::Purge => "purge lead when score = 0",
        Form::Convert => "convert Lead to Contact when stage = \"won\"",
        Form::Run => "push Lead",
        Form::Create => "create salesforce.Task { Subject = \"Call\" }",
        Form::Upsert => {
            "upsert salesforce.CampaignMember(LeadId = linked(Lead)) { Status = \"Sent\" }"
        }
        Form::Update => "update salesforce.Lead(Id = crm_id) { Rating = \"Hot\" }",
        Form::Delete => "delete salesforce.Lead(Id = crm_id)",
        Form::Set => "set score = 0",
        Form::Post => "post \"https://example.org\" { id = id }",
        Form::Operation | Form::Field | Form::UnknownItem | Form::UnknownAction => return None,
    })
}
