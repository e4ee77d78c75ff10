//! The words after a command's name, read from left to right.

use super::error::{ParseError, excerpt};
use super::expected::{Expected, InvalidValue};
use super::print::FIXED;
use super::reason::Reason;
use super::text::{Model, OrgName, WorkspaceReference};
use super::word::Word;
use crate::domain::text::normalize;
use crate::domain::{DeviceId, EmailAddress, InvalidDeviceId, Reference};
use crate::filter::{Filter, Term, is_like};

/// The word before a reason.
const BECAUSE: &str = "because";

/// What may follow the things a command is about, in any order and each at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clauses {
    /// `because "REASON"`
    pub because: bool,
    /// `model M`
    pub model: bool,
    /// `in org NAME`
    pub org: bool,
}

/// What did follow.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) reason: Option<Reason>,
    pub(super) model: Option<Model>,
    pub(super) org: Option<OrgName>,
}

#[derive(Debug)]
pub(super) struct Arguments<'a> {
    line: &'a str,
    command: &'static str,
    words: &'a [Word<'a>],
    /// How many of the words have been read.
    read: usize,
}

impl<'a> Arguments<'a> {
    /// What follows the `length` words of a command's name.
    pub(super) fn of(line: &'a str, command: &'static str, words: &'a [Word<'a>], length: usize) -> Self {
        Self { line, command, words, read: length }
    }

    /// The whole line.
    pub(super) fn line(&self) -> &'a str {
        self.line
    }

    pub(super) fn peek(&self) -> Option<&'a Word<'a>> {
        self.words.get(self.read)
    }

    /// The next word, which must be there.
    pub(super) fn next(&mut self, expected: Expected) -> Result<&'a Word<'a>, ParseError> {
        let word = self.peek().ok_or_else(|| self.incomplete(expected))?;
        self.read += 1;
        Ok(word)
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [Word<'a>] {
        let rest = self.words.get(self.read..).unwrap_or_default();
        self.read = self.words.len();
        rest
    }

    /// The next word, which must be this one.
    pub(super) fn fixed(&mut self, fixed: &'static str) -> Result<(), ParseError> {
        let word = self.next(Expected::Words(fixed))?;
        if word.is(fixed) {
            return Ok(());
        }
        let meant = (!word.quoted && is_like(&word.text, fixed)).then_some(fixed);
        Err(self.unexpected(Expected::Words(fixed), meant))
    }

    /// One device: by its id, serial number, MAC address or name. What is clearly the id of something else is refused
    /// by what it is.
    pub(super) fn device(&mut self) -> Result<Reference, ParseError> {
        let word = self.name(Expected::Device)?;
        let text = normalize(&word.text);
        if let Err(error @ InvalidDeviceId::WrongKind { .. }) = DeviceId::parse(&text) {
            return Err(ParseError::InvalidDevice {
                command: self.command,
                found: excerpt(word.raw),
                span: word.span.clone(),
                error,
            });
        }
        Reference::parse(&text).map_err(|error| self.invalid(word, error))
    }

    /// One workspace, by its name or id.
    pub(super) fn workspace(&mut self) -> Result<WorkspaceReference, ParseError> {
        let word = self.name(Expected::Workspace)?;
        WorkspaceReference::parse(&word.text).map_err(|error| self.invalid(word, error))
    }

    /// One person, by the address.
    pub(super) fn person(&mut self) -> Result<EmailAddress, ParseError> {
        let word = self.next(Expected::Address)?;
        EmailAddress::parse(&word.text).map_err(|error| self.invalid(word, error))
    }

    pub(super) fn model(&mut self) -> Result<Model, ParseError> {
        let word = self.name(Expected::Model)?;
        Model::parse(&word.text).map_err(|error| self.invalid(word, error))
    }

    /// A word that is a name, or a text in quotes; not the first of several words of a name without quotes.
    fn name(&mut self, expected: Expected) -> Result<&'a Word<'a>, ParseError> {
        let word = self.next(expected)?;
        if word.is(BECAUSE) {
            return Err(self.unexpected(expected, None));
        }
        if !word.quoted && Term::has_a_key(&word.text) {
            return Err(ParseError::FilterForOne {
                command: self.command,
                found: excerpt(word.raw),
                span: word.span.clone(),
                expected,
            });
        }
        // What is no name is followed by something else that does not fit.
        let is_a_name =
            DeviceId::parse(&word.text).is_err() && crate::domain::Mac::parse(&word.text).is_err();
        let more = self.words[self.read..].iter().take_while(|word| may_be_part_of_a_name(word)).last();
        match more {
            Some(last) if !word.quoted && is_a_name && !self.is_like_a_clause() => {
                let span = word.span.start..last.span.end;
                let found = excerpt(&self.line[span.clone()]);
                Err(ParseError::NameWithoutQuotes { command: self.command, found, span, expected })
            }
            _ => Ok(word),
        }
    }

    /// Whether the next word is a fixed word with a slip in it.
    fn is_like_a_clause(&self) -> bool {
        self.peek().is_some_and(|word| FIXED.iter().any(|fixed| is_like(&word.text, fixed)))
    }

    /// Whether `in org` comes next.
    pub(super) fn is_at_org(&self) -> bool {
        let second = self.words.get(self.read + 1);
        self.peek().is_some_and(|word| word.is("in")) && second.is_some_and(|word| word.is("org"))
    }

    /// `in org NAME`
    pub(super) fn org(&mut self) -> Result<OrgName, ParseError> {
        self.fixed("in")?;
        self.fixed("org")?;
        let word = self.name(Expected::Org)?;
        OrgName::parse(&word.text).map_err(|error| self.invalid(word, error))
    }

    /// Everything up to the end of the line.
    pub(super) fn clauses(&mut self, mut allowed: Clauses) -> Result<Said, ParseError> {
        let mut said = Said::default();
        while let Some(word) = self.peek() {
            if allowed.because && word.is(BECAUSE) {
                allowed.because = false;
                said.reason = Some(self.reason()?);
            } else if allowed.model && word.is("model") {
                allowed.model = false;
                self.fixed("model")?;
                said.model = Some(self.model()?);
            } else if allowed.org && word.is("in") {
                allowed.org = false;
                said.org = Some(self.org()?);
            } else {
                self.read += 1;
                let meant = allowed.words().find(|fixed| !word.quoted && is_like(&word.text, fixed));
                return Err(self.unexpected(Expected::EndOr(allowed), meant));
            }
        }
        Ok(said)
    }

    /// `because "REASON"`
    fn reason(&mut self) -> Result<Reason, ParseError> {
        self.fixed(BECAUSE)?;
        let word = self.next(Expected::QuotedReason)?;
        if !word.quoted {
            return Err(self.unexpected(Expected::QuotedReason, None));
        }
        Reason::parse(&word.text).map_err(|error| ParseError::InvalidReason {
            command: self.command,
            span: word.span.clone(),
            error,
        })
    }

    /// The next word as a term of a filter.
    pub(super) fn filter(&mut self, filter: &mut Filter) -> Result<(), ParseError> {
        let word = self.next(Expected::Filter)?;
        filter
            .add(word.raw, word.span.start)
            .map_err(|error| ParseError::InvalidFilter { command: self.command, error })
    }

    /// Nothing may be left.
    pub(super) fn finish(mut self) -> Result<(), ParseError> {
        if self.peek().is_none() {
            return Ok(());
        }
        let nothing = Expected::EndOr(Clauses::default());
        self.next(nothing)?;
        Err(self.unexpected(nothing, None))
    }

    pub(super) fn incomplete(&self, expected: Expected) -> ParseError {
        let last = self.words.last().expect("a command's name is at least one word");
        ParseError::Incomplete {
            command: self.command,
            after: excerpt(last.raw),
            span: last.span.end..last.span.end,
            expected,
        }
    }

    /// The word that was read last does not fit.
    pub(super) fn unexpected(&self, expected: Expected, suggestion: Option<&'static str>) -> ParseError {
        let word = &self.words[self.read - 1];
        ParseError::UnexpectedWord {
            command: self.command,
            found: excerpt(word.raw),
            position: self.read,
            span: word.span.clone(),
            expected,
            suggestion,
        }
    }

    /// What a word says cannot be.
    pub(super) fn invalid(&self, word: &Word<'_>, error: impl Into<InvalidValue>) -> ParseError {
        ParseError::InvalidValue {
            command: self.command,
            found: excerpt(word.raw),
            span: word.span.clone(),
            error: error.into(),
        }
    }

    /// An error of a filter or an order.
    pub(super) fn invalid_filter(&self, error: crate::filter::FilterError) -> ParseError {
        ParseError::InvalidFilter { command: self.command, error }
    }
}

impl Clauses {
    /// The words that they begin with.
    fn words(self) -> impl Iterator<Item = &'static str> {
        [(self.because, BECAUSE), (self.model, "model")]
            .into_iter()
            .filter_map(|(is_allowed, word)| is_allowed.then_some(word))
    }
}

/// Whether a word can be the second or a later one of a name that somebody forgot to put in quotes.
fn may_be_part_of_a_name(word: &Word<'_>) -> bool {
    // A minus alone may stand between two parts of a name.
    let is_signed = word.text.starts_with(['+', '-']) && word.text != "-";
    let is_fixed = FIXED.iter().any(|fixed| word.is(fixed));
    !word.quoted && !word.raw.contains('"') && !is_signed && !is_fixed && !Term::has_a_key(&word.text)
}
