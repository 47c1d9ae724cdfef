//! The codes of the syntax, E001 to E099.

use crate::diagnostic::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $kebab:literal;)*) => {
        $($(#[$doc])* pub const $name: Code = Code { code: $code, name: $kebab };)*
        /// All of them, for the table of codes.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    /// Something stands where the statement needs something else.
    UNEXPECTED = "E001" "unexpected-text";
    /// A statement ends too early.
    INCOMPLETE = "E002" "incomplete-statement";
    /// A line that begins with no statement word and has no arrow.
    UNKNOWN_STATEMENT = "E003" "unknown-statement";
    /// A bracket or brace that is never closed.
    UNCLOSED = "E004" "unclosed-bracket";
    /// A bracket or brace that closes nothing.
    STRAY_CLOSE = "E005" "stray-bracket";
    /// A text without its closing quote.
    UNTERMINATED_TEXT = "E006" "unterminated-text";
    /// `\q` in a text.
    UNKNOWN_ESCAPE = "E007" "unknown-escape";
    /// `{` in a text without its `}`.
    UNCLOSED_INTERPOLATION = "E008" "unclosed-interpolation";
    /// `.5`, `5.`, `1_000`, `15min`.
    BAD_NUMBER = "E009" "bad-number";
    /// `2024-13-45`.
    BAD_DATE = "E010" "bad-date";
    /// A regular expression without its end, or with a flag other than `i`.
    BAD_REGEX_LITERAL = "E011" "bad-regex-literal";
    /// `==`, `&&`, `||`, `!`, `<>`.
    OPERATOR_SLIP = "E012" "operator-slip";
    /// `<=>`, `=>`, `→`.
    ARROW_SLIP = "E013" "arrow-slip";
    /// `a<-b` where an expression was meant.
    ARROW_IN_EXPRESSION = "E014" "arrow-in-expression";
    /// `a < b < c`.
    CHAINED_COMPARISON = "E015" "chained-comparison";
    /// Two statements on one line.
    ONE_LINE = "E016" "two-on-one-line";
    /// A modifier, clause or half that is given twice.
    REPEATED = "E017" "repeated-modifier";
    /// A word that is none of those that can stand here.
    UNKNOWN_WORD = "E018" "unknown-word";
    /// Brackets, `if`s or operators nest too deep.
    TOO_DEEP = "E019" "nested-too-deep";
    /// A character that looks like another, in a name or between words.
    LOOKALIKE = "E020" "lookalike-character";
    /// A character that turns the direction of text.
    BIDI = "E021" "direction-character";
    /// A blank or zero-width character that cannot be seen.
    INVISIBLE = "E022" "invisible-character";
    /// `“text”`, `'text'`.
    WRONG_QUOTE = "E023" "wrong-quote";
    /// An empty name, or backticks that are never closed.
    BAD_NAME = "E024" "bad-name";
    /// A `,` is missing between two members of a list or record.
    MISSING_COMMA = "E025" "missing-comma";
    /// A `,` where none belongs.
    STRAY_COMMA = "E026" "stray-comma";
    /// A reserved word as an operand.
    RESERVED_WORD = "E027" "reserved-word";
    /// `a = B` where a field line needs an arrow.
    MISSING_ARROW = "E028" "missing-arrow";
    /// `//`, `--`, `/*`.
    COMMENT_SLIP = "E029" "comment-slip";
    /// An item inside the braces of another, or a statement outside of them.
    MISPLACED = "E030" "misplaced-statement";
}
