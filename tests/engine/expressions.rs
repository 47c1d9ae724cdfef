//! Expressions as rules use them: operators, types, functions (language reference, 6), through a whole run.

use super::world::{World, world};

const A: &str = "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, t TEXT, empty TEXT, spaces TEXT, nul TEXT, n INTEGER, zero INTEGER, amount NUMERIC, real REAL, flag INTEGER, yes BOOLEAN, day TEXT, at TEXT, mail TEXT, phone TEXT, list JSON, obj JSON, none INTEGER, STAMP);
  INSERT INTO a(id, k, t, empty, spaces, n, zero, amount, real, flag, yes, day, at, mail, phone, list, obj)
  VALUES (1, 'x', 'Ada Lovelace', '', '  ', 42, 0, 12.50, 0.1, 1, 1, '2024-02-29', '2024-06-01T10:00:00Z', 'Ada.Lovelace@Example.org', '+49 (30) 123-45', '[\"a\", \"b\"]', '{\"city\": \"Oslo\", \"items\": [{\"sku\": 7}]}');";

/// Each expression into a field of this type, and what the field holds then.
fn table(lets: &str, cases: &[(&str, &str, &str)]) {
    let columns: Vec<String> = cases
        .iter()
        .enumerate()
        .map(|(i, (_, ty, _))| format!("O{i} {ty}"))
        .collect();
    let lines: Vec<String> = cases
        .iter()
        .enumerate()
        .map(|(i, (expr, ..))| format!("{expr} -> O{i}"))
        .collect();
    let w = world(
        A,
        &format!(
            "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, {}, STAMP);",
            columns.join(", ")
        ),
        &format!(
            "{lets}\nrelationship A: a -> B {{\n match k = K\n k -> K\n {}\n}}",
            lines.join("\n ")
        ),
    );
    w.settle();
    assert_eq!(w.failures(), Vec::<String>::new());
    for (i, (expr, _, expected)) in cases.iter().enumerate() {
        let got = w.rows("right", &format!("SELECT O{i} FROM B"));
        assert_eq!(got, [*expected], "{expr}");
    }
}

#[test]
fn operators_bind_as_the_reference_says() {
    table(
        "",
        &[
            ("1 + 2 * 3", "INTEGER", "7"),
            ("(1 + 2) * 3", "INTEGER", "9"),
            ("10 - 2 - 3", "INTEGER", "5"),
            ("7 % 4 + 12 / 4", "INTEGER", "6"),
            ("-n + 50", "INTEGER", "8"),
            ("none ?? 1 + 1", "INTEGER", "2"),
            ("(none ?? 1) + 1", "INTEGER", "2"),
            ("n + 1 = 43", "BOOLEAN", "1"),
            ("not n = 42", "BOOLEAN", "0"),
            ("not false and false", "BOOLEAN", "0"),
            ("true or false and false", "BOOLEAN", "1"),
            ("if n > 40 then \"big\" else \"small\"", "TEXT", "big"),
            (
                "if n > 40 and t is empty then \"a\" else if flag then \"b\" else \"c\"",
                "TEXT",
                "b",
            ),
            ("n in [1, 42]", "BOOLEAN", "1"),
            ("n not in [1, 42]", "BOOLEAN", "0"),
            ("t matches /^ada/i", "BOOLEAN", "1"),
            ("t matches /^ada/", "BOOLEAN", "0"),
            ("nul ?? t", "TEXT", "Ada Lovelace"),
            ("empty ?? t", "TEXT", ""),
        ],
    );
}

#[test]
fn conditions_are_two_valued_and_only_literals_test_null() {
    table(
        "",
        &[
            ("none = 1", "BOOLEAN", "0"),
            ("none != 1", "BOOLEAN", "0"),
            ("not (none = 1)", "BOOLEAN", "1"),
            ("none < 1 or none >= 1", "BOOLEAN", "0"),
            ("none = null", "BOOLEAN", "1"),
            ("none != null", "BOOLEAN", "0"),
            ("n != null", "BOOLEAN", "1"),
            ("none in [1, 2]", "BOOLEAN", "0"),
            ("nul matches /x/", "BOOLEAN", "0"),
            (
                "empty is empty and spaces is empty and nul is empty",
                "BOOLEAN",
                "1",
            ),
            ("t is not empty", "BOOLEAN", "1"),
            ("empty = null", "BOOLEAN", "0"),
            ("[] is empty", "BOOLEAN", "1"),
            ("flag", "BOOLEAN", "1"),
            ("flag = true", "BOOLEAN", "1"),
            ("zero = false", "BOOLEAN", "1"),
            ("if zero then 1 else 2", "INTEGER", "2"),
            ("not yes", "INTEGER", "0"),
            ("none + 1", "INTEGER", "null"),
            ("lower(nul)", "TEXT", "null"),
            ("\"<{nul}>\"", "TEXT", "<>"),
        ],
    );
}

#[test]
fn numbers_are_decimal() {
    table(
        "",
        &[
            ("amount * 3", "NUMERIC", "37.5"),
            ("0.1 + 0.2", "NUMERIC", "0.3"),
            ("10 / 4", "NUMERIC", "2.5"),
            ("\"{amount}\"", "TEXT", "12.5"),
            ("\"{n}\"", "TEXT", "42"),
            ("round(2.5)", "INTEGER", "3"),
            ("round(1234.567, 1)", "NUMERIC", "1234.6"),
            ("floor(2.9) + ceil(2.1) + abs(-5)", "INTEGER", "10"),
            ("min(3, n, 7)", "INTEGER", "3"),
            ("max(3, n, 7)", "INTEGER", "42"),
            ("number(\"12.50\") + 1", "NUMERIC", "13.5"),
            ("text(n)", "TEXT", "42"),
        ],
    );
}

#[test]
fn dates_instants_and_durations() {
    table(
        "",
        &[
            ("2024-02-28 + 1d", "TEXT", "2024-02-29"),
            ("2024-03-01 - 1d", "TEXT", "2024-02-29"),
            (
                "2024-06-01T10:00:00Z + 90m",
                "TEXT",
                "2024-06-01T11:30:00.000Z",
            ),
            ("2024-06-02T00:00:00Z - 2024-06-01 = 1d", "BOOLEAN", "1"),
            ("2024-06-01 = 2024-06-01T00:00:00Z", "BOOLEAN", "1"),
            ("2024-06-01 < 2024-06-01T00:00:01Z", "BOOLEAN", "1"),
            ("1d = 24h and 1h = 60m and 1m = 60s", "BOOLEAN", "1"),
            ("date(day) + 1d", "TEXT", "2024-03-01"),
            ("date(day) = 2024-02-29", "BOOLEAN", "1"),
            ("instant(at) > 2024-06-01", "BOOLEAN", "1"),
            ("instant(at) > now()", "BOOLEAN", "0"),
            ("add_days(2024-12-31, 1)", "TEXT", "2025-01-01"),
            ("days_between(2024-01-01, 2024-03-01)", "INTEGER", "60"),
            (
                "year(date(day)) * 10000 + month(date(day)) * 100 + day(date(day))",
                "INTEGER",
                "20240229",
            ),
            ("date(at)", "TEXT", "2024-06-01"),
            ("date(nul)", "TEXT", "null"),
            ("today() <= now()", "BOOLEAN", "1"),
            (
                "format_date(2024-06-01, \"%d.%m.%Y\")",
                "TEXT",
                "01.06.2024",
            ),
        ],
    );
}

#[test]
fn texts() {
    table(
        "fn greet(who) = \"Hello {who}\"\nlet NAME = \"world\"",
        &[
            ("greet(\"{NAME}!\")", "TEXT", "Hello world!"),
            ("\"{upper(left(t, 3))}-{length(t)}\"", "TEXT", "ADA-12"),
            ("\"a\\\"b\\\\c\\{d}\\u{1F600}\"", "TEXT", "a\"b\\c{d}😀"),
            ("lower(t)", "TEXT", "ada lovelace"),
            ("trim(\"  x \")", "TEXT", "x"),
            ("title(\"ada lovelace\")", "TEXT", "Ada Lovelace"),
            ("right(t, 4)", "TEXT", "lace"),
            ("replace(t, \"a\", \"-\")", "TEXT", "Ad- Lovel-ce"),
            ("join(split(\"a,b,c\", \",\"), \"+\")", "TEXT", "a+b+c"),
            (
                "contains(t, \"Love\") and starts_with(t, \"Ada\") and ends_with(t, \"ace\")",
                "BOOLEAN",
                "1",
            ),
            ("digits(phone)", "TEXT", "493012345"),
            ("domain_of(mail)", "TEXT", "example.org"),
            ("name_from_email(mail).first", "TEXT", "Ada"),
            ("name_from_email(mail).last", "TEXT", "Lovelace"),
            ("html_to_text(\"<p>a &amp; b</p>\")", "TEXT", "a & b"),
            ("length(sha256(t))", "INTEGER", "64"),
            ("id18(\"005000000000001\")", "TEXT", "005000000000001AAA"),
            ("t < \"B\"", "BOOLEAN", "1"),
        ],
    );
}

#[test]
fn lists_and_structures() {
    table(
        "let KINDS = [\"a\", \"b\"]",
        &[
            ("first(KINDS)", "TEXT", "a"),
            ("last(KINDS)", "TEXT", "b"),
            ("t in KINDS", "BOOLEAN", "0"),
            ("\"b\" in KINDS", "BOOLEAN", "1"),
            ("text(obj.city)", "TEXT", "Oslo"),
            ("number(obj.items[0].sku) + 1", "INTEGER", "8"),
            ("text(obj.items[5].sku)", "TEXT", "null"),
            ("obj.nothing.at_all = null", "BOOLEAN", "1"),
            ("text(list[1])", "TEXT", "b"),
        ],
    );
}

#[test]
fn failures_are_errors_of_their_record_and_field() {
    for (expr, says) in [
        ("1 / zero", "zero"),
        ("number(t)", "number"),
        ("date(t)", "date"),
        ("n % zero", "zero"),
    ] {
        let w = world(
            A,
            "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Out TEXT, STAMP);",
            &format!(
                "relationship A: a -> B {{\n match k = K\n k -> K\n \"{{{expr}}}\" -> Out\n}}"
            ),
        );
        w.sql(
            "left",
            "INSERT INTO a(id, k, t, n, zero) VALUES (2, 'fine', '2024-01-01', 1, 1)",
        );
        let outcome = w.apply();
        assert!(outcome.failed >= 1, "{expr}");
        let failures = w.failures();
        assert!(
            failures
                .iter()
                .any(|f| f.starts_with("a 1 Out: ") && f.contains(says)),
            "{expr}: {failures:?}"
        );
        assert_eq!(
            w.rows("right", "SELECT count(*) FROM B WHERE K = 'x'"),
            ["0"],
            "in a create it stops the record"
        );
    }
}

#[test]
fn text_columns_take_dates_and_give_them() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, day TEXT, STAMP); INSERT INTO a(id, k, day) VALUES (1, 'x', '2024-06-01');",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Day DATE, Flag BOOLEAN, STAMP);",
        "relationship A: a <-> B {\n match k = K\n k <-> K\n day <-> Day\n true -> Flag\n}",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT Day, Flag FROM B"), ["2024-06-01|1"]);
    w.edit("right", "B", "Day = '2025-01-31'", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT day FROM a"), ["2025-01-31"]);
}

#[test]
fn was_is_the_value_at_the_base() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, score INTEGER, stage TEXT, STAMP); INSERT INTO a(id, k, score, stage) VALUES (1, 'x', 10, 'new');",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Score INTEGER, Hot TEXT, Before TEXT, STAMP);",
        "relationship A: a -> B {
           match k = K
           k -> K
           score -> Score
           push create set Before = \"{was(score)}\"
           push update set Before = \"{was(score)}/{was(stage)}\", Hot = if score >= 100 and was(score) < 100 then \"now\" else null
         }",
    );
    let look = "SELECT Score, Before, Hot FROM B";
    w.settle();
    assert_eq!(w.rows("right", look), ["10||null"], "no base yet");
    w.edit("left", "a", "score = 50", "1");
    w.settle();
    assert_eq!(w.rows("right", look), ["50|10/new|null"]);
    // A field that no line maps moves on with every sync of the record.
    w.edit("left", "a", "stage = 'next'", "1");
    w.settle();
    w.edit("left", "a", "score = 120", "1");
    w.settle();
    assert_eq!(w.rows("right", look), ["120|50/next|now"]);
    w.edit("left", "a", "score = 130", "1");
    w.settle();
    assert_eq!(w.rows("right", look), ["130|120/next|null"]);
}

#[test]
fn was_keeps_the_value_of_a_change_that_has_not_crossed() {
    let mut w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, score INTEGER, v TEXT, STAMP); INSERT INTO a(id, k, score) VALUES (1, 'x', 10);",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Score INTEGER, V TEXT, Was TEXT, STAMP);",
        "let ON = false
         relationship A: a -> B {
           match k = K
           k -> K
           score -> Score when ON or was(score) = null
           v -> V
           push update set Was = \"{was(score)}\"
         }",
    );
    w.settle();
    w.edit("left", "a", "score = 20", "1");
    w.settle();
    w.edit("left", "a", "v = 'v'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT Score, Was FROM B"), ["10|10"]);
    w.rules = w.rules.replace("ON = false", "ON = true");
    w.settle();
    assert_eq!(w.rows("right", "SELECT Score, Was FROM B"), ["20|10"]);
    w.edit("left", "a", "v = 'v2'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT Score, Was FROM B"), ["20|20"]);
}

#[test]
fn a_rule_that_comes_to_read_was_starts_with_the_next_sync() {
    let mut w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, score INTEGER, STAMP); INSERT INTO a(id, k, score) VALUES (1, 'x', 10);",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Score INTEGER, Was TEXT, STAMP);",
        "relationship A: a -> B {\n match k = K\n k -> K\n score -> Score\n}",
    );
    w.settle();
    w.rules = w.rules.replace(
        "score -> Score\n",
        "score -> Score\n push update set Was = \"{was(score)}\"\n",
    );
    w.settle();
    w.edit("left", "a", "score = 20", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT Score, Was FROM B"), ["20|10"]);
}

#[test]
fn settings_are_read_when_the_program_is_loaded() {
    let w: World = world(
        A,
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Out TEXT, N INTEGER, STAMP);",
        "let SOURCE: text or null = env(\"NOT_THERE\", \"Web\")
         let LIMIT: number = 40 + 2
         let SINCE: date or null = null
         relationship A: a -> B {
           match k = K
           k -> K
           SOURCE -> Out
           LIMIT -> N
           push create when SINCE = null or date(day) >= SINCE
         }",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT Out, N FROM B"), ["Web|42"]);
}
