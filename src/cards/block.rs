//! A finished card read back as a list of blocks: the source of the plain text and of the drawing.
//!
//! The reader knows the shapes of elements in the templates, but none of the words.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

/// A piece of text in one style: a `TextRun`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct TextRun<'a> {
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    pub color: Color,
    #[serde(rename = "weight", deserialize_with = "is_bolder")]
    pub bold: bool,
    #[serde(rename = "isSubtle")]
    pub subtle: bool,
}

/// The colors of Adaptive Cards that the templates use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Color {
    Good,
    Warning,
    Attention,
    Accent,
    #[default]
    #[serde(other)]
    Default,
}

/// A part of a card that starts on a new line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block<'a> {
    /// Running text.
    Paragraph(Vec<TextRun<'a>>),
    /// A label and a value beside it.
    Fact { label: Vec<TextRun<'a>>, value: Vec<TextRun<'a>> },
    /// Space between two blocks.
    Gap,
    /// A line between two blocks.
    Rule,
    /// Buttons and links, below everything else.
    Actions(Vec<Action<'a>>),
}

/// A button, or a link with its address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Action<'a> {
    #[serde(borrow, default)]
    pub title: Cow<'a, str>,
    #[serde(borrow, default)]
    pub url: Option<Cow<'a, str>>,
}

/// The blocks of a card, from top to bottom.
pub(super) fn read(card: &str) -> serde_json::Result<Vec<Block<'_>>> {
    let content: ParsedCard<'_> = serde_json::from_str(card)?;
    let mut blocks = Vec::new();
    read_elements(content.body, &mut blocks);
    if !content.actions.is_empty() {
        blocks.push(Block::Actions(content.actions));
    }
    Ok(blocks)
}

#[derive(Deserialize)]
struct ParsedCard<'a> {
    #[serde(borrow, default)]
    body: Vec<Element<'a>>,
    #[serde(borrow, default)]
    actions: Vec<Action<'a>>,
}

/// Any element of a body; missing properties are empty. Supports only the nesting of the templates, to keep reading
/// cheap: every card is read back.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Element<'a> {
    #[serde(rename = "type")]
    kind: ElementKind,
    separator: bool,
    spacing: Spacing,
    /// The text of a `TextBlock`.
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(rename = "weight", deserialize_with = "is_bolder")]
    bold: bool,
    #[serde(borrow)]
    inlines: Vec<TextRun<'a>>,
    #[serde(borrow)]
    items: Vec<Element<'a>>,
    #[serde(borrow)]
    columns: Vec<Column<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Column<'a> {
    #[serde(borrow)]
    items: Vec<Cell<'a>>,
}

/// A `RichTextBlock` in a column.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Cell<'a> {
    #[serde(borrow)]
    inlines: Vec<TextRun<'a>>,
}

#[derive(Default, Deserialize)]
enum ElementKind {
    Container,
    ColumnSet,
    TextBlock,
    #[default]
    #[serde(other)]
    RichTextBlock,
}

#[derive(Default, PartialEq, Deserialize)]
enum Spacing {
    Medium,
    #[default]
    #[serde(other)]
    Less,
}

#[derive(PartialEq, Deserialize)]
enum Weight {
    Bolder,
    #[serde(other)]
    Default,
}

fn is_bolder<'de, D: Deserializer<'de>>(weight: D) -> Result<bool, D::Error> {
    Weight::deserialize(weight).map(|weight| weight == Weight::Bolder)
}

fn read_elements<'a>(elements: Vec<Element<'a>>, blocks: &mut Vec<Block<'a>>) {
    for element in elements {
        if !blocks.is_empty() {
            if element.separator {
                blocks.push(Block::Rule);
            } else if element.spacing == Spacing::Medium {
                blocks.push(Block::Gap);
            }
        }
        match element.kind {
            ElementKind::Container => read_elements(element.items, blocks),
            ElementKind::ColumnSet => blocks.push(fact(element.columns)),
            ElementKind::TextBlock => {
                let run = TextRun { text: element.text, bold: element.bold, ..TextRun::default() };
                blocks.push(Block::Paragraph(vec![run]));
            }
            ElementKind::RichTextBlock => blocks.push(Block::Paragraph(element.inlines)),
        }
    }
}

fn fact(columns: Vec<Column<'_>>) -> Block<'_> {
    let mut columns = columns.into_iter();
    let mut runs = || columns.next().map(runs).unwrap_or_default();
    Block::Fact { label: runs(), value: runs() }
}

fn runs(column: Column<'_>) -> Vec<TextRun<'_>> {
    let mut cells = column.items.into_iter();
    let mut runs = cells.next().map(|cell| cell.inlines).unwrap_or_default();
    runs.extend(cells.flat_map(|cell| cell.inlines));
    runs
}
