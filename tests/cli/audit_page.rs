//! `zalog audit --html`: what the page says without a script, and opened in a real browser.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::browser::{Browser, INJECTED};
use crate::hostile::{NAMES, hostile_log};
use crate::zalog::{fixture, zalog, zalog_with_input};

/// Writes the page of a log with other logs of its server.
#[track_caller]
fn page_of_4_1(folder: &Path) -> String {
    let path = folder.join("audit.html");
    let (log, access) = (fixture("4.1-live"), fixture("audit/access-4.1.log"));
    let run = zalog(&[
        "audit",
        &log,
        "--with",
        &access,
        "--with",
        &fixture("audit/server-4.1.log"),
        "--html",
        path.to_str().unwrap(),
    ]);
    assert_eq!((run.status, &*run.stdout), (Some(0), ""), "{}", run.stderr);
    assert_eq!(run.stderr, format!("wrote {}\n", path.display()));
    path.to_str().unwrap().to_owned()
}

/// A page with calls whose names and values are hostile, some of which change something.
fn hostile_page(folder: &Path) -> String {
    let mut log = hostile_log();
    let written: Vec<String> = NAMES
        .iter()
        .map(|name| {
            log.replace(
                &format!("service:`{name}`"),
                &format!("service:`{name}.create`"),
            )
        })
        .collect();
    log.extend(written);
    let page = zalog_with_input(&["audit", "-", "--html", "-"], log.as_bytes());
    assert_eq!(page.status, Some(0), "{}", page.stderr);
    let path = folder.join("hostile.html");
    fs::write(&path, page.stdout).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The data that a page gives its script.
#[track_caller]
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    let (data, _) = rest.split_once("</script>").unwrap();
    assert!(!data.contains('<'));
    serde_json::from_str(data).unwrap()
}

#[test]
fn the_page_says_what_the_report_says_without_a_script() {
    let folder = tempfile::tempdir().unwrap();
    let page = fs::read_to_string(page_of_4_1(folder.path())).unwrap();
    let report = zalog(&[
        "audit",
        &fixture("4.1-live"),
        "--with",
        &fixture("audit/access-4.1.log"),
        "--with",
        &fixture("audit/server-4.1.log"),
        "--format",
        "json",
    ]);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let changes = report["changes"].as_array().unwrap();
    let data = data(&page);
    assert_eq!(data["changes"].as_array().unwrap().len(), changes.len());
    let (body, _) = page.split_once("id=\"data\"").unwrap();
    assert_eq!(body.matches("<li><details>").count(), changes.len().min(50));
    for file in report["ledger"]["servers"][0]["files"].as_array().unwrap() {
        assert!(body.contains(file["sha256"].as_str().unwrap()));
    }
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    assert_eq!(
        body.matches("<ul class=\"findings\">").count(),
        body.matches("<article class=\"rule\">").count() + body.matches(" more</summary>").count()
    );
    for finding in findings {
        let line = &finding["evidence"][0]["line"];
        assert!(
            body.contains(&format!("admin.log:{line}</code>")),
            "{finding}"
        );
    }
    for caller in report["callers"].as_array().unwrap() {
        let calls: u64 = caller["services"]
            .as_object()
            .unwrap()
            .values()
            .map(|calls| calls.as_u64().unwrap())
            .sum();
        assert!(body.contains(&format!("data-label=\"Calls\" data-value=\"{calls}\"")));
    }
}

#[test]
fn every_call_is_in_the_chart_and_in_the_heatmap() {
    let folder = tempfile::tempdir().unwrap();
    let page = fs::read_to_string(page_of_4_1(folder.path())).unwrap();
    let stats = zalog(&["stats", &fixture("4.1-live"), "--format", "json"]);
    let stats: Value = serde_json::from_str(&stats.stdout).unwrap();
    let calls = stats["invocations"].as_u64().unwrap() - stats["rest_wrappers"].as_u64().unwrap();
    let data = data(&page);
    let counts = data["chart"]["counts"].as_array().unwrap();
    let counts = counts.iter().flat_map(|kind| kind.as_array().unwrap());
    assert_eq!(
        counts.map(|count| count.as_u64().unwrap()).sum::<u64>(),
        calls
    );
    assert!(page.contains(&format!("title=\"Mon 18:00: {calls}\"")));
}

#[test]
fn what_there_is_nothing_of_is_said_in_words() {
    let log = "2018-11-11 22:01:57,123 - INFO - 1:D - zato_admin:0 - hello\n";
    let page = zalog_with_input(&["audit", "-", "--html", "-"], log.as_bytes()).stdout;
    for words in [
        "No call with a time is in these logs.",
        "No rule has noticed anything.",
        "No call in these logs was to change anything.",
        "Every call in these logs was answered.",
        "No service was called.",
        "Nobody called.",
        "none that is unusual in this log",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nothing.html");
    fs::write(&path, page).unwrap();
    is_well(&mut browser, path.to_str().unwrap());
}

#[cfg(unix)]
#[test]
fn the_file_is_whole_and_private() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.html");
    fs::write(&path, "what was there").unwrap();
    page_of_4_1(folder.path());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .ends_with("</body></html>\n")
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn mistakes_are_named() {
    let log = fixture("4.1-live");
    for (arguments, expected) in [
        (vec!["--html"], "a value is required"),
        (
            vec!["--html", "x", "--format", "json"],
            "cannot be used with",
        ),
        (
            vec!["--html", "x", "--object", "http-soap/x"],
            "cannot be used with",
        ),
    ] {
        let run = zalog(&[&["audit", &log][..], &arguments].concat());
        assert_eq!(run.status, Some(2), "{arguments:?}");
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    assert_snapshot!(zalog(&["audit", &log, "--html", "/nowhere/to.html"]).seen(), @"
    ------- stderr -------
    error: failed to write /nowhere/to.html: No such file or directory (os error 2)
    ------- exit status 2 -------
    ");
    let folder = tempfile::tempdir().unwrap();
    let run = zalog(&["audit", &log, "--html", folder.path().to_str().unwrap()]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("Is a directory"), "{}", run.stderr);
}

/// Loads a page, which must be quiet, and fit a phone and a desktop.
#[track_caller]
fn is_well(browser: &mut Browser, path: &str) {
    for width in [360, 1280] {
        browser.resize(width);
        let url = format!("file://{path}");
        assert_eq!(browser.load(&url), Vec::<String>::new(), "{path}");
        let is_wide = "document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.value(is_wide), json!(false), "{path} at {width}");
        let ids = "[...document.querySelectorAll('[id]')].map((element) => element.id)";
        let is_unique = format!("(ids => new Set(ids).size === ids.length)({ids})");
        assert_eq!(browser.value(&is_unique), json!(true), "{path}");
    }
}

#[test]
fn the_page_is_quiet_and_fits() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    is_well(&mut browser, &page_of_4_1(folder.path()));
    // The chart is drawn: a canvas that is not of one colour.
    let drawn = "(canvas => new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, \
        canvas.width, canvas.height).data.buffer)).size > 3)(document.querySelector('#chart canvas'))";
    assert_eq!(browser.value(drawn), json!(true));
}

#[test]
fn the_script_shows_changes_as_the_page_does() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for path in [page_of_4_1(folder.path()), hostile_page(folder.path())] {
        let url = format!("file://{path}");
        let list = "document.getElementById('list').innerHTML";
        browser.call(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": true}),
        );
        browser.load(&url);
        let without = browser.value(list);
        browser.call(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": false}),
        );
        browser.load(&url);
        assert_eq!(browser.value(list), without, "{path}");
        assert!(without.as_str().unwrap().len() > 5_000);
    }
}

#[test]
fn no_text_of_a_log_is_run() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    is_well(&mut browser, &hostile_page(folder.path()));
    let elements = "[document.scripts.length, document.images.length, \
        document.querySelectorAll('svg, iframe, object').length]";
    assert_eq!(browser.value(elements), json!([3, 0, 0]));
    let texts = "document.body.innerText.includes('<script>alert(1)</script>')";
    assert_eq!(browser.value(texts), json!(true));
    // The policy holds even where the escaping would not.
    assert_eq!(browser.value(INJECTED), json!("none ran"));
}

#[test]
fn filters_leave_what_fits() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = page_of_4_1(folder.path());
    let data = data(&fs::read_to_string(&path).unwrap());
    let all = data["changes"].as_array().unwrap().len();
    browser.resize(1280);
    browser.load(&format!("file://{path}"));
    let shown = "document.getElementById('shown').textContent";
    let objects =
        "[...document.querySelectorAll('#list .object')].map((object) => object.textContent)";
    assert_eq!(
        browser.value(shown),
        json!(format!("{all} changes, 1 to 50 shown"))
    );
    browser.press("/");
    browser.call("Input.insertText", json!({"text": "SQL1B"}));
    let found = browser.value(objects);
    let found = found.as_array().unwrap();
    assert!(!found.is_empty() && found.len() < all);
    let is_sql = |object: &Value| object.as_str().unwrap().starts_with("outgoing.sql");
    assert!(found.iter().all(is_sql), "{found:?}");
    browser.press("Escape");
    let choose = |id: &str, value: &str| {
        format!(
            "document.getElementById('{id}').value = '{value}'; \
             document.getElementById('{id}').dispatchEvent(new Event('input', {{bubbles: true}}))"
        )
    };
    browser.value(&choose("action", "delete"));
    browser.value(&choose("outcome", "unanswered"));
    let actions = "[...document.querySelectorAll('#list .action')].map((action) => action.textContent + action.className)";
    let found = browser.value(actions);
    let found = found.as_array().unwrap();
    assert!(!found.is_empty());
    assert!(
        found.iter().all(|action| action == "deleteaction failed"),
        "{found:?}"
    );
    browser.value("document.getElementById('clear').click()");
    browser.value("new Promise((done) => setTimeout(done, 50))");
    assert_eq!(
        browser.value(shown),
        json!(format!("{all} changes, 1 to 50 shown"))
    );
    browser.value(&choose("from", "2026-11-23T18:16:20"));
    browser.value(&choose("to", "2026-11-23T18:16:20"));
    let times = "[...new Set([...document.querySelectorAll('#list .time')].map((time) => time.textContent))]";
    assert_eq!(browser.value(times), json!(["2026-11-23 18:16:20"]));
    browser.value(&choose("words", "nothing has this"));
    assert_eq!(
        browser.value(shown),
        json!(format!("None of {all} changes fits."))
    );
}

#[test]
fn a_part_of_the_chart_chooses_the_changes_of_its_time() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = page_of_4_1(folder.path());
    browser.resize(1280);
    browser.load(&format!("file://{path}"));
    let place = browser.value("document.getElementById('chart').scrollIntoView(); \
        (({left, top, width, height}) => ({left, top, width, height}))(document.querySelector('#chart .u-over').getBoundingClientRect())");
    let at = |part: f64| {
        json!({
            "x": place["left"].as_f64().unwrap() + place["width"].as_f64().unwrap() * part,
            "y": place["top"].as_f64().unwrap() + 50.0,
        })
    };
    let mut mouse = |kind: &str, part: f64| {
        let mut event = at(part);
        event["type"] = kind.into();
        event["button"] = "left".into();
        event["clickCount"] = 1.into();
        browser.call("Input.dispatchMouseEvent", event);
    };
    mouse("mouseMoved", 0.9);
    mouse("mousePressed", 0.9);
    mouse("mouseMoved", 0.94);
    mouse("mouseReleased", 0.94);
    browser.value("new Promise((done) => setTimeout(done, 100))");
    let chosen = browser.value("['from', 'to'].map((id) => document.getElementById(id).value)");
    let (from, to) = (chosen[0].as_str().unwrap(), chosen[1].as_str().unwrap());
    assert!(
        "2026-11-23T18:16" < from && from < to && to < "2026-11-23T18:17",
        "{chosen}"
    );
    let times = browser.value("[...document.querySelectorAll('#list .time')].map((time) => time.textContent.replace(' ', 'T'))");
    let times = times.as_array().unwrap();
    assert!(!times.is_empty());
    for time in times {
        let time = time.as_str().unwrap();
        assert!(from <= time && time <= to, "{time} is not in {chosen}");
    }
}

#[test]
fn changes_are_opened_and_turned_over_by_the_keyboard() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    browser.resize(1280);
    browser.load(&format!("file://{}", page_of_4_1(folder.path())));
    browser.value("document.querySelector('#list summary').focus()");
    let enter = json!({"type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"});
    browser.call("Input.dispatchKeyEvent", enter.clone());
    let seen = "document.querySelector('#list .diff').checkVisibility()";
    assert_eq!(browser.value(seen), json!(true));
    browser.value("document.getElementById('next').focus()");
    browser.call("Input.dispatchKeyEvent", enter);
    let shown = "document.getElementById('page').textContent";
    assert!(
        browser
            .value(shown)
            .as_str()
            .unwrap()
            .starts_with("Page 2 of ")
    );
    let focused = "document.activeElement === document.querySelector('#list summary')";
    assert_eq!(browser.value(focused), json!(true));
}

#[test]
fn what_is_printed_is_open() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = page_of_4_1(folder.path());
    let data = data(&fs::read_to_string(&path).unwrap());
    let all = data["changes"].as_array().unwrap().len();
    assert!(all > 50 && all <= 200);
    browser.resize(1280);
    browser.load(&format!("file://{path}"));
    let seen = "['', ':not([open])'].map((not) => document.querySelectorAll(`#list details${not}`).length)";
    for (event, expected) in [("beforeprint", [all, 0]), ("afterprint", [50, 50])] {
        browser.value(&format!("dispatchEvent(new Event('{event}'))"));
        assert_eq!(browser.value(seen), json!(expected), "{event}");
        let is_drawn = "document.querySelectorAll('#chart canvas').length";
        assert_eq!(browser.value(is_drawn), json!(1), "{event}");
    }
}

#[test]
fn services_are_sorted_by_any_column() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    browser.resize(1280);
    browser.load(&format!("file://{}", page_of_4_1(folder.path())));
    let click = |nth: usize| {
        format!(
            "document.querySelectorAll('#services .sort')[{nth}].click(); \
        [...document.querySelectorAll('#services tbody tr')].map((row) => row.cells[{nth}].dataset.value ?? row.cells[{nth}].textContent)"
        )
    };
    let names = browser.value(&click(0));
    let names: Vec<&str> = names
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert!(names.is_sorted() && names.len() > 30);
    for is_up in [false, true] {
        let longest = browser.value(&click(5));
        let longest = longest.as_array().unwrap().iter();
        let longest: Vec<u64> = longest
            .map(|ms| ms.as_str().unwrap().parse().unwrap())
            .collect();
        assert!(longest.is_sorted_by(|one, other| if is_up { one <= other } else { one >= other }));
    }
}
