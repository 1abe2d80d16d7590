//! Finds secrets that are told by their form: private keys, credentials in URLs, and those of
//! `Authorization` headers wherever they stand.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Match, Regex};

use super::MASK;
use super::encoded::decoded;
use super::hints::Hints;
use super::pattern::regex;
use super::value::boundary_at;

/// A private key, whole or cut off at one end: in PEM (five dashes), as of SSH2 (RFC 4716: four dashes
/// and a space), in a form, or as `PuTTY` keeps it.
static PRIVATE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?is)-{4,5} ?BEGIN[A-Z0-9 +%]*PRIVATE(?: |\+|%20)KEY[A-Z +%0-9]*-{4,5}.*?(?:-{4,5} ?END[A-Z0-9 +%]*PRIVATE(?: |\+|%20)KEY[A-Z +%0-9]*-{4,5}|\z)|(?:[A-Z0-9+/=]{8,}(?:\s|\\n|%0A)+)+-{5}END[A-Z0-9 ]*PRIVATE KEY-{5}|\bprivate-lines: .*?(?:private-mac: |\z)",
    )
});

/// What stands before the password in `scheme://user:password@host`. JSON may escape slashes, and the
/// scheme may be left out.
static URL_USER: LazyLock<Regex> = LazyLock::new(|| regex(r#"\\*/\\*/[^\s/:"'<>\[]*:"#));

/// A port, where a password could stand.
static PORT: LazyLock<Regex> = LazyLock::new(|| regex(r"^\d{1,5}\\*/"));

/// The same where the scheme is that of a web server, whose URLs seldom have a password.
static WEB_PORT: LazyLock<Regex> = LazyLock::new(|| regex(r"^\d{1,5}\\*[/?#]"));

/// The end of such a scheme.
static WEB: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\b(?:https?|wss?):$"));

/// The password of `user:password@host:port`, of `user:password@tcp(host)/name`, and of
/// `oracle:thin:user/password@host`.
static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"\b([\w.-]+):(?:([^\s/"'<>]+)@[\w.-]+:\d|([^\s"'<>]+)@(?:tcp[46]?|udp|unix|cloudsql)\()|\boracle:\w+:[^\s/@"'<>]*/([^\s"'<>]+)@"#,
    )
});

/// What may be the start of a password where the text breaks off in a URL, and is no port.
static CUT_URL_PASSWORD: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"\\*/\\*/[^\s/:@"'<>]*:(\d*[^\s\d/?#@"<>][^\s@"<>]*)$"#));

/// The same in a URL that is percent-encoded, wholly or up to its host.
static ENCODED_URL_PASSWORD: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)%2F%2F[^\s/:@&"'<>]*?%3A([^\s@&"'<>]+)%40"#));

/// The token in `https://token@host`, as services for git take it, also with a password that is none.
static URL_TOKEN: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"https?:\\*/\\*/([^\s/:@"'<>]{8,})(?::(?:x-oauth-basic)?)?@"#));

/// A bearer token, wherever it stands.
static BEARER: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)\bbearer(?:[\s:=+]|%20)+\\*["'`]?([A-Za-z0-9._~+/=-]{8,})"#));

/// The credentials of HTTP Basic Auth, which are base64 of `user:password`.
static BASIC: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)\bbasic(?:[\s:=+]|%20)+\\*["'`]?([A-Za-z0-9+/_-]{4,}={0,2})"#));

/// Adds where secrets stand that are told by their form.
pub(super) fn secrets_by_form(text: &str, hints: &Hints, secrets: &mut Vec<Range<usize>>) {
    if may_have_private_key(text, hints) {
        secrets.extend(PRIVATE_KEY.find_iter(text).map(|key| key.range()));
    }
    if hints.url {
        passwords_of_urls(text, secrets);
        passwords_of_logins(text, secrets);
    }
    let patterns = [
        (hints.url, &ENCODED_URL_PASSWORD),
        (hints.url, &URL_TOKEN),
        (hints.bearer, &BEARER),
    ];
    for (_, pattern) in patterns.iter().filter(|(is_hinted, _)| *is_hinted) {
        let found = pattern.captures_iter(text).filter_map(|found| found.get(1));
        secrets.extend(found.map(|secret| secret.range()));
    }
    if hints.basic {
        let found = BASIC.captures_iter(text).filter_map(|found| found.get(1));
        let pairs = found.filter(|pair| {
            decoded(pair.as_str().as_bytes()).is_some_and(|pair| pair.contains(&b':'))
        });
        secrets.extend(pairs.map(|pair| pair.range()));
    }
}

/// The longest scheme that is looked at, in bytes.
const LONGEST_SCHEME: usize = 8;

/// Adds the passwords of URLs. One may hold a slash or an `@` itself: it goes up to the last `@` of
/// what no space and no quote ends.
fn passwords_of_urls(text: &str, secrets: &mut Vec<Range<usize>>) {
    let mut looked_at_up_to = 0;
    // The end of the run that was looked at last, and its last `@`.
    let (mut run, mut last_at) = (0, None);
    for user in URL_USER.find_iter(text) {
        let start = user.end();
        if start < looked_at_up_to {
            continue;
        }
        let scheme =
            &text[boundary_at(text, user.start().saturating_sub(LONGEST_SCHEME))..user.start()];
        let port = if WEB.is_match(scheme) {
            &WEB_PORT
        } else {
            &PORT
        };
        if port.is_match(&text[start..]) {
            continue;
        }
        if start >= run {
            let rest = &text[start..];
            let ends = |(at, c): (usize, char)| {
                c.is_whitespace() || c == '"' || (c == '<' && rest[at..].starts_with("</"))
            };
            let length = rest.char_indices().find(|&c| ends(c));
            run = start + length.map_or(rest.len(), |(at, _)| at);
            last_at = text[start..run].rfind('@').map(|at| start + at);
        }
        if let Some(end) = last_at.filter(|end| *end > start) {
            secrets.push(start..end);
            looked_at_up_to = end;
        }
    }
}

/// Adds the passwords of logins. What has an address behind another word, such as `sip:`, is none, nor
/// is the digest of an image.
fn passwords_of_logins(text: &str, secrets: &mut Vec<Range<usize>>) {
    let others = ["sip", "sips", "ssh", "mailto", "acct", "to", "cc", "from"];
    for found in LOGIN.captures_iter(text) {
        let is_other = |user: Match<'_>| {
            others
                .iter()
                .any(|other| user.as_str().eq_ignore_ascii_case(other))
        };
        if found.get(1).is_some_and(is_other) {
            continue;
        }
        let password = (2..found.len()).find_map(|group| found.get(group));
        let is_tag = |end: usize| text[end..].starts_with("@sha256:");
        secrets.extend(password.map(|it| it.range()).filter(|it| !is_tag(it.end)));
    }
}

/// Where the password starts that the end of a text cuts off.
pub(super) fn start_of_cut_password(text: &str) -> Option<usize> {
    let found = CUT_URL_PASSWORD.captures(text)?.get(1)?;
    (found.as_str() != MASK).then(|| found.start())
}

/// Whether `PRIVATE KEY` stands in the text, or `PuTTY-User-Key-File`.
fn may_have_private_key(text: &str, hints: &Hints) -> bool {
    hints.names.iter().any(|name| {
        let before = &text.as_bytes()[..name.start];
        ["private ", "private+", "private%20", "putty-user-"]
            .iter()
            .any(|word| {
                let end = before
                    .len()
                    .checked_sub(word.len())
                    .map(|start| &before[start..]);
                end.is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
            })
    })
}
