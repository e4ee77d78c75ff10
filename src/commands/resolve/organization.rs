//! The organization that a command is about.

use crate::cards::Notice;
use crate::commands::reply::{Answer, Failure};
use crate::commands::services::Services;
use crate::domain::{OrgId, OrgScope, Organization};
use crate::grammar::OrgName;

/// The organization that a command names: one that the admin credential can see, and that the policy names too.
pub(crate) async fn scope_of(services: &Services, name: Option<&OrgName>) -> Result<OrgScope, Failure> {
    let Some(name) = name else { return Ok(OrgScope::Default) };
    let is_it = |org: &Organization| {
        org.name.trim().to_lowercase() == name.as_str().to_lowercase()
            || OrgId::parse(name.as_str()).is_ok_and(|id| id == org.id)
    };
    let organizations = services.admin.organizations().await;
    services.note_admin_credential(&organizations);
    let found: Vec<Organization> = organizations?.into_iter().filter(is_it).collect();
    match found.as_slice() {
        [org] if services.policy.serves(&org.id) => Ok(OrgScope::Org(org.id.clone())),
        [org] => Err(Answer::of(&Notice::org_not_named(&org.name)).into()),
        [] => Err(Answer::of(&Notice::org_not_found(name.as_str())).into()),
        _ => Err(Answer::of(&Notice::org_ambiguous(name.as_str())).into()),
    }
}
