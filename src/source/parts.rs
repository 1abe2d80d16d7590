//! Reads bytes part by part: when they are asked for, or ahead, in a thread of its own.

use std::fmt;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;

/// How many bytes find room before those of a part.
pub(super) const ROOM: usize = 1 << 16;

/// How many parts are read ahead.
const AHEAD: usize = 2;

/// Bytes that follow each other.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// With [`ROOM`] before the bytes.
    pub(super) memory: Vec<u8>,
    pub(super) end: usize,
    /// Whether there are no bytes behind these, and why, if there should be.
    pub(super) is_last: bool,
    pub(super) fault: Option<io::Error>,
}

/// All parts, up to the last one.
#[derive(Debug)]
pub(super) enum Parts {
    Here {
        reader: Reader,
        spare: Vec<u8>,
    },
    Ahead {
        parts: Receiver<Part>,
        spares: Sender<Vec<u8>>,
    },
}

pub(super) struct Reader {
    bytes: Box<dyn Read + Send>,
    /// How many are read at a time.
    step: usize,
}

impl Part {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[ROOM..self.end]
    }
}

impl Parts {
    pub(super) fn here(bytes: Box<dyn Read + Send>, step: usize) -> Self {
        Self::Here {
            reader: Reader { bytes, step },
            spare: Vec::new(),
        }
    }

    /// Starts a thread, which ends with the last part, or when nobody can ask for more.
    pub(super) fn ahead(self) -> io::Result<Self> {
        let Self::Here { mut reader, .. } = self else {
            return Ok(self);
        };
        let (send_part, parts) = sync_channel(AHEAD);
        let (spares, taken_spares) = channel();
        let read = move || {
            loop {
                let part = reader.part(taken_spares.try_recv().unwrap_or_default());
                let is_last = part.is_last;
                if send_part.send(part).is_err() || is_last {
                    return;
                }
            }
        };
        thread::Builder::new().spawn(read)?;
        Ok(Self::Ahead { parts, spares })
    }

    /// The next part.
    pub(super) fn next(&mut self) -> Part {
        match self {
            Self::Here { reader, spare } => reader.part(std::mem::take(spare)),
            Self::Ahead { parts, .. } => parts.recv().unwrap_or_else(|_| Part {
                memory: vec![0; ROOM],
                end: ROOM,
                is_last: true,
                fault: Some(io::Error::other("reading has stopped")),
            }),
        }
    }

    /// Takes back memory for a part to come.
    pub(super) fn reuse(&mut self, memory: Vec<u8>) {
        match self {
            Self::Here { spare, .. } => *spare = memory,
            // Where all has been read, no memory is needed.
            Self::Ahead { spares, .. } => drop(spares.send(memory)),
        }
    }
}

impl Reader {
    fn part(&mut self, mut memory: Vec<u8>) -> Part {
        memory.resize(ROOM + self.step, 0);
        let mut end = ROOM;
        let mut is_last = false;
        let mut fault = None;
        while end < memory.len() && !is_last {
            match self.bytes.read(&mut memory[end..]) {
                Ok(length) => {
                    end += length;
                    is_last = length == 0;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    is_last = true;
                    fault = Some(error);
                }
            }
        }
        Part {
            memory,
            end,
            is_last,
            fault,
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reader")
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

/// What a part and those behind it hold.
pub(super) struct Rest<'p> {
    pub(super) parts: &'p mut Parts,
    pub(super) part: Part,
    /// Up to where the part has been read.
    pub(super) at: usize,
}

impl Read for Rest<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.part.end && !self.part.is_last {
            let next = self.parts.next();
            let used = std::mem::replace(&mut self.part, next);
            self.parts.reuse(used.memory);
            self.at = ROOM;
        }
        let length = (&self.part.memory[self.at..self.part.end]).read(buffer)?;
        self.at += length;
        match self
            .part
            .fault
            .take_if(|_| length == 0 && !buffer.is_empty())
        {
            Some(fault) => Err(fault),
            None => Ok(length),
        }
    }
}
