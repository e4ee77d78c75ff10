//! From the markdown of a message to the html and the text that readers get.
//!
//! Only what a bot has to care about is rendered: mentions (`<@personId:ID|Label>`, `<@personEmail:..>`, `<@all>`,
//! see "Formatting messages" of the Webex messaging guides), escapes, entities and paragraphs. Emphasis and links
//! stay as they were typed.

/// What a mention points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference<'a> {
    /// A person, by id.
    Id(&'a str),
    /// A person, by e-mail address.
    Email(&'a str),
}

/// A person who can be mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mentioned {
    /// The person's id.
    pub id: String,
    /// The whole display name, of which a mention shows only the first word.
    pub display_name: String,
}

/// A message as readers get it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The rich form.
    pub html: String,
    /// The plain form: mentions are bare labels.
    pub text: String,
    /// The people mentioned, each once, in order of appearance.
    pub people: Vec<String>,
    /// The groups mentioned: `all` or nothing.
    pub groups: Vec<String>,
}

/// Renders markdown; `find` knows the people who can be mentioned. A mention of somebody unknown stays as typed.
pub fn render(markdown: &str, find: impl Fn(Reference<'_>) -> Option<Mentioned>) -> Rendered {
    let mut rendered = Rendered::default();
    let mut rest = markdown;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '\\' => rendered.escaped(rest),
            '<' => rendered.mention(rest, &find),
            '&' => rendered.entity(rest),
            _ => 0,
        };
        if taken == 0 {
            rendered.literal(first);
        }
        rest = &rest[taken.max(first.len_utf8())..];
    }
    rendered.html = format!("<p>{}</p>", rendered.html.replace("\n\n", "</p><p>").replace("  \n", "<br/>"));
    rendered
}

/// Text as html shows it: markup in it is not markup.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut rendered = Rendered::default();
    text.chars().for_each(|character| rendered.literal(character));
    rendered.html
}

/// The first word of a display name: all that clients show of it in a mention.
#[must_use]
pub fn label_of(display_name: &str) -> &str {
    display_name.split_whitespace().next().unwrap_or(display_name)
}

impl Rendered {
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

    /// A backslash before punctuation makes it literal. Each of these returns how many bytes it took.
    fn escaped(&mut self, rest: &str) -> usize {
        match rest.chars().nth(1) {
            Some(next) if next.is_ascii_punctuation() => {
                self.literal(next);
                1 + next.len_utf8()
            }
            _ => 0,
        }
    }

    fn entity(&mut self, rest: &str) -> usize {
        const ENTITIES: [(&str, char); 6] = [
            ("&lt;", '<'),
            ("&gt;", '>'),
            ("&amp;", '&'),
            ("&quot;", '"'),
            ("&#39;", '\''),
            ("&nbsp;", '\u{a0}'),
        ];
        let Some((entity, character)) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)) else {
            return 0;
        };
        self.html.push_str(entity);
        self.text.push(*character);
        entity.len()
    }

    fn mention(&mut self, rest: &str, find: impl Fn(Reference<'_>) -> Option<Mentioned>) -> usize {
        let Some((inside, _)) = rest.strip_prefix("<@").and_then(|rest| rest.split_once('>')) else {
            return 0;
        };
        let (target, label) = match inside.split_once('|') {
            Some((target, label)) => (target, Some(label)),
            None => (inside, None),
        };
        if target == "all" {
            self.everybody(label.unwrap_or("All"));
            return inside.len() + 3;
        }
        let reference = match target.split_once(':') {
            Some(("personId", id)) => Reference::Id(id),
            Some(("personEmail", email)) => Reference::Email(email),
            _ => return 0,
        };
        let Some(person) = find(reference) else { return 0 };
        self.person(&person, label.unwrap_or(label_of(&person.display_name)));
        inside.len() + 3
    }

    fn person(&mut self, person: &Mentioned, label: &str) {
        self.html.push_str(&person_html(&person.id, label));
        self.text.push_str(label);
        if !self.people.contains(&person.id) {
            self.people.push(person.id.clone());
        }
    }

    fn everybody(&mut self, label: &str) {
        self.html.push_str(r#"<spark-mention data-object-type="groupMention" data-group-type="all">"#);
        self.html.push_str(&escape(label));
        self.html.push_str("</spark-mention>");
        self.text.push_str(label);
        if self.groups.is_empty() {
            self.groups.push("all".to_owned());
        }
    }
}

fn person_html(id: &str, label: &str) -> String {
    format!(
        r#"<spark-mention data-object-type="person" data-object-id="{}">{}</spark-mention>"#,
        escape(id),
        escape(label)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(reference: Reference<'_>) -> Option<Mentioned> {
        let bot = Mentioned { id: "BOT".to_owned(), display_name: "Steward Desk".to_owned() };
        matches!(reference, Reference::Id("BOT") | Reference::Email("steward@webex.bot")).then_some(bot)
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
    fn a_label_that_was_given_is_shown_and_nobody_is_listed_twice() {
        let rendered = render("<@personEmail:steward@webex.bot|Desk> and <@personId:BOT>", known);
        assert_eq!(rendered.text, "Desk and Steward");
        assert_eq!(rendered.people, ["BOT"]);
    }

    #[test]
    fn everybody_is_a_group_and_nobody_in_particular() {
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
