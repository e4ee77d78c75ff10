//! Makes the calls of `steward check` and collects the findings.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::finding::{Check, Finding, Report, with_causes};
use super::machine::{self, Listener};
use super::public_address::{self, Asked};
use super::running::must_be_running;
use super::webex::{self as judge, AdminLookup, ApiAnswer, ReadScope};
use crate::app::build::transport;
use crate::app::config::{AdminCredential, AdminName, Settings};
use crate::app::credential::CredentialError;
use crate::app::front_door::FrontDoor;
use crate::app::identity::{FoundPerson, IdentityLookup};
use crate::app::webhooks::Webhooks;
use crate::domain::clock::Clock;
use crate::domain::{EmailAddress, OrgId};
use crate::store::Store;
use crate::webex::proxy::route_to;
use crate::webex::{Account, AdminToken, FixedToken, Timeouts, Transport, WebexError};

const SETTINGS: Check = Check { name: "settings", expected: "complete and valid settings" };
const HTTP: Check = Check { name: "webex_api", expected: "Webex's API" };
/// The checks that need the bot token and Webex.
const BOT_CHECKS: [Check; 2] = [judge::ADMINS, judge::WEBHOOKS];
/// The checks that need a working admin credential.
const SCOPE_CHECKS: [Check; 5] = [
    judge::DEVICES.check,
    judge::WORKSPACES.check,
    judge::LOCATIONS.check,
    judge::PEOPLE.check,
    judge::ORGANIZATIONS.check,
];
const NO_TOKEN_YET: &str = "the Service App has no valid access token yet; `steward serve` requests one, but a check must \
                            not use up the refresh token";

/// Checks everything that Steward needs, and changes nothing.
pub async fn check(settings: Settings, clock: Arc<dyn Clock>) -> Report {
    let listener = look_at(settings.listen).await;
    let (token, encryption_key) = admin_token(&settings, &clock).await;
    let mut findings = vec![
        SETTINGS.good("all in order"),
        machine::judge_log_filter(&settings.log.filter),
        machine::judge_database(&Store::inspect(settings.database_url.expose_secret()).await),
        encryption_key,
        machine::judge_address(settings.listen, &listener),
    ];
    let public_address = ask_public_address(&settings, &listener).await;
    match transport(&settings, Timeouts::default(), &clock, &Arc::default()) {
        // Boxed to keep this future small.
        Ok(transport) => findings.extend(Box::pin(ask_webex(settings, &clock, transport, token)).await),
        Err(error) => {
            findings.push(HTTP.failed(error.to_string(), "Install the root certificates of this system."));
        }
    }
    findings.push(public_address);
    Report::of(findings)
}

async fn look_at(address: SocketAddr) -> Listener {
    match TcpListener::bind(address) {
        Ok(_) => Listener::Free,
        Err(error) if error.kind() != ErrorKind::AddrInUse => Listener::Unusable(error),
        Err(_) if must_be_running(address).await.is_ok() => Listener::Steward,
        Err(error) => Listener::Other(error),
    }
}

/// The admin token to check, and the state of the key that seals the tokens of a Service App.
async fn admin_token(settings: &Settings, clock: &Arc<dyn Clock>) -> (Option<AdminToken>, Finding) {
    let service_app = match &settings.admin {
        AdminCredential::FixedToken(token) => {
            return (Some(token.clone()), judge::ENCRYPTION_KEY.good("not needed with STEWARD_ADMIN_TOKEN"));
        }
        AdminCredential::ServiceApp(service_app) => service_app,
    };
    match service_app.peek(settings.database_url.expose_secret()).await {
        Ok(Some(pair)) if clock.now() < pair.access_until => {
            (Some(pair.access_token), judge::ENCRYPTION_KEY.good("it opens the stored tokens"))
        }
        Ok(Some(_)) => (None, judge::ENCRYPTION_KEY.good("it opens the stored tokens, which have expired")),
        Ok(None) => (None, judge::ENCRYPTION_KEY.good("a valid key; no tokens are stored yet")),
        Err(error @ CredentialError::WrongKey) => {
            let to_do = "Set the key that was set when the tokens were stored, or a new refresh token of the Service App.";
            (None, judge::ENCRYPTION_KEY.misconfigured(error.to_string(), to_do))
        }
        Err(CredentialError::Store(_)) => {
            (None, judge::ENCRYPTION_KEY.not_checked("the database could not be read"))
        }
    }
}

async fn ask_public_address(settings: &Settings, here: &Listener) -> Finding {
    match FrontDoor::new(settings) {
        Ok(Some(front_door)) => {
            let asked = Asked { probe: front_door.probe().await, unsigned: front_door.post_unsigned().await };
            public_address::judge_public_address(front_door.address(), &asked, here)
        }
        Ok(None) | Err(_) => public_address::judge_no_public_address(),
    }
}

async fn ask_webex(
    settings: Settings,
    clock: &Arc<dyn Clock>,
    transport: Transport,
    token: Option<AdminToken>,
) -> Vec<Finding> {
    let api = settings.webex_api.to_string();
    let knocked = transport.knock().await;
    let now = clock.now();
    let date = knocked.as_ref().ok().and_then(|answer| answer.date);
    let answer = match &knocked {
        Ok(knock) => Ok(ApiAnswer { status: knock.status, has_tracking_id: knock.has_tracking_id }),
        Err(WebexError::Unreachable(why)) => Err(why.cause()),
        Err(error) => Err(error.to_string()),
    };
    let finding = judge::judge_api(&api, &route_to(&settings.webex_api), &answer);
    let is_there = answer.is_ok_and(|answer| answer.has_tracking_id);
    let mut findings = vec![finding, machine::judge_clock(now, date)];
    if !is_there {
        let skipped = [judge::BOT_TOKEN, judge::ADMIN].into_iter().chain(SCOPE_CHECKS).chain(BOT_CHECKS);
        findings.extend(skipped.map(|check| check.not_checked("Webex's API was not reached")));
        return findings;
    }
    let has_token = token.is_some();
    // Without a token no call with it is made.
    let token = FixedToken(token.unwrap_or_else(|| AdminToken::new(String::new().into())));
    let lookup = IdentityLookup::new(settings, clock.clone(), transport, Arc::new(token));
    let bot = lookup.bot_client.account().await;
    findings.push(judge::judge_bot(&bot));
    let orgs = if has_token {
        ask_admin(&lookup, &mut findings).await
    } else {
        let skipped = [judge::ADMIN].into_iter().chain(SCOPE_CHECKS);
        findings.extend(skipped.map(|check| check.not_checked(NO_TOKEN_YET)));
        lookup.settings.orgs.clone()
    };
    if bot.is_err_and(|error| error.is_token_rejected()) {
        findings.extend(BOT_CHECKS.map(|check| check.not_checked("Webex rejects the bot token")));
        return findings;
    }
    findings.extend(ask_for_admins(&lookup, &orgs, has_token).await);
    if let Some(space) = &lookup.settings.alert_space {
        findings.push(judge::judge_alert_space(space, &lookup.bot_client.sees_space(space).await));
    }
    let webhooks = Webhooks::new(&lookup.settings, lookup.bot_client.clone());
    findings.push(judge::judge_webhooks(webhooks.are_managed(), &webhooks.plan_repair().await));
    findings
}

/// Checks the account and the scopes of the admin credential. Returns the organizations whose people are served.
async fn ask_admin(lookup: &IdentityLookup, findings: &mut Vec<Finding>) -> Vec<OrgId> {
    let account = lookup.admin.account().await;
    let variable = lookup.settings.admin.variable();
    findings.push(judge::judge_admin(variable, &account));
    if account.as_ref().is_err_and(WebexError::is_token_rejected) {
        findings.extend(SCOPE_CHECKS.map(|check| check.not_checked("Webex rejects the credential")));
        return lookup.settings.orgs.clone();
    }
    let target = lookup.settings.target_org.as_ref();
    let judge = |scope: &ReadScope, answer| judge::judge_scope(scope, target, &answer);
    findings.push(judge(&judge::DEVICES, lookup.admin.may_list("devices").await));
    findings.push(judge(&judge::WORKSPACES, lookup.admin.may_list("workspaces").await));
    findings.push(judge(&judge::LOCATIONS, lookup.admin.may_list("locations").await));
    findings.push(match an_address(lookup, account.as_ref().ok()) {
        Some(email) => judge(&judge::PEOPLE, lookup.admin.people_by_email(&email).await.map(drop)),
        None => judge::PEOPLE.check.not_checked("no address is known that could be looked up"),
    });
    findings.push(judge(&judge::ORGANIZATIONS, lookup.admin.organizations().await.map(drop)));
    findings.push(judge::CHANGING.not_checked("only a change would show them, and a check changes nothing"));
    if !lookup.settings.orgs.is_empty() {
        return lookup.settings.orgs.clone();
    }
    account.ok().and_then(|account| account.actor.org_id).into_iter().collect()
}

/// An address to look up, because Webex lists people only by name or address: an admin's, else the credential's own.
fn an_address(lookup: &IdentityLookup, account: Option<&Account>) -> Option<EmailAddress> {
    let listed = lookup.settings.admins.iter().find_map(|name| match name {
        AdminName::Email(email) => Some(email.clone()),
        AdminName::Person(_) => None,
    });
    listed.or_else(|| account?.actor.email.clone())
}

async fn ask_for_admins(lookup: &IdentityLookup, orgs: &[OrgId], has_token: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in &lookup.settings.admins {
        let found = match name {
            AdminName::Email(email) if has_token => lookup.search(email).await,
            AdminName::Email(email) => lookup.search_as_bot(email).await,
            AdminName::Person(id) => lookup.find(id).await,
        };
        let is_unknown = !has_token && matches!(found, Ok(FoundPerson::Nobody));
        let found = found.map_or_else(|error| AdminLookup::Failed(with_causes(&error)), AdminLookup::Found);
        findings.push(if is_unknown {
            judge::ADMINS.not_checked("the bot finds nobody; the admin credential was not asked")
        } else {
            judge::judge_admin_person(name, orgs, &found)
        });
    }
    if findings.is_empty() {
        findings.push(judge::judge_no_admins());
    }
    findings
}
