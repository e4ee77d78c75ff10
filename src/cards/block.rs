//! A finished card read back as a list of blocks: what both the plain text and the drawing are made from.
//!
//! It knows the shapes that the templates use and none of the words in them.

use serde_json::Value;

/// A piece of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub text: String,
    pub color: Color,
    pub bold: bool,
    pub subtle: bool,
}

/// The colors of Adaptive Cards that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Color {
    Default,
    Good,
    Warning,
    Attention,
    Accent,
}

/// Something that begins on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// Running text.
    Paragraph(Vec<Run>),
    /// A label and what stands beside it.
    Fact { label: Vec<Run>, value: Vec<Run> },
    /// Some air between two blocks.
    Gap,
    /// A line between two blocks.
    Rule,
    /// What can be pressed, below everything else.
    Actions(Vec<Action>),
}

/// A button, or a link with where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Action {
    pub title: String,
    pub url: Option<String>,
}

/// The blocks of a card, from top to bottom.
pub(super) fn read(card: &Value) -> Vec<Block> {
    let mut blocks = Vec::new();
    read_elements(&card["body"], &mut blocks);
    let actions: Vec<_> = card["actions"].as_array().into_iter().flatten().map(action).collect();
    if !actions.is_empty() {
        blocks.push(Block::Actions(actions));
    }
    blocks
}

fn action(action: &Value) -> Action {
    let title = action["title"].as_str().unwrap_or_default().to_owned();
    Action { title, url: action["url"].as_str().map(str::to_owned) }
}

fn read_elements(elements: &Value, blocks: &mut Vec<Block>) {
    for element in elements.as_array().into_iter().flatten() {
        if !blocks.is_empty() {
            if element["separator"] == true {
                blocks.push(Block::Rule);
            } else if element["spacing"] == "Medium" {
                blocks.push(Block::Gap);
            }
        }
        match element["type"].as_str() {
            Some("Container") => read_elements(&element["items"], blocks),
            Some("ColumnSet") => blocks.push(fact(element)),
            _ => blocks.push(Block::Paragraph(runs(element))),
        }
    }
}

fn fact(columns: &Value) -> Block {
    let column = |index: usize| {
        let items = columns["columns"][index]["items"].as_array();
        items.into_iter().flatten().flat_map(runs).collect()
    };
    Block::Fact { label: column(0), value: column(1) }
}

/// The runs of a `RichTextBlock`, or the text of a `TextBlock` as one run.
fn runs(element: &Value) -> Vec<Run> {
    match element["inlines"].as_array() {
        Some(inlines) => inlines.iter().map(run).collect(),
        None => vec![run(element)],
    }
}

fn run(run: &Value) -> Run {
    let color = match run["color"].as_str() {
        Some("Good") => Color::Good,
        Some("Warning") => Color::Warning,
        Some("Attention") => Color::Attention,
        Some("Accent") => Color::Accent,
        _ => Color::Default,
    };
    Run {
        text: run["text"].as_str().unwrap_or_default().to_owned(),
        color,
        bold: run["weight"] == "Bolder",
        subtle: run["isSubtle"] == true,
    }
}
