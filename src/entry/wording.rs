//! How Zato has worded the records of a call over the years: a table, one row a wording.
//!
//! Sources: Zato's branches 1.1 to 4.1, and its manual.

use std::str::from_utf8;
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};
use memchr::{memchr, memchr_iter, memchr3, memrchr};
use nom::bytes::complete::take_while1;
use nom::error::{Error, ErrorKind};
use nom::{IResult, Parser};

use super::header::fixed;

/// How one family of Zato versions words the records of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wording {
    /// 1.0 to 2.0, before 2017.
    Brackets,
    /// 2.0 since 2017-01: requests in brackets, responses in backticks.
    Mixed,
    /// 3.0: a response is the `repr()` of its text.
    Backticks,
    /// Since 2019-05: 3.1, 3.2, 3.3, 4.1.
    ServiceData,
    /// Zato's manual: no header but the level, wrapped over lines.
    Documented,
}

impl Wording {
    /// The wording's name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Brackets => "brackets",
            Self::Mixed => "mixed",
            Self::Backticks => "backticks",
            Self::ServiceData => "service-data",
            Self::Documented => "documented",
        }
    }

    /// All wordings, in the order of their declaration.
    pub const ALL: [Self; 5] = [
        Self::Brackets,
        Self::Mixed,
        Self::Backticks,
        Self::ServiceData,
        Self::Documented,
    ];
}

/// Which half of a call a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// What the service was called with.
    Request,
    /// What the service has returned.
    Response,
}

impl Direction {
    /// The half's name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

use Direction::{Request, Response};

/// What stands before the CID, the service and the payload of a message, and behind the payload.
struct Form {
    direction: Direction,
    /// `None` where the CID stands behind the payload, or nowhere.
    cid: Option<&'static str>,
    service: &'static str,
    payload: &'static str,
    closing: Closing<'static>,
}

/// What ends a payload, at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing<'a> {
    Bracket,
    Backtick,
    /// `` ` cid:`C`,  `` with the CID, where the header tells it.
    Cid(Option<&'a str>),
}

const fn form(
    direction: Direction,
    [cid, service, payload]: [&'static str; 3],
    closing: Closing<'static>,
) -> Form {
    let cid = if cid.is_empty() { None } else { Some(cid) };
    Form {
        direction,
        cid,
        service,
        payload,
        closing,
    }
}

/// The first row that fits counts: a request of `Mixed` reads as one of `Brackets`, which it is.
/// A response in backticks belongs to `Mixed` or to `Backticks`, as its payload tells.
static TABLE: [(Wording, &[Form]); 5] = [
    (
        Wording::ServiceData,
        &[
            form(
                Request,
                ["", "Request; service:`", "`, data:`"],
                Closing::Cid(None),
            ),
            form(
                Response,
                ["", "Response; service:`", "`, data:`"],
                Closing::Cid(None),
            ),
        ],
    ),
    (
        Wording::Backticks,
        &[
            form(
                Request,
                ["cid:`", "`, name:`", "`, request:`"],
                Closing::Backtick,
            ),
            form(
                Response,
                ["cid:`", "`, name:`", "`, response:`"],
                Closing::Backtick,
            ),
        ],
    ),
    (
        Wording::Brackets,
        &[
            form(
                Request,
                ["cid:[", "], name:[", "], SIO request:["],
                Closing::Bracket,
            ),
            form(
                Request,
                ["cid:[", "], name:[", "], request:["],
                Closing::Bracket,
            ),
            form(
                Response,
                ["cid:[", "], name:[", "], response:["],
                Closing::Bracket,
            ),
        ],
    ),
    (Wording::Mixed, &[]),
    (
        Wording::Documented,
        &[
            form(Request, ["", "name:`", "`, request:`"], Closing::Backtick),
            form(Response, ["", "name:`", "`, response:`"], Closing::Backtick),
        ],
    ),
];

/// A message up to its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opened<'a> {
    pub(super) wording: Wording,
    pub(super) direction: Direction,
    pub(super) service: &'a str,
    pub(super) cid: Option<&'a str>,
    pub(super) closing: Closing<'a>,
}

/// Reads a message up to its payload. `context_cid` is the CID that the header names.
pub(super) fn opening<'a>(
    input: &'a str,
    has_header: bool,
    context_cid: Option<&'a str>,
) -> IResult<&'a str, Opened<'a>> {
    for &(wording, forms) in &TABLE {
        let is_documented = wording == Wording::Documented;
        if has_header == is_documented {
            continue;
        }
        for form in forms {
            if let Ok((rest, (cid, service))) = form.fields(input, is_documented) {
                let closing = match form.closing {
                    Closing::Cid(_) => Closing::Cid(context_cid),
                    other => other,
                };
                let direction = form.direction;
                return Ok((
                    rest,
                    Opened {
                        wording,
                        direction,
                        service,
                        cid,
                        closing,
                    },
                ));
            }
        }
    }
    Err(nom::Err::Error(Error::new(input, ErrorKind::Alt)))
}

/// Whether a message has the words of a call up to the service's name, which may be anything.
pub(super) fn starts_call(message: &[u8], has_header: bool) -> bool {
    let has_words = |form: &Form| match form.cid {
        None => message.starts_with(form.service.as_bytes()),
        Some(cid) => message.strip_prefix(cid.as_bytes()).is_some_and(|rest| {
            let near = &rest[..rest.len().min(LONGEST_CID + form.service.len())];
            memmem::find(near, form.service.as_bytes()).is_some()
        }),
    };
    forms(has_header).any(has_words)
}

/// The forms of records with a header, or of those without.
fn forms(has_header: bool) -> impl Iterator<Item = &'static Form> {
    let rows = TABLE
        .iter()
        .filter(move |(wording, _)| has_header == (*wording != Wording::Documented));
    rows.flat_map(|(_, forms)| *forms)
}

/// Whether a message breaks off in the words before a service's name, or before them. One that is empty
/// and has a newline is whole.
pub(super) fn breaks_off_in_words(message: &[u8]) -> bool {
    let words = message.trim_ascii_end();
    if words.is_empty() && !message.is_empty() {
        return false;
    }
    let in_words = |form: &Form| {
        let first = form.cid.unwrap_or(form.service).as_bytes();
        match words.strip_prefix(first) {
            Some(cid) => {
                let end = memchr(b']', cid).unwrap_or(cid.len());
                let (cid, rest) = cid.split_at(end);
                let is_cid = cid.len() <= LONGEST_CID && !cid.iter().any(u8::is_ascii_whitespace);
                form.cid.is_some() && is_cid && form.service.as_bytes().starts_with(rest)
            }
            None => first.starts_with(words),
        }
    };
    forms(true).any(in_words)
}

impl Form {
    fn fields<'a>(
        &self,
        input: &'a str,
        is_wrapped: bool,
    ) -> IResult<&'a str, (Option<&'a str>, &'a str)> {
        let (input, cid) = match self.cid {
            None => (input, None),
            Some(piece) => {
                let (input, ()) = fixed(input, piece)?;
                field.map(Some).parse(input)?
            }
        };
        let (input, ()) = fixed(input, self.service)?;
        let (input, service) = field(input)?;
        let (input, ()) = piece(input, self.payload, is_wrapped)?;
        Ok((input, (cid, service)))
    }
}

/// A CID or a service's name. They come from the server and hold no delimiter; a header inside one
/// means that the record breaks off there.
fn field(input: &str) -> IResult<&str, &str> {
    let end = memchr3(b'`', b']', b'\n', input.as_bytes()).unwrap_or(input.len());
    let (field, rest) = input.split_at(end);
    if field.is_empty() || (memchr(b' ', field.as_bytes()).is_some() && field.contains(" - ")) {
        return Err(nom::Err::Error(Error::new(input, ErrorKind::TakeTill1)));
    }
    Ok((rest, field))
}

/// The fixed text before a payload; in a wrapped message a space may be a new line.
fn piece<'a>(input: &'a str, text: &str, is_wrapped: bool) -> IResult<&'a str, ()> {
    if !is_wrapped {
        return fixed(input, text);
    }
    text.split(' ')
        .enumerate()
        .try_fold((input, ()), |(input, ()), (nth, word)| {
            let (input, _) = match nth {
                0 => (input, ""),
                _ => take_while1(|c: char| c.is_ascii_whitespace()).parse(input)?,
            };
            fixed(input, word)
        })
}

/// What stands between a payload and its CID.
const BEFORE_CID: &[u8] = b"` cid:`";

/// Longer than any CID that Zato has made.
const LONGEST_CID: usize = 256;

impl<'a> Closing<'a> {
    /// Splits the text up to the end of a line, without the newline, into the payload and the CID
    /// behind it, if the line closes the payload.
    pub(super) fn split(self, text: &'a [u8]) -> Option<(&'a [u8], Option<&'a str>)> {
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        match self {
            Self::Bracket => Some((text.strip_suffix(b"]")?, None)),
            Self::Backtick => Some((text.strip_suffix(b"`")?, None)),
            Self::Cid(expected) => {
                // Editors strip the space at the end of a line.
                let text = text
                    .strip_suffix(b" ")
                    .unwrap_or(text)
                    .strip_suffix(b"`,")?;
                let tail = text.len().saturating_sub(LONGEST_CID);
                let cid_at = tail + memrchr(b'`', &text[tail..])? + 1;
                let cid = from_utf8(&text[cid_at..])
                    .ok()
                    .filter(|cid| !cid.is_empty())?;
                let payload = text[..cid_at].strip_suffix(BEFORE_CID)?;
                expected
                    .is_none_or(|expected| expected == cid)
                    .then_some((payload, Some(cid)))
            }
        }
    }

    /// Drops the part of a closing delimiter that a text which breaks off may end with.
    pub(super) fn without_part(self, text: &'a [u8]) -> &'a [u8] {
        if !matches!(self, Self::Cid(_)) {
            return text;
        }
        let tail = text.len().saturating_sub(LONGEST_CID);
        let cid_at = memmem::rfind(&text[tail..], BEFORE_CID).map(|at| tail + at);
        let is_cid = |cid: &[u8]| !cid.iter().any(|byte| matches!(byte, b'`' | b'\n' | b' '));
        if let Some(at) = cid_at.filter(|at| is_cid(&text[at + BEFORE_CID.len()..])) {
            return &text[..at];
        }
        let part = (1..BEFORE_CID.len())
            .rev()
            .find(|length| text.ends_with(&BEFORE_CID[..*length]));
        &text[..text.len() - part.unwrap_or(0)]
    }

    /// Whether a text holds what stands in every message of this form.
    pub(super) fn marker_is_in(self, text: &[u8]) -> bool {
        let marker = self.marker();
        if self == Self::Bracket {
            return marker.find(text).is_some();
        }
        // The other markers end with a backtick, which few texts hold: looking for one byte takes a
        // quarter of the instructions.
        memchr_iter(b'`', text).any(|at| text[..=at].ends_with(marker.needle()))
    }

    /// Finds what stands in every message of this form, and rarely elsewhere.
    pub(super) fn marker(self) -> &'static Finder<'static> {
        match self {
            Self::Bracket => &MARKERS[0],
            Self::Backtick => &MARKERS[1],
            Self::Cid(_) => &MARKERS[2],
        }
    }
}

/// One for each kind of [`Closing`].
pub(super) static MARKERS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| [", name:[", ", name:`", "; service:`"].map(Finder::new));
