//! Asks Webex for the workspace that somebody has named.
//!
//! A workspace goes by its id or by its name, the same but for upper and lower case and the number of blanks. If Webex
//! finds none by that name, all workspaces are read: how it compares names is not documented, and the names that come
//! near are a better answer than a bare no.

use super::near::{Near, Nearest};
use super::search::{LookedUp, MOST_CANDIDATES};
use super::spelling;
use crate::domain::{OrgScope, Workspace, WorkspaceId, id};
use crate::webex::{AdminClient, WebexError};

/// What the name or id of a workspace came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WorkspaceResolution {
    /// This workspace and no other.
    One(Box<Workspace>),
    /// More than one is called so: none of them is meant until somebody has chosen.
    Several {
        /// The first of them, fifty at most.
        workspaces: Vec<Workspace>,
        /// There are more.
        has_more: bool,
    },
    /// There is none.
    None {
        /// Names that come near.
        nearest: Vec<Near>,
        /// Where it was looked for.
        looked_up: LookedUp,
    },
}

/// Finds the workspace that a text means.
///
/// # Errors
/// When Webex could not be asked. That there is no such workspace is an answer and no error.
pub(crate) async fn find_workspace(
    admin: &AdminClient,
    scope: &OrgScope,
    text: &str,
) -> Result<WorkspaceResolution, WebexError> {
    if id::is_certain(text)
        && let Ok(id) = WorkspaceId::parse(text)
    {
        return match admin.workspace(&id).await {
            Ok(workspace) => Ok(WorkspaceResolution::One(Box::new(workspace))),
            Err(WebexError::NotFound(_)) => {
                Ok(WorkspaceResolution::None { nearest: Vec::new(), looked_up: LookedUp::ById })
            }
            Err(error) => Err(error),
        };
    }
    let mut named = Named::new(text);
    match named.read(admin, scope, &[("displayName", text.to_owned())]).await {
        // Not every text is one that Webex takes for a filter.
        Err(WebexError::Refused(answer)) if answer.status == 400 => {}
        answer => answer?,
    }
    if named.found.is_empty() {
        named = Named::new(text);
        named.read(admin, scope, &[]).await?;
    }
    Ok(named.conclude())
}

/// The workspaces of one name, and what comes near to it.
struct Named {
    name: String,
    found: Vec<Workspace>,
    has_more: bool,
    nearest: Nearest,
    count: usize,
    unreadable: usize,
}

impl Named {
    fn new(text: &str) -> Self {
        Self {
            name: spelling::of_name(text),
            found: Vec::new(),
            has_more: false,
            nearest: Nearest::to(text),
            count: 0,
            unreadable: 0,
        }
    }

    async fn read(
        &mut self,
        admin: &AdminClient,
        scope: &OrgScope,
        query: &[(&str, String)],
    ) -> Result<(), WebexError> {
        let mut pages = admin.workspace_pages(scope, query);
        while let Some(page) = pages.next().await? {
            for workspace in page {
                self.look_at(workspace);
            }
            if self.has_more {
                break;
            }
        }
        self.unreadable += pages.unreadable();
        Ok(())
    }

    fn look_at(&mut self, workspace: Workspace) {
        self.count += 1;
        let Some(name) = &workspace.name else { return };
        if spelling::of_name(name) != self.name {
            self.nearest.look_at_name(name);
        } else if self.found.iter().any(|found| found.id == workspace.id) {
            // Listed twice, as happens when others are added meanwhile.
        } else if self.found.len() < MOST_CANDIDATES {
            self.found.push(workspace);
        } else {
            self.has_more = true;
        }
    }

    fn conclude(mut self) -> WorkspaceResolution {
        match self.found.len() {
            0 => WorkspaceResolution::None {
                nearest: self.nearest.into_found(),
                looked_up: LookedUp::Everywhere { count: self.count, unreadable: self.unreadable },
            },
            1 => WorkspaceResolution::One(Box::new(self.found.remove(0))),
            _ => WorkspaceResolution::Several { workspaces: self.found, has_more: self.has_more },
        }
    }
}
