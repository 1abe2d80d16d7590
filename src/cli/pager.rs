//! Shows long output page by page, with the program that `$PAGER` names.

use std::env;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a shell ends with when it can't find or can't run a program.
const NOT_RUN: [i32; 2] = [126, 127];

/// Shows `text` in a pager and waits until its user is done. Returns whether there was a pager.
pub(super) fn show(text: &[u8]) -> bool {
    let Some(mut command) = pager() else {
        return false;
    };
    if env::var_os("LESS").is_none() {
        // As git sets it: end where all fits, obey colours, leave the text on the screen.
        command.env("LESS", "FRX");
    }
    let Ok(mut child) = command.stdin(Stdio::piped()).spawn() else {
        return false;
    };
    // Ctrl-C is for the pager, which would be left alone with the terminal otherwise. Without a
    // handler that is what happens, and no more.
    let _unset = ctrlc::set_handler(|| {});
    if let Some(mut stdin) = child.stdin.take() {
        // A user who has seen enough closes the pipe.
        let _unread = stdin.write_all(text);
    }
    let status = child.wait().ok().and_then(|status| status.code());
    !status.is_some_and(|status| NOT_RUN.contains(&status))
}

/// The command that starts the pager: `less`, unless the user has set another one, or none.
fn pager() -> Option<Command> {
    match env::var_os("PAGER") {
        None => Some(Command::new("less")),
        Some(pager) if pager.is_empty() || pager == "cat" => None,
        Some(pager) => Some(shell(pager)),
    }
}

/// A command with its arguments, as a user has written it.
#[cfg(unix)]
fn shell(pager: OsString) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(pager);
    command
}

/// A command with its arguments, as a user has written it.
#[cfg(not(unix))]
fn shell(pager: OsString) -> Command {
    let mut command = Command::new("cmd");
    command.arg("/C").arg(pager);
    command
}
