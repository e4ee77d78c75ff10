//! Organizations that a command names and that it cannot be about.

use super::refusal::Said;

/// The policy does not name it.
#[must_use]
pub fn org_not_named(name: &str) -> Said {
    said(
        "✕ Not this organization",
        format!("Steward may not administer the devices of {name}: its settings do not name it."),
        "The operator can add its id to STEWARD_ORGS.",
    )
}

/// The admin credential does not see it.
#[must_use]
pub fn org_not_found(name: &str) -> Said {
    said(
        "? No such organization",
        format!("Steward's admin credential sees no organization called {name}."),
        "Write its name as it stands in Control Hub, or its id. Only partner administrators see the organizations of \
         others.",
    )
}

/// More than one has the name.
#[must_use]
pub fn org_ambiguous(name: &str) -> Said {
    said(
        "? More than one organization",
        format!("Steward's admin credential sees more than one organization called {name}."),
        "Write the id of the one you mean.",
    )
}

fn said(headline: &str, what: String, next: &str) -> Said {
    Said { headline: headline.to_owned(), sentences: vec![what, next.to_owned()] }
}
