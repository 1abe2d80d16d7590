//! A live server that is called.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ureq::Agent;

use super::{Recorded, Verdict};
use crate::export::service_url;
use crate::redact::mask_text;

/// No response is read further than so many bytes.
const LONGEST_BODY: u64 = 16 << 20;

/// So many characters of a response are repeated where it fails.
const LONGEST_REASON: usize = 200;

/// Who calls.
#[derive(Clone)]
pub struct Credentials {
    /// The name of HTTP Basic Auth.
    pub user: String,
    /// Its password.
    pub password: String,
}

/// A server of Zato.
pub struct Server {
    agent: Agent,
    base_url: String,
    authorization: String,
    timeout: Duration,
}

impl Server {
    /// Prepares for calls of the server at `base_url`, each of which may take `timeout`.
    #[must_use]
    pub fn new(base_url: &str, credentials: &Credentials, timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Another server was not asked for, and is not to get the password.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("zalog/", env!("CARGO_PKG_VERSION")))
            .build();
        let Credentials { user, password } = credentials;
        let authorization = STANDARD.encode(format!("{user}:{password}"));
        Self {
            agent: Agent::new_with_config(config),
            base_url: base_url.to_owned(),
            authorization: format!("Basic {authorization}"),
            timeout,
        }
    }

    /// Makes the call of an example, which may take no longer than `left`, and compares what comes
    /// back.
    #[must_use]
    pub fn verify(&self, example: &Recorded, left: Duration) -> Verdict {
        match self.call(example, self.timeout.min(left)) {
            Ok(body) => example.compare(&body),
            Err(reason) => Verdict::Fails(reason),
        }
    }

    /// Returns what comes back, or why nothing of use did.
    fn call(&self, example: &Recorded, timeout: Duration) -> Result<String, String> {
        let response = self
            .agent
            .post(service_url(&self.base_url, &example.service))
            .header("Authorization", &self.authorization)
            .content_type("application/json")
            .config()
            .timeout_global(Some(timeout))
            .build()
            .send(example.request.to_string());
        let mut response = response.map_err(|error| error.to_string())?;
        let body = response.body_mut().with_config().limit(LONGEST_BODY);
        let body = body.lossy_utf8(true).read_to_string();
        let status = response.status();
        let body = body.map_err(|error| format!("{status}: {error}"))?;
        if status.is_success() {
            Ok(body)
        } else {
            let body = mask_text(&body).unwrap_or(body);
            let start: String = body.trim().chars().take(LONGEST_REASON).collect();
            Err(format!("{status}: {start}")
                .trim_end_matches(": ")
                .to_owned())
        }
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Server")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
