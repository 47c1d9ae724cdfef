//! `init`, `lint`, `fmt`, `schema pull`, `explain`, `completions`, `man`; colours and logs.

use crate::project::{Project, RULES};

#[test]
fn a_new_project_works_at_once() {
    let project = Project::empty();
    project.run(&["init", "crm"]).code(0);
    let here = |command: &[&str]| {
        let mut args = vec!["--stores", "crm/stores.yaml"];
        args.extend(command);
        project.run(&args)
    };
    here(&["lint", "--deny", "warnings"]).code(0);
    here(&["fmt", "--check"]).code(0);
    here(&["test"]).code(0);
    let plan = here(&["plan", "--detailed-exitcode"]).code(2);
    assert!(plan.out.contains("to create"), "{}", plan.out);
    here(&["apply", "--yes"]).code(0);
    here(&["plan", "--detailed-exitcode"]).code(0);
    project.run(&["init", "crm"]).refused(1, &["there already"]);
}

#[test]
fn lint_counts_and_tells_what_it_could_not_check() {
    let project = Project::new();
    let json = project.run(&["lint", "--format", "json"]).code(0).json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["checked"]["files"], 1);
    assert_eq!(json["checked"]["relationships"], 1);
    assert_eq!(json["not_checked"].as_array().unwrap().len(), 0);
    std::fs::remove_file(project.path("crm.db")).unwrap();
    let json = project.run(&["lint", "--format", "json"]).code(0).json();
    let reason = json["not_checked"][0].as_str().unwrap();
    assert!(reason.contains("crm"), "{reason}");
    let human = project.run(&["lint"]).code(0);
    assert!(human.err.contains("not checked"), "{}", human.err);
}

#[test]
fn lint_finds_with_places_and_deny_makes_warnings_count() {
    let project = Project::new();
    project.write("rules/people.sync", format!("{RULES}\nlet UNUSED = 1\n"));
    let json = project.run(&["lint", "--format", "json"]).code(0).json();
    let finding = &json["findings"][0];
    assert_eq!(finding["severity"], "warning");
    assert_eq!(finding["line"], 13);
    assert!(finding["file"].as_str().unwrap().ends_with("people.sync"));
    for key in [
        "code",
        "name",
        "message",
        "column",
        "end_line",
        "end_column",
        "labels",
    ] {
        assert!(finding.get(key).is_some(), "{key}");
    }
    assert!(finding.get("help").is_some() && finding.get("fix").is_some());
    project.run(&["lint", "--deny", "warnings"]).code(1);
}

#[test]
fn lint_and_fmt_take_folders_of_programs() {
    let project = Project::new();
    project.write("packs/a/x.sync", RULES);
    project.write("packs/b/x.sync", "relationship A a <-> b {\n}\n");
    let json = project
        .run(&["lint", "packs", "--format", "json"])
        .code(1)
        .json();
    assert_eq!(json["checked"]["files"], 2);
    project.run(&["fmt", "packs/a", "--check"]).code(0);
    project
        .run(&["lint", "packs/a", "--format", "json"])
        .code(0);
}

#[test]
fn lint_uses_schema_files_that_schema_pull_writes() {
    let project = Project::new();
    let pull = project.run(&["schema", "pull"]).code(0);
    assert!(pull.out.contains("crm.yaml"), "{}", pull.out);
    std::fs::remove_file(project.path("crm.db")).unwrap();
    std::fs::remove_file(project.path("shop.db")).unwrap();
    let json = project.run(&["lint", "--format", "json"]).code(0).json();
    assert_eq!(json["not_checked"].as_array().unwrap().len(), 0, "{json}");
}

#[test]
fn fmt_checks_shows_and_writes() {
    let project = Project::new();
    let ugly = RULES.replace("  crm_id     <-  id", "  crm_id   <- id");
    project.write("rules/people.sync", &ugly);
    let check = project.run(&["fmt", "--check"]).code(1);
    assert!(check.out.contains("people.sync"), "{}", check.out);
    let diff = project.run(&["fmt", "--diff"]).code(0);
    assert!(
        diff.out
            .contains("-  crm_id   <- id\n+  crm_id     <-  id\n"),
        "{}",
        diff.out
    );
    assert_eq!(
        std::fs::read_to_string(project.path("rules/people.sync")).unwrap(),
        ugly
    );
    project.run(&["fmt"]).code(0);
    assert_eq!(
        std::fs::read_to_string(project.path("rules/people.sync")).unwrap(),
        RULES
    );
    project.run(&["fmt", "--check"]).code(0);
}

#[test]
fn fmt_reads_standard_input() {
    let output = assert_cmd::Command::cargo_bin("bilateral")
        .unwrap()
        .args(["fmt", "-"])
        .write_stdin("let A=1\n")
        .assert()
        .success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert_eq!(text, "let A = 1\n");
}

#[test]
fn explain_prints_a_page_by_code_or_name() {
    let project = Project::empty();
    let by_name = project.run(&["explain", "not-utf8"]).code(0);
    let by_code = project.run(&["explain", "e090"]).code(0);
    assert_eq!(by_name.out, by_code.out);
    assert!(by_name.out.contains("Bad:") && by_name.out.contains("Good:"));
    project.run(&["explain", "E999"]).refused(64, &["E999"]);
}

#[test]
fn completions_come_for_each_shell() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = project.run(&["completions", shell]).code(0);
        assert!(script.out.contains("bilateral"), "{shell}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let project = Project::empty();
    let whole = project.run(&["man"]).code(0).out;
    assert!(whole.contains(".TH bilateral 1"), "{whole}");
    for part in [
        "bilateral\\-plan(1)",
        "64 wrong usage",
        ".SH \"COMMON OPTIONS\"",
    ] {
        assert!(whole.contains(part), "{part}");
    }
    let pull = project.run(&["man", "schema", "pull"]).code(0).out;
    for part in [
        ".TH bilateral-schema-pull 1",
        ".SH SYNOPSIS",
        "\\fBbilateral\\-schema\\fR(1)",
    ] {
        assert!(pull.contains(part), "{part} is not in: {pull}");
    }
    let plan = project.run(&["man", "plan"]).code(0).out;
    let examples = plan.split_once(".SH EXAMPLES").unwrap().1;
    assert!(
        examples.contains(".nf\nbilateral plan rules/crm\n"),
        "{examples}"
    );

    let written = project.run(&["man", "--dir", "share/man1"]).code(0);
    let pages: Vec<String> = std::fs::read_dir(project.path("share/man1"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(written.out, format!("share/man1: {} pages\n", pages.len()));
    for line in whole
        .lines()
        .filter(|line| line.ends_with("(1)") && line.starts_with("bilateral"))
    {
        let name = line.replace('\\', "").replace("(1)", ".1");
        assert!(pages.contains(&name), "{name}");
    }
    assert!(pages.contains(&"bilateral.1".to_owned()));
    assert!(pages.contains(&"bilateral-schema-pull.1".to_owned()));
    let page = std::fs::read_to_string(project.path("share/man1/bilateral-plan.1")).unwrap();
    assert_eq!(page, plan);
}

#[test]
fn a_manual_page_of_no_command_is_refused() {
    let project = Project::empty();
    project
        .run(&["man", "pln"])
        .refused(64, &["`pln`", "`plan`"]);
    project
        .run(&["man", "plan", "deep"])
        .refused(64, &["`deep`"]);
    project
        .run(&["man", "plan", "--dir", "x"])
        .refused(64, &["--dir"]);
    project.write("file", "");
    project
        .run(&["man", "--dir", "file"])
        .refused(69, &["file"]);
}

#[test]
fn colours_come_where_asked_for_only() {
    let project = Project::new();
    let escape = '\u{1b}';
    assert!(!project.run(&["plan"]).code(0).out.contains(escape));
    assert!(
        project
            .run(&["plan", "--color", "always"])
            .code(0)
            .out
            .contains(escape)
    );
    let none = project.run_with(&["plan"], &[("NO_COLOR", "1")]).code(0);
    assert!(!none.out.contains(escape));
}

#[test]
fn logs_are_json_lines_where_asked_for() {
    let project = Project::new();
    let run = project
        .run(&["plan", "nowhere", "--log-format", "json"])
        .code(66);
    let line: serde_json::Value = serde_json::from_str(run.err.trim()).unwrap();
    assert_eq!(line["level"], "error");
    assert!(line["message"].as_str().unwrap().contains("nowhere"));
}

#[test]
fn a_setting_that_is_no_expression_is_text_with_a_note() {
    let project = Project::new();
    let rules = RULES.replace(
        "sync shop with crm\n",
        "sync shop with crm\n\nlet WHO = \"nobody\"\n",
    );
    let rules = rules.replace(
        "push create require",
        "push create when WHO = \"Lovelace\" require",
    );
    project.write("rules/people.sync", rules);
    let creates = |args: &[&str]| {
        let run = project.run(args).code(0);
        (
            run.json()["summary"]["Person"]["push"]["create"].clone(),
            run.err,
        )
    };
    assert_eq!(creates(&["plan", "--format", "json"]).0, 0);
    assert_eq!(
        creates(&["plan", "--format", "json", "--set", "WHO=\"Lovelace\""]).0,
        1
    );
    let (count, note) = creates(&["plan", "--format", "json", "--set", "WHO=Lovelace"]);
    assert_eq!(count, 1);
    assert!(note.contains("WHO"), "{note}");
}
