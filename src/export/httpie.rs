//! Examples as shell snippets that call the service with HTTPie.

use super::body::{Place, Snippet, body};
use super::comment::{response, title};
use super::quote::{here_document, service_url, shell_word};
use crate::usage::Example;

/// Returns an example as a POSIX shell script that runs as it is: it sends the request to
/// `base_url` with HTTPie's `http`, with Basic Auth taken from `$ZATO_USER` and `$ZATO_PASSWORD`.
/// The response stands below as a comment.
///
/// A long body belongs into a file of the name `body_file`, a plain file name beside the script;
/// without one it is fed to HTTPie by the script itself.
#[must_use]
pub fn httpie(example: &Example, base_url: &str, body_file: Option<&str>) -> Snippet {
    let url = service_url(base_url, &example.service);
    let (body, place) = body(example, body_file);
    let mut script = title(example);
    script.push_str("http --check-status --auth \"$ZATO_USER:$ZATO_PASSWORD\" \\\n");
    if place == Place::Inside {
        // Without a terminal HTTPie waits for a body on its standard input. An `=` keeps a body that
        // starts with a minus from being an option.
        script.extend(["  --ignore-stdin --raw=", &shell_word(&body), " \\\n"]);
    }
    script.extend([
        "  POST ",
        &shell_word(&url),
        " \\\n  Content-Type:application/json",
    ]);
    match place {
        Place::Inside => {}
        Place::Beside(name) => script.extend([" <\"$(dirname \"$0\")/", name, "\""]),
        Place::Below => script.push_str(&here_document(&body)),
    }
    script.push_str("\n\n");
    script.push_str(&response(example));
    let body = matches!(place, Place::Beside(_)).then_some(body);
    Snippet { script, body }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::body::LONGEST_ARGUMENT;
    use super::*;

    #[test]
    fn a_snippet_quotes_its_body() {
        let request = json!({"name": "it's $HOME", "password": "******"});
        let example = Example::of_call("zato.ping", request, Some(json!({"pong": "it's"})));
        insta::assert_snapshot!(httpie(&example, "http://h:1/", None).script, @r#"
        # zato.ping
        # Masked here, to be filled in before it runs: password
        http --check-status --auth "$ZATO_USER:$ZATO_PASSWORD" \
          --ignore-stdin --raw='{"name":"it'\''s $HOME","password":"******"}' \
          POST http://h:1/zato/api/invoke/zato.ping \
          Content-Type:application/json

        # Response:
        # {
        #   "pong": "it's"
        # }
        "#);
    }

    #[test]
    fn a_long_body_stands_beside_the_snippet_or_below_it() {
        let request = json!({"payload": "x".repeat(LONGEST_ARGUMENT)});
        let long = Example::of_call("zato.ping", request, None);
        let beside = httpie(&long, "http://h", Some("zato.ping.body.json"));
        assert!(
            beside
                .script
                .contains("json <\"$(dirname \"$0\")/zato.ping.body.json\"\n")
        );
        assert_eq!(beside.body.unwrap(), long.request.to_string());
        let below = httpie(&long, "http://h", None);
        assert!(below.script.contains("\nJSON\n"));
        assert!(!below.script.contains("--ignore-stdin"));
    }
}
