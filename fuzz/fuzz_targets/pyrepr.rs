//! The quick ways of reading a Python value against the slow one, and what is written of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::value::RawValue;
use zalog::pyrepr::{Notation, Token, Tokens, write_json};
use zalog::redact::{Redactor, Writer};

/// `serde_json` takes no more brackets within each other.
const DEEPEST_TREE: usize = 127;

fuzz_target!(|data: &[u8]| {
    // Keys that one value has taught are copied in the next ones, and far from the end only.
    let mut values: Vec<Vec<u8>> = data.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect();
    for nth in 0..values.len() {
        values.push([b"[", &*values[nth], b", '", &[b'x'; 80], b"']"].concat());
    }
    for value in &values {
        for notation in [Notation::Repr, Notation::Json] {
            is_read_the_same_by_steps(Tokens::new(value, notation), Tokens::new(value, notation));
            let cut_off = || Tokens::new(value, notation).cut_off();
            is_read_the_same_by_steps(cut_off(), cut_off());
            is_written_as_it_is_read(value, notation);
        }
    }
    for redactor in [Redactor::Mask, Redactor::Show] {
        let mut writer = Writer::new(redactor);
        for value in values.iter().chain(&values) {
            for notation in [Notation::Repr, Notation::Json] {
                let mut copied = Vec::new();
                let mut by_token = Vec::new();
                let copying = writer.write_json(&mut Tokens::new(value, notation), &mut copied);
                let mut tokens = Tokens::new(value, notation);
                let writing = write_json(redactor.tokens(&mut tokens), &mut by_token);
                assert_eq!(copying, writing);
                if copying.is_ok() {
                    assert_eq!(
                        copied.escape_ascii().to_string(),
                        by_token.escape_ascii().to_string()
                    );
                    assert!(serde_json::from_slice::<&RawValue>(&copied).is_ok());
                }
            }
        }
    }
});

fn is_read_the_same_by_steps(mut quickly: Tokens<'_>, mut by_steps: Tokens<'_>) {
    loop {
        let token = quickly.next_token();
        assert_eq!(token, by_steps.next_token_by_steps());
        if let Ok(Some(Token::Text(text) | Token::Key(text))) = &token {
            let plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
            assert!(!text.is_plain() || text.bytes().all(plain));
        }
        if !matches!(token, Ok(Some(_))) {
            break;
        }
    }
    assert_eq!(quickly.ended_at(), by_steps.ended_at());
    assert_eq!(quickly.too_deep_at(), by_steps.too_deep_at());
}

/// What is written is JSON, and says what was read.
fn is_written_as_it_is_read(value: &[u8], notation: Notation) {
    for is_cut_off in [false, true] {
        let tokens = || {
            let tokens = Tokens::new(value, notation);
            if is_cut_off { tokens.cut_off() } else { tokens }
        };
        let mut json = Vec::new();
        let written = write_json(tokens(), &mut json);
        assert_eq!(tokens().skip().is_ok(), written.is_ok());
        if written.is_err() {
            continue;
        }
        assert!(serde_json::from_slice::<&RawValue>(&json).is_ok());
        let mut again = Vec::new();
        write_json(Tokens::new(&json, Notation::Json), &mut again).unwrap();
        assert_eq!(
            again.escape_ascii().to_string(),
            json.escape_ascii().to_string()
        );
        if deepest(&json) <= DEEPEST_TREE {
            let tree: Value = serde_json::from_slice(&json).unwrap();
            assert_eq!(tree, tokens().into_value().unwrap());
            assert_eq!(
                tree,
                Tokens::new(&json, Notation::Json).into_value().unwrap()
            );
        }
    }
}

/// How many brackets stand within each other at the most, those in texts among them.
fn deepest(json: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in json {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = depth.max(deepest);
    }
    deepest
}
