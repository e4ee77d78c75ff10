//! How Steward sees the person who asks.

use serde::Serialize;

use super::safe_text::given;
use super::{SafeText, Tone, View, wording};
use crate::domain::{Actor, EmailAddress, OrgId};
use crate::policy::{Denied, Right};

/// A person and what they may do here.
#[derive(Debug, Clone, Copy)]
pub struct WhoAmI<'a> {
    /// The person.
    pub actor: &'a Actor,
    /// The rights, or why there are none.
    pub rights: Result<&'a [Right], Denied>,
}

#[derive(Serialize)]
struct Context {
    name: Option<SafeText>,
    email: Option<SafeText>,
    person_id: SafeText,
    org_id: Option<SafeText>,
    rights: SafeText,
    tone: Tone,
    way_forward: Option<SafeText>,
}

impl View for WhoAmI<'_> {
    const TEMPLATE: &'static str = "whoami.card.json";

    fn context(&self) -> impl Serialize {
        let (rights, tone, way_forward) = match self.rights {
            Ok(rights) if !rights.is_empty() => (words(rights), Tone::Good, None),
            Ok(_) => ("none".to_owned(), Tone::Warning, Some(wording::denied(Denied::NotAnAdmin))),
            Err(reason) => ("none".to_owned(), Tone::Warning, Some(wording::denied(reason))),
        };
        Context {
            name: given(Some(&self.actor.display_name)).map(SafeText::text),
            email: self.actor.email.as_ref().map(EmailAddress::as_str).map(SafeText::text),
            person_id: SafeText::id(self.actor.person_id.as_str()),
            org_id: self.actor.org_id.as_ref().map(OrgId::as_str).map(SafeText::id),
            rights: SafeText::text(&rights),
            tone,
            way_forward: way_forward
                .and_then(|said| said.sentences.last().map(|last| SafeText::sentence(last))),
        }
    }
}

fn words(rights: &[Right]) -> String {
    rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(", ")
}
