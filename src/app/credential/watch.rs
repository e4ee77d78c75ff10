//! What people must know of the credential, in time: in the metrics, the log, `/readyz`, and a space.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::keeper::{Flight, Inner};
use super::{Pair, schedule};
use crate::cards::{self, Notice, moment};
use crate::domain::SpaceId;
use crate::store::{NewMessage, OutgoingId};
use crate::telemetry::readiness::Health;

impl Inner {
    /// Looks at the pair in force. From 14 days before its refresh token ends, the log and the space are told
    /// once a day; that renewing works keeps it from ever coming to that.
    pub(super) async fn watch(&self, flight: &mut Flight, now: Timestamp) {
        let Some(held) = self.held() else { return };
        let pair = &held.pair;
        let left = |until: Timestamp| until.duration_since(now).as_secs();
        self.around.metrics.credential_ends_in(left(pair.access_until), left(pair.refresh_until));
        if pair.access_until <= now {
            self.around.readiness.update(|parts| parts.admin_credential = Health::Unhealthy);
        }
        if schedule::is_ending(pair, now) {
            self.warn(flight, pair, now).await;
        }
    }

    async fn warn(&self, flight: &mut Flight, pair: &Pair, now: Timestamp) {
        let today = Some(TimeZone::UTC.to_datetime(now).date());
        if flight.logged_on != today {
            flight.logged_on = today;
            tracing::warn!(
                refresh_until = %pair.refresh_until,
                left = moment::to_come(pair.refresh_until, now),
                "the refresh token of the Service App ends and could not be renewed; issue new tokens and set \
                 STEWARD_SERVICE_APP_REFRESH_TOKEN"
            );
        }
        let Some(space) = self.around.alert_space.as_ref().filter(|_| flight.told_on != today) else {
            return;
        };
        match self.around.store.post(self.alert(space, pair, now)).await {
            Ok(is_new) => {
                flight.told_on = today;
                if is_new {
                    self.around.reception.ring();
                }
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the alert space could not be told of the refresh token"
                );
            }
        }
    }

    /// Its id is the day, so that of several processes one tells it.
    fn alert(&self, space: &SpaceId, pair: &Pair, now: Timestamp) -> NewMessage {
        let card = cards::render(&Notice::credential_ends(pair.refresh_until, now));
        let day = TimeZone::UTC.to_datetime(now).date();
        NewMessage {
            id: OutgoingId::credential_alert(self.client_id(), day),
            space_id: space.clone(),
            parent_id: None,
            text: card.text().to_owned(),
            card: Some(card.content().clone()),
            at: now,
        }
    }
}
