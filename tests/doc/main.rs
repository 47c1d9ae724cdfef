//! `bilateral doc`: what a program looks like as a document, and the parts of it in the packs' READMEs. `BLESS=1 cargo test --test doc`
//! writes both anew.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn blessed() -> bool {
    std::env::var_os("BLESS").is_some()
}

fn bilateral(args: &[&str]) -> std::process::Output {
    Command::cargo_bin("bilateral")
        .unwrap()
        .current_dir(root())
        .arg("doc")
        .args(args)
        .output()
        .unwrap()
}

#[track_caller]
fn doc(args: &[&str]) -> String {
    let output = bilateral(args);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

const EVERYTHING: &str = "tests/doc/everything";

#[test]
fn every_construct_looks_as_it_did() {
    for (format, file) in [
        ("markdown", "everything.md"),
        ("html", "everything.html"),
        ("svg", "everything.svg"),
    ] {
        let made = doc(&[EVERYTHING, "--format", format]);
        let path = root().join("tests/doc").join(file);
        if blessed() {
            fs::write(&path, &made).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            made == written,
            "{file} differs: look at `git diff` after BLESS=1 cargo test --test doc"
        );
    }
}

/// The plain fields that a line of rules writes.
fn written(line: &str) -> Vec<&str> {
    let both = line.split_once(" <-> ");
    let ends = match (both, line.split_once(" -> "), line.split_once(" <- ")) {
        (Some((left, right)), ..) => vec![left, right],
        (None, Some((_, right)), _) => vec![right],
        (None, None, Some((left, _))) => vec![left],
        _ => Vec::new(),
    };
    let words = ends
        .into_iter()
        .filter_map(|end| end.split_whitespace().next());
    words
        .filter(|word| word.chars().all(|c| c.is_alphanumeric() || c == '_'))
        .collect()
}

#[test]
fn every_field_of_every_pack_is_told() {
    for pack in packs() {
        let page = doc(&[&pack, "--format", "html"]);
        let entries = fs::read_dir(root().join(&pack)).unwrap();
        let files = entries.map(|entry| entry.unwrap().path());
        for file in files.filter(|path| path.extension().is_some_and(|e| e == "sync")) {
            let text = fs::read_to_string(&file).unwrap();
            let lines = text
                .lines()
                .filter(|line| line.starts_with("  ") && !line.trim().starts_with('#'));
            for field in lines.flat_map(written) {
                let told = page.contains(&format!("<code>{field}</code>"));
                assert!(told, "{pack}: {field}");
            }
        }
    }
}

fn packs() -> Vec<String> {
    let mut packs: Vec<String> = fs::read_dir(root().join("rules"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| format!("rules/{}", path.file_name().unwrap().to_str().unwrap()))
        .collect();
    packs.sort();
    assert!(packs.len() >= 4);
    packs
}

#[test]
fn the_packs_readmes_are_up_to_date() {
    for pack in packs() {
        let readme = format!("{pack}/README.md");
        let what = if blessed() { "--update" } else { "--check" };
        let output = bilateral(&[&pack, what, &readme]);
        assert!(
            output.status.success(),
            "bilateral doc {pack} --update {readme} writes it:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let text = fs::read_to_string(root().join(&readme)).unwrap();
        assert!(
            text.contains("<!-- bilateral doc: relationships -->"),
            "{readme}"
        );
    }
}

/// The page with its style taken out: what could do something.
fn body(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    assert!(!after.contains("<style"), "one style for the page");
    format!("{before}{after}")
}

#[test]
fn a_page_needs_nothing_and_runs_nothing() {
    let page = doc(&[EVERYTHING, "--format", "html"]);
    let style = page.split_once("<style>").unwrap().1;
    let style = style.split_once("</style>").unwrap().0;
    for word in ["url(", "@import", "http"] {
        assert!(!style.contains(word), "the style has {word}");
    }
    let body = body(&page);
    for word in [
        "<script",
        "<iframe",
        "<img",
        "<link",
        "<object",
        "<embed",
        " on",
        "javascript:",
        " src=",
    ] {
        // ` on` would begin an event handler only inside a tag.
        for tag in body
            .split('<')
            .skip(1)
            .map(|tag| tag.split('>').next().unwrap())
        {
            let tag = format!("<{tag}");
            let attributes = tag.split('"').step_by(2).collect::<String>();
            assert!(!attributes.contains(word), "{tag}");
        }
    }
    let links: Vec<&str> = body
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(
        links.len() > 20 && links.iter().all(|link| link.starts_with('#')),
        "{links:?}"
    );
    assert!(body.contains("default-src 'none'"));
    assert!(page.contains("&lt;b&gt;no tag&lt;/b&gt;") && !page.contains("<b>no tag"));
}

#[test]
fn every_link_leads_somewhere() {
    for program in packs().into_iter().chain([EVERYTHING.to_owned()]) {
        let page = doc(&[&program, "--format", "html"]);
        let mut ids: Vec<&str> = page
            .split(" id=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{program}: an id stands twice");
        for link in page.split("href=\"#").skip(1) {
            let id = link.split('"').next().unwrap();
            assert!(ids.contains(&id), "{program}: #{id}");
        }
        let markdown = doc(&[&program]);
        let slugs: Vec<String> = markdown
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| {
                let kept = line.trim_start_matches('#').trim().chars();
                let kept = kept.filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
                kept.map(|c| if c == ' ' { '-' } else { c })
                    .collect::<String>()
                    .to_lowercase()
            })
            .collect();
        for link in markdown.split("](#").skip(1) {
            let slug = link.split(')').next().unwrap();
            let bare = slug
                .trim_end_matches(|c: char| c.is_ascii_digit())
                .trim_end_matches('-');
            assert!(
                slugs.iter().any(|s| s == slug || s == bare),
                "{program}: #{slug}"
            );
        }
    }
}

#[test]
fn the_picture_is_told_in_words() {
    let picture = doc(&[EVERYTHING, "--format", "svg"]);
    assert!(picture.starts_with("<svg ") && picture.contains("role=\"img\""));
    assert!(picture.contains(
        "<title id=\"picture-title\">The relationships between marketing and salesforce</title>"
    ));
    assert!(picture.contains("Person: lead with Contact or Lead, two-way."));
    assert!(picture.contains("Task.WhoId names Contact."));
    assert!(picture.contains("prefers-color-scheme: dark"));
    assert!(
        !picture.contains("href"),
        "links lead nowhere in a file of its own"
    );
}

/// A copy of the program with every construct, in a folder that may be written to.
struct Copy {
    folder: TempDir,
}

impl Copy {
    fn new() -> Copy {
        let folder = TempDir::new().unwrap();
        for name in [
            "people.sync",
            "rest.sync",
            "schema/marketing.yaml",
            "schema/salesforce.yaml",
        ] {
            let to = folder.path().join(name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(root().join(EVERYTHING).join(name), to).unwrap();
        }
        Copy { folder }
    }
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }
    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
    /// Exit code, standard output, standard error.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::cargo_bin("bilateral")
            .unwrap()
            .current_dir(self.folder.path())
            .arg("doc")
            .args(args)
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    }
}

const README: &str = "\
# Mine

By hand.

## Settings

<!-- bilateral doc: settings -->
old
<!-- end -->

```
<!-- bilateral doc: nothing -->
```

<!-- bilateral doc: relationship Order -->
<!-- end -->

The end.
";

#[test]
fn parts_are_written_and_the_rest_stays() {
    let copy = Copy::new();
    copy.write("README.md", README);
    let (code, out, err) = copy.run(&["--check", "README.md"]);
    assert_eq!(code, 1, "{err}");
    assert!(
        out.contains("-old") && out.contains("+| setting | default | meaning |"),
        "{out}"
    );
    assert!(err.contains("settings, relationship Order"), "{err}");
    assert_eq!(copy.read("README.md"), README, "--check changes nothing");

    let (code, out, _) = copy.run(&["--update", "README.md"]);
    assert_eq!(
        (code, out.as_str()),
        (0, "README.md: settings, relationship Order\n")
    );
    let written = copy.read("README.md");
    assert!(written.starts_with(
        "# Mine\n\nBy hand.\n\n## Settings\n\n<!-- bilateral doc: settings -->\n\n| setting |"
    ));
    assert!(written.ends_with("\n<!-- end -->\n\nThe end.\n"));
    assert!(written.contains("```\n<!-- bilateral doc: nothing -->\n```"));
    assert!(
        written.contains("### Matching"),
        "headings go one level below the one above"
    );
    assert!(
        !written.contains("](#"),
        "links of a part would lead nowhere"
    );

    let (code, out, err) = copy.run(&["--check", "README.md"]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    let again = copy.run(&["--update", "README.md"]);
    assert_eq!((again.0, again.1.as_str()), (0, ""));
    assert_eq!(copy.read("README.md"), written);
}

#[test]
fn a_changed_rule_makes_a_part_stale() {
    let copy = Copy::new();
    copy.write("README.md", README);
    copy.run(&["--update", "README.md"]);
    let rules = copy
        .read("people.sync")
        .replace("let STRICT = false", "let STRICT = true");
    copy.write("people.sync", &rules);
    let (code, out, _) = copy.run(&["--check", "README.md"]);
    assert_eq!(code, 1);
    assert!(
        out.contains("-| `STRICT` | `false`") && out.contains("+| `STRICT` | `true`"),
        "{out}"
    );
}

#[test]
fn line_ends_are_kept() {
    let copy = Copy::new();
    copy.write("README.md", &README.replace('\n', "\r\n"));
    assert_eq!(copy.run(&["--update", "README.md"]).0, 0);
    let written = copy.read("README.md");
    assert_eq!(
        written.matches('\n').count(),
        written.matches("\r\n").count()
    );
    assert_eq!(copy.run(&["--check", "README.md"]).0, 0);
}

#[test]
fn what_cannot_be_written_is_named() {
    let copy = Copy::new();
    let refused = |text: &str, words: &[&str]| {
        copy.write("README.md", text);
        for how in ["--check", "--update"] {
            let (code, out, err) = copy.run(&[how, "README.md"]);
            assert_eq!((code, out.as_str()), (1, ""), "{err}");
            for word in words {
                assert!(err.contains(word), "`{word}` is not in: {err}");
            }
            assert_eq!(copy.read("README.md"), text);
        }
    };
    refused(
        "# Mine\n",
        &[
            "README.md",
            "no part",
            "<!-- bilateral doc: relationships -->",
        ],
    );
    refused(
        "\n<!-- bilateral doc: settngs -->\n<!-- end -->\n",
        &["line 2", "`settngs`", "`settings`", "`relationship Person`"],
    );
    refused(
        "<!-- bilateral doc: settings -->\n\nno end\n",
        &["line 1", "<!-- end -->"],
    );
    refused(
        "<!-- bilateral doc: settings -->\n<!-- bilateral doc: files -->\n<!-- end -->\n",
        &["line 1", "never closed"],
    );
    let (code, _, err) = copy.run(&["--update", "NOTHING.md"]);
    assert_eq!(code, 66, "{err}");
    assert!(err.contains("NOTHING.md"));
}

#[test]
fn a_file_is_written_as_its_name_says() {
    let copy = Copy::new();
    for (name, begins) in [
        ("a.html", "<!DOCTYPE html>"),
        ("a.svg", "<svg "),
        ("a.md", "# "),
        ("a", "# "),
    ] {
        let (code, out, err) = copy.run(&["--out", name]);
        assert_eq!((code, out.as_str()), (0, ""));
        assert!(err.contains(name), "{err}");
        assert!(copy.read(name).starts_with(begins), "{name}");
    }
    copy.run(&["--out", "b.md", "--format", "html"]);
    assert!(copy.read("b.md").starts_with("<!DOCTYPE html>"));
    let (code, _, err) = copy.run(&["--out", "nowhere/a.md"]);
    assert_eq!(code, 69, "{err}");
    assert!(err.contains("nowhere"));
}

#[test]
fn only_rules_that_check_have_a_document() {
    let copy = Copy::new();
    let rules = copy.read("people.sync");
    copy.write(
        "people.sync",
        &rules.replace("crm_id      <-  Id", "crm_id      <-  Idd"),
    );
    let (code, out, err) = copy.run(&[]);
    assert_eq!((code, out.as_str()), (65, ""));
    assert!(err.contains("Idd") && err.contains("do not check"), "{err}");
    copy.write("people.sync", &rules);
    fs::remove_file(copy.path("schema/salesforce.yaml")).unwrap();
    let (code, _, err) = copy.run(&[]);
    assert_eq!(code, 65);
    assert!(err.contains("salesforce"), "{err}");
    assert_eq!(copy.run(&["nowhere"]).0, 66);
    for wrong in [
        &["--check", "a", "--out", "b"][..],
        &["--check", "a", "--update", "b"],
        &["--update", "a", "--format", "html"],
        &["--format", "pdf"],
    ] {
        assert_eq!(copy.run(wrong).0, 64, "{wrong:?}");
    }
}

#[test]
fn settings_show_their_defaults_and_no_environment() {
    let output = Command::cargo_bin("bilateral")
        .unwrap()
        .current_dir(root())
        .env("BILATERAL_DOC_TEST", "hunter2")
        .args(["doc", EVERYTHING, "--set", "STRICT=true"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("| `STRICT` | `false` |"));
    assert!(!text.contains("hunter2"));
}

#[test]
fn the_same_program_gives_the_same_document_from_anywhere() {
    let copy = Copy::new();
    let here = copy.run(&[]).1;
    let there = doc(&[copy.folder.path().to_str().unwrap()]);
    assert_eq!(here, there);
    assert!(!here.contains(copy.folder.path().to_str().unwrap()));
}
