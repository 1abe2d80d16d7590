//! Examples as Python programs that call the service with Zato's own client, `zato-client`.

use super::comment::{response, title};
use super::quote::{python_expression, python_string, url_segment};
use crate::usage::Example;

/// Returns an example as a Python program that runs as it is: it sends the request to `base_url`,
/// with Basic Auth taken from `$ZATO_USER` and `$ZATO_PASSWORD`, and prints what comes back. The
/// response that was logged stands below as a comment.
#[must_use]
pub fn python(example: &Example, base_url: &str) -> String {
    python_call(example, base_url) + "\n" + &response(example)
}

/// Returns the program of [`python`] without the response.
pub(super) fn python_call(example: &Example, base_url: &str) -> String {
    let start = python_start(&title(example), base_url);
    let service = python_service(&example.service);
    let request = python_expression(&example.request);
    format!("{start}\nrequest = {request}\nprint(invoke({service}, request))\n")
}

/// Returns what all programs start with, around `title`: the client of the server at `base_url`, and
/// a function that calls a service.
pub(super) fn python_start(title: &str, base_url: &str) -> String {
    let address = python_string(base_url.trim_end_matches('/'));
    // A comment in the first two lines could name an encoding, and change what all the others mean.
    format!(
        "import json\nimport os\n\n\
         from zato.client import APIClient  # pip install zato-client\n\n\
         {title}\
         client = APIClient({address}, os.environ['ZATO_USER'], os.environ['ZATO_PASSWORD'])\n\
         {INVOKE}"
    )
}

/// Returns the name of a service as `invoke` takes it: the client makes it a part of the URL as it
/// is.
pub(super) fn python_service(service: &str) -> String {
    python_string(&url_segment(service))
}

/// `zato-client` takes every answer for JSON. Zato 4.1 answers with nothing at all where a service
/// has nothing to say, and some services with text.
const INVOKE: &str = "

def invoke(service, request):
    try:
        response = client.invoke(service, request)
    except json.JSONDecodeError as answer:
        return answer.doc  # Text, or nothing at all.
    if not response.is_ok:
        raise SystemExit(response.details)
    return response.data

";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_program_calls_the_service() {
        let request = json!({"name": "it's", "password": "******", "tags": [1, null], "more": {}});
        let example = Example::of_call("zato.ping", request, None);
        insta::assert_snapshot!(python(&example, "http://h:1/"), @r"
        import json
        import os

        from zato.client import APIClient  # pip install zato-client

        # zato.ping
        # Masked here, to be filled in before it runs: password
        client = APIClient('http://h:1', os.environ['ZATO_USER'], os.environ['ZATO_PASSWORD'])


        def invoke(service, request):
            try:
                response = client.invoke(service, request)
            except json.JSONDecodeError as answer:
                return answer.doc  # Text, or nothing at all.
            if not response.is_ok:
                raise SystemExit(response.details)
            return response.data


        request = {
            'name': 'it\'s',
            'password': '******',
            'tags': [
                1,
                None,
            ],
            'more': {},
        }
        print(invoke('zato.ping', request))

        # The response is not in the log.
        ");
    }
}
