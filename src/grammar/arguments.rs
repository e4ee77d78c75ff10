//! The words after a command's name, read from left to right.

use super::command::ProvisionTarget;
use super::error::{ErrorKind, InvalidValue, ParseError};
use super::expected::{BECAUSE, Clauses, Expected};
use super::text::{FIXED_WORDS, Model, OrgName, Reason, WorkspaceReference};
use super::usage::Usage;
use super::word::Word;
use crate::domain::text::normalize;
use crate::domain::{DeviceId, EmailAddress, InvalidDeviceId, Mac, PlanCode, Reference};
use crate::filter::{Filter, FilterError, excerpt, has_filter_key, is_like};

#[derive(Debug)]
pub(super) struct Arguments<'a> {
    line: &'a str,
    usage: Usage,
    words: &'a [Word<'a>],
    /// The number of words read so far.
    read: usize,
}

#[derive(Debug, Default)]
pub(super) struct ClauseValues {
    pub(super) reason: Option<Reason>,
    pub(super) model: Option<Model>,
    pub(super) org: Option<OrgName>,
}

impl<'a> Arguments<'a> {
    /// The words after the first `length`, which are the command's name.
    pub(super) fn new(line: &'a str, usage: Usage, words: &'a [Word<'a>], length: usize) -> Self {
        Self { line, usage, words, read: length }
    }

    pub(super) fn line(&self) -> &'a str {
        self.line
    }

    pub(super) fn peek(&self) -> Option<&'a Word<'a>> {
        self.words.get(self.read)
    }

    /// The next word, or an error at the end of the line.
    pub(super) fn next(&mut self, expected: Expected) -> Result<&'a Word<'a>, ParseError> {
        let word = self.peek().ok_or_else(|| self.incomplete(expected))?;
        self.read += 1;
        Ok(word)
    }

    /// All remaining words.
    pub(super) fn rest(&mut self) -> &'a [Word<'a>] {
        let rest = self.words.get(self.read..).unwrap_or_default();
        self.read = self.words.len();
        rest
    }

    /// Reads the next word, which must be this one.
    pub(super) fn fixed(&mut self, fixed: &'static str) -> Result<(), ParseError> {
        let word = self.next(Expected::Words(fixed))?;
        if word.is(fixed) {
            return Ok(());
        }
        let meant = (!word.quoted && is_like(&word.text, fixed)).then_some(fixed);
        Err(self.unexpected(Expected::Words(fixed), meant))
    }

    /// One device. The error for the id of a space or a person says which of the two it is.
    pub(super) fn device(&mut self) -> Result<Reference, ParseError> {
        if let Some(mac) = self.spaced_mac() {
            return Ok(mac);
        }
        let word = self.name(Expected::Device)?;
        let text = normalize(&word.text);
        if let Err(error @ InvalidDeviceId::WrongKind { .. }) = DeviceId::parse(&text) {
            return Err(self.invalid(word, error));
        }
        Reference::parse(&text).map_err(|error| self.invalid(word, error))
    }

    pub(super) fn workspace(&mut self) -> Result<ProvisionTarget, ParseError> {
        let word = self.name(Expected::Workspace)?;
        let workspace = WorkspaceReference::parse(&word.text);
        workspace.map(ProvisionTarget::Workspace).map_err(|error| self.invalid(word, error))
    }

    pub(super) fn person(&mut self) -> Result<ProvisionTarget, ParseError> {
        let word = self.next(Expected::Address)?;
        let address = EmailAddress::parse(&word.text);
        address.map(ProvisionTarget::Person).map_err(|error| self.invalid(word, error))
    }

    pub(super) fn model(&mut self) -> Result<Model, ParseError> {
        let word = self.name(Expected::Model)?;
        Model::parse(&word.text).map_err(|error| self.invalid(word, error))
    }

    pub(super) fn mac(&mut self) -> Result<Mac, ParseError> {
        if let Some(mac) = self.spaced_mac().and_then(|reference| reference.as_mac()) {
            return Ok(mac);
        }
        let word = self.next(Expected::Mac)?;
        Mac::parse(&word.text).map_err(|error| self.invalid(word, error))
    }

    pub(super) fn code(&mut self) -> Result<PlanCode, ParseError> {
        let word = self.next(Expected::Code)?;
        PlanCode::parse(&word.text).map_err(|error| self.invalid(word, error))
    }

    /// A MAC address in groups of digits with spaces between them, as spreadsheets show it.
    fn spaced_mac(&mut self) -> Option<Reference> {
        let of_words = |count: usize| {
            let words = self.words.get(self.read..self.read + count)?;
            let text = words.iter().map(|word| word.raw).collect::<Vec<_>>().join(" ");
            Mac::parse(&text).ok().filter(|_| words.iter().all(|word| !word.quoted))?;
            Some((Reference::parse(&text).ok()?, count))
        };
        let (reference, count) = [6, 3].into_iter().find_map(of_words)?;
        self.read += count;
        Some(reference)
    }

    /// A name: one word, or a text in quotes. Several words are an error about missing quotes.
    fn name(&mut self, expected: Expected) -> Result<&'a Word<'a>, ParseError> {
        let word = self.next(expected)?;
        if word.is(BECAUSE) {
            return Err(self.unexpected(expected, None));
        }
        if !word.quoted && has_filter_key(&word.text) {
            return Err(self.error(ErrorKind::FilterForOne { expected }, word));
        }
        // After an id or a MAC address, more words are not part of a name.
        let may_be_name =
            !word.quoted && DeviceId::parse(&word.text).is_err() && Mac::parse(&word.text).is_err();
        let more = self.words[self.read..].iter().take_while(|word| may_continue_name(word)).last();
        match more {
            Some(last) if may_be_name && !self.is_at_misspelled_clause() => {
                let span = word.span.start..last.span.end;
                let kind = ErrorKind::NameWithoutQuotes { expected };
                Err(ParseError::new(kind, self.line, span, self.usage))
            }
            _ => Ok(word),
        }
    }

    fn is_at_misspelled_clause(&self) -> bool {
        self.peek().is_some_and(|word| FIXED_WORDS.iter().any(|fixed| is_like(&word.text, fixed)))
    }

    /// Reads `in org NAME` if it comes next and has not been read before.
    pub(super) fn org_if_next(&mut self, org: &mut Option<OrgName>) -> Result<bool, ParseError> {
        let is_next = |word: Option<&Word<'_>>, fixed| word.is_some_and(|word| word.is(fixed));
        let is_here = is_next(self.peek(), "in") && is_next(self.words.get(self.read + 1), "org");
        if is_here && org.is_none() {
            *org = Some(self.org()?);
            return Ok(true);
        }
        Ok(false)
    }

    /// `in org NAME`
    fn org(&mut self) -> Result<OrgName, ParseError> {
        self.fixed("in")?;
        self.fixed("org")?;
        let word = self.name(Expected::Org)?;
        OrgName::parse(&word.text).map_err(|error| self.invalid(word, error))
    }

    /// The clauses up to the end of the line.
    pub(super) fn clauses(&mut self, mut allowed: Clauses) -> Result<ClauseValues, ParseError> {
        let mut values = ClauseValues::default();
        while let Some(word) = self.peek() {
            if allowed.because && word.is(BECAUSE) {
                allowed.because = false;
                values.reason = Some(self.reason()?);
            } else if allowed.model && word.is("model") {
                allowed.model = false;
                self.fixed("model")?;
                values.model = Some(self.model()?);
            } else if allowed.org && word.is("in") {
                allowed.org = false;
                values.org = Some(self.org()?);
            } else {
                self.read += 1;
                let meant = allowed.words().find(|fixed| !word.quoted && is_like(&word.text, fixed));
                return Err(self.unexpected(Expected::EndOr(allowed), meant));
            }
        }
        Ok(values)
    }

    /// `because "REASON"`
    fn reason(&mut self) -> Result<Reason, ParseError> {
        self.fixed(BECAUSE)?;
        let word = self.next(Expected::Reason)?;
        if !word.quoted {
            return Err(self.unexpected(Expected::Reason, None));
        }
        Reason::parse(&word.text).map_err(|error| self.invalid(word, error))
    }

    /// Adds the next word to a filter.
    pub(super) fn filter_term(&mut self, filter: &mut Filter) -> Result<(), ParseError> {
        let word = self.next(Expected::Filter)?;
        filter.add(word.raw, word.span.start).map_err(|error| self.invalid_filter(error))
    }

    /// Rejects remaining words.
    pub(super) fn finish(mut self) -> Result<(), ParseError> {
        self.clauses(Clauses::default()).map(|_| ())
    }

    pub(super) fn incomplete(&self, expected: Expected) -> ParseError {
        let (last, end) = self.words.last().map_or(("", 0), |word| (word.raw, word.span.end));
        let kind = ErrorKind::Incomplete { expected };
        ParseError { found: excerpt(last), ..ParseError::new(kind, self.line, end..end, self.usage) }
    }

    /// An error about the word read last.
    pub(super) fn unexpected(&self, expected: Expected, suggestion: Option<&'static str>) -> ParseError {
        let kind = ErrorKind::UnexpectedWord { position: self.read, expected, suggestion };
        self.error(kind, &self.words[self.read - 1])
    }

    /// An error about a word that cannot be parsed as its position requires.
    pub(super) fn invalid(&self, word: &Word<'_>, error: impl Into<InvalidValue>) -> ParseError {
        self.error(ErrorKind::InvalidValue(error.into()), word)
    }

    pub(super) fn invalid_filter(&self, error: FilterError) -> ParseError {
        let span = error.span.clone();
        ParseError::new(ErrorKind::InvalidFilter(error), self.line, span, self.usage)
    }

    fn error(&self, kind: ErrorKind, word: &Word<'_>) -> ParseError {
        ParseError::new(kind, self.line, word.span.clone(), self.usage)
    }
}

/// Whether a word can continue a name that was not put in quotes.
fn may_continue_name(word: &Word<'_>) -> bool {
    // A minus alone may stand between two parts of a name.
    let is_signed = word.text.starts_with(['+', '-']) && word.text != "-";
    let is_fixed = FIXED_WORDS.iter().any(|fixed| word.is(fixed));
    !word.quoted && !word.raw.contains('"') && !is_signed && !is_fixed && !has_filter_key(&word.text)
}
