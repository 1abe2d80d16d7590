//! Finds the request that a response belongs to, and the call that a call was made in.
//!
//! A response belongs to the latest unanswered request of the same process, CID and service: a
//! stack, since a service may call itself. Without a CID the service alone has to do.

use bytemuck::Zeroable as _;

use super::id::SAVED;
use super::keys::Keys;
use super::open_calls::{OpenCall, OpenCalls};
use super::repeats::Repeats;
use super::saved::{SavedCall, SavedHead, SavedRecord, SavedRepeat, take};
use super::texts::{Bytes, StoredIdentity, Texts, Told, WINDOW};
use super::{Invocation, Place, REST_WRAPPER, Side, SourceFile};
use crate::entry::{Asctime, Call, Direction, Header, Hints, Record, Wording, called};
use crate::source::{Kept, Spill};

/// Joins the records of one server.
#[derive(Debug)]
pub(super) struct Pairing<'a> {
    server: Option<&'a str>,
    /// The files so far; the last one is being read. The first one is what was saved, if anything
    /// was.
    files: Vec<SourceFile<'a>>,
    kept: &'a Kept,
    open: OpenCalls,
    repeats: Repeats<'static>,
    remembers_ids: bool,
}

/// Joins the records of a part of a file with those before.
#[derive(Debug)]
pub(super) struct PairingIn<'p, 'a> {
    server: Option<&'a str>,
    texts: Texts<'p, 'a>,
    open: &'p mut OpenCalls,
    /// Those before, and those of this part too.
    repeats_before: &'p mut Repeats<'static>,
    repeats: Repeats<'a>,
    /// Which of the texts this part is, and where in the file it starts.
    store: u32,
    offset: usize,
    /// The places of calls that were open in a window, and may have to leave it.
    touched: Vec<u32>,
    remembers_ids: bool,
}

/// A record of a call.
#[derive(Clone, Copy)]
pub(super) struct CallRecord<'r, 'a> {
    pub(super) record: &'r Record<'a>,
    /// Its bytes.
    pub(super) text: &'a [u8],
    pub(super) header: Option<&'r Header<'a>>,
    pub(super) call: &'r Call<'a>,
    pub(super) keys: Keys,
    /// What may stand in it.
    pub(super) hints: Hints,
    /// The line that it starts in, from 1.
    pub(super) line: usize,
}

impl<'a> Pairing<'a> {
    pub(super) fn new(server: Option<&'a str>, kept: &'a Kept) -> Self {
        Self {
            server,
            files: Vec::new(),
            kept,
            open: OpenCalls::default(),
            repeats: Repeats::default(),
            remembers_ids: false,
        }
    }

    /// Makes the IDs of calls when they are opened: [`save`](Self::save) needs them when their
    /// records may have left memory.
    pub(super) fn remember_ids(&mut self) {
        self.remembers_ids = true;
    }

    /// Goes on with the next file. What is streamed has no bytes here.
    pub(super) fn start_file(&mut self, file: SourceFile<'a>) {
        self.files.push(file);
    }

    /// Goes on from what was saved. `check` tells whether the keys of a seed are what they were.
    pub(super) fn resume(
        server: Option<&'a str>,
        kept: &'a Kept,
        bytes: &'a [u8],
        check: impl FnOnce(u64) -> u64,
    ) -> Option<(Self, u64)> {
        let mut at = 0;
        let (_, head) = take::<SavedHead>(bytes, &mut at)?;
        if check(head.seed) != head.check {
            return None;
        }
        let mut pairing = Self::new(server, kept);
        pairing.start_file(SourceFile { name: "", bytes });
        for _ in 0..head.calls {
            let (start, saved) = take::<SavedCall>(bytes, &mut at)?;
            let id = |nth: usize, is_known: u8| {
                if is_known == 0 {
                    return StoredIdentity::zeroed();
                }
                StoredIdentity {
                    record: Bytes {
                        offset: start + nth * size_of::<u64>(),
                        length: size_of::<u64>(),
                    },
                    store: 0,
                    ordinal: SAVED,
                }
            };
            let call = OpenCall {
                keys: saved.keys,
                identity: id(0, 1),
                parent: id(1, saved.has_parent),
                first_call: id(2, saved.has_first_call),
                id: saved.id,
                parent_id: saved.parent,
                first_call_id: saved.first_call,
                // Calls are in the order of their places.
                offset: start,
                asctime: saved.asctime,
                tree_started_at: saved.tree_started_at,
                wording: saved.wording,
                is_rest_call: saved.is_rest_call,
                is_rest_wrapper: saved.is_rest_wrapper,
                ..OpenCall::zeroed()
            };
            pairing.open.open(call, saved.in_tree != 0, |_, _| {});
        }
        let mut latest = Vec::new();
        for _ in 0..head.latest {
            latest.push(take::<SavedRecord>(bytes, &mut at)?.1);
        }
        let mut earlier = Vec::new();
        for _ in 0..head.earlier {
            earlier.push(take::<SavedRepeat>(bytes, &mut at)?.1);
        }
        pairing.repeats = Repeats::resume(head.newest, &latest, &earlier);
        Some((pairing, head.seed))
    }

    /// Writes down what is open, between two files.
    pub(super) fn save(&self, check: u64, seed: u64) -> Vec<u8> {
        let texts = Texts {
            files: &self.files,
            window: &[],
            kept: self.kept,
        };
        save(&texts, &self.open, &self.repeats, (check, seed))
    }

    /// The whole file.
    pub(super) fn whole(&mut self) -> PairingIn<'_, 'a> {
        let store = file_number(&self.files);
        self.part(&[], 0, store)
    }

    /// A window of the file, and where in the file it starts.
    pub(super) fn window<'w>(&mut self, bytes: &'w [u8], offset: usize) -> PairingIn<'_, 'w>
    where
        'a: 'w,
    {
        self.part(bytes, offset, WINDOW)
    }

    fn part<'w>(&mut self, window: &'w [u8], offset: usize, store: u32) -> PairingIn<'_, 'w>
    where
        'a: 'w,
    {
        PairingIn {
            server: self.server,
            texts: Texts {
                files: &self.files,
                window,
                kept: self.kept,
            },
            open: &mut self.open,
            repeats: std::mem::take(&mut self.repeats),
            repeats_before: &mut self.repeats,
            store,
            offset,
            touched: Vec::new(),
            remembers_ids: self.remembers_ids,
        }
    }

    /// The places of the calls that were never answered, in the order of their requests.
    pub(super) fn unanswered(&self) -> Spill<u32> {
        self.open.places()
    }

    /// The call at one of these places.
    pub(super) fn unanswered_at(&self, place: u32) -> Option<Invocation<'a>> {
        let texts = Texts {
            files: &self.files,
            window: &[],
            kept: self.kept,
        };
        let open = self.open.at(place);
        if open.identity.ordinal == SAVED {
            // It was given when it was read.
            return None;
        }
        let record = texts.record(open.identity);
        let (header, service) = called(record)?;
        let cid = std::str::from_utf8(open.cid.part_of(record)).ok()?;
        let told = Told {
            server: self.server,
            process: header.map(|header| header.process),
            service,
            cid: Some(cid).filter(|cid| !cid.is_empty()),
        };
        let request = texts.request(open);
        Some(texts.invocation(open, told, (Some(request), None)))
    }

    /// Lets the system take out of memory what it can.
    pub(super) fn release(&mut self) {
        self.open.release();
    }
}

impl<'a> PairingIn<'_, 'a> {
    /// Takes the next record of a call. Returns the invocation that it completes, if it does.
    pub(super) fn take(&mut self, record: &CallRecord<'_, 'a>) -> Option<Invocation<'a>> {
        let &CallRecord {
            header, call, keys, ..
        } = record;
        // A record that breaks off before its CID can't be paired, and needs none to wait for.
        let is_lone = call.cid.is_none() && header.is_some();
        if is_lone {
            return Some(self.lone(record));
        }
        match call.direction {
            Direction::Request => {
                self.open(record);
                None
            }
            Direction::Response => Some(match self.open.answer(keys) {
                Some(open) => self.completed(&open, record),
                None => self.response_only(record),
            }),
        }
    }

    /// Lets the system take out of memory what it can.
    pub(super) fn release(&mut self) {
        self.open.release();
    }

    /// Writes down what is open.
    pub(super) fn save(&self, check: u64, seed: u64) -> Vec<u8> {
        save(&self.texts, self.open, &self.repeats, (check, seed))
    }

    /// Goes on without the bytes of this part, if they are a window: those of open calls are kept.
    pub(super) fn leave(self) {
        for place in self.touched {
            if let Some(call) = self.open.at_mut(place) {
                self.texts.keep(&mut call.identity);
                self.texts.keep(&mut call.parent);
                self.texts.keep(&mut call.first_call);
            }
        }
        *self.repeats_before = self.repeats.leave();
    }

    fn open(&mut self, record: &CallRecord<'_, 'a>) {
        let &CallRecord {
            text,
            header,
            call,
            keys,
            hints,
            ..
        } = record;
        let asctime = header.map_or(0, |header| header.asctime.to_bits());
        let thread = header.map_or(&[][..], |header| header.thread_name.as_bytes());
        let identity = self.new_identity(record);
        let id = if self.remembers_ids {
            self.texts.identity(identity).id().0
        } else {
            0
        };
        let open = OpenCall {
            keys,
            identity,
            id,
            payload: Bytes::of(call.payload.text, text),
            thread: Bytes::of(thread, text),
            cid: Bytes::of(call.cid.unwrap_or_default().as_bytes(), text),
            file: file_number(self.texts.files),
            offset: record.record.span.offset,
            line: record.line,
            asctime,
            tree_started_at: asctime,
            wording: call.payload.wording as u8,
            is_cut_off: call.payload.is_cut_off.into(),
            is_ambiguous: call.is_ambiguous.into(),
            hints: hints.to_bits(),
            is_rest_wrapper: (call.service == REST_WRAPPER).into(),
            ..OpenCall::zeroed()
        };
        // Without a CID nothing tells which call tree a call belongs to.
        let in_tree = call.cid.is_some();
        let (place, enclosing) = self.open.open(open, in_tree, |parent, call| {
            call.parent = parent.identity;
            call.parent_id = parent.id;
            call.tree_started_at = parent.tree_started_at;
            if parent.is_rest_wrapper != 0 {
                if parent.first_call == StoredIdentity::zeroed() {
                    parent.first_call = call.identity;
                    parent.first_call_id = call.id;
                }
                call.is_rest_call = 1;
            }
        });
        if self.store == WINDOW {
            self.touched.push(place);
            self.touched.extend(enclosing);
        }
    }

    /// What a call and its response tell together.
    fn completed(&self, open: &OpenCall, record: &CallRecord<'_, 'a>) -> Invocation<'a> {
        let is_saved = open.identity.ordinal == SAVED;
        let request = (!is_saved).then(|| self.texts.request(open));
        let mut response = self.side(record);
        let wordings = (open.wording(), response.payload.wording);
        if wordings == (Wording::Brackets, Wording::Backticks) {
            response.payload.wording = Wording::Mixed;
        }
        let sides = (request, Some(response));
        self.texts.invocation(open, self.told(record), sides)
    }

    /// A response whose request is not in the log.
    fn response_only(&mut self, record: &CallRecord<'_, 'a>) -> Invocation<'a> {
        let parent = self.open.innermost(record.keys.tree);
        Invocation {
            parent: parent.map(|parent| self.texts.identity(parent.identity)),
            // A CID tells the offset of the first record that bears it, which this is not.
            tree_started_at: parent.and_then(|parent| Asctime::from_bits(parent.tree_started_at)),
            ..self.lone(record)
        }
    }

    /// A record that nothing else belongs to.
    fn lone(&mut self, record: &CallRecord<'_, 'a>) -> Invocation<'a> {
        let &CallRecord { header, call, .. } = record;
        let identity = self.new_identity(record);
        let side = Some(self.side(record));
        let (request, response) = match call.direction {
            Direction::Request => (side, None),
            Direction::Response => (None, side),
        };
        let Told {
            server,
            process,
            service,
            cid,
        } = self.told(record);
        Invocation {
            identity: self.texts.identity(identity),
            service,
            cid,
            server,
            process,
            thread: header.map_or(&[], |header| header.thread_name.as_bytes()),
            request,
            response,
            parent: None,
            rest: None,
            tree_started_at: None,
        }
    }

    fn told(&self, record: &CallRecord<'_, 'a>) -> Told<'a> {
        let &CallRecord { header, call, .. } = record;
        Told {
            server: self.server,
            process: header.map(|header| header.process),
            service: call.service,
            cid: call.cid,
        }
    }

    fn side(&self, record: &CallRecord<'_, 'a>) -> Side<'a> {
        let &CallRecord {
            record,
            header,
            call,
            hints,
            line,
            ..
        } = record;
        Side {
            at: Place {
                file: self.texts.files.last().map_or("", |file| file.name),
                span: record.span,
                line,
            },
            asctime: header.map(|header| header.asctime),
            payload: call.payload,
            is_ambiguous: call.is_ambiguous,
            hints,
        }
    }

    fn new_identity(&mut self, record: &CallRecord<'_, 'a>) -> StoredIdentity {
        let &CallRecord {
            record,
            text,
            header,
            keys,
            ..
        } = record;
        let asctime = header.map(|header| header.asctime);
        StoredIdentity {
            record: Bytes {
                offset: record.span.offset - self.offset,
                length: record.span.length,
            },
            store: self.store,
            ordinal: self.repeats.count(keys, asctime, text),
        }
    }
}

/// Writes down what is open, with the seed of the keys and what tells whether it makes them.
fn save(
    texts: &Texts<'_, '_>,
    open: &OpenCalls,
    repeats: &Repeats<'_>,
    (check, seed): (u64, u64),
) -> Vec<u8> {
    let places = open.places();
    let (newest, latest) = repeats.save();
    let earlier = repeats.save_earlier();
    let head = SavedHead {
        check,
        seed,
        calls: places.len() as u64,
        latest: latest.len() as u64,
        earlier: earlier.len() as u64,
        newest,
    };
    let mut bytes = bytemuck::bytes_of(&head).to_vec();
    for place in places.iter() {
        let call = open.at(*place);
        let is_known = |identity: StoredIdentity| identity != StoredIdentity::zeroed();
        let id = |identity: StoredIdentity, remembered: u64| match remembered {
            0 if is_known(identity) => texts.identity(identity).id().0,
            remembered => remembered,
        };
        let call = SavedCall {
            id: id(call.identity, call.id),
            parent: id(call.parent, call.parent_id),
            first_call: id(call.first_call, call.first_call_id),
            keys: call.keys,
            asctime: call.asctime,
            tree_started_at: call.tree_started_at,
            in_tree: call.is_in_tree().into(),
            has_parent: is_known(call.parent).into(),
            has_first_call: is_known(call.first_call).into(),
            is_rest_call: call.is_rest_call,
            is_rest_wrapper: call.is_rest_wrapper,
            wording: call.wording,
            unused: [0; 2],
        };
        bytes.extend_from_slice(bytemuck::bytes_of(&call));
    }
    for record in latest {
        bytes.extend_from_slice(bytemuck::bytes_of(&record));
    }
    bytes.extend_from_slice(bytemuck::cast_slice(&earlier));
    bytes
}

/// The number of the file that is being read.
fn file_number(files: &[SourceFile<'_>]) -> u32 {
    u32::try_from(files.len() - 1).expect("no system has so many files")
}
