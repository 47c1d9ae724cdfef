//! The codes of the warnings that lints give, in the ranges of the errors: 2 names, 3 directions, 4 types, 5 matching, 6 completeness,
//! 7 order and cost, 8 conditions, 9 `allow` itself.

use crate::diagnostic::Code;

macro_rules! codes {
    ($($constant:ident = $code:literal $name:literal;)*) => {
        $(pub const $constant: Code = Code { code: $code, name: $name };)*
        /// Every code that `lint` gives.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
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
