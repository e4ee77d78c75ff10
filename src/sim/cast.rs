//! The people, bots, spaces and tokens that every simulation starts with.
//!
//! The tokens are constants, so that they can be typed: they open nothing but a simulation.

use serde::Serialize;

/// The token of the bot.
pub const BOT_TOKEN: &str = "sim-bot-token";
/// The token of the Service App's machine account.
pub const ADMIN_TOKEN: &str = "sim-admin-token";
/// The same without the right to change devices.
pub const READ_ONLY_ADMIN_TOKEN: &str = "sim-admin-readonly-token";

/// What the Service App is known by.
pub const SERVICE_APP_CLIENT_ID: &str = "Csim0service0app";
/// What proves that it is the one.
pub const SERVICE_APP_CLIENT_SECRET: &str = "sim-service-app-secret";
/// Its refresh token, as the developer portal shows it at first.
pub const SERVICE_APP_REFRESH_TOKEN: &str = "sim-service-app-refresh-token";

/// Somebody who can speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// How the control endpoint calls them: `ana`, `ben`, ...
    pub name: String,
    /// The id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The whole name.
    pub display_name: String,
    /// The organization.
    pub org_id: String,
    /// The access token.
    pub token: String,
}

/// Everybody, and the places where they meet.
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
    /// The group space "AV Operations": everybody is in it.
    pub operations: String,
    /// The direct space of the bot with Ana.
    pub direct_ana: String,
    /// The direct space of the bot with Ben.
    pub direct_ben: String,
    /// The token that can do everything with devices of Example Corp.
    pub admin_token: String,
    /// The token that can only look at them.
    pub read_only_admin_token: String,
}

impl Cast {
    /// Everybody.
    #[must_use]
    pub fn everybody(&self) -> [&Person; 6] {
        [&self.bot, &self.ana, &self.ben, &self.carla, &self.oskar, &self.helper]
    }

    /// Somebody by the name that the control endpoint uses, or by address.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Person> {
        self.everybody().into_iter().find(|person| person.name == name || person.email == name)
    }
}
