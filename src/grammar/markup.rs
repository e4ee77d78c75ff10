//! The text of a message's html, without the mentions of one person.
//!
//! A mention is `<spark-mention data-object-type="person" data-object-id="ID">Label</spark-mention>`. The label is up
//! to the sender's client, mostly only the first word of the name, so mentions are recognized by their element and
//! never by a name. The rest becomes the visible text: other mentions become their labels, entities are decoded, tags
//! are removed, and block elements break the line.
//!
//! A removed mention leaves a space, so that it does not join two words. A mention that is not closed within its block
//! is kept as text, so that it cannot hide the end of `delete device X but not now`.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use crate::domain::PersonId;

/// The element of a mention.
const MENTION: &[u8] = b"spark-mention";

/// The text of the html, with line breaks between its blocks and without the mentions of `person`.
pub(super) fn text_without_mentions_of(person: &PersonId, html: &str) -> String {
    let mut emitter = DefaultEmitter::default();
    // Otherwise the content of a script or a style would be read as markup.
    emitter.naively_switch_states(true);
    let mut reader =
        MarkupReader { person, text: String::with_capacity(html.len()), state: MarkupState::Text };
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => reader.start(&tag),
            Token::EndTag(tag) => reader.end(&tag.name),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    reader.break_line();
    reader.text
}

struct MarkupReader<'a> {
    person: &'a PersonId,
    text: String,
    state: MarkupState,
}

/// The element that the next text belongs to.
enum MarkupState {
    Text,
    /// A mention of the person that begins at this byte of the text.
    Mention(usize),
    /// A script or a style, which is invisible.
    Code,
}

impl MarkupReader<'_> {
    fn start(&mut self, tag: &StartTag<()>) {
        match tag.name.as_slice() {
            MENTION if self.mentions_the_person(tag) => {
                self.text.push(' ');
                self.state = MarkupState::Mention(self.text.len());
            }
            b"script" | b"style" => self.state = MarkupState::Code,
            name => self.edge_of(name),
        }
    }

    fn end(&mut self, name: &[u8]) {
        match (name, &self.state) {
            (MENTION, MarkupState::Mention(start)) => {
                self.text.truncate(*start);
                self.state = MarkupState::Text;
            }
            (b"script" | b"style", MarkupState::Code) => self.state = MarkupState::Text,
            _ => self.edge_of(name),
        }
    }

    /// The start or the end of an element. Quoted text was written by another person and struck-out text is withdrawn:
    /// a character that no command contains keeps both from becoming one.
    fn edge_of(&mut self, name: &[u8]) {
        if is_block(name) {
            self.break_line();
        }
        if matches!(name, b"blockquote" | b"q" | b"s" | b"del" | b"strike") {
            self.text.push_str(" > ");
        }
    }

    fn text(&mut self, text: &str) {
        if !matches!(self.state, MarkupState::Code) {
            self.text.push_str(text);
        }
    }

    /// Breaks the line at a block, and ends an open mention with it.
    fn break_line(&mut self) {
        self.state = MarkupState::Text;
        self.text.push('\n');
    }

    fn mentions_the_person(&self, tag: &StartTag<()>) -> bool {
        let attribute = |name: &str| {
            let value = tag.attributes.get(name.as_bytes())?;
            std::str::from_utf8(value).ok()
        };
        let id = attribute("data-object-id").and_then(|id| PersonId::parse(id).ok());
        attribute("data-object-type") == Some("person") && id.as_ref() == Some(self.person)
    }
}

/// Whether an element breaks the line where it starts and where it ends.
fn is_block(name: &[u8]) -> bool {
    const BLOCKS: &str = "address article blockquote body br dd details div dl dt figure footer h1 h2 h3 h4 h5 h6 header \
                          hr li main ol p pre section summary table td th tr ul";
    BLOCKS.split(' ').any(|block| block.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::text::normalize;

    const BOT: &str = "1f2e3d4c-aaaa-bbbb-cccc-0123456789ab";

    fn text_of(html: &str) -> String {
        normalize(&text_without_mentions_of(&PersonId::parse(BOT).unwrap(), html))
    }

    fn mention(id: &str, label: &str) -> String {
        format!(r#"<spark-mention data-object-type="person" data-object-id="{id}">{label}</spark-mention>"#)
    }

    #[test]
    fn the_mention_of_the_bot_is_removed_anywhere() {
        use base64::Engine as _;
        let uri = format!("ciscospark://us/PEOPLE/{}", BOT.to_uppercase());
        let encoded = base64::engine::general_purpose::STANDARD.encode(uri);
        for id in [BOT, &*encoded, encoded.trim_end_matches('=')] {
            let bot = mention(id, "Steward");
            for html in [
                format!("<p>{bot} delete device X</p>"),
                format!("{bot} delete device X"),
                format!("{bot}delete device X"),
                format!("delete device X {bot}"),
                format!("delete{bot}device X"),
                format!("<div>{bot}</div><div>{bot}&nbsp;delete device X</div>"),
                format!("<p>{} delete device X</p>", mention(id, "<b>Steward</b> Desk")),
            ] {
                assert_eq!(text_of(&html), "delete device X", "{html}");
            }
        }
    }

    #[test]
    fn everything_else_becomes_text() {
        for (html, line) in [
            ("<p>help</p>", "help"),
            ("help", "help"),
            ("<p>delete</p><p>device X</p>", "delete device X"),
            ("delete<br>device<br/>X", "delete device X"),
            ("<ul><li>delete</li><li>device</li></ul>X", "delete device X"),
            ("<h3>delete</h3>device<div>X</div>no", "delete device X no"),
            ("<b>del</b>ete <code>device</code> <a href=\"x\">X</a>", "delete device X"),
            ("a &amp; b &lt;c&gt; &quot;d&quot; &#8220;e&#x201D;", "a & b <c> \"d\" \"e\""),
            ("a &unheard; &#0; &#x99999999999; b", "a &unheard; \u{fffd} \u{fffd} b"),
            ("<script>delete device X</script>help", "help"),
            ("<style>p { }</style>help<!-- delete device X -->", "help"),
            ("<script><p>delete</p></script>help", "help"),
            (
                "<spark-mention data-object-type=\"groupMention\" data-group-type=\"all\">All</spark-mention> x",
                "All x",
            ),
            ("<spark-mention>Steward</spark-mention> x", "Steward x"),
            ("<p>5 < 6 and <", "5 < 6 and <"),
            ("", ""),
        ] {
            assert_eq!(text_of(html), line, "{html}");
        }
    }

    #[test]
    fn mentions_of_others_become_their_label() {
        for id in ["someone", "", "not an id", "1f2e3d4c-aaaa-bbbb-cccc-0123456789ac"] {
            assert_eq!(text_of(&format!("<p>{} help</p>", mention(id, "Steward"))), "Steward help", "{id}");
        }
        let group = mention(BOT, "All").replace("\"person\"", "\"groupMention\"");
        assert_eq!(text_of(&format!("{group} help")), "All help");
    }

    #[test]
    fn quoted_or_struck_out_text_is_not_a_command() {
        for element in ["blockquote", "q", "s", "del", "strike"] {
            let html = format!("{} <{element}>delete device X</{element}>", mention(BOT, "Steward"));
            assert_eq!(text_of(&html), "> delete device X >", "{element}");
        }
    }

    #[test]
    fn a_mention_that_is_not_closed_hides_nothing() {
        let open = mention(BOT, "Steward").replace("</spark-mention>", "");
        for (html, line) in [
            (format!("<p>{open}</p><p>delete device X</p>"), "Steward delete device X"),
            (format!("<p>{open}</p>x</spark-mention> delete device X"), "Steward x delete device X"),
            (format!("<p>delete device X {open} but not now"), "delete device X Steward but not now"),
            (
                format!("delete device X {open}<script>a</script> but not now"),
                "delete device X Steward but not now",
            ),
            (format!("{open} {} delete device X", mention(BOT, "Desk")), "Steward delete device X"),
        ] {
            assert_eq!(text_of(&html), line, "{html}");
        }
    }

    #[test]
    fn blocks_are_known() {
        for name in ["address", "br", "p", "li", "td", "ul"] {
            assert!(is_block(name.as_bytes()), "{name}");
        }
        assert!(!is_block(b"b") && !is_block(b"spark-mention"));
    }

    proptest! {
        #[test]
        fn no_html_breaks_it(html in any::<String>()) {
            text_of(&html);
        }

        #[test]
        fn no_markup_breaks_it(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<p>", "</p>", "<br", ">", "<spark-mention ", "data-object-type=person ", "\"", "'", "=",
                    "data-object-id=1f2e3d4c-aaaa-bbbb-cccc-0123456789ab", "</spark-mention>", "<script>",
                    "</script", "<style", "<!--", "-->", "<![CDATA[", "]]>", "&", "&#", "&#x", "9999999999999",
                    "amp;", "delete", " ", "\0", "<", "</", "/>", "\u{feff}", "<plaintext>", "<!doctype ",
                ]),
                0..40,
            )
        ) {
            let line = text_of(&parts.concat());
            prop_assert!(!line.chars().any(char::is_control));
        }
    }
}
