//! By what an object in a response may be asked for, as far as that is known without decoding it.

use memchr::{memchr3, memmem};
use xxhash_rust::xxh3::xxh3_64;

use super::quotes::first_of;

/// By what an object is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Id,
    Name,
}

/// The hash of an ID or a name, as far as it is known without decoding it. Of two with one hash both
/// are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked(u32);

impl Asked {
    /// There is none.
    pub(super) const NOTHING: Self = Self(0);
    /// It may be anything: it is written with escapes, or is no whole number.
    pub(super) const ANYTHING: Self = Self(1);

    /// How this text would be found.
    pub(super) fn text(text: &str) -> Self {
        Self::plain(text.as_bytes())
    }

    /// Whether a row with this may be the one that is asked for.
    #[inline]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "without branches the processor looks at several at once"
    )]
    fn may_be(self, asked: Self) -> bool {
        (self.0 == Self::ANYTHING.0) | ((self.0 == asked.0) & (self.0 != Self::NOTHING.0))
    }

    fn plain(bytes: &[u8]) -> Self {
        if bytes.is_ascii() && !bytes.contains(&b'\\') {
            // Half of it is as good a hash as the whole.
            let [a, b, c, d, ..] = xxh3_64(bytes).to_le_bytes();
            Self(u32::from_le_bytes([a, b, c, d]).max(2))
        } else {
            Self::ANYTHING
        }
    }

    /// That of the value that a text starts with.
    fn start_of(text: &[u8]) -> Self {
        let unprefixed = text.strip_prefix(b"u").unwrap_or(text);
        let length = match unprefixed {
            [quote @ (b'\'' | b'"'), inside @ ..] => match first_of(*quote, inside) {
                Some(end) if inside[end] == *quote => text.len() - inside.len() + end + 1,
                // It has escapes.
                _ => return Self::ANYTHING,
            },
            // Brackets are values that nobody asks for.
            _ => memchr3(b',', b'}', b')', text).unwrap_or(text.len()),
        };
        Self::value(text[..length].trim_ascii_end())
    }

    /// That of a value as it is written.
    pub(super) fn value(text: &[u8]) -> Self {
        let unprefixed = text.strip_prefix(b"u").unwrap_or(text);
        if let [quote @ (b'\'' | b'"'), inside @ .., last] = unprefixed
            && quote == last
        {
            return Self::plain(inside);
        }
        if matches!(text, b"None" | b"null") {
            return Self::NOTHING;
        }
        // A long integer of Python 2.
        let digits = text.strip_suffix(b"L").unwrap_or(text);
        if digits.iter().all(u8::is_ascii_digit) {
            Self::plain(digits)
        } else {
            Self::ANYTHING
        }
    }
}

/// What the objects that a text may show are asked for by, told in one pass that is much faster than
/// [`split`](super::rows::split): by what follows each `key`, wherever in the text it is one. None is
/// missed: neither Python nor Zato's JSON writes a letter or a digit in another way.
pub(super) fn values_of(key: &str, text: &[u8]) -> Keys {
    let mut values = Keys::default();
    // `Bunch(id=1)`
    if memmem::find(text, b"Bunch(").is_some() {
        values.push(Asked::ANYTHING);
        return values;
    }
    for quote in [b'\'', b'"'] {
        let quoted = [&[quote], key.as_bytes(), &[quote]].concat();
        for at in memmem::find_iter(text, &quoted) {
            let behind = text[at + quoted.len()..].trim_ascii_start();
            match behind.split_first() {
                Some((b':', value)) => values.push(Asked::start_of(value.trim_ascii_start())),
                // `OrderedDict([('id', 1)])`
                Some((b',', _)) => values.push(Asked::ANYTHING),
                _ => {}
            }
        }
    }
    values
}

/// What the objects of a response are asked for by, each at the place of its object.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) all: Vec<Asked>,
    filter: Filter,
}

/// Tells of most that are not among the keys that they are not, from one line of memory.
#[derive(Clone, Copy, Debug, Default)]
struct Filter([u64; 8]);

/// How many keys are looked at in one go.
const CHUNK: usize = 32;

impl Keys {
    pub(super) fn push(&mut self, key: Asked) {
        self.all.push(key);
        self.filter.add(key);
    }

    /// Whether any of them may be the one that is asked for.
    pub(super) fn may_hold(&self, asked: Asked) -> bool {
        self.filter.may_hold(asked) && self.places(asked).next().is_some()
    }

    /// The places of those that may be the one that is asked for.
    pub(super) fn places(&self, asked: Asked) -> impl Iterator<Item = usize> {
        let all = if self.filter.may_hold(asked) {
            &self.all[..]
        } else {
            &[]
        };
        // Without a branch for each of them the processor looks at several at once.
        let may_any = move |chunk: &[Asked]| {
            let keys = chunk.iter();
            keys.fold(false, |any, key| any | key.may_be(asked))
        };
        let chunks = all.chunks(CHUNK).enumerate();
        let chunks = chunks.filter(move |(_, chunk)| may_any(chunk));
        chunks.flat_map(move |(nth, chunk)| {
            let keys = chunk.iter().enumerate();
            let found = keys.filter(move |(_, key)| key.may_be(asked));
            found.map(move |(place, _)| nth * CHUNK + place)
        })
    }
}

impl Filter {
    fn add(&mut self, key: Asked) {
        if key == Asked::ANYTHING {
            self.0 = [u64::MAX; 8];
        }
        let (word, bit) = Self::place(key);
        self.0[word] |= bit;
    }

    #[inline]
    fn may_hold(&self, key: Asked) -> bool {
        let (word, bit) = Self::place(key);
        self.0[word] & bit != 0
    }

    fn place(key: Asked) -> (usize, u64) {
        (key.0 as usize / 64 % 8, 1 << (key.0 % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_may_show_is_told_without_taking_it_apart() {
        for (text, key, asked, expected) in [
            ("[{'id': 85}]", "id", "85", true),
            ("[{'id': 85}]", "id", "8", false),
            ("[{'id': 85}]", "id", "5", false),
            ("[{'id' : 85 }]", "id", "85", true),
            ("[{'port': 85, 'id': 1}]", "id", "85", false),
            ("[{'port': 85, 'id': 1}]", "id", "1", true),
            ("[{'security_id': 85}]", "id", "85", false),
            ("[{u'id': u'85'}]", "id", "85", true),
            ("[{\"id\":\"85\"},{\"id\":\"86\"}]", "id", "86", true),
            ("[{'id': 85L, 'name': 'my one'}]", "name", "my one", true),
            ("[{'id': 85L, 'name': 'my one'}]", "id", "85", true),
            ("[{'id': 85L, 'name': 'my one'}]", "name", "one", false),
            ("[{'id': 85L, 'name': 'my one'}]", "id", "my one", false),
            ("[{'id': None}]", "id", "None", false),
            ("[OrderedDict([('id', 1)])]", "id", "85", true),
            ("[Bunch(id=85)]", "id", "85", true),
            ("['id']", "id", "85", false),
            ("85", "id", "85", false),
            ("{'id': 85", "id", "85", true),
            ("{'id':", "id", "85", false),
            // Who knows how these are written.
            ("[{'name': '\\xfc'}]", "name", "\u{fc}", true),
            ("[{'name': 'a'}]", "name", "\u{fc}", false),
            ("[{'name': \"a'b\"}]", "name", "a'b", true),
            ("[{'id': 1.50}]", "id", "1.5", true),
            ("[{'id': [85]}]", "id", "85", true),
            ("[{'name': ''}]", "name", "", true),
        ] {
            let values = values_of(key, text.as_bytes());
            let may_hold = values.may_hold(Asked::text(asked));
            assert_eq!(may_hold, expected, "{text} {asked}");
        }
    }

    #[test]
    fn what_may_be_anything_may_be_what_is_asked_for() {
        let one = Asked::text("1");
        for (row, asked, expected) in [
            (one, one, true),
            (one, Asked::text("2"), false),
            (Asked::NOTHING, one, false),
            (Asked::ANYTHING, one, true),
            (one, Asked::text("ü"), false),
            (Asked::ANYTHING, Asked::text("ü"), true),
            (Asked::NOTHING, Asked::text("ü"), false),
        ] {
            assert_eq!(row.may_be(asked), expected, "{row:?} {asked:?}");
        }
    }
}
