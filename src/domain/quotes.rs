//! Texts between double quotes, in which a double quote stands as two: `"the 55"" display"`.
//!
//! Two, and no backslash before it: Webex reads what people type as markdown, which takes backslashes away.

use std::borrow::Cow;
use std::fmt;

/// A text as it stands in quotes.
#[derive(Debug, Clone, Copy)]
pub struct InQuotes<'a>(pub &'a str);

impl fmt::Display for InQuotes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// The length in bytes of what begins with an opening quote, with both quotes; nothing where it is never closed.
#[must_use]
pub fn length_in_quotes(text: &str) -> Option<usize> {
    let mut read = 1;
    loop {
        read += text.get(read..)?.find('"')? + 1;
        if !text[read..].starts_with('"') {
            return Some(read);
        }
        read += 1;
    }
}

/// The text that something says which stands in quotes as a whole; nothing where it does not.
#[must_use]
pub fn taken_out_of_quotes(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let is_whole = length_in_quotes(text) == Some(text.len());
    is_whole.then(|| if inner.contains('"') { inner.replace("\"\"", "\"").into() } else { inner.into() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_quotes_in_quotes_are_one() {
        for (text, said) in [
            (r#""""#, Some("")),
            (r#""BER 4""#, Some("BER 4")),
            (r#""55"" display""#, Some(r#"55" display"#)),
            (r#"""""#, None),
            (r#""""""#, Some("\"")),
            (r#""""""""#, Some(r#""""#)),
            (r#""the ""old"" one""#, Some(r#"the "old" one"#)),
            (r#"""""old"""""#, None),
            (r#""BER" 4""#, None),
            (r#""BER"#, None),
            (r#"BER""#, None),
            ("\"", None),
            ("", None),
            ("ß", None),
        ] {
            assert_eq!(taken_out_of_quotes(text).as_deref(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_put_in_quotes_is_taken_out_again(text in "[\"aß ]{0,9}", behind in "([^\"]\\PC{0,9})?") {
            let quoted = InQuotes(&text).to_string();
            prop_assert_eq!(length_in_quotes(&format!("{quoted}{behind}")), Some(quoted.len()));
            prop_assert_eq!(taken_out_of_quotes(&quoted), Some(text.as_str().into()));
        }

        #[test]
        fn no_text_is_too_odd(text in prop_oneof![any::<String>(), "\"[\"aß]{0,6}\""]) {
            let said = taken_out_of_quotes(&text);
            prop_assert!(said.is_none_or(|said| InQuotes(&said).to_string() == text));
        }
    }
}
