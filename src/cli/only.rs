//! Names of relationships that a user gives.

use super::exit::Exit;
use crate::program::{Program, RelId};

/// The relationships and triggers of `--only`.
///
/// # Errors
/// A name that the program does not have.
pub fn relationships(program: &Program, names: &[String]) -> Result<Vec<RelId>, Exit> {
    names
        .iter()
        .map(|name| {
            program.named(name).ok_or_else(|| {
                let known = program.all_rules().map(|r| r.name.as_str());
                unknown("relationship or trigger", name, known)
            })
        })
        .collect()
}

/// # Errors
/// A name that the program does not have.
pub fn relationship(program: &Program, name: &str) -> Result<RelId, Exit> {
    program.relationship(name).ok_or_else(|| {
        let known = program.relationships.iter().map(|r| r.name.as_str());
        unknown("relationship", name, known)
    })
}

/// `there is no relationship `Led`: did you mean `Lead`?`
pub fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Exit {
    let known: Vec<&str> = known.collect();
    let allowed = (name.chars().count() / 3).max(1);
    let close = known
        .iter()
        .map(|other| {
            (
                strsim::damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase()),
                other,
            )
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min();
    let help = match close {
        Some((_, other)) => format!("did you mean `{other}`?"),
        None if known.is_empty() => "there is none".to_owned(),
        None => format!("there is {}", known.join(", ")),
    };
    Exit::usage(format!("there is no {what} `{name}`: {help}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_name_is_offered_and_else_all_of_them() {
        let message =
            |name: &str| unknown("relationship", name, ["Lead", "Account"].into_iter()).message;
        assert_eq!(
            message("Leda"),
            "there is no relationship `Leda`: did you mean `Lead`?"
        );
        assert_eq!(
            message("lead"),
            "there is no relationship `lead`: did you mean `Lead`?"
        );
        assert_eq!(
            message("Order"),
            "there is no relationship `Order`: there is Lead, Account"
        );
    }
}
