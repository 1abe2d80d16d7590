//! A chain of calls as a shell script with curl and jq.

use super::{Found, standing, step_title, title};
use crate::export::quote::{jq_path, jq_steps, jq_string, shell_json, shell_word, url_segment};
use crate::usage::{Conversion, Place, Recipe, Variable};

/// What all scripts do, behind the URL of the server. A shell function that is called within `$(…)`
/// can end only itself, and `set -e` ends the script where that has failed.
const FUNCTIONS: &str = r#"
for tool in curl jq; do
  command -v "$tool" >/dev/null || {
    printf 'this script needs %s\n' "$tool" >&2
    exit 1
  }
done

# Calls a service with a request in JSON. What it answers is in $response.
call() {
  response=$(curl --silent --show-error --fail-with-body --globoff --request POST \
    --user "$ZATO_USER:$ZATO_PASSWORD" \
    --header 'Content-Type: application/json' \
    --data-raw "$2" \
    "$base_url/zato/api/invoke/$1") || {
    printf '%s\n' "$response" >&2
    exit 1
  }
}

# Takes a value out of $response, as JSON.
value_of() {
  printf '%s' "$response" | jq --compact-output --exit-status "$1" || {
    printf 'the response has no such value: %s\n' "$1" >&2
    exit 1
  }
}
"#;

/// Returns a chain of calls as a script for any POSIX shell. It calls the server at `base_url` with
/// curl, with Basic Auth taken from `$ZATO_USER` and `$ZATO_PASSWORD`, takes what flows from one call
/// to the next out of the responses with jq, and prints the last response.
#[must_use]
pub fn recipe_in_shell(recipe: &Recipe, base_url: &str) -> String {
    let base_url = shell_word(base_url.trim_end_matches('/'));
    let mut script = format!(
        "#!/bin/sh\n{}# It needs curl and jq, and the variables ZATO_USER and ZATO_PASSWORD.\n\
         set -eu\n\nbase_url={base_url}\n{FUNCTIONS}",
        title(recipe)
    );
    for (nth, step) in recipe.steps.iter().enumerate() {
        script.extend(["\n", &step_title(step)]);
        let service = url_segment(&step.service);
        let body = shell_json(&step.request, &standing(recipe, step));
        script.extend(["call ", &shell_word(&service), " ", &body, "\n"]);
        for variable in &recipe.variables {
            if variable.step == nth {
                script.push_str(&assignment(variable));
            }
        }
    }
    script.push_str("\nprintf '%s\\n' \"$response\"\n");
    script
}

fn assignment(variable: &Variable) -> String {
    let found = Found::of(variable);
    let conversion = match variable.conversion {
        None => "",
        Some(Conversion::ToText) => " | tostring",
        Some(Conversion::ToNumber) => " | tonumber",
    };
    let program = match (found.list, found.by) {
        (None, _) => jq_path(found.rest),
        (Some(list), None) => format!("{}[0]{}", jq_path(list), jq_steps(found.rest)),
        (Some(list), Some((key, text))) => {
            let list = match list {
                [] => String::new(),
                list => format!("{} | ", jq_path(list)),
            };
            let key = jq_path(&[Place::Key(key.to_owned())]);
            let (text, rest) = (jq_string(text), jq_steps(found.rest));
            format!("{list}map(select({key} == {text}))[0]{rest}")
        }
    };
    format!(
        "{}{}=$(value_of {})\n",
        found.comment(),
        variable.name,
        shell_word(&format!("{program}{conversion}"))
    )
}
