//! What the fuzz targets have in common: parts of the logs in `fixtures`, read once, and readers of what zalog writes.

pub mod html;
pub mod python;
pub mod shell;

use std::convert::Infallible;
use std::sync::LazyLock;

use zalog::entry::records;
use zalog::invocation::{Invocation, LogReader, RecordNote, SourceFile};
use zalog::source::Kept;
use zalog::usage::{Gathering, Presentation, Service, Wanted};
use zalog::view::View;

/// A part of a log with the calls in it.
pub struct Log {
    pub name: &'static str,
    pub bytes: &'static [u8],
    pub calls: Vec<Invocation<'static>>,
    pub records: Vec<RecordNote>,
}

/// So much of each log is enough to hold all that differs between versions.
const PART: usize = 6_000;

/// Letters and numbers that do not stand in a log as such.
const DISGUISED: &[u8] = br#"2018-11-11 22:01:57,123 - INFO - 7:Dummy-1 - zato_admin:0 - Request; service:`a`, data:`{'a': 'z\xfcrich', u'b': u'z\u00fcrich', 'c': '\x41bc', 'd': '\101bc', 'e': 1e2, 'f': 123L, 'g': datetime.datetime(2018, 11, 11, 2, 3), 'h': inf, 'i': '\x5fund_er', 'j': datetime.timedelta(1, 5), 'k': 'na\x6de'}` cid:`K1`, 
2018-11-11 22:01:57,124 - INFO - 7:Dummy-1 - zato_admin:0 - Response; service:`a`, data:`{"a": "z\u00fcrich", "\u0041bc": [1.0E+2, NaN, "\u004a\u006fe"], "x": "{\"y\": \"\\u0041\"}"}` cid:`K1`, 
"#;

/// Parts of logs of several versions of Zato.
pub static LOGS: LazyLock<Vec<Log>> = LazyLock::new(|| {
    let logs: [(&str, &[u8]); 6] = [
        (
            "2.0/admin.log",
            include_bytes!("../../fixtures/2.0/admin.log"),
        ),
        (
            "3.0/admin.log",
            include_bytes!("../../fixtures/3.0/admin.log"),
        ),
        (
            "3.2/admin.log",
            include_bytes!("../../fixtures/3.2-live/admin.log.1"),
        ),
        (
            "4.1/admin.log",
            include_bytes!("../../fixtures/4.1-live/admin.log"),
        ),
        (
            "manual/admin.log",
            include_bytes!("../../fixtures/documented/admin.log"),
        ),
        ("disguised/admin.log", DISGUISED),
    ];
    logs.map(|(name, log)| part(name, log)).into()
});

fn part(name: &'static str, log: &'static [u8]) -> Log {
    let ends = records(log).map(|record| record.span.end());
    let end = ends
        .take_while(|&end| end <= PART)
        .last()
        .unwrap_or(log.len());
    let bytes = &log[..end];
    let kept: &Kept = Box::leak(Box::default());
    let mut reader = LogReader::new(name.split('/').next(), kept, PART);
    reader.tell_records();
    let (mut calls, mut records) = (Vec::new(), Vec::new());
    let Ok(()) = reader.read(SourceFile { name, bytes }, |batch| {
        calls.extend(batch.invocations);
        records.extend(batch.records);
        Ok::<_, Infallible>(())
    });
    calls.extend(reader.finish().1);
    Log {
        name,
        bytes,
        calls,
        records,
    }
}

/// What the services in these logs were called with.
pub static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    let view = View::default();
    let wanted = Wanted {
        examples: 2,
        failures: 1,
        schemas: true,
        stable_values: false,
    };
    let gathering = Gathering::new(wanted, &view);
    for log in LOGS.iter() {
        gathering.take(&log.calls.iter().collect::<Vec<_>>());
    }
    gathering.finish(&Presentation::default()).0
});
