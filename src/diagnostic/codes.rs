//! Codes: one a kind of finding, stable, never reused. All of them stand here, and nowhere else.
//!
//! `E` is what can't work or would damage data, `W` what probably isn't meant. The first digit is the subject: 0 syntax, 2 names,
//! 3 directions, 4 types and writing, 5 matching and relationships, 6 operations, schedules and triggers (for `W`: completeness), 7 order
//! and cost, 8 conditions, 9 `allow` itself. A code that is no longer given goes to [`RETIRED`].

use std::collections::HashSet;

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// `E302`, `W501`
    pub code: &'static str,
    /// Its kebab name, as in `# allow(name): reason`.
    pub name: &'static str,
}

impl Code {
    /// Whether it is what an `allow` may silence.
    pub fn is_lint(self) -> bool {
        self.code.starts_with('W')
    }
}

/// The first code whose code or name another one before it has: a table of codes has none.
pub fn repeated<'c>(codes: impl IntoIterator<Item = &'c Code>) -> Option<&'c Code> {
    let mut seen = HashSet::new();
    codes
        .into_iter()
        .find(|code| !seen.insert(code.code) | !seen.insert(code.name))
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $kebab:literal;)*) => {
        $($(#[$doc])* pub const $name: Code = Code { code: $code, name: $kebab };)*
        /// Every code.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

/// Codes that were given once and are given no more.
pub const RETIRED: &[Code] = &[];

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
    MISPLACED_STATEMENT = "E030" "misplaced-statement";
    /// A file that is no UTF-8 text.
    NOT_UTF8 = "E090" "not-utf8";
    /// A file of more than 16 MiB.
    FILE_TOO_LARGE = "E091" "file-too-large";

    UNKNOWN_STORE = "E201" "unknown-store";
    UNKNOWN_OBJECT = "E202" "unknown-object";
    UNKNOWN_FIELD = "E203" "unknown-field";
    UNKNOWN_NAME = "E204" "unknown-name";
    UNKNOWN_RELATIONSHIP = "E205" "unknown-relationship";
    UNKNOWN_FUNCTION = "E206" "unknown-function";
    UNKNOWN_CONVERSION = "E207" "unknown-conversion";
    UNKNOWN_OPTION = "E208" "unknown-option";
    UNKNOWN_ALTERNATIVE = "E209" "unknown-alternative";
    UNKNOWN_SETTING = "E210" "unknown-setting";
    UNKNOWN_TYPE = "E211" "unknown-type";
    DUPLICATE_NAME = "E212" "duplicate-name";
    AMBIGUOUS_NAME = "E213" "ambiguous-name";
    WRONG_ARITY = "E214" "wrong-arity";
    RECURSION = "E215" "recursion";
    TOO_LARGE = "E216" "too-large";
    SECOND_SYNC = "E217" "second-sync";
    MISSING_SYNC = "E218" "missing-sync";
    NOT_CONSTANT = "E219" "not-constant";
    MISSING_VARIABLE = "E220" "missing-variable";
    SETTING_TYPE = "E221" "setting-type";
    DUPLICATE_STATEMENT = "E222" "duplicate-statement";

    TWO_WRITERS = "E301" "two-writers";
    WRONG_DIRECTION = "E302" "wrong-direction";
    CLAUSE_DIRECTION = "E303" "clause-direction";
    NOT_TWO_WAY = "E304" "not-two-way";
    TWO_WAY_EXPRESSION = "E305" "two-way-expression";
    NOT_A_TARGET = "E306" "not-a-target";
    UNQUALIFIED_TWO_WAY = "E307" "unqualified-two-way";
    LENS_NOT_INVERSE = "E308" "lens-not-inverse";

    TYPE_MISMATCH = "E401" "type-mismatch";
    TEXT_TOO_LONG = "E402" "text-too-long";
    NOT_IN_PICKLIST = "E403" "not-in-picklist";
    READ_ONLY = "E404" "read-only";
    BRANCH_TYPES = "E405" "branch-types";
    OPERAND_TYPES = "E406" "operand-types";
    NOT_A_CONDITION = "E407" "not-a-condition";
    WRITES_ID = "E408" "writes-id";
    BAD_REGEX = "E409" "bad-regex";
    ARGUMENT_TYPE = "E410" "argument-type";
    MISPLACED = "E411" "misplaced";
    FAILING_CONSTANT = "E412" "failing-constant";

    NO_MATCH_KEY = "E501" "no-match-key";
    NO_PRIMARY_KEY = "E502" "no-primary-key";
    QUERY_IN_MATCH = "E503" "query-in-match";
    DUPLICATE_VALUE = "E504" "duplicate-value";
    CREATE_ALTERNATIVE = "E505" "create-alternative";
    TWO_SIDED_ALTERNATIVES = "E506" "two-sided-alternatives";
    MANY_TWO_WAY = "E507" "many-two-way";
    WRONG_SIDE = "E508" "wrong-side";
    BAD_PREFER = "E509" "bad-prefer";
    CONVERT_TO_ITSELF = "E510" "convert-to-itself";

    BAD_SCHEDULE = "E601" "bad-schedule";
    BAD_BATCH = "E602" "bad-batch";
    MISPLACED_CLAUSE = "E603" "misplaced-clause";
    BAD_ACTION = "E604" "bad-action";

    UNUSED_LET = "W201" "unused-let";
    UNUSED_FN = "W202" "unused-fn";
    UNUSED_VALUES = "W203" "unused-values";
    UNUSED_LENS = "W204" "unused-lens";
    SHADOWING = "W205" "shadowing";

    WRITTEN_TWICE = "W301" "written-twice";
    LOSSY_LENS = "W302" "lossy-lens";
    NEVER_SETTLES = "W303" "never-settles";
    TRIGGER_LOOP = "W304" "trigger-loop";

    NULLABLE_INTO_REQUIRED = "W401" "nullable-into-required";
    LOSSY_TARGET = "W402" "lossy-target";
    NOT_A_MEMBER = "W403" "not-a-member";

    KEY_NOT_MAPPED = "W501" "key-not-mapped";
    KEY_NORMALISATION = "W502" "key-normalisation";
    KEY_NOT_INDEXED = "W503" "key-not-indexed";
    VIA_OTHER_OBJECT = "W504" "via-other-object";
    ALTERNATIVE_UNREACHED = "W505" "alternative-unreached";
    KEY_NEVER_MATCHES = "W506" "key-never-matches";
    REFERENCE_WITHOUT_VIA = "W507" "reference-without-via";

    REQUIRED_NOT_WRITTEN = "W601" "required-not-written";
    CREATE_WITHOUT_ID = "W602" "create-without-id";
    MAP_MISSES_MEMBERS = "W603" "map-misses-members";
    NOTHING_CREATED = "W604" "nothing-created";
    UNREACHABLE_CREATE = "W605" "unreachable-create";
    UNREACHABLE_UPDATE = "W606" "unreachable-update";

    NOT_SCHEDULED = "W701" "not-scheduled";
    VIA_CYCLE = "W702" "via-cycle";
    FASTER_THAN_NEEDED = "W703" "faster-than-needed";
    LOOKUP_NOT_INDEXED = "W704" "lookup-not-indexed";
    NESTED_QUERY = "W705" "nested-query";
    COSTLY_FILTER = "W706" "costly-filter";

    ALWAYS_TRUE = "W801" "always-true";
    ALWAYS_FALSE = "W802" "always-false";
    CONTRADICTING_CLAUSES = "W803" "contradicting-clauses";

    UNKNOWN_ALLOW = "W901" "unknown-allow";
    UNUSED_ALLOW = "W902" "unused-allow";
    ALLOW_WITHOUT_REASON = "W903" "allow-without-reason";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_and_in_its_range() {
        let all: Vec<Code> = ALL.iter().chain(RETIRED).copied().collect();
        assert_eq!(repeated(&all), None);
        for code in all {
            let (letter, number) = code.code.split_at(1);
            assert!(matches!(letter, "E" | "W"), "{}", code.code);
            assert!(
                number.len() == 3 && number.parse::<u16>().is_ok(),
                "{}",
                code.code
            );
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(code.name.chars().all(kebab), "{}", code.name);
        }
    }

    #[test]
    fn neither_codes_nor_names_repeat() {
        let [a, b] = [("E302", "wrong-direction"), ("E303", "two-writers")]
            .map(|(code, name)| Code { code, name });
        assert_eq!(repeated(&[a, b]), None);
        assert_eq!(
            repeated(&[
                a,
                b,
                Code {
                    code: "E302",
                    name: "other"
                }
            ])
            .map(|code| code.name),
            Some("other")
        );
        assert_eq!(
            repeated(&[
                a,
                b,
                Code {
                    code: "E304",
                    name: "two-writers"
                }
            ])
            .map(|code| code.code),
            Some("E304")
        );
    }
}
