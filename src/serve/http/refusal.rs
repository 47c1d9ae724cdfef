//! Why a request is not answered as asked: a status, a code for programs and a sentence for people.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// stores.yaml has no `secrets.events`.
    Off,
    NoProof,
    WrongToken,
    WrongSignature,
    NoTimestamp,
    OldTimestamp,
    /// The rules know no event of this name, but these.
    UnknownEvent(String, Vec<String>),
    BadKey,
    NotJson(String),
    NotAnObject,
    TooLarge(usize),
    TooSlow,
    CutOff,
    /// Seconds until more is taken.
    TooMany(u64),
    Replay,
    NotStored,
    NotFound,
    WrongMethod(&'static str),
}

impl Refusal {
    pub fn status(&self) -> StatusCode {
        match self {
            Refusal::Off => StatusCode::FORBIDDEN,
            Refusal::NoProof
            | Refusal::WrongToken
            | Refusal::WrongSignature
            | Refusal::NoTimestamp
            | Refusal::OldTimestamp => StatusCode::UNAUTHORIZED,
            Refusal::UnknownEvent(..) | Refusal::NotFound => StatusCode::NOT_FOUND,
            Refusal::BadKey | Refusal::NotJson(_) | Refusal::NotAnObject | Refusal::CutOff => {
                StatusCode::BAD_REQUEST
            }
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Refusal::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Replay => StatusCode::CONFLICT,
            Refusal::NotStored => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Refusal::Off => "events-off",
            Refusal::NoProof => "no-proof",
            Refusal::WrongToken => "wrong-token",
            Refusal::WrongSignature => "wrong-signature",
            Refusal::NoTimestamp => "wrong-timestamp",
            Refusal::OldTimestamp => "old-timestamp",
            Refusal::UnknownEvent(..) => "unknown-event",
            Refusal::BadKey => "wrong-key",
            Refusal::NotJson(_) => "not-json",
            Refusal::NotAnObject => "not-an-object",
            Refusal::TooLarge(_) => "too-large",
            Refusal::TooSlow => "too-slow",
            Refusal::CutOff => "cut-off",
            Refusal::TooMany(_) => "too-many",
            Refusal::Replay => "replay",
            Refusal::NotStored => "not-stored",
            Refusal::NotFound => "not-found",
            Refusal::WrongMethod(_) => "wrong-method",
        }
    }

    fn message(&self) -> String {
        match self {
            Refusal::Off => "no event is taken: stores.yaml has no `secrets: { events: … }`".into(),
            Refusal::NoProof => {
                "show the secret as `Authorization: Bearer …`, or sign the body in `X-Bilateral-Signature`".into()
            }
            Refusal::WrongToken => "the bearer token is not the secret of stores.yaml".into(),
            Refusal::WrongSignature => {
                "the signature is not `sha256=` and the HMAC-SHA-256 of the body, in hexadecimal digits; with a timestamp, of \
                 `TIMESTAMP.BODY`"
                    .into()
            }
            Refusal::NoTimestamp => "`X-Bilateral-Timestamp` is no number of seconds since 1970".into(),
            Refusal::OldTimestamp => {
                "`X-Bilateral-Timestamp` is more than five minutes off: sign anew, and see that both clocks are right".into()
            }
            Refusal::UnknownEvent(name, known) if known.is_empty() => {
                format!("no trigger of the rules is on event `{name}`, or on any other")
            }
            Refusal::UnknownEvent(name, known) => {
                format!("no trigger of the rules is on event `{name}`; there is {}", known.join(", "))
            }
            Refusal::BadKey => "`Idempotency-Key` is 1 to 200 visible characters".into(),
            Refusal::NotJson(why) => format!("the body is not JSON: {why}"),
            Refusal::NotAnObject => "the body is JSON, but no object: send `{ … }`".into(),
            Refusal::TooLarge(limit) => format!("the body is larger than {limit} bytes"),
            Refusal::TooSlow => "the body did not arrive in time".into(),
            Refusal::CutOff => "the body was cut off".into(),
            Refusal::TooMany(seconds) => format!("too many events: wait {seconds} s, then send it again"),
            Refusal::Replay => {
                "this event was taken before: its key or its signature is known, and nothing was stored. An equal body is a new \
                 event with another `X-Bilateral-Timestamp`"
                    .into()
            }
            Refusal::NotStored => "the event could not be stored: send it again".into(),
            Refusal::NotFound => "there is nothing here: POST /events/NAME, GET /, /healthz, /readyz, /metrics".into(),
            Refusal::WrongMethod(allowed) => format!("only {allowed} is answered here"),
        }
    }
}

/// An answer for programs, on a line of its own for people.
pub fn json_line(status: StatusCode, body: &Json) -> Response {
    let mut response = Response::new(Body::from(format!("{body}\n")));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.code(), "message": self.message() });
        let mut response = json_line(self.status(), &body);
        let headers = response.headers_mut();
        match self {
            Refusal::NoProof | Refusal::WrongToken => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Refusal::TooMany(seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            Refusal::WrongMethod(allowed) => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
            }
            _ => {}
        }
        response
    }
}
