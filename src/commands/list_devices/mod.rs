//! Carrying out `list devices`: the pages of Webex's list stream by, and only what one page of the answer shows is
//! kept, or what goes into a file.

pub mod export;

use std::collections::BTreeMap;

use crate::cards::{Button, DeviceList, ROWS_PER_PAGE};
use crate::commands::list_devices::export::Export;
use crate::commands::reply::{Answer, Buttons, Failure};
use crate::commands::resolve::choose::in_place;
use crate::commands::resolve::organization::scope_of;
use crate::commands::services::Services;
use crate::domain::audit::Event;
use crate::domain::{Device, OrgScope};
use crate::filter::{Collector, Filter, Needs, Sort, Surroundings};
use crate::grammar::{Command, OrgName};
use crate::plan::{ButtonAction, ButtonRef};
use crate::policy::Reading;
use crate::store::CommandRecord;
use crate::webex::{FileBody, WebexError, WorkspaceNames};

/// What the command asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) filter: &'a Filter,
    pub(crate) sort: Option<Sort>,
    pub(crate) csv: bool,
    pub(crate) page: u32,
    pub(crate) org: Option<&'a OrgName>,
}

pub(crate) async fn answer(
    services: &Services,
    record: &CommandRecord,
    asked: Asked<'_>,
) -> Result<Answer, Failure> {
    services.policy.authorize::<Reading>(&record.accepted.actor)?;
    let scope = scope_of(services, asked.org).await?;
    if asked.csv {
        as_a_file(services, record, &scope, asked).await
    } else {
        as_a_card(services, record, &scope, asked).await
    }
}

async fn as_a_card(
    services: &Services,
    record: &CommandRecord,
    scope: &OrgScope,
    asked: Asked<'_>,
) -> Result<Answer, Failure> {
    let skip = (asked.page as usize - 1).saturating_mul(ROWS_PER_PAGE);
    let mut collector = Collector::new(asked.sort, skip, ROWS_PER_PAGE);
    let needs = asked.filter.needs() | asked.sort.map(Sort::needs).unwrap_or_default();
    let mut listed = Listed::begin(services, scope, asked.filter, needs).await?;
    while let Some(devices) = listed.next().await? {
        for (device, around) in devices {
            collector.take(device, around);
        }
    }
    let unreadable = listed.unreadable();
    let page = collector.finish();
    let mut rows = Vec::with_capacity(page.rows.len());
    for row in &page.rows {
        rows.push((&row.device, services.surroundings(scope, &row.device).await));
    }
    let rows: Vec<_> = rows.iter().map(|(device, around)| in_place(device, around)).collect();
    let now = services.clock.now();
    let total = page.summary.total;
    let mut buttons = Buttons::on_the_answer_to(record, now);
    let next = (skip + rows.len() < total && !rows.is_empty()).then(|| {
        let next = Command::ListDevices {
            filter: asked.filter.clone(),
            sort: asked.sort,
            csv: false,
            page: Some(asked.page + 1),
            org: asked.org.cloned(),
        };
        buttons.for_anybody(ButtonAction::Command { command: next })
    });
    let csv = (total > 0).then(|| {
        let csv = Command::ListDevices {
            filter: asked.filter.clone(),
            sort: asked.sort,
            csv: true,
            page: None,
            org: asked.org.cloned(),
        };
        buttons.for_anybody(ButtonAction::Command { command: csv })
    });
    let filter = asked.filter.to_string();
    let sort = asked.sort.map(|sort| sort.to_string());
    let view = DeviceList {
        total: total as u64,
        by_status: &counts(&page.summary.by_status),
        by_product: &counts(&page.summary.by_product),
        rows: &rows,
        page: u64::from(asked.page),
        filter: (!asked.filter.is_empty()).then_some(filter.as_str()),
        sort: sort.as_deref(),
        unreadable: unreadable as u64,
        next_page: next.as_ref().map(ButtonRef::as_str).map(Button::next_page),
        csv: csv.as_ref().map(ButtonRef::as_str).map(Button::csv),
        now,
    };
    Ok(Answer::of(&view).with(buttons).audit(listed_event(&filter, total)))
}

/// A file on the disk while the list streams by, posted in the thread when it is whole.
async fn as_a_file(
    services: &Services,
    record: &CommandRecord,
    scope: &OrgScope,
    asked: Asked<'_>,
) -> Result<Answer, Failure> {
    let asked_for = asked.filter.needs() | asked.sort.map(Sort::needs).unwrap_or_default();
    let needs = Needs { workspaces: true, locations: true, people: asked_for.people };
    let mut export = Export::begin(asked.sort).await?;
    let mut listed = Listed::begin(services, scope, asked.filter, needs).await?;
    while let Some(devices) = listed.next().await? {
        export.add(&devices).await?;
    }
    let unreadable = listed.unreadable();
    let (file, count) = export.finish().await?;
    let filter = asked.filter.to_string();
    let accepted = &record.accepted;
    let sort = asked.sort.map(|sort| sort.to_string());
    let text = crate::cards::export_caption(count, &filter, sort.as_deref(), unreadable);
    let body = FileBody::csv(file.path(), "devices").await.map_err(Failure::Io)?;
    let thread = &accepted.thread;
    let posted = services.bot_client.post_file(&thread.space_id, Some(&thread.root_id), &text, body).await;
    services.note_bot_token(&posted);
    match posted {
        // What was lost is the answer: a file more does less harm than none.
        Ok(_) | Err(WebexError::Unreadable { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::given_elsewhere().audit(listed_event(&filter, count)))
}

fn listed_event(filter: &str, count: usize) -> Event {
    Event::DevicesListed { filter: filter.to_owned(), count: count as u64 }
}

fn counts(of: &[(Option<String>, usize)]) -> BTreeMap<String, u64> {
    of.iter().map(|(name, count)| (name.clone().unwrap_or_default(), *count as u64)).collect()
}

/// The devices of an organization that match a filter, a page of Webex's list at a time, with the names around them as
/// far as they are needed.
pub(crate) struct Listed<'a> {
    services: &'a Services,
    filter: &'a Filter,
    needs: Needs,
    workspaces: WorkspaceNames,
    pages: crate::webex::DevicePages,
}

impl<'a> Listed<'a> {
    pub(crate) async fn begin(
        services: &'a Services,
        scope: &OrgScope,
        filter: &'a Filter,
        needs: Needs,
    ) -> Result<Self, WebexError> {
        let workspaces = if needs.workspaces {
            services.directory.workspace_names(scope).await?
        } else {
            WorkspaceNames::default()
        };
        if needs.locations {
            services.directory.warm_locations(scope).await?;
        }
        let pages = services.admin.device_pages(scope, &filter.server_query());
        Ok(Self { services, filter, needs, workspaces, pages })
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Vec<(Device, Surroundings)>>, WebexError> {
        let page = self.pages.next().await;
        self.services.note_admin_credential(&page);
        let Some(page) = page? else { return Ok(None) };
        let now = self.services.clock.now();
        let mut matching = Vec::new();
        for device in page {
            let around = self.around(&device).await?;
            if self.filter.matches(&device, &around, now) {
                matching.push((device, around));
            }
        }
        Ok(Some(matching))
    }

    pub(crate) fn unreadable(&self) -> usize {
        self.pages.unreadable()
    }

    async fn around(&self, device: &Device) -> Result<Surroundings, WebexError> {
        let directory = &self.services.directory;
        let mut around = Surroundings::default();
        if self.needs.workspaces {
            let name = device.workspace_id.as_ref().and_then(|id| self.workspaces.of(id));
            around.workspace = name.map(str::to_owned);
        }
        if self.needs.locations {
            let name = device.location_id.as_ref().and_then(|id| directory.known_location(id));
            around.location = name.as_deref().map(str::to_owned);
        }
        if self.needs.people
            && let Some(id) = &device.person_id
        {
            // Who could not be looked up may be the one that was asked for: the list would not be what it says.
            match directory.person(id).await {
                Ok(person) => {
                    around.person = Some(person.display_name.clone());
                    around.email = person.email.as_ref().map(ToString::to_string);
                }
                Err(WebexError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(around)
    }
}
