//! By what an object in a response may be asked for, as far as that is known without decoding it.

use memchr::memmem;
use xxhash_rust::xxh3::xxh3_64;

use super::object::About;

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

/// Whether a response may show an object with this ID or name, told much faster than by
/// [`split`](super::rows::split). `false` is certain: neither Python nor Zato's JSON writes a letter
/// or a digit in another way.
pub(super) fn may_show(text: &[u8], asked: &str, (by, about): (By, &About)) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _-.:".contains(&byte);
    let is_number =
        asked.parse::<f64>().is_ok() && !asked.bytes().all(|byte| byte.is_ascii_digit());
    if asked.is_empty() || is_number || !asked.bytes().all(is_plain) {
        return true;
    }
    let key = match by {
        By::Id => "id",
        By::Name => about.name_field(),
    };
    memmem::find_iter(text, asked).any(|at| {
        let is_quote = |byte: u8| matches!(byte, b'\'' | b'"');
        let before = text[..at]
            .strip_suffix(b"'")
            .or(text[..at].strip_suffix(b"\""));
        let before = before.unwrap_or(&text[..at]);
        let before = before.strip_suffix(b"u").unwrap_or(before).trim_ascii_end();
        let before = before.strip_suffix(b":").map(<[u8]>::trim_ascii_end);
        let Some((quote, before)) = before.and_then(<[u8]>::split_last) else {
            return false;
        };
        let before = before.strip_suffix(key.as_bytes());
        is_quote(*quote) && before.is_some_and(|before| before.ends_with(&[*quote]))
    })
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
    fn what_may_be_shown_is_told_without_reading_it() {
        let about = About::service("zato.http-soap.get-list");
        for (text, asked, by, expected) in [
            ("[{'id': 85}]", "85", By::Id, true),
            ("[{'id': 85}]", "8", By::Id, true),
            ("[{'id': 85}]", "5", By::Id, false),
            ("[{'port': 85, 'id': 1}]", "85", By::Id, false),
            ("[{'security_id': 85}]", "85", By::Id, false),
            ("[{u'id': u'85'}]", "85", By::Id, true),
            ("[{\"id\":\"85\"}]", "85", By::Id, true),
            ("[{'id': 85L, 'name': 'my one'}]", "my one", By::Name, true),
            ("[{'id': 85L, 'name': 'my one'}]", "one", By::Name, false),
            ("[{'id': 85L, 'name': 'my one'}]", "my one", By::Id, false),
            // Who knows how these are written.
            ("[]", "\u{fc}", By::Name, true),
            ("[]", "a'b", By::Name, true),
            ("[]", "1.5", By::Id, true),
            ("[]", "1e20", By::Id, true),
            ("[]", "", By::Name, true),
            ("85", "85", By::Id, false),
        ] {
            assert_eq!(
                may_show(text.as_bytes(), asked, (by, &about)),
                expected,
                "{text} {asked}"
            );
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
