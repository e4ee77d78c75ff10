//! `list devices`: reads Webex's list page by page, and keeps only the rows that one page of the answer shows, or
//! writes them to a file.

mod export;

use std::collections::BTreeMap;
use std::path::Path;

use super::context::CommandContext;
use super::failure::Failure;
use super::reply::{Answer, Buttons};
use super::resolve::{self, resolved, with_names};
use super::services::Services;
use crate::cards::{self, Button, DeviceList, Notice, ROWS_PER_PAGE};
use crate::domain::audit::AuditEvent;
use crate::domain::{Device, MessageId, OrgScope};
use crate::filter::{Filter, IdleExclusion, IdleExclusions, NeededNames, PageCollector, RelatedNames, Sort};
use crate::grammar::{Command, OrgName};
use crate::plan::{ButtonAction, ButtonRef};
use crate::policy::ReadRight;
use crate::webex::{FileUpload, WebexError, WorkspaceNames};
use export::CsvExport;

/// The arguments of the command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListDevices<'a> {
    pub(crate) filter: &'a Filter,
    pub(crate) sort: Option<Sort>,
    pub(crate) csv: bool,
    pub(crate) page: u32,
    pub(crate) org: Option<&'a OrgName>,
}

pub(crate) async fn run(ctx: &CommandContext<'_>, asked: ListDevices<'_>) -> Result<Answer, Failure> {
    ctx.authorize::<ReadRight>()?;
    let scope = resolved!(resolve::organization(ctx, asked.org).await?);
    if asked.csv { as_file(ctx, &scope, asked).await } else { as_card(ctx, &scope, asked).await }
}

async fn as_card(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    asked: ListDevices<'_>,
) -> Result<Answer, Failure> {
    let skip = (asked.page as usize - 1).saturating_mul(ROWS_PER_PAGE);
    let mut collector = PageCollector::new(asked.sort, skip, ROWS_PER_PAGE);
    let needs = asked.filter.needs() | asked.sort.map(Sort::needs).unwrap_or_default();
    let mut listed = DevicesInScope::begin(ctx.services, scope, asked.filter, needs).await?;
    while let Some(devices) = listed.next().await? {
        for (device, related) in devices {
            collector.take(device, &related);
        }
    }
    let unreadable = listed.unreadable();
    let page = collector.finish();
    let mut rows = Vec::with_capacity(page.devices.len());
    for device in &page.devices {
        rows.push((device, ctx.services.related_names(scope, device).await));
    }
    let rows: Vec<_> = rows.iter().map(|(device, related)| with_names(device, related)).collect();
    let total = page.summary.total;
    let pages = total.div_ceil(ROWS_PER_PAGE) as u64;
    let number = u64::from(asked.page);
    let mut buttons = Buttons::new(ctx);
    let mut draw = |filter: &Filter, csv: bool, page: Option<u64>| {
        let page = page.and_then(|page| u32::try_from(page).ok());
        let (filter, org) = (filter.clone(), asked.org.cloned());
        let command = Command::ListDevices { filter, sort: asked.sort, csv, page, org };
        buttons.for_anybody(ButtonAction::command(command))
    };
    // From a page that does not exist, the way back leads to the last one.
    let previous =
        (number > 1 && total > 0).then(|| draw(asked.filter, false, Some((number - 1).min(pages))));
    let next = (number < pages).then(|| draw(asked.filter, false, Some(number + 1)));
    let csv = (total > 0).then(|| draw(asked.filter, true, None));
    let wider =
        listed.wider().map(|wider| (wider, draw(&wider.filter, false, None), wider.filter.to_string()));
    let wider = wider.map(|(wider, button, filter)| (wider.count, button, filter));
    let idle = listed.idle_exclusions();
    let filter = asked.filter.to_string();
    let sort = asked.sort.map(|sort| sort.to_string());
    let view = DeviceList {
        total: total as u64,
        by_status: &counts(&page.summary.by_status),
        by_product: &counts(&page.summary.by_product),
        rows: &rows,
        page: number,
        filter: (!asked.filter.is_empty()).then_some(filter.as_str()),
        sort: sort.as_deref(),
        unreadable: unreadable as u64,
        idle: if total > 0 { &idle } else { &[] },
        wider: wider.as_ref().map(|(count, button, filter)| cards::WiderList {
            filter,
            count: *count,
            list: Button::list_them(button.as_str()),
        }),
        previous_page: previous.as_ref().map(ButtonRef::as_str).map(Button::previous_page),
        next_page: next.as_ref().map(ButtonRef::as_str).map(Button::next_page),
        csv: csv.as_ref().map(ButtonRef::as_str).map(Button::csv),
        now: ctx.now(),
    };
    Ok(Answer::of(ctx, &view).buttons(buttons).audit(ctx, listed_event(&filter, total)))
}

/// Writes a file to the disk while the list is read, and posts it in the thread when it is complete.
async fn as_file(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    asked: ListDevices<'_>,
) -> Result<Answer, Failure> {
    let asked_for = asked.filter.needs() | asked.sort.map(Sort::needs).unwrap_or_default();
    let needs = NeededNames { workspaces: true, locations: true, people: asked_for.people };
    let mut export = CsvExport::begin(asked.sort).await?;
    let mut listed = DevicesInScope::begin(ctx.services, scope, asked.filter, needs).await?;
    while let Some(devices) = listed.next().await? {
        export.add(&devices).await?;
    }
    let unreadable = listed.unreadable();
    let idle = listed.idle_exclusions();
    let (file, count) = export.finish().await?;
    if count == 0 {
        // A card says why there is nothing to export.
        return as_card(ctx, scope, asked).await;
    }
    let filter = asked.filter.to_string();
    let sort = asked.sort.map(|sort| sort.to_string());
    let text = cards::export_caption(count, &filter, sort.as_deref(), unreadable, &idle);
    let posted = match post(ctx, file.path(), &text, true).await? {
        // The root of the thread may have been deleted.
        Err(error) if matches!(status_of_refusal(&error), Some(400 | 404)) => {
            post(ctx, file.path(), &text, false).await?
        }
        posted => posted,
    };
    match posted {
        Ok(_) => {}
        Err(error) => {
            let Some(status) = status_of_refusal(&error) else { return Err(error.into()) };
            let command_id = ctx.record.accepted.id.as_str();
            tracing::warn!(command_id, %error, "could not post a file");
            let tracking_id = error.answer().and_then(|answer| answer.tracking_id.as_deref());
            return Ok(Answer::of(ctx, &Notice::file_not_posted(status, tracking_id)));
        }
    }
    Ok(Answer::without_card(ctx).audit(ctx, listed_event(&filter, count)))
}

/// Posts the file in the space of the command, in its thread or outside it.
async fn post(
    ctx: &CommandContext<'_>,
    file: &Path,
    text: &str,
    in_thread: bool,
) -> Result<Result<MessageId, WebexError>, Failure> {
    let body = FileUpload::csv(file, "devices").await?;
    let thread = &ctx.record.accepted.thread;
    let parent = in_thread.then_some(&thread.root_id);
    let posted = ctx.services.bot_client.post_file(&thread.space_id, parent, text, body).await;
    ctx.services.note_bot_token(&posted);
    Ok(posted)
}

/// The status with which Webex refused something for good.
fn status_of_refusal(error: &WebexError) -> Option<u16> {
    let is_final = !error.is_transient() && error.requested_wait().is_none();
    error.answer().filter(|_| is_final).map(|answer| answer.status)
}

fn listed_event(filter: &str, count: usize) -> AuditEvent {
    AuditEvent::DevicesListed { filter: filter.to_owned(), count: count as u64 }
}

fn counts(of: &[(Option<String>, usize)]) -> BTreeMap<String, u64> {
    of.iter().map(|(name, count)| (name.clone().unwrap_or_default(), *count as u64)).collect()
}

/// A filter that takes texts as parts, and the number of devices that match it.
#[derive(Debug)]
pub(crate) struct WiderFilter {
    pub(crate) filter: Filter,
    pub(crate) count: u64,
}

/// The devices of an organization that match a filter, one page of Webex's list at a time, with the names that the
/// filter, the order or the output needs.
pub(crate) struct DevicesInScope<'a> {
    services: &'a Services,
    filter: &'a Filter,
    /// What the person may have meant, as long as nothing matches.
    wider: Option<WiderFilter>,
    exclusions: IdleExclusions,
    needs: NeededNames,
    workspaces: WorkspaceNames,
    pages: crate::webex::DevicePages,
}

impl<'a> DevicesInScope<'a> {
    pub(crate) async fn begin(
        services: &'a Services,
        scope: &OrgScope,
        filter: &'a Filter,
        needs: NeededNames,
    ) -> Result<Self, WebexError> {
        let workspaces = if needs.workspaces {
            services.names.workspace_names(scope).await?
        } else {
            WorkspaceNames::default()
        };
        if needs.locations {
            services.names.load_location_names(scope).await?;
        }
        let pages = services.admin.device_pages(scope, &filter.webex_query());
        let wider = filter.widened().map(|filter| WiderFilter { filter, count: 0 });
        let exclusions = IdleExclusions::of(filter);
        Ok(Self { services, filter, wider, exclusions, needs, workspaces, pages })
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Vec<(Device, RelatedNames)>>, WebexError> {
        let page = self.pages.next().await;
        self.services.note_admin_credential(&page);
        let Some(page) = page? else { return Ok(None) };
        let now = self.services.clock.now();
        let mut matching = Vec::new();
        for device in page {
            let related = self.related_names(&device).await?;
            let is_selected = self.filter.matches(&device, &related, now);
            self.exclusions.check(&device, &related, is_selected, now);
            if is_selected {
                self.wider = None;
                matching.push((device, related));
            } else if let Some(wider) = &mut self.wider
                && wider.filter.matches(&device, &related, now)
            {
                wider.count += 1;
            }
        }
        Ok(Some(matching))
    }

    pub(crate) fn unreadable(&self) -> usize {
        self.pages.unreadable()
    }

    /// The filter that the person may have meant, if nothing matches theirs but something matches this.
    pub(crate) fn wider(&self) -> Option<&WiderFilter> {
        self.wider.as_ref().filter(|wider| wider.count > 0)
    }

    /// The excluding terms that excluded nothing.
    pub(crate) fn idle_exclusions(self) -> Vec<IdleExclusion> {
        self.exclusions.finish()
    }

    async fn related_names(&self, device: &Device) -> Result<RelatedNames, WebexError> {
        let names = &self.services.names;
        let mut related = RelatedNames::default();
        if self.needs.workspaces {
            let name = device.workspace_id.as_ref().and_then(|id| self.workspaces.of(id));
            related.workspace = name.map(str::to_owned);
        }
        if self.needs.locations {
            let name = device.location_id.as_ref().and_then(|id| names.cached_location_name(id));
            related.location = name.as_deref().map(str::to_owned);
        }
        if self.needs.people
            && let Some(id) = &device.person_id
        {
            // Without the name, the filter could wrongly leave out the device.
            match names.person(id).await {
                Ok(person) => {
                    related.person = Some(person.display_name.clone());
                    related.email = person.email.as_ref().map(ToString::to_string);
                }
                Err(WebexError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(related)
    }
}
