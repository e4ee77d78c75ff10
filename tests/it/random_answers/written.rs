//! How Ana writes what she means: the same to her eyes, and not always the same characters.

use unicode_normalization::UnicodeNormalization as _;

/// How a reference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    AsIs,
    ReadsAlike(Spelling),
    /// As copied from a web page.
    ZeroWidthAround,
    /// It does not read as it is meant.
    Hidden(Hidden),
    /// With a letter of another script.
    LookAlike(LookAlike),
}

/// A spelling that nobody can tell from the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    OtherCase,
    TwoSpaces,
    Decomposed,
}

/// A hidden character inside a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    Override,
    Isolate,
    ZeroWidthSpace,
    SoftHyphen,
}

/// The script of a letter that looks like one of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookAlike {
    Cyrillic,
    FullWidth,
    /// Their capitals are S and I.
    LongSOrDotlessI,
}

/// A reference as written, without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub text: String,
    /// Whether it names the record. Otherwise it names none.
    pub is_plain: bool,
}

impl Written {
    /// The reference to a record that is called `text`. The case of an id matters.
    pub fn write(self, text: &str, is_id: bool) -> Reference {
        let plain = |text: String| Reference { text, is_plain: true };
        match self {
            Self::ReadsAlike(spelling) if !is_id => plain(spelling.of(text)),
            Self::AsIs | Self::ReadsAlike(_) => plain(text.to_owned()),
            Self::ZeroWidthAround => plain(format!("\u{200b}{text}\u{feff}")),
            Self::Hidden(hidden) => Reference { text: hidden.inside(text), is_plain: false },
            Self::LookAlike(script) => match script.instead(text) {
                Some(text) => Reference { text, is_plain: false },
                None => plain(text.to_owned()),
            },
        }
    }
}

impl Spelling {
    pub fn of(self, text: &str) -> String {
        match self {
            Self::OtherCase if text.chars().any(char::is_lowercase) => text.to_uppercase(),
            Self::OtherCase => text.to_lowercase(),
            Self::TwoSpaces => text.replace(' ', "  "),
            Self::Decomposed => text.nfd().collect(),
        }
    }
}

impl Hidden {
    /// The text with such a character: in front of its last two, which then read the other way around, or between them.
    fn inside(self, text: &str) -> String {
        let split = |from_the_end: usize| {
            text.split_at(text.char_indices().nth_back(from_the_end).map_or(0, |(at, _)| at))
        };
        let ((start, end), (most, last)) = (split(1), split(0));
        match self {
            Self::Override => format!("{start}\u{202e}{end}\u{202c}"),
            Self::Isolate => format!("{start}\u{2067}{end}\u{2069}"),
            Self::ZeroWidthSpace => format!("{most}\u{200b}{last}"),
            Self::SoftHyphen => format!("{most}\u{ad}{last}"),
        }
    }
}

impl LookAlike {
    /// The text with one letter replaced; none if the script has no such letter.
    fn instead(self, text: &str) -> Option<String> {
        let (at, letter, other) = text.char_indices().find_map(|(at, letter)| {
            let other = self.of(letter)?;
            Some((at, letter, other))
        })?;
        Some(format!("{}{other}{}", &text[..at], &text[at + letter.len_utf8()..]))
    }

    fn of(self, letter: char) -> Option<char> {
        match self {
            Self::Cyrillic => match letter {
                'A' => Some('А'),
                'B' => Some('В'),
                'C' => Some('С'),
                'O' => Some('О'),
                'a' => Some('а'),
                'e' => Some('е'),
                'o' => Some('о'),
                _ => None,
            },
            Self::FullWidth => {
                char::from_u32(u32::from(letter) + 0xFEE0).filter(|_| letter.is_ascii_alphanumeric())
            }
            Self::LongSOrDotlessI => match letter {
                'S' | 's' => Some('ſ'),
                'I' | 'i' => Some('ı'),
                _ => None,
            },
        }
    }
}
