//! The page at `/`: lanes, relationships and runs, to look at. No script, no values of records.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

use super::Door;
use crate::ledger::{Run, RunState};
use crate::program::Side;
use crate::serve::board::{LaneNote, Notes};
use crate::value::format_instant;

const STYLE: &str = include_str!("console.css");

pub async fn show(State(door): State<Arc<Door>>) -> Response {
    let notes = door.board.read().clone();
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (html, page(&notes, door.clock.now())).into_response()
}

pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// Text as it stands between tags.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A table; cells are HTML already.
fn table(page: &mut String, title: &str, heads: &[&str], rows: &[Vec<String>], empty: &str) {
    let _ = write!(page, "<section><h2>{}</h2>", escaped(title));
    if rows.is_empty() {
        let _ = write!(page, "<p>{}</p></section>", escaped(empty));
        return;
    }
    page.push_str("<table><thead><tr>");
    for head in heads {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(head));
    }
    page.push_str("</tr></thead><tbody>");
    for row in rows {
        page.push_str("<tr>");
        for cell in row {
            let _ = write!(page, "<td>{cell}</td>");
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table></section>");
}

pub(super) fn page(notes: &Notes, now: DateTime<Utc>) -> String {
    let program = escaped(&notes.program);
    let [left, right] = [0, 1].map(|side| escaped(&notes.stores[side]));
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{program} · bilateral</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"10\">\
         <link rel=\"stylesheet\" href=\"/console.css\"></head><body><header><h1>{program}</h1>\
         <p>{left} with {right}; rules {}, loaded {}</p>",
        escaped(&notes.rules.hash),
        ago(notes.rules.loaded, now),
    );
    if let Some(refused) = &notes.rules.refused {
        let _ = write!(
            page,
            "<p class=\"bad\">The files have changed and do not check; the rules from before go on: {}</p>",
            escaped(refused)
        );
    }
    if notes.stopping {
        page.push_str("<p class=\"bad\">It stops.</p>");
    }
    page.push_str("</header><main>");
    let lanes: Vec<Vec<String>> = notes.lanes.iter().map(|l| lane(l, notes, now)).collect();
    table(
        &mut page,
        "Lanes",
        &["lane", "last run", "took", "ended", "next run"],
        &lanes,
        "The rules have no schedule and no trigger.",
    );
    let relationships: Vec<Vec<String>> = notes
        .relationships
        .iter()
        .map(|relationship| {
            let counts = relationship.counts;
            let mut row = vec![escaped(&relationship.name), relationship.links.to_string()];
            row.extend([counts.held, counts.errors, counts.conflicts].map(number));
            row.extend(Side::BOTH.map(|side| ago(relationship.read[side.index()], now)));
            row
        })
        .collect();
    let read = [0, 1].map(|side| format!("{} read", notes.stores[side]));
    table(
        &mut page,
        "Relationships",
        &[
            "relationship",
            "links",
            "held",
            "errors",
            "conflicts",
            &read[0],
            &read[1],
        ],
        &relationships,
        "There are none.",
    );
    if !notes.triggers.is_empty() {
        let triggers: Vec<Vec<String>> = notes
            .triggers
            .iter()
            .map(|(name, c)| vec![escaped(name), number(c.held), number(c.errors)])
            .collect();
        let title = match notes.firings {
            0 => "Triggers".to_owned(),
            open => format!("Triggers; {open} fired and not at their end yet"),
        };
        let heads = ["trigger", "held", "errors"];
        table(&mut page, &title, &heads, &triggers, "");
    }
    let runs: Vec<Vec<String>> = notes.runs.iter().map(|r| run(r, now)).collect();
    table(
        &mut page,
        "Last runs that did something",
        &["run", "started", "took", "ended", "done", "failed", "held"],
        &runs,
        "None yet.",
    );
    page.push_str("</main></body></html>");
    page
}

fn lane(lane: &LaneNote, notes: &Notes, now: DateTime<Utc>) -> Vec<String> {
    let running = notes
        .running
        .as_ref()
        .filter(|(name, _)| *name == lane.name);
    let name = if lane.rule.is_empty() {
        escaped(&lane.name)
    } else {
        format!(
            "{}<small>{}</small>",
            escaped(&lane.name),
            escaped(&lane.rule)
        )
    };
    let mut ended = lane.outcome.map_or(String::new(), |outcome| {
        let word = outcome.word();
        format!("<span class=\"{word}\">{word}</span>")
    });
    if lane.failures > 1 {
        let _ = write!(ended, " {} times", lane.failures);
    }
    if !lane.message.is_empty() {
        let _ = write!(ended, "<small>{}</small>", escaped(&lane.message));
    }
    match running {
        Some((_, since)) => vec![
            name,
            ago(Some(*since), now),
            String::new(),
            "<span class=\"running\">running</span>".to_owned(),
            String::new(),
        ],
        None => vec![
            name,
            ago(lane.started, now),
            took(lane.started, lane.ended),
            ended,
            ahead(lane.next, now),
        ],
    }
}

fn run(run: &Run, now: DateTime<Utc>) -> Vec<String> {
    let state = match run.state {
        RunState::Running => "running",
        RunState::Done => "done",
        RunState::Failed => "failed",
        RunState::Interrupted => "interrupted",
    };
    let counts: serde_json::Value = serde_json::from_str(&run.summary).unwrap_or_default();
    let count = |name: &str| number(counts[name].as_u64().unwrap_or(0));
    vec![
        escaped(&run.id),
        ago(Some(run.started_at), now),
        took(Some(run.started_at), run.finished_at),
        format!("<span class=\"{state}\">{state}</span>"),
        count("done"),
        count("failed"),
        count("held"),
    ]
}

/// Nothing for none, so that what is there stands out.
fn number(number: u64) -> String {
    match number {
        0 => String::new(),
        number => number.to_string(),
    }
}

fn ago(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    let Some(at) = at else {
        return "never".to_owned();
    };
    let seconds = (now - at).num_seconds().max(0);
    format!(
        "<time datetime=\"{}\">{} ago</time>",
        format_instant(at),
        length(seconds)
    )
}

fn ahead(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    let Some(at) = at else {
        return String::new();
    };
    match (at - now).num_seconds() {
        ..1 => "now".to_owned(),
        seconds => format!(
            "<time datetime=\"{}\">in {}</time>",
            format_instant(at),
            length(seconds)
        ),
    }
}

fn took(started: Option<DateTime<Utc>>, ended: Option<DateTime<Utc>>) -> String {
    match (started, ended) {
        (Some(started), Some(ended)) => {
            let millis = (ended - started).num_milliseconds().max(0);
            if millis < 10_000 {
                format!("{}.{} s", millis / 1000, millis % 1000 / 100)
            } else {
                length(millis / 1000)
            }
        }
        _ => String::new(),
    }
}

fn length(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
