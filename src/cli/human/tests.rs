use super::*;
use crate::cli::fixture;

fn drawn(fill: impl Fn(&Program, &mut HumanPlan<'_>) -> Summary, color: bool) -> String {
    let program = fixture::program();
    let mut plan = HumanPlan::new(&program, Paint { color });
    let summary = fill(&program, &mut plan);
    let mut out = Vec::new();
    plan.draw(&summary, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_plan_with_one_of_everything() {
    insta::assert_snapshot!(drawn(|program, plan| fixture::send(program, plan), false));
}

#[test]
fn a_plan_in_colour() {
    let one = |program: &Program, plan: &mut HumanPlan<'_>| {
        let mut summary = Summary::new(program);
        summary.add(&fixture::update(1));
        plan.unit(&mut fixture::update(1)).unwrap();
        summary
    };
    insta::assert_snapshot!(drawn(one, true).replace('\u{1b}', "ESC"));
}

#[test]
fn nothing_to_do_is_one_line() {
    let text = drawn(|program, _| Summary::new(program), false);
    assert_eq!(text, "Plan: nothing to do\n");
}
