//! Runs the commands of the README and compares what they print with what it says.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A command of the README with what is printed below it.
struct Step {
    command: String,
    expected: Vec<String>,
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```").expect("a block that ends");
        for line in block.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => {
                    steps.push(Step {
                        command: command.to_owned(),
                        expected: Vec::new(),
                    });
                }
                None => steps.last_mut().unwrap().expected.push(line.to_owned()),
            }
        }
    }
    steps
}

#[test]
fn its_commands_print_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_BIN_EXE_zalog")).parent().unwrap();
    let path = format!("{}:{}", program.display(), env::var("PATH").unwrap());
    let readme_path = root.join("README.md");
    let readme = fs::read_to_string(&readme_path).unwrap();
    let index = root.join("target/readme-index");
    if index.exists() {
        fs::remove_dir_all(&index).unwrap();
    }
    let mut written = readme.clone();
    let mut runs = 0;
    for step in steps(&readme) {
        if step.command == "cargo test" {
            continue;
        }
        runs += 1;
        let command = step.command.replace("cargo run --release --", "zalog");
        let output = Command::new("sh")
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(root)
            .env("PATH", &path)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let found: Vec<&str> = printed.lines().collect();
        if env::var_os("UPDATE_README").is_some() {
            let old = block(
                &step.command,
                &step.expected.iter().map(String::as_str).collect::<Vec<_>>(),
            );
            written = written.replace(&old, &block(&step.command, &found));
        } else {
            assert_eq!(found, step.expected, "{}", step.command);
        }
    }
    assert!(runs >= 7, "{runs} commands were found");
    if written != readme {
        fs::write(readme_path, written).unwrap();
    }
}

fn block(command: &str, lines: &[&str]) -> String {
    [
        &["$ ", command, "\n"][..],
        &lines
            .iter()
            .flat_map(|line| [*line, "\n"])
            .collect::<Vec<_>>(),
    ]
    .concat()
    .concat()
}
