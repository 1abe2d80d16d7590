//! The fields of the index.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{IndexSettings, Term};

/// Tells indexes apart that can't be read in the same way. To be raised with every change of the
/// fields, of what `document` puts where, and of tantivy's own format.
pub(super) const VERSION: u32 = 4;

/// A longer name, in bytes, is not in the index: [`LONG_NAME`] stands for it. Tantivy drops terms
/// over 64 KiB without a word.
pub(super) const LONGEST_NAME: usize = 1024;

/// Stands for all names that are too long.
pub(super) const LONG_NAME: &str = "\0long";

/// The name under which the index knows [`Words`](super::words::Words).
pub(super) const WORDS: &str = "words";

/// Names of fields whose values stand in columns.
pub(super) const ID: &str = "id";
pub(super) const SERVICE: &str = "service";
pub(super) const VERB: &str = "verb";
pub(super) const KIND: &str = "kind";
pub(super) const SERVER: &str = "server";
pub(super) const OUTCOME: &str = "outcome";
pub(super) const STARTED: &str = "started";
pub(super) const FINISHED: &str = "finished";
pub(super) const DURATION: &str = "duration";
pub(super) const SIZE: &str = "size";

/// The fields of the index. But for the line, they hold what [`Facts`](crate::query::Facts) and the
/// payloads of the line hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// The 64 bits that the ID's digits are.
    pub(super) id: Field,
    pub(super) parent: Field,
    /// What tells the records from all others that the invocation is made of.
    pub(super) records: Field,
    pub(super) service: Field,
    pub(super) verb: Field,
    pub(super) kind: Field,
    pub(super) server: Field,
    pub(super) outcome: Field,
    pub(super) cid: Field,
    pub(super) thread: Field,
    pub(super) process: Field,
    /// Milliseconds of the server's local clock, as is the next one.
    pub(super) started: Field,
    pub(super) finished: Field,
    pub(super) duration: Field,
    pub(super) size: Field,
    /// The [buckets](super::buckets) of the columns with the same names.
    pub(super) started_buckets: Field,
    pub(super) finished_buckets: Field,
    pub(super) duration_buckets: Field,
    pub(super) size_buckets: Field,
    /// The words of the service's name, and of all keys and values of the payloads.
    pub(super) words: Field,
    /// Paths into the payloads, alone and with what stands there, as
    /// [`paths`](super::paths) hashes them.
    pub(super) paths: Field,
    /// The invocation as a line of JSON.
    pub(super) line: Field,
}

/// Returns the schema and its fields: always the same.
pub(super) fn schema() -> (Schema, Fields) {
    let mut schema = SchemaBuilder::new();
    let words = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(WORDS)
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    );
    let fields = Fields {
        id: schema.add_u64_field(ID, INDEXED | FAST),
        parent: schema.add_u64_field("parent", INDEXED),
        records: schema.add_u64_field("records", INDEXED),
        service: schema.add_text_field(SERVICE, STRING | FAST),
        verb: schema.add_text_field(VERB, STRING | FAST),
        kind: schema.add_text_field(KIND, STRING | FAST),
        server: schema.add_text_field(SERVER, STRING | FAST),
        outcome: schema.add_text_field(OUTCOME, STRING | FAST),
        cid: schema.add_text_field("cid", STRING),
        thread: schema.add_text_field("thread", STRING),
        process: schema.add_u64_field("process", FAST),
        started: schema.add_i64_field(STARTED, FAST),
        finished: schema.add_i64_field(FINISHED, FAST),
        duration: schema.add_u64_field(DURATION, FAST),
        size: schema.add_u64_field(SIZE, FAST),
        started_buckets: schema.add_i64_field("started_buckets", INDEXED),
        finished_buckets: schema.add_i64_field("finished_buckets", INDEXED),
        duration_buckets: schema.add_u64_field("duration_buckets", INDEXED),
        size_buckets: schema.add_u64_field("size_buckets", INDEXED),
        words: schema.add_text_field("words", words),
        paths: schema.add_u64_field("paths", INDEXED),
        line: schema.add_text_field("line", STORED),
    };
    (schema.build(), fields)
}

/// How the index keeps its lines.
pub(super) fn settings() -> IndexSettings {
    IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor {
            compression_level: Some(1),
        }),
        docstore_blocksize: 1 << 15,
        ..IndexSettings::default()
    }
}

/// The term of a name.
pub(super) fn name_term(field: Field, name: &str) -> Term {
    Term::from_field_text(field, name_in_index(name))
}

/// What of a name is in the index.
pub(super) fn name_in_index(name: &str) -> &str {
    if name.len() > LONGEST_NAME {
        LONG_NAME
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A failure here asks for another [`VERSION`].
    #[test]
    fn the_fields_are_those_of_version_4() {
        let (schema, _) = schema();
        let names: Vec<&str> = schema.fields().map(|(_, entry)| entry.name()).collect();
        let expected = [
            "id",
            "parent",
            "records",
            "service",
            "verb",
            "kind",
            "server",
            "outcome",
            "cid",
            "thread",
            "process",
            "started",
            "finished",
            "duration",
            "size",
            "started_buckets",
            "finished_buckets",
            "duration_buckets",
            "size_buckets",
            "words",
            "paths",
            "line",
        ];
        assert_eq!((VERSION, names.as_slice()), (4, expected.as_slice()));
    }
}
