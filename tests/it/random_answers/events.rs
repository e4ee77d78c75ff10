//! How Webex answers, and everything that happens without Ana.

use jiff::SignedDuration;
use serde_json::json;
use steward::sim::FaultRule;

use super::records::{FLOOR, MAC, NAME, SERIAL};
use super::stage::{Stage, changes_sent};
use super::story::{Call, Event, Trouble};
use crate::world::World;

impl Stage {
    /// The rule for a call of the story.
    pub fn rule(&self, call: Call) -> FaultRule {
        let ana = format!("/people/{}", self.world.cast.ana.id);
        let (method, path) = match call {
            Call::Read => ("GET", "/devices/*"),
            Call::List => ("GET", "/devices"),
            Call::Workspace => ("GET", "/workspaces/*"),
            Call::Workspaces => ("GET", "/workspaces"),
            Call::People => ("GET", ana.as_str()),
            Call::Change => self.story.order.change(),
        };
        FaultRule::on(method, path)
    }

    pub fn add_trouble(&self, call: Call, trouble: Trouble, skip: u32, times: u32) {
        let rule = self.rule(call).skipping(skip).times(times);
        let effect = |rule: FaultRule| if call == Call::Change { rule.after_effect() } else { rule };
        self.world.sim.fault(match trouble {
            Trouble::Status(status) => rule.status(status),
            Trouble::StatusAfterEffect(status) => effect(rule.status(status)),
            Trouble::Lost => rule.dropping_connection(),
            Trouble::LostAfterEffect => effect(rule.dropping_connection()),
            Trouble::Html404 => rule.status(404).html_body(),
            Trouble::Empty404 => rule.status(404).empty_body(),
            Trouble::Untracked404 => rule.status(404).untracked(),
            Trouble::NoStaticResource => {
                rule.status(404).json_body(json!({ "message": "No static resource devices/1." }))
            }
            Trouble::OtherOrganization if matches!(call, Call::Read | Call::List) => {
                let record = json!({
                    "id": self.records.device,
                    "serial": SERIAL,
                    "orgId": self.world.cast.partner_org,
                });
                rule.json_body(if call == Call::List { json!({ "items": [record] }) } else { record })
            }
            Trouble::ListLies if call == Call::List => {
                let mut lie = self.world.sim.device(&self.records.other).unwrap_or_default();
                (lie["serial"], lie["mac"], lie["displayName"]) = (json!(SERIAL), json!(MAC), json!(NAME));
                rule.json_body(json!({ "items": [lie] }))
            }
            Trouble::OtherOrganization | Trouble::ListLies => rule.status(503),
        });
    }

    /// Lets something happen, without running any job.
    pub async fn happen(&mut self, event: Event) {
        let cast = self.world.cast.clone();
        match event {
            Event::Crash => self.restart(&[]).await,
            Event::OtherTarget => self.restart(&[("STEWARD_TARGET_ORG", &cast.partner_org)]).await,
            Event::OwnTarget => self.restart(&[("STEWARD_TARGET_ORG", "")]).await,
            Event::OtherCredential => {
                let token = self.world.sim.admin_token_of(&cast.oskar);
                self.restart(&[("STEWARD_ADMIN_TOKEN", &token)]).await;
            }
            Event::FirstCredential => self.restart(&[("STEWARD_ADMIN_TOKEN", &cast.admin_token)]).await,
            Event::LoseAccess => lose_access(&self.world),
            Event::Recover => self.world.sim.clear_faults(),
            Event::AnaLeaves => {
                let elsewhere = json!({ "orgId": "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9lbHNld2hlcmU" });
                self.world.sim.change_person(&cast.ana.id, &elsewhere);
                self.changes_when_ana_left.get_or_insert(changes_sent(&self.world));
            }
            Event::RightWithdrawn => {
                self.restart(&[("STEWARD_ADMINS", &cast.oskar.email)]).await;
                self.changes_when_ana_left.get_or_insert(changes_sent(&self.world));
            }
            Event::Wait(seconds) => self.world.clock.advance(SignedDuration::from_secs(seconds)),
            Event::Renamed
            | Event::NamesMoveOn
            | Event::Replaced
            | Event::CallingChanged
            | Event::DeletedByOthers
            | Event::TaggedByOthers => self.change_by_others(event),
        }
    }

    /// Restarts Steward with changed settings, as often as it takes: Webex may fail at the start.
    pub async fn restart(&mut self, changes: &[(&str, &str)]) {
        for _ in 0..10 {
            if self.world.restart_with(changes).await.is_ok() {
                return;
            }
            self.world.clock.advance(SignedDuration::from_secs(1));
        }
        panic!("Steward does not start");
    }

    /// Others change the records. Some changes would give a command that has not been looked at yet another meaning, so
    /// they happen only once it has an answer, or a card that asks.
    fn change_by_others(&mut self, event: Event) {
        let first = self.orders.first();
        let is_seen = self.story.twin.is_none() || first.is_some_and(|ordered| ordered.is_seen);
        let is_asked = first.is_some_and(|ordered| ordered.shown.is_some());
        let Self { world, ledger, records, .. } = self;
        let sim = &world.sim;
        match event {
            Event::Renamed if is_seen => records.rename(world, ledger),
            Event::NamesMoveOn if is_asked => {
                records.rename(world, ledger);
                records.give_names_to_others(world, ledger);
            }
            Event::Replaced => {
                ledger.change_device(sim, &records.device, &json!({ "serial": "FOC2719NEW0" }));
            }
            Event::CallingChanged if is_asked => {
                let calling = json!({ "calling": { "type": "thirdPartySipCalling" } });
                ledger.change_workspace(sim, &records.lounge, &calling);
            }
            Event::DeletedByOthers if is_seen => ledger.remove_device(sim, &records.device),
            Event::TaggedByOthers => {
                ledger.tag_device(sim, &records.device, "by-others");
                ledger.tag_device(sim, &records.other, FLOOR);
            }
            _ => {}
        }
    }
}

/// From now on Webex answers like this, and like nothing else.
fn lose_access(world: &World) {
    let sim = &world.sim;
    sim.clear_faults();
    for (method, path) in
        [("GET", "/devices/*"), ("DELETE", "/devices/*"), ("PATCH", "/devices/*"), ("GET", "/workspaces/*")]
    {
        sim.fault(FaultRule::on(method, path).status(404));
    }
    for path in ["/devices", "/workspaces"] {
        sim.fault(FaultRule::on("GET", path).json_body(json!({ "items": [] })));
    }
}

/// The rule for one change of tags, which takes this long in real time.
pub fn slow_tags(milliseconds: u64) -> FaultRule {
    FaultRule::on("PATCH", "/devices/*").delayed_ms(milliseconds).once()
}
