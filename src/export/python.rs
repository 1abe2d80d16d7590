//! Examples as Python programs that call the service with Zato's own client, `zato-client`.

use super::comment::{response, title};
use super::quote::{needs_json, python_expression, python_string, url_segment};
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
    let address = python_string(base_url.trim_end_matches('/'));
    // The client makes the service's name a part of the URL as it is.
    let service = python_string(&url_segment(&example.service));
    let request = python_expression(&example.request);
    let import_json = if needs_json(&example.request) {
        "import json\n"
    } else {
        ""
    };
    let title = title(example);
    // A comment in the first two lines could name an encoding, and change what all the others mean.
    format!(
        "{import_json}import os\n\n\
         from zato.client import APIClient  # pip install zato-client\n\n\
         {title}\
         client = APIClient({address}, os.environ['ZATO_USER'], os.environ['ZATO_PASSWORD'])\n\
         request = {request}\n\
         response = client.invoke({service}, request)\n\
         if not response.is_ok:\n    \
             raise SystemExit(response.details)\n\
         print(response.data)\n"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_program_calls_the_service() {
        let request = json!({"name": "it's", "password": "******", "tags": [1, null], "more": {}});
        let example = Example::of_call("zato.ping", request, None);
        insta::assert_snapshot!(python(&example, "http://h:1/"), @r"
        import os

        from zato.client import APIClient  # pip install zato-client

        # zato.ping
        # Masked here, to be filled in before it runs: password
        client = APIClient('http://h:1', os.environ['ZATO_USER'], os.environ['ZATO_PASSWORD'])
        request = {
            'name': 'it\'s',
            'password': '******',
            'tags': [
                1,
                None,
            ],
            'more': {},
        }
        response = client.invoke('zato.ping', request)
        if not response.is_ok:
            raise SystemExit(response.details)
        print(response.data)

        # The response is not in the log.
        ");
    }
}
