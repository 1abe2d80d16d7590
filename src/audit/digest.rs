//! What the audit takes of one call. A call without an answer is known when the log has been read;
//! it is kept until the reading comes by its place again.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::change::{At, Change};
use super::decoder::{Decoder, Named};
use super::field::{ChangedFields, shown_values};
use super::forgery::forged_line;
use super::neighbours::Neighbours;
use super::object::{About, ObjectName};
use super::waiting::InCommon;
use crate::entry::{Asctime, Direction};
use crate::invocation::{Invocation, Outcome, Place, Side};
use crate::view::View;

/// A call without an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Unanswered {
    pub(super) service: String,
    pub(super) cid: Option<String>,
    pub(super) process: Option<u32>,
    /// The time of its request, as a number.
    pub(super) asctime: Option<u64>,
    pub(super) shown_time: Option<String>,
    pub(super) actor: Actor<'static>,
    pub(super) file: usize,
    pub(super) offset: usize,
    pub(super) at: At,
    pub(super) call: String,
    pub(super) is_chosen: bool,
    pub(super) in_common: InCommon,
    /// What it names and asks for, if it was to change something.
    pub(super) request: Option<Named>,
}

impl Unanswered {
    pub(super) fn new(
        invocation: &Invocation<'_>,
        about: &About,
        view: &View,
        neighbours: &Neighbours,
        decoder: &mut Decoder,
        file: usize,
        is_chosen: bool,
    ) -> Option<Self> {
        let request = invocation.request.as_ref()?;
        let http = invocation.cid.and_then(|cid| neighbours.http(cid));
        let mut actor = Actor::of(invocation, http).into_owned();
        let failure = invocation.cid.and_then(|cid| neighbours.failure(cid));
        actor.status = actor.status.or(failure.and_then(|failure| failure.status));
        let named = || named(about, decoder, request, Direction::Request);
        Some(Self {
            service: invocation.service.to_owned(),
            cid: invocation.cid.map(ToOwned::to_owned),
            process: invocation.process,
            asctime: request.asctime.map(Asctime::to_bits),
            shown_time: shown_time(invocation, view),
            actor,
            file,
            offset: request.at.span.offset,
            at: at(request.at),
            call: invocation.identity.id().to_string(),
            is_chosen,
            in_common: InCommon::of(invocation),
            request: about.is_write.then(named),
        })
    }

    pub(super) fn time(&self) -> Option<Asctime> {
        self.asctime.and_then(Asctime::from_bits)
    }

    /// What it was to change of this object, with the server that it was called on and what ended it.
    pub(super) fn change(
        &self,
        about: &About,
        object: ObjectName,
        server: Option<String>,
        failure: Option<String>,
    ) -> Change<'_> {
        let asked = self.request.as_ref();
        Change {
            time: self.shown_time.as_deref().map(Cow::Borrowed),
            server: server.map(Cow::Owned),
            actor: self.actor.remote.as_deref().map(Cow::Borrowed),
            effective_actor: self.actor.parent.as_deref().map(Cow::Borrowed),
            object_type: Cow::Owned(object.object_type),
            object_id: object.object_id.map(Cow::Owned),
            object_name: object.object_name.map(Cow::Owned),
            action: about.action(&self.service),
            outcome: Outcome::Unanswered,
            changed: ChangedFields::new(),
            requested: asked
                .map(|asked| shown_values(&asked.fields))
                .unwrap_or_default(),
            failure: failure.map(Cow::Owned),
            cid: self.cid.as_deref().map(Cow::Borrowed),
            service: Cow::Borrowed(&self.service),
            duration_ms: None,
            caller: self.actor.clone(),
            call: Cow::Borrowed(&self.call),
            at: self.at.clone(),
        }
    }
}

/// What the audit takes of a call that has an answer, and what needs to know nothing of other calls.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// How many lines of the request and of the response stand before what looks like a record.
    pub(super) forged: [Option<u64>; 2],
    /// What is to be changed, by the request, with the fields that it names.
    pub(super) asked: Option<Named>,
}

impl Answered {
    pub(super) fn new(invocation: &Invocation<'_>, about: &About, decoder: &mut Decoder) -> Self {
        let Invocation {
            request, response, ..
        } = invocation;
        let forged = [request, response].map(|side| forged_line(side.as_ref()?.payload.text));
        let is_asked = about.is_write && !invocation.is_rest_wrapper();
        let asked = is_asked.then(|| {
            let asked = request.as_ref();
            let mut asked = asked.map_or_else(Default::default, |request| {
                named(about, decoder, request, Direction::Request)
            });
            // What is there is known by its ID, which only the answer to its creation tells.
            let name = &mut asked.name;
            if (name.object_id.is_none() || name.object_type.is_empty())
                && let Some(response) = response
            {
                let answered = named(about, decoder, response, Direction::Response).name;
                name.object_type = answered.object_type;
                name.object_id = name.object_id.take().or(answered.object_id);
                name.object_name = name.object_name.take().or(answered.object_name);
            }
            asked
        });
        Self { forged, asked }
    }
}

/// The object that a payload names, with its fields.
pub(super) fn named(
    about: &About,
    decoder: &mut Decoder,
    side: &Side<'_>,
    direction: Direction,
) -> Named {
    let decoded = decoder.decode(&side.payload, direction);
    decoded.object(about).unwrap_or_else(|| {
        let name = ObjectName {
            object_type: about.object_type.clone(),
            ..ObjectName::default()
        };
        Named {
            name,
            ..Named::default()
        }
    })
}

/// The time that is shown of a call.
pub(super) fn shown_time(invocation: &Invocation<'_>, view: &View) -> Option<String> {
    let offset = invocation.utc_offset();
    let time = invocation.seen_at()?;
    Some(view.timestamp(time, offset).to_string())
}

/// Where a record stands, without the offset.
pub(super) fn at(place: Place<'_>) -> At {
    At {
        file: place.file.to_owned(),
        line: place.line as u64,
    }
}

/// Where the first record of a call stands.
pub(super) fn first_place<'a>(invocation: &Invocation<'a>) -> Option<Place<'a>> {
    let first = invocation.request.or(invocation.response);
    first.map(|first| first.at)
}

/// Whether the call has an answer in the log.
pub(super) fn is_answered(invocation: &Invocation<'_>) -> bool {
    match invocation.outcome() {
        Outcome::Completed | Outcome::ResponseOnly => true,
        Outcome::Unanswered => false,
    }
}
