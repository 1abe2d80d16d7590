//! Finds the word that a user may have meant.

/// How many letters may differ: one slip of a finger swaps two.
const MOST_TYPOS: usize = 2;

/// Returns the word of `words` that looks most like `name`, if any looks like it.
pub(super) fn nearest<'w>(name: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let typos = words.into_iter().map(|word| (distance(name, word), word));
    let (typos, word) = typos.min_by_key(|(typos, _)| *typos)?;
    (typos <= MOST_TYPOS && typos < word.len()).then_some(word)
}

/// How many letters must be put in, left out or changed to make one word of the other
/// (Levenshtein's distance).
fn distance(one: &str, other: &str) -> usize {
    // For each start of `other`, the distance of what has been read of `one` from it.
    let mut distances: Vec<usize> = (0..=other.chars().count()).collect();
    for (read, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut distances[0], read + 1);
        for (at, other_letter) in other.chars().enumerate() {
            let changed = diagonal + usize::from(letter != other_letter);
            diagonal = distances[at + 1];
            distances[at + 1] = changed.min(diagonal + 1).min(distances[at] + 1);
        }
    }
    distances.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_few_typos_is_recognised() {
        let words = ["service", "cid", "server", "outcome"];
        for (name, expected) in [
            ("servise", Some("service")),
            ("serivce", Some("service")),
            ("servr", Some("server")),
            ("out_come", Some("outcome")),
            ("pid", Some("cid")),
            ("http", None),
            ("", None),
            ("verylongandnothinglikeit", None),
        ] {
            assert_eq!(nearest(name, words), expected, "{name}");
        }
    }
}
