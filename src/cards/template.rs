//! Templates: JSON with placeholders in, JSON of a card out.
//!
//! Templates are embedded in the binary, so none can be missing at run time. The engine writes every value as a JSON
//! value with its quotes and escapes, and rejects undefined variables. Its output is parsed again: a card that is not
//! JSON never leaves this module.
//!
//! Cards share pieces (`macros.card.json`), which are inserted once, when the templates are loaded, with the delimiters
//! `<< … >>` and `<% … %>`; `{{ … }}` and `{% … %}` run for each card. Measured on the card of a deletion: 9 µs this
//! way, 23 µs with the pieces as `{% include %}` and a loop over the facts (1 µs per iteration), and more with macros.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use serde::Serialize;
use serde_json::value::RawValue;

use super::safe_text::SafeText;

macro_rules! templates {
    ($($name:literal),+ $(,)?) => { [$(($name, include_str!(concat!("../../templates/", $name)))),+] };
}

/// The templates by name, the shared pieces first.
pub(super) const TEMPLATES: [(&str, &str); 19] = templates![
    "macros.card.json",
    "about.card.json",
    "activate.card.json",
    "activate_question.card.json",
    "add_device.card.json",
    "choose_device.card.json",
    "delete_device.card.json",
    "delete_device_changed.card.json",
    "delete_device_question.card.json",
    "device_not_found.card.json",
    "help.card.json",
    "list_devices.card.json",
    "notice.card.json",
    "show_device.card.json",
    "tag_device.card.json",
    "tag_device_question.card.json",
    "tag_devices.card.json",
    "tag_devices_question.card.json",
    "whoami.card.json",
];

/// Values for a template, by name.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Fields(Value);

/// A value that may go on a card: safe text, or Steward's own words.
pub(super) trait Placeable {
    fn value(&self) -> Value;
}

impl Placeable for SafeText {
    fn value(&self) -> Value {
        self.as_str().into()
    }
}

impl Placeable for &'static str {
    fn value(&self) -> Value {
        (*self).into()
    }
}

impl Placeable for Fields {
    fn value(&self) -> Value {
        self.0.clone()
    }
}

impl<T: Placeable> Placeable for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or_else(|| ().into(), T::value)
    }
}

impl<T: Placeable> Placeable for Vec<T> {
    fn value(&self) -> Value {
        self.iter().map(T::value).collect()
    }
}

impl Fields {
    pub(super) fn new<const N: usize>(fields: [(&'static str, Value); N]) -> Self {
        Self(Value::from_pairs(fields))
    }
}

macro_rules! fields {
    ($($name:ident: $value:expr),+ $(,)?) => {
        $crate::cards::template::Fields::new(
            [$((stringify!($name), $crate::cards::template::Placeable::value(&$value))),+]
        )
    };
}
pub(super) use fields;

/// A template that could not be rendered.
#[derive(Debug, thiserror::Error)]
pub(super) enum TemplateError {
    #[error("card template {name}: {reason}")]
    Template { name: &'static str, reason: String },
    #[error("card template {name} does not make JSON")]
    NotJson {
        name: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error("card template {name} does not make a card")]
    NotACard {
        name: &'static str,
        #[source]
        source: serde_json::Error,
    },
}

static ENGINE: LazyLock<Result<Environment<'static>, String>> =
    LazyLock::new(|| engine().map_err(|error| format!("{error:#}")));

fn engine() -> Result<Environment<'static>, minijinja::Error> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // By default the file extension decides; here every template is JSON.
    engine.set_auto_escape_callback(|_| AutoEscape::Json);
    for (name, source) in assembled()? {
        engine.add_template_owned(name, compacted(&source))?;
    }
    Ok(engine)
}

/// The templates by name, with the shared pieces inserted.
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
pub(super) fn fill(name: &'static str, fields: &Fields) -> Result<Box<RawValue>, TemplateError> {
    let wrong = |reason| TemplateError::Template { name, reason };
    let engine = ENGINE.as_ref().map_err(|reason| wrong(reason.clone()))?;
    let filled = engine
        .get_template(name)
        .and_then(|template| template.render(&fields.0))
        .map_err(|error| wrong(format!("{error:#}")))?;
    RawValue::from_string(filled).map_err(|source| TemplateError::NotJson { name, source })
}

/// A template without comments and without whitespace between the parts of its JSON, so that cards are compact.
/// Quoted text and tags stay as they are.
pub(super) fn compacted(template: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::compacted;

    #[test]
    fn whitespace_goes_outside_text_and_tags() {
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
            assert_eq!(compacted(template), compact);
            assert_eq!(compacted(compact), compact, "once is enough");
        }
    }
}
