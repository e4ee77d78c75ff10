//! A card drawn for a terminal, for `steward demo` and the tests.
//!
//! Texts were cleaned of control characters when the card was rendered, so none of them can control the terminal.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::block::{self, Action, Block, Color, TextRun};
use super::card::Card;

/// Narrowest frame that still holds a label, a value and the borders.
const NARROWEST: usize = 32;
/// Spaces between a label and its value.
const GUTTER: usize = 2;

/// Whether to draw in color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Text alone, for files and pipes.
    Plain,
    /// Text with terminal colors.
    Colored,
}

/// Draws a card in a frame `width` columns wide (at least 32).
pub fn draw(card: &Card, width: usize, ink: Ink) -> String {
    // The same content was parsed when the card was rendered.
    let blocks = block::read(card.content().get()).unwrap_or_default();
    let canvas = Canvas { inner: width.max(NARROWEST) - 4, label: label_width(&blocks), ink };
    let mut lines = vec![format!("╭{}╮", canvas.bar())];
    for block in &blocks {
        canvas.draw_block(block, &mut lines);
    }
    lines.push(format!("╰{}╯", canvas.bar()));
    lines.join("\n")
}

fn label_width(blocks: &[Block<'_>]) -> usize {
    let width = |block: &Block<'_>| match block {
        Block::Fact { label, .. } => label.iter().map(|run| run.text.width()).sum(),
        _ => 0,
    };
    // A label is a word of the templates; a third of the narrowest frame holds the longest of them.
    blocks.iter().map(width).max().unwrap_or_default().min(NARROWEST / 2)
}

/// One character in its style: text is wrapped as cells, then written as runs again.
type ScreenCell = (char, Style);

struct Canvas {
    inner: usize,
    label: usize,
    ink: Ink,
}

impl Canvas {
    fn bar(&self) -> String {
        "─".repeat(self.inner + 2)
    }

    fn draw_block(&self, block: &Block<'_>, lines: &mut Vec<String>) {
        match block {
            Block::Rule => lines.push(format!("├{}┤", self.bar())),
            Block::Gap => lines.push(self.framed(&[])),
            Block::Paragraph(runs) => {
                lines.extend(wrap(&cells(runs), self.inner).iter().map(|line| self.framed(line)));
            }
            Block::Fact { label, value } => self.draw_fact(label, value, lines),
            Block::Actions(actions) => self.draw_actions(actions, lines),
        }
    }

    /// Buttons side by side, as many as fit on a line; a link ends with an arrow.
    fn draw_actions(&self, actions: &[Action<'_>], lines: &mut Vec<String>) {
        lines.push(self.framed(&[]));
        let mut line = Vec::new();
        for action in actions {
            let arrow = if action.url.is_some() { " ↗" } else { "" };
            let button: Vec<ScreenCell> =
                format!("[ {}{arrow} ]", action.title).chars().map(|c| (c, Style::new().bold())).collect();
            if !line.is_empty() {
                if width_of(&line) + 1 + width_of(&button) > self.inner {
                    lines.push(self.framed(&line));
                    line.clear();
                } else {
                    line.push((' ', Style::new()));
                }
            }
            line.extend_from_slice(&button);
        }
        lines.extend(wrap(&line, self.inner).iter().map(|line| self.framed(line)));
    }

    fn draw_fact(&self, label: &[TextRun<'_>], value: &[TextRun<'_>], lines: &mut Vec<String>) {
        let indent = self.label + GUTTER;
        let mut margin = padded(cells(label), indent);
        for line in wrap(&cells(value), self.inner - indent) {
            margin.extend_from_slice(line);
            lines.push(self.framed(&margin));
            margin = padded(Vec::new(), indent);
        }
    }

    /// A line between the borders, padded with spaces.
    fn framed(&self, line: &[ScreenCell]) -> String {
        let fill = " ".repeat(self.inner.saturating_sub(width_of(line)));
        format!("│ {}{fill} │", self.written(line))
    }

    fn written(&self, line: &[ScreenCell]) -> String {
        line.chunk_by(|one, other| one.1 == other.1).map(|run| self.written_run(run)).collect()
    }

    fn written_run(&self, run: &[ScreenCell]) -> String {
        let text = text_of(run);
        match (self.ink, run.first()) {
            (Ink::Colored, Some((_, style))) if *style != Style::new() => {
                format!("{}{text}{}", style.render(), style.render_reset())
            }
            _ => text,
        }
    }
}

fn cells(runs: &[TextRun<'_>]) -> Vec<ScreenCell> {
    runs.iter().flat_map(|run| run.text.chars().map(|character| (character, style_of(run)))).collect()
}

fn style_of(run: &TextRun<'_>) -> Style {
    let color = match run.color {
        Color::Default => None,
        Color::Good => Some(AnsiColor::Green.into()),
        Color::Warning => Some(AnsiColor::Yellow.into()),
        Color::Attention => Some(AnsiColor::Red.into()),
        Color::Accent => Some(AnsiColor::Cyan.into()),
    };
    let style = Style::new().fg_color(color);
    match (run.bold, run.subtle) {
        (true, _) => style.bold(),
        (false, true) => style.dimmed(),
        (false, false) => style,
    }
}

fn text_of(cells: &[ScreenCell]) -> String {
    cells.iter().map(|(character, _)| character).collect()
}

/// Columns that a terminal needs for a cell: wide characters take two, and an emoji of several characters counts as
/// one.
fn width_of(cells: &[ScreenCell]) -> usize {
    text_of(cells).width()
}

fn padded(mut cells: Vec<ScreenCell>, width: usize) -> Vec<ScreenCell> {
    let missing = width.saturating_sub(width_of(&cells));
    cells.extend(std::iter::repeat_n((' ', Style::new()), missing));
    cells
}

/// Breaks text at spaces, and within a word only if the word is longer than a line.
fn wrap(cells: &[ScreenCell], width: usize) -> Vec<&[ScreenCell]> {
    let mut lines = Vec::new();
    let mut rest = cells;
    loop {
        let fitting = longest_fitting(rest, width);
        if fitting == rest.len() {
            lines.push(rest);
            return lines;
        }
        let is_space = |cell: &ScreenCell| cell.0 == ' ';
        let end = match rest[..=fitting].iter().rposition(is_space) {
            Some(end) if end > 0 => end,
            _ => fitting,
        };
        lines.push(&rest[..end]);
        let spaces = rest[end..].iter().take_while(|cell| is_space(cell)).count();
        rest = &rest[end + spaces..];
    }
}

/// The number of cells that fit, at least one if there is one.
fn longest_fitting(cells: &[ScreenCell], width: usize) -> usize {
    let mut line = String::new();
    for (index, (character, _)) in cells.iter().enumerate() {
        line.push(*character);
        if line.width() > width {
            return index.max(1);
        }
    }
    cells.len()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::cards::card::{Tone, render};
    use crate::cards::notice::Notice;

    fn notice(headline: &str, sentence: &str) -> Card {
        render(&Notice::new(Tone::Attention, headline).say(sentence))
    }

    #[test]
    fn wide_characters_and_emoji_keep_the_frame_straight() {
        let card =
            notice("会議室の端末 📺", "👩‍🔧 会議室の端末が見つかりません and a_word_longer_than_a_line_can_be");
        let drawn = draw(&card, 34, Ink::Plain);
        for line in drawn.lines() {
            assert_eq!(line.width(), 34, "{line}");
        }
        assert_snapshot!(drawn, @r"
        ╭────────────────────────────────╮
        │ 会議室の端末 📺                │
        │ 👩‍🔧                             │
        │ 会議室の端末が見つかりません   │
        │ and                            │
        │ a_word_longer_than_a_line_can_ │
        │ be                             │
        ╰────────────────────────────────╯
        ");
    }

    #[test]
    fn colors_are_written_only_on_request() {
        let card = notice("Failed", "Nothing was deleted.");
        assert!(!draw(&card, 40, Ink::Plain).contains('\u{1b}'));
        let colored = draw(&card, 40, Ink::Colored);
        assert!(colored.contains("\u{1b}[1m\u{1b}[31mFailed\u{1b}[0m"), "{colored:?}");
    }

    #[test]
    fn a_width_of_zero_draws_the_narrowest_frame() {
        let card = notice("", "");
        assert!(draw(&card, 0, Ink::Plain).lines().all(|line| line.width() == NARROWEST));
    }
}
