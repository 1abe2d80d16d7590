//! Makes calls in several threads and writes their records as they come.

use std::collections::VecDeque;
use std::io;

use jiff::civil::{DateTime, date};

use super::catalogue::OBJECTS;
use super::clock::Clock;
use super::payload::{self, Verb, rest_text};
use super::random::Random;
use super::wording::{Kind, Message, Origin, cid, write_record};
use super::{Recipe, Version, Written};

/// One call in so many is an upload, if any is.
const UPLOAD_EVERY: usize = 400;

/// One call in so many has no answer, and in 4.1 one has no request.
const HALF_EVERY: u64 = 50;

/// The wrapper around calls that come through the REST API of 3.2.
const REST_WRAPPER: &str = "pub.zato.service.service-invoker";

const PAGINATION: &[u8] =
    b"{'search': {'result': [], 'num_pages': 0, 'cur_page': 1, 'page_size': 20, 'total': 0}}";

const ORIGINS: [Origin; 8] = [
    origin(17_359, "Dummy-22"),
    origin(17_359, "Dummy-25"),
    origin(17_359, "Dummy-29"),
    origin(17_359, "Dummy-40"),
    origin(17_360, "Dummy-22"),
    origin(17_360, "Dummy-33"),
    origin(17_360, "Dummy-41"),
    origin(17_360, "MainThread"),
];

const fn origin(process: u32, thread_name: &'static str) -> Origin {
    Origin {
        process,
        thread_name,
    }
}

/// Writes a log that ends with the call that makes it `size` bytes long or more.
pub(crate) fn write_log(
    recipe: Recipe,
    size: usize,
    out: &mut impl io::Write,
) -> io::Result<Written> {
    let mut traffic = Traffic {
        recipe,
        random: Random::new(0),
        clock: Clock::new(recipe.version.start()),
        made: 0,
    };
    let mut written = Written::default();
    let mut pending = ORIGINS.map(|_| VecDeque::new());
    let mut unwritten = 0;
    let mut record = Vec::new();
    loop {
        let nth = traffic.random.index(ORIGINS.len());
        if pending[nth].is_empty() {
            if written.bytes + unwritten < size {
                pending[nth] = traffic.call();
                written.add(&pending[nth]);
                unwritten += pending[nth].iter().map(Message::length).sum::<usize>();
            } else if pending.iter().all(VecDeque::is_empty) {
                return Ok(written);
            }
        }
        if let Some(message) = pending[nth].pop_front() {
            traffic.clock.advance(traffic.random.within(1..=4));
            unwritten -= message.length();
            record.clear();
            write_record(
                recipe.version,
                &traffic.clock,
                ORIGINS[nth],
                &message,
                &mut record,
            );
            written.bytes += record.len();
            out.write_all(&record)?;
        }
    }
}

impl Version {
    /// When a log starts.
    fn start(self) -> DateTime {
        match self {
            Self::Zato2_0 => date(2017, 3, 14).at(8, 59, 57, 0),
            Self::Zato3_0 => date(2018, 11, 11).at(22, 1, 57, 123_000_000),
            Self::Zato3_2 => date(2023, 12, 31).at(23, 58, 0, 500_000_000),
            Self::Zato4_1 => date(2026, 11, 23).at(18, 13, 0, 203_000_000),
        }
    }
}

/// The calls of a server.
struct Traffic {
    recipe: Recipe,
    random: Random,
    clock: Clock,
    made: usize,
}

impl Traffic {
    /// Makes the next call: its records, in order.
    fn call(&mut self) -> VecDeque<Message> {
        self.made += 1;
        let Recipe {
            version,
            has_uploads,
        } = self.recipe;
        let cid = cid(version, &self.clock, &mut self.random);
        if has_uploads && self.made % UPLOAD_EVERY == UPLOAD_EVERY / 4 {
            return self.upload(&cid);
        }
        let verb = match self.random.within(0..=9) {
            0..=3 => Verb::GetList,
            4..=5 => Verb::Create,
            6..=7 => Verb::Edit,
            _ => Verb::Delete,
        };
        let object = self.random.pick(&OBJECTS);
        let service = format!("zato.{}.{}", object.name, verb.as_str());
        let request = payload::request(version, object, verb, &mut self.random);
        let request = version.request_text(&request);
        let is_answered = !self.random.one_in(HALF_EVERY);
        let response = payload::response(version, object, verb, &mut self.random);
        let wrapped = (version == Version::Zato3_2 && self.random.one_in(2))
            .then(|| (request.clone(), rest_text(&response)));
        let is_request_empty = version == Version::Zato4_1 && self.random.one_in(HALF_EVERY);
        let mut records = VecDeque::new();
        if !(is_request_empty && is_answered) {
            records.push_back(record(Kind::Request, &service, &cid, request));
        }
        if version == Version::Zato4_1 && verb == Verb::GetList && self.random.one_in(20) {
            records.push_back(record(
                Kind::Pagination,
                &service,
                &cid,
                PAGINATION.to_vec(),
            ));
        }
        if is_answered {
            let response = version.response_text(&service, response);
            records.push_back(record(Kind::Response, &service, &cid, response));
        }
        if let Some((request, response)) = wrapped {
            records.push_front(record(Kind::Request, REST_WRAPPER, &cid, request));
            if is_answered {
                records.push_back(record(Kind::Response, REST_WRAPPER, &cid, response));
            }
        }
        records
    }

    fn upload(&mut self, cid: &str) -> VecDeque<Message> {
        let version = self.recipe.version;
        let service = match version {
            Version::Zato2_0 | Version::Zato3_0 => "zato.service.upload-package",
            Version::Zato3_2 | Version::Zato4_1 => "zato.hot-deploy.create",
        };
        let request = version.request_text(&payload::upload(version, &mut self.random));
        let response = payload::response(version, &OBJECTS[0], Verb::Create, &mut self.random);
        let response = version.response_text(service, response);
        [
            record(Kind::Request, service, cid, request),
            record(Kind::Response, service, cid, response),
        ]
        .into()
    }
}

fn record(kind: Kind, service: &str, cid: &str, payload: Vec<u8>) -> Message {
    Message {
        kind,
        service: service.to_owned(),
        cid: cid.to_owned(),
        payload,
    }
}

impl Written {
    /// Counts the records of one call.
    fn add(&mut self, records: &VecDeque<Message>) {
        let count = |kind| records.iter().filter(|record| record.kind == kind).count();
        let (requests, responses) = (count(Kind::Request), count(Kind::Response));
        let wrappers = usize::from(records.iter().any(|record| record.service == REST_WRAPPER));
        self.calls += requests + responses;
        self.others += count(Kind::Pagination);
        self.invocations += 1 + wrappers;
        self.unanswered += requests.saturating_sub(responses);
        self.response_only += responses.saturating_sub(requests);
        self.rest_wrappers += wrappers;
    }
}
