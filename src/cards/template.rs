//! Templates: text with holes in, text that is JSON out.
//!
//! They are embedded in the binary, so none can be missing at run time. The engine writes every value as a
//! JSON value (its own quotes and escapes), forbids undefined variables, and what it wrote is read again:
//! a card that is not JSON never leaves this module.
//!
//! The pieces that cards have in common are put in their places once, when the templates are loaded, in a syntax of
//! its own (`<< … >>`). As macros of the engine they took three quarters of the time that filling a card takes.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

/// The templates by name, the shared pieces first.
pub(super) const TEMPLATES: [(&str, &str); 18] = [
    ("macros.card.json", include_str!("../../templates/macros.card.json")),
    ("deletion.card.json", include_str!("../../templates/deletion.card.json")),
    ("device.card.json", include_str!("../../templates/device.card.json")),
    ("devices.card.json", include_str!("../../templates/devices.card.json")),
    ("choice.card.json", include_str!("../../templates/choice.card.json")),
    ("not_found.card.json", include_str!("../../templates/not_found.card.json")),
    ("proposal.card.json", include_str!("../../templates/proposal.card.json")),
    ("provision.card.json", include_str!("../../templates/provision.card.json")),
    ("activation.card.json", include_str!("../../templates/activation.card.json")),
    ("added.card.json", include_str!("../../templates/added.card.json")),
    ("tags.card.json", include_str!("../../templates/tags.card.json")),
    ("tag_proposal.card.json", include_str!("../../templates/tag_proposal.card.json")),
    ("tags_of_many.card.json", include_str!("../../templates/tags_of_many.card.json")),
    ("changed.card.json", include_str!("../../templates/changed.card.json")),
    ("help.card.json", include_str!("../../templates/help.card.json")),
    ("about.card.json", include_str!("../../templates/about.card.json")),
    ("whoami.card.json", include_str!("../../templates/whoami.card.json")),
    ("notice.card.json", include_str!("../../templates/notice.card.json")),
];

/// A template that could not be made into a card.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template is wrong, or asks for a value that the view does not have.
    #[error("card template {name}: {reason}")]
    Template {
        /// The name of the template.
        name: &'static str,
        /// What the engine said.
        reason: String,
    },
    /// The template was filled, but the result is not JSON.
    #[error("card template {name} does not make JSON")]
    NotJson {
        /// The name of the template.
        name: &'static str,
        /// Where it stops being JSON.
        #[source]
        source: serde_json::Error,
    },
    /// It is JSON, but not of the shapes that a card has here.
    #[error("card template {name} does not make a card")]
    NotACard {
        /// The name of the template.
        name: &'static str,
        /// What has the wrong shape.
        #[source]
        source: serde_json::Error,
    },
}

static ENGINE: LazyLock<Result<Environment<'static>, String>> =
    LazyLock::new(|| engine().map_err(|error| format!("{error:#}")));

fn engine() -> Result<Environment<'static>, minijinja::Error> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // Not left to the ending of a name: there is no template here that is not JSON.
    engine.set_auto_escape_callback(|_| AutoEscape::Json);
    for (name, source) in assembled()? {
        engine.add_template_owned(name, without_blanks(&source))?;
    }
    Ok(engine)
}

/// The templates by name, with the pieces in their places.
pub(super) fn assembled() -> Result<Vec<(&'static str, String)>, minijinja::Error> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    let mut syntax = SyntaxConfig::builder();
    syntax.block_delimiters("<%", "%>").variable_delimiters("<<", ">>").comment_delimiters("<#", "#>");
    engine.set_syntax(syntax.build()?);
    for (name, source) in TEMPLATES {
        engine.add_template(name, source)?;
    }
    TEMPLATES.iter().map(|(name, _)| Ok((*name, engine.get_template(name)?.render(())?))).collect()
}

/// Fills a template.
pub(super) fn fill(name: &'static str, context: &impl Serialize) -> Result<Box<RawValue>, RenderError> {
    let wrong = |reason| RenderError::Template { name, reason };
    let engine = ENGINE.as_ref().map_err(|reason| wrong(reason.clone()))?;
    let filled = engine
        .get_template(name)
        .and_then(|template| template.render(Serde(context)))
        .map_err(|error| wrong(format!("{error:#}")))?;
    RawValue::from_string(filled).map_err(|source| RenderError::NotJson { name, source })
}

/// A template without the blanks between the parts of its JSON and without comments, so that what it makes is compact.
/// What stands in quotes and in tags stays as it is.
pub(super) fn without_blanks(template: &str) -> String {
    let mut compact = String::with_capacity(template.len());
    let mut rest = template.trim_start();
    while let Some(first) = rest.chars().next() {
        let part = part_of(rest, first);
        if !part.starts_with("{#") {
            // A brace of JSON must not become one with the tag after it.
            if part.len() > 1 && first == '{' && compact.ends_with('{') {
                compact.push(' ');
            }
            compact.push_str(part);
        }
        rest = rest[part.len()..].trim_start();
    }
    compact
}

/// A tag, a text in quotes, or one character.
fn part_of(rest: &str, first: char) -> &str {
    let ends_with = |mark: &str| rest.find(mark).map_or(rest.len(), |at| at + mark.len());
    let length = match rest.as_bytes() {
        [b'{', b'{', ..] => ends_with("}}"),
        [b'{', b'%', ..] => ends_with("%}"),
        [b'{', b'#', ..] => ends_with("#}"),
        [b'"', text @ ..] => {
            let mut is_escaped = false;
            let is_end = |byte: &u8| {
                let ends = *byte == b'"' && !is_escaped;
                is_escaped = *byte == b'\\' && !is_escaped;
                ends
            };
            text.iter().position(is_end).map_or(rest.len(), |at| at + 2)
        }
        _ => first.len_utf8(),
    };
    &rest[..length]
}

/// A card that no template made: these lines.
pub(super) fn around(lines: &[String]) -> Box<RawValue> {
    let run =
        |text: &String| json!({ "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": text }] });
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.3",
        "body": lines.iter().map(run).collect::<Vec<_>>(),
    });
    // A value of maps with texts as keys always is JSON.
    to_raw_value(&card).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::without_blanks;

    #[test]
    fn only_what_is_neither_text_nor_tag_loses_its_blanks() {
        for (template, compact) in [
            ("{ \"a b\" : [ 1,\n  2 ] }\n", "{\"a b\":[1,2]}"),
            ("{# about { \"this\" #}\n{}", "{}"),
            (
                "{ \"a\": {{ say(\"x  y\", first = true) }}, {%- if b %} \"c\": 1 {%- endif %} }",
                "{\"a\":{{ say(\"x  y\", first = true) }},{%- if b %}\"c\":1{%- endif %}}",
            ),
            ("{ {%- if a %} \"b\": 1 {%- endif %} }", "{ {%- if a %}\"b\":1{%- endif %}}"),
            ("\"a \\\" b\"  , \"\\\\\"  , \" \"", "\"a \\\" b\",\"\\\\\",\" \""),
            ("\"no end ", "\"no end "),
            ("{{ no end ", "{{ no end "),
        ] {
            assert_eq!(without_blanks(template), compact);
            assert_eq!(without_blanks(compact), compact, "once is enough");
        }
    }
}
