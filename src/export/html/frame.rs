//! What is around the content of each page: the head, the styles, the scripts, and the policy that
//! lets no other script run.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

/// The style that all pages have in common.
const BASE: &str = include_str!("base.css");

/// What is around the content of a page.
#[derive(Clone, Copy, Debug)]
pub(in crate::export) struct Frame<'f> {
    /// The title: one line of text.
    pub(in crate::export) title: &'f str,
    /// What the page adds to the style of all pages.
    pub(in crate::export) styles: &'f [&'f str],
    /// Its scripts, in their order.
    pub(in crate::export) scripts: &'f [&'f str],
}

impl Frame<'_> {
    /// Returns a page.
    pub(in crate::export) fn page(self, body: &Markup) -> String {
        self.before_data(body) + &self.behind_data()
    }

    /// Writes a page whose scripts get data: JSON in an element with the ID `data`. In what `data`
    /// writes there must be no `<` (see `script_json`).
    pub(in crate::export) fn write(
        self,
        body: &Markup,
        data: impl FnOnce(&mut dyn Write) -> io::Result<()>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        out.write_all(self.before_data(body).as_bytes())?;
        out.write_all(b"<script type=\"application/json\" id=\"data\">")?;
        data(out)?;
        out.write_all(b"</script>\n")?;
        out.write_all(self.behind_data().as_bytes())
    }

    fn before_data(self, body: &Markup) -> String {
        let page = html! {
            (DOCTYPE)
            (PreEscaped("<html lang=\"en\">"))
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(self.policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content="zalog";
                title { (self.title) }
                // A browser asks for an icon otherwise.
                link rel="icon" href="data:,";
                @for style in self.all_styles() { style { (PreEscaped(style)) } }
            }
            (PreEscaped("<body id=\"top\">"))
            a .skip href="#content" { "To the content" }
            main #content { (body) }
            footer { "Written by zalog from Zato’s admin.log" }
            p #said .unseen role="status" {}
        };
        page.into_string()
    }

    fn behind_data(self) -> String {
        let scripts = html! {
            @for script in self.scripts { script { (PreEscaped(script)) } }
            (PreEscaped("</body></html>\n"))
        };
        scripts.into_string()
    }

    fn all_styles(&self) -> impl Iterator<Item = &str> {
        std::iter::once(BASE).chain(self.styles.iter().copied())
    }

    fn policy(&self) -> String {
        let hashes = |texts: &mut dyn Iterator<Item = &str>| -> String {
            texts.map(hash).collect::<Vec<_>>().join(" ")
        };
        format!(
            "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
            hashes(&mut self.all_styles()),
            hashes(&mut self.scripts.iter().copied())
        )
    }
}

/// Returns the name that a policy has for a script or a style.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::super::pages::{SCRIPT, STYLE};
    use super::*;
    use crate::export::audit_page::{SCRIPTS, STYLES};

    #[test]
    fn styles_and_scripts_end_where_they_end() {
        let of_audit = STYLES.iter().chain(&SCRIPTS);
        for text in [BASE, STYLE, SCRIPT].iter().chain(of_audit) {
            assert!(!text.contains("</") && !text.contains("<!--"));
            // A browser hashes lines as it reads them, which end in a newline alone.
            assert!(!text.contains('\r'));
        }
        assert_eq!(
            hash(""),
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
        );
    }
}
