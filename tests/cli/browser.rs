//! Drives a real Chromium by its protocol for debuggers, over a pipe.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(60);

/// Puts scripts into a page in two ways, and says which has run: `none ran` if its policy holds.
pub(crate) const INJECTED: &str = "document.body.insertAdjacentHTML('beforeend', \
    '<img src=x onerror=\"window.ran = 1\">'); \
    const script = document.createElement('script'); script.textContent = 'window.ran = 2'; \
    document.body.append(script); \
    new Promise((done) => setTimeout(() => done(window.ran ?? 'none ran'), 200))";

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    last_id: u64,
    /// What happened and was not asked for.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser; `None` where there is none.
    pub(crate) fn start() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let is_there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
        let Some(name) = names.into_iter().find(is_there) else {
            eprintln!("skipped: there is no Chromium here to open the pages");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // It reads commands from file 3 and writes to file 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>&2", "sh", name])
            .args([
                "--remote-debugging-pipe",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in output.split(0) {
                let message = message.ok().and_then(|m| serde_json::from_slice(&m).ok());
                if message.is_none_or(|message| sender.send(message).is_err()) {
                    break;
                }
            }
        });
        let mut browser = Self {
            child,
            input,
            messages,
            session: None,
            last_id: 0,
            events: Vec::new(),
            _profile: profile,
        };
        browser.open_page();
        Some(browser)
    }

    fn open_page(&mut self) {
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call("Target.attachToTarget", attach);
        self.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
    }

    /// Calls a method of the protocol and returns its result.
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({"id": self.last_id, "method": method});
        message["params"] = parameters;
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).unwrap();
        loop {
            let mut message = self.receive();
            if message["id"] == self.last_id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    #[track_caller]
    fn receive(&self) -> Value {
        match self.messages.recv_timeout(PATIENCE) {
            Ok(message) => message,
            Err(error) => panic!("{error}; so far: {:?}", self.events),
        }
    }

    /// Loads a page, and returns all that went wrong or was asked for meanwhile: messages of the
    /// console, dialogs, and requests of anything but the page itself.
    #[track_caller]
    pub(crate) fn load(&mut self, url: &str) -> Vec<String> {
        self.events.clear();
        self.call("Page.navigate", json!({"url": url}));
        while !self.has_happened("Page.loadEventFired") {
            assert!(
                !self.has_happened("Page.javascriptDialogOpening"),
                "{url} opens a dialog"
            );
            let event = self.receive();
            self.events.push(event);
        }
        self.trouble(url)
    }

    fn has_happened(&self, method: &str) -> bool {
        self.events.iter().any(|event| event["method"] == method)
    }

    fn trouble(&self, url: &str) -> Vec<String> {
        let is_trouble = |event: &&Value| match event["method"].as_str() {
            Some("Network.requestWillBeSent") => {
                let asked = event["params"]["request"]["url"].as_str().unwrap();
                // A browser draws the signs of its own controls from such.
                asked != url && !asked.starts_with("data:")
            }
            Some(method) => [
                "Runtime.consoleAPICalled",
                "Runtime.exceptionThrown",
                "Log.entryAdded",
                "Page.javascriptDialogOpening",
            ]
            .contains(&method),
            None => false,
        };
        let events = self.events.iter().filter(is_trouble);
        events.map(Value::to_string).collect()
    }

    /// Returns the value of an expression, as if a user had caused it.
    #[track_caller]
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({
            "expression": expression,
            "returnByValue": true,
            "awaitPromise": true,
            "userGesture": true,
        });
        let mut result = self.call("Runtime.evaluate", parameters);
        assert!(
            result.get("exceptionDetails").is_none(),
            "{expression}: {result}"
        );
        result["result"]["value"].take()
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", json!({"type": kind, "key": key}));
        }
    }

    /// Makes the window this wide, in pixels.
    pub(crate) fn resize(&mut self, width: u32) {
        let size =
            json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", size);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
