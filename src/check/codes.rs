//! The codes of the errors that checking finds, in ranges by subject: 2 names, 3 directions, 4 types and writing, 5 matching and
//! relationships, 6 operations, schedules and triggers.

use crate::diagnostic::Code;

macro_rules! codes {
    ($($constant:ident = $code:literal $name:literal;)*) => {
        $(pub const $constant: Code = Code { code: $code, name: $name };)*
        /// Every code that `check` emits.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
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

    BAD_SCHEDULE = "E601" "bad-schedule";
    BAD_BATCH = "E602" "bad-batch";
    MISPLACED_CLAUSE = "E603" "misplaced-clause";
    BAD_ACTION = "E604" "bad-action";
}
