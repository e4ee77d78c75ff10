//! Resolves the organization that a command names.

use super::compare::name_key;
use crate::cards::Notice;
use crate::commands::context::CommandContext;
use crate::commands::failure::Failure;
use crate::commands::reply::Answer;
use crate::domain::{OrgId, OrgScope, Organization};
use crate::grammar::OrgName;

/// The organization with this name or id. The admin credential must see it, and `STEWARD_ORGS` must name it.
pub(crate) async fn organization(
    ctx: &CommandContext<'_>,
    name: Option<&OrgName>,
) -> Result<Result<OrgScope, Answer>, Failure> {
    let Some(name) = name else { return Ok(Ok(OrgScope::Default)) };
    let matches = |org: &Organization| {
        name_key(&org.name) == name_key(name.as_str())
            || OrgId::parse(name.as_str()).is_ok_and(|id| id == org.id)
    };
    let organizations = ctx.services.admin.organizations().await;
    ctx.services.note_admin_credential(&organizations);
    let found: Vec<Organization> = organizations?.into_iter().filter(matches).collect();
    Ok(match found.as_slice() {
        [org] if ctx.services.policy.serves(&org.id) => Ok(OrgScope::Org(org.id.clone())),
        [org] => Err(Answer::of(ctx, &Notice::org_not_named(&org.name))),
        [] => Err(Answer::of(ctx, &Notice::org_not_found(name.as_str()))),
        _ => Err(Answer::of(ctx, &Notice::org_ambiguous(name.as_str()))),
    })
}
