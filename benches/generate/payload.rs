//! Makes what services are called with and what they return.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Version;
use super::catalogue::{Field, NAMES, OBJECTS, OPAQUE, Object, SERVICES, UNUSUAL};
use super::notation::{Notation, Value, write_bytes_repr};
use super::random::Random;

/// The size of an upload in bytes.
const UPLOAD_SIZE: usize = 1_000_000;

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    GetList,
    Create,
    Edit,
    Delete,
}

impl Verb {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::GetList => "get-list",
            Self::Create => "create",
            Self::Edit => "edit",
            Self::Delete => "delete",
        }
    }
}

/// Returns lists such as services return, as many as take `size` bytes in `notation`.
pub(crate) fn values(notation: Notation, size: usize) -> Vec<Vec<u8>> {
    let version = match notation {
        Notation::Python2 | Notation::Json => Version::Zato2_0,
        Notation::Python3 | Notation::CompactJson => Version::Zato4_1,
    };
    let mut random = Random::new(1);
    let mut values = Vec::new();
    let mut missing = size;
    while missing > 0 {
        let list = list(version, random.pick(&OBJECTS), &mut random);
        let value = written(notation, &list);
        missing = missing.saturating_sub(value.len());
        values.push(value);
    }
    values
}

impl Version {
    /// The text of a request.
    pub(super) fn request_text(self, request: &Value) -> Vec<u8> {
        let notation = match self {
            Self::Zato2_0 | Self::Zato3_0 => Notation::Python2,
            Self::Zato3_2 | Self::Zato4_1 => Notation::Python3,
        };
        written(notation, request)
    }

    /// The text of a response; nothing is logged for a `None`.
    pub(super) fn response_text(self, service: &str, response: Value) -> Vec<u8> {
        match (self, response) {
            (Self::Zato3_0, Value::None) => b"u''".to_vec(),
            (Self::Zato2_0 | Self::Zato3_2 | Self::Zato4_1, Value::None) => Vec::new(),
            (Self::Zato2_0, response) => written(Notation::Json, &envelope(service, response)),
            (Self::Zato3_0, response) => {
                let json = written(Notation::Json, &envelope(service, response));
                let json = String::from_utf8(json).expect("JSON is text");
                let mut text = Vec::with_capacity(json.len() + json.len() / 8);
                write_bytes_repr(&json, &mut text);
                text
            }
            (Self::Zato3_2, response) => written(Notation::Python3, &envelope(service, response)),
            (Self::Zato4_1, response) => written(Notation::Python3, &response),
        }
    }
}

/// The text that the REST API's wrapper of 3.2 returns.
pub(super) fn rest_text(response: &Value) -> Vec<u8> {
    match response {
        Value::None => Vec::new(),
        response => written(Notation::CompactJson, response),
    }
}

fn written(notation: Notation, value: &Value) -> Vec<u8> {
    let mut text = Vec::new();
    notation.write(value, &mut text);
    text
}

/// `{"zato_http_soap_create_response": …}`
fn envelope(service: &str, response: Value) -> Value {
    let name = format!("{}_response", service.replace(['.', '-'], "_"));
    Value::Dict(vec![(Cow::Owned(name), response)])
}

/// What a service is called with.
pub(super) fn request(version: Version, object: &Object, verb: Verb, random: &mut Random) -> Value {
    let mut items = vec![(Cow::Borrowed("cluster_id"), Value::Number(1))];
    match verb {
        Verb::GetList if random.one_in(4) => {
            items.push((Cow::Borrowed("paginate"), Value::Bool(true)));
            items.push((
                Cow::Borrowed("cur_page"),
                Value::Number(random.within(1..=9)),
            ));
            items.push((Cow::Borrowed("query"), Value::from(*random.pick(&NAMES))));
        }
        Verb::GetList => {}
        Verb::Delete => items.push((Cow::Borrowed("id"), Value::Number(random.within(1..=9_999)))),
        Verb::Create | Verb::Edit => {
            if verb == Verb::Edit {
                items.push((Cow::Borrowed("id"), Value::Number(random.within(1..=9_999))));
            }
            items.extend(object.fields.iter().filter_map(|&(name, field)| {
                let value = match field {
                    Field::Nothing | Field::Opaque => return None,
                    Field::Secret => Value::from("******"),
                    field => value(version, field, random)?,
                };
                Some((Cow::Borrowed(name), value))
            }));
        }
    }
    Value::Dict(items)
}

/// What a service returns.
pub(super) fn response(
    version: Version,
    object: &Object,
    verb: Verb,
    random: &mut Random,
) -> Value {
    match verb {
        Verb::GetList => list(version, object, random),
        Verb::Create | Verb::Edit => Value::Dict(vec![
            (Cow::Borrowed("id"), Value::Number(random.within(1..=9_999))),
            (Cow::Borrowed("name"), name(random)),
        ]),
        Verb::Delete => Value::None,
    }
}

/// A list of 2 to 20 kB.
fn list(version: Version, object: &Object, random: &mut Random) -> Value {
    let size = random.within(2_000..=20_000);
    let mut row = |id| {
        let fields = object.fields.iter().filter_map(|&(name, field)| {
            Some((Cow::Borrowed(name), value(version, field, random)?))
        });
        let id = std::iter::once((Cow::Borrowed("id"), Value::Number(id)));
        Value::Dict(id.chain(fields).collect())
    };
    let first = row(1);
    let rows = size / (written(Notation::Python3, &first).len() as u64);
    Value::List(std::iter::once(first).chain((2..=rows).map(row)).collect())
}

/// An upload: 4.1 takes the source of a service as it is, others in base64.
pub(super) fn upload(version: Version, random: &mut Random) -> Value {
    let mut source = String::with_capacity(UPLOAD_SIZE + 200);
    while source.len() < UPLOAD_SIZE {
        let service = random.pick(&SERVICES);
        let number = random.within(0..=999_999);
        write!(
            source,
            "        # it's for 'billing'\n        \
            self.invoke(\"{service}\", {{\"id\": {number}, 'note': 'żółty'}})\n        \
            client.login(user, password=self.config['crm'].password)\n\n"
        )
        .expect("memory takes all that is written");
    }
    let payload = if version == Version::Zato4_1 {
        source
    } else {
        STANDARD.encode(source)
    };
    Value::Dict(vec![
        (Cow::Borrowed("payload"), Value::from(payload)),
        (
            Cow::Borrowed("payload_name"),
            Value::from("/opt/zato/server1/pickup/incoming/demo.py"),
        ),
    ])
}

/// What stands in a field of a request or of a row; `None` where the field is left out.
fn value(version: Version, field: Field, random: &mut Random) -> Option<Value> {
    Some(match field {
        Field::Name => name(random),
        Field::Flag => Value::Bool(random.one_in(2)),
        Field::Number(usual) => Value::Number(usual + random.within(0..=3)),
        Field::Fraction => {
            let whole = f64::from(u32::try_from(random.within(0..=9_999)).expect("it is small"));
            Value::Fraction(whole + 0.125)
        }
        Field::Word(word) => Value::from(word),
        Field::Path => Value::from(format!(
            "/{}/{{id}}",
            random.pick(&SERVICES).replace('.', "/")
        )),
        Field::User => Value::from(format!("user.{}", random.within(1..=9_999))),
        Field::Secret if version == Version::Zato4_1 => {
            let [first, second] = [random.next(), random.next()];
            Value::from(format!(
                "zato.secf.gAAAAABrBIHiTYYvZZ6yJc--{first:016x}{second:016x}"
            ))
        }
        Field::Secret => return None,
        Field::Time => {
            let (hour, second) = (random.within(0..=23), random.within(0..=59));
            Value::from(format!("2018-01-20T{hour:02}:29:{second:02}.074199"))
        }
        Field::Service => Value::from(*random.pick(&SERVICES)),
        Field::Opaque if version == Version::Zato4_1 => Value::from(OPAQUE),
        Field::Nothing | Field::Opaque => Value::None,
    })
}

fn name(random: &mut Random) -> Value {
    let unusual = if random.one_in(12) {
        random.pick(&UNUSUAL)
    } else {
        ""
    };
    Value::from(format!(
        "{} {}{unusual}",
        random.pick(&NAMES),
        random.within(1..=9_999)
    ))
}
