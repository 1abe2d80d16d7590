//! Reads literals of Python 3, as far as zalog writes them.

use serde_json::{Map, Number, Value};

/// Returns the value of an expression: a literal, or `json.loads` of a text.
pub fn value(expression: &str) -> Value {
    if let Some(text) = expression.strip_prefix("json.loads(") {
        let mut reader = Reader(text);
        let json = reader.text();
        assert_eq!(reader.0, ")");
        return serde_json::from_str(&json).expect("it is JSON");
    }
    let mut reader = Reader(expression);
    let value = reader.value();
    assert_eq!(reader.0, "");
    value
}

/// Returns the text of a literal at the start, and what is behind it.
pub fn text(expression: &str) -> (String, &str) {
    let mut reader = Reader(expression);
    (reader.text(), reader.0)
}

struct Reader<'p>(&'p str);

impl Reader<'_> {
    fn take(&mut self, token: &str) -> bool {
        match self.0.strip_prefix(token) {
            Some(rest) => self.0 = rest,
            None => return false,
        }
        true
    }

    fn skip_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\n']);
    }

    fn value(&mut self) -> Value {
        for (name, value) in [
            ("None", Value::Null),
            ("True", true.into()),
            ("False", false.into()),
        ] {
            if self.take(name) {
                return value;
            }
        }
        if self.take("[") {
            let mut list = Vec::new();
            self.items("]", |reader| list.push(reader.value()));
            return list.into();
        }
        if self.take("{") {
            let mut dict = Map::new();
            self.items("}", |reader| {
                let key = reader.text();
                assert!(reader.take(": "));
                dict.insert(key, reader.value());
            });
            return dict.into();
        }
        if self.0.starts_with('\'') {
            return self.text().into();
        }
        let ends = |c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c));
        let (number, rest) = self.0.split_at(self.0.find(ends).unwrap_or(self.0.len()));
        self.0 = rest;
        Value::Number(number.parse::<Number>().expect("it is a number"))
    }

    fn items(&mut self, end: &str, mut item: impl FnMut(&mut Self)) {
        self.skip_space();
        while !self.take(end) {
            item(self);
            self.skip_space();
            assert!(self.take(",") || self.0.starts_with(end));
            self.skip_space();
        }
    }

    fn text(&mut self) -> String {
        assert!(self.take("'"));
        let mut text = String::new();
        loop {
            let c = self.0.chars().next().expect("quotes are closed");
            self.0 = &self.0[c.len_utf8()..];
            match c {
                '\'' => return text,
                '\\' => text.push(self.escaped()),
                c => {
                    assert_ne!(c, '\n');
                    text.push(c);
                }
            }
        }
    }

    fn escaped(&mut self) -> char {
        let c = self.0.chars().next().expect("something is escaped");
        self.0 = &self.0[c.len_utf8()..];
        match c {
            '\'' | '\\' => c,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (code, rest) = self.0.split_at(4);
                self.0 = rest;
                char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap()
            }
            c => panic!("an escape that is not written: {c:?}"),
        }
    }
}
