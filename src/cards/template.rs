//! Templates: text with holes in, text that is JSON out.
//!
//! They are embedded in the binary, so none can be missing at run time. The engine writes every value as a
//! JSON value (its own quotes and escapes), forbids undefined variables, and what it wrote is read again:
//! a card that is not JSON never leaves this module.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use serde::ser::Error as _;
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

static ENGINE: LazyLock<Result<Environment<'static>, String>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // Not left to the ending of a name: there is no template here that is not JSON.
    engine.set_auto_escape_callback(|_| AutoEscape::Json);
    for (name, source) in TEMPLATES {
        engine.add_template(name, source).map_err(|error| format!("{error:#}"))?;
    }
    Ok(engine)
});

/// Fills a template; what comes out is JSON without blanks between its parts.
pub(super) fn fill(name: &'static str, context: &impl Serialize) -> Result<Box<RawValue>, RenderError> {
    let wrong = |reason| RenderError::Template { name, reason };
    let engine = ENGINE.as_ref().map_err(|reason| wrong(reason.clone()))?;
    let filled = engine
        .get_template(name)
        .and_then(|template| template.render(Serde(context)))
        .map_err(|error| wrong(format!("{error:#}")))?;
    compact(&filled).map_err(|source| RenderError::NotJson { name, source })
}

/// Without a tree in between: that took as long as filling the template.
fn compact(json: &str) -> serde_json::Result<Box<RawValue>> {
    let mut compact = Vec::with_capacity(json.len());
    let mut parser = serde_json::Deserializer::from_str(json);
    serde_transcode::transcode(&mut parser, &mut serde_json::Serializer::new(&mut compact))?;
    parser.end()?;
    RawValue::from_string(String::from_utf8(compact).map_err(serde_json::Error::custom)?)
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
