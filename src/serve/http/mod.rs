//! What the daemon answers over HTTP: events, health, metrics, a page. Nothing here touches a store or the ledger.

mod auth;
mod events;
mod health;
mod page;
mod rate;
mod refusal;
mod server;

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde_json::json;

use self::rate::Bucket;
use self::refusal::Refusal;
pub use self::server::Server;
use super::board::Board;
use super::log::{Level, Log};
use super::metrics::Metrics;
use super::world::Clock;
use crate::ledger::Inbox;
use crate::store::Wake;

/// Of an event's body, in bytes.
pub const BODY_LIMIT: usize = 1 << 20;

/// Requests a second whose token or signature is wrong; more are not even told so.
const WRONG: u32 = 5;

/// Nothing is loaded from anywhere, no script runs, no other page may frame this one.
const POLICY: &str = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What the answers are made from.
pub struct Door {
    board: Arc<Board>,
    metrics: Arc<Metrics>,
    inbox: Mutex<Inbox>,
    clock: Arc<dyn Clock>,
    log: Arc<dyn Log>,
    /// An event is in the inbox.
    ring: Wake,
    taken: Mutex<Bucket>,
    wrong: Mutex<Bucket>,
}

impl Door {
    pub fn new(
        board: Arc<Board>,
        metrics: Arc<Metrics>,
        inbox: Inbox,
        clock: Arc<dyn Clock>,
        log: Arc<dyn Log>,
        rate: u32,
        ring: Wake,
    ) -> Door {
        Door {
            board,
            metrics,
            inbox: Mutex::new(inbox),
            clock,
            log,
            ring,
            taken: Mutex::new(Bucket::new(rate)),
            wrong: Mutex::new(Bucket::new(WRONG)),
        }
    }

    /// One more event is taken now; else the seconds until one is.
    fn take_token(&self, now: DateTime<Utc>) -> Result<(), u64> {
        let mut bucket = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(now)
    }

    /// Those who guess are told so a few times a second, and cost those who know nothing.
    fn slow_down(&self, refusal: Refusal) -> Refusal {
        let mut bucket = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        match bucket.take(self.clock.now()) {
            Ok(()) => refusal,
            Err(seconds) => Refusal::TooMany(seconds),
        }
    }

    fn say_not_stored(&self, why: &str) {
        let fields = [("reason", json!(why))];
        self.log
            .say(Level::Error, "an event could not be stored", &fields);
    }
}

/// Everything that is answered.
pub fn router(door: Door) -> Router {
    Router::new()
        .route("/", get(page::show))
        .route("/console.css", get(page::style))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics))
        .layer(middleware::map_response(get_only))
        .merge(
            Router::new()
                .route("/events/{name}", post(events::post))
                .layer(middleware::map_response(post_only)),
        )
        .fallback(async || Refusal::NotFound)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(guarded))
        .with_state(Arc::new(door))
}

/// The same error for people and programs as everywhere, where a path knows other methods only.
async fn get_only(response: Response) -> Response {
    only("GET", response)
}

async fn post_only(response: Response) -> Response {
    only("POST", response)
}

fn only(method: &'static str, response: Response) -> Response {
    let refusal = Refusal::WrongMethod(method);
    if response.status() == refusal.status() {
        refusal.into_response()
    } else {
        response
    }
}

/// Headers that every answer has.
async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn metrics(State(door): State<Arc<Door>>) -> Response {
    let notes = door.board.read().clone();
    let text = door.metrics.text(&notes, door.clock.now());
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
