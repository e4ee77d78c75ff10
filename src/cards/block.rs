//! A finished card read back as a list of blocks: what both the plain text and the drawing are made from.
//!
//! It knows the shapes that the templates use and none of the words in them.

use std::borrow::Cow;

use serde::Deserialize;

/// A piece of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run<'a> {
    pub text: Cow<'a, str>,
    pub color: Color,
    pub bold: bool,
    pub subtle: bool,
}

/// The colors of Adaptive Cards that mean something here.
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

/// Something that begins on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block<'a> {
    /// Running text.
    Paragraph(Vec<Run<'a>>),
    /// A label and what stands beside it.
    Fact { label: Vec<Run<'a>>, value: Vec<Run<'a>> },
    /// Some air between two blocks.
    Gap,
    /// A line between two blocks.
    Rule,
    /// What can be pressed, below everything else.
    Actions(Vec<Action<'a>>),
}

impl<'a> Block<'a> {
    /// Plain text alone.
    pub(super) fn line(text: &'a str) -> Self {
        let run = Run { text: Cow::Borrowed(text), color: Color::Default, bold: false, subtle: false };
        Self::Paragraph(vec![run])
    }
}

/// A button, or a link with where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Action<'a> {
    #[serde(borrow, default)]
    pub title: Cow<'a, str>,
    #[serde(borrow, default)]
    pub url: Option<Cow<'a, str>>,
}

/// The blocks of a card, from top to bottom.
pub(super) fn read(card: &str) -> serde_json::Result<Vec<Block<'_>>> {
    let content: Content<'_> = serde_json::from_str(card)?;
    let mut blocks = Vec::new();
    read_elements(content.body, &mut blocks);
    if !content.actions.is_empty() {
        blocks.push(Block::Actions(content.actions));
    }
    Ok(blocks)
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    body: Vec<Element<'a>>,
    #[serde(borrow, default)]
    actions: Vec<Action<'a>>,
}

/// Any element: what it does not have is empty.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Element<'a> {
    #[serde(rename = "type")]
    kind: Kind,
    separator: bool,
    spacing: Spacing,
    #[serde(borrow)]
    text: Cow<'a, str>,
    color: Color,
    weight: Weight,
    is_subtle: bool,
    #[serde(borrow)]
    inlines: Option<Vec<Element<'a>>>,
    #[serde(borrow)]
    items: Vec<Element<'a>>,
    #[serde(borrow)]
    columns: Vec<Element<'a>>,
}

#[derive(Default, Deserialize)]
enum Kind {
    Container,
    ColumnSet,
    #[default]
    #[serde(other)]
    Text,
}

#[derive(Default, PartialEq, Deserialize)]
enum Spacing {
    Medium,
    #[default]
    #[serde(other)]
    Less,
}

#[derive(Default, PartialEq, Deserialize)]
enum Weight {
    Bolder,
    #[default]
    #[serde(other)]
    Default,
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
            Kind::Container => read_elements(element.items, blocks),
            Kind::ColumnSet => blocks.push(fact(element.columns)),
            Kind::Text => blocks.push(Block::Paragraph(runs(element).collect())),
        }
    }
}

fn fact(columns: Vec<Element<'_>>) -> Block<'_> {
    let mut columns = columns.into_iter();
    let mut column =
        || columns.next().into_iter().flat_map(|column| column.items).flat_map(runs).collect::<Vec<_>>();
    let label = column();
    Block::Fact { label, value: column() }
}

/// The runs of a `RichTextBlock`, or the text of a `TextBlock` as one run.
fn runs(mut element: Element<'_>) -> impl Iterator<Item = Run<'_>> {
    element.inlines.take().unwrap_or_else(|| vec![element]).into_iter().map(run)
}

fn run(run: Element<'_>) -> Run<'_> {
    Run { text: run.text, color: run.color, bold: run.weight == Weight::Bolder, subtle: run.is_subtle }
}
