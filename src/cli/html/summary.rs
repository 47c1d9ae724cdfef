//! What a plan comes to: which plan, its one line, and a table by relationship.

use std::io::{self, Write};

use super::super::header::Header;
use super::super::human::{count, counted, summary_line};
use super::super::json::Calls;
use crate::doc::html::Escaped;
use crate::plan::{RelationshipSummary, Summary};
use crate::program::Program;

/// Everything above the first relationship; external actions have a column where there are some.
///
/// # Errors
/// The output takes no more.
pub fn write(
    program: &Program,
    header: &Header,
    summary: &Summary,
    calls: Calls,
    out: &mut impl Write,
) -> io::Result<()> {
    let stores = [0, 1].map(|side| &program.stores[side].name);
    writeln!(out, "<h1>Plan of {}</h1>", Escaped(&program.name))?;
    writeln!(
        out,
        "<p><code>{}</code> (left) and <code>{}</code> (right), made {}, run <code>{}</code>. Nothing was written.</p>",
        Escaped(stores[0]),
        Escaped(stores[1]),
        Escaped(&header.created_at()),
        Escaped(&header.run)
    )?;
    let line = summary_line("In all", summary);
    writeln!(out, "<p class=\"total\">{}</p>", Escaped(&line))?;
    if summary.relationships.iter().all(is_silent) {
        return Ok(());
    }
    let acts = |counts: &RelationshipSummary| counts.directions.iter().map(|d| d.action).sum();
    let any_acts = summary.relationships.iter().any(|r| acts(r) > 0);
    let mut lists = vec!["held", "conflicts", "errors"];
    if any_acts {
        lists.insert(0, "external actions");
    }
    let lists: String = lists
        .into_iter()
        .map(|word| format!("<th scope=\"col\" rowspan=\"2\">{word}</th>"))
        .collect();
    let counts = ["create", "update", "delete", "create", "update", "delete"]
        .map(|word| format!("<th scope=\"col\">{word}</th>"))
        .concat();
    writeln!(
        out,
        "<div class=\"wide\"><table class=\"summary\">\n<thead><tr><td rowspan=\"2\"></td><th scope=\"colgroup\" colspan=\"3\">push</th><th scope=\"colgroup\" colspan=\"3\">pull</th>{lists}</tr>\n<tr>{counts}</tr></thead>\n<tbody>"
    )?;
    let rows = program.all_rules().zip(&summary.relationships);
    for (place, (rules, counts)) in rows.enumerate() {
        if is_silent(counts) {
            continue;
        }
        let name = Escaped(&rules.name);
        write!(
            out,
            "<tr><th scope=\"row\"><a class=\"name\" href=\"#r{place}\"><code>{name}</code></a></th>"
        )?;
        let mut numbers = numbers(counts).to_vec();
        if any_acts {
            numbers.insert(6, acts(counts));
        }
        for number in numbers {
            match number {
                0 => write!(out, "<td class=\"default\">0</td>")?,
                number => write!(out, "<td>{}</td>", count(number))?,
            }
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody>\n</table></div>")?;
    let asks = stores.iter().zip(calls.estimated);
    let asks: Vec<String> = asks
        .filter(|(_, calls)| *calls > 0)
        .map(|(store, calls)| format!("{} to {store}", counted(calls, "call")))
        .collect();
    if !asks.is_empty() {
        let asks = asks.join(", ");
        writeln!(
            out,
            "<p class=\"default\">Applying it takes about {}.</p>",
            Escaped(&asks)
        )?;
    }
    Ok(())
}

fn is_silent(counts: &RelationshipSummary) -> bool {
    counts.operations + counts.held + counts.conflicts + counts.errors == 0
}

fn numbers(counts: &RelationshipSummary) -> [u64; 9] {
    let [push, pull] = counts.directions;
    [
        push.create,
        push.update,
        push.delete,
        pull.create,
        pull.update,
        pull.delete,
        counts.held,
        counts.conflicts,
        counts.errors,
    ]
}
