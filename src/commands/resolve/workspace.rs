//! Searches Webex for the workspace that a person named, by its id or its name.
//!
//! A whole id takes one call. A bare UUID may take the whole list: it lacks the cluster of the id, so a 404 proves
//! nothing about it. A name takes the whole list.

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
    let typed = Typed::workspace(text);
    if let Some(id) = &typed.workspace_id
        && let Some(resolution) = by_id(admin, scope, id).await?
    {
        return Ok(resolution);
    }
    let by_name = admin.workspace_pages(scope, &[("displayName", text.to_owned())]);
    let filtered = search_filtered(&typed, Some(by_name)).await?;
    let pages = admin.workspace_pages(scope, &[]);
    let (search, read) = search_all(&typed, pages, usize::MAX, &filtered.search).await?;
    Ok(search.conclude(read).map(|Match { record, .. }| record))
}

/// The workspace with this id. `None` if a bare UUID finds none in this way.
async fn by_id(
    admin: &AdminClient,
    scope: &OrgScope,
    id: &WorkspaceId,
) -> Result<Option<WorkspaceResolution>, WebexError> {
    let is_whole = id::decode(id.as_str()).is_some();
    let none = || is_whole.then(Resolution::no_such_id);
    match admin.workspace_in(scope, id).await {
        Ok(workspace) if workspace.id == *id => Ok(Some(Resolution::One(Box::new(workspace)))),
        Ok(_) | Err(WebexError::NotFound(_)) => Ok(none()),
        // Some Webex services answer this way if the text does not look like an id to them.
        Err(WebexError::Refused(answer)) if answer.status == 400 && !is_whole => Ok(None),
        Err(error) => Err(error),
    }
}
