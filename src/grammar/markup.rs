//! The text of a message's html, without the mentions of one person.
//!
//! A mention is `<spark-mention data-object-type="person" data-object-id="ID">Label</spark-mention>`. The label is up
//! to the sender's client, mostly only the first word of the name, so mentions are recognized by their element and
//! never by a name. The rest becomes the visible text: other mentions become their labels, entities are decoded, tags
//! are removed, and block elements break the line.
//!
//! A removed mention leaves a space, so that it does not join two words. A mention that is not closed within its block
//! is kept as text, so that it cannot hide the end of `delete device X but not now`.
//!
//! Clients turn the asterisks of a typed line into markup: `name:*Panorama*` arrives as `name:<em>Panorama</em>`. Lost
//! asterisks would change a filter in silence, so an emphasis that begins or ends inside a word, or that stands in
//! quotes, gets them back. An emphasis of whole words is taken for formatting.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::line::without_sign;
use crate::domain::PersonId;
use crate::domain::text::straight;

/// The element of a mention.
const MENTION: &[u8] = b"spark-mention";

/// The text of the html, with line breaks between its blocks and without the mentions of `person`.
pub(super) fn text_without_mentions_of(person: &PersonId, html: &str) -> String {
    let mut emitter = DefaultEmitter::default();
    // Otherwise the content of a script or a style would be read as markup.
    emitter.naively_switch_states(true);
    let mut reader = MarkupReader {
        person,
        text: String::with_capacity(html.len()),
        state: MarkupState::Text,
        is_behind_mention: false,
        emphases: Vec::new(),
        edges: Vec::new(),
    };
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
    reader.with_asterisks()
}

struct MarkupReader<'a> {
    person: &'a PersonId,
    text: String,
    state: MarkupState,
    /// Only spaces came after the mention of the person.
    is_behind_mention: bool,
    emphases: Vec<Emphasis>,
    /// Where emphases begin and end, in order: a byte of the text, and the index of the emphasis.
    edges: Vec<(usize, usize)>,
}

/// An emphasized part of the text.
struct Emphasis {
    asterisks: &'static str,
    start: usize,
    /// None until it is closed.
    end: Option<usize>,
}

/// The element that the next text belongs to.
enum MarkupState {
    Text,
    /// A mention of the person that begins at this byte of the text, and the number of edges before it.
    Mention(usize, usize),
    /// A script or a style, which is invisible.
    Code,
}

impl MarkupReader<'_> {
    fn start(&mut self, tag: &StartTag<()>) {
        match tag.name.as_slice() {
            MENTION if self.mentions_the_person(tag) => {
                self.text.push(' ');
                self.state = MarkupState::Mention(self.text.len(), self.edges.len());
            }
            b"script" | b"style" => self.state = MarkupState::Code,
            name => {
                if let Some(asterisks) = asterisks_of(name) {
                    let start = self.text.len();
                    self.edges.push((start, self.emphases.len()));
                    self.emphases.push(Emphasis { asterisks, start, end: None });
                }
                self.edge_of(name);
            }
        }
    }

    fn end(&mut self, name: &[u8]) {
        match (name, &self.state) {
            (MENTION, MarkupState::Mention(start, edges)) => {
                self.text.truncate(*start);
                self.edges.truncate(*edges);
                self.state = MarkupState::Text;
                self.is_behind_mention = true;
            }
            (b"script" | b"style", MarkupState::Code) => self.state = MarkupState::Text,
            _ => {
                self.end_emphasis(name);
                self.edge_of(name);
            }
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
        match self.state {
            MarkupState::Code => {}
            MarkupState::Text if self.is_behind_mention => {
                self.is_behind_mention = text.trim().is_empty();
                self.text.push_str(without_sign(text));
            }
            MarkupState::Text | MarkupState::Mention(..) => self.text.push_str(text),
        }
    }

    /// Closes the innermost emphasis that this element opened.
    fn end_emphasis(&mut self, name: &[u8]) {
        let Some(asterisks) = asterisks_of(name) else { return };
        let end = self.text.len();
        let is_open = |emphasis: &Emphasis| emphasis.end.is_none() && emphasis.asterisks == asterisks;
        if let Some(index) = self.emphases.iter().rposition(is_open) {
            self.emphases[index].end = Some(end);
            self.edges.push((end, index));
        }
    }

    /// The text, with asterisks around each emphasis that is more than formatting.
    fn with_asterisks(self) -> String {
        let is_formatting: Vec<bool> =
            self.emphases.iter().map(|emphasis| emphasis.covers_words_of(&self.text)).collect();
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for (edge, index) in self.edges {
            text.push_str(&self.text[at..edge]);
            at = edge;
            if !is_formatting[index] {
                text.push_str(self.emphases[index].asterisks);
            }
        }
        text.push_str(&self.text[at..]);
        text
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

impl Emphasis {
    /// Whether it covers whole words outside of quotes. A sentence may go on behind it with a punctuation mark.
    fn covers_words_of(&self, text: &str) -> bool {
        let Some(end) = self.end else { return false };
        let (before, after) = (&text[..self.start], &text[end..]);
        let is_in_quotes = before.chars().filter(|c| straight(*c) == '"').count() % 2 == 1;
        let is_space = |c: char| straight(c) == ' ';
        let rest = after.trim_start_matches(['.', ',', ';', '!', '?']);
        !is_in_quotes
            && before.chars().next_back().is_none_or(is_space)
            && rest.chars().next().is_none_or(is_space)
    }
}

/// The asterisks that markdown turns into this element.
fn asterisks_of(name: &[u8]) -> Option<&'static str> {
    match name {
        b"em" | b"i" => Some("*"),
        b"strong" | b"b" => Some("**"),
        _ => None,
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
            ("<b>delete</b> <code>device</code> <a href=\"x\">X</a>", "delete device X"),
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
    fn asterisks_that_became_markup_are_asterisks_again() {
        for (html, line) in [
            ("list devices name:<em>Panorama</em>", "list devices name:*Panorama*"),
            (
                "list devices -name:<em>Panorama</em> -tag:<strong>x</strong>",
                "list devices -name:*Panorama* -tag:**x**",
            ),
            ("name:B<em>R name:X</em>Y", "name:B*R name:X*Y"),
            ("name:\"<em>BER 4</em>\"", "name:\"*BER 4*\""),
            ("name:“BER <i>4</i> x”", "name:\"BER *4* x\""),
            ("name:<em><strong>x</strong></em>", "name:***x***"),
            ("<b>del</b>ete device X", "**del**ete device X"),
            ("name:<em>x", "name:*x"),
            // Formatting of whole words.
            ("<strong>delete device X</strong>", "delete device X"),
            ("<b>delete</b> <i>device</i>&nbsp;<b>X</b>.", "delete device X."),
            ("please <em>do not</em> delete device X", "please do not delete device X"),
            ("list devices <strong>-tag:keep</strong>", "list devices -tag:keep"),
        ] {
            assert_eq!(text_of(html), line, "{html}");
        }
        let labeled = format!("<p>{} delete <b>device</b> X</p>", mention(BOT, "<b>Ste</b>ward"));
        assert_eq!(text_of(&labeled), "delete device X");
    }

    #[test]
    fn a_sign_behind_the_mention_is_not_part_of_the_line() {
        for (html, line) in [
            ("BOT, delete device X", "delete device X"),
            ("BOT: help", "help"),
            ("BOT&nbsp;– help", "help"),
            ("BOT:help", "help"),
            ("delete device X BOT.", "delete device X"),
            ("BOT -tag:x", "-tag:x"),
            ("BOT ?", "?"),
            ("BOT <b>,</b> help", "help"),
        ] {
            assert_eq!(text_of(&html.replace("BOT", &mention(BOT, "Steward"))), line, "{html}");
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
