//! A log whose names and values try to be more than text.

use std::fmt::Write as _;

/// Names that no log can give a service, since their ends could not be told.
pub(crate) const UNLOGGED_NAMES: [&str; 7] = [
    "[x](javascript:alert(1))",
    "![x](http://192.0.2.1/x.png)",
    "]() <b>",
    "a`b``c` <script>alert(1)</script>",
    "line\n\n# <b>line</b>",
    " ",
    "",
];

/// Names of services.
pub(crate) const NAMES: [&str; 14] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "zato.\"><svg onload=alert(1)>.get-list",
    "javascript:alert(1)",
    "a|b|c",
    "my.{alert(1)}.${2}",
    "e\u{202e}vil.\u{2066}",
    "Index",
    "index",
    "../../index",
    "# heading *bold* ~~~",
    "&lt;b&gt; &amp; \\|",
    concat!(
        "zato.long.name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-",
        "name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-",
        "name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-name-",
        "name-name-name-name-name-name-get"
    ),
];

/// Values and keys of payloads.
pub(crate) const VALUES: [&str; 13] = [
    "<script>alert(1)</script>",
    "</code></pre><script>alert(1)</script>",
    "--><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\n```\n<script>alert(1)</script>\n# x",
    "`````````` ~~~",
    "a|b\\|c",
    "](x) ![](http://192.0.2.1/)",
    "{alert(1)} ${x} {{x}}",
    "\u{202e}\u{2066}\u{1b}[31m\0",
    "&lt;b&gt;&#60;",
    "\n    indented\n\n* list\r\n",
    "it's \"quoted\" $HOME `id`",
];

/// One answered call of each service, with all values as keys, as texts, and as closed sets.
pub(crate) fn hostile_log() -> String {
    let mut log = String::new();
    for (nth, name) in NAMES.iter().enumerate() {
        let mut payload = "{".to_owned();
        for value in VALUES.map(repr) {
            write!(payload, "{value}: {value}, ").unwrap();
        }
        let rows: Vec<String> = VALUES
            .iter()
            .take(9)
            .cycle()
            .take(40)
            .map(|value| format!("{{'row': {}}}", repr(value)))
            .collect();
        write!(payload, "'rows': [{}]}}", rows.join(", ")).unwrap();
        for kind in ["Request", "Response"] {
            writeln!(
                log,
                "2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - {kind}; \
                 service:`{name}`, data:`{payload}` cid:`{nth:x}`, "
            )
            .unwrap();
        }
    }
    log
}

/// A text as Python 3 prints it, for the characters used here.
pub(crate) fn repr(text: &str) -> String {
    let chars = text.chars().map(|c| match c {
        '\'' | '\\' => format!("\\{c}"),
        '\u{202e}' | '\u{2066}' => format!("\\u{:04x}", u32::from(c)),
        c if c.is_control() => format!("\\x{:02x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("'{}'", chars.collect::<String>())
}
