//! The generated parser. Only this folder names its rules.

use pest::iterators::Pair;
use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "../grammar/bilateral.pest"]
pub struct Grammar;

pub type Node<'t> = Pair<'t, Rule>;

/// The children of a node that mean something: without keywords and punctuation.
pub fn children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    node.into_inner().filter(|child| !is_mark(child.as_rule()))
}

fn is_mark(rule: Rule) -> bool {
    rule == Rule::comma
        || rule == Rule::equals
        || rule == Rule::colon
        || rule == Rule::open_brace
        || rule == Rule::open_paren
        || rule == Rule::EOI
        || keyword(rule).is_some()
}

macro_rules! keywords {
    ($($rule:ident $word:literal),* $(,)?) => {
        /// The word that a keyword rule stands for, in backticks.
        pub fn keyword(rule: Rule) -> Option<&'static str> {
            match rule {
                $(Rule::$rule => Some(concat!("`", $word, "`")),)*
                _ => None,
            }
        }
    };
}

keywords! {
    kw_sync "sync", kw_with "with", kw_let "let", kw_fn "fn", kw_values "values", kw_lens "lens", kw_relationship "relationship",
    kw_every "every", kw_cron "cron", kw_trigger "trigger", kw_on "on", kw_event "event", kw_run "run", kw_failed "failed",
    kw_match "match", kw_where "where", kw_duplicates "duplicates", kw_follow "follow", kw_to "to", kw_prefer "prefer", kw_first "first",
    kw_except "except", kw_via "via", kw_using "using", kw_blanks "blanks", kw_push "push", kw_pull "pull", kw_create "create",
    kw_once "once", kw_never "never", kw_update "update", kw_upsert "upsert", kw_delete "delete", kw_change "change", kw_done "done",
    kw_batch "batch", kw_purge "purge", kw_convert "convert", kw_post "post", kw_when "when", kw_require "require",
    kw_set "set", kw_leave "leave", kw_if "if", kw_then "then", kw_else "else", kw_empty "empty", kw_or "or", kw_in "in", kw_not "not",
    kw_is "is", kw_lookup "lookup", kw_null "null",
}
