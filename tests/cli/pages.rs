//! Pages of examples: what they hold, and that text from logs is nothing but text on them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ::zalog::export::{Format, Settings};
use ::zalog::usage::{Example, Schema, Service};
use insta::assert_snapshot;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::json;

use crate::hostile::{NAMES, UNLOGGED_NAMES, VALUES, hostile_log};
use crate::zalog::{Run, fixture, zalog, zalog_with_input};

/// A log of one service, which is called once with a secret.
const LOG: &str = "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Request; \
    service:`zato.x.change-password`, data:`{'id': 1, 'password': '******'}` cid:`a`, \n\
    2018-11-11 22:01:57,125 - INFO - 1:Dummy-1 - zato_admin:0 - Response; \
    service:`zato.x.change-password`, data:`[{'id': 1}, {'id': None}, {'at': '2018-11-11'}]` cid:`a`, \n";

fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn hostile_pages(format: &str, folder: &Path) -> Run {
    let output = folder.to_str().unwrap();
    let arguments = ["examples", "-", "--format", format, "-o", output];
    let run = zalog_with_input(&arguments, hostile_log().as_bytes());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    run
}

#[test]
fn a_page_in_markdown_tells_all_of_a_service() {
    let run = zalog_with_input(&["examples", "-", "--format", "markdown"], LOG.as_bytes());
    assert_snapshot!(run.seen(), @r#"
    # Services

    1 service, 1 call in the logs.

    ## `x`

    | Service | What it does | Calls | Unanswered | Examples |
    |---|---|--:|--:|--:|
    | [`zato.x.change-password`](#zato.x.change-password) | changes | 1 | 0 | 1 |

    <a id="zato.x.change-password"></a>

    ## `zato.x.change-password`

    Changes the password of an object of the kind `x`. Called once in the logs, and always answered.

    ### Request

    JSON: object. Seen in 1 call.

    | Field | Type | Present | Notes |
    |---|---|---|---|
    | `id` | integer | always (1) |  |
    | `password` | string | always (1) | secret, masked |

    What was always sent is likely to be required.

    ### Response

    JSON: array of object. Seen in 1 call.

    | Field | Type | Present | Notes |
    |---|---|---|---|
    | `*.at` | string | 1 of 3 | date |
    | `*.id` | integer or null | 2 of 3 |  |

    ### Examples

    The code takes the user and the password from `$ZATO_USER` and `$ZATO_PASSWORD`.

    #### A short call

    Masked here, to be filled in before it runs: `password`

    **curl**

    ```bash
    # zato.x.change-password
    # Masked here, to be filled in before it runs: password
    curl --silent --show-error --fail-with-body --request POST \
      --user "$ZATO_USER:$ZATO_PASSWORD" \
      --header 'Content-Type: application/json' \
      --data-raw '{"id":1,"password":"******"}' \
      http://localhost:17010/zato/api/invoke/zato.x.change-password
    ```

    **Python**

    ```python
    import json
    import os

    from zato.client import APIClient  # pip install zato-client

    # zato.x.change-password
    # Masked here, to be filled in before it runs: password
    client = APIClient('http://localhost:17010', os.environ['ZATO_USER'], os.environ['ZATO_PASSWORD'])


    def invoke(service, request):
        try:
            response = client.invoke(service, request)
        except json.JSONDecodeError as answer:
            return answer.doc  # Text, or nothing at all.
        if not response.is_ok:
            raise SystemExit(response.details)
        return response.data


    request = {
        'id': 1,
        'password': '******',
    }
    print(invoke('zato.x.change-password', request))
    ```

    **Request**

    ```json
    {
      "id": 1,
      "password": "******"
    }
    ```

    **Response** (in part: `2 of 3 items`)

    ```json
    [
      {
        "id": 1
      },
      {
        "id": null
      }
    ]
    ```
    ------- exit status 0 -------
    "#);
}

#[test]
fn a_web_page_tells_all_of_a_service() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    let arguments = ["examples", "-", "--format", "html", "-o", output];
    assert_eq!(zalog_with_input(&arguments, LOG.as_bytes()).status, Some(0));
    let files = files(folder.path());
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["index.html", "zato.x.change-password.html"]);
    // The style, the script and their hashes have tests of their own.
    let body = |page: &str| {
        let start = page.find("<main").unwrap();
        let end = page.find("</main>").unwrap();
        page[start..end].replace("><", ">\n<")
    };
    assert_snapshot!(body(&files[0].1), @r##"
    <main id="content">
    <h1>Services</h1>
    <p class="counts">1 service, 1 call in the logs</p>
    <div>
    <div class="filter" hidden>
    <label for="filter">Filter</label>
    <input id="filter" type="search" placeholder="http-soap create" autocomplete="off" spellcheck="false">
    <span id="found" role="status">
    </span>
    </div>
    <section class="group">
    <h2>
    <code>x</code>
    </h2>
    <ul class="index">
    <li>
    <a href="zato.x.change-password.html">
    <code>zato.<wbr>x.<wbr>change-password</code>
    </a>
    <span class="facts">
    <span class="effect changes">changes</span> 1 call</span>
    </li>
    </ul>
    </section>
    </div>
    "##);
    assert_snapshot!(body(&files[1].1), @r##"
    <main id="content">
    <nav class="path" aria-label="All services">
    <a href="index.html">Services</a>
    </nav>
    <h1>
    <code>zato.<wbr>x.<wbr>change-password</code>
    </h1>
    <p class="purpose">Changes the password of an object of the kind <code>x</code>.</p>
    <p class="counts">
    <span class="effect changes">changes</span> Called once in the logs, and always answered.</p>
    <nav class="jump" aria-label="Parts of zato.x.change-password">
    <a href="#request">Request</a>
    <a href="#response">Response</a>
    <a href="#examples">Examples</a>
    </nav>
    <div class="columns">
    <div>
    <section id="request">
    <h2 class="side">Request</h2>
    <p class="hint">JSON: object. Seen in 1 call.</p>
    <table>
    <thead>
    <tr>
    <th scope="col">Field</th>
    <th scope="col">Type</th>
    <th scope="col">Present</th>
    </tr>
    </thead>
    <tbody>
    <tr>
    <th scope="row">
    <code>id</code>
    </th>
    <td>integer</td>
    <td>always (1)</td>
    </tr>
    <tr>
    <th scope="row">
    <code>password</code> <span class="secret">secret, masked</span>
    </th>
    <td>string</td>
    <td>always (1)</td>
    </tr>
    </tbody>
    </table>
    <p class="hint">What was always sent is likely to be required.</p>
    </section>
    <section id="response">
    <h2 class="side">Response</h2>
    <p class="hint">JSON: array of object. Seen in 1 call.</p>
    <table>
    <thead>
    <tr>
    <th scope="col">Field</th>
    <th scope="col">Type</th>
    <th scope="col">Present</th>
    </tr>
    </thead>
    <tbody>
    <tr>
    <th scope="row">
    <code>
    <span class="around">*.</span>
    <wbr>at</code>
    <span class="note">format <code>date</code>
    </span>
    </th>
    <td>string</td>
    <td>1 of 3</td>
    </tr>
    <tr>
    <th scope="row">
    <code>
    <span class="around">*.</span>
    <wbr>id</code>
    </th>
    <td>integer or null</td>
    <td>2 of 3</td>
    </tr>
    </tbody>
    </table>
    </section>
    </div>
    <section class="examples" id="examples">
    <h2 class="side">Examples</h2>
    <p class="hint">The code takes the user and the password from <code>$ZATO_USER</code> and <code>$ZATO_PASSWORD</code>.</p>
    <article id="example-1">
    <h3 class="kind">A short call</h3>
    <p class="masked">Masked here, to be filled in before it runs: <code>password</code>
    </p>
    <div class="tabs">
    <div class="code" id="example-1-code-1" data-label="curl">
    <p class="label">curl</p>
    <pre tabindex="0">
    <code data-language="bash"># zato.x.change-password
    # Masked here, to be filled in before it runs: password
    curl --silent --show-error --fail-with-body --request POST \
      --user &quot;$ZATO_USER:$ZATO_PASSWORD&quot; \
      --header 'Content-Type: application/json' \
      --data-raw '{&quot;id&quot;:1,&quot;password&quot;:&quot;******&quot;}' \
      http://localhost:17010/zato/api/invoke/zato.x.change-password
    </code>
    </pre>
    </div>
    <div class="code" id="example-1-code-2" data-label="Python">
    <p class="label">Python</p>
    <pre tabindex="0">
    <code data-language="python">import json
    import os

    from zato.client import APIClient  # pip install zato-client

    # zato.x.change-password
    # Masked here, to be filled in before it runs: password
    client = APIClient('http://localhost:17010', os.environ['ZATO_USER'], os.environ['ZATO_PASSWORD'])


    def invoke(service, request):
        try:
            response = client.invoke(service, request)
        except json.JSONDecodeError as answer:
            return answer.doc  # Text, or nothing at all.
        if not response.is_ok:
            raise SystemExit(response.details)
        return response.data


    request = {
        'id': 1,
        'password': '******',
    }
    print(invoke('zato.x.change-password', request))
    </code>
    </pre>
    </div>
    </div>
    <div class="code" id="example-1-request" data-label="Request">
    <p class="label">Request</p>
    <pre tabindex="0">
    <code data-language="json">{
      <span class="k">&quot;id&quot;</span>: <span class="v">1</span>,
      <span class="k">&quot;password&quot;</span>: <span class="s">&quot;******&quot;</span>
    }
    </code>
    </pre>
    </div>
    <div class="code" id="example-1-response" data-label="Response">
    <p class="label">Response<span class="cuts"> in part: 2 of 3 items</span>
    </p>
    <pre tabindex="0">
    <code data-language="json">[
      {
        <span class="k">&quot;id&quot;</span>: <span class="v">1</span>
      },
      {
        <span class="k">&quot;id&quot;</span>: <span class="v">null</span>
      }
    ]
    </code>
    </pre>
    </div>
    </article>
    </section>
    </div>
    "##);
}

#[test]
fn the_same_calls_give_the_same_pages() {
    let folder = fixture("3.2-live");
    let read = |name: &str| fs::read(format!("{folder}/{name}")).unwrap();
    let log = ["admin.log.2", "admin.log.1", "admin.log"]
        .map(read)
        .concat();
    for format in ["markdown", "html"] {
        let pages = |threads: &str| {
            let arguments = ["examples", "-", "--format", format, "--threads", threads];
            let run = zalog_with_input(&arguments, &log);
            assert_eq!(run.status, Some(0), "{}", run.stderr);
            run.stdout
        };
        let pages_of_files = zalog(&["examples", &folder, "--format", format]).stdout;
        assert!(pages_of_files.len() > 10_000);
        assert!(pages("1") == pages_of_files && pages("4") == pages_of_files);
    }
}

#[test]
fn every_service_has_a_page_that_the_index_leads_to() {
    for (format, ending) in [("markdown", "md"), ("html", "html")] {
        let folder = tempfile::tempdir().unwrap();
        hostile_pages(format, folder.path());
        let files = files(folder.path());
        assert_eq!(files.len(), NAMES.len() + 1);
        let index_name = format!("index.{ending}");
        let (_, index) = files.iter().find(|(name, _)| *name == index_name).unwrap();
        let mut led_to: BTreeSet<String> = addresses(format, index)
            .into_iter()
            .map(|address| {
                let decoded = percent_encoding::percent_decode_str(&address);
                decoded.decode_utf8().unwrap().into_owned()
            })
            .collect();
        led_to.insert(index_name.clone());
        let names: BTreeSet<String> = files.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(led_to, names);
        // No two of them are one file where case makes no difference.
        let folded: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(folded.len(), names.len());
    }
}

/// Where the links of an index lead.
fn addresses(format: &str, index: &str) -> Vec<String> {
    if format == "markdown" {
        let links = read_markdown(index).into_iter();
        return links
            .filter_map(|event| match event {
                Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.to_string()),
                _ => None,
            })
            .collect();
    }
    let links = index.split("<li><a href=\"").skip(1);
    links
        .map(|link| link.split('"').next().unwrap().to_owned())
        .collect()
}

fn read_markdown(text: &str) -> Vec<Event<'_>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    Parser::new_ext(text, options).collect()
}

#[test]
fn text_from_logs_is_text_in_markdown() {
    let folder = tempfile::tempdir().unwrap();
    hostile_pages("markdown", folder.path());
    let whole = zalog_with_input(
        &["examples", "-", "--format", "markdown"],
        hostile_log().as_bytes(),
    );
    is_text_in_markdown("whole", &whole.stdout);
    for (file, page) in files(folder.path()) {
        let Seen {
            headings,
            first_cells,
            blocks,
        } = is_text_in_markdown(&file, &page);
        if file == "index.md" {
            assert_eq!(set(&first_cells), set(&NAMES.map(shown)));
        } else {
            let values = VALUES.map(shown);
            assert!(
                set(&first_cells).is_superset(&set(&values)),
                "{first_cells:?}"
            );
            // curl, Python, request and response.
            assert_eq!(blocks, 4, "{file}");
            let expected = ["Request", "Response", "Examples", "A short call"];
            assert_eq!(headings[1..], expected, "{file}");
            let is_name = |name: &&str| shown(name) == headings[0];
            assert!(NAMES.iter().any(is_name), "{file}: {}", headings[0]);
        }
    }
}

#[test]
fn text_from_logs_stands_between_the_tags_of_web_pages() {
    let folder = tempfile::tempdir().unwrap();
    hostile_pages("html", folder.path());
    let whole = zalog_with_input(
        &["examples", "-", "--format", "html"],
        hostile_log().as_bytes(),
    );
    is_text_in_html("whole", &whole.stdout);
    for (file, page) in files(folder.path()) {
        is_text_in_html(&file, &page);
    }
}

#[test]
fn names_that_no_log_holds_are_text_as_well() {
    let service = |name: &str| Service {
        name: name.to_owned(),
        calls: 1,
        unanswered: 0,
        examples: vec![Example::of_call(
            name,
            json!({ name: name }),
            Some(json!(name)),
        )],
        request: Schema::default(),
        response: Schema::default(),
    };
    let services = UNLOGGED_NAMES.map(service);
    let settings = Settings {
        base_url: "http://h".to_owned(),
    };
    for file in Format::Markdown.files(&services, &settings) {
        let Seen {
            headings,
            first_cells,
            ..
        } = is_text_in_markdown(&file.path, &file.content);
        if file.path == "index.md" {
            assert_eq!(set(&first_cells), set(&UNLOGGED_NAMES.map(shown)));
        }
        if file.path != "index.md" {
            let is_name = |name: &&str| shown(name) == headings[0];
            assert!(UNLOGGED_NAMES.iter().any(is_name), "{headings:?}");
        }
    }
    is_text_in_markdown("whole", &Format::Markdown.text(&services, &settings));
    for file in Format::Html.files(&services, &settings) {
        is_text_in_html(&file.path, &file.content);
    }
    is_text_in_html("whole", &Format::Html.text(&services, &settings));
}

/// A name as a page shows it: what a terminal or a browser would obey is written as in JSON.
fn shown(name: &str) -> String {
    let chars = name.chars().map(|c| match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\0' | '\u{1b}' | '\u{202e}' | '\u{2066}' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    chars.collect()
}

fn set(texts: &[String]) -> BTreeSet<&str> {
    texts.iter().map(String::as_str).collect()
}

/// What a reader sees of a page.
#[derive(Default)]
pub(crate) struct Seen {
    headings: Vec<String>,
    /// The texts of the first cells of all rows but heads.
    first_cells: Vec<String>,
    /// How many blocks of code there are.
    blocks: usize,
}

/// Reads a page as its readers do. It must hold no tags but those of code and of anchors, no links
/// but to other pages, and no images.
#[track_caller]
pub(crate) fn is_text_in_markdown(name: &str, page: &str) -> Seen {
    let mut seen = Seen::default();
    let mut text = String::new();
    let mut cells = 0;
    for event in read_markdown(page) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let anchor = html
                    .strip_prefix("<a id=\"")
                    .and_then(|rest| rest.strip_suffix("\">"));
                let is_anchor = anchor.is_some_and(|anchor| !anchor.contains(['"', '<', '>', ' ']));
                let is_tag = ["<code>", "</code>", "</a>"].contains(&&*html);
                assert!(is_tag || is_anchor, "{name}: {html}");
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(!dest_url.contains([':', '/']), "{name}: {dest_url}");
            }
            Event::Start(Tag::Image { dest_url, .. }) => panic!("{name}: {dest_url}"),
            Event::Start(Tag::Heading { .. } | Tag::TableCell) => text.clear(),
            Event::End(TagEnd::Heading(_)) => seen.headings.push(text.clone()),
            Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
            Event::Start(Tag::CodeBlock(_)) => seen.blocks += 1,
            Event::End(TagEnd::TableCell) => {
                cells += 1;
                if cells == 1 {
                    seen.first_cells.push(text.clone());
                }
            }
            Event::End(TagEnd::TableHead) => {
                seen.first_cells.pop();
                cells = 0;
            }
            Event::End(TagEnd::TableRow) => cells = 0,
            _ => {}
        }
    }
    seen
}

/// A web page must hold one script, the style of all pages and its own, no tags of a log's, and no links but to other
/// pages.
#[track_caller]
fn is_text_in_html(name: &str, page: &str) {
    for (tag, count) in [
        ("<script", 1),
        ("<style", 2),
        ("<img", 0),
        ("<b>", 0),
        ("<svg", 0),
    ] {
        assert_eq!(page.matches(tag).count(), count, "{name}: {tag}");
    }
    for obeyed in ['\u{202e}', '\u{2066}', '\u{1b}', '\0'] {
        assert!(!page.contains(obeyed), "{name}: {obeyed:?}");
    }
    for link in page.split(" href=\"").skip(1) {
        let address = link.split('"').next().unwrap();
        let is_page = !address.contains([':', '/']);
        assert!(is_page || address == "data:,", "{name}: {address}");
    }
}

#[test]
fn secrets_are_masked_on_pages() {
    let log = "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Request; \
        service:`my.x.get`, data:`{'token': 'hunter2', 'id': 1}` cid:`a`, \n\
        2018-11-11 22:01:57,125 - INFO - 1:Dummy-1 - zato_admin:0 - Response; \
        service:`my.x.get`, data:`{'api_key': 'hunter2', 'a': 'amqp://u:hunter2@h'}` cid:`a`, \n"
        .repeat(10);
    for format in ["markdown", "html"] {
        let page = zalog_with_input(&["examples", "-", "--format", format], log.as_bytes()).stdout;
        assert!(!page.contains("hunter2"), "{page}");
        assert_eq!(page.matches("secret, masked").count(), 3, "{page}");
    }
}

#[test]
fn a_service_without_an_example_has_a_page() {
    let log = "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - Request; \
        service:`my.x.get`, data:`{'id': 1}` cid:`a`, \n";
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    for format in ["markdown", "html"] {
        let arguments = ["examples", "-", "--format", format, "-o", output];
        let run = zalog_with_input(&arguments, log.as_bytes());
        // There is no example in it.
        assert_eq!(run.status, Some(1));
    }
    let files = files(folder.path());
    assert_eq!(files.len(), 4);
    for (name, page) in &files {
        if name.starts_with("my") {
            assert!(page.contains("Called once in the logs, and never answered."));
            assert!(page.contains("None: no answered call of it can be read whole."));
        }
    }
}
