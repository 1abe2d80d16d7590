//! Responses that show objects, kept as text until a call asks for one of their objects: a log of
//! reads alone decodes nothing, and an edit decodes one object, not the list that it stands in.
//!
//! Memory: the latest responses, within limits.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use super::asked::{Asked, By, Keys, values_of};
use super::decoder::{Decoder, Named};
use super::object::{About, ObjectName};
use super::rows::{Rows, split};
use crate::entry::{Direction, Payload, Wording};
use crate::invocation::Content;

/// How many responses are kept, and how many bytes they take.
const MOST_RESPONSES: usize = 4096;
const MOST_BYTES: usize = 32 << 20;

/// The responses of one server that wait to be asked for their objects.
#[derive(Default)]
pub(super) struct Shown {
    /// By the type of their objects, each in the order in which they were shown last.
    types: BTreeMap<String, Vec<Response>>,
    ages: Ages,
}

/// How old responses are, and what they take.
#[derive(Default)]
struct Ages {
    /// The type of the objects of each, by the number of its call.
    types: BTreeMap<u64, String>,
    bytes: usize,
}

/// What a response shows of an object.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) object: Named,
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
    objects: Objects,
}

/// The objects in a response.
enum Objects {
    /// Nobody has looked where they stand, since none was asked for that may be among them.
    Unknown(Told),
    /// Those that have not been told of.
    Left(Rows),
}

/// What objects in a response may be asked for by, as soon as one was asked for.
#[derive(Default)]
struct Told {
    ids: Option<Keys>,
    names: Option<Keys>,
}

impl Told {
    fn may_show(&mut self, question: Question, text: &[u8], about: &About) -> bool {
        let (keys, key) = match question.by {
            By::Id => (&mut self.ids, "id"),
            By::Name => (&mut self.names, about.name_field()),
        };
        let keys = keys.get_or_insert_with(|| values_of(key, text));
        keys.may_hold(question.asked)
    }
}

/// What becomes of an object that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    Goes,
}

/// What is asked of each response.
#[derive(Clone, Copy)]
struct Question {
    by: By,
    asked: Asked,
    /// The number of the call that told the last of the object.
    since: u64,
}

impl Question {
    fn of(name: &ObjectName, since: u64) -> Option<Self> {
        let (by, text) = match (&name.object_id, &name.object_name) {
            (Some(id), _) => (By::Id, id),
            (None, Some(name)) => (By::Name, name),
            (None, None) => return None,
        };
        Some(Self {
            by,
            asked: Asked::text(text),
            since,
        })
    }
}

impl Shown {
    /// Keeps a response. Tells of the objects of those that there is no more room for.
    pub(super) fn add(
        &mut self,
        about: &About,
        request: Option<&Payload<'_>>,
        response: &Payload<'_>,
        as_of: u64,
        decoder: &mut Decoder,
    ) -> Vec<Sight> {
        // What would not find room tells nothing.
        let is_too_large = response.text.len() > MOST_BYTES / 2;
        if response.is_cut_off || response.text.is_empty() || is_too_large {
            return Vec::new();
        }
        let request = request.map_or(0, |request| xxh3_64(request.text));
        let hash = xxh3_64(response.text);
        let responses = self.types.entry(about.object_type.clone()).or_default();
        // The same question has one answer, the latest; and what was said once need not be kept twice.
        let is_same = |other: &Response| other.request == request || other.hash == hash;
        let before = responses.iter().position(is_same);
        let before = before.map(|nth| responses.remove(nth));
        if let Some(before) = &before {
            self.ages.remove(before);
        }
        let text = match before {
            Some(before) if before.hash == hash => before.text,
            before => {
                let content = Content::new(response, Direction::Response);
                refilled(before.map(|before| before.text), content.text())
            }
        };
        let shown = Response {
            about: about.clone(),
            request,
            hash,
            text,
            as_of,
            objects: Objects::Unknown(Told::default()),
        };
        self.ages.add(&shown);
        responses.push(shown);
        self.make_room(decoder)
    }

    /// Tells of all objects of a type that have not been told of.
    pub(super) fn all(&mut self, object_type: &str, decoder: &mut Decoder) -> Vec<Sight> {
        let mut sights = Vec::new();
        for responses in of_type(&mut self.types, object_type) {
            for mut response in responses.drain(..) {
                self.ages.remove(&response);
                response.tell_all(decoder, &mut sights);
            }
        }
        if !sights.is_empty() {
            self.types.retain(|_, responses| !responses.is_empty());
        }
        sights.sort_by_key(|sight| sight.as_of);
        sights
    }

    /// Tells of all objects that may have this ID, or this name if there is none, and that have not
    /// been told of since the call with the number `since`. Of one that goes nothing is ever told
    /// again of what was shown so far.
    pub(super) fn ask(
        &mut self,
        name: &ObjectName,
        fate: Fate,
        since: u64,
        decoder: &mut Decoder,
    ) -> Vec<Sight> {
        let mut sights = Vec::new();
        let Some(question) = Question::of(name, since) else {
            return sights;
        };
        let is_asked = |response: &&mut Response| fate == Fate::Goes || response.as_of >= since;
        for responses in of_type(&mut self.types, &name.object_type) {
            // The latest stand behind.
            for response in responses.iter_mut().rev().take_while(is_asked) {
                response.ask(question, decoder, &mut sights);
            }
        }
        sights.sort_by_key(|sight| sight.as_of);
        sights
    }

    fn make_room(&mut self, decoder: &mut Decoder) -> Vec<Sight> {
        let mut sights = Vec::new();
        while self.ages.is_too_large()
            && let Some(oldest) = self.ages.oldest()
            && let Some(responses) = self.types.get_mut(oldest)
        {
            let mut oldest = responses.remove(0);
            if responses.is_empty() {
                self.types.remove(&oldest.about.object_type);
            }
            self.ages.remove(&oldest);
            oldest.tell_all(decoder, &mut sights);
        }
        sights
    }
}

impl Ages {
    fn add(&mut self, response: &Response) {
        let object_type = response.about.object_type.clone();
        self.types.insert(response.as_of, object_type);
        self.bytes += response.text.len();
    }

    fn remove(&mut self, response: &Response) {
        self.types.remove(&response.as_of);
        self.bytes -= response.text.len();
    }

    fn is_too_large(&self) -> bool {
        self.types.len() > MOST_RESPONSES || self.bytes > MOST_BYTES
    }

    /// The type of the objects of the oldest response.
    fn oldest(&self) -> Option<&String> {
        self.types.first_key_value().map(|(_, oldest)| oldest)
    }
}

/// A copy of a text, in the place of another one if there is some.
fn refilled(place: Option<Vec<u8>>, text: &[u8]) -> Vec<u8> {
    // What a long text took is not kept for short ones.
    match place.filter(|place| place.capacity() / 2 <= text.len()) {
        Some(mut place) => {
            place.clear();
            place.extend_from_slice(text);
            place
        }
        None => text.to_vec(),
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
    fn tell_all(&mut self, decoder: &mut Decoder, sights: &mut Vec<Sight>) {
        match std::mem::replace(&mut self.objects, Objects::Left(Rows::default())) {
            Objects::Unknown(_) => self.tell(&self.text, decoder, sights),
            Objects::Left(mut rows) => {
                for span in rows.take_all() {
                    self.tell(&self.text[span], decoder, sights);
                }
            }
        }
    }

    fn ask(&mut self, question: Question, decoder: &mut Decoder, sights: &mut Vec<Sight>) {
        if let Objects::Unknown(told) = &mut self.objects {
            if !told.may_show(question, &self.text, &self.about) {
                return;
            }
            match split(&self.text, &self.about) {
                Some(rows) => self.objects = Objects::Left(rows),
                None => self.tell_all(decoder, sights),
            }
        }
        let Objects::Left(rows) = &mut self.objects else {
            return;
        };
        for span in rows.take(question.asked, question.by) {
            if self.as_of >= question.since {
                self.tell(&self.text[span], decoder, sights);
            }
        }
    }

    fn tell(&self, text: &[u8], decoder: &mut Decoder, sights: &mut Vec<Sight>) {
        let payload = Payload {
            text,
            wording: Wording::ServiceData,
            is_cut_off: false,
        };
        let decoded = decoder.decode(&payload, Direction::Response);
        let objects = decoded.objects(&self.about);
        sights.extend(objects.map(|object| Sight {
            object,
            as_of: self.as_of,
        }));
    }
}
