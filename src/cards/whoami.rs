//! How Steward sees the person who asks.

use serde::Serialize;

use super::one_line::given;
use super::{OneLine, Tone, View, wording};
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
    name: Option<OneLine>,
    email: Option<OneLine>,
    person_id: OneLine,
    org_id: Option<OneLine>,
    rights: OneLine,
    tone: Tone,
    way_forward: Option<OneLine>,
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
            name: given(Some(&self.actor.display_name)).map(OneLine::text),
            email: self.actor.email.as_ref().map(EmailAddress::as_str).map(OneLine::text),
            person_id: OneLine::id(self.actor.person_id.as_str()),
            org_id: self.actor.org_id.as_ref().map(OrgId::as_str).map(OneLine::id),
            rights: OneLine::text(&rights),
            tone,
            way_forward: way_forward
                .and_then(|said| said.sentences.last().map(|last| OneLine::sentence(last))),
        }
    }
}

fn words(rights: &[Right]) -> String {
    rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(", ")
}
