//! Posting over HTTP.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::Url;
use reqwest::blocking::Client;
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use reqwest::redirect::Policy;

use super::{Answer, IDEMPOTENCY_KEY, Message, Poster, SIGNATURE, signature};

/// Until an answer has come whole.
const PATIENCE: Duration = Duration::from_secs(30);

const CONNECTS: Duration = Duration::from_secs(10);

/// Bytes of an answer that are told.
const TOLD: usize = 300;

/// Posts with the secret of `secrets.post` in stores.yaml. The secret is in no message and has no `Debug`.
pub struct Http {
    secret: Option<String>,
    client: OnceLock<Result<Client, String>>,
}

impl Http {
    pub fn new(secret: Option<String>) -> Http {
        Http {
            secret,
            client: OnceLock::new(),
        }
    }

    /// Made when it is first needed: most runs post nothing.
    fn client(&self) -> Result<&Client, &String> {
        let made = self.client.get_or_init(|| {
            // A second caller finds it installed, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            Client::builder()
                .timeout(PATIENCE)
                .connect_timeout(CONNECTS)
                // An answer that sends elsewhere is told, not followed: what is signed is for one receiver.
                .redirect(Policy::none())
                .build()
                .map_err(|error| error.to_string())
        });
        made.as_ref()
    }
}

impl Poster for Http {
    fn post(&self, message: &Message) -> Answer {
        let url = match Url::parse(&message.url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => url,
            Ok(url) => {
                return Answer::NotSent(format!(
                    "`{}` is no address to post to: it begins with http or https, not {}",
                    message.url,
                    url.scheme()
                ));
            }
            Err(error) => {
                return Answer::NotSent(format!("`{}` is no address: {error}", message.url));
            }
        };
        let client = match self.client() {
            Ok(client) => client,
            Err(error) => return Answer::NotSent(format!("nothing here can post: {error}")),
        };
        let mut request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("bilateral/", env!("CARGO_PKG_VERSION")))
            .header(IDEMPOTENCY_KEY, &message.key);
        if let Some(secret) = &self.secret {
            request = request.header(SIGNATURE, signature(secret, message.body.as_bytes()));
        }
        match request.body(message.body.clone()).send() {
            Ok(response) => {
                let status = response.status().as_u16();
                let text = match (200..=299).contains(&status) {
                    true => String::new(),
                    false => response.text().unwrap_or_default(),
                };
                Answer::Status(status, text.chars().take(TOLD).collect())
            }
            Err(error) => Answer::Unreachable(reason(&error)),
        }
    }
}

/// The innermost cause: what the outer ones say is known already.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_not_posted_to() {
        let post = |url: &str| {
            Http::new(None).post(&Message {
                url: url.into(),
                body: "{}".into(),
                key: "k".into(),
            })
        };
        for url in [
            "",
            "example.com/hook",
            "ftp://example.com",
            "file:///etc/passwd",
        ] {
            assert!(matches!(post(url), Answer::NotSent(_)), "{url}");
        }
    }
}
