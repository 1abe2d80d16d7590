//! The fields of the index.

use tantivy::schema::{
    FAST, Field, IndexRecordOption, JsonObjectOptions, STORED, STRING, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{LowerCaser, RemoveLongFilter, SimpleTokenizer, TextAnalyzer};

/// Tells indexes apart that can't be read in the same way. To be raised with every change of the
/// fields, of how [`words`] are made, of what `document` puts where, and of tantivy's own format.
pub(super) const VERSION: u32 = 1;

/// Words of this many bytes and more are not in the index: nobody types them, and base64 is full
/// of them. In a phrase any long word stands for any other.
pub(super) const TOO_LONG: usize = 256;

/// Ends a path in tantivy's terms, so no key in the index holds it.
pub(super) const END_OF_PATH: char = '\0';

/// The name under which the index knows [`words`].
pub(super) const WORDS: &str = "words";

/// Names of fields by which hits are put in order.
pub(super) const SEEN_AT: &str = "seen_at";
pub(super) const FINISHED_AT: &str = "finished_at";
pub(super) const ID: &str = "id";

/// The fields of the index. Texts are there as they are, words as [`words`] cuts them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub(super) id: Field,
    pub(super) service: Field,
    pub(super) service_words: Field,
    pub(super) cid: Field,
    pub(super) server: Field,
    pub(super) outcome: Field,
    /// Milliseconds of the server's local clock, as are the next two.
    pub(super) seen_at: Field,
    pub(super) started_at: Field,
    pub(super) finished_at: Field,
    pub(super) duration_ms: Field,
    pub(super) request_words: Field,
    pub(super) response_words: Field,
    /// Numbers, truth values and words under their paths. The request is under `request`.
    pub(super) values: Field,
    /// The paths of nulls, which tantivy leaves out of `values`.
    pub(super) nulls: Field,
    /// The invocation as a line of JSON.
    pub(super) line: Field,
}

/// Returns the schema and its fields: always the same.
pub(super) fn schema() -> (Schema, Fields) {
    let mut schema = SchemaBuilder::new();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(WORDS)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(indexing.clone());
    let json = JsonObjectOptions::default()
        .set_indexing_options(indexing)
        // A key with dots is found by the same path as keys inside one another.
        .set_expand_dots_enabled();
    let fields = Fields {
        id: schema.add_text_field(ID, STRING | FAST | STORED),
        service: schema.add_text_field("service", STRING),
        service_words: schema.add_text_field("service_words", text.clone()),
        cid: schema.add_text_field("cid", STRING),
        server: schema.add_text_field("server", STRING),
        outcome: schema.add_text_field("outcome", STRING),
        seen_at: schema.add_i64_field(SEEN_AT, FAST),
        started_at: schema.add_i64_field("started_at", FAST),
        finished_at: schema.add_i64_field(FINISHED_AT, FAST),
        duration_ms: schema.add_i64_field("duration_ms", FAST),
        request_words: schema.add_text_field("request_words", text.clone()),
        response_words: schema.add_text_field("response_words", text),
        values: schema.add_json_field("values", json),
        nulls: schema.add_text_field("nulls", STRING),
        line: schema.add_text_field("line", STORED),
    };
    (schema.build(), fields)
}

/// Cuts text into words: runs of letters and digits, in lower case.
pub(super) fn words() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(TOO_LONG))
        .filter(LowerCaser)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A failure here asks for another [`VERSION`].
    #[test]
    fn the_fields_are_those_of_version_1() {
        let (schema, _) = schema();
        let names: Vec<&str> = schema.fields().map(|(_, entry)| entry.name()).collect();
        let expected = [
            "id",
            "service",
            "service_words",
            "cid",
            "server",
            "outcome",
            "seen_at",
            "started_at",
            "finished_at",
            "duration_ms",
            "request_words",
            "response_words",
            "values",
            "nulls",
            "line",
        ];
        assert_eq!((VERSION, names.as_slice()), (1, expected.as_slice()));
    }
}
