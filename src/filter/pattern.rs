//! Texts of filters, with `*` and `?` as wildcards.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use crate::domain::text::comparison_key;

/// Most bytes of a compiled pattern. The longest values need less, as a test shows.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// A text that is compared as a whole, ignoring case and repeated spaces; `*` matches any characters, `?` one.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: String,
    folded: String,
    /// Compiled when a text with wildcards is matched for the first time: most filters are only stored and printed.
    glob: OnceLock<Regex>,
}

impl Pattern {
    /// Takes a text of bounded length; `None` if it is blank.
    pub(super) fn new(text: &str) -> Option<Self> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let folded = folded(&text);
        (!text.is_empty()).then_some(Self { text, folded, glob: OnceLock::new() })
    }

    /// The text as written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn is_glob(&self) -> bool {
        has_wildcard(&self.text)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.matches_folded(&folded(text))
    }

    pub(super) fn matches_folded(&self, folded: &str) -> bool {
        if self.is_glob() {
            self.glob.get_or_init(|| compiled(&self.folded)).is_match(folded)
        } else {
            self.folded == folded
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The same form for all texts that read alike.
pub(super) fn folded(text: &str) -> String {
    comparison_key(text)
}

/// Matches in linear time.
fn compiled(folded: &str) -> Regex {
    let expression = regex::escape(folded).replace(r"\*", ".*").replace(r"\?", ".");
    RegexBuilder::new(&format!("^(?s:{expression})$"))
        .size_limit(MAX_COMPILED_BYTES)
        .build()
        .expect("an escaped text of bounded length with wildcards compiles")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::filter::error::MAX_VALUE_LENGTH;

    #[test]
    fn wildcards_match_characters() {
        for (pattern, text, fits) in [
            ("BER-*", "BER-4 Panorama", true),
            ("ber-*", "BER-4 Panorama", true),
            ("*panorama", "BER-4 Panorama", true),
            ("*-?*", "BER-4 Panorama", true),
            ("*", "x", true),
            ("*", "", true),
            ("b*n*a", "Banana", true),
            ("größe ?", "GRÖSSE 4", false),
            ("grö?e", "GRÖßE", true),
            ("日?室", "日本室", true),
            ("lobby", " Lobby ", true),
            ("ber 4", "BER  4", true),
            ("BER-?", "BER-44", false),
            ("BER-??", "BER-4", false),
            ("BER", "BER-4", false),
            ("*BER", "BER-4", false),
            ("a*b*c", "ab", false),
            ("?", "", false),
            ("?", "👍", true),
            ("a.c*", "abc", false),
            (r"(\*[?])", r"(\x[y])", true),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().matches(text), fits, "{pattern} {text}");
        }
        assert_eq!(Pattern::new(" \t"), None);
    }

    #[test]
    fn the_longest_patterns_compile_and_are_fast() {
        for part in ["?", "*", "a*", "?*", "İ*", "👍?"] {
            let longest: String = part.chars().cycle().take(MAX_VALUE_LENGTH).collect();
            Pattern::new(&longest).unwrap().matches("x");
        }
        assert!(!Pattern::new(&("a*".repeat(100) + "b")).unwrap().matches(&"a".repeat(5_000)));
    }

    /// A reference implementation: characters are matched one by one, and a star by trying all lengths.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|length| by_definition(rest, &text[length..])),
            Some((c, rest)) => text
                .split_first()
                .is_some_and(|(found, left)| (*c == '?' || c == found) && by_definition(rest, left)),
        }
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_and_stars_match_the_rest(text in "[^*?\\pC\\s]{1,20}", more in "\\PC{0,20}") {
            if let Some(pattern) = Pattern::new(&text) {
                prop_assert!(pattern.matches(&text));
                let (begun, ended) = (format!("{text}*"), format!("*{text}"));
                let (before, after) = (format!("{more}{text}"), format!("{text}{more}"));
                prop_assert!(Pattern::new(&begun).unwrap().matches(&after));
                prop_assert!(Pattern::new(&ended).unwrap().matches(&before));
            }
        }

        #[test]
        fn the_compiled_pattern_means_the_same(pattern in "[ab.\\\\()ß日*?]{1,8}", text in "[ab.\\\\()ß日]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = by_definition(&chars(&pattern), &chars(&text));
            prop_assert_eq!(Pattern::new(&pattern).unwrap().matches(&text), expected);
        }
    }
}
