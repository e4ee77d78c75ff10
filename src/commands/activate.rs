//! Bringing devices in: `activate workspace`, `activate person`, `add device mac`.
//!
//! What changes along with a new device is told before it happens: where anything does, the command becomes a plan
//! first. An activation code goes to the one who asked and nowhere else: it is never stored, and never printed.

use jiff::SignedDuration;
use secrecy::ExposeSecret as _;

use crate::cards::{
    self, Activation, ActivationCode, DeviceAdded, DeviceWithNames, Notice, Provision, SideEffect,
};
use crate::commands::context::write_down;
use crate::commands::plan::propose;
use crate::commands::reply::{Answer, Failure, not_done};
use crate::commands::resolve::organization::scope_of;
use crate::commands::resolve::{WorkspaceResolution, find_workspace};
use crate::commands::services::Services;
use crate::domain::audit::Event;
use crate::domain::{Device, Mac, OrgScope, PlaceId, Workspace};
use crate::grammar::{Command, Model, OrgName, Place};
use crate::policy::Provisioning;
use crate::store::{CommandRecord, LeasedJob, StoreError};
use crate::webex::WebexError;

/// The progress of a command whose request may have been sent.
const BEGUN: &str = r#"{"begun":true}"#;
/// The same when it is known that it came to nothing.
const NOT_BEGUN: &str = r#"{"begun":false}"#;

/// The turn of who adds a device. Stored: the name must not change.
const ADDITIONS: &str = "additions";
/// How long it lasts at most: longer than a call to Webex.
const LONGEST_TURN: SignedDuration = SignedDuration::from_secs(90);

/// Where a device is to belong, looked up.
struct Found {
    id: PlaceId,
    name: String,
    workspace: Option<Workspace>,
}

impl Found {
    fn for_cards(&self) -> cards::AssignedTo<'_> {
        match self.id {
            PlaceId::Workspace(_) => cards::AssignedTo::Workspace(&self.name),
            PlaceId::Person(_) => cards::AssignedTo::Person(&self.name),
        }
    }

    fn for_the_log(&self) -> String {
        match &self.id {
            PlaceId::Workspace(id) => format!("workspace {id}"),
            PlaceId::Person(id) => format!("person {id}"),
        }
    }

    /// Whether a device belongs here.
    fn has(&self, device: &Device) -> bool {
        match &self.id {
            PlaceId::Workspace(id) => device.workspace_id.as_ref() == Some(id),
            PlaceId::Person(id) => device.person_id.as_ref() == Some(id),
        }
    }

    fn added(&self, device: &Device, mac: Mac) -> Event {
        Event::DeviceAdded { device_id: device.id.clone(), mac, place: self.for_the_log() }
    }

    fn takes_phones(&self) -> bool {
        let supported = self.workspace.as_ref().and_then(|workspace| workspace.supported_devices.as_deref());
        supported == Some("phones")
    }

    /// What changes along with a device that comes here (Webex, *Devices*: Create a Device Activation Code).
    fn side_effects(&self, model: Option<&Model>) -> Vec<SideEffect<'_>> {
        let mut effects = Vec::new();
        if let Some(workspace) = &self.workspace
            && let Some(from @ ("none" | "thirdPartySipCalling")) = workspace.calling_type.as_deref()
        {
            effects.push(SideEffect::CallingTypeReset { from });
        }
        if matches!(self.id, PlaceId::Person(_)) {
            effects.push(SideEffect::CallingStandard);
        }
        if self.takes_phones() || model.is_some_and(is_a_phone) {
            effects.push(SideEffect::FactoryReset);
        }
        effects
    }
}

/// Phones are called by a number: `Cisco 9861`, `DMS Cisco 8865` (Webex, *Device Configurations*: supported devices).
fn is_a_phone(model: &Model) -> bool {
    let last = model.as_str().split(' ').next_back().unwrap_or_default();
    last.len() >= 4 && last.chars().take(4).all(|c| c.is_ascii_digit())
}

pub(crate) async fn activate(
    services: &Services,
    job: &LeasedJob,
    record: &CommandRecord,
    place: &Place,
    model: Option<&Model>,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    // A code cannot be read afterwards, so another one is made only for somebody who asks once more.
    if record.progress.as_ref().is_some_and(|progress| progress["begun"] == true) {
        return Ok(Answer::of(&Notice::code_unclear()));
    }
    let actor = &record.accepted.actor;
    let grant = services.policy.authorize::<Provisioning>(actor)?;
    let scope = scope_of(services, org).await?;
    let found = place_of(services, &scope, place).await?;
    if found.takes_phones() && model.is_none() {
        return Err(Answer::of(&Notice::phone_needs_a_model(&found.name)).into());
    }
    let effects = found.side_effects(model);
    let provision = Provision {
        place: found.for_cards(),
        model: model.map(Model::as_str),
        mac: None,
        side_effects: &effects,
        actor,
    };
    if !effects.is_empty() && record.accepted.id.plan().is_none() {
        return Ok(propose::provision(services, record, &scope, provision));
    }
    let made = one_at_a_time(services, record, async || {
        let intended = Event::ActivationIntended { place: found.for_the_log() };
        write_down(services, job, record, BEGUN.to_owned(), Some(intended)).await?;
        Ok(services.admin.activation_code(&grant, &scope, &found.id, model.map(Model::as_str)).await)
    })
    .await?;
    services.note_admin_credential(&made);
    let code = match made {
        Ok(code) => code,
        Err(error) => {
            if error.asked_to_wait().is_some() {
                write_down(services, job, record, NOT_BEGUN.to_owned(), None).await?;
            }
            if error.leaves_it_open() {
                tracing::warn!(%error, "whether an activation code was made is not known");
                return Ok(Answer::of(&Notice::code_unclear()));
            }
            return Err(not_provisioned(services, record, &found, error));
        }
    };
    let now = services.clock.now();
    let expires = code.expires_at.unwrap_or(now);
    let card = cards::render(&ActivationCode { code: code.code.expose_secret(), provision, expires, now });
    let sent = services.bot_client.post_to_person(&actor.person_id, card.text(), Some(card.content())).await;
    services.note_bot_token(&sent);
    // An answer that cannot be read says that it was posted.
    if let Err(error) = sent
        && !matches!(error, WebexError::Unreadable { .. })
    {
        tracing::warn!(%error, "an activation code could not be sent to the one who asked for it");
        return Err(Answer::of(&Notice::code_not_sent()).audit(code_made(&found)).into());
    }
    Ok(Answer::of(&Activation { provision, expires, now }).audit(code_made(&found)))
}

/// Does this while nobody else brings a device in, in this process or another on the same database.
async fn one_at_a_time<T>(
    services: &Services,
    record: &CommandRecord,
    work: impl AsyncFnOnce() -> Result<T, StoreError>,
) -> Result<T, Failure> {
    let _turn_here = services.additions.lock().await;
    if !services.store.is_shared() {
        return Ok(work().await?);
    }
    let (owner, now) = (record.accepted.id.as_str(), services.clock.now());
    if !services.store.take_turn(ADDITIONS, owner, now, now + LONGEST_TURN).await? {
        return Err(Failure::NotYet);
    }
    let done = work().await;
    // If that fails, the turn ends by itself.
    services.store.end_turn(ADDITIONS, owner).await.ok();
    Ok(done?)
}

fn code_made(found: &Found) -> Event {
    Event::ActivationCodeMade { place: found.for_the_log() }
}

/// `add device mac MAC model M to PLACE`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addition<'a> {
    pub(crate) mac: Mac,
    pub(crate) model: &'a Model,
    pub(crate) place: &'a Place,
    pub(crate) org: Option<&'a OrgName>,
}

pub(crate) async fn add(
    services: &Services,
    job: &LeasedJob,
    record: &CommandRecord,
    new: Addition<'_>,
) -> Result<Answer, Failure> {
    let actor = &record.accepted.actor;
    let grant = services.policy.authorize::<Provisioning>(actor)?;
    let scope = scope_of(services, new.org).await?;
    let found = place_of(services, &scope, new.place).await?;
    let effects = found.side_effects(Some(new.model));
    let provision = Provision {
        place: found.for_cards(),
        model: Some(new.model.as_str()),
        mac: Some(new.mac),
        side_effects: &effects,
        actor,
    };
    match device_with(services, &scope, new.mac).await? {
        // An earlier run of this command has added it and did not hear so.
        Some(device) if record.progress.is_some() && found.has(&device) => {
            return Ok(told(services, record, &scope, &device, &effects, found.added(&device, new.mac)).await);
        }
        Some(holder) => return Err(taken(services, &scope, &holder, new.mac).await.into()),
        None => {}
    }
    if !effects.is_empty() && record.accepted.id.plan().is_none() {
        return Ok(propose::provision(services, record, &scope, provision));
    }
    let added = one_at_a_time(services, record, async || {
        write_down(services, job, record, BEGUN.to_owned(), None).await?;
        Ok(services.admin.add_device(&grant, &scope, &new.mac, new.model.as_str(), &found.id).await)
    })
    .await?;
    services.note_admin_credential(&added);
    let device = match added {
        Ok(device) => device,
        // It may be there all the same; only looking tells.
        Err(error) if error.leaves_it_open() => match device_with(services, &scope, new.mac).await? {
            Some(device) if found.has(&device) => device,
            Some(holder) => return Err(taken(services, &scope, &holder, new.mac).await.into()),
            None => return Err(not_done(services, record, &error).into()),
        },
        Err(WebexError::Refused(answer)) if answer.status == 409 => {
            return Err(match device_with(services, &scope, new.mac).await? {
                Some(holder) => taken(services, &scope, &holder, new.mac).await.into(),
                None => Answer::of(&Notice::mac_taken(&new.mac.to_string(), None)).into(),
            });
        }
        Err(error) => return Err(not_provisioned(services, record, &found, error)),
    };
    Ok(told(services, record, &scope, &device, &effects, found.added(&device, new.mac)).await)
}

/// The card of a device that is there now.
async fn told(
    services: &Services,
    record: &CommandRecord,
    scope: &OrgScope,
    device: &Device,
    side_effects: &[SideEffect<'_>],
    event: Event,
) -> Answer {
    let around = services.surroundings(scope, device).await;
    let view = DeviceAdded {
        device: crate::commands::resolve::choose::in_place(device, &around),
        side_effects,
        actor: &record.accepted.actor,
        now: services.clock.now(),
    };
    Answer::of(&view).audit(event)
}

/// The device that has a MAC address. Webex's filter only narrows the list down.
async fn device_with(services: &Services, scope: &OrgScope, mac: Mac) -> Result<Option<Device>, WebexError> {
    let mut pages = services.admin.device_pages(scope, &[("mac", mac.digits())]);
    while let Some(page) = pages.next().await? {
        let holder = page.into_iter().find(|device| {
            device.mac.as_deref().is_some_and(|text| Mac::parse(text).is_ok_and(|other| other == mac))
        });
        if holder.is_some() {
            return Ok(holder);
        }
    }
    Ok(None)
}

async fn taken(services: &Services, scope: &OrgScope, holder: &Device, mac: Mac) -> Answer {
    let around = services.surroundings(scope, holder).await;
    let place = around.workspace.as_deref().or(around.person.as_deref());
    let name = DeviceWithNames::alone(holder).device.display_name.as_deref();
    let holder = [name, place].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Answer::of(&Notice::mac_taken(&mac.to_string(), (!holder.is_empty()).then_some(holder.as_str())))
}

/// The workspace or person that was named.
async fn place_of(services: &Services, scope: &OrgScope, place: &Place) -> Result<Found, Failure> {
    match place {
        Place::Workspace(reference) => {
            let found = find_workspace(&services.admin, scope, reference.as_str()).await;
            services.note_admin_credential(&found);
            match found? {
                WorkspaceResolution::One(workspace) => {
                    let name = workspace.name.clone().unwrap_or_else(|| reference.as_str().to_owned());
                    Ok(Found {
                        id: PlaceId::Workspace(workspace.id.clone()),
                        name,
                        workspace: Some(*workspace),
                    })
                }
                WorkspaceResolution::Several { workspaces, .. } => {
                    let ids: Vec<String> =
                        workspaces.iter().take(5).map(|workspace| workspace.id.to_string()).collect();
                    Err(Answer::of(&Notice::workspace_ambiguous(reference.as_str(), &ids)).into())
                }
                WorkspaceResolution::None { nearest, .. } => {
                    let near: Vec<&str> = nearest.iter().map(|near| near.text.as_str()).collect();
                    Err(Answer::of(&Notice::workspace_not_found(reference.as_str(), &near)).into())
                }
            }
        }
        Place::Person(email) => {
            let people = services.admin.people_with(email).await;
            services.note_admin_credential(&people);
            match people?.into_iter().find(|person| person.email.as_ref() == Some(email)) {
                Some(person) => Ok(Found {
                    name: person.called().to_owned(),
                    id: PlaceId::Person(person.person_id),
                    workspace: None,
                }),
                None => Err(Answer::of(&Notice::person_not_found(email.as_str())).into()),
            }
        }
    }
}

/// Only a wait that Webex asks for leaves no doubt that nothing was done, so only then is it tried again.
fn not_provisioned(services: &Services, record: &CommandRecord, found: &Found, error: WebexError) -> Failure {
    match error {
        error if error.asked_to_wait().is_some() => error.into(),
        WebexError::Refused(answer) if answer.status == 400 => {
            tracing::warn!(%answer, "Webex refused to bring a device in");
            let is_activation = matches!(record.accepted.command, Command::Activate { .. });
            let is_person = matches!(found.id, PlaceId::Person(_));
            Answer::of(&Notice::not_provisioned(is_activation, is_person, answer.tracking_id.as_deref()))
                .into()
        }
        error => not_done(services, record, &error).into(),
    }
}
