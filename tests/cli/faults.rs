//! What goes wrong around the program while it works: logs that are moved or cut, disks that are full,
//! outputs that nobody reads, signals.

use std::fs::{self, File, FileTimes};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

use crate::zalog::{Run, command, fixture, zalog};

/// So many calls, each a request and its response, in lines of the same length.
fn calls(from: usize, count: usize) -> String {
    let record = |nth: usize, kind: &str| {
        format!(
            "2026-11-23 18:13:{:02},{:03} - INFO - 7:Dummy-1 - zato_admin:21 - {kind}; \
             service:`zato.s{:04}.create`, data:`{{'id': 1{nth:08}, 'name': 'name {nth:09}'}}` \
             cid:`{nth:016x}`, \n",
            nth / 1000 % 60,
            nth % 1000,
            nth % 250,
        )
    };
    let pair = |nth| record(nth, "Request") + &record(nth, "Response");
    (from..from + count).map(pair).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn names_in(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| name(entry).into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[track_caller]
fn run_of(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code(),
    }
}

/// Tells a number of calls.
type Count = fn(&Run) -> usize;

/// Commands that read logs, and how many calls the output of each tells.
const COMMANDS: [(&[&str], Count); 6] = [
    (&["stats", "--format", "json"], |run| {
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        usize::try_from(document["invocations"].as_u64().unwrap()).unwrap()
    }),
    (&["parse"], |run| run.stdout.lines().count()),
    (&["search", "*", "--count"], number),
    (&["search", "*", "--all", "--format", "json"], |run| {
        run.json_lines().len()
    }),
    (&["audit", "--format", "csv"], |run| {
        run.stdout.lines().count() - 1
    }),
    (&["index", "--index", "INDEX"], |run| {
        let words = run.stderr.split("indexed ").nth(1);
        words.map_or(0, |words| words.split(' ').next().unwrap().parse().unwrap())
    }),
];

/// How a command reads files: without a map those that read in other ways.
fn accesses(arguments: &[&str]) -> impl Iterator<Item = Option<&'static str>> + use<> {
    let is_read = ["parse", "index"].contains(&arguments[0]);
    std::iter::once(None).chain(is_read.then_some(Some("--no-mmap")))
}

fn number(run: &Run) -> usize {
    run.stdout.trim().parse().unwrap()
}

/// A log of a server that is at hand, and that of another one, from a pipe, that is read before it. While
/// the program waits for the pipe, the first log can be changed.
struct Waiting {
    folder: TempDir,
    log: PathBuf,
    child: Child,
    pipe: File,
}

impl Waiting {
    #[track_caller]
    fn start(arguments: &[&str], content: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("admin.log");
        let pipe = folder.path().join("pipe");
        let index = folder.path().join("index");
        fs::write(&log, content).unwrap();
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let arguments: Vec<&str> = arguments
            .iter()
            .map(|word| if *word == "INDEX" { text(&index) } else { word })
            .collect();
        let logs = [format!("a={}", text(&pipe)), format!("b={}", text(&log))];
        let child = command(&arguments)
            .args(logs)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // This waits for the program to open the pipe, which it does when it has opened all files.
        let pipe = File::options().write(true).open(pipe).unwrap();
        Self {
            folder,
            log,
            child,
            pipe,
        }
    }

    /// Lets the program go on: 10 calls come out of the pipe.
    #[track_caller]
    fn go_on(mut self) -> (Run, TempDir) {
        self.pipe.write_all(calls(900_000, 10).as_bytes()).unwrap();
        drop(self.pipe);
        (run_of(self.child), self.folder)
    }
}

#[test]
fn a_log_may_be_moved_replaced_removed_or_grow_while_it_is_read() {
    let content = calls(0, 500);
    let faults: [fn(&Path); 4] = [
        |log| {
            fs::rename(log, log.with_file_name("admin.log.1")).unwrap();
            fs::write(log, calls(5_000, 3)).unwrap();
        },
        |log| {
            let other = log.with_file_name("other");
            fs::write(&other, calls(5_000, 3)).unwrap();
            fs::rename(&other, log).unwrap();
        },
        |log| fs::remove_file(log).unwrap(),
        |log| {
            let mut file = File::options().append(true).open(log).unwrap();
            file.write_all(calls(5_000, 3).as_bytes()).unwrap();
        },
    ];
    for (arguments, count) in COMMANDS {
        for (nth, fault) in faults.iter().enumerate() {
            for access in accesses(arguments) {
                let arguments: Vec<&str> = arguments.iter().copied().chain(access).collect();
                let waiting = Waiting::start(&arguments, &content);
                fault(&waiting.log);
                let (run, _folder) = waiting.go_on();
                // What is read without a map may have what was appended meanwhile.
                let grown = if nth == 3 && access.is_some() { 3 } else { 0 };
                let said = format!("{arguments:?}, fault {nth}: {}", run.stderr);
                assert_eq!(run.status, Some(0), "{said}");
                assert_eq!(count(&run), 510 + grown, "{said}");
            }
        }
    }
}

#[test]
fn a_log_that_is_truncated_while_it_is_read_is_named_by_every_command() {
    let content = calls(0, 500);
    for (arguments, count) in COMMANDS {
        for length in [0, content.len() / 2] {
            for access in accesses(arguments) {
                let arguments: Vec<&str> = arguments.iter().copied().chain(access).collect();
                let waiting = Waiting::start(&arguments, &content);
                let file = File::options().write(true).open(&waiting.log).unwrap();
                file.set_len(length as u64).unwrap();
                let (run, folder) = waiting.go_on();
                let said = format!("{arguments:?}, cut at {length}: {}", run.stderr);
                assert_eq!(run.status, Some(2), "{said}");
                let name = folder.path().join("admin.log").display().to_string();
                let message = format!("{name}: truncated by another program while it was read");
                assert!(run.stderr.contains(&message), "{said}");
                if arguments[0] == "index" {
                    assert!(run.stderr.contains("the index is left as it was"), "{said}");
                    let held =
                        zalog(&["search", "*", "--index", text(&folder.path().join("index"))]);
                    assert_eq!(held.stdout, "", "{said}");
                } else {
                    // The record that was cut through has no end.
                    assert!(
                        count(&run).abs_diff(10 + length / (content.len() / 500)) <= 1,
                        "{said}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_log_that_is_changed_in_the_middle_while_it_is_read_ends_no_command_without_words() {
    /// Says that a command has ended, however it has.
    struct End<'e>(&'e AtomicBool);

    impl Drop for End<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let content = calls(0, 10_000);
    let junk: [&[u8]; 7] = [b"\xff", b"\xc3", b"\xe2\x82", b"\n", b"`", b"'", b"\0"];
    for (arguments, _) in COMMANDS {
        let mut waiting = Waiting::start(arguments, &content);
        let log = File::options().write(true).open(&waiting.log).unwrap();
        let has_ended = AtomicBool::new(false);
        // Places far from each other, behind what tells one log from another.
        let size = content.len() as u64 - 1_000;
        let mut places = (1_u64..).map(|nth| 1_000 + nth * 7_919 % size);
        let mut bytes = junk.into_iter().cycle();
        let mut change = || {
            let place = places.next().unwrap();
            log.write_all_at(bytes.next().unwrap(), place).unwrap();
        };
        (0..1_000).for_each(|_| change());
        let output = thread::scope(|scope| {
            let _end = End(&has_ended);
            scope.spawn(|| {
                while !has_ended.load(Ordering::Relaxed) {
                    change();
                }
            });
            let more = calls(900_000, 10);
            waiting.pipe.write_all(more.as_bytes()).unwrap();
            drop(waiting.pipe);
            waiting.child.wait_with_output().unwrap()
        });
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        let name = text(&waiting.log);
        let message = format!("error: {name}: written to by another program while it was read");
        assert!(said.contains(&message), "{arguments:?}: {said}");
        assert!(!said.contains("error: a bug"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_fault_is_that_of_the_log_where_it_was_written_to() {
    for is_changed in [true, false] {
        let mut waiting = Waiting::start(&["parse"], &calls(0, 10));
        if is_changed {
            let log = File::options().write(true).open(&waiting.log).unwrap();
            let other = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
            log.set_times(other).unwrap();
        }
        // What is no fault comes once for each handler.
        while waiting.child.try_wait().unwrap().is_none() {
            send("SEGV", &waiting.child);
            thread::sleep(Duration::from_millis(10));
        }
        let output = waiting.child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let name = text(&waiting.log);
        let message = format!(
            "error: {name}: written to by another program while it was read, which --no-mmap can \
             bear; if zalog fails with that too, it has a bug: please report it\n"
        );
        let expected = if is_changed {
            (Some(2), message)
        } else {
            (None, String::new())
        };
        assert_eq!((output.status.code(), said), expected);
    }
}

/// Runs the program where no file may grow beyond so many blocks of 512 or 1024 bytes.
#[track_caller]
fn with_small_files(blocks: usize, folder: &Path, arguments: &[&str], stdin: Stdio) -> Run {
    let child = Command::new("sh")
        .args(["-c", &format!("ulimit -f {blocks}; exec \"$@\""), "sh"])
        .arg(env!("CARGO_BIN_EXE_zalog"))
        .args(arguments)
        .current_dir(folder)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    run_of(child)
}

/// A file that may grow no more stands for a full disk: the system says another word for it.
#[test]
fn a_file_that_can_not_be_written_whole_stays_as_it_was() {
    let log = fixture("3.2-live");
    for (arguments, file) in [
        (
            &["examples", "-o", "."][..],
            "pub.zato.channel.web-socket.cleanup-wsx.json",
        ),
        (&["examples", "-o", ".", "--format", "html"], "index.html"),
        (
            &["examples", "--format", "openapi", "-o", "api.yaml"],
            "api.yaml",
        ),
        (
            &["examples", "--format", "openapi", "-o", "api.json"],
            "api.json",
        ),
        (
            &["examples", "--merge", "api.yaml", "-o", "api.yaml"],
            "api.yaml",
        ),
        (
            &["recipes", "-o", ".", "--format", "sh"],
            "zato.http-soap.create_edit_get.sh",
        ),
        (&["audit", "--html", "page.html"], "page.html"),
        (&["audit", "--seal", "seal.json"], "seal.json"),
    ] {
        for is_there in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let old = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {}\n";
            let is_merged = arguments.contains(&"--merge");
            if is_there || is_merged {
                fs::write(folder.path().join(file), old).unwrap();
            }
            let arguments = [arguments, &[log.as_str()]].concat();
            let run = with_small_files(0, folder.path(), &arguments, Stdio::null());
            let said = format!("{arguments:?}: {}", run.stderr);
            assert_eq!(run.status, Some(2), "{said}");
            assert!(run.stderr.contains(file), "{said}");
            assert!(run.stderr.contains("File too large"), "{said}");
            if is_there || is_merged {
                assert_eq!(names_in(folder.path()), [file], "{said}");
                assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), old);
            } else {
                assert!(names_in(folder.path()).is_empty(), "{said}");
            }
        }
    }
}

#[test]
fn standard_output_that_can_not_grow_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let script = "ulimit -f 8; exec \"$0\" parse \"$1\" >\"$2\"";
    let output = Command::new("sh")
        .args([
            "-c",
            script,
            env!("CARGO_BIN_EXE_zalog"),
            &fixture("3.2-live"),
            text(&out),
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("failed to write to standard output: File too large"),
        "{stderr}"
    );
}

#[test]
fn what_finds_no_room_in_a_temporary_file_stays_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    // More than is kept in memory of what can't be mapped, in one record, and of open calls.
    let long = calls(0, 1).replace("'name 000000000'", &format!("'{}'", "x".repeat(9 << 20)));
    let requests: String = calls(10, 60_000)
        .lines()
        .filter(|line| line.contains(" Request; "))
        .flat_map(|line| [line, "\n"])
        .collect();
    for (content, count) in [(long, 1), (requests, 60_000)] {
        let log = folder.path().join("admin.log");
        fs::write(&log, content).unwrap();
        let arguments = ["search", "*", "--count", "-"];
        let stdin = Stdio::from(File::open(&log).unwrap());
        let run = with_small_files(1, folder.path(), &arguments, stdin);
        assert_eq!(
            (run.status, number(&run)),
            (Some(0), count),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn an_index_that_can_not_grow_is_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (log, index) = (folder.path().join("admin.log"), folder.path().join("index"));
    fs::write(&log, calls(0, 300)).unwrap();
    let build = ["index", text(&log), "--index", text(&index)];
    let held = || {
        let run = zalog(&["search", "*", "--count", "--index", text(&index)]);
        (run.status, run.stdout)
    };
    let run = with_small_files(1, folder.path(), &build, Stdio::null());
    assert_eq!(run.status, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains(text(&index)), "{}", run.stderr);
    assert!(run.stderr.contains("File too large"), "{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    assert_eq!(zalog(&build).status, Some(0));
    assert_eq!(held(), (Some(0), "300\n".to_owned()));

    // Too little for the first file, and too little for those that other threads write.
    fs::write(&log, calls(0, 900)).unwrap();
    for blocks in [1, 24] {
        let run = with_small_files(blocks, folder.path(), &build, Stdio::null());
        assert_eq!(run.status, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains("File too large"), "{}", run.stderr);
        assert_eq!(held(), (Some(0), "300\n".to_owned()));
    }
    assert_eq!(zalog(&build).status, Some(0));
    assert_eq!(held(), (Some(0), "900\n".to_owned()));
    let verified = zalog(&["index", "--verify", "--index", text(&index)]);
    assert_eq!(verified.status, Some(0), "{}", verified.stderr);
}

/// The program as a user who may not do everything: `None` if this user may, and can't become another.
fn as_nobody(arguments: &[&str]) -> Option<Run> {
    let probe = tempfile::tempdir().unwrap();
    let may_do_all = File::options()
        .write(true)
        .open(probe.path().join("x"))
        .is_err()
        && {
            use std::os::unix::fs::PermissionsExt as _;
            let file = probe.path().join("closed");
            fs::write(&file, "").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
            File::open(&file).is_ok()
        };
    if !may_do_all {
        return Some(zalog(arguments));
    }
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(env!("CARGO_BIN_EXE_zalog"))
        .args(arguments)
        .output()
        .ok()?;
    let run = Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code(),
    };
    // Where the program's own folder is closed to others it can't be started.
    (!run.stderr.starts_with("setpriv:")).then_some(run)
}

#[test]
fn what_may_not_be_read_or_written_is_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    mode(folder.path(), 0o755);
    let [log, closed, out] =
        ["admin.log", "closed.log", "out"].map(|name| folder.path().join(name));
    fs::write(&log, calls(0, 10)).unwrap();
    fs::write(&closed, calls(0, 10)).unwrap();
    fs::create_dir(&out).unwrap();
    mode(&log, 0o444);
    mode(&closed, 0o000);
    mode(&out, 0o555);
    let page = out.join("page.html");
    let seal = out.join("seal.json");
    let index = out.join("index");
    for (arguments, named) in [
        (vec!["stats", text(&closed)], &closed),
        (
            vec!["index", text(&closed), "--index", text(&index)],
            &closed,
        ),
        (vec!["index", text(&log), "--index", text(&index)], &index),
        (vec!["examples", text(&log), "-o", text(&out)], &out),
        (vec!["audit", text(&log), "--html", text(&page)], &page),
        (vec!["audit", text(&log), "--seal", text(&seal)], &seal),
    ] {
        let Some(run) = as_nobody(&arguments) else {
            eprintln!("skipped: this user may do everything");
            return;
        };
        let said = format!("{arguments:?}: {}", run.stderr);
        assert_eq!(run.status, Some(2), "{said}");
        assert!(run.stderr.contains(text(named)), "{said}");
        assert!(run.stderr.contains("Permission denied"), "{said}");
        let told = run.stderr.replace(text(folder.path()), "");
        assert!(!told.contains(".tmp"), "{said}");
        assert!(names_in(&out).is_empty(), "{said}");
    }
}

/// What may be a log and can't be reached is missing from what is told of the others.
#[test]
fn logs_that_can_not_be_reached_are_named_beside_others() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let open_for_all = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), open_for_all.clone()).unwrap();
    for server in ["s1", "s2"] {
        let logs = folder.path().join(server).join("logs");
        fs::create_dir_all(&logs).unwrap();
        fs::write(logs.join("admin.log"), calls(0, 10)).unwrap();
        fs::set_permissions(logs.join("admin.log"), open_for_all.clone()).unwrap();
        fs::set_permissions(&logs, open_for_all.clone()).unwrap();
        fs::set_permissions(logs.parent().unwrap(), open_for_all.clone()).unwrap();
    }
    let closed = folder.path().join("s2/logs");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let pattern = folder.path().join("*/logs");
    for logs in [folder.path(), &pattern] {
        let Some(run) = as_nobody(&["audit", text(logs)]) else {
            eprintln!("skipped: this user may do everything");
            break;
        };
        assert_eq!(run.status, Some(2), "{}", run.stderr);
        let named = format!("{}: Permission denied", text(&closed));
        assert!(run.stderr.contains(&named), "{}", run.stderr);
        assert!(run.stdout.contains("s1: 1 file"), "{}", run.stdout);
    }
    fs::set_permissions(&closed, open_for_all).unwrap();
    fs::remove_file(closed.join("admin.log")).unwrap();
    std::os::unix::fs::symlink("nowhere", closed.join("admin.log")).unwrap();
    let run = zalog(&["stats", text(folder.path())]);
    assert_eq!(run.status, Some(2), "{}", run.stderr);
    assert!(
        run.stderr.contains("s2/logs/admin.log: No such file"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_a_glob_has_found_is_taken_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("a*")).unwrap();
    fs::write(folder.path().join("-"), calls(0, 10)).unwrap();
    let mut stats = command(&["stats", "*", "--format", "json"]);
    stats.current_dir(folder.path()).stdin(Stdio::null());
    stats.stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = run_of(stats.spawn().unwrap());
    assert_eq!(run.status, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("a*: No such file"), "{}", run.stderr);
    assert!(
        run.stdout.contains("\"invocations\": 10,"),
        "{}",
        run.stdout
    );
}

/// Whatever name it has, a log is never written to.
#[test]
fn no_output_takes_the_place_of_what_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let [log, link, other, html] = ["admin.yaml", "link.log", "server.log", "zato.s0001.html"]
        .map(|name| folder.path().join(name));
    std::os::unix::fs::symlink("admin.yaml", &link).unwrap();
    let content = calls(0, 10);
    for path in [&log, &other, &html] {
        fs::write(path, &content).unwrap();
    }
    let (log_name, link, other_name) = (text(&log), text(&link), text(&other));
    let here = folder.path().join(".").join("admin.yaml");
    for arguments in [
        vec!["audit", log_name, "--html", log_name],
        vec!["audit", log_name, "--html", link],
        vec!["audit", link, "--seal", text(&here)],
        vec![
            "audit", log_name, "--with", other_name, "--html", other_name,
        ],
        vec![
            "audit", log_name, "--with", other_name, "--seal", other_name,
        ],
        vec!["examples", log_name, "--format", "openapi", "-o", log_name],
    ] {
        let run = zalog(&arguments);
        assert_eq!(run.status, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(
            run.stderr.contains("a log that is read here"),
            "{}",
            run.stderr
        );
        for path in [&log, &other] {
            assert_eq!(fs::read_to_string(path).unwrap(), content, "{arguments:?}");
        }
    }
    let out = text(folder.path());
    let written = zalog(&["examples", log_name, "--format", "html", "-o", out]);
    let pages = names_in(folder.path());
    assert_eq!(written.status, Some(0), "{}", written.stderr);
    let page = pages.iter().find(|name| name.contains("s0001")).unwrap();
    let page = folder.path().join(page);
    fs::write(&page, &content).unwrap();
    let run = zalog(&["examples", text(&page), "--format", "html", "-o", out]);
    assert_eq!(run.status, Some(2), "{}", run.stderr);
    assert_eq!(fs::read_to_string(&page).unwrap(), content);
    let both = text(&html);
    let run = zalog(&["audit", log_name, "--html", both, "--seal", both]);
    assert_eq!(run.status, Some(2), "{}", run.stderr);
}

/// An index may be all that is left of a log.
#[test]
fn an_index_keeps_what_a_log_no_longer_holds() {
    let folder = tempfile::tempdir().unwrap();
    let [log, other, index] =
        ["admin.log", "other.log", "index"].map(|name| folder.path().join(name));
    let content = calls(0, 100);
    let index_of = |log: &Path| {
        let run = zalog(&["index", text(log), "--index", text(&index)]);
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        held(&index)
    };
    fs::write(&log, &content).unwrap();
    let all = index_of(&log);
    assert_eq!(all.len(), 100);
    // Cut short between two calls, within a call, and within a record.
    let lines: Vec<&str> = content.split_inclusive('\n').collect();
    for shorter in [
        lines[..80].concat(),
        lines[..81].concat(),
        content[..5000].to_owned(),
    ] {
        fs::write(&log, shorter).unwrap();
        assert_eq!(index_of(&log), all);
    }
    // As it was, and longer.
    fs::write(&log, &content).unwrap();
    assert_eq!(index_of(&log), all);
    fs::write(&log, calls(0, 150)).unwrap();
    assert_eq!(index_of(&log).len(), 150);
    // The log of a copy of the server, which starts alike.
    fs::write(&other, calls(0, 60) + &calls(1000, 60)).unwrap();
    assert_eq!(index_of(&other).len(), 210);
    assert_eq!(index_of(&log).len(), 210);
}

/// Every command that prints, with something to print.
fn printing(index: &str) -> Vec<Vec<String>> {
    let log = fixture("3.2-live");
    let commands = [
        vec!["stats", &log],
        vec!["parse", &log],
        vec!["search", "*", &log],
        vec!["search", "*", "--index", index],
        vec!["search", "*", &log, "--group-by", "service"],
        vec!["show", "b9f2b47a", &log],
        vec!["examples", &log],
        vec!["examples", &log, "--format", "html"],
        vec!["examples", "--schema"],
        vec!["coverage", &log, "--catalogue", "3.2"],
        vec!["drift", &log, &log],
        vec!["recipes", &log],
        vec!["audit", &log],
        vec!["audit", &log, "--html", "-"],
        vec!["index", "--list", "--index", index],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["--help"],
        vec!["--version"],
    ];
    let owned = |words: Vec<&str>| words.into_iter().map(ToOwned::to_owned).collect();
    commands.into_iter().map(owned).collect()
}

#[track_caller]
fn in_shell(script: &str, arguments: &[String]) -> Run {
    let child = Command::new("sh")
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_zalog")])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    run_of(child)
}

#[test]
fn outputs_that_are_closed_full_or_left_are_no_surprise() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index");
    let built = zalog(&["index", &fixture("3.2-live"), "--index", text(&index)]);
    assert_eq!(built.status, Some(0), "{}", built.stderr);
    for arguments in printing(text(&index)) {
        let status = in_shell("exec \"$@\" >/dev/null 2>&1", &arguments).status;
        assert!(
            status.is_some_and(|status| status < 2),
            "{arguments:?}: {status:?}"
        );
        for script in [
            "exec \"$@\" <&-",
            "exec \"$@\" >&-",
            "exec \"$@\" 2>&-",
            "exec \"$@\" <&- >&- 2>&-",
        ] {
            let run = in_shell(script, &arguments);
            let said = format!("{script} {arguments:?}: {}", run.stderr);
            assert_eq!(run.status, status, "{said}");
            assert!(!run.stderr.contains("panicked"), "{said}");
            assert!(!run.stderr.contains("error"), "{said}");
        }
        // The reader is gone before the first byte, and after the first line.
        for reader in ["true", "head -n 1 >/dev/null"] {
            let script = format!("{{ \"$@\"; echo \"status $?\" >&2; }} | {reader}");
            let run = in_shell(&script, &arguments);
            let said = format!("{script} {arguments:?}: {}", run.stderr);
            let status = status.unwrap();
            let ends = ["status 0\n".to_owned(), format!("status {status}\n")];
            assert!(ends.iter().any(|end| run.stderr.ends_with(end)), "{said}");
            for noise in ["panicked", "error", "pipe"] {
                assert!(!run.stderr.contains(noise), "{said}");
            }
        }
        if Path::new("/dev/full").exists() {
            let run = in_shell("exec \"$@\" >/dev/full", &arguments);
            let said = format!("{arguments:?}: {}", run.stderr);
            assert_eq!(run.status, Some(2), "{said}");
        }
    }
}

fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    let sent = Command::new("kill")
        .args(["-s", signal, &pid])
        .status()
        .unwrap();
    assert!(sent.success());
}

const SIGNALS: [(&str, i32); 3] = [("INT", 2), ("TERM", 15), ("HUP", 1)];

/// Whether a signal is ignored here, as shells have it for what runs in the background: the programs
/// that are started keep to that.
fn is_ignored(number: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.unwrap_or(0) >> (number - 1) & 1 == 1
}

#[test]
fn a_signal_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("admin.log");
    fs::write(&log, calls(0, 2_000)).unwrap();
    let whole = folder.path().join("whole");
    let write = |out: &Path| {
        let format = ["--format", "markdown"];
        let mut command = command(&["examples", text(&log), "--quiet", "-o", text(out)]);
        command.args(format).stderr(Stdio::null()).spawn().unwrap()
    };
    assert!(write(&whole).wait().unwrap().success());
    let files = names_in(&whole).len();
    let mut stopped = 0;
    for round in 0..24 {
        let out = folder.path().join(format!("out{round}"));
        let mut child = write(&out);
        let (signal, number) = SIGNALS[round % SIGNALS.len()];
        // As many files as there are before the signal: another number in each round.
        while child.try_wait().unwrap().is_none()
            && !(out.exists() && names_in(&out).len() > round * files / 24)
        {
            thread::yield_now();
        }
        let is_running = child.try_wait().unwrap().is_none();
        if is_running {
            send(signal, &child);
        }
        let status = child.wait().unwrap();
        stopped += usize::from(status.signal() == Some(number));
        assert!(
            status.success() || status.signal() == Some(number),
            "{status}"
        );
        for name in names_in(&out) {
            let content = fs::read(out.join(&name)).unwrap();
            assert!(whole.join(&name).exists(), "{name} is left");
            assert!(
                content == fs::read(whole.join(&name)).unwrap(),
                "half of {name}"
            );
        }
    }
    assert!(stopped > 0);
}

#[test]
fn what_is_ignored_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("admin.log");
    fs::write(&log, calls(0, 500)).unwrap();
    let out = folder.path().join("out");
    let script = "trap '' HUP; exec \"$@\"";
    let mut child = Command::new("sh")
        .args([
            "-c",
            script,
            "sh",
            env!("CARGO_BIN_EXE_zalog"),
            "examples",
            text(&log),
        ])
        .args(["--quiet", "-o", text(&out), "--format", "markdown"])
        .spawn()
        .unwrap();
    let is_empty = || !out.exists() || names_in(&out).is_empty();
    while is_empty() && child.try_wait().unwrap().is_none() {
        thread::yield_now();
    }
    if child.try_wait().unwrap().is_none() {
        send("HUP", &child);
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_signal_leaves_an_index_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for (signal, number) in SIGNALS {
        if is_ignored(number) {
            eprintln!("skipped: whoever runs the tests ignores SIG{signal}");
            continue;
        }
        let (log, index) = (folder.path().join("admin.log"), folder.path().join(signal));
        fs::write(&log, calls(0, 200)).unwrap();
        let arguments = ["index", text(&log), "--index", text(&index)];
        assert_eq!(zalog(&arguments).status, Some(0));
        fs::write(&log, calls(0, 700)).unwrap();
        // Before the log, the program waits for a pipe: it is stopped in the middle of a run.
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let logs = [format!("a={}", text(&pipe)), format!("b={}", text(&log))];
        let mut child = command(&["index", "--index", text(&index)])
            .args(logs)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let writer = File::options().write(true).open(&pipe).unwrap();
        send(signal, &child);
        assert_eq!(child.wait().unwrap().signal(), Some(number));
        drop(writer);
        fs::remove_file(&pipe).unwrap();
        let held = zalog(&["search", "*", "--count", "--index", text(&index)]);
        assert_eq!(number_held(&held), 200);
        assert_eq!(zalog(&arguments).status, Some(0));
        let held = zalog(&["search", "*", "--count", "--index", text(&index)]);
        assert_eq!(number_held(&held), 700);
    }
}

#[track_caller]
fn number_held(run: &Run) -> usize {
    assert!(
        run.status.is_some_and(|status| status < 2),
        "{}",
        run.stderr
    );
    number(run)
}

/// All calls that an index holds, as JSON.
#[track_caller]
fn held(index: &Path) -> Vec<String> {
    let arguments = [
        "search",
        "*",
        "--all",
        "--format",
        "json",
        "--index",
        text(index),
    ];
    let run = zalog(&arguments);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let mut lines: Vec<String> = run.stdout.lines().map(ToOwned::to_owned).collect();
    lines.sort();
    lines
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for name in names_in(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

/// Kills so many builds of an index, and so many refreshes of one, at moments that are spread over the
/// time that they take. Each index must answer, go on, and hold in the end what one holds that was built
/// in one go. Returns how many were killed in the middle.
#[track_caller]
fn kill_at(moments: u32) -> u32 {
    const CALLS: usize = 1_200;
    let folder = tempfile::tempdir().unwrap();
    let [log, whole, half, index] =
        ["admin.log", "whole", "half", "index"].map(|name| folder.path().join(name));
    let build = |index: &Path| {
        let mut command = command(&["index", text(&log), "--quiet", "--index", text(index)]);
        command.stderr(Stdio::piped()).spawn().unwrap()
    };
    let timed = |index: &Path| {
        let started = Instant::now();
        assert_eq!(run_of(build(index)).status, Some(0));
        started.elapsed()
    };
    let content = calls(0, CALLS);
    fs::write(&log, &content[..content.len() / 2 + 70]).unwrap();
    let time_of_half = timed(&half);
    fs::write(&log, &content).unwrap();
    let time_of_whole = timed(&whole);
    let expected = held(&whole);
    assert_eq!(expected.len(), CALLS);
    let half_count = number_held(&zalog(&["search", "*", "--count", "--index", text(&half)]));
    let mut killed = 0;
    let mut random = 0x9e37_79b9_u64;
    for moment in 0..2 * moments {
        let is_refresh = moment >= moments;
        let (before, time) = if is_refresh {
            copy_folder(&half, &index);
            (half_count, time_of_half)
        } else {
            (0, time_of_whole)
        };
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        // Somewhere in the part of the time that belongs to this moment.
        let part = f64::from(moment % moments)
            + f64::from(u32::try_from(random >> 40).unwrap()) / f64::from(1 << 24);
        let mut child = build(&index);
        thread::sleep(time.mul_f64(part / f64::from(moments)));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let found = zalog(&["search", "*", "--count", "--index", text(&index)]);
        let said = format!(
            "moment {moment}: {:?} {}{}",
            found.status, found.stdout, found.stderr
        );
        assert!(!found.stderr.contains("panicked"), "{said}");
        if found.status == Some(2) {
            assert!(
                !is_refresh && found.stderr.contains("no index in"),
                "{said}"
            );
        } else {
            assert!([before, CALLS].contains(&number_held(&found)), "{said}");
        }
        let again = run_of(build(&index));
        assert_eq!(again.status, Some(0), "{said} {}", again.stderr);
        assert!(held(&index) == expected, "{said}");
        let verified = zalog(&["index", "--verify", "--index", text(&index)]);
        assert_eq!(verified.status, Some(0), "{said} {}", verified.stderr);
        fs::remove_dir_all(&index).unwrap();
    }
    killed
}

#[test]
fn an_index_that_is_killed_loses_and_doubles_nothing() {
    assert!(kill_at(10) > 0);
}

/// Takes minutes: `cargo test --test cli killed_often -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
fn an_index_that_is_killed_often_loses_and_doubles_nothing() {
    let started = Instant::now();
    let killed = kill_at(100);
    let took: Duration = started.elapsed();
    eprintln!("{killed} of 200 runs were killed before their end, in {took:.0?}");
    assert!(killed > 100);
}
