//! Examples as shell snippets that call the service with curl.

use super::comment::{response, title};
use super::quote::{compact_json, shell_word, url_segment};
use crate::usage::Example;

/// A body up to this length in bytes is given as an argument. Linux takes 128 KiB an argument.
const LONGEST_ARGUMENT: usize = 100_000;

/// A snippet, and the body that is too long to stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The shell script.
    pub script: String,
    /// What belongs into the file that the script names.
    pub body: Option<String>,
}

/// Returns an example as a POSIX shell script that runs as it is: it sends the request to
/// `base_url`, with Basic Auth taken from `$ZATO_USER` and `$ZATO_PASSWORD`. The response stands
/// below as a comment.
///
/// A long body belongs into a file of the name `body_file`, a plain file name beside the script;
/// without one it is fed to curl by the script itself.
#[must_use]
pub fn curl(example: &Example, base_url: &str, body_file: Option<&str>) -> Snippet {
    let mut snippet = curl_call(example, base_url, body_file);
    snippet.script.push('\n');
    snippet.script.push_str(&response(example));
    snippet
}

/// Returns the script of [`curl`] without the response.
pub(super) fn curl_call(example: &Example, base_url: &str, body_file: Option<&str>) -> Snippet {
    let base_url = base_url.trim_end_matches('/');
    let url = format!(
        "{base_url}/zato/api/invoke/{}",
        url_segment(&example.service)
    );
    let body = compact_json(&example.request);
    let mut script = title(example);
    script.push_str("curl --silent --show-error --fail-with-body --request POST \\\n");
    if base_url.contains(['[', ']', '{', '}']) {
        // Brackets in the host, of an IPv6 address, are a pattern to curl otherwise.
        script.push_str("  --globoff \\\n");
    }
    script.push_str("  --user \"$ZATO_USER:$ZATO_PASSWORD\" \\\n");
    script.push_str("  --header 'Content-Type: application/json' \\\n");
    let is_short = body.len() <= LONGEST_ARGUMENT;
    let (data, here_document, file) = match body_file {
        // `--data` would take a leading `@` for a file's name. JSON escapes a NUL.
        _ if is_short => (format!("--data-raw {}", shell_word(&body)), None, None),
        Some(name) => (
            format!("--data-binary \"@$(dirname \"$0\")/{name}\""),
            None,
            Some(body),
        ),
        None => ("--data-binary @-".to_owned(), Some(body), None),
    };
    script.extend(["  ", &data, " \\\n  ", &shell_word(&url)]);
    if let Some(body) = here_document {
        // JSON in one line is never equal to the delimiter.
        script.extend([" <<'JSON'\n", &body, "\nJSON"]);
    }
    script.push('\n');
    Snippet { script, body: file }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn example(request: Value) -> Example {
        Example::of_call("zato.ping", request, Some(json!({"pong": "it's"})))
    }

    #[test]
    fn a_snippet_quotes_its_body() {
        let snippet = curl(
            &example(json!({"name": "it's $HOME `x` !"})),
            "http://h:1/",
            None,
        );
        insta::assert_snapshot!(snippet.script, @r#"
        # zato.ping
        curl --silent --show-error --fail-with-body --request POST \
          --user "$ZATO_USER:$ZATO_PASSWORD" \
          --header 'Content-Type: application/json' \
          --data-raw '{"name":"it'\''s $HOME `x` !"}' \
          http://h:1/zato/api/invoke/zato.ping

        # Response:
        # {
        #   "pong": "it's"
        # }
        "#);
    }

    #[test]
    fn a_long_body_stands_beside_the_snippet_or_below_it() {
        let long = example(json!({"payload": "x".repeat(LONGEST_ARGUMENT)}));
        let beside = curl(&long, "http://[::1]:1", Some("zato.ping.json"));
        assert!(
            beside
                .script
                .contains("--data-binary \"@$(dirname \"$0\")/zato.ping.json\"")
        );
        assert!(beside.script.contains("--globoff"));
        assert_eq!(beside.body.unwrap(), long.request.to_string());
        let below = curl(&long, "http://h", None);
        assert!(below.script.contains("--data-binary @- \\\n"));
        assert!(below.script.contains("\nJSON\n"));
        assert_eq!(below.body, None);
    }
}
