//! Searches Webex for the workspace that a person named, by its id or its name.

use super::compare::Typed;
use super::lists::{search_all, search_filtered};
use super::search::{Match, Resolution};
use crate::domain::{OrgScope, Workspace, WorkspaceId, id};
use crate::webex::{AdminClient, WebexError};

/// The result of a workspace search.
pub(crate) type WorkspaceResolution = Resolution<Workspace, Workspace>;

/// Finds the workspace that a reference means. See [`crate::commands::resolve`] for the rules.
pub(crate) async fn find_workspace(
    admin: &AdminClient,
    scope: &OrgScope,
    text: &str,
) -> Result<WorkspaceResolution, WebexError> {
    if id::is_certain(text)
        && let Ok(id) = WorkspaceId::parse(text)
    {
        return match admin.workspace(&id).await {
            Ok(workspace) => Ok(Resolution::One(Box::new(workspace))),
            Err(WebexError::NotFound(_)) => Ok(Resolution::no_such_id()),
            Err(error) => Err(error),
        };
    }
    let typed = Typed::name(text);
    let by_name = admin.workspace_pages(scope, &[("displayName", text.to_owned())]);
    let filtered = search_filtered(&typed, Some(by_name)).await?;
    let pages = admin.workspace_pages(scope, &[]);
    let (search, read) = search_all(&typed, pages, usize::MAX, &filtered.search).await?;
    Ok(search.conclude(read).map(|Match { record, .. }| record))
}
