//! Reads the text of Python values: what `repr()` writes in Python 2 and 3, and what its `json`
//! module writes.
//!
//! ```text
//! value    = scalar | dict | list | tuple | set | call | object | again
//! scalar   = string | number | "None" | "True" | "False" | "nan" | "inf" | "-inf"
//! again    = "{...}" | "[...]"        a container inside itself
//! string   = ("u" | "b" | "")  quoted by ' or "
//! dict     = "{" [ value ":" value { "," value ":" value } ] "}"
//! call     = name "(" … ")"          Bunch(a=1), OrderedDict([…]), datetime.date(…), set([…])
//! object   = "<" … ">"               any repr between angle brackets, kept as text
//! ```
//! One grammar ([`Tokens`]) feeds every use: [`Tokens::into_value`] builds a `serde_json::Value`,
//! [`write_json`] writes JSON without a tree, [`Deserializer`] is a serde data format.
//!
//! Text is borrowed from the input unless an escape forces a copy. Reading never recurses, takes
//! time linear in the length of the input whatever its nesting, and keeps a few bytes for each open
//! bracket. A container nested deeper than [`MAX_DEPTH`] is kept as its text.
//! Input that does not fit the grammar is an error that names its offset; input that ends too
//! early can be read as far as it goes ([`Tokens::cut_off`]).

mod call;
mod copy;
mod de;
mod error;
mod grammar;
mod json;
mod keys;
mod open;
mod plain;
mod quick;
mod scan;
mod text;
mod token;
mod tokens;
mod values;

#[cfg(test)]
mod tests;

pub(crate) use copy::{Next, Watch};
pub use de::{DecodeError, Deserializer, from_tokens};
pub use error::{ReprError, ReprErrorKind};
pub(crate) use json::write_token;
pub use json::{is_obeyed, is_plain, to_value, write_json, write_json_string};
pub(crate) use keys::Keys;
pub use text::bytes_to_text;
pub use token::{SEPARATORS, Text, Token};
pub use tokens::Tokens;

/// Containers nested deeper than this are kept as their text. Python's own parser gives up at 200,
/// most JSON readers between 128 and 1,000.
pub const MAX_DEPTH: usize = 512;

/// Which of the two notations that Python writes is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `repr()` of Python 2 or 3; each string tells for itself which of them wrote it.
    Repr,
    /// `json.dumps()`: JSON with `NaN`, `Infinity`, `-Infinity` and lone surrogates.
    Json,
}
