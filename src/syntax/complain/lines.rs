//! Lines that begin no statement of the braces in which they stand.

use super::{ACTIONS, CLAUSES, ITEMS, STATEMENTS, place};
use crate::diagnostic::{Applicability, FileId, Finding, Span, codes};
use crate::syntax::findings::{error, nearest, one_of, shown};
use crate::syntax::layout::{Form, Kind, Piece, Tokens, begins_item};

/// A line of a relationship without statement word and arrow.
pub fn without_arrow(file: FileId, text: &str, tokens: &Tokens, piece: Piece) -> Finding {
    let first = tokens.text(text, piece.start);
    let here = place(file, tokens, piece.start);
    let is_word = tokens.kind(piece.start) == Some(Kind::Word);
    if is_word && begins_item(tokens, text, piece.start) {
        return error(
            codes::MISPLACED_STATEMENT,
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
    if let Some(finding) = parted_arrow(file, text, tokens, piece) {
        return finding;
    }
    if is_word && let Some(meant) = nearest(first, &STATEMENTS).or_else(|| nearest(first, &CLAUSES))
    {
        return error(
            codes::UNKNOWN_STATEMENT,
            here,
            format!("`{first}` begins no statement"),
        )
        .did_you_mean(meant);
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

/// `a <> b`: on a field line the arrow was meant that goes both ways.
pub fn unequal_for_arrow(
    file: FileId,
    text: &str,
    tokens: &Tokens,
    piece: Piece,
) -> Option<Finding> {
    let is_name = |at| matches!(tokens.kind(at), Some(Kind::Word | Kind::Quoted));
    let slip = (piece.start..piece.end).find(|at| tokens.text(text, *at) == "<>")?;
    let path = (piece.start..slip).all(|at| is_name(at) || tokens.kind(at) == Some(Kind::Dot));
    if piece.form != Form::Field || !path || slip == piece.start || !is_name(slip + 1) {
        return None;
    }
    let here = place(file, tokens, slip);
    Some(
        error(codes::ARROW_SLIP, here, "`<>` is no arrow of this language")
            .help("write `<->`")
            .fix(Applicability::Safe, here, "<->"),
    )
}

/// `- >`, `< -`, `< ->`: the pieces of an arrow.
pub(super) fn parted_arrow(
    file: FileId,
    text: &str,
    tokens: &Tokens,
    piece: Piece,
) -> Option<Finding> {
    const PIECES: [(&[&str], &str); 5] = [
        (&["<", "-", ">"], "<->"),
        (&["<", "->"], "<->"),
        (&["<-", ">"], "<->"),
        (&["-", ">"], "->"),
        (&["<", "-"], "<-"),
    ];
    let (at, pieces, arrow) = (piece.start..piece.end).find_map(|at| {
        let found = PIECES.iter().find(|(pieces, _)| {
            at + pieces.len() <= piece.end
                && pieces
                    .iter()
                    .enumerate()
                    .all(|(i, p)| tokens.text(text, at + i) == *p)
        });
        found.map(|(pieces, arrow)| (at, *pieces, *arrow))
    })?;
    let whole = Span {
        end: place(file, tokens, at + pieces.len() - 1).end,
        ..place(file, tokens, at)
    };
    Some(
        error(
            codes::ARROW_SLIP,
            whole,
            format!("`{arrow}` is written without blanks"),
        )
        .help(format!("write `{arrow}`"))
        .fix(Applicability::Safe, whole, arrow),
    )
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
        return error(codes::MISPLACED_STATEMENT, here, "this line stands outside of the braces in which it belongs")
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
        .did_you_mean(meant);
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
        Some(meant) => finding.did_you_mean(meant),
        None => finding.help("actions are `push`, `pull`, `sync`, `create`, `upsert`, `update`, `delete`, `set` and `post`"),
    }
}
