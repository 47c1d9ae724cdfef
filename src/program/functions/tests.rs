use std::borrow::Cow;
use std::sync::Arc;

use super::*;
use crate::value::{Value, parse_date, parse_instant};

/// A value that a test writes down.
trait Written {
    fn value(self) -> Value;
}
impl Written for &str {
    fn value(self) -> Value {
        Value::Text(self.into())
    }
}
impl Written for i64 {
    fn value(self) -> Value {
        Value::Int(self)
    }
}
impl Written for f64 {
    fn value(self) -> Value {
        Value::Decimal(self.to_string().parse().unwrap())
    }
}
impl Written for bool {
    fn value(self) -> Value {
        Value::Bool(self)
    }
}
impl Written for Value {
    fn value(self) -> Value {
        self
    }
}
impl<const N: usize> Written for [Value; N] {
    fn value(self) -> Value {
        Value::List(Arc::new(self.to_vec()))
    }
}

fn day(text: &str) -> Value {
    Value::Date(parse_date(text).unwrap())
}

fn at(text: &str) -> Value {
    Value::Instant(parse_instant(text).unwrap())
}

fn result(name: &str, args: Vec<Value>) -> Result<Value, EvalError> {
    let mut args = args.into_iter().map(Cow::Owned);
    let first = args.next().unwrap();
    call(
        Function::by_name(name).unwrap(),
        first,
        &args.collect::<Vec<_>>(),
    )
    .map(Cow::into_owned)
}

/// `gives!("left" "Ada", 1 => "A")`
macro_rules! gives {
    ($($name:literal $($arg:expr),+ => $expected:expr;)*) => {
        $({
            let found = result($name, vec![$($arg.value()),+]).unwrap();
            let expected = $expected.value();
            assert!(found.same(&expected), "{} gives {found:?}, not {expected:?}", stringify!($name $($arg),+));
        })*
    };
}

macro_rules! fails {
    ($($name:literal $($arg:expr),+ => $message:literal;)*) => {
        $(assert_eq!(result($name, vec![$($arg.value()),+]).unwrap_err().to_string(), $message);)*
    };
}

#[test]
fn texts() {
    gives! {
        "lower" "Ada@Example.ORG" => "ada@example.org";
        "lower" "ÄÖ" => "äö";
        "lower" "a text of more than twenty-three bytes, All small" => "a text of more than twenty-three bytes, all small";
        "upper" "de" => "DE";
        "upper" "straße" => "STRASSE";
        "trim" "\u{a0} Ada\t" => "Ada";
        "title" "ada o'brien KING-noel" => "Ada O'brien King-Noel";
        "length" "Zoë" => 3;
        "length" ["a".value(), Value::Null] => 2;
        "left" "Zoë" , 9 => "Zoë";
        "left" "Zoë" , 2 => "Zo";
        "left" "Zoë" , -1 => "";
        "right" "Zoë" , 2 => "oë";
        "substring" "Lovelace", 4, 2 => "la";
        "substring" "Lovelace", 4 => "lace";
        "substring" "Lovelace", 90, 2 => "";
        "replace" "1,5,", ",", "." => "1.5.";
        "replace" "abc", "", "x" => "abc";
        "split" "a;;b", ";" => ["a".value(), "".value(), "b".value()];
        "split" "aë", "" => ["a".value(), "ë".value()];
        "split" "", ";" => [];
        "join" ["a".value(), Value::Null, 2.value()], ", " => "a, 2";
        "join" ["a".value(), "b".value()] => "ab";
        "contains" "Lovelace", "love" => false;
        "contains" [1.value(), "a".value()], true => true;
        "starts_with" "+49 30", "+49" => true;
        "ends_with" "ada@example.org", ".org" => true;
        "digits" "(030) 12-34 ٣" => "0301234";
        "text" 3.5 => "3.5";
        "text" day("2024-06-01") => "2024-06-01";
    }
    fails! {
        "left" "Ada", 1.5 => "`1.5` is not a whole number";
    }
}

#[test]
fn null_gives_null() {
    for function in Function::ALL {
        let signature = signature(*function);
        let args = vec![Value::Null; signature.arity().0];
        let found = result(signature.name, args).unwrap();
        assert_eq!(
            found.is_null(),
            signature.nulls != Nulls::Never,
            "{}",
            signature.name
        );
    }
}

#[test]
fn telephone_numbers() {
    gives! {
        "normalize_phone" "+49 (0)30 12-34" => "+49301234";
        "normalize_phone" "0049 (0) 30 1234" => "+49301234";
        "normalize_phone" "0049(0)30 1234" => "+49301234";
        "normalize_phone" "(030) 12 34", "49" => "+49301234";
        "normalize_phone" "(030) 12 34", "+49" => "+49301234";
        "normalize_phone" "(030) 12 34" => "0301234";
        "normalize_phone" "(415) 555-2671 ext. 12", "1" => "+14155552671";
        "normalize_phone" "1-415-555-2671", "1" => "+14155552671";
        "normalize_phone" "Fax: 030 1234" => "0301234";
        "normalize_phone" "n/a" => Value::Null;
        "normalize_phone" "(0)(0)1" => "+1";
    }
}

#[test]
fn addresses() {
    let name =
        |email: &str, part: &str| match result("name_from_email", vec![email.value()]).unwrap() {
            Value::Object(name) => name[part].to_string(),
            other => panic!("{other:?}"),
        };
    for (email, first, last) in [
        ("ada.lovelace@example.org", "Ada", "Lovelace"),
        ("ADA_LOVELACE42+news@example.org", "Ada", "Lovelace"),
        ("anna-maria.schmidt@example.org", "Anna-Maria", "Schmidt"),
        ("ada-lovelace@example.org", "Ada", "Lovelace"),
        ("ada.king.lovelace@example.org", "Ada", "King Lovelace"),
        ("info@example.org", "", "Info"),
        ("1234@example.org", "", "1234"),
    ] {
        assert_eq!(
            (name(email, "first").as_str(), name(email, "last").as_str()),
            (first, last),
            "{email}"
        );
    }
    gives! {
        "name_from_email" " " => Value::Null;
        "domain_of" "Ada <ada@Example.org>" => "example.org";
        "domain_of" "https://www.example.org:8080/a@b?c" => "example.org";
        "domain_of" "www.example.org/about" => "example.org";
        "domain_of" "nothing" => Value::Null;
        "domain_of" "ada@" => Value::Null;
    }
}

#[test]
fn html_becomes_text() {
    gives! {
        "html_to_text" "<p>Tom &amp; <b>Ada</b></p>\n<p>2 &lt; 3&#33;&#x1F600;</p>" => "Tom & Ada\n2 < 3!😀";
        "html_to_text" "<script>if (a < b) {}</script >a<br/>b<!-- <p> -->c" => "a\nbc";
        "html_to_text" "<tr><td>a</td><td>b</td></tr>" => "a b";
        "html_to_text" "1 < 2 & 3 > 2 &unknown; <unclosed" => "1 < 2 & 3 > 2 &unknown; <unclosed";
    }
}

#[test]
fn fingerprints_and_ids() {
    gives! {
        "sha256" "abc" => "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        "id18" "001A0000006Vm9u" => "001A0000006Vm9uIAC";
        "id18" "001A0000006Vm9uIAC" => "001A0000006Vm9uIAC";
        "id18" "c-12" => "c-12";
    }
}

#[test]
fn numbers() {
    gives! {
        "round" 2.345, 2 => 2.35;
        "round" -2.5 => -3;
        "round" 1250, -2 => 1300;
        "round" 7, -40 => 0;
        "round" 7, 40 => 7;
        "floor" -1.5 => -2;
        "ceil" 1.2 => 2;
        "abs" -3 => 3;
        "number" " -3.50 " => -3.5;
        "number" "12" => 12;
        "number" "" => Value::Null;
        "number" true => 1;
    }
    fails! {
        "number" "1_000" => "`1_000` is not a number";
        "number" "1e5" => "`1e5` is not a number";
        "number" ".5" => "`.5` is not a number";
        "number" "0.12345678901234567890123456789" => "`0.12345678901234567890123456789` is not a number";
    }
}

#[test]
fn dates() {
    gives! {
        "date" "2024-06-01T23:30:00-01:00" => day("2024-06-02");
        "date" " " => Value::Null;
        "instant" day("2024-06-01") => at("2024-06-01T00:00:00Z");
        "format_date" at("2024-06-01T09:05:00Z"), "%d.%m.%Y %H:%M" => "01.06.2024 09:05";
        "add_days" day("2024-02-28"), 2 => day("2024-03-01");
        "add_days" "2024-02-28", -1 => day("2024-02-27");
        "days_between" day("2024-03-01"), at("2024-02-28T23:00:00Z") => -2;
        "year" "2024-06-01" => 2024;
        "month" day("2024-06-01") => 6;
        "day" at("2024-06-01T23:59:00Z") => 1;
    }
    fails! {
        "date" "June" => "`June` is not a date";
        "format_date" day("2024-06-01"), "%" => "`%` is not a pattern for dates";
        "add_days" day("2024-06-01"), 9999999999 => "the date is out of range";
    }
}

#[test]
fn lists_and_extremes() {
    gives! {
        "min" 3, Value::Null, 2 => 2;
        "max" 3, 2.5 => 3;
        "max" ["a".value(), "b".value()] => "b";
        "max" day("2024-06-01"), "2024-07-01" => "2024-07-01";
        "min" [] => Value::Null;
        "first" ["a".value(), "b".value()] => "a";
        "last" ["a".value(), "b".value()] => "b";
        "last" [] => Value::Null;
        "any" [false.value(), 2.value()] => true;
        "any" [] => false;
        "all" [] => true;
        "all" [true.value(), Value::Null] => false;
    }
    fails! {
        "max" "a", 1 => "`a` and `1` have no order";
    }
}
