//! Judges the answers of Webex: the API itself, the accounts behind both tokens, scopes, admins and webhooks. Pure.

use super::finding::{Check, Finding};
use crate::app::config::AdminName;
use crate::app::identity::{FoundPerson, IdentityError, must_be_a_bot, must_not_be_a_bot};
use crate::app::webhooks::WebhookAction;
use crate::domain::text::sentence;
use crate::domain::{Actor, OrgId, SpaceId};
use crate::webex::{Account, AccountKind, WebexError};

const API: Check = Check { name: "webex_api", expected: "Webex's API" };
pub(super) const BOT_TOKEN: Check = Check { name: "bot_token", expected: "the token of a bot" };
pub(super) const ADMIN: Check =
    Check { name: "admin_credential", expected: "a credential that may administer devices" };
pub(super) const ENCRYPTION_KEY: Check =
    Check { name: "encryption_key", expected: "the key that sealed the tokens in the database" };
pub(super) const ADMINS: Check = Check { name: "admins", expected: "people that Webex knows" };
pub(super) const WEBHOOKS: Check =
    Check { name: "webhooks", expected: "three active webhooks that deliver to this Steward" };
const ALERT_SPACE: Check = Check { name: "alert_space", expected: "a space that the bot is in" };
pub(super) const CHANGING: Check =
    Check { name: "changing_scopes", expected: "scopes for changing devices and for activation codes" };

/// A list that the admin credential must be able to read. The check expects the scope for that.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadScope {
    pub(super) check: Check,
    needed_for: &'static str,
    /// Without it, Steward cannot do its main job.
    is_essential: bool,
}

pub(super) const DEVICES: ReadScope = ReadScope {
    check: Check { name: "devices", expected: "spark-admin:devices_read" },
    needed_for: "finding and reading devices",
    is_essential: true,
};
pub(super) const WORKSPACES: ReadScope = ReadScope {
    check: Check { name: "workspaces", expected: "spark-admin:workspaces_read" },
    needed_for: "names of workspaces",
    is_essential: false,
};
pub(super) const LOCATIONS: ReadScope = ReadScope {
    check: Check { name: "locations", expected: "spark-admin:locations_read" },
    needed_for: "names of locations",
    is_essential: false,
};
pub(super) const PEOPLE: ReadScope = ReadScope {
    check: Check { name: "people", expected: "spark-admin:people_read" },
    needed_for: "names of owners and addresses of admins",
    is_essential: false,
};
pub(super) const ORGANIZATIONS: ReadScope = ReadScope {
    check: Check { name: "organizations", expected: "spark-admin:organizations_read" },
    needed_for: "`in org \"NAME\"`",
    is_essential: false,
};

/// An answer to a call without a token: Webex's own refusal is JSON with a tracking id.
#[derive(Debug, Clone)]
pub(super) struct ApiAnswer {
    pub(super) status: u16,
    pub(super) has_tracking_id: bool,
}

/// Judges whether Webex's API is there. The error of an unreachable one names the address and the proxy.
pub(super) fn judge_api(api: &str, route: &str, answer: &Result<ApiAnswer, String>) -> Finding {
    let remedy =
        "Check STEWARD_WEBEX_API: https://webexapis.com/v1, or https://api-usgov.webex.com/v1 for FedRAMP.";
    match answer {
        Ok(answer) if answer.has_tracking_id && answer.status == 401 => {
            if api.trim_end_matches('/').ends_with("/v1") {
                API.good(api)
            } else {
                API.misconfigured(
                    format!("{api} does not end in /v1, as the address of Webex's API does"),
                    remedy,
                )
            }
        }
        Ok(answer) if answer.has_tracking_id && answer.status != 404 => API.warning(
            format!("{api} answers {} to a call without a token, not 401", answer.status),
            "Try again in a few minutes; status.webex.com shows Webex's own disruptions.",
        ),
        Ok(answer) => {
            API.misconfigured(format!("{api} answers {} and is not Webex's API", answer.status), remedy)
        }
        Err(why) => API.failed(
            format!("cannot reach {route}: {why}"),
            format!("Check the network, HTTPS_PROXY and NO_PROXY. {remedy}"),
        ),
    }
}

pub(super) fn judge_bot(account: &Result<Account, WebexError>) -> Finding {
    match account {
        Ok(account) => match must_be_a_bot(account.kind) {
            Ok(()) => BOT_TOKEN.good(account.label()),
            Err(error) => BOT_TOKEN.misconfigured(
                format!("the token of {} ({})", account.kind.with_article(), account.label()),
                sentence(&remedy_of(&error)),
            ),
        },
        Err(error) => judge_failed_call(
            BOT_TOKEN,
            error,
            "Copy the token of the bot again from developer.webex.com; regenerating it invalidates the old one.",
        ),
    }
}

pub(super) fn judge_admin(variable: &'static str, account: &Result<Account, WebexError>) -> Finding {
    match account {
        Ok(account) => match must_not_be_a_bot(variable, account.kind) {
            Ok(()) if account.kind == AccountKind::Person => ADMIN.good(format!(
                "the token of a person ({}); a personal access token works for 12 hours",
                account.label()
            )),
            Ok(()) => ADMIN.good(format!("{} ({})", account.kind.with_article(), account.label())),
            Err(error) => ADMIN.misconfigured(
                format!("{variable} is the token of {} ({})", account.kind.with_article(), account.label()),
                sentence(&remedy_of(&error)),
            ),
        },
        Err(error) if is_forbidden(error) => {
            ADMIN.good("a credential that may not read itself; its other scopes follow")
        }
        Err(error) => judge_failed_call(ADMIN, error, &format!("Set {variable} to a new token.")),
    }
}

fn remedy_of(error: &IdentityError) -> String {
    match error {
        IdentityError::WrongKind { remedy, .. } => (*remedy).to_owned(),
        error => error.to_string(),
    }
}

/// The first letter as a capital, and a full stop.
pub(super) fn judge_scope(
    scope: &ReadScope,
    org: Option<&OrgId>,
    answer: &Result<(), WebexError>,
) -> Finding {
    let ReadScope { check, needed_for, is_essential } = *scope;
    let name = check.expected;
    let Err(error) = answer else { return check.good(format!("granted ({needed_for})")) };
    if !is_forbidden(error) && !matches!(error, WebexError::NotFound(_)) {
        return judge_failed_call(check, error, "Try again in a few minutes.");
    }
    let target = org.map_or_else(String::new, |org| {
        format!(" Check that STEWARD_TARGET_ORG ({org}) is the id of an organization that it may administer.")
    });
    let found = format!("not granted ({error})");
    let to_do = format!(
        "Give the admin credential the scope {name}, needed for {needed_for}, and an administrator's role; then have it \
         authorized again.{target}"
    );
    if is_essential { check.misconfigured(found, to_do) } else { check.warning(found, to_do) }
}

/// A call that failed for another reason than a missing scope.
pub(super) fn judge_failed_call(check: Check, error: &WebexError, to_do_if_rejected: &str) -> Finding {
    match error {
        error if error.is_token_rejected() => {
            check.misconfigured(format!("Webex rejects it ({error})"), to_do_if_rejected)
        }
        error if is_forbidden(error) => check.misconfigured(error.to_string(), to_do_if_rejected),
        error if error.requested_wait().is_some() => {
            check.failed(error.to_string(), "Wait as long as Webex asks, then check again.")
        }
        error => check.failed(error.to_string(), "Try again in a few minutes."),
    }
}

fn is_forbidden(error: &WebexError) -> bool {
    error.answer().is_some_and(|answer| answer.status == 403)
}

/// A lookup of one person on the list of admins.
#[derive(Debug)]
pub(super) enum AdminLookup {
    Found(FoundPerson),
    Failed(String),
}

pub(super) fn judge_no_admins() -> Finding {
    ADMINS.warning("STEWARD_ADMINS is empty, so nobody may use the bot", "List the people who may use it.")
}

pub(super) fn judge_admin_person(name: &AdminName, orgs: &[OrgId], lookup: &AdminLookup) -> Finding {
    let name = match name {
        AdminName::Email(email) => email.to_string(),
        AdminName::Person(id) => id.to_string(),
    };
    match lookup {
        AdminLookup::Found(FoundPerson::One(person)) => judge_person(&name, orgs, person),
        AdminLookup::Found(FoundPerson::Nobody) => ADMINS.misconfigured(
            format!("{name}: neither the bot nor the admin credential finds this person"),
            "Correct it in STEWARD_ADMINS, or list the person id: `whoami` in a direct message to the bot shows it.",
        ),
        AdminLookup::Found(FoundPerson::Several) => ADMINS.misconfigured(
            format!("{name}: several people have it"),
            "List the person id instead: `whoami` in a direct message to the bot shows it.",
        ),
        AdminLookup::Failed(why) => ADMINS.failed(format!("{name}: {why}"), "Try again in a few minutes."),
    }
}

fn judge_person(name: &str, orgs: &[OrgId], person: &Actor) -> Finding {
    if person.is_machine {
        return ADMINS.misconfigured(
            format!("{name} is a bot or a machine account, which Steward never serves"),
            "List a person in STEWARD_ADMINS.",
        );
    }
    match &person.org_id {
        Some(org) if !orgs.is_empty() && !orgs.contains(org) => ADMINS.warning(
            format!("{name} belongs to the organization {org}, which Steward does not serve"),
            "Add that organization to STEWARD_ORGS, or remove the person from STEWARD_ADMINS.",
        ),
        _ => ADMINS.good(format!("{name} is {}", person.label())),
    }
}

pub(super) fn judge_alert_space(space: &SpaceId, answer: &Result<(), WebexError>) -> Finding {
    match answer {
        Ok(()) => ALERT_SPACE.good("the bot is in it"),
        Err(WebexError::NotFound(_)) => ALERT_SPACE.misconfigured(
            format!("{space}: the bot is not in it, or there is no such space"),
            "Add the bot to the space, or correct STEWARD_ALERT_SPACE.",
        ),
        Err(error) => judge_failed_call(ALERT_SPACE, error, "Check the bot token."),
    }
}

pub(super) fn judge_webhooks(is_managed: bool, repair: &Result<Vec<WebhookAction>, WebexError>) -> Finding {
    let serve = "`steward serve` does this at start; `steward webhooks sync` does it now.";
    match repair {
        _ if !is_managed => WEBHOOKS.warning(
            "STEWARD_PUBLIC_URL is not set, so Steward does not manage webhooks",
            "Set STEWARD_PUBLIC_URL, or register the webhooks yourself.",
        ),
        Ok(repair) if repair.is_empty() => WEBHOOKS.good("all in order"),
        Ok(repair) => {
            let steps: Vec<String> =
                repair.iter().map(|step| format!("{} {:?}", step.imperative(), step.name())).collect();
            WEBHOOKS.warning(format!("to do: {}", steps.join(", ")), serve)
        }
        Err(error) => judge_failed_call(WEBHOOKS, error, "Check the bot token."),
    }
}
