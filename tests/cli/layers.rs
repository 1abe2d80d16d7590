//! Holds the direction in which data flows: a module imports only from those before it.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of the data.
const ORDER: [&str; 13] = [
    "pyrepr",
    "source",
    "entry",
    "invocation",
    "redact",
    "view",
    "query",
    "usage",
    "audit",
    "search",
    "export",
    "verify",
    "cli",
];

/// Words that only one module may use.
const OWNED: [(&str, &[&str]); 11] = [
    ("std::fs", &["source", "search", "cli"]),
    ("unsafe {", &["source"]),
    ("memmap2::", &["source"]),
    ("tantivy::", &["search"]),
    ("saphyr_parser::", &["export"]),
    ("ureq::", &["verify"]),
    ("maud::", &["export"]),
    ("sha2::", &["audit", "export"]),
    ("clap::", &["cli"]),
    ("anyhow::", &["cli"]),
    ("indicatif::", &["cli"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn module_sources() -> impl Iterator<Item = (usize, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    ORDER.iter().enumerate().flat_map(move |(place, module)| {
        let folder = src.join(module);
        assert!(
            folder.is_dir(),
            "src/{module} is gone: change ORDER with it"
        );
        sources(&folder).into_iter().map(move |path| {
            let text = fs::read_to_string(&path).unwrap();
            (place, path.display().to_string(), text)
        })
    })
}

#[test]
fn every_module_has_its_place() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            ORDER.contains(&name) || ["lib", "main"].contains(&name),
            "{name} has no place"
        );
    }
}

#[test]
fn imports_go_one_way() {
    for (place, path, text) in module_sources() {
        for later in &ORDER[place + 1..] {
            assert!(
                !text.contains(&format!("crate::{later}")),
                "{path} imports `{later}`"
            );
        }
        if ["pyrepr", "source"].contains(&ORDER[place]) {
            let imports = text.matches("crate::").count();
            let own = text.matches(&format!("crate::{}", ORDER[place])).count();
            assert_eq!(imports, own, "{path} must know nothing of ours");
        }
    }
}

#[test]
fn each_tool_has_one_owner() {
    for (place, path, text) in module_sources() {
        if path.ends_with("tests.rs") {
            // Tests read fixtures.
            continue;
        }
        for (word, owners) in OWNED {
            assert!(
                !text.contains(word) || owners.contains(&ORDER[place]),
                "{path} uses `{word}`"
            );
        }
    }
}

#[test]
fn one_file_writes_web_pages_without_escapes() {
    for (_, path, text) in module_sources() {
        assert!(
            !text.contains("PreEscaped") || path.ends_with("html/frame.rs"),
            "{path} writes text as it is"
        );
    }
}

#[test]
fn only_the_command_line_prints_or_exits() {
    for (place, path, text) in module_sources() {
        for word in [
            "println!",
            "eprintln!",
            "process::exit",
            "io::stdout",
            "io::stderr",
        ] {
            assert!(
                !text.contains(word) || ORDER[place] == "cli",
                "{path} uses `{word}`"
            );
        }
    }
}
