//! The organization that a command names.

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
    let fits = |org: &Organization| {
        org.name.trim().to_lowercase() == name.as_str().to_lowercase()
            || OrgId::parse(name.as_str()).is_ok_and(|id| id == org.id)
    };
    let organizations = ctx.services.admin.organizations().await;
    ctx.services.note_admin_credential(&organizations);
    let found: Vec<Organization> = organizations?.into_iter().filter(fits).collect();
    Ok(match found.as_slice() {
        [org] if ctx.services.policy.serves(&org.id) => Ok(OrgScope::Org(org.id.clone())),
        [org] => Err(Answer::of(ctx, &Notice::org_not_named(&org.name))),
        [] => Err(Answer::of(ctx, &Notice::org_not_found(name.as_str()))),
        _ => Err(Answer::of(ctx, &Notice::org_ambiguous(name.as_str()))),
    })
}
