//! Tags to add and to remove: `+floor-12 -pilot`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::print::TagWord;
use super::text::Tag;

/// What is to be changed about the tags of a device: something, and no tag in both ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct TagChange {
    add: Vec<Tag>,
    remove: Vec<Tag>,
}

/// The form in which it is stored.
#[derive(Deserialize)]
struct Written {
    add: Vec<Tag>,
    remove: Vec<Tag>,
}

/// Why a change of tags is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTagChange {
    /// Nothing is to be changed.
    #[error("expected a tag to add or to remove, found none")]
    Empty,
    /// The same tag is to be added and removed.
    #[error("expected every tag once, found \"{tag}\" to be added and removed")]
    Both {
        /// The tag.
        tag: Tag,
    },
}

impl TagChange {
    /// A change; a tag that is named twice in one way counts once.
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
    #[must_use]
    pub fn add(&self) -> &[Tag] {
        &self.add
    }

    /// The tags to remove.
    #[must_use]
    pub fn remove(&self) -> &[Tag] {
        &self.remove
    }

    /// What the tags of a device become, in their order. Tags are the same in upper and lower case, as in filters: one
    /// that is there already is not added in another writing, unless that is what is removed.
    #[must_use]
    pub fn applied_to(&self, tags: &[String]) -> Vec<String> {
        let same = |one: &str, other: &str| one.trim().to_lowercase() == other.to_lowercase();
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

fn once_each(tags: Vec<Tag>) -> Vec<Tag> {
    let mut each: Vec<Tag> = Vec::with_capacity(tags.len());
    for tag in tags {
        if !each.contains(&tag) {
            each.push(tag);
        }
    }
    each
}

impl TryFrom<Written> for TagChange {
    type Error = InvalidTagChange;

    fn try_from(written: Written) -> Result<Self, InvalidTagChange> {
        Self::new(written.add, written.remove)
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
    fn what_is_added_and_removed_is_written_once() {
        let change = TagChange::new(tags(&["a", "floor 12", "a"]), tags(&["tag:x", "b"])).unwrap();
        assert_eq!(change.to_string(), "+a +\"floor 12\" -\"tag:x\" -b");
        let stored = serde_json::to_string(&change).unwrap();
        assert_eq!(stored, r#"{"add":["a","floor 12"],"remove":["tag:x","b"]}"#);
        assert_eq!(serde_json::from_str::<TagChange>(&stored).unwrap(), change);
    }

    #[test]
    fn nothing_and_both_are_no_changes() {
        assert_eq!(TagChange::new(vec![], vec![]), Err(InvalidTagChange::Empty));
        let both = TagChange::new(tags(&["a", "b"]), tags(&["b"])).unwrap_err();
        assert_eq!(both.to_string(), "expected every tag once, found \"b\" to be added and removed");
        assert!(serde_json::from_str::<TagChange>(r#"{"add":[],"remove":[]}"#).is_err());
    }

    #[test]
    fn tags_keep_their_order_and_are_the_same_in_any_case() {
        for (before, add, remove, after) in [
            (vec!["a", "b"], vec!["c"], vec!["a"], vec!["b", "c"]),
            (vec!["Pilot"], vec!["pilot"], vec![], vec!["Pilot"]),
            (vec!["Pilot"], vec!["pilot"], vec!["Pilot"], vec!["pilot"]),
            (vec!["KEEP", "x"], vec![], vec!["keep"], vec!["x"]),
            (vec!["x"], vec![], vec!["y"], vec!["x"]),
            (vec![], vec!["x", "y"], vec![], vec!["x", "y"]),
        ] {
            let change = TagChange::new(tags(&add), tags(&remove)).unwrap();
            let before: Vec<String> = before.into_iter().map(str::to_owned).collect();
            assert_eq!(change.applied_to(&before), after);
        }
    }
}
