//! The language as a table of snippets: what parses, and what a mistake says.

use super::ast::{Expr, ExprKind, ItemKind, StatementKind};
use super::{Parsed, parse};
use crate::diagnostic::{Applicability, FileId};

const EXAMPLE: &str = include_str!("../../tests/format/cases/people.sync");
const CONSTRUCTS: &str = include_str!("../../tests/format/cases/constructs.sync");

fn read(text: &str) -> Parsed {
    parse(FileId(0), text)
}

/// The findings as `code text-underlined: message | help`.
fn findings(text: &str) -> Vec<String> {
    read(text)
        .findings
        .iter()
        .map(|finding| {
            let underlined = &text[finding.span.start as usize..finding.span.end as usize];
            format!(
                "{} {underlined:?}: {} | {}",
                finding.code.code,
                finding.message,
                finding.help.as_deref().unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn the_example_of_the_reference_parses() {
    assert_eq!(findings(EXAMPLE), Vec::<String>::new());
    let file = read(EXAMPLE).file;
    assert_eq!(file.items.len(), 6);
}

#[test]
fn every_construct_parses() {
    assert_eq!(findings(CONSTRUCTS), Vec::<String>::new());
}

#[test]
fn a_file_cut_anywhere_never_panics() {
    for end in (0..=EXAMPLE.len()).filter(|end| EXAMPLE.is_char_boundary(*end)) {
        read(&EXAMPLE[..end]);
        if end % 7 == 0 {
            read(&EXAMPLE[end..]);
        }
    }
}

#[test]
fn depth_is_capped_before_the_stack_is() {
    let many = 100_000;
    let hostile = [
        format!("let a = {}1{}", "(".repeat(many), ")".repeat(many)),
        format!("let a = {}1", "(".repeat(many)),
        format!("let a = {}1{}", "[".repeat(many), "]".repeat(many)),
        format!("let a = {}1", "not ".repeat(many)),
        format!("let a = {}1", "- ".repeat(many)),
        format!("let a = 1{}", " + 1".repeat(many)),
        format!("let a = {}1", "if a then b else ".repeat(many)),
        format!("let a = {}1", "if ".repeat(many)),
        format!("let a = {}1", "f(".repeat(many)),
        format!("let a = {}", "\"{".repeat(many)),
        format!("let a = {}{}", "\"{".repeat(many), "}\"".repeat(many)),
        format!("let a = \"{{{}1}}\"", "1 + ".repeat(many)),
        format!("let a = \"{{{}1{}}}\"", "(".repeat(many), ")".repeat(many)),
    ];
    for text in &hostile {
        let parsed = read(&format!("{text}\nlet b = 2\n"));
        let shown: String = text.chars().take(30).collect();
        assert_eq!(
            parsed.findings.len(),
            1,
            "{shown}: {:?}",
            parsed.findings.iter().take(4).collect::<Vec<_>>()
        );
        assert_eq!(parsed.file.items.len(), 2, "{shown}");
    }
    let deep = format!(
        "let a = {}1{}\nlet b = {}1\n",
        "(".repeat(48),
        ")".repeat(48),
        "1 + ".repeat(250)
    );
    assert_eq!(findings(&deep), Vec::<String>::new());
    let ifs = format!(
        "let a = {}1{}\n",
        "if x then ".repeat(40),
        " else 2".repeat(40)
    );
    assert_eq!(findings(&ifs), Vec::<String>::new());
    let texts = format!("let a = {}1{}\n", "\"{".repeat(20), "}\"".repeat(20));
    assert_eq!(findings(&texts), Vec::<String>::new());
}

/// One line of a relationship, whose neighbours must stay whole.
const LINES: &[&str] = &[
    "score -> S when score == 1 && x != 2 || !y",
    "a <=> B",
    "a => B",
    "a → B",
    "push create when a<-b",
    "push create when a => 5",
    "x -> Y when 1 < a < 3",
    "matc email = Email",
    "company = Company",
    "when x = 1",
    "email <-> Email prefer newest prefer manual",
    "email <-> Email blanks ignor",
    "x -> Y when count = 1",
    "x -> count",
    "x -> Y when items [0] = 1",
    "duplicates oldset",
    "push crate when a",
    "push create Lead foo bar",
    "match email",
    "match email = ",
    "\"abc -> X",
    "\"a {b\" -> X",
    "\"a \\q\" -> X",
    "x -> Y when a = .5",
    "x -> Y when a = 5.",
    "x -> Y when a = 1_000",
    "x -> Y when a > 15min",
    "x -> Y when a = 2024-13-45",
    "x -> Y when lower(a = 1",
    "x -> Y when a) = 1",
    "x -> Y when a matches /abc",
    "x -> Y when a matches /abc/g",
    "x -> Y when a = 'b'",
    "x -> Y when a = “b”",
    "nаme -> Y",
    "x -> Y // note",
    "x -> Y;",
    "a <-> B c <-> D",
    "prefer newest match a = B",
    "push create when a -> b",
    "x <- if a then b",
    "x -> Y using",
    "let x = 1",
    "follow Lead.X Contact",
    "x -> Y when a in [1 2]",
    "push create set a = 1, ",
    "`a -> B",
    "`` -> B",
    "x -> Y when a\u{a0}= 1",
    "x -> Y # \u{202e}abc",
    "\"a\u{a0}b\" -> Y",
    "- -> Y",
    "!!! ???",
    "convert Lead Contact",
    "purge lead",
    "push create require a, b else \"x\"",
    "x -> Y when if = 1",
    "x <-> Y via A.B.C",
    "x -> Y when a = 2024-06-1",
    "x -> Y when max(a.b(c = 1) = 2",
    "* <- * excpt A",
    "first newest",
    "push set a = 1",
    "x -> Y wen a = 1",
    "x -> Y when a = 99999999999999999999999999999999999",
    "email <> Email",
    "company <- > Company",
    "company < - > Company",
    "push create when score <> 5",
];

/// Whole files.
const FILES: &[&str] = &[
    "sync a b",
    "sync a with",
    "lett x = 1",
    "let x 1",
    "relationship X: a <-> B {\n  a <-> B\n\nlet y = 1\n",
    "relationship X: a <-> B\n  a <-> B\n}\n",
    "}\n",
    "trigger t on chang lead {\n push A push B\n}",
    "trigger t on change lead { foo bar }",
    "values v {\n new <-> \"Open\"\n \"a\" <-> \"b\",\n \"c\" <-> \"d\" \"e\" <-> \"f\"\n \"x\" = \"y\"\n else eror\n}",
    "lens l { push it push it }",
    "lens l { pull it",
    "email <-> Email",
    "every 15 sync A",
    "every 15m synk A",
    "let a = 1 let b = 2",
    "values a { } let b = 1",
    "trigger t on change lead { create s.T { a = 1\n b = 2 } }",
    "trigger t on change lead {\n create s.T { a = 1\n push Lead\n}\nlet x = 1",
    "fn f(a, = 1",
    "relationship : a <-> B { a <-> }",
    "values v {\n \"a <-> \"b\"\n \"c\" <-> \"d\"\n}",
    "let a = lookup X",
    "let a = sum(x)",
    "\u{feff}let a = 1\r\nlet b = \"x\r\nlet c = 3",
    "let a = @b",
    "let true = 1\nlet x = true",
    "let a = f(1,,2)",
    "let a = [1,,2]",
    "let a = x not 1",
    "cron */5 sync A\n",
];

/// What each mistake says. `UPDATE_FIXTURES=1` writes the file again; read the difference.
#[test]
fn mistakes_are_told_in_the_languages_own_words() {
    let mut told = String::new();
    for line in LINES {
        let text = format!("relationship A: a <-> B {{\n  p <-> Q\n  {line}\n  r <-> S\n}}\n");
        let ItemKind::Relationship(item) = &read(&text).file.items[0].kind else {
            panic!("{line}")
        };
        let whole = |at: usize| matches!(item.statements[at].kind, StatementKind::Field(_));
        assert!(whole(0) && whole(item.statements.len() - 1), "{line}");
        let broken = item
            .statements
            .iter()
            .filter(|statement| matches!(statement.kind, StatementKind::Broken))
            .count();
        assert!(broken <= 1, "{line}");
        tell(&mut told, line, &text);
    }
    for text in FILES {
        tell(&mut told, &text.escape_debug().to_string(), text);
    }
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write("tests/format/cases/mistakes.txt", &told).unwrap();
        return;
    }
    assert_eq!(told, MISTAKES);
}

const MISTAKES: &str = include_str!("../../tests/format/cases/mistakes.txt");

fn tell(told: &mut String, title: &str, text: &str) {
    told.push_str(&format!("{}\n", title.escape_debug()));
    for finding in findings(text) {
        told.push_str(&format!("    {}\n", finding.escape_debug()));
    }
    for edit in read(text)
        .findings
        .iter()
        .filter_map(|finding| finding.fix.as_ref())
        .flat_map(|fix| &fix.edits)
    {
        let old = &text[edit.span.start as usize..edit.span.end as usize];
        told.push_str(&format!("    fix {old:?} -> {:?}\n", edit.text));
    }
}

/// What a safe fix writes parses.
#[test]
fn safe_fixes_mend_what_they_fix() {
    for line in [
        "a <=> B",
        "a => B",
        "a → B",
        "x -> Y when a<-b",
        "x -> Y when a==1&&b!=2||!c",
        "x -> Y when a = .5",
        "x -> Y when a = 'b'",
        "x -> Y;",
        "a <-> B c <-> D",
        "x -> Y when a in [1 2]",
        "x -> Y when i [0] = 1",
        "x -> Y // note",
    ] {
        let mut text = format!("relationship A: a <-> B {{\n  {line}\n}}\n");
        let mut edits: Vec<_> = read(&text)
            .findings
            .iter()
            .filter_map(|finding| finding.fix.clone())
            .filter(|fix| fix.applicability == Applicability::Safe)
            .flat_map(|fix| fix.edits)
            .collect();
        assert!(!edits.is_empty(), "{line}");
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
        for edit in edits {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        assert_eq!(findings(&text), Vec::<String>::new(), "{line}: {text}");
    }
}

/// An expression with a pair of parentheses around every operator.
fn ranked(text: &str) -> String {
    let expression = super::parse_expression(FileId(0), text)
        .unwrap_or_else(|findings| panic!("{text}: {findings:?}"));
    shape(&expression)
}

fn shape(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(value) => format!("{value:?}"),
        ExprKind::Path(path) => path
            .names
            .iter()
            .map(|name| name.text.as_str())
            .collect::<Vec<_>>()
            .join("."),
        ExprKind::Unary { op, operand, .. } => format!("({op:?} {})", shape(operand)),
        ExprKind::Binary {
            op, left, right, ..
        } => format!("({} {op:?} {})", shape(left), shape(right)),
        ExprKind::IsEmpty { operand, negated } => format!(
            "({} {})",
            shape(operand),
            if *negated { "full" } else { "empty" }
        ),
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => format!(
            "(if {} {} {})",
            shape(condition),
            shape(then),
            shape(otherwise)
        ),
        ExprKind::Index { of, index } => format!("{}[{}]", shape(of), shape(index)),
        ExprKind::Member { of, name } => format!("{}.{}", shape(of), name.text),
        ExprKind::Call { function, args } => format!(
            "{}({})",
            function.text,
            args.iter().map(shape).collect::<Vec<_>>().join(", ")
        ),
        other => format!("{other:?}"),
    }
}

#[test]
fn operators_rank_as_the_reference_says() {
    for (text, expected) in [
        ("a or b and not c = d", "(a Or (b And (Not (c Equal d))))"),
        (
            "a + b * c ?? d = e",
            "(((a Add (b Multiply c)) Coalesce d) Equal e)",
        ),
        ("a ?? b ?? c", "((a Coalesce b) Coalesce c)"),
        (
            "a - b - -c % d",
            "((a Subtract b) Subtract ((Minus c) Remainder d))",
        ),
        ("not a is not empty", "(Not (a full))"),
        ("a + b is empty or c", "(((a Add b) empty) Or c)"),
        (
            "a not in b and c matches d",
            "((a NotIn b) And (c Matches d))",
        ),
        (
            "if a then b else if c then d else e or f",
            "(if a b (if c d (e Or f)))",
        ),
        ("items[0].sku", "items[Int(0)].sku"),
        ("f(x).first", "f(x).first"),
        ("a.b[c + 1][2]", "a.b[(c Add Int(1))][Int(2)]"),
        ("a <b", "(a Less b)"),
        ("a < -b", "(a Less (Minus b))"),
        ("when + set", "(when Add set)"),
        ("2024-06-01", "Date(2024-06-01)"),
        ("2024-6-1", "((Int(2024) Subtract Int(6)) Subtract Int(1))"),
        ("90s", "Duration(90000)"),
        ("3.50", "Decimal(3.50)"),
        ("2024-06-01T10:00:00+02:00", "Instant(2024-06-01T08:00:00Z)"),
        (r#""a\u{1F600}\{\n""#, r#"Text("a😀{\n")"#),
        ("`Deal Stage` = null", "(Deal Stage Equal Null)"),
    ] {
        assert_eq!(ranked(text), expected, "{text}");
    }
}

#[test]
fn a_clause_belongs_to_the_line_above_only_when_it_is_deeper() {
    let text = "relationship A: a <-> B {\n  x <-> Y\n  prefer newest\n  z <-> Z\n    prefer manual\n  q <-> Q\n\n    prefer newest\n}\n";
    let ItemKind::Relationship(item) = &read(text).file.items[0].kind else {
        panic!()
    };
    let forms: Vec<String> = item
        .statements
        .iter()
        .map(|statement| match &statement.kind {
            StatementKind::Field(field) => format!("field {}", field.modifiers.len()),
            StatementKind::Prefer(_) => "prefer".to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(forms, ["field 0", "prefer", "field 1", "field 0", "prefer"]);
}
