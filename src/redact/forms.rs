//! Finds secrets that are told by their form: private keys, credentials in URLs, and those of
//! `Authorization` headers wherever they stand.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;

use super::MASK;
use super::hints::Hints;

/// A private key, whole or cut off: in PEM (five dashes), as of SSH2 (RFC 4716: four dashes and a
/// space), or as PuTTY keeps it.
static PRIVATE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?is)-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-{4,5}.*?(?:-{4,5} ?END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-{4,5}|\z)|\bprivate-lines: .*?(?:private-mac: |\z)",
    )
});

/// The password in `scheme://user:password@host`; it may hold a slash or an `@` itself. JSON may
/// escape slashes, and the scheme may be left out.
static URL_PASSWORD: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"\\*/\\*/[^\s/:@"'<>]*:((?:[^\s"<]|<[^\s"/])+)@"#));

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
    LazyLock::new(|| regex(r#"(?i)\bbearer[\s:=]+\\*["'`]?([A-Za-z0-9._~+/=-]{8,})"#));

/// The credentials of HTTP Basic Auth, which are base64 of `user:password`.
static BASIC: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)\bbasic[\s:=]+\\*["'`]?([A-Za-z0-9+/]{4,}={0,2})"#));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and tested")
}

/// Adds where secrets stand that are told by their form.
pub(super) fn secrets_by_form(text: &str, hints: &Hints, secrets: &mut Vec<Range<usize>>) {
    if may_have_private_key(text, hints) {
        secrets.extend(PRIVATE_KEY.find_iter(text).map(|key| key.range()));
    }
    let patterns = [
        (hints.url, &URL_PASSWORD),
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
            STANDARD
                .decode(pair.as_str())
                .is_ok_and(|pair| pair.contains(&b':'))
        });
        secrets.extend(pairs.map(|pair| pair.range()));
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
        ["private ", "putty-user-"].iter().any(|word| {
            let end = before
                .len()
                .checked_sub(word.len())
                .map(|start| &before[start..]);
            end.is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
        })
    })
}
