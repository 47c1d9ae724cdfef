//! Whether the daemon lives, and whether it is ready for events.

use std::sync::{Arc, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::Door;
use super::refusal::json_line;
use crate::serve::board::Notes;
use crate::value::format_instant;

pub async fn live() -> Response {
    json_line(StatusCode::OK, &json!({ "status": "ok" }))
}

/// 503 while it stops, or while events could not be stored. A lane that fails, or rules that are refused, are told but keep nobody
/// from posting.
pub async fn ready(State(door): State<Arc<Door>>) -> Response {
    let notes = door.board.read().clone();
    let inbox = tokio::task::spawn_blocking(move || {
        let inbox = door.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.oldest()
    });
    let mut problems = Vec::new();
    if notes.stopping {
        problems.push("it stops".to_owned());
    }
    match inbox.await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => problems.push(error.to_string()),
        Err(_) => problems.push("the inbox of events does not answer".to_owned()),
    }
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    json_line(status, &detail(&notes, &problems))
}

fn detail(notes: &Notes, problems: &[String]) -> Json {
    let lanes: Vec<Json> = notes
        .lanes
        .iter()
        .map(|lane| {
            let running = notes.running.as_ref();
            json!({
                "lane": lane.name,
                "running": running.is_some_and(|(name, _)| *name == lane.name),
                "last_run": time(lane.started),
                "outcome": lane.outcome.map(|outcome| outcome.word()),
                "failures": lane.failures,
                "next_run": time(lane.next),
            })
        })
        .collect();
    json!({
        "ready": problems.is_empty(),
        "problems": problems,
        "program": notes.program,
        "since": time(notes.since),
        "rules": {
            "hash": notes.rules.hash,
            "loaded_at": time(notes.rules.loaded),
            "refused": notes.rules.refused,
        },
        "lanes": lanes,
    })
}

fn time(at: Option<DateTime<Utc>>) -> Option<String> {
    at.map(format_instant)
}
