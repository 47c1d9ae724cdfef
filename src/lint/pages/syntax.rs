//! The syntax.

use super::{Entry, entry, fixed};
use crate::diagnostic::codes::*;

pub(super) const ENTRIES: &[Entry] = &[
    fixed(
        entry(
            UNEXPECTED,
            "Something stands where the statement needs something else.",
            "The statement has no meaning.",
            "let LIMIT = = 5",
            "let LIMIT = 5",
        ),
        "Safe for a mark that is missing (`=`, `:`), a `;` or a blank too many; unsafe for a value without quotes.",
    ),
    fixed(
        entry(
            INCOMPLETE,
            "A statement ends too early. The next line continues one only after `,`, an operator, `=` or `then`, inside brackets, or by a clause word that is indented deeper.",
            "What follows would be read as another statement.",
            "match email =",
            "match email = Email",
        ),
        "Safe for a head whose `{` is missing: it is added.",
    ),
    fixed(
        entry(
            UNKNOWN_STATEMENT,
            "A line that begins with no statement word and has no arrow.",
            "Nothing says what it does.",
            "mach email = Email",
            "match email = Email",
        ),
        "Safe: the word that is close is written in its place.",
    ),
    entry(
        UNCLOSED,
        "A bracket or brace that is never closed.",
        "The rest of the file would be inside of it.",
        "lower(email -> Email",
        "lower(email) -> Email",
    ),
    fixed(
        entry(
            STRAY_CLOSE,
            "A bracket or brace that closes nothing.",
            "It often is the trace of one that was deleted.",
            "email) -> Email",
            "email -> Email",
        ),
        "Unsafe: it is removed, though another one may be missing before it.",
    ),
    entry(
        UNTERMINATED_TEXT,
        "A text without its closing quote. A text ends on its line.",
        "The rest of the line would be text.",
        "let REGION = \"EU",
        "let REGION = \"EU\"",
    ),
    entry(
        UNKNOWN_ESCAPE,
        "A `\\` before a character that it does not go with. There are `\\\"`, `\\\\`, `\\t`, `\\n`, `\\{` and `\\u{1F600}`.",
        "Nothing says which character is meant.",
        "let A = \"C:\\data\"",
        "let A = \"C:\\\\data\"",
    ),
    fixed(
        entry(
            UNCLOSED_INTERPOLATION,
            "A `{` in a text without its `}`.",
            "Nothing says where the expression ends.",
            "\"{first_name\" -> Name",
            "\"{first_name}\" -> Name",
        ),
        "Unsafe: the brace becomes a part of the text, though its `}` may be what is missing.",
    ),
    fixed(
        entry(
            BAD_NUMBER,
            "A number or duration that is written in another way than the language does.",
            "Nothing says which number is meant.",
            "let SHARE = .5",
            "let SHARE = 0.5",
        ),
        "Safe: the number or duration that it can only mean is written.",
    ),
    entry(
        BAD_DATE,
        "A date or instant that the calendar does not have.",
        "It has no value.",
        "let SINCE = 2024-13-45",
        "let SINCE = 2024-12-31",
    ),
    entry(
        BAD_REGEX_LITERAL,
        "A regular expression without its closing `/`, or with a flag other than `i`.",
        "Nothing says where it ends, or what it means.",
        "push when email matches /x",
        "push when email matches /x/i",
    ),
    fixed(
        entry(
            OPERATOR_SLIP,
            "An operator of another language.",
            "This one has words for it: `and`, `or`, `not`, and `=` to compare.",
            "push when a == 1 && b == 2",
            "push when a = 1 and b = 2",
        ),
        "Safe: the operator of this language is written.",
    ),
    fixed(
        entry(
            ARROW_SLIP,
            "An arrow of another shape.",
            "There are `->`, `<-` and `<->`.",
            "email <=> Email",
            "email <-> Email",
        ),
        "Safe: the arrow of this language is written.",
    ),
    fixed(
        entry(
            ARROW_IN_EXPRESSION,
            "`<-` where an expression was meant.",
            "The longest token wins: `a<-b` is an arrow.",
            "push when a<-5",
            "push when a < -5",
        ),
        "Safe: a blank parts `<` and `-`; between the sides of a key `=` is written.",
    ),
    entry(
        CHAINED_COMPARISON,
        "Comparisons in a chain.",
        "They would compare true and false with a value.",
        "push when 1 < a < 5",
        "push when 1 < a and a < 5",
    ),
    fixed(
        entry(
            ONE_LINE,
            "Two statements on one line.",
            "A statement ends with its line.",
            "relationship L: a <-> B { match x = X x <-> X }",
            "relationship L: a <-> B {\n  match x = X\n  x <-> X\n}",
        ),
        "Safe: a line end is put between the two.",
    ),
    entry(
        REPEATED,
        "A modifier, clause or half that is given twice.",
        "Nothing says which counts.",
        "email <-> Email prefer newest prefer crm",
        "email <-> Email prefer crm",
    ),
    fixed(
        entry(
            UNKNOWN_WORD,
            "A word that is none of those that can stand here.",
            "It has no meaning here.",
            "email <-> Email prefers crm",
            "email <-> Email prefer crm",
        ),
        "Safe: the word that is close is written in its place.",
    ),
    entry(
        TOO_DEEP,
        "Brackets, `if`s or operators that nest too deep.",
        "No reader could follow; name the parts by functions.",
        "((((((… 300 deep …))))))",
        "fn part(x) = …",
    ),
    fixed(
        entry(
            LOOKALIKE,
            "A character that looks like another one.",
            "A name with a Cyrillic `а` is another name than it seems.",
            "email <-> \u{415}mail",
            "email <-> Email",
        ),
        "Unsafe: Latin letters are written, though the store may spell the name so.",
    ),
    fixed(
        entry(
            BIDI,
            "A character that turns the direction of text.",
            "The rules would read otherwise than they run.",
            "email <-> Email  # with a hidden U+202E",
            "email <-> Email",
        ),
        "Safe: the character is removed.",
    ),
    fixed(
        entry(
            INVISIBLE,
            "A blank or zero-width character that can't be seen.",
            "Two names that look the same would differ.",
            "email\u{200b} <-> Email",
            "email <-> Email",
        ),
        "Safe: the character is removed, or is written as a blank.",
    ),
    fixed(
        entry(
            WRONG_QUOTE,
            "A quote of another shape.",
            "Texts stand in straight double quotes.",
            "let REGION = 'EU'",
            "let REGION = \"EU\"",
        ),
        "Safe: double quotes are written.",
    ),
    entry(
        BAD_NAME,
        "An empty name, or backticks that are never closed.",
        "Nothing says what is meant.",
        "`Deal Stage <-> Stage",
        "`Deal Stage` <-> Stage",
    ),
    fixed(
        entry(
            MISSING_COMMA,
            "Two members of a list or record without a `,` between them.",
            "They would be read as one.",
            "let A = [\"a\" \"b\"]",
            "let A = [\"a\", \"b\"]",
        ),
        "Safe: the comma is added.",
    ),
    fixed(
        entry(
            STRAY_COMMA,
            "A `,` where none belongs.",
            "Something may be missing beside it.",
            "values status {\n  \"new\" <-> \"Open\",\n  \"won\" <-> \"Closed\"\n}",
            "values status {\n  \"new\" <-> \"Open\"\n  \"won\" <-> \"Closed\"\n}",
        ),
        "Safe: the comma is removed.",
    ),
    fixed(
        entry(
            RESERVED_WORD,
            "A reserved word where a field or value should stand.",
            "A field with such a name stands in backticks.",
            "count -> Grade",
            "`count` -> Grade",
        ),
        "Safe: the name is put in backticks.",
    ),
    entry(
        MISSING_ARROW,
        "`a = B` where a field line needs an arrow.",
        "The arrow says which way the data flows.",
        "email = Email",
        "email <-> Email",
    ),
    fixed(
        entry(
            COMMENT_SLIP,
            "A comment of another language.",
            "Comments start with `#`.",
            "// people",
            "# people",
        ),
        "Safe: `#` is written.",
    ),
    entry(
        MISPLACED_STATEMENT,
        "An item inside the braces of another, or a statement outside of them.",
        "It belongs elsewhere.",
        "sync marketing with crm\nmatch email = Email\nrelationship Lead: lead <-> Lead {\n  email <-> Email\n}",
        "relationship Lead: lead <-> Lead {\n  match email = Email\n  email <-> Email\n}",
    ),
];
