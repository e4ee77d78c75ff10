//! Prints the steps of the demo, in color if the terminal supports it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{Stdout, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde_json::Value;
use serde_json::value::to_raw_value;

use crate::cards::{Card, Ink, draw};
use crate::sim::RequestRecord;

const WIDTH: usize = 84;

const TITLE: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const PERSON: Style = Style::new().bold();

pub(super) struct Narrator {
    out: RefCell<AutoStream<Stdout>>,
    steps: Cell<usize>,
}

impl Narrator {
    /// `anstream` takes care of `NO_COLOR` and of terminals without color.
    pub(super) fn new(no_color: bool) -> Self {
        let choice = if no_color { ColorChoice::Never } else { ColorChoice::Auto };
        let out = RefCell::new(AutoStream::new(std::io::stdout(), choice));
        Self { out, steps: Cell::new(0) }
    }

    /// Ignores a closed terminal: the demo continues.
    fn line(&self, text: fmt::Arguments<'_>) {
        writeln!(self.out.borrow_mut(), "{text}").ok();
    }

    pub(super) fn title(&self, text: &str) {
        self.line(format_args!("\n{TITLE}{text}{TITLE:#}\n"));
    }

    pub(super) fn fact(&self, label: &str, value: &str) {
        self.line(format_args!("  {FAINT}{label:<20}{FAINT:#}{value}"));
    }

    pub(super) fn step(&self, text: &str) {
        self.steps.set(self.steps.get() + 1);
        self.title(&format!("{}  {text}", self.steps.get()));
    }

    pub(super) fn message(&self, who: &str, space: &str, line: &str) {
        self.line(format_args!("   {PERSON}{who}{PERSON:#} {FAINT}in {space}:{FAINT:#} {}", shortened(line)));
    }

    pub(super) fn received(&self, line: &str) {
        self.line(format_args!("   {FAINT}Webex → Steward{FAINT:#}  {line}"));
    }

    pub(super) fn calls(&self, calls: &[RequestRecord]) {
        for call in calls {
            let status = call.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            let token = call.token.as_deref().unwrap_or("no");
            self.line(format_args!(
                "   {FAINT}Steward → Webex{FAINT:#}  {:<6} {:<34} {FAINT}{token} token{FAINT:#}  {status}",
                call.method,
                shortened(&call.path),
            ));
        }
    }

    pub(super) fn card(&self, content: &Value) {
        let card = to_raw_value(content).and_then(Card::of);
        let drawn = card.map(|card| draw(&card, WIDTH, Ink::Colored)).unwrap_or_default();
        self.line(format_args!(""));
        self.lines(drawn.lines());
        self.line(format_args!(""));
    }

    pub(super) fn lines(&self, lines: impl IntoIterator<Item = impl fmt::Display>) {
        for line in lines {
            self.line(format_args!("   {line}"));
        }
    }

    pub(super) fn result(&self, text: &str) {
        self.line(format_args!("   {GOOD}✓ {text}{GOOD:#}"));
    }

    pub(super) fn suggest(&self, purpose: &str, command: &str) {
        self.line(format_args!("   {FAINT}# {purpose}{FAINT:#}\n   {command}\n"));
    }
}

/// A line with its long ids cut to their first characters.
fn shortened(line: &str) -> String {
    let mut short = String::new();
    for part in line.split_inclusive([' ', '/']) {
        match part.char_indices().nth(14) {
            Some((end, _)) if part.starts_with("Y2lz") => {
                short.push_str(&part[..end]);
                short.push('…');
                short.extend(part.chars().last().filter(|c| " /".contains(*c)));
            }
            _ => short.push_str(part),
        }
    }
    short
}
