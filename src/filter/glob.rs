//! Texts with `*` and `?` in them.

use crate::domain::text::normalize;

/// A text that another is compared with: whole, in upper or lower case, every run of blanks as one; `*` stands for any
/// characters and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    folded: String,
}

impl Pattern {
    /// Takes what somebody wrote; nothing if there is nothing in it.
    pub(super) fn new(text: &str) -> Option<Self> {
        let text = in_one_line(text);
        let folded = folded(&text);
        (!text.is_empty()).then_some(Self { text, folded })
    }

    /// As it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether some of it stands for other characters.
    pub(super) fn is_glob(&self) -> bool {
        self.text.contains(['*', '?'])
    }

    /// Whether a text is what it says.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text = folded(text);
        if self.is_glob() { glob(&self.folded, &text) } else { self.folded == text }
    }
}

/// What two texts have in common that people take for the same. What was typed came as a plain line, with straight
/// quotes and nothing that cannot be seen: names are compared as such lines too.
pub(super) fn folded(text: &str) -> String {
    // Letter by letter, so that a text is folded alike wherever it stands.
    normalize(text).chars().flat_map(char::to_lowercase).collect()
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text fits a pattern: walks both, and comes back to the last `*` where it does not.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                // The star takes one character more.
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (p, t) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_characters() {
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
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().matches(text), fits, "{pattern} {text}");
        }
        assert_eq!(Pattern::new(" \t"), None);
    }

    #[test]
    fn many_stars_take_no_long_time() {
        assert!(!Pattern::new(&("a*".repeat(100) + "b")).unwrap().matches(&"a".repeat(5_000)));
    }

    proptest! {
        #[test]
        fn a_text_is_like_itself_and_stars_take_what_is_left(text in "[^*?\\pC\\s]{1,20}", more in "\\PC{0,20}") {
            if let Some(pattern) = Pattern::new(&text) {
                prop_assert!(pattern.matches(&text));
                let (begun, ended) = (format!("{text}*"), format!("*{text}"));
                let (before, after) = (format!("{more}{text}"), format!("{text}{more}"));
                prop_assert!(Pattern::new(&begun).unwrap().matches(&after));
                prop_assert!(Pattern::new(&ended).unwrap().matches(&before));
            }
        }
    }
}
