//! What is wrong with a statement that the grammar refuses: one finding, in the language's own words.

mod lines;
mod members;
mod slips;
mod words;

use pest::error::{Error, ErrorVariant, InputLocation};

pub use lines::{is_misplaced, unequal_for_arrow, unknown_action, unknown_item, without_arrow};

use super::findings::{error, shown, span};
use super::grammar::{Rule, keyword};
use super::layout::{ACTIONS, Form, ITEMS, Kind, Piece, STATEMENTS, Tokens};
use crate::diagnostic::{Applicability, FileId, Finding, Span, codes};

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
        if self.piece.form == Form::Batch {
            words
                .iter_mut()
                .filter(|word| **word == EXPRESSION)
                .for_each(|word| *word = "a number");
        }
        // Of the operators some are words: they say that any could follow.
        if words.contains(&"`not`") && words.contains(&"`is`") {
            words.retain(|word| !matches!(*word, "`not`" | "`is`"));
            if words.is_empty() {
                words.push("an operator");
            }
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
        Rule::open_brace => "`{`",
        Rule::open_paren => "`(`",
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
    slips::known_slip(failure, at).unwrap_or_else(|| unexpected(failure, at))
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
    if expected.contains(&"`(`") && reads_records(failure, last) {
        return error(
            codes::INCOMPLETE,
            place,
            "`lookup` needs an object and its key",
        )
        .help("as in `lookup salesforce.Account(Name = company)`");
    }
    if expected == ["`{`"] && failure.piece.form.opens().is_some() {
        let after = Span {
            start: place.end,
            ..place
        };
        return finding
            .help("put `{` behind it")
            .fix(Applicability::Safe, after, " {");
    }
    match example(failure) {
        Some(example) => finding.help(format!("as in `{example}`")),
        None => finding,
    }
}

/// Whether the path that ends at a token stands behind `lookup`.
fn reads_records(failure: &Failure<'_>, last: usize) -> bool {
    let is_path = |at: &usize| {
        matches!(
            failure.tokens.kind(*at),
            Some(Kind::Word | Kind::Quoted | Kind::Dot)
        )
    };
    let first = failure.piece.start;
    let mut words = (first..=last).rev().take_while(is_path);
    words.any(|at| at < last && failure.word(at) == "lookup")
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
        return match example(failure) {
            Some(example) => finding.help(format!("as in `{example}`")),
            None => finding,
        };
    }
    let finding = error(
        codes::UNEXPECTED,
        here,
        format!("`{written}` cannot stand here"),
    );
    match example(failure) {
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

fn ends_operand(failure: &Failure<'_>, index: usize) -> bool {
    failure.tokens.kind(index).is_some_and(|kind| {
        matches!(
            kind,
            Kind::Word | Kind::Quoted | Kind::Text | Kind::Number | Kind::Regex | Kind::Close(_)
        ) || kind == Kind::Operator && failure.word(index) == "*"
    })
}

fn example(failure: &Failure<'_>) -> Option<&'static str> {
    Some(match failure.piece.form {
        Form::Sync => "sync marketing with salesforce",
        Form::Let => "let LIMIT = 100",
        Form::Fn => "fn full(a, b) = \"{a} {b}\"",
        Form::Lens => "lens cents { push it * 100 pull it / 100 }",
        Form::Schedule if failure.word(failure.piece.start) == "cron" => {
            "cron \"*/5 9-17 * * 1-5\" sync Lead"
        }
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
