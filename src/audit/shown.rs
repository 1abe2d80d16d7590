//! Responses that show objects, kept as text until a call asks for one of their objects: a log of
//! reads alone decodes nothing, and an edit decodes one object, not the list that it stands in.
//!
//! Memory: the latest responses, within limits.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use super::field::{Fields, decoded, fields};
use super::object::{About, ObjectName, rows};
use super::rows::{Asked, Row, split};
use crate::entry::{Direction, Payload, Wording};
use crate::invocation::Content;
use crate::view::View;

/// How many responses are kept, and how many bytes they take.
const MOST_RESPONSES: usize = 4096;
const MOST_BYTES: usize = 32 << 20;

/// The responses of one server that wait to be asked for their objects.
#[derive(Default)]
pub(super) struct Shown {
    /// By the type of their objects, each in the order in which they were shown last.
    types: BTreeMap<String, Vec<Response>>,
    size: Size,
}

/// What responses take.
#[derive(Default)]
struct Size {
    count: usize,
    bytes: usize,
}

/// What a response shows of an object.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) name: ObjectName,
    pub(super) fields: Fields,
    /// The number of the call.
    pub(super) as_of: u64,
}

struct Response {
    about: About,
    /// The hashes of the request and of the response as they are logged.
    request: u64,
    hash: u64,
    /// The response, out of its wrapping.
    text: Vec<u8>,
    as_of: u64,
    rows: Rows,
}

enum Rows {
    /// Nobody has asked for one.
    Unknown,
    /// Those that have not been told of.
    Left(Vec<Row>),
}

impl Shown {
    /// Keeps a response. Tells of the objects of those that there is no more room for.
    pub(super) fn add(
        &mut self,
        about: &About,
        request: Option<&Payload<'_>>,
        response: &Payload<'_>,
        as_of: u64,
        view: &View,
    ) -> Vec<Sight> {
        if response.is_cut_off || response.text.is_empty() {
            return Vec::new();
        }
        let request = request.map_or(0, |request| xxh3_64(request.text));
        let hash = xxh3_64(response.text);
        if !self.types.contains_key(&about.object_type) {
            self.types.insert(about.object_type.clone(), Vec::new());
        }
        let responses = self.types.get_mut(&about.object_type);
        let responses = responses.expect("it has just been added");
        // The same question has one answer, the latest; and what was said once need not be kept twice.
        let is_same = |other: &Response| other.request == request || other.hash == hash;
        let text = match responses.iter().position(is_same) {
            Some(nth) => {
                let before = responses.remove(nth);
                self.size.remove(&before);
                (before.hash == hash).then_some(before.text)
            }
            None => None,
        };
        let text = text.unwrap_or_else(|| {
            let content = Content::new(response, Direction::Response);
            content.text().to_vec()
        });
        let shown = Response {
            about: about.clone(),
            request,
            hash,
            text,
            as_of,
            rows: Rows::Unknown,
        };
        self.size.add(&shown);
        responses.push(shown);
        self.make_room(view)
    }

    /// Tells of all objects of a type that have not been told of.
    pub(super) fn all(&mut self, object_type: &str, view: &View) -> Vec<Sight> {
        let mut sights = Vec::new();
        for responses in of_type(&mut self.types, object_type) {
            for mut response in responses.drain(..) {
                self.size.remove(&response);
                response.tell_all(view, &mut sights);
            }
        }
        sights.sort_by_key(|sight| sight.as_of);
        sights
    }

    /// Tells of all objects that may have this ID, or this name if there is none, and that have not
    /// been told of.
    pub(super) fn ask(&mut self, name: &ObjectName, view: &View) -> Vec<Sight> {
        let mut sights = Vec::new();
        for responses in of_type(&mut self.types, &name.object_type) {
            for response in responses {
                response.ask(name, view, &mut sights);
            }
        }
        sights.sort_by_key(|sight| sight.as_of);
        sights
    }

    fn make_room(&mut self, view: &View) -> Vec<Sight> {
        let mut sights = Vec::new();
        while self.size.is_too_large() {
            let oldest = self.types.values_mut();
            let oldest = oldest.min_by_key(|all| all.first().map_or(u64::MAX, |one| one.as_of));
            let Some(oldest) = oldest.filter(|all| !all.is_empty()) else {
                break;
            };
            let mut oldest = oldest.remove(0);
            self.size.remove(&oldest);
            oldest.tell_all(view, &mut sights);
        }
        sights
    }
}

impl Size {
    fn add(&mut self, response: &Response) {
        self.count += 1;
        self.bytes += response.text.len();
    }

    fn remove(&mut self, response: &Response) {
        self.count -= 1;
        self.bytes -= response.text.len();
    }

    fn is_too_large(&self) -> bool {
        self.count > MOST_RESPONSES || self.bytes > MOST_BYTES
    }
}

/// The responses that may show objects of a type.
fn of_type<'t>(
    types: &'t mut BTreeMap<String, Vec<Response>>,
    object_type: &str,
) -> impl Iterator<Item = &'t mut Vec<Response>> {
    let of_type = types.iter_mut().filter(move |(shown, responses)| {
        let shows_several = |response: &Response| response.about.shows_several_types();
        *shown == object_type
            || object_type.starts_with(shown.as_str()) && responses.iter().any(shows_several)
    });
    of_type.map(|(_, responses)| responses)
}

impl Response {
    fn tell_all(&mut self, view: &View, sights: &mut Vec<Sight>) {
        match std::mem::replace(&mut self.rows, Rows::Left(Vec::new())) {
            Rows::Unknown => self.tell(&self.text, view, sights),
            Rows::Left(rows) => {
                for row in rows {
                    self.tell(&self.text[row.span], view, sights);
                }
            }
        }
    }

    fn ask(&mut self, name: &ObjectName, view: &View, sights: &mut Vec<Sight>) {
        if let Rows::Unknown = self.rows {
            match split(&self.text, &self.about) {
                Some(rows) => self.rows = Rows::Left(rows),
                None => self.tell_all(view, sights),
            }
        }
        let Rows::Left(rows) = &mut self.rows else {
            return;
        };
        let asked = name.object_id.as_ref().or(name.object_name.as_ref());
        let asked = asked.map_or(Asked::Nothing, |text| Asked::text(text));
        let may_be_asked = |row: &Row| match (&name.object_id, &name.object_name) {
            (Some(_), _) => row.id.may_be(asked),
            (None, _) => row.name.may_be(asked),
        };
        // Mostly there is one, or none.
        let Some(first) = rows.iter().position(may_be_asked) else {
            return;
        };
        let told: Vec<Row> = rows.extract_if(first.., |row| may_be_asked(row)).collect();
        for row in told {
            self.tell(&self.text[row.span], view, sights);
        }
    }

    fn tell(&self, text: &[u8], view: &View, sights: &mut Vec<Sight>) {
        let payload = Payload {
            text,
            wording: Wording::ServiceData,
            is_cut_off: false,
        };
        let (masked, clear) = decoded(view, &payload, Direction::Response);
        let mut clear = clear.as_ref().map(rows).into_iter().flatten();
        sights.extend(rows(&masked).into_iter().map(|row| Sight {
            name: self.about.object(row),
            fields: fields(row, clear.next()),
            as_of: self.as_of,
        }));
    }
}
