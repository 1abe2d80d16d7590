//! Examples as shell snippets that call the service with curl.

use super::body::{Place, Snippet, body};
use super::comment::{response, title};
use super::quote::{here_document, service_url, shell_word};
use crate::usage::Example;

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
    let url = service_url(base_url, &example.service);
    let (body, place) = body(example, body_file);
    let mut script = title(example);
    script.push_str("curl --silent --show-error --fail-with-body --request POST \\\n");
    if base_url.contains(['[', ']', '{', '}']) {
        // Brackets in the host, of an IPv6 address, are a pattern to curl otherwise.
        script.push_str("  --globoff \\\n");
    }
    script.push_str("  --user \"$ZATO_USER:$ZATO_PASSWORD\" \\\n");
    script.push_str("  --header 'Content-Type: application/json' \\\n");
    let data = match place {
        // `--data` would take a leading `@` for a file's name. JSON escapes a NUL.
        Place::Inside => format!("--data-raw {}", shell_word(&body)),
        Place::Beside(name) => format!("--data-binary \"@$(dirname \"$0\")/{name}\""),
        Place::Below => "--data-binary @-".to_owned(),
    };
    script.extend(["  ", &data, " \\\n  ", &shell_word(&url)]);
    if place == Place::Below {
        script.push_str(&here_document(&body));
    }
    script.push('\n');
    let body = matches!(place, Place::Beside(_)).then_some(body);
    Snippet { script, body }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::body::LONGEST_ARGUMENT;
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
