//! Warnings that the credential expires: in the metrics, `/readyz`, the log and the alert space.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::pair::TokenPair;
use super::renewal::{RenewalState, Renewer};
use crate::cards::{self, Notice, moment};
use crate::domain::SpaceId;
use crate::store::{NewMessage, OutgoingId};
use crate::telemetry::readiness::Health;

/// Reports how long the token pair in use lasts. If renewals keep failing until its refresh token is about to expire,
/// the log and the alert space get one warning a day.
pub(super) async fn check(renewer: &Renewer, state: &mut RenewalState, now: Timestamp) {
    let Some(pair) = renewer.pair() else { return };
    let seconds_left = |until: Timestamp| until.duration_since(now).as_secs();
    let services = &renewer.services;
    services.metrics.credential_ends_in(seconds_left(pair.access_until), seconds_left(pair.refresh_until));
    if pair.access_until <= now {
        services.readiness.update(|parts| parts.admin_credential = Health::Unhealthy);
    }
    if !pair.is_expiring(now) {
        return;
    }
    let today = TimeZone::UTC.to_datetime(now).date();
    if state.logged_on != Some(today) {
        state.logged_on = Some(today);
        tracing::warn!(
            client_id = %renewer.client_id(),
            refresh_until = %pair.refresh_until,
            left = moment::to_come(pair.refresh_until, now),
            "the refresh token of the Service App expires and could not be renewed; issue new tokens and set \
             STEWARD_SERVICE_APP_REFRESH_TOKEN"
        );
    }
    let Some(space) = services.alert_space.as_ref().filter(|_| state.alerted_on != Some(today)) else {
        return;
    };
    match services.store.post(alert(renewer, space, &pair, today, now)).await {
        Ok(is_new) => {
            state.alerted_on = Some(today);
            if is_new {
                services.handoff.wake();
            }
        }
        Err(error) => tracing::error!(
            error = &error as &dyn std::error::Error,
            %space,
            "could not queue the warning for the alert space that the refresh token expires"
        ),
    }
}

/// The warning for the alert space. The day is part of its id, so that only one of several processes posts it.
fn alert(renewer: &Renewer, space: &SpaceId, pair: &TokenPair, today: Date, now: Timestamp) -> NewMessage {
    let card = cards::render(&Notice::credential_ends(pair.refresh_until, now));
    NewMessage {
        id: OutgoingId::credential_alert(renewer.client_id(), today),
        space_id: space.clone(),
        parent_id: None,
        text: card.text().to_owned(),
        card: Some(card.content().clone()),
        at: now,
    }
}
