//! The shipped pack, damaged in many ways: how much of it the linter sees. `cargo test --test lint mutants -- --nocapture` prints the table.

use std::collections::BTreeMap;

use crate::pack::Pack;

/// What a damage is, and whether schema and headers show it.
struct Kind {
    name: &'static str,
    visible: bool,
    /// What becomes of a line, in each way in which this damage fits it.
    damage: fn(&str) -> Vec<String>,
    schema: bool,
}

struct Mutant {
    kind: usize,
    pack: Pack,
    /// The damaged line of a rule file.
    at: Option<(usize, u32)>,
    shown: String,
}

const fn rules(name: &'static str, damage: fn(&str) -> Vec<String>) -> Kind {
    Kind {
        name,
        visible: true,
        damage,
        schema: false,
    }
}

const fn hidden(name: &'static str, damage: fn(&str) -> Vec<String>) -> Kind {
    Kind {
        visible: false,
        ..rules(name, damage)
    }
}

const fn schema(name: &'static str, damage: fn(&str) -> Vec<String>) -> Kind {
    Kind {
        schema: true,
        ..rules(name, damage)
    }
}

const fn hidden_schema(name: &'static str, damage: fn(&str) -> Vec<String>) -> Kind {
    Kind {
        visible: false,
        ..schema(name, damage)
    }
}

const KINDS: &[Kind] = &[
    rules("misspelt left name", |l| {
        field(l, |a, arrow, b| {
            Some(format!("{} {arrow} {b}", misspelt(a)?))
        })
    }),
    rules("misspelt right name", |l| {
        field(l, |a, arrow, b| {
            let (name, rest) = b.split_once(' ').unwrap_or((b, ""));
            Some(format!("{a} {arrow} {} {rest}", misspelt(name)?))
        })
    }),
    rules("misspelt relationship", |l| after(l, "via ", misspelt)),
    rules("unknown object", |l| {
        after(l, "<-> ", |n| {
            l.starts_with("relationship").then(|| format!("{n}x"))
        })
    }),
    rules("misspelt function", |l| {
        replaced(
            l,
            &[
                ("lower(", "lowr("),
                ("trim(", "trm("),
                ("is_contact(", "is_contct("),
                ("text(", "txt("),
            ],
        )
    }),
    rules("misspelt word", |l| {
        replaced(
            l,
            &[
                ("require ", "requre "),
                (" when ", " whn "),
                ("follow ", "folow "),
                ("prefer ", "prefr "),
                ("  match ", "  mtach "),
                ("every ", "evry "),
                ("create ", "creat "),
            ],
        )
    }),
    rules("turned arrow", |l| {
        if l.contains("crm_id") {
            vec![]
        } else {
            replaced(l, &[("<-  ", "->  ")])
        }
    }),
    rules("two-way line in a one-way relationship", |l| {
        if l.contains("<->") || l.starts_with("relationship") {
            vec![]
        } else {
            replaced(l, &[("<- ", "<-> "), ("-> ", "<-> ")])
        }
    }),
    rules("reference without via", |l| cut_from(l, " via ")),
    hidden("via another relationship", |l| {
        let known = ["Account", "Campaign", "Opportunity"];
        known
            .iter()
            .flat_map(|other| {
                after(l, "via ", |n| {
                    (n != *other && !l.contains(&format!("via {other}")))
                        .then(|| (*other).to_string())
                })
            })
            .collect()
    }),
    rules("second writer", |l| {
        field(l, |a, arrow, b| {
            Some(format!("{a} {arrow} {b}\n  {a} {arrow} {b}"))
        })
    }),
    rules("number into text", |l| {
        field(l, |_, arrow, b| {
            (arrow == "->").then(|| format!("5 {arrow} {b}"))
        })
    }),
    rules("text into number or condition", |l| {
        replaced(
            l,
            &[
                ("leadScore   ->", "lastName ->"),
                ("<-  Amount", "<-  Name"),
                ("<-  IsWon", "<-  Name"),
                ("<-  IsClosed", "<-  Name"),
            ],
        )
    }),
    rules("missing operand", |l| {
        replaced(
            l,
            &[
                (" is empty", " ="),
                ("status in ", "in "),
                (" and ", " and or "),
            ],
        )
    }),
    rules("unclosed", |l| {
        replaced(l, &[("(", ""), (")", ""), ("]", ""), ("\" ", " ")])
    }),
    rules("unknown store", |l| {
        replaced(
            l,
            &[
                ("salesforce.", "salesforse."),
                ("marketing.", "marketting."),
                ("with salesforce", "with salesforse"),
            ],
        )
    }),
    rules("too many arguments", |l| {
        replaced(
            l,
            &[
                ("lower(Email)", "lower(Email, 1)"),
                ("is_contact(leadStatus)", "is_contact(leadStatus, 2)"),
                ("text(id)", "text(id, id)"),
            ],
        )
    }),
    rules("text compared with a number", |l| {
        replaced(
            l,
            &[
                ("crm_id is empty", "crm_id = 5"),
                ("leadID is not empty", "leadID = \"x\""),
            ],
        )
    }),
    rules("contradiction", |l| {
        replaced(
            l,
            &[
                ("crm_id is empty", "crm_id is empty and crm_id is not empty"),
                (
                    "leadID is not empty",
                    "leadID is not empty and leadID is empty",
                ),
            ],
        )
    }),
    rules("dropped from require", |l| {
        replaced(
            l,
            &[
                ("require lastName, ", "require "),
                (", companyName", ""),
                ("require campaignName", ""),
            ],
        )
    }),
    rules("required field not written", |l| {
        if l.contains("lastName ")
            || l.contains("<-> Lead.Company")
            || l.contains("campaignName") && l.contains("<->")
        {
            vec![format!("#{l}")]
        } else {
            vec![]
        }
    }),
    hidden("one match key less", |l| {
        if l.trim_start().starts_with("match ") {
            vec![format!("#{l}")]
        } else {
            vec![]
        }
    }),
    rules("one-sided normalisation", |l| {
        replaced(
            l,
            &[
                ("= lower(Email)", "= Email"),
                ("match lower(emailAddress)", "match emailAddress"),
            ],
        )
    }),
    rules("not on the schedule", |l| {
        replaced(
            l,
            &[
                ("Account, ", ""),
                ("Campaign, ", ""),
                ("Person, ", ""),
                (", Event", ""),
            ],
        )
    }),
    rules("wrong alternative", |l| {
        replaced(
            l,
            &[
                ("Lead.Company", "Contact.Company"),
                ("Lead.City", "Contact.City"),
                ("Contact.MailingCity", "Lead.MailingCity"),
                ("Contact.AccountId", "Lead.AccountId"),
                ("Lead.Country", "Contact.Country"),
                ("create Contact", "create Account"),
            ],
        )
    }),
    rules("no id on the created record", |l| {
        if l.contains("text(id)") {
            vec![format!("#{l}")]
        } else {
            vec![]
        }
    }),
    rules("duplicate statement", |l| {
        if l.trim() == "prefer newest" {
            vec![format!("{l}\n{l}")]
        } else {
            vec![]
        }
    }),
    rules("clause of a direction that is not there", |l| {
        if l.trim_start().starts_with("pull when") && !l.contains("Contact") {
            vec![l.replace("pull when", "push when")]
        } else {
            vec![]
        }
    }),
    schema("field gone", |l| {
        if is_field(l) {
            vec![String::new()]
        } else {
            vec![]
        }
    }),
    hidden_schema("shorter text", |l| {
        numbered(l, "length: ", |n| (n > 3).then_some(3))
    }),
    schema("text became a number", |l| {
        replaced(
            l,
            &[
                ("type: text, length: 255", "type: number"),
                ("type: text, length: 80", "type: number"),
                ("type: text, length: 40", "type: number"),
                ("type: text }", "type: number }"),
            ],
        )
    }),
    schema("read-only", |l| {
        if is_field(l) && !l.contains("readonly") {
            vec![l.replace(" }", ", readonly: true }")]
        } else {
            vec![]
        }
    }),
    hidden_schema("required", |l| {
        if is_field(l)
            && !l.contains("required")
            && !l.contains("default")
            && !l.contains("readonly")
        {
            vec![l.replace(" }", ", required: true }")]
        } else {
            vec![]
        }
    }),
    schema("not indexed", |l| {
        replaced(l, &[(", indexed: true", ""), (", unique: true", "")])
    }),
    hidden("swapped fields of one type", |l| {
        replaced(
            l,
            &[
                ("<-> FirstName", "<-> Title"),
                ("<-> City", "<-> Country"),
                ("<-> Lead.City", "<-> Lead.Country"),
            ],
        )
    }),
    hidden("no preference", |l| {
        if l.trim() == "prefer newest" {
            vec![format!("#{l}")]
        } else {
            vec![]
        }
    }),
    hidden("no filter", |l| {
        if l.trim_start().starts_with("pull when") {
            vec![format!("#{l}")]
        } else {
            vec![]
        }
    }),
    hidden("another constant", |l| {
        replaced(
            l,
            &[("\"customer\"", "\"partner\""), ("then 100", "then 10")],
        )
    }),
];

fn is_field(line: &str) -> bool {
    line.starts_with("      ") && line.contains("{ type:")
}

/// A field line without a comment: its left, its arrow, its right.
fn field(line: &str, make: impl Fn(&str, &str, &str) -> Option<String>) -> Vec<String> {
    let text = line.trim();
    if !line.starts_with("  ") || text.starts_with(['#', '"', '*']) || text.contains('(') {
        return vec![];
    }
    for arrow in ["<->", "<-", "->"] {
        if let Some((a, b)) = text.split_once(arrow) {
            let made = make(a.trim(), arrow, b.trim());
            return made.into_iter().map(|m| format!("  {m}")).collect();
        }
    }
    vec![]
}

fn after(line: &str, word: &str, make: impl Fn(&str) -> Option<String>) -> Vec<String> {
    if line.trim_start().starts_with('#') {
        return vec![];
    }
    let Some(at) = line.find(word) else {
        return vec![];
    };
    let rest = &line[at + word.len()..];
    let end = rest
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    make(&rest[..end])
        .map(|name| format!("{}{word}{name}{}", &line[..at], &rest[end..]))
        .into_iter()
        .collect()
}

fn cut_from(line: &str, word: &str) -> Vec<String> {
    match line.find(word) {
        Some(at) if !line.trim_start().starts_with('#') => vec![line[..at].to_owned()],
        _ => vec![],
    }
}

fn replaced(line: &str, pairs: &[(&str, &str)]) -> Vec<String> {
    if line.trim_start().starts_with('#') {
        return vec![];
    }
    pairs
        .iter()
        .filter(|(from, _)| line.contains(from))
        .map(|(from, to)| line.replacen(from, to, 1))
        .collect()
}

fn numbered(line: &str, word: &str, make: impl Fn(u32) -> Option<u32>) -> Vec<String> {
    let Some(at) = line.find(word) else {
        return vec![];
    };
    let rest = &line[at + word.len()..];
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let made = rest[..end].parse().ok().and_then(make);
    made.map(|n| format!("{}{word}{n}{}", &line[..at], &rest[end..]))
        .into_iter()
        .collect()
}

/// Two neighbouring letters of the last name change places.
fn misspelt(name: &str) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    let at = (1..letters.len())
        .rev()
        .find(|i| letters[*i] != letters[i - 1] && letters[i - 1] != '.' && letters[*i] != '.')?;
    letters.swap(at, at - 1);
    Some(letters.into_iter().collect())
}

fn all() -> Vec<Mutant> {
    let pack = Pack::shipped();
    let mut mutants = Vec::new();
    for (number, kind) in KINDS.iter().enumerate() {
        let files = if kind.schema {
            &pack.schemas
        } else {
            &pack.rules
        };
        for (file, (name, text)) in files.iter().enumerate() {
            for (at, line) in text.lines().enumerate() {
                let written = kind.name == "read-only";
                if kind.schema && !matters(&pack, text, at, written) {
                    continue;
                }
                for damaged in (kind.damage)(line) {
                    let lines = text.lines().enumerate();
                    let changed: Vec<&str> = lines
                        .map(|(i, l)| if i == at { damaged.as_str() } else { l })
                        .collect();
                    let mut mutant = pack.clone();
                    let files = if kind.schema {
                        &mut mutant.schemas
                    } else {
                        &mut mutant.rules
                    };
                    files[file].1 = changed.join("\n") + "\n";
                    mutants.push(Mutant {
                        kind: number,
                        pack: mutant,
                        at: (!kind.schema).then_some((file, at as u32 + 1)),
                        shown: format!("{name}:{}: {} → {}", at + 1, line.trim(), damaged.trim()),
                    });
                }
            }
        }
    }
    mutants
}

/// Some of each kind, the same ones in every run, and 500 of them in all.
fn chosen() -> Vec<Mutant> {
    const MOST: usize = 500;
    let mut by_kind: BTreeMap<usize, Vec<Mutant>> = BTreeMap::new();
    for mutant in all() {
        by_kind.entry(mutant.kind).or_default().push(mutant);
    }
    let mut chosen = Vec::new();
    // In turn, so that no kind crowds out the others.
    while chosen.len() < MOST && !by_kind.is_empty() {
        for mutants in by_kind.values_mut() {
            let middle = mutants.len() / 2;
            chosen.push(mutants.swap_remove(middle));
        }
        by_kind.retain(|_, left| !left.is_empty());
    }
    chosen.truncate(MOST);
    chosen
}

/// Whether a line of a schema file is about a field that the rules read or, if asked, write: in a relationship of its object.
fn matters(pack: &Pack, schema: &str, at: usize, written: bool) -> bool {
    let before = schema
        .lines()
        .take(at)
        .filter(|l| l.starts_with("  ") && !l.starts_with("   "));
    let object = before.last().map_or("", |l| l.trim().trim_end_matches(':'));
    let field = schema
        .lines()
        .nth(at)
        .map_or("", |l| l.trim().split(':').next().unwrap_or(""));
    let words = |text: &str, word: &str| {
        text.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|w| w == word)
    };
    let lines = pack.rules.iter().flat_map(|(_, text)| text.lines());
    let mut within = false;
    for line in lines.filter(|l| !l.trim_start().starts_with('#')) {
        if line.starts_with("relationship") {
            within = words(line, object);
        } else if line.starts_with('}') {
            within = false;
        } else if within && words(line, field) {
            let target = |arrow: &str, right: bool| {
                line.split_once(arrow)
                    .is_some_and(|(a, b)| words(if right { b } else { a }, field))
            };
            if !written || target("->", true) || target("<-", false) {
                return true;
            }
        }
    }
    false
}

#[test]
fn damage_is_seen() {
    let mut seen: BTreeMap<usize, [usize; 3]> = BTreeMap::new();
    let mut missed = Vec::new();
    let mutants = chosen();
    for mutant in &mutants {
        let kind = &KINDS[mutant.kind];
        let (findings, sources) = mutant.pack.lint();
        let caught = !findings.is_empty();
        let there = mutant.at.is_none_or(|(file, line)| {
            findings.iter().any(|f| {
                let spans = std::iter::once(f.span).chain(f.labels.iter().map(|l| l.span));
                spans.into_iter().any(|s| {
                    s.file.0 as usize == file && (line..=line + 1).contains(&sources.line_of(s))
                })
            })
        });
        let count = seen.entry(mutant.kind).or_default();
        count[0] += 1;
        count[1] += usize::from(caught);
        count[2] += usize::from(caught && there);
        if kind.visible && !caught {
            missed.push(format!("{}: {}", kind.name, mutant.shown));
        }
    }
    println!(
        "{:<45} {:>7} {:>7} {:>12}",
        "damage", "mutants", "caught", "on the line"
    );
    for (kind, [all, caught, there]) in &seen {
        println!("{:<45} {all:>7} {caught:>7} {there:>12}", KINDS[*kind].name);
    }
    let sum = |visible: bool, at: usize| -> usize {
        seen.iter()
            .filter(|(k, _)| KINDS[**k].visible == visible)
            .map(|(_, c)| c[at])
            .sum()
    };
    println!(
        "visible: {} of {} caught; others: {} of {}",
        sum(true, 1),
        sum(true, 0),
        sum(false, 1),
        sum(false, 0)
    );
    for miss in &missed {
        println!("missed: {miss}");
    }
    let visible = sum(true, 0);
    assert!(
        mutants.len() >= 450 && seen.len() >= 20,
        "{} mutants of {} kinds",
        mutants.len(),
        seen.len()
    );
    assert!(
        missed.len() * 20 <= visible,
        "{} of {visible} missed",
        missed.len()
    );
}
