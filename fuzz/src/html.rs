//! Reads web pages as far as zalog writes them.

/// Returns the texts of all blocks of code, each with its language. Panics where a tag is none of
/// those that pages are made of.
pub fn code_blocks(page: &str) -> Vec<(String, String)> {
    const TAGS: &[&str] = &[
        "a", "article", "b", "body", "button", "code", "dd", "details", "div", "dl", "dt",
        "footer", "h1", "h2", "h3", "h4", "h5", "head", "header", "html", "input", "label", "li",
        "link", "main", "meta", "nav", "ol", "p", "pre", "section", "span", "style", "script",
        "summary", "table", "tbody", "td", "th", "thead", "title", "tr", "ul", "wbr",
    ];
    let mut blocks = Vec::new();
    let mut block: Option<(String, String)> = None;
    let mut rest = page
        .strip_prefix("<!DOCTYPE html>")
        .expect("pages say what they are");
    while let Some(start) = rest.find('<') {
        if let Some((_, text)) = &mut block {
            text.push_str(&unescaped(&rest[..start]));
        }
        let (tag, behind) = tag(&rest[start + 1..]);
        rest = behind;
        let is_end = tag.name.starts_with('/');
        let name = tag.name.trim_start_matches('/');
        assert!(TAGS.contains(&name), "<{name}>");
        match name {
            "script" | "style" if !is_end => {
                let end = rest.find(&format!("</{name}>")).expect("it ends");
                rest = &rest[end..];
            }
            "code" if is_end => blocks.extend(block.take()),
            "code" => {
                block = tag
                    .attribute("data-language")
                    .map(|language| (language, String::new()))
            }
            _ => {}
        }
    }
    blocks
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.clone())
    }
}

/// The tag behind a `<`, and what is behind its `>`.
fn tag(text: &str) -> (Tag, &str) {
    let end = text.find([' ', '>']).expect("tags end");
    let name = text[..end].to_owned();
    let mut rest = &text[end..];
    let mut attributes = Vec::new();
    loop {
        if let Some(behind) = rest.strip_prefix('>') {
            return (Tag { name, attributes }, behind);
        }
        rest = rest
            .strip_prefix(' ')
            .expect("attributes are parted by spaces");
        let end = rest.find(['=', ' ', '>']).expect("tags end");
        let attribute = rest[..end].to_owned();
        let is_plain = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(attribute.chars().all(is_plain) && !attribute.starts_with("on"));
        rest = &rest[end..];
        let mut value = "";
        if let Some(behind) = rest.strip_prefix("=\"") {
            let end = behind.find('"').expect("quotes are closed");
            (value, rest) = (&behind[..end], &behind[end + 1..]);
        }
        attributes.push((attribute, unescaped(value)));
    }
}

fn unescaped(text: &str) -> String {
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    text.replace("&amp;", "&")
}
