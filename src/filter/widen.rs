//! The filter that a person may have meant if theirs matches nothing: texts as parts instead of as a whole.

use super::error::MAX_VALUE_LENGTH;
use super::pattern::Pattern;
use super::term::{Filter, Term, TermValue};

impl Filter {
    /// The same filter with `*text*` for each plain text, such as `name:*lobby*` for `name:lobby`. `None` if there is no
    /// such text, or if nothing could be counted: an excluded text stays, because with wildcards it would exclude more,
    /// and a text that Webex's own list is already narrowed to stays too.
    pub(crate) fn widened(&self) -> Option<Self> {
        let terms: Vec<Term> = self.terms.iter().map(Term::widened).collect();
        (terms != self.terms).then_some(Self { terms })
    }
}

impl Term {
    fn widened(&self) -> Self {
        if self.negated || self.parameter().is_some() {
            return self.clone();
        }
        self.with_parts()
    }

    /// The same term with its texts as parts.
    pub(super) fn with_parts(&self) -> Self {
        let values = self.values.iter().map(TermValue::widened);
        Self { values: values.collect(), ..self.clone() }
    }
}

impl TermValue {
    fn widened(&self) -> Self {
        match self {
            Self::Text(pattern) if !pattern.is_glob() && fits_with_wildcards(pattern) => {
                Pattern::new(&format!("*{}*", pattern.as_str())).map_or_else(|| self.clone(), Self::Text)
            }
            other => other.clone(),
        }
    }
}

fn fits_with_wildcards(pattern: &Pattern) -> bool {
    pattern.as_str().chars().count() + 2 <= MAX_VALUE_LENGTH
}
