//! Queries: what is written of a query is that query, and a scan finds what the lines say.
#![no_main]

use std::ops::Bound;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use libfuzzer_sys::fuzz_target;
use zalog::entry::Direction;
use zalog::invocation::Invocation;
use zalog::query::{
    AskedNames, Best, Clause, Line, Matcher, Name, NameField, Node, Number, Order, Page, Path,
    Pattern, Phrase, Piece, Query, Range, Scalar, Scan, Scratch, SortBy, Step, Test, Text,
};
use zalog::view::{View, write_json_line};
use zalog_fuzz::LOGS;

/// The calls of all logs, each with the number of its log.
static CALLS: LazyLock<Vec<Invocation<'static>>> =
    LazyLock::new(|| LOGS.iter().flat_map(|log| log.calls.clone()).collect());

static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let line = |call: &Invocation<'_>| {
        let mut line = Vec::new();
        write_json_line(&View::default(), call, &mut line);
        String::from_utf8(line).unwrap()
    };
    CALLS.iter().map(line).collect()
});

fuzz_target!(|text: &str| {
    let query = match text.parse::<Query>() {
        Ok(query) => query,
        Err(error) => {
            assert!((1..=text.chars().count() + 1).contains(&error.column));
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    if let Some(text) = node(&query.root) {
        let again = text.parse::<Query>();
        assert_eq!(again.as_ref(), Ok(&query), "{text}");
    }
    finds_what_the_lines_say(&query);
    if let Some(mut names) = AskedNames::of(&query) {
        names.learn(&CALLS);
        assert!(
            names
                .unknown()
                .iter()
                .all(|unknown| !unknown.name.is_empty())
        );
    }
});

fn finds_what_the_lines_say(query: &Query) {
    let now = || -> DateTime { "2018-11-12T10:00:00".parse().unwrap() };
    let (view, matcher) = (View::default(), Matcher::new(query, now));
    let scan = Scan::new(query, now, &view);
    let hits = scan.hits(&CALLS);
    let found: Vec<String> = scan.lines(&hits);
    let mut hinted = Vec::new();
    for log in LOGS.iter() {
        let hints = scan.hints(log.bytes);
        for call in &log.calls {
            let mut call = call.clone();
            for side in [&mut call.request, &mut call.response]
                .into_iter()
                .flatten()
            {
                side.hints = hints;
            }
            hinted.push(call);
        }
    }
    assert_eq!(scan.lines(&scan.hits(&hinted)), found, "hints");
    let mut scratch = Scratch::default();
    let fits = |line: &&String| matcher.fits_line(&Line::read(line).unwrap(), &mut scratch);
    let expected: Vec<&str> = LINES
        .iter()
        .filter(fits)
        .map(|line| line.trim_end())
        .collect();
    assert_eq!(found, expected);
    for line in expected.iter().take(3) {
        for excerpt in matcher.excerpts(&Line::read(line).unwrap(), 3) {
            for found in excerpt.found {
                assert!(excerpt.text.get(found).is_some());
            }
        }
    }
    let mut best = Best::new(Page {
        sort_by: Order::new(SortBy::Score),
        offset: 1,
        limit: 5,
    });
    best.take(&scan, &hits);
    assert_eq!(best.finish().0, hits.len());
}

/// Writes a query; `None` if it has something of which the text is not known.
fn node(node: &Node) -> Option<String> {
    let joined = |parts: &[Node], with: &str| {
        let parts: Option<Vec<String>> = parts.iter().map(inner).collect();
        Some(parts?.join(with))
    };
    match node {
        Node::All(parts) if parts.is_empty() => Some("*".to_owned()),
        Node::All(parts) => joined(parts, " AND "),
        Node::Any(parts) => {
            // These need no parentheses, which are counted.
            let parts = parts.iter().map(|part| match part {
                Node::All(_) => self::node(part),
                other => inner(other),
            });
            Some(parts.collect::<Option<Vec<_>>>()?.join(" OR "))
        }
        Node::Not(inside) => Some(format!("NOT {}", inner(inside)?)),
        Node::Clause(one) => clause(one),
    }
}

/// Writes a part of a query.
fn inner(part: &Node) -> Option<String> {
    match part {
        Node::All(parts) | Node::Any(parts) if !parts.is_empty() => {
            Some(format!("({})", node(part)?))
        }
        other => node(other),
    }
}

fn clause(clause: &Clause) -> Option<String> {
    Some(match clause {
        Clause::Anywhere(Text::Phrase(words)) => phrase(words)?,
        Clause::Anywhere(Text::Regex(text)) => regex(text),
        Clause::Name(field, name) => {
            let field = match field {
                NameField::Id => "id",
                NameField::Parent => "parent",
                NameField::Service => "service",
                NameField::Verb => "verb",
                NameField::Cid => "cid",
                NameField::Server => "server",
                NameField::Thread => "thread",
            };
            let name = match name {
                Name::Regex(text) => regex(text),
                Name::Pattern(pattern) => match pattern.as_literal() {
                    Some(text) => quoted(text),
                    None => pattern.to_string(),
                },
            };
            format!("{field}:{name}")
        }
        Clause::Outcome(outcome) => format!("outcome:{}", outcome.as_str()),
        Clause::Kind(kind) => format!("kind:{}", kind.as_str()),
        Clause::Process(process) => format!("pid:{process}"),
        Clause::Duration(ends) => format!("duration:{}", range(ends, u64::to_string)),
        Clause::Size(ends) => format!("size:{}", range(ends, u64::to_string)),
        Clause::Time(..) => return None,
        Clause::Payload(at, test) => match test {
            Test::Exists => format!("has:{}", path(at)),
            Test::Value(words, None) => format!("{}:{}", path(at), phrase(words)?),
            Test::Value(words, Some(scalar)) => format!("{}:{}", path(at), spelled(words, scalar)?),
            Test::Regex(text) => format!("{}:{}", path(at), regex(text)),
            Test::Number(ends) => format!("{}:{}", path(at), range(ends, number)),
        },
    })
}

fn phrase(phrase: &Phrase) -> Option<String> {
    let words = phrase.words();
    // In lower case a letter may be several, and one of them none.
    let is_word = |piece: &Piece| match piece {
        Piece::Text(text) => text.chars().all(char::is_alphanumeric),
        Piece::AnyText | Piece::AnyCharacter => true,
    };
    if !words.iter().all(|word| word.pieces.iter().all(is_word)) {
        return None;
    }
    let texts: Vec<String> = words.iter().map(Pattern::to_string).collect();
    let is_literal = words.iter().all(|word| word.as_literal().is_some());
    Some(if is_literal {
        quoted(&texts.join(" "))
    } else {
        texts.join(",")
    })
}

fn spelled(words: &Phrase, scalar: &Scalar) -> Option<String> {
    match (scalar, words.words()) {
        (Scalar::Null | Scalar::Bool(_), [word]) => Some(word.to_string()),
        (Scalar::Number(number), [word]) if word.to_string() == *number => Some(number.clone()),
        // How it was spelled is not known.
        _ => None,
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

fn regex(text: &str) -> String {
    let mut written = "/".to_owned();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => {
                written.push(c);
                written.extend(characters.next());
            }
            '/' => written.push_str("\\/"),
            c => written.push(c),
        }
    }
    written + "/"
}

fn path(path: &Path) -> String {
    let mut written = match path.side {
        Direction::Request => "request",
        Direction::Response => "response",
    }
    .to_owned();
    for step in &path.steps {
        written.push('.');
        match step {
            Step::Key(key) => written.push_str(&quoted(key)),
            Step::One => written.push('*'),
            Step::Any => written.push_str("**"),
        }
    }
    written
}

fn range<T>(range: &Range<T>, text: impl Fn(&T) -> String) -> String {
    match range {
        (Bound::Included(from), Bound::Included(to)) => format!("{}..{}", text(from), text(to)),
        (Bound::Included(from), Bound::Unbounded) => format!(">={}", text(from)),
        (Bound::Excluded(from), Bound::Unbounded) => format!(">{}", text(from)),
        (Bound::Unbounded, Bound::Included(to)) => format!("<={}", text(to)),
        (Bound::Unbounded, Bound::Excluded(to)) => format!("<{}", text(to)),
        _ => unreachable!("no query has such a range"),
    }
}

/// The text of a number, which nothing but its debug form shows.
fn number(number: &Number) -> String {
    let shown = format!("{number:?}");
    shown
        .trim_start_matches("Number(\"")
        .trim_end_matches("\")")
        .to_owned()
}
