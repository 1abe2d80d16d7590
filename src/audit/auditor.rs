//! Goes through the logs of servers, call by call in their order, and makes the report.
//!
//! Each server's log is read twice: [`Auditor::expect`] gets all records and the calls that have no
//! answer, which are known when all has been read, and [`Auditor::take`] then gets all calls, so that
//! failures stand where they happened, between the others.
//!
//! Memory: the objects that live (see `objects`), what rules remember (see `rules`), and counts for
//! each service and caller, all within limits that are constants. Changes and calls without an
//! answer leave memory: they are put on a [`Shelf`].

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::actor::Actor;
use super::callers::Callers;
use super::change::{At, Change};
use super::decoder::{Decoder, Named};
use super::digest::{Answered, Unanswered, at, first_place, is_answered, shown_time};
use super::effects::Effects;
use super::event::Event;
use super::failures::{FailedCall, Failures, Reason};
use super::field::{owned_values, shown_values};
use super::json::text;
use super::ledger::{Ledger, NEAR_END_MS, ServerLedger, UnpairedResponse};
use super::life::{LifeEvent, Lives, ObjectQuery};
use super::neighbours::Neighbours;
use super::object::About;
use super::objects::Objects;
use super::report::Report;
use super::rules::{Engine, Evidence, Rules};
use super::secrets::ClearSecrets;
use super::shelf::Shelf;
use super::shown::Fate;
use super::tally::Tally;
use super::waiting::{Stray, Waiting};
use crate::entry::{Asctime, Direction};
use crate::invocation::{Batch, Effect, Invocation, Outcome, Place};
use crate::view::{PerThread, View};

/// How many services are remembered with what they are about.
const MOST_SERVICES: usize = 1 << 14;

/// How many calls a thread takes at the least.
const CALLS_A_THREAD: usize = 8;

/// Audits logs, and keeps changes as `C`.
pub struct Auditor<'v, C> {
    view: &'v View,
    decoder: Decoder,
    /// For what the threads take of calls, each on its own.
    decoders: PerThread<Decoder>,
    neighbours: &'v Neighbours,
    services: HashMap<String, Arc<About>, foldhash::fast::RandomState>,
    server: Option<Server>,
    /// How many objects the servers before had.
    incarnations: u64,
    ledger: Ledger,
    kept: fn(&Change<'_>) -> C,
    changes: Shelf<C>,
    tally: Tally,
    failures: Failures,
    callers: Callers,
    engine: Engine,
    secrets: ClearSecrets,
    lives: Option<Lives>,
}

/// The server whose log is read.
struct Server {
    ledger: ServerLedger,
    objects: Objects,
    unanswered: Shelf<Unanswered>,
    /// The first of them that has not been come by.
    next: usize,
    /// Those that have been.
    waiting: Waiting,
}

impl<'v, C: Serialize + DeserializeOwned> Auditor<'v, C> {
    /// Starts before the first log. `object` is the one whose life is asked for; `kept` makes of each
    /// change what the report is to have of it: there may be many, and a line is kept with less effort
    /// than a change.
    #[must_use]
    pub fn new(
        view: &'v View,
        neighbours: &'v Neighbours,
        rules: &Rules,
        object: Option<ObjectQuery>,
        kept: fn(&Change<'_>) -> C,
    ) -> Self {
        Self {
            view,
            decoder: Decoder::new(view.redactor),
            decoders: PerThread::new(|| Decoder::new(view.redactor)),
            neighbours,
            services: HashMap::default(),
            server: None,
            incarnations: 0,
            ledger: Ledger::default(),
            kept,
            changes: Shelf::default(),
            tally: Tally::default(),
            failures: Failures::default(),
            callers: Callers::default(),
            engine: Engine::new(rules),
            secrets: ClearSecrets::default(),
            lives: object.map(Lives::new),
        }
    }

    /// Goes on to the log of the next server.
    pub fn start_server(&mut self, ledger: ServerLedger) {
        self.finish_server();
        self.engine.start_server();
        self.server = Some(Server {
            ledger,
            objects: Objects::after(self.incarnations),
            unanswered: Shelf::default(),
            next: 0,
            waiting: Waiting::default(),
        });
    }

    /// Gets to know what a part of the log holds before any of its calls is taken: its records, and
    /// calls that have no answer. `is_chosen` tells whether one is asked for.
    pub fn expect(
        &mut self,
        batch: &Batch<'_>,
        mut is_chosen: impl FnMut(&Invocation<'_>) -> bool,
    ) {
        if let Some(server) = &mut self.server {
            server.ledger.take(batch.file, &batch.records);
        }
        for invocation in &batch.invocations {
            self.expect_call(invocation, || is_chosen(invocation));
        }
    }

    /// Concludes what all parts of the log together show, whose files have these hashes.
    pub fn conclude(&mut self, hashes: impl IntoIterator<Item = String>) {
        if let Some(server) = &mut self.server {
            server.ledger.finish(hashes);
        }
    }

    fn expect_call(&mut self, invocation: &Invocation<'_>, is_chosen: impl FnOnce() -> bool) {
        if is_answered(invocation) {
            return;
        }
        if invocation.is_rest_wrapper() {
            if let Some(server) = &mut self.server {
                server.ledger.note_request(Reason::InnerCall);
            }
            return;
        }
        let about = self.about(invocation.service);
        let Some(server) = &mut self.server else {
            return;
        };
        let Some(place) = first_place(invocation) else {
            return;
        };
        let file = server.ledger.file_number(place.file);
        let unanswered = Unanswered::new(
            invocation,
            &about,
            self.view,
            self.neighbours,
            &mut self.decoder,
            file,
            is_chosen(),
        );
        if let Some(unanswered) = unanswered {
            let key = place_key(file, unanswered.offset);
            server.unanswered.put(key, &unanswered);
        }
    }

    /// Takes the next calls, in order. `is_chosen` tells whether one is asked for: others are looked at
    /// for what they tell about objects.
    pub fn take(
        &mut self,
        invocations: &[Invocation<'_>],
        mut is_chosen: impl FnMut(&Invocation<'_>) -> bool,
    ) {
        let abouts: Vec<Arc<About>> = invocations
            .iter()
            .map(|invocation| self.about(invocation.service))
            .collect();
        let decoders = &self.decoders;
        let answered = (invocations, &abouts)
            .into_par_iter()
            .with_min_len(CALLS_A_THREAD);
        let answered = answered.map(|(invocation, about)| {
            let is_answered = invocation.response.is_some();
            let answered = || decoders.with(|decoder| Answered::new(invocation, about, decoder));
            is_answered.then(answered)
        });
        let answered: Vec<Option<Answered>> = answered.collect();
        for ((invocation, about), answered) in invocations.iter().zip(&abouts).zip(answered) {
            let is_chosen = is_chosen(invocation);
            if let Some(answered) = answered {
                self.take_answered(invocation, about, answered, is_chosen);
            }
        }
    }

    fn take_answered(
        &mut self,
        invocation: &Invocation<'_>,
        about: &About,
        answered: Answered,
        is_chosen: bool,
    ) {
        let Some(response) = invocation.response else {
            return;
        };
        let Some(server) = &mut self.server else {
            return;
        };
        let file = server.ledger.file_number(response.at.file);
        let place = place_key(file, response.at.span.offset);
        self.come_by(place);
        self.look(invocation, answered.forged, is_chosen);
        if invocation.is_rest_wrapper() {
            return;
        }
        let http = invocation.cid.and_then(|cid| self.neighbours.http(cid));
        let actor = Actor::of(invocation, http);
        let effects = self.effects(invocation, about, answered.asked, is_chosen);
        let change = effects.as_ref();
        let change =
            change.map(|effects| self.change(invocation, about, &actor, effects, is_chosen));
        if is_chosen {
            self.callers.add(&actor, invocation.service);
        }
        let first = first_place(invocation).unwrap_or(response.at);
        let event = Event {
            time: invocation.seen_at(),
            shown_time: change.as_ref().and_then(|change| change.time.as_deref()),
            server: invocation.server,
            service: invocation.service,
            about,
            outcome: invocation.outcome(),
            duration_ms: invocation.duration_ms(),
            actor: &actor,
            failure: None,
            change: change.as_ref(),
            file: first.file,
            line: first.line as u64,
        };
        self.engine.take(&event, is_chosen);
        if let Some(change) = change.filter(|_| is_chosen) {
            self.keep(&change, invocation.seen_at());
        }
    }

    /// Makes the report.
    #[must_use]
    pub fn finish(mut self) -> Report<C> {
        self.finish_server();
        self.changes.sort();
        self.secrets.report(&mut self.engine);
        self.ledger.report(&mut self.engine);
        Report {
            tally: self.tally.finish(),
            changes: self.changes,
            failures: self.failures.finish(),
            findings: self.engine.finish(),
            callers: self.callers.finish(),
            ledger: self.ledger,
            life: self.lives.map(Lives::finish),
        }
    }

    fn finish_server(&mut self) {
        self.come_by(i64::MAX);
        if let Some(server) = self.server.take() {
            self.incarnations = server.objects.incarnations();
            self.ledger.add(server.ledger);
        }
    }

    /// What the service with this name is about.
    fn about(&mut self, service: &str) -> Arc<About> {
        if let Some(about) = self.services.get(service) {
            return Arc::clone(about);
        }
        let about = Arc::new(About::service(service));
        if self.services.len() < MOST_SERVICES {
            self.services.insert(service.to_owned(), Arc::clone(&about));
        }
        about
    }

    /// Looks at what the records of a call show besides what they say.
    fn look(&mut self, invocation: &Invocation<'_>, forged: [Option<u64>; 2], is_chosen: bool) {
        let Some(server) = &mut self.server else {
            return;
        };
        if let (Some(offset), Some(place)) = (invocation.utc_offset(), first_place(invocation)) {
            server
                .ledger
                .note_offset(offset, invocation.seen_at(), place);
        }
        if invocation.outcome() == Outcome::ResponseOnly {
            let reason = if invocation.had_no_input() {
                UnpairedResponse::NoInput
            } else if is_near(server.ledger.first(), invocation.finished_at()) {
                UnpairedResponse::StartOfLog
            } else {
                UnpairedResponse::Unknown
            };
            server.ledger.note_response(reason);
            // One that breaks off has no CID, and it is known why it belongs to no request.
            if let (Some(_), Some(at)) = (invocation.cid, first_place(invocation))
                && !invocation.had_no_input()
            {
                let place = (server.ledger.file_number(at.file), at.span.offset);
                let stray = Stray::new(invocation, place, evidence(invocation, at, 0), is_chosen);
                if let Some(request) = server.waiting.request_of(&stray) {
                    self.engine.foreign_response(&stray, request, "has none");
                } else {
                    server.waiting.keep(stray);
                }
            }
        } else if let (Some(request), Some(response)) = (invocation.request, invocation.response)
            && server.waiting.has_strays()
        {
            let mut place = |at: Place<'_>| (server.ledger.file_number(at.file), at.span.offset);
            let places = (place(request.at), place(response.at));
            let stray = server.waiting.stray_within(invocation, places.0, places.1);
            if let Some(stray) = stray {
                self.engine
                    .foreign_response(&stray, &at(request.at), "is answered behind it");
            }
        }
        let sides = [
            (&invocation.request, Direction::Request),
            (&invocation.response, Direction::Response),
        ];
        for ((side, direction), forged) in sides.into_iter().zip(forged) {
            let Some(side) = side else { continue };
            if let Some(lines) = forged {
                let evidence = evidence(invocation, side.at, lines);
                self.engine
                    .forged(&evidence, invocation.service, direction, is_chosen);
            }
            if is_chosen && !invocation.is_rest_wrapper() {
                self.secrets.look(self.view, invocation, side, direction);
            }
        }
    }

    /// Comes by the calls without an answer that stand before a place.
    fn come_by(&mut self, place: i64) {
        loop {
            let Some(server) = &mut self.server else {
                return;
            };
            if server
                .unanswered
                .key(server.next)
                .is_none_or(|key| key >= place)
            {
                return;
            }
            let Some(unanswered) = server.unanswered.get(server.next) else {
                return;
            };
            server.next += 1;
            self.take_unanswered(&unanswered);
        }
    }

    fn take_unanswered(&mut self, call: &Unanswered) {
        let about = self.about(&call.service);
        let Some(server) = &mut self.server else {
            return;
        };
        server
            .waiting
            .add(call.in_common, (call.file, call.offset), &call.at);
        let failure = call
            .cid
            .as_deref()
            .and_then(|cid| self.neighbours.failure(cid));
        let cause =
            failure.map(|failure| (failure.cause, &self.neighbours.causes()[failure.cause]));
        let reason = match failure {
            Some(_) => Reason::Exception,
            None => server.ledger.reason(call, self.neighbours),
        };
        server.ledger.note_request(reason);
        let time = call.time();
        if call.is_chosen {
            self.callers.add(&call.actor, &call.service);
            self.failures.add(FailedCall {
                reason,
                cause: cause.map(|(number, cause)| {
                    (number, cause.exception.as_str(), cause.message.as_str())
                }),
                service: &call.service,
                time: call.shown_time.clone(),
                at: call.at.clone(),
                traceback: failure.map(|failure| At {
                    file: failure.file.to_owned(),
                    line: failure.line,
                }),
            });
        }
        let change = call.request.as_ref().map(|asked| {
            let object = &asked.name;
            // What is to be created is not there yet.
            let is_new = about.effect == Effect::Create;
            if !is_new {
                server
                    .objects
                    .recall(object, Fate::Stays, &mut self.decoder);
            }
            let known = server.objects.find(object).filter(|_| !is_new);
            let object = known.map_or(object, |known| &known.name);
            let cause = cause.map(|(_, cause)| cause.to_string());
            let server = server.ledger.server.clone();
            let change = call.change(&about, object.clone(), server, cause);
            if let (Some(lives), Some(known)) = (&mut self.lives, known)
                && lives.object_type() == change.object_type
            {
                let (server, millis) = (change.server.as_deref(), time.map(Asctime::millis));
                let seen = LifeEvent::seen(known, server, call.shown_time.clone(), millis);
                let event = LifeEvent {
                    change: Some(change.clone().into_owned()),
                    ..seen
                };
                lives.add(&event, call.is_chosen);
            }
            change
        });
        let event = Event {
            time,
            shown_time: call.shown_time.as_deref(),
            server: server.ledger.server.as_deref(),
            service: &call.service,
            about: &about,
            outcome: Outcome::Unanswered,
            duration_ms: None,
            actor: &call.actor,
            failure: cause.map(|(_, cause)| cause.exception.as_str()),
            change: change.as_ref(),
            file: &call.at.file,
            line: call.at.line,
        };
        self.engine.take(&event, call.is_chosen);
        if let Some(change) = change.filter(|_| call.is_chosen) {
            self.keep(&change, time);
        }
    }

    fn keep(&mut self, change: &Change<'_>, time: Option<Asctime>) {
        self.tally.add(change);
        let key = time.map_or(i64::MIN, Asctime::millis);
        self.changes.put(key, &(self.kept)(change));
    }

    /// Takes what an answered call tells about objects. `None` if it was to change nothing.
    fn effects(
        &mut self,
        invocation: &Invocation<'_>,
        about: &About,
        asked: Option<Named>,
        is_chosen: bool,
    ) -> Option<Effects> {
        let server = self.server.as_mut()?;
        let objects = &mut server.objects;
        objects.next_call();
        let response = invocation.response?;
        if about.effect == Effect::Show {
            let request = invocation.request.as_ref().map(|request| &request.payload);
            objects.show(about, request, &response.payload, &mut self.decoder);
            if let Some(lives) = &mut self.lives {
                let object_type = lives.object_type().to_owned();
                let time = shown_time(invocation, self.view);
                let millis = happened_at(invocation);
                objects.settle(&object_type, &mut self.decoder, |object| {
                    let seen = LifeEvent::seen(object, invocation.server, time.clone(), millis);
                    lives.add(&seen, is_chosen);
                });
            }
            return None;
        }
        let asked = asked?;
        let wants_state = self.lives.is_some();
        Some(Effects::of(
            objects,
            about.effect,
            asked,
            &mut self.decoder,
            wants_state,
        ))
    }

    fn change<'c>(
        &mut self,
        invocation: &Invocation<'c>,
        about: &About,
        actor: &Actor<'c>,
        effects: &'c Effects,
        is_chosen: bool,
    ) -> Change<'c> {
        let change = effects.change(invocation, about, actor, self.view);
        if let (Some(lives), Some(incarnation)) = (&mut self.lives, effects.incarnation)
            && lives.object_type() == change.object_type
        {
            let renamed = change
                .changed
                .get(about.name_field())
                .and_then(|name| text(name.after.as_ref()?.as_str()));
            let known = effects.state.as_ref();
            let mut object = effects.object.clone();
            if let Some(name) = renamed {
                object.object_name = Some(name.into_owned());
            }
            let event = LifeEvent {
                server: invocation.server.map(ToOwned::to_owned),
                time: change.time.as_deref().map(ToOwned::to_owned),
                millis: happened_at(invocation),
                object,
                incarnation,
                change: Some(change.clone().into_owned()),
                state: known.map(|fields| owned_values(shown_values(fields))),
            };
            lives.add(&event, is_chosen);
        }
        change
    }
}

/// When what a call has done or shown was done, in milliseconds.
fn happened_at(invocation: &Invocation<'_>) -> Option<i64> {
    let happened = invocation.finished_at().or(invocation.seen_at());
    happened.map(Asctime::millis)
}

/// The place of a record among those of all files, as a number.
fn place_key(file: usize, offset: usize) -> i64 {
    // Files are below a tebibyte, and there are fewer than eight million.
    let file = i64::try_from(file).unwrap_or(i64::MAX >> 40);
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    (file << 40) | offset.min((1 << 40) - 1)
}

fn is_near(start: Option<Asctime>, time: Option<Asctime>) -> bool {
    match (start, time) {
        (Some(start), Some(time)) => time.millis_since(start).abs() <= NEAR_END_MS,
        (None, _) | (_, None) => false,
    }
}

fn evidence(invocation: &Invocation<'_>, place: Place<'_>, lines: u64) -> Evidence {
    Evidence {
        time: invocation.seen_at().map(|time| time.to_string()),
        server: invocation.server.map(ToOwned::to_owned),
        at: At {
            file: place.file.to_owned(),
            line: place.line as u64 + lines,
        },
    }
}
