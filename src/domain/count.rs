//! How many there are, as far as anybody counted.

/// A number that says of itself how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many: all were looked at.
    Exactly(u64),
    /// So many were seen, and not all were looked at.
    AtLeast(u64),
    /// Counting stopped here, at one more.
    MoreThan(u64),
}

impl Count {
    /// What is left of them without so many that were seen.
    #[must_use]
    pub fn without(self, seen: u64) -> Self {
        match self {
            Self::Exactly(count) => Self::Exactly(count.saturating_sub(seen)),
            Self::AtLeast(count) => Self::AtLeast(count.saturating_sub(seen)),
            Self::MoreThan(count) => Self::MoreThan(count.saturating_sub(seen)),
        }
    }
}
