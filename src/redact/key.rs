//! Tells by its name whether a key holds a secret.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::hints::may_name_secret;

/// What a secret's key has in its name, in lower case and without separators.
const SECRETS: [&str; 42] = [
    "accountkey",
    "appkey",
    "authkey",
    "functionskey",
    "hmackey",
    "masterkey",
    "passcode",
    "passkey",
    "pemkey",
    "privkey",
    "rsakey",
    "sharedkey",
    "sslkey",
    "storagekey",
    "subscriptionkey",
    "jwt",
    "cookie",
    "signingkey",
    "sshkey",
    "passw",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "authdata",
    "totpkey",
    "privatekey",
    "accesskey",
    "encryptionkey",
    "decryptionkey",
    "clientkey",
    "consumerkey",
    "cryptokey",
    "fernetkey",
    "tlskey",
    "serverkey",
    "resetkey",
    "credential",
    "creds",
    "authheader",
    "authorization",
];

/// Looks for all of [`SECRETS`] at once: one after the other they took 4 % of `zalog parse`.
static NAMED_SECRETS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .build(SECRETS)
        .expect("the names are fixed and few")
});

/// Names that hold one of [`SECRETS`] and no secret.
const HARMLESS: [&str; 9] = [
    "passwordtype",
    "passwordexpiry",
    "passwordmustchange",
    "tokenttl",
    "isstatictoken",
    "rejectstaletokens",
    "maxtokens",
    "accesscontrolallowcredentials",
    "passwordexpr",
];

/// How names end that tell something of a secret, but not the secret.
const KINDS: [&str; 29] = [
    "repository",
    "file",
    "path",
    "type",
    "ttl",
    "expiry",
    "isset",
    "lastset",
    "waittime",
    "field",
    "count",
    "url",
    "endpoint",
    "policy",
    "length",
    "expires",
    "expiresin",
    "required",
    "name",
    "algorithm",
    "issuer",
    "audience",
    "domain",
    "maxage",
    "minlen",
    "maxlen",
    "expiresat",
    "regex",
    "label",
];

/// First words of what services do with secrets: `zato.crypto.generate-secret`. Others, such as
/// `zato.x.secret-key`, are names of settings.
const ACTS: [&str; 14] = [
    "change",
    "check",
    "create",
    "delete",
    "edit",
    "generate",
    "get",
    "hash",
    "reset",
    "set",
    "single",
    "unregister",
    "update",
    "verify",
];

/// The longest name in bytes that is looked at letter by letter: a longer one is no name of a
/// field, and what it holds is masked as text.
const LONGEST: usize = 256;

/// Whether what stands under this key is a secret.
///
/// Spelling does not matter: `apiKey`, `API-Key` and `api_key` are one.
///
/// ```
/// assert!(zalog::redact::is_secret("tls_pem_passphrase"));
/// assert!(!zalog::redact::is_secret("routing_key"));
/// ```
#[must_use]
pub fn is_secret(key: &str) -> bool {
    holds(key) == Holds::Secret
}

/// Whether a name is that of one of Zato's services, such as `zato.security.jwt.change-password`: its
/// last part is what it does, and no field.
fn is_service(key: &str) -> bool {
    let mut parts = key.rsplit('.');
    let verb = parts.next().unwrap_or_default();
    let acts = || {
        let words = verb.split_once('-');
        words.is_some_and(|(first, last)| ACTS.contains(&first) || last == "reset")
    };
    key.starts_with("zato.") && parts.count() > 1 && (acts() || holds(verb) == Holds::Other)
}

/// What stands under a key, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Secret,
    /// The dict or list of an envelope whose service is named after a secret, which tells none:
    /// `zato_security_basic_auth_change_password_response`. A text there is no envelope's.
    Envelope,
    /// A name and a password, if it is a list of two texts: `basic_auth`.
    Login,
    Other,
}

/// Whether a name ends with `pass`, and not with another word that does.
fn ends_with_pass(name: &str) -> bool {
    let others = ["bypass", "compass", "overpass"];
    name.ends_with("pass") && !others.iter().any(|other| name.ends_with(other))
}

/// Whether a key is that of a session of Zato's SSO, which lets its owner in: `ust`, `current_ust`.
#[inline]
pub(super) fn is_session(key: &str) -> bool {
    match key.as_bytes() {
        [before @ .., b'u' | b'U', b's' | b'S', b't' | b'T'] => {
            matches!(before, [] | [.., b'_' | b'-' | b'.'])
        }
        _ => false,
    }
}

/// Tells what stands under a key.
pub(super) fn holds(key: &str) -> Holds {
    // Most keys have no hint. Other scripts have letters that turn into ASCII in lower case.
    if is_session(key) {
        return Holds::Secret;
    }
    if key.len() > LONGEST || (key.is_ascii() && !may_name_secret(key)) {
        return Holds::Other;
    }
    let mut buffer = [0; LONGEST];
    let mut length = 0;
    let lowered: String;
    let name = if key.is_ascii() {
        for byte in key.bytes().filter(u8::is_ascii_alphanumeric) {
            buffer[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        std::str::from_utf8(&buffer[..length]).unwrap_or_default()
    } else {
        lowered = key
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        &lowered
    };
    let without_number = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if without_number.ends_with("pw") || ends_with_pass(without_number) {
        return Holds::Secret;
    }
    if without_number.ends_with("auth") && !NAMED_SECRETS.is_match(name) {
        return Holds::Login;
    }
    if !NAMED_SECRETS.is_match(name) {
        return Holds::Other;
    }
    if name.starts_with("zato") && (name.ends_with("response") || name.ends_with("request")) {
        return Holds::Envelope;
    }
    if is_service(key) {
        return Holds::Other;
    }
    // Their last letters tell most of them apart.
    let last = name.as_bytes().last();
    let is_kind = |kind: &&str| kind.as_bytes().last() == last && name.ends_with(*kind);
    let is_kind = KINDS.iter().any(is_kind);
    if is_kind || HARMLESS.contains(&name) {
        return Holds::Other;
    }
    Holds::Secret
}
