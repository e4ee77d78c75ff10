//! Tags to add and to remove: `+floor-12 -pilot`.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::{Tag, TagWord};
use crate::domain::text::comparison_key;

/// At least one tag to add or remove, and no tag in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredTagChange")]
pub struct TagChange {
    add: Vec<Tag>,
    remove: Vec<Tag>,
}

/// The stored form.
#[derive(Deserialize)]
struct StoredTagChange {
    add: Vec<Tag>,
    remove: Vec<Tag>,
}

/// Why a change of tags is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTagChange {
    /// There are no tags.
    #[error("expected a tag to add or remove, found none")]
    Empty,
    /// A tag is both added and removed.
    #[error("expected each tag only once, found \"{tag}\" both added and removed")]
    Both {
        /// The tag.
        tag: Tag,
    },
}

impl TagChange {
    /// Repeated tags count once.
    pub fn new(add: Vec<Tag>, remove: Vec<Tag>) -> Result<Self, InvalidTagChange> {
        if let Some(tag) = add.iter().find(|tag| remove.contains(tag)) {
            return Err(InvalidTagChange::Both { tag: tag.clone() });
        }
        if add.is_empty() && remove.is_empty() {
            return Err(InvalidTagChange::Empty);
        }
        Ok(Self { add: once_each(add), remove: once_each(remove) })
    }

    /// The tags to add.
    pub fn add(&self) -> &[Tag] {
        &self.add
    }

    /// The tags to remove.
    pub fn remove(&self) -> &[Tag] {
        &self.remove
    }

    /// The tags of a device after the change, in order. Compared as in filters: a tag that exists is not added in another
    /// spelling, unless the existing one is removed.
    pub fn applied_to(&self, tags: &[String]) -> Vec<String> {
        let same = |one: &str, other: &str| comparison_key(one) == comparison_key(other);
        let stays = |tag: &&String| !self.remove.iter().any(|removed| same(tag, removed.as_str()));
        let mut after: Vec<String> = tags.iter().filter(stays).cloned().collect();
        for tag in &self.add {
            if !after.iter().any(|known| same(known, tag.as_str())) {
                after.push(tag.as_str().to_owned());
            }
        }
        after
    }
}

fn once_each(mut tags: Vec<Tag>) -> Vec<Tag> {
    let mut seen = HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags
}

impl TryFrom<StoredTagChange> for TagChange {
    type Error = InvalidTagChange;

    fn try_from(stored: StoredTagChange) -> Result<Self, InvalidTagChange> {
        Self::new(stored.add, stored.remove)
    }
}

impl fmt::Display for TagChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = |sign, tags: &'_ [Tag]| -> Vec<String> {
            tags.iter().map(|tag| format!("{sign}{}", TagWord(tag.as_str()))).collect()
        };
        let words: Vec<_> = [signed('+', &self.add), signed('-', &self.remove)].concat();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(texts: &[&str]) -> Vec<Tag> {
        texts.iter().map(|text| Tag::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_repeated_tag_is_written_once() {
        let change = TagChange::new(tags(&["a", "floor 12", "a"]), tags(&["tag:x", "b"])).unwrap();
        assert_eq!(change.to_string(), "+a +\"floor 12\" -\"tag:x\" -b");
        let stored = serde_json::to_string(&change).unwrap();
        assert_eq!(stored, r#"{"add":["a","floor 12"],"remove":["tag:x","b"]}"#);
        assert_eq!(serde_json::from_str::<TagChange>(&stored).unwrap(), change);
    }

    #[test]
    fn neither_no_tag_nor_a_contradiction_is_a_change() {
        assert_eq!(TagChange::new(vec![], vec![]), Err(InvalidTagChange::Empty));
        let both = TagChange::new(tags(&["a", "b"]), tags(&["b"])).unwrap_err();
        assert_eq!(both.to_string(), "expected each tag only once, found \"b\" both added and removed");
        assert!(serde_json::from_str::<TagChange>(r#"{"add":[],"remove":[]}"#).is_err());
    }

    #[test]
    fn tags_keep_their_order_and_ignore_case() {
        for (before, add, remove, after) in [
            (vec!["a", "b"], vec!["c"], vec!["a"], vec!["b", "c"]),
            (vec!["Pilot"], vec!["pilot"], vec![], vec!["Pilot"]),
            (vec!["Pilot"], vec!["pilot"], vec!["Pilot"], vec!["pilot"]),
            (vec!["KEEP", "x"], vec![], vec!["keep"], vec!["x"]),
            (vec!["Bu\u{308}ro", "floor–12"], vec!["Büro"], vec!["floor-12"], vec!["Bu\u{308}ro"]),
            (vec!["x"], vec![], vec!["y"], vec!["x"]),
            (vec![], vec!["x", "y"], vec![], vec!["x", "y"]),
        ] {
            let change = TagChange::new(tags(&add), tags(&remove)).unwrap();
            let before: Vec<String> = before.into_iter().map(str::to_owned).collect();
            assert_eq!(change.applied_to(&before), after);
        }
    }
}
