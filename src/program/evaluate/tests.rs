use rust_decimal::Decimal;

use super::*;
use crate::program::{Arithmetic, Comparison, TextPart};
use crate::value::{parse_date, parse_instant};

mod laws;

/// One record with its fields in slots; nothing on the right.
struct Record(Vec<Value>);

impl Scope for Record {
    fn field(&self, side: Side, slot: Slot) -> &Value {
        match side {
            Side::Left => self.0.get(usize::from(slot.0)).unwrap_or(&NULL),
            Side::Right => &NULL,
        }
    }
    fn was(&self, side: Side, slot: Slot) -> Value {
        self.field(side, slot).clone()
    }
    fn alternative(&self) -> &str {
        "Lead"
    }
    fn by_hand(&self) -> bool {
        true
    }
    fn now(&self) -> DateTime<Utc> {
        parse_instant("2024-06-01T10:00:00Z").unwrap()
    }
    fn it(&self) -> &Value {
        self.field(Side::Left, Slot(0))
    }
    fn query(&self, _query: QueryRef) -> Result<Value, EvalError> {
        Err(EvalError::Query("two records found".to_owned()))
    }
    fn round_robin(&self, number: u16, list: &[Value]) -> Value {
        list[usize::from(number) % list.len()].clone()
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn number(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn day(text: &str) -> Value {
    Value::Date(parse_date(text).unwrap())
}

fn at(text: &str) -> Value {
    Value::Instant(parse_instant(text).unwrap())
}

fn constant(value: Value) -> Box<Expr> {
    Box::new(Expr::Const(value))
}

fn list_of(values: &[Value]) -> Value {
    Value::List(Arc::new(values.to_vec()))
}

fn run(expr: Expr) -> Result<Value, EvalError> {
    evaluate(&expr, &Record(vec![]))
}

fn compared(a: &Value, comparison: Comparison, b: &Value) -> bool {
    is_true(
        &Expr::Compare(comparison, constant(a.clone()), constant(b.clone())),
        &Record(vec![]),
    )
    .unwrap()
}

fn reckoned(operator: Arithmetic, a: Value, b: Value) -> Result<Value, EvalError> {
    run(Expr::Arithmetic(operator, constant(a), constant(b)))
}

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessEqual,
    Comparison::Greater,
    Comparison::GreaterEqual,
];

#[test]
fn comparisons_with_null_are_false_and_not_of_them_true() {
    for comparison in COMPARISONS {
        for (a, b) in [
            (Value::Null, Value::Int(1)),
            (Value::Int(1), Value::Null),
            (Value::Null, Value::Absent),
        ] {
            let compared = Expr::Compare(comparison, constant(a), constant(b));
            assert_eq!(is_true(&compared, &Record(vec![])), Ok(false));
            assert_eq!(run(Expr::Not(Box::new(compared))), Ok(Value::Bool(true)));
        }
    }
}

#[test]
fn in_and_not_in_are_false_for_null() {
    let is_in = |value: Value, list: Expr, negated| {
        run(Expr::In {
            operand: constant(value),
            list: Box::new(list),
            negated,
        })
    };
    let letters = || Expr::Const(list_of(&[text("a"), Value::Null, Value::Int(1)]));
    for negated in [false, true] {
        assert_eq!(
            is_in(Value::Null, letters(), negated),
            Ok(Value::Bool(false))
        );
        assert_eq!(
            is_in(text("a"), Expr::Const(Value::Null), negated),
            Ok(Value::Bool(false))
        );
        assert_eq!(
            is_in(text("a"), letters(), negated),
            Ok(Value::Bool(!negated))
        );
        assert_eq!(
            is_in(text("b"), letters(), negated),
            Ok(Value::Bool(negated))
        );
    }
    // The same equality as `=`.
    assert_eq!(
        is_in(Value::Bool(true), letters(), false),
        Ok(Value::Bool(true))
    );
    assert_eq!(
        is_in(
            number("1.0"),
            Expr::List(vec![Expr::Const(Value::Int(1))]),
            false
        ),
        Ok(Value::Bool(true))
    );
}

#[test]
fn only_is_null_tests_null() {
    for (value, null) in [
        (Value::Null, true),
        (Value::Absent, true),
        (text(""), false),
    ] {
        for negated in [false, true] {
            let test = Expr::IsNull {
                operand: constant(value.clone()),
                negated,
            };
            assert_eq!(run(test), Ok(Value::Bool(null != negated)));
        }
    }
}

#[test]
fn empty_is_blank_or_an_empty_list() {
    let empty = |value: Value| {
        run(Expr::IsEmpty {
            operand: constant(value),
            negated: false,
        })
    };
    for value in [Value::Null, text(""), text(" \t"), list_of(&[])] {
        assert_eq!(empty(value), Ok(Value::Bool(true)));
    }
    for value in [
        text("x"),
        Value::Int(0),
        Value::Bool(false),
        list_of(&[Value::Null]),
    ] {
        assert_eq!(empty(value), Ok(Value::Bool(false)));
    }
}

#[test]
fn integer_columns_are_conditions() {
    for (value, holds) in [
        (Value::Int(0), false),
        (Value::Int(2), true),
        (number("0.0"), false),
        (Value::Null, false),
    ] {
        assert_eq!(is_true(&Expr::Const(value), &Record(vec![])), Ok(holds));
    }
    assert!(compared(
        &Value::Int(2),
        Comparison::Equal,
        &Value::Bool(true)
    ));
    assert!(compared(
        &Value::Bool(false),
        Comparison::Equal,
        &Value::Int(0)
    ));
    assert!(compared(
        &Value::Int(1),
        Comparison::NotEqual,
        &Value::Bool(false)
    ));
}

#[test]
fn dates_compare_with_instants_and_iso_texts() {
    use Comparison::{Equal, Greater, Less, NotEqual};
    assert!(compared(
        &day("2024-06-01"),
        Equal,
        &at("2024-06-01T00:00:00Z")
    ));
    assert!(compared(
        &day("2024-06-01"),
        Less,
        &at("2024-06-01T00:00:01Z")
    ));
    assert!(compared(&text("2024-06-01"), Equal, &day("2024-06-01")));
    assert!(compared(
        &text("2024-06-01T12:00:00+02:00"),
        Equal,
        &at("2024-06-01T10:00:00Z")
    ));
    assert!(compared(
        &at("2024-06-01T10:00:00Z"),
        Greater,
        &text("2024-06-01")
    ));
    assert!(compared(&text("soon"), NotEqual, &day("2024-06-01")));
    assert!(!compared(&text("soon"), Less, &day("2024-06-01")));
}

#[test]
fn text_and_numbers_never_compare() {
    use Comparison::{Equal, Less, NotEqual};
    assert!(!compared(&text("1"), Equal, &Value::Int(1)));
    assert!(compared(&text("1"), NotEqual, &Value::Int(1)));
    assert!(!compared(&text("1"), Less, &Value::Int(2)));
}

#[test]
fn conditions_stop_at_the_first_that_decides() {
    let fails = || {
        Expr::Arithmetic(
            Arithmetic::Divide,
            constant(Value::Int(1)),
            constant(Value::Int(0)),
        )
    };
    assert_eq!(
        run(Expr::And(vec![Expr::Const(Value::Null), fails()])),
        Ok(Value::Bool(false))
    );
    assert_eq!(
        run(Expr::Or(vec![Expr::Const(Value::Int(1)), fails()])),
        Ok(Value::Bool(true))
    );
    assert_eq!(
        run(Expr::Or(vec![Expr::Const(Value::Int(0)), fails()])),
        Err(EvalError::DivisionByZero)
    );
}

#[test]
fn arithmetic_is_exact() {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    assert_eq!(
        reckoned(Add, number("0.1"), number("0.2")),
        Ok(number("0.3"))
    );
    assert_eq!(
        reckoned(Subtract, Value::Int(i64::MIN), Value::Int(1)),
        Ok(number("-9223372036854775809"))
    );
    assert_eq!(
        reckoned(Divide, Value::Int(6), Value::Int(3)),
        Ok(Value::Int(2))
    );
    assert_eq!(
        reckoned(Divide, Value::Int(7), Value::Int(2)),
        Ok(number("3.5"))
    );
    assert_eq!(
        reckoned(Divide, Value::Int(i64::MIN), Value::Int(-1)),
        Ok(number("9223372036854775808"))
    );
    assert_eq!(
        reckoned(Remainder, Value::Int(i64::MIN), Value::Int(-1)),
        Ok(Value::Int(0))
    );
    assert_eq!(
        reckoned(Remainder, number("5.5"), Value::Int(2)),
        Ok(number("1.5"))
    );
    for operator in [Divide, Remainder] {
        assert_eq!(
            reckoned(operator, number("1.5"), Value::Int(0)),
            Err(EvalError::DivisionByZero)
        );
    }
    let largest = Value::Decimal(Decimal::MAX);
    let tiny = number("0.0000000000000000000000000001");
    for (operator, a, b) in [
        (Add, largest.clone(), Value::Int(1)),
        (Multiply, largest.clone(), Value::Int(2)),
        // What would have to be rounded is an error as well.
        (Multiply, tiny.clone(), number("0.1")),
        (Add, Value::Int(i64::MAX), tiny),
    ] {
        let error = reckoned(operator, a, b).unwrap_err().to_string();
        assert!(
            error.ends_with("has more digits than a number holds"),
            "{error}"
        );
    }
}

#[test]
fn null_in_arithmetic_gives_null() {
    for value in [Value::Int(0), Value::Duration(1), day("2024-06-01")] {
        assert_eq!(
            reckoned(Arithmetic::Divide, value.clone(), Value::Null),
            Ok(Value::Null)
        );
        assert_eq!(
            reckoned(Arithmetic::Add, Value::Null, value),
            Ok(Value::Null)
        );
    }
}

#[test]
fn durations_move_dates_and_instants() {
    use Arithmetic::{Add, Multiply, Subtract};
    let hours = |hours: i64| Value::Duration(hours * 3_600_000);
    assert_eq!(
        reckoned(Add, day("2024-02-28"), hours(48)),
        Ok(day("2024-03-01"))
    );
    assert_eq!(
        reckoned(Add, hours(24), day("2024-02-28")),
        Ok(day("2024-02-29"))
    );
    assert_eq!(
        reckoned(Add, day("2024-02-28"), hours(2)),
        Ok(at("2024-02-28T02:00:00Z"))
    );
    assert_eq!(
        reckoned(Subtract, at("2024-06-01T01:00:00Z"), hours(2)),
        Ok(at("2024-05-31T23:00:00Z"))
    );
    assert_eq!(
        reckoned(Subtract, at("2024-06-01T02:00:00Z"), day("2024-06-01")),
        Ok(hours(2))
    );
    assert_eq!(
        reckoned(Subtract, day("2024-06-02"), text("2024-06-01")),
        Ok(hours(24))
    );
    assert_eq!(
        reckoned(Add, text("2024-06-01"), hours(24)),
        Ok(day("2024-06-02"))
    );
    assert_eq!(reckoned(Multiply, hours(2), number("1.5")), Ok(hours(3)));
    assert_eq!(
        reckoned(Add, day("2024-06-01"), Value::Duration(i64::MAX)),
        Err(EvalError::Value("the date is out of range".to_owned()))
    );
}

#[test]
fn texts_are_not_added() {
    assert_eq!(
        reckoned(Arithmetic::Add, text("a"), text("b")),
        Err(EvalError::Value("`a + b` has no value".to_owned()))
    );
    assert_eq!(
        reckoned(Arithmetic::Add, Value::Int(1), text("b")),
        Err(EvalError::Value("`b` is not a number".to_owned()))
    );
}

#[test]
fn null_is_nothing_in_a_text() {
    let parts = |value: Value| {
        vec![
            TextPart::Text("<".into()),
            TextPart::Expr(Expr::Const(value)),
            TextPart::Text(">".into()),
        ]
    };
    assert_eq!(run(Expr::Interpolate(parts(Value::Null))), Ok(text("<>")));
    assert_eq!(
        run(Expr::Interpolate(parts(number("3.50")))),
        Ok(text("<3.5>"))
    );
    assert_eq!(
        run(Expr::Interpolate(parts(day("2024-06-01")))),
        Ok(text("<2024-06-01>"))
    );
}

#[test]
fn coalesce_takes_the_first_that_is_not_null() {
    let coalesce = |a, b| run(Expr::Coalesce(constant(a), constant(b)));
    assert_eq!(coalesce(Value::Null, text("b")), Ok(text("b")));
    assert_eq!(coalesce(Value::Absent, text("b")), Ok(text("b")));
    assert_eq!(coalesce(text(""), text("b")), Ok(text("")));
}

#[test]
fn paths_reach_into_structures_and_texts_of_json() {
    let json = r#"{"items": [{"sku": "A1"}]}"#;
    let structured = crate::value::from_json(&serde_json::from_str(json).unwrap());
    let steps = |index: Value| {
        vec![
            PathStep::Member("items".into()),
            PathStep::Index(Expr::Const(index)),
            PathStep::Member("sku".into()),
        ]
    };
    for base in [structured, text(json)] {
        assert_eq!(
            run(Expr::Path(constant(base.clone()), steps(Value::Int(0)))),
            Ok(text("A1"))
        );
        for missing in [Value::Int(1), Value::Int(-1), Value::Null] {
            assert_eq!(
                run(Expr::Path(constant(base.clone()), steps(missing))),
                Ok(Value::Null)
            );
        }
    }
    for base in [Value::Null, text("Rome"), Value::Int(1)] {
        assert_eq!(
            run(Expr::Path(constant(base), steps(Value::Int(0)))),
            Ok(Value::Null)
        );
    }
}

#[test]
fn the_surroundings_are_read() {
    let record = Record(vec![text("x")]);
    assert_eq!(evaluate(&Expr::Today, &record), Ok(day("2024-06-01")));
    assert_eq!(evaluate(&Expr::Alternative, &record), Ok(text("Lead")));
    assert_eq!(evaluate(&Expr::It, &record), Ok(text("x")));
    assert_eq!(
        evaluate(&Expr::RoundRobin(constant(list_of(&[])), 0), &record),
        Ok(Value::Null)
    );
    assert!(matches!(
        evaluate_ref(&Expr::Field(Side::Left, Slot(0)), &record),
        Ok(Cow::Borrowed(Value::Text(_)))
    ));
}

#[test]
fn deep_expressions_are_errors_and_long_chains_are_not() {
    let mut deep = Expr::Const(Value::Int(1));
    for _ in 0..5000 {
        deep = Expr::Negate(Box::new(deep));
    }
    assert_eq!(run(deep), Err(too_deep()));
    let mut chain = Expr::Const(text("last"));
    for _ in 0..5000 {
        chain = Expr::If(
            constant(Value::Bool(false)),
            constant(Value::Null),
            Box::new(chain),
        );
    }
    assert_eq!(run(chain), Ok(text("last")));
}

#[test]
fn every_kind_of_nesting_is_bounded() {
    let wraps: [fn(Expr) -> Expr; 6] = [
        |inner| Expr::Call(Function::Trim, vec![inner]),
        |inner| Expr::Interpolate(vec![TextPart::Expr(inner)]),
        |inner| {
            Expr::Path(
                Box::new(Expr::List(vec![inner])),
                vec![PathStep::Index(Expr::Const(Value::Int(0)))],
            )
        },
        |inner| Expr::In {
            operand: Box::new(inner),
            list: constant(list_of(&[])),
            negated: true,
        },
        |inner| {
            Expr::If(
                Box::new(Expr::And(vec![inner])),
                constant(Value::Int(1)),
                constant(Value::Int(2)),
            )
        },
        |inner| Expr::Coalesce(constant(Value::Null), Box::new(inner)),
    ];
    for wrap in wraps {
        let deep = (0..2000).fold(Expr::Const(text("x")), |inner, _| wrap(inner));
        assert_eq!(run(deep), Err(too_deep()));
    }
}

#[test]
fn long_values_are_cut_in_messages() {
    let error = EvalError::is_not(&text(&"é".repeat(100)), "a number").to_string();
    assert_eq!(error, format!("`{}…` is not a number", "é".repeat(60)));
}

#[test]
fn texts_that_double_stay_bounded() {
    let mut doubled = Expr::Const(text("ab"));
    for _ in 0..60 {
        doubled = Expr::Call(
            Function::Replace,
            vec![doubled, Expr::Const(text("a")), Expr::Const(text("aa"))],
        );
    }
    assert_eq!(run(doubled), Err(too_long()));
}
