//! Names: what the program, its stores and its objects do not have, or have twice.

use super::{Entry, entry, fixed};
use crate::diagnostic::codes::*;

pub(super) const ENTRIES: &[Entry] = &[
    fixed(
        entry(
            UNKNOWN_STORE,
            "A store that stores.yaml does not configure, or that `sync` does not name.",
            "Nothing says which system is meant.",
            "sync marketing with cmr",
            "sync marketing with crm",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    fixed(
        entry(
            UNKNOWN_OBJECT,
            "An object that its store does not have. The left store's object stands before the arrow, the right one's after it.",
            "There are no records to sync.",
            "relationship Lead: leads <-> Lead {\n  match email = Email\n  email <-> Email\n}",
            "relationship Lead: lead <-> Lead {\n  match email = Email\n  email <-> Email\n}",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    fixed(
        entry(
            UNKNOWN_FIELD,
            "A field that the object does not have, or that the syncing user may not see. Names are case-sensitive.",
            "A hidden field would read as null and blank the other side.",
            "emial <-> Email",
            "email <-> Email",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    fixed(
        entry(
            UNKNOWN_NAME,
            "A name that is no parameter, `let`, field, object at hand or store.",
            "The expression has no value.",
            "fn hot(score) = score > LIMTI\npush when hot(score)",
            "let LIMIT = 5\nfn hot(score) = score > LIMIT\npush when hot(score)",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    fixed(
        entry(
            UNKNOWN_RELATIONSHIP,
            "A relationship that no file declares, or one that is not about the record at hand.",
            "A reference can be translated only through links that exist.",
            "owner_id <-> OwnerId via Usr",
            "relationship User: user <-> User {\n  match email = Email\n  email <-> Email\n}\nowner_id <-> OwnerId via User",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    fixed(
        entry(
            UNKNOWN_FUNCTION,
            "A function that the language does not have and no `fn` declares.",
            "The expression has no value.",
            "match lowr(email) = Email",
            "match lower(email) = lower(Email)",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    fixed(
        entry(
            UNKNOWN_CONVERSION,
            "`using` names no value map and no lens.",
            "The values would cross unconverted.",
            "status <-> Status using statuses",
            "values statuses { \"new\" <-> \"Open\" }\nstatus <-> Status using statuses",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    fixed(
        entry(
            UNKNOWN_OPTION,
            "`with` names an option that no kind of store knows.",
            "It would have no effect.",
            "push create with asignment_rule = \"Default\"",
            "push create with assignment_rule = \"Default\"",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    fixed(
        entry(
            UNKNOWN_ALTERNATIVE,
            "A name that is none of the relationship's alternatives.",
            "The line would apply to no record.",
            "relationship Person: lead <-> Contact | Lead {\n  push create Leed\n}",
            "relationship Person: lead <-> Contact | Lead {\n  push create Lead\n}",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    entry(
        UNKNOWN_SETTING,
        "`--set` names a setting that no `let` declares.",
        "The run would go on with another value than you meant.",
        "bilateral plan --set LIMT=5",
        "bilateral plan --set LIMIT=5",
    ),
    fixed(
        entry(
            UNKNOWN_TYPE,
            "A `let` declares a type that the language does not have.",
            "Its value can't be checked.",
            "let REGION: string = \"EU\"",
            "let REGION: text = \"EU\"",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    entry(
        DUPLICATE_NAME,
        "Two items of one kind, two parameters, or two alternatives have one name.",
        "Nothing says which is meant where the name is used.",
        "let LIMIT = 5\nlet LIMIT = 6",
        "let LIMIT = 5\nlet MAXIMUM = 6",
    ),
    entry(
        AMBIGUOUS_NAME,
        "The head of a dotted name is two things at once: a parameter, a `let`, a field, an object or a store.",
        "Readers and the engine may take it for different things.",
        "let Lead = \"x\"\ncompany <- Lead.Company",
        "let LEAD_SOURCE = \"x\"\ncompany <- Lead.Company",
    ),
    entry(
        WRONG_ARITY,
        "A call has too few or too many arguments.",
        "The function has no value for them.",
        "lower(email, 1) -> Email",
        "lower(email) -> Email",
    ),
    entry(
        RECURSION,
        "A function calls itself, or a `let` is made of itself, perhaps through others.",
        "Every expression must come to an end.",
        "fn f(x) = g(x)\nfn g(x) = f(x)",
        "fn f(x) = lower(x)\nfn g(x) = f(x)",
    ),
    entry(
        TOO_LARGE,
        "A call grows beyond measure when its functions are written out, or a side has too many alternatives.",
        "Each record would take too long.",
        "fn a(x) = x + x + x + x\nfn b(x) = a(a(a(a(a(a(a(x)))))))",
        "fn b(x) = x * 16384",
    ),
    entry(
        SECOND_SYNC,
        "Two files name different pairs of stores.",
        "A program keeps one pair of stores in step: a second pair is a second program.",
        "sync marketing with crm\nsync crm with marketing",
        "sync marketing with crm",
    ),
    entry(
        MISSING_SYNC,
        "No file says which stores the program is for.",
        "Nothing says where the objects are.",
        "# no `sync` in any file\nrelationship Lead: lead <-> Lead {\n  match email = Email\n  email <-> Email\n}",
        "sync marketing with crm\nrelationship Lead: lead <-> Lead {\n  match email = Email\n  email <-> Email\n}",
    ),
    fixed(
        entry(
            NOT_CONSTANT,
            "A `let` reads a field or holds a query.",
            "It is a constant of the program: there is no record when it is evaluated.",
            "let NAME = email",
            "fn name(email) = left(email, 10)",
        ),
        "Safe where one known name is close, and no other as close: it is written in its place. Unsafe where several are.",
    ),
    entry(
        MISSING_VARIABLE,
        "`env` names a variable that the environment does not have, and gives no default.",
        "The setting has no value.",
        "let REGION = env(\"CONTINENT\")",
        "let REGION = env(\"CONTINENT\", \"EU\")",
    ),
    entry(
        SETTING_TYPE,
        "The value of a `let`, or of `--set`, is not of the type that the `let` has.",
        "The rules that use it expect the other type.",
        "let LIMIT: number = \"5\"",
        "let LIMIT: number = 5",
    ),
    entry(
        DUPLICATE_STATEMENT,
        "A statement, modifier or option that stands once stands twice.",
        "Nothing says which counts.",
        "prefer newest\nprefer crm",
        "prefer crm",
    ),
];
