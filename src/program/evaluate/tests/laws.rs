//! What holds for all expressions and values.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::value::samples::any_value;

fn any_expression() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        4 => any_value().prop_map(Expr::Const),
        2 => (0..4u16).prop_map(|slot| Expr::Field(Side::Left, Slot(slot))),
        1 => Just(Expr::Now),
        1 => Just(Expr::Today),
        1 => Just(Expr::It),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let several = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            boxed().prop_map(Expr::Not),
            several().prop_map(Expr::And),
            several().prop_map(Expr::Or),
            (prop::sample::select(&COMPARISONS[..]), boxed(), boxed())
                .prop_map(|(c, a, b)| Expr::Compare(c, a, b)),
            (boxed(), any::<bool>())
                .prop_map(|(operand, negated)| Expr::IsEmpty { operand, negated }),
            (boxed(), boxed(), any::<bool>()).prop_map(|(operand, list, negated)| Expr::In {
                operand,
                list,
                negated
            }),
            (boxed(), boxed()).prop_map(|(a, b)| Expr::Coalesce(a, b)),
            (0..5usize, boxed(), boxed()).prop_map(|(operator, a, b)| {
                use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
                Expr::Arithmetic([Add, Subtract, Multiply, Divide, Remainder][operator], a, b)
            }),
            boxed().prop_map(Expr::Negate),
            (boxed(), boxed(), boxed()).prop_map(|(a, b, c)| Expr::If(a, b, c)),
            several().prop_map(|parts| Expr::Interpolate(
                parts.into_iter().map(TextPart::Expr).collect()
            )),
            several().prop_map(Expr::List),
            (boxed(), "[a-c]", inner.clone()).prop_map(|(base, name, index)| {
                Expr::Path(
                    base,
                    vec![PathStep::Member(name.into()), PathStep::Index(index)],
                )
            }),
            (boxed(), any::<u16>()).prop_map(|(list, number)| Expr::RoundRobin(list, number)),
            (prop::sample::select(Function::ALL), several())
                .prop_map(|(function, args)| Expr::Call(function, args)),
        ]
    })
}

/// What looks at its operand in place where that only names a value: conditions, texts with values in them, functions over what `trim` leaves.
fn looks(operand: &Expr) -> Vec<Expr> {
    let boxed = || Box::new(operand.clone());
    let compared =
        |comparison: &Comparison| Expr::Compare(*comparison, boxed(), constant(text("a")));
    let trimmed = || Expr::Call(Function::Trim, vec![operand.clone()]);
    let over_trimmed = |function: &Function| Expr::Call(*function, vec![trimmed()]);
    let negated = true;
    COMPARISONS
        .iter()
        .map(compared)
        .chain(Function::ALL.iter().map(over_trimmed))
        .chain([
            Expr::IsNull {
                operand: boxed(),
                negated,
            },
            Expr::IsEmpty {
                operand: boxed(),
                negated,
            },
            Expr::Interpolate(vec![
                TextPart::Text("<".into()),
                TextPart::Expr(operand.clone()),
            ]),
        ])
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn looking_in_place_sees_what_the_value_is(
        value in prop_oneof![any_value(), "[ \t]?[A-Za-zÄßσΣ ]{0,40}[ \u{a0}]?".prop_map(|s| text(&s))],
    ) {
        let record = Record(vec![value]);
        for (named, passed) in looks(&Expr::Field(Side::Left, Slot(0))).iter().zip(&looks(&Expr::It)) {
            prop_assert_eq!(evaluate(named, &record), evaluate(passed, &record), "{:?}", named);
        }
    }

    #[test]
    fn evaluation_is_total_and_deterministic(
        expr in any_expression(),
        record in prop::collection::vec(any_value(), 4),
    ) {
        let record = Record(record);
        let first = evaluate(&expr, &record);
        prop_assert_eq!(&first, &evaluate(&expr, &record));
        if let Ok(value) = first {
            prop_assert_eq!(is_true(&expr, &record), Ok(truth(&value)));
        }
    }

    #[test]
    fn functions_are_total(
        function in prop::sample::select(Function::ALL),
        args in prop::collection::vec(any_value(), 1..4),
    ) {
        let _ = run(Expr::Call(function, args.into_iter().map(Expr::Const).collect()));
    }

    #[test]
    fn not_equal_is_the_opposite_of_equal_but_for_null(a in any_value(), b in any_value()) {
        let (equal, unequal) = (compared(&a, Comparison::Equal, &b), compared(&a, Comparison::NotEqual, &b));
        prop_assert_eq!(equal, compared(&b, Comparison::Equal, &a));
        prop_assert_eq!(equal != unequal, !a.is_null() && !b.is_null());
    }

    #[test]
    fn sums_are_undone_by_differences(a in -1_000_000_000i64..1_000_000_000, b in any::<i32>(), scale in 0..10u32) {
        let (a, b) = (Value::Decimal(Decimal::new(a, scale)), Value::Int(i64::from(b)));
        let sum = reckoned(Arithmetic::Add, a.clone(), b.clone()).unwrap();
        prop_assert_eq!(reckoned(Arithmetic::Subtract, sum, b), Ok(a));
    }

    #[test]
    fn days_are_counted_as_they_are_added(days in -100_000i64..100_000) {
        let start = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        let later = run(Expr::Call(Function::AddDays, vec![Expr::Const(Value::Date(start)), Expr::Const(Value::Int(days))])).unwrap();
        let between = run(Expr::Call(Function::DaysBetween, vec![Expr::Const(Value::Date(start)), Expr::Const(later)]));
        prop_assert_eq!(between, Ok(Value::Int(days)));
    }
}
