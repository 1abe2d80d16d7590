//! Opens the web pages in a real browser.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::browser::{Browser, INJECTED};
use crate::hostile::{NAMES, hostile_log};
use crate::zalog::{fixture, zalog, zalog_with_input};

/// Writes the pages of a real log, and one page with all of them.
fn pages_of_4_1(folder: &Path) {
    let log = fixture("4.1-live");
    let arguments = ["examples", &log, "--format", "html"];
    let whole = zalog(&arguments);
    assert_eq!(whole.status, Some(0), "{}", whole.stderr);
    let run = zalog(&[&arguments[..], &["-o", folder.to_str().unwrap()]].concat());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    fs::write(folder.join("all services.html"), whole.stdout).unwrap();
}

fn url(folder: &Path, page: &str) -> String {
    let page = page.replace('%', "%25").replace(' ', "%20");
    format!("file://{}/{page}", folder.display())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Loads a page, which must be quiet, and fit a phone and a desktop.
#[track_caller]
fn is_well(browser: &mut Browser, url: &str) {
    for width in [360, 1280] {
        browser.resize(width);
        assert_eq!(browser.load(url), Vec::<String>::new(), "{url}");
        let is_wide = "document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.value(is_wide), json!(false), "{url} at {width}");
        let ids = "[...document.querySelectorAll('[id]')].map((element) => element.id)";
        let is_unique = format!("(ids => new Set(ids).size === ids.length)({ids})");
        assert_eq!(browser.value(&is_unique), json!(true), "{url}");
        let dead = "[...document.querySelectorAll('a[href^=\"#\"]')].filter((link) => \
            !document.getElementById(decodeURIComponent(link.hash.slice(1)))).length";
        assert_eq!(browser.value(dead), json!(0), "{url}");
    }
}

#[test]
fn pages_are_quiet_and_fit() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    pages_of_4_1(folder.path());
    let pages = names(folder.path());
    assert!(pages.len() > 40);
    for page in &pages {
        is_well(&mut browser, &url(folder.path(), page));
    }
}

#[test]
fn no_text_of_a_log_is_run() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().to_str().unwrap();
    let log = hostile_log();
    let arguments = ["examples", "-", "--format", "html"];
    zalog_with_input(&[&arguments[..], &["-o", output]].concat(), log.as_bytes());
    let whole = zalog_with_input(&arguments, log.as_bytes()).stdout;
    fs::write(folder.path().join("all services.html"), whole).unwrap();
    let pages = names(folder.path());
    assert_eq!(pages.len(), NAMES.len() + 2);
    for page in &pages {
        is_well(&mut browser, &url(folder.path(), page));
        let elements = "[document.scripts.length, document.images.length, \
            document.querySelectorAll('svg, b, iframe, object').length]";
        assert_eq!(browser.value(elements), json!([1, 0, 0]), "{page}");
    }
    // The policy holds even where the escaping would not.
    assert_eq!(browser.value(INJECTED), json!("none ran"));
}

#[test]
fn the_filter_leaves_what_fits() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    pages_of_4_1(folder.path());
    browser.load(&url(folder.path(), "index.html"));
    let seen = "[...document.querySelectorAll('.index a')].filter((link) => link.checkVisibility()).map((link) => link.textContent)";
    let all = browser.value(seen).as_array().unwrap().len();
    assert!(all > 40);
    browser.press("/");
    browser.call("Input.insertText", json!({"text": "EDIT basic"}));
    assert_eq!(
        browser.value(seen),
        json!(["zato.security.basic-auth.edit"])
    );
    let found = "document.getElementById('found').textContent";
    assert_eq!(browser.value(found), json!(format!("1 of {all}")));
    let headings = "[...document.querySelectorAll('h2')].filter((heading) => heading.checkVisibility()).length";
    assert_eq!(browser.value(headings), json!(1));
    browser.press("Escape");
    assert_eq!(browser.value(seen).as_array().unwrap().len(), all);
}

#[test]
fn a_link_leads_to_what_can_be_seen() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    pages_of_4_1(folder.path());
    browser.load(&url(folder.path(), "all services.html"));
    let seen = "const link = [...document.querySelectorAll('.index a')].at(-9); link.click(); \
        new Promise((done) => setTimeout(() => { \
            const heading = document.getElementById(link.hash.slice(1)).querySelector('h2'); \
            const {left, top} = heading.getBoundingClientRect(); \
            const there = document.elementFromPoint(left + 5, top + 5); \
            done([heading.contains(there), heading.textContent === link.textContent]); \
        }, 200))";
    assert_eq!(browser.value(seen), json!([true, true]));
}

#[test]
fn code_is_copied_as_it_is() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    pages_of_4_1(folder.path());
    let service = "zato.http-soap.delete";
    let page = url(folder.path(), &format!("{service}.html"));
    browser.load(&page);
    let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    browser.call("Browser.grantPermissions", permissions);
    browser.call(
        "Emulation.setFocusEmulationEnabled",
        json!({"enabled": true}),
    );
    for (format, label) in [("curl", "curl"), ("python", "Python")] {
        let log = fixture("4.1-live");
        let whole = zalog(&["examples", &log, "--format", format, "--service", service]).stdout;
        let (code, _) = whole.split_once("\n\n# Response").unwrap();
        let block = format!("document.querySelector('[data-label={label}]')");
        // The old way is for pages that are not from a safe origin.
        for way in [
            "",
            "Object.defineProperty(navigator, 'clipboard', {value: undefined});",
        ] {
            browser.load(&page);
            let copied = format!(
                "const {{clipboard}} = navigator; {way} {block}.querySelector('.copy').click(); \
                 new Promise((done) => setTimeout(() => clipboard.readText().then(done), 200))"
            );
            assert_eq!(browser.value(&copied), json!(format!("{code}\n")));
            let said = format!("{block}.querySelector('.copy').textContent");
            assert_eq!(browser.value(&said), json!("Copied"));
        }
    }
}

#[test]
fn a_language_is_chosen_by_the_keyboard_for_all_examples() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    pages_of_4_1(folder.path());
    browser.load(&url(folder.path(), "all services.html"));
    let seen = |browser: &mut Browser| {
        let seen = |label: &str| {
            format!(
                "[...document.querySelectorAll('[data-label={label}]')].filter((block) => block.checkVisibility()).length"
            )
        };
        let counts = browser.value(&format!("[{}, {}]", seen("curl"), seen("Python")));
        let count = |nth: usize| counts[nth].as_u64().unwrap();
        (count(0), count(1))
    };
    let (all, none) = seen(&mut browser);
    assert!(all > 40 && none == 0);
    browser.value("document.querySelector('[role=tab]').focus()");
    browser.press("ArrowRight");
    assert_eq!(seen(&mut browser), (0, all));
    let focused = "[document.activeElement.textContent, document.activeElement.ariaSelected]";
    assert_eq!(browser.value(focused), json!(["Python", "true"]));
    browser.press("ArrowRight");
    assert_eq!(seen(&mut browser), (all, 0));
    // On paper nothing can be chosen.
    browser.call("Emulation.setEmulatedMedia", json!({"media": "print"}));
    assert_eq!(seen(&mut browser), (all, all));
    let copy = "document.querySelector('.copy').checkVisibility()";
    assert_eq!(browser.value(copy), Value::Bool(false));
}
