//! The command: formats, levels, baselines, `--fix`, `schema diff`.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

const SCHEMAS: [(&str, &str); 2] = [
    (
        "shop.yaml",
        "objects:\n  people:\n    id: id\n    fields:\n      id: { type: integer, default: 0 }\n      name: { type: text, length: 40 }\n      email: { type: text, unique: true }\n",
    ),
    (
        "crm.yaml",
        "objects:\n  Contact:\n    id: Id\n    fields:\n      Id: { type: text, has_default: true }\n      Name: { type: text, length: 40 }\n      Email: { type: text, unique: true }\n",
    ),
];

const SOUND: &str = "sync shop with crm\n\nrelationship Person: people <-> Contact {\n  match email = Email\n  email <-> Email\n  name  <-> Name\n  text(id) -> Name on create\n  push create never\n  pull create never\n}\n";

struct Project(TempDir);

impl Project {
    fn of(rules: &str) -> Project {
        let folder = TempDir::new().unwrap();
        let schema = folder.path().join("schema");
        fs::create_dir(&schema).unwrap();
        for (name, text) in SCHEMAS {
            fs::write(schema.join(name), text).unwrap();
        }
        fs::write(folder.path().join("rules.sync"), rules).unwrap();
        Project(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn rules(&self) -> String {
        fs::read_to_string(self.path().join("rules.sync")).unwrap()
    }

    fn lint(&self, args: &[&str]) -> assert_cmd::assert::Assert {
        Command::cargo_bin("bilateral")
            .unwrap()
            .current_dir(self.path())
            .args(["lint", "."])
            .args(args)
            .assert()
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_slice(&self.lint(args).get_output().stdout).unwrap()
    }

    fn names(&self, args: &[&str]) -> Vec<String> {
        let all = self.json(&[&["--format", "json"], args].concat());
        let findings = all["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|f| f["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn rules(extra: &str) -> String {
    SOUND.replace("  text(id) -> Name on create\n", "").replace(
        "  push create never\n",
        &format!("  push create never\n{extra}"),
    )
}

const SLIPS: &str = "sync shop with crm\nlet UNUSED = 1\nrelationship Person: people -> Contact {\n  match emial = Email\n  email -> Email\n  name <-> Name\n  push create when name is not empty and name is not empty\n}\n";

#[test]
fn safe_fixes_are_written_and_what_is_left_is_told() {
    let project = Project::of(SLIPS);
    project.lint(&["--fix"]).success();
    let mended = project.rules();
    assert!(!mended.contains("UNUSED"), "{mended}");
    assert!(mended.contains("match email = Email"), "{mended}");
    assert!(mended.contains("name -> Name"), "{mended}");
    assert!(
        mended.contains("push create when name is not empty\n"),
        "{mended}"
    );
    // Once mended, nothing is left to mend.
    project.lint(&["--fix"]).success();
    assert_eq!(project.rules(), mended);
}

#[test]
fn a_diff_shows_the_fixes_and_writes_nothing() {
    let project = Project::of(SLIPS);
    for args in [&["--fix", "--diff"][..], &["--diff"]] {
        project
            .lint(args)
            .code(1)
            .stdout(contains("-  match emial = Email"))
            .stdout(contains("+  match email = Email"))
            .stdout(contains("-let UNUSED = 1"));
        assert_eq!(project.rules(), SLIPS);
    }
}

#[test]
fn a_file_of_a_folder_keeps_what_other_files_may_use() {
    let project = Project::of("sync shop with crm\nfn tidy(x) = lower(x)\n");
    fs::write(
        project.path().join("other.sync"),
        SOUND.replace("name  <-> Name", "tidy(name) -> Name"),
    )
    .unwrap();
    Command::cargo_bin("bilateral")
        .unwrap()
        .current_dir(project.path())
        .args(["lint", "rules.sync", "--fix"])
        .assert()
        .success();
    assert!(project.rules().contains("fn tidy"));
}

#[test]
fn warnings_can_be_denied() {
    let project = Project::of(&(rules("") + "let X = 1\n"));
    project.lint(&[]).success();
    project.lint(&["--deny", "warnings"]).code(1);
}

#[test]
fn a_baseline_leaves_out_what_was_there_even_where_lines_move() {
    let project = Project::of(&(rules("") + "let X = 1\n"));
    project.lint(&["--write-baseline", "known.json"]).success();
    assert_eq!(
        project.names(&["--baseline", "known.json"]),
        Vec::<String>::new()
    );
    let moved = format!("# a comment\n\n{}let Y = 2\n", project.rules());
    fs::write(project.path().join("rules.sync"), &moved).unwrap();
    assert_eq!(project.names(&["--baseline", "known.json"]), ["unused-let"]);
    project
        .lint(&["--baseline", "known.json", "--deny", "warnings"])
        .code(1)
        .stdout(contains("`Y`"));
    fs::write(project.path().join("rules.sync"), rules("")).unwrap();
    project
        .lint(&["--baseline", "known.json", "--deny", "warnings"])
        .success()
        .stderr(contains("1 warning of the baseline"));
    project.lint(&["--baseline", "nowhere.json"]).code(66);
    fs::write(project.path().join("bad.json"), "{}").unwrap();
    project.lint(&["--baseline", "bad.json"]).code(78);
}

#[test]
fn errors_are_never_kept_in_a_baseline() {
    let project = Project::of(&rules("  push create when 5\n"));
    project.lint(&["--write-baseline", "known.json"]).code(1);
    project.lint(&["--baseline", "known.json"]).code(1);
}

#[test]
fn a_program_sets_the_levels_of_its_lints() {
    let project = Project::of(&(rules("") + "let X = 1\n"));
    let levels = |text: &str| fs::write(project.path().join("bilateral.yaml"), text).unwrap();
    levels("lints:\n  unused-let: allow\n");
    assert_eq!(project.names(&[]), Vec::<String>::new());
    levels("lints:\n  unused-let: deny\n");
    project
        .lint(&[])
        .code(1)
        .stdout(contains("error[W201 unused-let]"));
    levels("lints:\n  unused-let: warn\n");
    project.lint(&[]).success();
    levels("lints:\n  unusd-let: allow\n");
    project
        .lint(&[])
        .code(78)
        .stderr(contains("bilateral.yaml:2"))
        .stderr(contains("unused-let"));
    levels("lints:\n  two-writers: allow\n");
    project
        .lint(&[])
        .code(78)
        .stderr(contains("error of the language"));
    levels("lints:\n  unused-let: quiet\n");
    project.lint(&[]).code(78);
    levels("lint: {}\n");
    project.lint(&[]).code(78);
}

#[test]
fn annotations_are_one_line_a_finding() {
    let project = Project::of(SLIPS);
    let output = project.lint(&["--format", "github"]).code(1);
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(
        text.lines()
            .all(|l| l.starts_with("::error file=") || l.starts_with("::warning file=")),
        "{text}"
    );
    assert!(
        text.contains("line=4,col=9,endLine=4,endColumn=14,title=E203 unknown-field::"),
        "{text}"
    );
}

#[test]
fn schema_diff_tells_changes_and_the_rules_that_they_break() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let bilateral = |args: &[&str]| {
        Command::cargo_bin("bilateral")
            .unwrap()
            .current_dir(folder.path())
            .args(args)
            .assert()
    };
    let make = |path: &str, sql: &str| {
        rusqlite::Connection::open(at(path))
            .unwrap()
            .execute_batch(sql)
            .unwrap();
    };
    make(
        "shop.db",
        "create table people (id integer primary key, name text, email text unique)",
    );
    make(
        "crm.db",
        "create table Contact (Id text primary key, Name text, Email text unique)",
    );
    fs::write(
        at("stores.yaml"),
        "stores:\n  shop: { kind: sqlite, path: shop.db }\n  crm: { kind: sqlite, path: crm.db }\n",
    )
    .unwrap();
    fs::write(
        at("rules.sync"),
        SOUND.replace("  text(id) -> Name on create\n", ""),
    )
    .unwrap();
    bilateral(&["schema", "diff"])
        .code(66)
        .stderr(contains("schema pull"));
    bilateral(&["schema", "pull"]).success();
    bilateral(&["schema", "diff"])
        .success()
        .stdout(contains("shop: nothing has changed"));
    make(
        "crm.db",
        "alter table Contact rename column Name to FullName; create table Task (Id text primary key)",
    );
    bilateral(&["schema", "diff"])
        .code(1)
        .stdout(contains("- Contact.Name"))
        .stdout(contains("+ Contact.FullName"))
        .stdout(contains("+ Task"))
        .stdout(contains("E203"));
    let json = bilateral(&["schema", "diff", "--format", "json"]);
    let json: Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(json["stores"]["crm"][0]["change"], "removed");
    assert_eq!(json["findings"][0]["name"], "unknown-field");
}

/// Two SQLite stores with rules over them, in a folder of their own.
fn stores(people: &str, rules: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let make = |path: &str, sql: &str| {
        rusqlite::Connection::open(folder.path().join(path))
            .unwrap()
            .execute_batch(sql)
            .unwrap();
    };
    make("shop.db", people);
    make(
        "crm.db",
        "create table Contact (Id text primary key, Name text, Born text, Email text unique)",
    );
    fs::write(
        folder.path().join("stores.yaml"),
        "stores:\n  shop: { kind: sqlite, path: shop.db }\n  crm: { kind: sqlite, path: crm.db }\n",
    )
    .unwrap();
    fs::write(folder.path().join("rules.sync"), rules).unwrap();
    folder
}

fn bilateral(folder: &TempDir, args: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("bilateral")
        .unwrap()
        .current_dir(folder.path())
        .args(args)
        .assert()
}

#[test]
fn a_pull_keeps_what_only_the_file_knows() {
    let people =
        "create table people (id integer primary key, name text, born text, email text unique)";
    let folder = stores(people, SOUND);
    let schema = folder.path().join("schema/shop.yaml");
    bilateral(&folder, &["schema", "pull"]).success();
    let text = fs::read_to_string(&schema).unwrap();
    let refined = text
        .replace("born: { type: text }", "born: { type: date }")
        .replace("name: { type: text }", "name: { type: integer }");
    fs::write(&schema, refined).unwrap();
    bilateral(&folder, &["schema", "pull"]).success();
    let text = fs::read_to_string(&schema).unwrap();
    assert!(text.contains("born: { type: date }"), "{text}");
    // What contradicts the store is older than it.
    assert!(text.contains("name: { type: text }"), "{text}");
    bilateral(&folder, &["schema", "diff"])
        .success()
        .stdout(contains("shop: nothing has changed"));
}

#[test]
fn a_changed_type_breaks_the_rules_that_rely_on_it() {
    let folder = stores(
        "create table people (id integer primary key, name text, email text unique)",
        &SOUND.replace("  text(id) -> Name on create\n", ""),
    );
    bilateral(&folder, &["schema", "pull"]).success();
    rusqlite::Connection::open(folder.path().join("shop.db"))
        .unwrap()
        .execute_batch(
            "alter table people drop column name; alter table people add column name integer",
        )
        .unwrap();
    bilateral(&folder, &["schema", "diff"])
        .code(1)
        .stdout(contains("~ people.name: text → integer"))
        .stdout(contains("E401"));
}

#[test]
fn a_schema_is_not_pulled_for_a_store_that_is_not_configured() {
    let folder = stores(
        "create table people (id integer primary key, name text, email text unique)",
        &SOUND.replace("sync shop with crm", "sync shop with warehouse"),
    );
    bilateral(&folder, &["schema", "pull"])
        .code(65)
        .stderr(contains("`warehouse`"));
}

#[test]
fn what_could_not_be_checked_is_told_in_every_format() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("rules.sync"), rules("")).unwrap();
    let lint = |format: &str| {
        let output = bilateral(&folder, &["lint", ".", "--format", format]).success();
        let output = output.get_output();
        let text = [output.stdout.clone(), output.stderr.clone()].concat();
        String::from_utf8(text).unwrap()
    };
    for format in ["human", "json", "sarif", "github"] {
        let text = lint(format);
        let told = ["`shop`", "`crm`"].map(|store| text.matches(store).count());
        assert_eq!(told, [1, 1], "{format}: {text}");
    }
    assert!(lint("human").contains("; 2 stores not checked"));
}

#[test]
fn a_baseline_covers_lints_whatever_their_level() {
    let project = Project::of(&(rules("") + "let X = 1\n"));
    fs::write(
        project.path().join("bilateral.yaml"),
        "lints:\n  unused-let: deny\n",
    )
    .unwrap();
    project.lint(&[]).code(1);
    project.lint(&["--write-baseline", "known.json"]).success();
    project.lint(&["--baseline", "known.json"]).success();
}
