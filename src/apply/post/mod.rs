//! External actions: a JSON body is posted to another system, signed, and never again once that system has taken it (language
//! reference, section 8).

mod http;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub use http::Http;

use crate::plan::{Operation, To, Unit};
use crate::program::Program;
use crate::store::RecordError;
use crate::value::to_json;

/// The header that carries the signature of the body, `sha256=` and its HMAC-SHA-256 in hexadecimal digits.
pub const SIGNATURE: &str = "X-Bilateral-Signature";

/// The header that is the same for every attempt of one action, so that a receiver can tell a repetition.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// What is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub url: String,
    /// JSON.
    pub body: String,
    /// The [`IDEMPOTENCY_KEY`].
    pub key: String,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP status, with the beginning of the answer's text.
    Status(u16, String),
    /// No answer came: refused, timed out, no such host.
    Unreachable(String),
    /// It was not sent: the address is none, or nothing here can post.
    NotSent(String),
}

/// The way out of here.
pub trait Poster: Send + Sync {
    fn post(&self, message: &Message) -> Answer;
}

/// `sha256=…` of a body.
pub fn signature(secret: &str, body: &[u8]) -> String {
    // An HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

/// The message of an action of a firing.
pub fn message(program: &Program, unit: &Unit, operation: &Operation) -> Message {
    let trigger = &program[unit.relationship].name;
    let (key, place) = unit
        .step
        .as_ref()
        .map_or(("", 0), |s| (s.key.as_str(), s.action));
    let mut hasher = Sha256::new();
    for part in [program.name.as_str(), trigger, key] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(place.to_le_bytes());
    Message {
        url: operation.object.to_string(),
        body: body(operation),
        key: hex(&hasher.finalize()[..16]),
    }
}

/// The members in the order of the rule.
fn body(operation: &Operation) -> String {
    let members: Vec<String> = operation
        .changes
        .iter()
        .map(|change| {
            let name = serde_json::Value::from(change.field.as_str());
            let value = match &change.to {
                To::Value(value) => to_json(value),
                _ => serde_json::Value::Null,
            };
            format!("{name}:{value}")
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

/// Why the answer is no success, if it is none: of a kind that passes, or not.
pub fn refusal(answer: &Answer) -> Option<RecordError> {
    let error = |code: String, message: String, transient: bool| RecordError {
        code,
        message,
        field: None,
        transient,
    };
    match answer {
        Answer::Status(200..=299, _) => None,
        Answer::Status(status, text) => {
            let text = text.trim();
            let said = match text.is_empty() {
                true => String::new(),
                false => format!(": {text}"),
            };
            let passes = matches!(status, 408 | 425 | 429 | 500..=599);
            Some(error(
                format!("HTTP {status}"),
                format!("the receiver answered {status}{said}"),
                passes,
            ))
        }
        Answer::Unreachable(why) => Some(error(
            "UNREACHABLE".to_string(),
            format!("the receiver did not answer: {why}"),
            true,
        )),
        Answer::NotSent(why) => Some(error("NOT_SENT".to_string(), why.clone(), false)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_known_one() {
        // RFC 4231, test case 2.
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn what_passes_is_tried_again_and_nothing_else() {
        let passes = |status| refusal(&Answer::Status(status, String::new())).map(|e| e.transient);
        for status in [200, 201, 202, 204] {
            assert_eq!(passes(status), None, "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert_eq!(passes(status), Some(true), "{status}");
        }
        for status in [301, 302, 400, 401, 403, 404, 409, 410, 422] {
            assert_eq!(passes(status), Some(false), "{status}");
        }
        assert!(refusal(&Answer::Unreachable("timed out".into())).is_some_and(|e| e.transient));
        assert!(refusal(&Answer::NotSent("no address".into())).is_some_and(|e| !e.transient));
    }
}
