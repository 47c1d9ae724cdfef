//! The table of functions: names, parameters, results, and one line of reference for each. The checker reads it, and the reference's
//! table is made from it.

use crate::program::Function;
use crate::value::Type;

/// What the checker and the reference say about a function.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    pub name: &'static str,
    pub params: &'static [Param],
    /// The last parameter may be given any number of times.
    pub variadic: bool,
    pub result: ResultKind,
    pub nulls: Nulls,
    /// One line for the reference.
    pub doc: &'static str,
    /// `CALL = RESULT`, both expressions of the language.
    pub example: &'static str,
}

#[derive(Debug, Clone, Copy)]
pub struct Param {
    pub name: &'static str,
    pub kind: ParamKind,
    pub optional: bool,
}

/// What a parameter takes; null fits every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    Text,
    Number,
    /// A date or an instant, also in ISO form in a text.
    Date,
    List,
    TextOrList,
    /// What has an order: numbers, texts, dates, instants, durations, booleans; or a list of them.
    Ordered,
    /// Anything but lists and objects.
    Scalar,
    Any,
}

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultKind {
    Text,
    /// Text no longer than the first argument.
    TextOfFirst,
    /// Text of exactly so many characters.
    TextOf(u32),
    Number,
    Integer,
    Bool,
    Date,
    Instant,
    /// A date for a date, an instant for an instant.
    LikeFirst,
    Texts,
    /// The type of the members of the first argument.
    Member,
    /// The arguments' own type, or that of the members of the one list.
    Common,
    Id,
    Object,
}

/// When the result is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// If any argument is.
    AnyArgument,
    /// If all arguments are.
    AllArguments,
    /// Also for arguments that are not (blank text, an empty list).
    Possible,
    Never,
}

const fn param(name: &'static str, kind: ParamKind) -> Param {
    Param {
        name,
        kind,
        optional: false,
    }
}

const fn optional(name: &'static str, kind: ParamKind) -> Param {
    Param {
        name,
        kind,
        optional: true,
    }
}

const TEXT: &[Param] = &[param("text", ParamKind::Text)];
const TEXT_COUNT: &[Param] = &[
    param("text", ParamKind::Text),
    param("count", ParamKind::Number),
];
const TEXT_PART: &[Param] = &[
    param("text", ParamKind::Text),
    param("part", ParamKind::Text),
];
const NUMBER: &[Param] = &[param("number", ParamKind::Number)];
const DATE: &[Param] = &[param("date", ParamKind::Date)];
const LIST: &[Param] = &[param("list", ParamKind::List)];
const ORDERED: &[Param] = &[param("value", ParamKind::Ordered)];
const SCALAR: &[Param] = &[param("value", ParamKind::Scalar)];

macro_rules! functions {
    ($($variant:ident $name:literal $params:expr => $result:ident$(($size:literal))? $nulls:ident, $doc:literal, $example:literal;)*) => {
        /// What the table says about `function`.
        pub fn signature(function: Function) -> &'static Signature {
            match function {
                $(Function::$variant => {
                    const SIGNATURE: &Signature = &Signature {
                        name: $name,
                        params: $params,
                        variadic: matches!(Function::$variant, Function::Min | Function::Max),
                        result: ResultKind::$result$(($size))?,
                        nulls: Nulls::$nulls,
                        doc: $doc,
                        example: $example,
                    };
                    SIGNATURE
                })*
            }
        }

        impl Function {
            /// In the order of the reference.
            pub const ALL: &'static [Function] = &[$(Function::$variant),*];

            /// The function that a call names.
            pub fn by_name(name: &str) -> Option<Function> {
                match name {
                    $($name => Some(Function::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

functions! {
    Lower "lower" TEXT => TextOfFirst AnyArgument,
        "The text in small letters.", r#"lower("Ada@Example.ORG") = "ada@example.org""#;
    Upper "upper" TEXT => TextOfFirst AnyArgument,
        "The text in capital letters.", r#"upper("de") = "DE""#;
    Trim "trim" TEXT => TextOfFirst AnyArgument,
        "The text without white space at its ends.", r#"trim("  Ada ") = "Ada""#;
    Title "title" TEXT => TextOfFirst AnyArgument,
        "Every word with a capital first letter, the rest small; a word ends at anything but a letter, a digit or an apostrophe.",
        r#"title("ada KING-noel") = "Ada King-Noel""#;
    Length "length" &[param("value", ParamKind::TextOrList)] => Integer AnyArgument,
        "How many characters a text, or members a list, has.", r#"length("Ada") = 3"#;
    Left "left" TEXT_COUNT => TextOfFirst AnyArgument,
        "The first `count` characters.", r#"left("Lovelace", 4) = "Love""#;
    Right "right" TEXT_COUNT => TextOfFirst AnyArgument,
        "The last `count` characters.", r#"right("Lovelace", 4) = "lace""#;
    Substring "substring"
        &[param("text", ParamKind::Text), param("start", ParamKind::Number), optional("length", ParamKind::Number)]
        => TextOfFirst AnyArgument,
        "`length` characters from `start`, or all of them; the first character is 0, as in `items[0]`.",
        r#"substring("Lovelace", 4, 2) = "la""#;
    Replace "replace"
        &[param("text", ParamKind::Text), param("part", ParamKind::Text), param("by", ParamKind::Text)]
        => Text AnyArgument,
        "The text with every `part` replaced.", r#"replace("1,5", ",", ".") = "1.5""#;
    Split "split" &[param("text", ParamKind::Text), param("separator", ParamKind::Text)] => Texts AnyArgument,
        "The parts between separators; an empty separator gives the characters, an empty text no part.",
        r#"split("a;b", ";") = ["a", "b"]"#;
    Join "join" &[param("list", ParamKind::List), optional("separator", ParamKind::Text)] => Text AnyArgument,
        "The members as one text, without those that are null.", r#"join(["a", null, "b"], ", ") = "a, b""#;
    Contains "contains" &[param("value", ParamKind::TextOrList), param("part", ParamKind::Scalar)] => Bool AnyArgument,
        "Whether the text has the part, or the list the member.", r#"contains("Lovelace", "love") = false"#;
    StartsWith "starts_with" TEXT_PART => Bool AnyArgument,
        "Whether the text starts with the part.", r#"starts_with("+49 30", "+49") = true"#;
    EndsWith "ends_with" TEXT_PART => Bool AnyArgument,
        "Whether the text ends with the part.", r#"ends_with("ada@example.org", ".org") = true"#;
    Digits "digits" TEXT => TextOfFirst AnyArgument,
        "The digits 0 to 9 of the text.", r#"digits("(030) 12-34") = "0301234""#;
    NormalizePhone "normalize_phone"
        &[param("text", ParamKind::Text), optional("country", ParamKind::Text)] => Text Possible,
        "The digits of a telephone number, with `+` before a country code, without its extension; a national number takes the country \
         code given. Null where there is no digit.",
        r#"normalize_phone("0049 (30) 12-34") = "+49301234""#;
    NameFromEmail "name_from_email" TEXT => Object Possible,
        "The `.first` and `.last` name that an e-mail address suggests; a single word is the last name. Null for a blank text.",
        r#"name_from_email("ada.lovelace@example.org").last = "Lovelace""#;
    DomainOf "domain_of" TEXT => Text Possible,
        "The domain of an e-mail or web address in small letters, without `www.`; null where there is none.",
        r#"domain_of("https://www.Example.org/about") = "example.org""#;
    HtmlToText "html_to_text" TEXT => Text AnyArgument,
        "The text of an HTML fragment: tags away, entities decoded, a line for each paragraph.",
        r#"html_to_text("<p>Tom &amp; Ada</p>") = "Tom & Ada""#;
    Sha256 "sha256" TEXT => TextOf(64) AnyArgument,
        "The SHA-256 of the text's UTF-8 bytes, as 64 small hexadecimal digits.",
        r#"left(sha256("abc"), 8) = "ba7816bf""#;
    Id18 "id18" TEXT => Id AnyArgument,
        "A Salesforce id of 15 characters in its form of 18; any other text is given back as it is.",
        r#"id18("001A0000006Vm9u") = "001A0000006Vm9uIAC""#;
    Round "round" &[param("number", ParamKind::Number), optional("places", ParamKind::Number)] => Number AnyArgument,
        "The nearest number with so many places after the point (none given: 0); a half goes away from zero.",
        "round(2.345, 2) = 2.35";
    Floor "floor" NUMBER => Integer AnyArgument,
        "The greatest whole number that is not greater.", "floor(-1.5) = -2";
    Ceil "ceil" NUMBER => Integer AnyArgument,
        "The smallest whole number that is not smaller.", "ceil(1.2) = 2";
    Abs "abs" NUMBER => Number AnyArgument,
        "The number without its sign.", "abs(-3) = 3";
    Min "min" ORDERED => Common AllArguments,
        "The smallest of the values, or of the members of a list; null counts only where there is nothing else.", "min(3, null, 2) = 2";
    Max "max" ORDERED => Common AllArguments,
        "The greatest of the values, or of the members of a list; null counts only where there is nothing else.", "max(3, null, 2) = 3";
    Number "number" SCALAR => Number Possible,
        "The number that a text holds, 1 and 0 for true and false; null for a blank text, an error for any other.", r#"number("3.50") = 3.5"#;
    Text "text" &[param("value", ParamKind::Any)] => Text AnyArgument,
        "The value as text; dates and instants in ISO form.", r#"text(3.50) = "3.5""#;
    Date "date" SCALAR => Date Possible,
        "The date of an instant (in UTC) or of a text in ISO form; null for a blank text, an error for any other.",
        "date(2024-06-01T10:00:00Z) = 2024-06-01";
    Instant "instant" SCALAR => Instant Possible,
        "The instant of a text in ISO form (UTC if it names no zone), or a date's midnight UTC; null for a blank text, an error for any other.",
        "instant(2024-06-01) = 2024-06-01T00:00:00Z";
    FormatDate "format_date" &[param("date", ParamKind::Date), param("pattern", ParamKind::Text)] => Text AnyArgument,
        "The date or instant (in UTC) as the pattern says: `%Y` year, `%m` month, `%d` day, `%H` hour, `%M` minute, `%S` second and the other signs of strftime.",
        r#"format_date(2024-06-01, "%d.%m.%Y") = "01.06.2024""#;
    AddDays "add_days" &[param("date", ParamKind::Date), param("days", ParamKind::Number)] => LikeFirst AnyArgument,
        "So many days later, or earlier for a negative number.", "add_days(2024-02-28, 2) = 2024-03-01";
    DaysBetween "days_between" &[param("from", ParamKind::Date), param("to", ParamKind::Date)] => Integer AnyArgument,
        "The days from one date to another, negative where the second is earlier; of instants their dates in UTC.",
        "days_between(2024-02-28, 2024-03-01) = 2";
    Year "year" DATE => Integer AnyArgument,
        "The year of a date or instant (in UTC).", "year(2024-06-01) = 2024";
    Month "month" DATE => Integer AnyArgument,
        "The month of a date or instant (in UTC), 1 to 12.", "month(2024-06-01) = 6";
    Day "day" DATE => Integer AnyArgument,
        "The day of the month of a date or instant (in UTC).", "day(2024-06-01) = 1";
    First "first" LIST => Member Possible,
        "The first member of a list; null for an empty one.", r#"first(["a", "b"]) = "a""#;
    Last "last" LIST => Member Possible,
        "The last member of a list; null for an empty one.", r#"last(["a", "b"]) = "b""#;
    Any "any" LIST => Bool Never,
        "Whether a member of the list is true.", "any([1 > 2, 2 > 1]) = true";
    All "all" LIST => Bool Never,
        "Whether every member of the list is true; so it is of an empty one.", "all([1 > 2, 2 > 1]) = false";
}

impl ParamKind {
    /// Whether a value of this type can be given.
    pub fn accepts(self, ty: &Type) -> bool {
        let text = matches!(ty, Type::Text { .. } | Type::Id | Type::Enum(_));
        match (self, ty) {
            (_, Type::Any | Type::Null) | (ParamKind::Any, _) => true,
            (ParamKind::Text, _) => text,
            (ParamKind::Number, Type::Number { .. }) => true,
            (ParamKind::Date, Type::Date | Type::Instant | Type::Text { .. }) => true,
            (ParamKind::List, Type::List(_)) => true,
            (ParamKind::TextOrList, Type::List(_)) => true,
            (ParamKind::TextOrList, _) => text,
            (ParamKind::Ordered, Type::List(_)) => true,
            (ParamKind::Ordered | ParamKind::Scalar, ty) => {
                !matches!(ty, Type::List(_) | Type::Object)
            }
            _ => false,
        }
    }

    /// The kind in the language's words, for messages: "text", "a number".
    pub fn word(self) -> &'static str {
        match self {
            ParamKind::Text => "text",
            ParamKind::Number => "a number",
            ParamKind::Date => "a date or instant",
            ParamKind::List => "a list",
            ParamKind::TextOrList => "text or a list",
            ParamKind::Ordered => "a value that has an order",
            ParamKind::Scalar => "a single value",
            ParamKind::Any => "a value",
        }
    }
}

impl Signature {
    /// `left(text, count)`, as a call of it is written; what may be left out stands in brackets.
    pub fn shape(&self) -> String {
        let params = self.params.iter().enumerate().map(|(at, param)| {
            let comma = if at == 0 { "" } else { ", " };
            if param.optional {
                format!("[{comma}{}]", param.name)
            } else {
                format!("{comma}{}", param.name)
            }
        });
        let more = if self.variadic { ", …" } else { "" };
        format!("{}({}{more})", self.name, params.collect::<String>())
    }

    /// The fewest and the most arguments; no most where the last parameter repeats.
    pub fn arity(&self) -> (usize, Option<usize>) {
        let fewest = self.params.iter().filter(|p| !p.optional).count();
        (
            fewest,
            if self.variadic {
                None
            } else {
                Some(self.params.len())
            },
        )
    }

    /// The parameter that the argument at `index` is for.
    pub fn param(&self, index: usize) -> Option<&Param> {
        self.params
            .get(index)
            .or_else(|| self.params.last().filter(|_| self.variadic))
    }

    /// The type of the result for arguments of these types.
    pub fn result_type(&self, args: &[Type]) -> Type {
        let first = args.first();
        match self.result {
            ResultKind::Text => Type::Text { max: None },
            ResultKind::TextOfFirst => Type::Text {
                max: first.and_then(longest),
            },
            ResultKind::TextOf(size) => Type::Text { max: Some(size) },
            ResultKind::Number => Type::Number { scale: None },
            ResultKind::Integer => Type::Number { scale: Some(0) },
            ResultKind::Bool => Type::Bool,
            ResultKind::Date => Type::Date,
            ResultKind::Instant => Type::Instant,
            ResultKind::LikeFirst => match first {
                Some(ty @ (Type::Date | Type::Instant)) => ty.clone(),
                _ => Type::Any,
            },
            ResultKind::Texts => Type::List(Box::new(Type::Text { max: None })),
            ResultKind::Member => member(first).cloned().unwrap_or(Type::Any),
            ResultKind::Common => match args {
                [one @ Type::List(_)] => member(Some(one)).cloned().unwrap_or(Type::Any),
                many => common(many),
            },
            ResultKind::Id => Type::Id,
            ResultKind::Object => Type::Object,
        }
    }
}

/// The most characters that a text of this type has.
fn longest(ty: &Type) -> Option<u32> {
    match ty {
        Type::Text { max } => *max,
        Type::Enum(members) => members
            .iter()
            .map(|m| m.chars().count())
            .max()
            .and_then(|longest| u32::try_from(longest).ok()),
        _ => None,
    }
}

fn member(ty: Option<&Type>) -> Option<&Type> {
    match ty {
        Some(Type::List(member)) => Some(member),
        _ => None,
    }
}

/// One type for values of all of these; `Any` where they differ in kind.
fn common(types: &[Type]) -> Type {
    let mut known = types.iter().filter(|ty| **ty != Type::Null);
    let Some(first) = known.next() else {
        return Type::Null;
    };
    known.fold(first.clone(), |so_far, ty| match (&so_far, ty) {
        (a, b) if a == b => so_far,
        (Type::Text { max: Some(a) }, Type::Text { max: Some(b) }) => Type::Text {
            max: Some(*a.max(b)),
        },
        (Type::Text { .. }, Type::Text { .. }) => Type::Text { max: None },
        (Type::Number { scale: Some(a) }, Type::Number { scale: Some(b) }) => Type::Number {
            scale: Some(*a.max(b)),
        },
        (Type::Number { .. }, Type::Number { .. }) => Type::Number { scale: None },
        _ => Type::Any,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found_by_its_name() {
        for function in Function::ALL {
            assert_eq!(
                Function::by_name(signature(*function).name),
                Some(*function)
            );
        }
        assert_eq!(Function::by_name("lowr"), None);
    }

    #[test]
    fn optional_parameters_come_last() {
        for function in Function::ALL {
            let params = signature(*function).params;
            assert!(
                params
                    .windows(2)
                    .all(|two| !two[0].optional || two[1].optional),
                "{function:?}"
            );
        }
    }

    #[test]
    fn lengths_pass_through() {
        let limited = Type::Text { max: Some(10) };
        assert_eq!(
            signature(Function::Lower).result_type(std::slice::from_ref(&limited)),
            limited
        );
        assert_eq!(
            signature(Function::Max).result_type(&[limited.clone(), Type::Null]),
            limited
        );
        assert_eq!(signature(Function::Min).arity(), (1, None));
        assert_eq!(signature(Function::Substring).arity(), (2, Some(3)));
    }
}
