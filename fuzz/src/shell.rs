//! Reads the words of a command as a POSIX shell does, as far as zalog writes them.

/// Returns the words of the only command in a script. Panics where there is more than plain words,
/// comments and the two variables of the credentials, which are left as they are.
pub fn only_command(script: &str) -> Vec<String> {
    let mut commands: Vec<Vec<String>> = Vec::new();
    let mut rest = script;
    while !rest.is_empty() {
        let command;
        (command, rest) = line(rest);
        if !command.is_empty() {
            commands.push(command);
        }
    }
    assert_eq!(commands.len(), 1, "{script}");
    commands.remove(0)
}

/// The words up to the end of a line, and what is behind it.
fn line(script: &str) -> (Vec<String>, &str) {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '#' if word.is_none() => {
                let end = rest.find('\n').unwrap_or(rest.len());
                rest = &rest[end..];
            }
            '\n' => break,
            ' ' => words.extend(word.take()),
            '\\' if rest.starts_with('\n') => rest = &rest[1..],
            '\\' => {
                let escaped = rest.chars().next().expect("a backslash escapes something");
                word.get_or_insert_default().push(escaped);
                rest = &rest[escaped.len_utf8()..];
            }
            '\'' => {
                let end = rest.find('\'').expect("quotes are closed");
                word.get_or_insert_default().push_str(&rest[..end]);
                rest = &rest[end + 1..];
            }
            '"' => {
                const CREDENTIALS: &str = "$ZATO_USER:$ZATO_PASSWORD";
                let end = rest.find('"').expect("quotes are closed");
                assert_eq!(&rest[..end], CREDENTIALS);
                word.get_or_insert_default().push_str(CREDENTIALS);
                rest = &rest[end + 1..];
            }
            c => {
                assert!(
                    c.is_ascii_alphanumeric() || "_-./:@%+,=~".contains(c),
                    "{c:?} in {script}"
                );
                word.get_or_insert_default().push(c);
            }
        }
    }
    words.extend(word);
    (words, rest)
}
