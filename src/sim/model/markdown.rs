//! Renders the markdown of a message to the HTML and the text that readers get.
//!
//! Renders only the parts that matter to a bot: mentions (`<@personId:ID|Label>`, `<@personEmail:..>`, `<@all>`, see
//! "Formatting messages" of the Webex messaging guides), escapes, entities and paragraphs. Emphasis and links stay as
//! they were typed.

const ENTITIES: [(&str, char); 6] =
    [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"'), ("&#39;", '\''), ("&nbsp;", '\u{a0}')];

#[derive(Debug, Clone, Copy)]
pub(super) enum MentionTarget<'a> {
    Id(&'a str),
    Email(&'a str),
}

/// A person who can be mentioned.
#[derive(Debug)]
pub(super) struct Mentioned {
    pub(super) id: String,
    /// The full display name; a mention shows only its first word.
    pub(super) display_name: String,
}

/// A message as readers get it.
#[derive(Debug, Default)]
pub(super) struct RenderedMessage {
    pub(super) html: String,
    /// The plain form: mentions are bare labels.
    pub(super) text: String,
    /// The people mentioned, each once, in order of appearance.
    pub(super) people: Vec<String>,
    /// `all`, or empty.
    pub(super) groups: Vec<String>,
}

/// Renders markdown; `find` knows the people who can be mentioned. A mention of an unknown person stays as typed.
pub(super) fn render(
    markdown: &str,
    find: impl Fn(MentionTarget<'_>) -> Option<Mentioned>,
) -> RenderedMessage {
    let mut rendered = RenderedMessage::default();
    let mut rest = markdown;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '\\' => rendered.escaped(rest),
            '<' => rendered.mention(rest, &find),
            '&' => rendered.entity(rest),
            _ => None,
        };
        if taken.is_none() {
            rendered.literal(first);
        }
        rest = &rest[taken.unwrap_or(first.len_utf8())..];
    }
    rendered.html = format!("<p>{}</p>", rendered.html.replace("\n\n", "</p><p>").replace("  \n", "<br/>"));
    rendered
}

/// Escapes text for HTML.
fn escape(text: &str) -> String {
    let mut rendered = RenderedMessage::default();
    text.chars().for_each(|character| rendered.literal(character));
    rendered.html
}

/// `escaped`, `entity` and `mention` return the number of bytes consumed, or none if the text does not begin with one.
impl RenderedMessage {
    fn literal(&mut self, character: char) {
        match character {
            '<' => self.html.push_str("&lt;"),
            '>' => self.html.push_str("&gt;"),
            '&' => self.html.push_str("&amp;"),
            '"' => self.html.push_str("&quot;"),
            other => self.html.push(other),
        }
        self.text.push(character);
    }

    /// A backslash before punctuation makes it literal.
    fn escaped(&mut self, rest: &str) -> Option<usize> {
        let next = rest.chars().nth(1).filter(char::is_ascii_punctuation)?;
        self.literal(next);
        Some(1 + next.len_utf8())
    }

    fn entity(&mut self, rest: &str) -> Option<usize> {
        let (entity, character) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity))?;
        self.html.push_str(entity);
        self.text.push(*character);
        Some(entity.len())
    }

    fn mention(
        &mut self,
        rest: &str,
        find: impl Fn(MentionTarget<'_>) -> Option<Mentioned>,
    ) -> Option<usize> {
        let (inside, _) = rest.strip_prefix("<@")?.split_once('>')?;
        let (target, label) = match inside.split_once('|') {
            Some((target, label)) => (target, Some(label)),
            None => (inside, None),
        };
        if target == "all" {
            self.tagged(r#"data-object-type="groupMention" data-group-type="all""#, label.unwrap_or("All"));
            self.groups = vec!["all".to_owned()];
            return Some(inside.len() + 3);
        }
        let person = match target.split_once(':')? {
            ("personId", id) => find(MentionTarget::Id(id))?,
            ("personEmail", email) => find(MentionTarget::Email(email))?,
            _ => return None,
        };
        let first_word = person.display_name.split_whitespace().next();
        let label = label.or(first_word).unwrap_or(&person.display_name);
        self.tagged(&format!(r#"data-object-type="person" data-object-id="{}""#, escape(&person.id)), label);
        if !self.people.contains(&person.id) {
            self.people.push(person.id);
        }
        Some(inside.len() + 3)
    }

    fn tagged(&mut self, attributes: &str, label: &str) {
        self.html.extend(["<spark-mention ", attributes, ">", &escape(label), "</spark-mention>"]);
        self.text.push_str(label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(reference: MentionTarget<'_>) -> Option<Mentioned> {
        let bot = Mentioned { id: "BOT".to_owned(), display_name: "Steward Desk".to_owned() };
        matches!(reference, MentionTarget::Id("BOT") | MentionTarget::Email("steward@webex.bot"))
            .then_some(bot)
    }

    #[test]
    fn a_mention_without_a_label_shows_the_first_word_of_the_display_name() {
        let rendered = render("<@personId:BOT> delete device X", known);
        assert_eq!(
            rendered.html,
            "<p><spark-mention data-object-type=\"person\" data-object-id=\"BOT\">Steward</spark-mention> \
             delete device X</p>"
        );
        assert_eq!(rendered.text, "Steward delete device X");
        assert_eq!(rendered.people, ["BOT"]);
    }

    #[test]
    fn a_label_is_shown_and_no_person_is_listed_twice() {
        let rendered = render("<@personEmail:steward@webex.bot|Desk> and <@personId:BOT>", known);
        assert_eq!(rendered.text, "Desk and Steward");
        assert_eq!(rendered.people, ["BOT"]);
    }

    #[test]
    fn mentioning_everybody_mentions_a_group_and_no_person() {
        let rendered = render("<@all> hello", known);
        assert_eq!(
            (rendered.text.as_str(), rendered.groups.len(), rendered.people.len()),
            ("All hello", 1, 0)
        );
    }

    #[test]
    fn markup_is_escaped_and_an_escaped_mention_is_only_text() {
        for typed in [r"\<@all> <b>", "&lt;@all&gt; <b>"] {
            let rendered = render(typed, known);
            assert_eq!(rendered.html, "<p>&lt;@all&gt; &lt;b&gt;</p>");
            assert_eq!(rendered.text, "<@all> <b>");
            assert!(rendered.groups.is_empty());
        }
    }

    #[test]
    fn a_mention_of_somebody_unknown_stays_as_typed() {
        assert_eq!(render("<@personId:NOBODY|X>", known).text, "<@personId:NOBODY|X>");
    }
}
