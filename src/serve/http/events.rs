//! `POST /events/NAME`: an event is taken once it is stored durably, and otherwise not at all.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::auth::{self, Proof, Shown};
use super::refusal::{Refusal, json_line};
use super::{BODY_LIMIT, Door};
use crate::ledger::{Added, NewEvent};
use crate::value::format_instant;

/// For the whole body.
const PATIENCE: Duration = Duration::from_secs(15);

/// Longer names and keys are none.
const LONGEST_KEY: usize = 200;

pub async fn post(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let known = door.board.read().events.iter().any(|event| *event == name);
    let answer = match take(&door, &name, request).await {
        Ok(answer) => answer,
        Err(refusal) => refusal.into_response(),
    };
    // Names that anybody may think of make no metric.
    let counted = if known { name.as_str() } else { "" };
    door.metrics.event(counted, answer.status().as_u16());
    answer
}

async fn take(door: &Arc<Door>, name: &str, request: Request) -> Result<Response, Refusal> {
    let Some(secret) = door.board.read().secret.clone() else {
        return Err(Refusal::Off);
    };
    let headers = request.headers().clone();
    let shown = Shown {
        authorization: text(&headers, header::AUTHORIZATION.as_str()),
        signature: text(&headers, "x-bilateral-signature"),
        timestamp: text(&headers, "x-bilateral-timestamp"),
    };
    auth::before_body(&secret, shown).map_err(|refusal| door.slow_down(refusal))?;
    if length(&headers).is_some_and(|length| length > BODY_LIMIT) {
        return Err(Refusal::TooLarge(BODY_LIMIT));
    }
    let body = read(request).await?;
    let now = door.clock.now();
    let proof =
        auth::proof(&secret, shown, &body, now).map_err(|refusal| door.slow_down(refusal))?;
    if let Err(seconds) = door.take_token(now) {
        return Err(Refusal::TooMany(seconds));
    }
    known(door, name)?;
    let key = idempotency_key(&headers)?;
    let body = object(&body)?;
    let key = match (key, &proof) {
        (Some(key), _) => key.to_owned(),
        (None, Proof::Signature(signature)) => signature.clone(),
        (None, Proof::Token) => uuid::Uuid::now_v7().to_string(),
    };
    let stored = {
        let (door, name, key) = (Arc::clone(door), name.to_owned(), key.clone());
        move || {
            let inbox = door.inbox.lock().unwrap_or_else(PoisonError::into_inner);
            let event = NewEvent {
                name: &name,
                key: &key,
                body: &body,
                at: now,
            };
            match &proof {
                Proof::Token => inbox.add(&event),
                Proof::Signature(signature) => inbox.add_signed(&event, signature),
            }
        }
    };
    match tokio::task::spawn_blocking(stored).await {
        Ok(Ok(Added::New)) => {}
        Ok(Ok(Added::Known)) => return Err(Refusal::Replay),
        Ok(Err(error)) => {
            door.say_not_stored(&error.to_string());
            return Err(Refusal::NotStored);
        }
        Err(_) => return Err(Refusal::NotStored),
    }
    (door.ring)();
    let body = json!({ "event": name, "key": key, "received_at": format_instant(now) });
    Ok(json_line(StatusCode::ACCEPTED, &body))
}

fn known(door: &Door, name: &str) -> Result<(), Refusal> {
    let notes = door.board.read();
    if notes.events.iter().any(|event| event == name) {
        return Ok(());
    }
    let shown: String = name.chars().take(LONGEST_KEY).collect();
    let known = notes.events.iter().map(ToString::to_string).collect();
    Err(Refusal::UnknownEvent(shown, known))
}

async fn read(request: Request) -> Result<Bytes, Refusal> {
    let body = tokio::time::timeout(PATIENCE, Bytes::from_request(request, &())).await;
    match body {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Refusal::TooLarge(BODY_LIMIT))
        }
        Ok(Err(_)) => Err(Refusal::CutOff),
        Err(_) => Err(Refusal::TooSlow),
    }
}

/// The body as it is kept: a JSON object.
fn object(body: &[u8]) -> Result<String, Refusal> {
    let not_json = |why: String| Refusal::NotJson(why);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(not_json("it is empty; `{}` is the smallest".to_owned()));
    }
    let text = std::str::from_utf8(body).map_err(|error| not_json(error.to_string()))?;
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => Ok(text.to_owned()),
        Ok(_) => Err(Refusal::NotAnObject),
        Err(error) => Err(not_json(error.to_string())),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match key.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= LONGEST_KEY => Ok(Some(key)),
        _ => Err(Refusal::BadKey),
    }
}

fn length(headers: &HeaderMap) -> Option<usize> {
    text(headers, header::CONTENT_LENGTH.as_str())?.parse().ok()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
