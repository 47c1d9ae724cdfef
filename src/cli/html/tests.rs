use super::*;
use crate::cli::fixture;
use crate::value::Value;
use chrono::{DateTime, Utc};

fn header() -> Header {
    Header {
        run: "run-1".into(),
        at: DateTime::<Utc>::UNIX_EPOCH,
    }
}

fn page(fill: impl Fn(&Program, &mut HtmlPlan<'_>) -> Summary) -> String {
    let program = fixture::program();
    let header = header();
    let mut plan = HtmlPlan::new(&program, &header);
    let summary = fill(&program, &mut plan);
    let mut out = Vec::new();
    let calls = Calls { estimated: [1, 2] };
    plan.finish(&summary, calls, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Without its style.
fn body(page: &str) -> &str {
    page.split_once("</style>").unwrap().1
}

#[test]
fn a_plan_with_one_of_everything() {
    let page = page(|program, plan| fixture::send(program, plan));
    insta::assert_snapshot!(body(&page));
}

#[test]
fn nothing_to_do_is_one_line() {
    let page = page(|program, _| Summary::new(program));
    assert!(page.contains("<p class=\"total\">In all: nothing to do</p>"));
    assert!(!page.contains("<details") && !page.contains("<table"));
}

#[test]
fn records_mean_nothing_to_the_page() {
    let wild = "</dd><script>alert('x')</script>\u{202e}\u{1b}[31m";
    let page = page(|program, plan| {
        let mut unit = fixture::update(1);
        unit.operations[0].id = Some(Value::Text(wild.into()));
        unit.operations[0].changes[0].field = wild.into();
        unit.operations[0].changes[0].from = Value::Text(wild.into());
        unit.operations[0].changes[0].to = crate::plan::To::Value(Value::Text(wild.into()));
        let mut held = fixture::held();
        held.because = wild.into();
        held.missing = vec![wild.into()];
        let mut failure = fixture::failure();
        failure.message = wild.into();
        failure.code = wild.into();
        let mut conflict = fixture::conflict();
        conflict.left = Value::Text(wild.into());
        conflict.field = wild.into();
        plan.unit(&mut unit).unwrap();
        plan.held(held, false).unwrap();
        plan.failure(failure, false).unwrap();
        plan.conflict(conflict, false).unwrap();
        Summary::new(program)
    });
    assert!(!page.contains("<script") && !page.contains('\u{1b}'));
    assert!(page.matches("&lt;script&gt;").count() >= 9);
}

#[test]
fn a_long_plan_is_there_whole_and_folded() {
    let page = page(|program, plan| {
        for id in 0..30_000 {
            plan.unit(&mut fixture::update(id)).unwrap();
            if id % 3 == 0 {
                plan.held(fixture::held(), false).unwrap();
            }
        }
        Summary::new(program)
    });
    assert_eq!(page.matches("<li><p").count(), 40_000);
    assert!(page.contains("<details class=\"update\"><summary>30,000 records to update</summary>"));
    let place = |id: u32| page.find(&format!("00Q{id}<")).unwrap();
    assert!(place(0) < place(15_000) && place(15_000) < place(29_999));
}

#[test]
fn every_group_has_its_place() {
    for (place, group) in Group::ALL.into_iter().enumerate() {
        assert_eq!(group.place(), place, "{group:?}");
    }
}

#[test]
fn an_external_action_is_its_address_and_its_body() {
    let page = page(|program, plan| {
        let mut unit = fixture::create();
        unit.operations.truncate(1);
        unit.operations[0].kind = crate::plan::OperationKind::Action;
        unit.operations[0].object = "https://example.org/?a=1&b=2".into();
        let mut summary = Summary::new(program);
        summary.add(&unit);
        plan.unit(&mut unit).unwrap();
        summary
    });
    for part in [
        "<summary>1 external action</summary>",
        "<b>post</b> <code>https://example.org/?a=1&amp;b=2</code>",
        "<dt>LastName</dt><dd><ins>&quot;Lovelace&quot;</ins></dd>",
        ">external actions</th>",
    ] {
        assert!(page.contains(part), "{part} is not in: {page}");
    }
}
