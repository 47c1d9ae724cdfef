//! Who may post an event: those who know `secrets.events`, shown as a bearer token or by signing the body.
//!
//! A signature is the HMAC-SHA-256 of the body, or of `TIMESTAMP.BODY` where a timestamp is given: then a request that somebody
//! overheard is of no use after a few minutes.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::refusal::Refusal;
use crate::store::config::Secret;

/// How far the sender's clock may be off.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// What a request shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown<'r> {
    /// `Authorization`
    pub authorization: Option<&'r str>,
    /// `X-Bilateral-Signature`
    pub signature: Option<&'r str>,
    /// `X-Bilateral-Timestamp`
    pub timestamp: Option<&'r str>,
}

/// How a request was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    Token,
    /// In lower-case hexadecimal digits; the same one again is a replay.
    Signature(String),
}

/// What can be said before the body is read.
///
/// # Errors
/// Nothing is shown, or a token that is wrong.
pub fn before_body(secret: &Secret, shown: Shown<'_>) -> Result<(), Refusal> {
    if shown.signature.is_some() {
        return Ok(());
    }
    let Some(authorization) = shown.authorization else {
        return Err(Refusal::NoProof);
    };
    let token = authorization
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    match token {
        Some(token) if is_secret(secret, token) => Ok(()),
        _ => Err(Refusal::WrongToken),
    }
}

/// Of a request for which [`before_body`] had nothing to say.
///
/// # Errors
/// A signature that is none, is wrong, or too old.
pub fn proof(
    secret: &Secret,
    shown: Shown<'_>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Proof, Refusal> {
    let Some(signature) = shown.signature else {
        return Ok(Proof::Token);
    };
    let signature = signature.strip_prefix("sha256=").unwrap_or(signature);
    let bytes = from_hex(signature).ok_or(Refusal::WrongSignature)?;
    let mut mac = keyed(secret.expose().as_bytes())?;
    if let Some(timestamp) = shown.timestamp {
        let seconds: i64 = timestamp.parse().map_err(|_| Refusal::NoTimestamp)?;
        let at = DateTime::from_timestamp(seconds, 0).ok_or(Refusal::NoTimestamp)?;
        if (now - at).abs() > TOLERANCE {
            return Err(Refusal::OldTimestamp);
        }
        mac.update(timestamp.as_bytes());
        mac.update(b".");
    }
    mac.update(body);
    // Takes the same time wherever they differ.
    mac.verify_slice(&bytes)
        .map_err(|_| Refusal::WrongSignature)?;
    Ok(Proof::Signature(signature.to_ascii_lowercase()))
}

/// Takes the same time wherever the two differ: their digests are compared, not they.
fn is_secret(secret: &Secret, token: &str) -> bool {
    const KEY: &[u8] = b"bilateral: a token of the event endpoint";
    let digest = |text: &str| {
        let mut mac = keyed(KEY).ok()?;
        mac.update(text.as_bytes());
        Some(mac)
    };
    let (Some(known), Some(given)) = (digest(secret.expose()), digest(token)) else {
        return false;
    };
    given.verify_slice(&known.finalize().into_bytes()).is_ok()
}

fn keyed(key: &[u8]) -> Result<Hmac<Sha256>, Refusal> {
    Hmac::new_from_slice(key).map_err(|_| Refusal::WrongSignature)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::try_from(digit(&pair[0])? * 16 + digit(&pair[1])?).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::new("key")
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_717_243_200, 0).unwrap()
    }

    /// RFC 2104's example of HMAC-SHA-256 with the key "key".
    const FOX: &[u8] = b"The quick brown fox jumps over the lazy dog";
    const SIGNED: &str = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";

    fn signed<'s>(signature: &'s str, timestamp: Option<&'s str>) -> Shown<'s> {
        Shown {
            signature: Some(signature),
            timestamp,
            ..Shown::default()
        }
    }

    #[test]
    fn a_signature_is_the_hmac_of_the_body() {
        let proof_of = |shown: Shown<'_>, body: &[u8]| {
            before_body(&secret(), shown)?;
            proof(&secret(), shown, body, now())
        };
        let with_prefix = format!("sha256={SIGNED}");
        for text in [SIGNED, with_prefix.as_str(), &SIGNED.to_uppercase()] {
            assert_eq!(
                proof_of(signed(text, None), FOX),
                Ok(Proof::Signature(SIGNED.to_owned())),
                "{text}"
            );
        }
        assert_eq!(
            proof_of(signed(SIGNED, None), b"another body"),
            Err(Refusal::WrongSignature)
        );
        for text in ["", "sha256=", "f7bc", &"é".repeat(32), &"g".repeat(64)] {
            assert_eq!(
                proof_of(signed(text, None), FOX),
                Err(Refusal::WrongSignature),
                "{text}"
            );
        }
    }

    #[test]
    fn a_timestamp_is_signed_with_the_body_and_soon_over() {
        let mut mac = keyed(b"key").unwrap();
        mac.update(b"1717243200.{}");
        let bytes = mac.finalize().into_bytes();
        let signature: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let at = |timestamp: &str, later: i64| {
            let shown = signed(&signature, Some(timestamp));
            proof(&secret(), shown, b"{}", now() + TimeDelta::seconds(later))
        };
        assert!(at("1717243200", 0).is_ok());
        assert!(at("1717243200", 299).is_ok());
        assert!(at("1717243200", -299).is_ok());
        assert_eq!(at("1717243200", 301), Err(Refusal::OldTimestamp));
        assert_eq!(at("1717243200", -301), Err(Refusal::OldTimestamp));
        assert_eq!(at("1717243201", 0), Err(Refusal::WrongSignature));
        assert_eq!(at("yesterday", 0), Err(Refusal::NoTimestamp));
        assert_eq!(at("99999999999999999", 0), Err(Refusal::NoTimestamp));
    }

    #[test]
    fn a_token_is_the_secret_itself() {
        let shown = |authorization| Shown {
            authorization: Some(authorization),
            ..Shown::default()
        };
        assert_eq!(before_body(&secret(), shown("Bearer key")), Ok(()));
        assert_eq!(before_body(&secret(), shown("bearer  key ")), Ok(()));
        for wrong in ["Bearer kez", "Bearer ke", "Bearer ", "Basic key", "key", ""] {
            assert_eq!(
                before_body(&secret(), shown(wrong)),
                Err(Refusal::WrongToken),
                "{wrong}"
            );
        }
        assert_eq!(
            before_body(&secret(), Shown::default()),
            Err(Refusal::NoProof)
        );
    }
}
