//! The initial population: two organizations, their people, two bots, three spaces, and their tokens.
//!
//! The tokens are constants, so that they can be typed; they are useless outside a simulation. The fleet has its own
//! module and its own random source, so its size never changes an id of the cast.

use serde::Serialize;

use super::model::Model;
use super::model::stored::{AccessToken, AccountKind, TokenKind};
use super::model::tokens::{ADMIN_SCOPES, CONVERSATION_SCOPES, READ_ONLY_ADMIN_SCOPES};

/// The token of the bot.
pub const BOT_TOKEN: &str = "sim-bot-token";
/// The token of the Service App's machine account.
pub const ADMIN_TOKEN: &str = "sim-admin-token";
/// An admin token without the right to change devices.
pub const READ_ONLY_ADMIN_TOKEN: &str = "sim-admin-readonly-token";

/// The client id of the Service App.
pub const SERVICE_APP_CLIENT_ID: &str = "Csim0service0app";
/// The client secret of the Service App.
pub const SERVICE_APP_CLIENT_SECRET: &str = "sim-service-app-secret";
/// The first refresh token of the Service App, as the developer portal shows it.
pub const SERVICE_APP_REFRESH_TOKEN: &str = "sim-service-app-refresh-token";

/// A person or bot that can post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub struct Person {
    /// The name at the control endpoint: `ana`, `ben`, ...
    pub name: String,
    pub id: String,
    pub email: String,
    pub display_name: String,
    pub org_id: String,
    /// The access token.
    pub token: String,
}

/// All people and bots, and the spaces they share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cast {
    /// "Steward Desk", the bot.
    pub bot: Person,
    /// Ana Alvarez of Example Corp.
    pub ana: Person,
    /// Ben Bauer of Example Corp.
    pub ben: Person,
    /// Carla Conti of Example Corp.
    pub carla: Person,
    /// Oskar Olsen of Partner Ltd.
    pub oskar: Person,
    /// "Helper", another bot.
    pub helper: Person,
    /// Example Corp.
    pub example_org: String,
    /// Partner Ltd.
    pub partner_org: String,
    /// The group space "AV Operations", with everyone in it.
    pub operations: String,
    /// The direct space of the bot with Ana.
    pub direct_ana: String,
    /// The direct space of the bot with Ben.
    pub direct_ben: String,
    /// The token that can do everything with devices of Example Corp.
    pub admin_token: String,
    /// The token that can only read them.
    pub read_only_admin_token: String,
}

impl Cast {
    /// All people and bots.
    pub fn everybody(&self) -> [&Person; 6] {
        [&self.bot, &self.ana, &self.ben, &self.carla, &self.oskar, &self.helper]
    }

    /// The person or bot with this name (as used by the control endpoint) or email address.
    pub(super) fn named(&self, name: &str) -> Option<&Person> {
        self.everybody().into_iter().find(|person| person.name == name || person.email == name)
    }
}

/// Fills an empty model with the cast and its spaces.
pub(super) fn populate(model: &mut Model) -> Cast {
    let example_org = model.add_organization("Example Corp");
    let partner_org = model.add_organization("Partner Ltd");
    let (bots, people) = (AccountKind::Bot, AccountKind::Person);
    let bot = join(model, bots, ["bot", "steward@webex.bot", "Steward Desk", &example_org]);
    let ana = join(model, people, ["ana", "ana@example.com", "Ana Alvarez", &example_org]);
    let ben = join(model, people, ["ben", "ben@example.com", "Ben Bauer", &example_org]);
    let carla = join(model, people, ["carla", "carla@example.com", "Carla Conti", &example_org]);
    let oskar = join(model, people, ["oskar", "oskar@partner.example", "Oskar Olsen", &partner_org]);
    let helper = join(model, bots, ["helper", "helper@webex.bot", "Helper", &example_org]);
    authorize_service_app(model, &example_org);

    let members = [&ana, &bot, &ben, &carla, &oskar, &helper].map(|person| person.id.as_str());
    let operations = model.add_group("AV Operations", &members);
    let (direct_ana, _) = model.open_direct(&ana.id, &bot.id);
    let (direct_ben, _) = model.open_direct(&ben.id, &bot.id);
    Cast {
        bot,
        ana,
        ben,
        carla,
        oskar,
        helper,
        example_org,
        partner_org,
        operations,
        direct_ana,
        direct_ben,
        admin_token: ADMIN_TOKEN.to_owned(),
        read_only_admin_token: READ_ONLY_ADMIN_TOKEN.to_owned(),
    }
}

/// Adds an account with a token. The account is described by name, address, display name and organization.
pub(super) fn join(model: &mut Model, kind: AccountKind, described: [&str; 4]) -> Person {
    let [name, email, display_name, org_id] = described.map(str::to_owned);
    let token = if name == "bot" { BOT_TOKEN.to_owned() } else { format!("sim-token-{name}") };
    let id = model.add_account(kind, &email, &display_name, &org_id);
    let person = Person { name, id, email, display_name, org_id, token };
    let kind = if kind == AccountKind::Bot { TokenKind::Bot } else { TokenKind::Person };
    add_token(model, kind, [&person.token, &person.name, &person.id, &person.org_id], CONVERSATION_SCOPES);
    person
}

/// Adds a token, described by value, name, account and organization, that never expires.
fn add_token(model: &mut Model, kind: TokenKind, described: [&str; 4], scopes: &[&'static str]) {
    let [value, name, person_id, org_id] = described.map(str::to_owned);
    model.add_token(AccessToken {
        value,
        name,
        kind,
        person_id,
        org_id,
        scopes: scopes.to_vec(),
        until: None,
    });
}

/// Adds a token with which a person administers the devices of their organization.
pub(super) fn add_admin_token(model: &mut Model, person: &Person, token: &str) {
    add_token(model, TokenKind::Admin, [token, "admin-person", &person.id, &person.org_id], ADMIN_SCOPES);
}

/// The machine account of the Service App that an administrator of the organization authorized: two tokens that never
/// expire, and a refresh token for others that do.
fn authorize_service_app(model: &mut Model, org_id: &str) {
    let (email, name) = ("steward-service-app@example.com", "Steward Service App");
    let id = model.add_account(AccountKind::Machine, email, name, org_id);
    add_token(model, TokenKind::Admin, [ADMIN_TOKEN, "admin", &id, org_id], ADMIN_SCOPES);
    let read_only = [READ_ONLY_ADMIN_TOKEN, "admin-readonly", &id, org_id];
    add_token(model, TokenKind::Admin, read_only, READ_ONLY_ADMIN_SCOPES);
    let client = (SERVICE_APP_CLIENT_ID, SERVICE_APP_CLIENT_SECRET);
    model.authorize_service_app(client, &id, org_id, SERVICE_APP_REFRESH_TOKEN);
}
