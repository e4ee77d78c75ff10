//! Searches Webex for the workspace that a person named.
//!
//! A workspace matches by its id or by its name, regardless of case and of the number of spaces. If Webex's filter
//! finds none, all workspaces are read: Webex does not document how it compares names, and similar names are a better
//! answer than a bare "not found".

use super::compare::{NearMiss, NearMisses, name_key};
use super::search::{MAX_CANDIDATES, SearchExtent};
use crate::domain::{OrgScope, Workspace, WorkspaceId, id};
use crate::webex::{AdminClient, WebexError};

/// The result of a workspace search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WorkspaceResolution {
    One(Box<Workspace>),
    /// None is selected until the requester chooses.
    Several {
        /// At most [`MAX_CANDIDATES`].
        workspaces: Vec<Workspace>,
        has_more: bool,
    },
    None {
        nearest: Vec<NearMiss>,
        searched: SearchExtent,
    },
}

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
                Ok(WorkspaceResolution::None { nearest: Vec::new(), searched: SearchExtent::IdOnly })
            }
            Err(error) => Err(error),
        };
    }
    let mut search = WorkspaceSearch::new(text);
    match search.read(admin, scope, &[("displayName", text.to_owned())]).await {
        // Webex does not accept every text in this filter.
        Err(WebexError::Refused(answer)) if answer.status == 400 => {}
        answer => answer?,
    }
    if search.found.is_empty() {
        search = WorkspaceSearch::new(text);
        search.read(admin, scope, &[]).await?;
    }
    Ok(search.conclude())
}

/// The workspaces with one name, and similar names.
struct WorkspaceSearch {
    name: String,
    found: Vec<Workspace>,
    has_more: bool,
    nearest: NearMisses,
    count: usize,
    unreadable: usize,
}

impl WorkspaceSearch {
    fn new(text: &str) -> Self {
        Self {
            name: name_key(text),
            found: Vec::new(),
            has_more: false,
            nearest: NearMisses::to(text),
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
                self.check(workspace);
            }
            if self.has_more {
                break;
            }
        }
        self.unreadable += pages.unreadable();
        Ok(())
    }

    fn check(&mut self, workspace: Workspace) {
        self.count += 1;
        let Some(name) = &workspace.name else { return };
        if name_key(name) != self.name {
            self.nearest.check_name(name);
        } else if self.found.iter().any(|found| found.id == workspace.id) {
            // Webex may list a workspace twice if others are added between two pages.
        } else if self.found.len() < MAX_CANDIDATES {
            self.found.push(workspace);
        } else {
            self.has_more = true;
        }
    }

    fn conclude(mut self) -> WorkspaceResolution {
        match self.found.len() {
            0 => WorkspaceResolution::None {
                nearest: self.nearest.into_vec(),
                searched: SearchExtent::WholeList { count: self.count, unreadable: self.unreadable },
            },
            1 => WorkspaceResolution::One(Box::new(self.found.remove(0))),
            _ => WorkspaceResolution::Several { workspaces: self.found, has_more: self.has_more },
        }
    }
}
