//! What tests arrange and look into beyond the conversation: workspaces, files, codes, and how hard lists are.

use serde_json::{Value, json};

use super::model::{ActivationCode, SentFile};
use super::{Person, Sim, seed};

#[expect(clippy::must_use_candidate, reason = "what acts on the simulation is often called for that alone")]
impl Sim {
    /// All workspaces, of all organizations.
    #[must_use]
    pub fn workspaces(&self) -> Vec<Value> {
        self.world.model().workspaces.all().collect()
    }

    /// A workspace, if it is there.
    #[must_use]
    pub fn workspace(&self, id: &str) -> Option<Value> {
        self.world.model().workspaces.find(id)
    }

    /// Adds a workspace made of defaults (one of Example Corp, for collaboration devices) and these fields; answers
    /// its id.
    pub fn add_workspace(&self, fields: &Value) -> String {
        self.world.add_workspace(fields)
    }

    /// Changes fields of a workspace (`null` takes one away). Answers whether it is there.
    pub fn change_workspace(&self, id: &str, fields: &Value) -> bool {
        self.world.change(|model| model.workspaces.change(id, fields))
    }

    /// Gives a workspace another name. Answers whether it is there.
    pub fn rename_workspace(&self, id: &str, name: &str) -> bool {
        self.change_workspace(id, &json!({ "displayName": name }))
    }

    /// Takes a workspace away with all its devices. Answers whether it was there.
    pub fn remove_workspace(&self, id: &str) -> bool {
        self.world.remove_workspace(id)
    }

    /// Adds a person to an organization, with the token `sim-token-NAME` and in no space yet.
    pub fn add_person(&self, name: &str, email: &str, display_name: &str, org_id: &str) -> Person {
        self.world.change(|model| seed::join_person(model, [name, email, display_name, org_id]))
    }

    /// The activation codes that were made, oldest first.
    #[must_use]
    pub fn activation_codes(&self) -> Vec<ActivationCode> {
        self.world.model().activation_codes().to_vec()
    }

    /// The most devices that were ever being added at once to one workspace or person.
    #[must_use]
    pub fn most_additions_at_once(&self) -> usize {
        self.world.additions.most()
    }

    /// The file that a message brought, by its id or its URL.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<SentFile> {
        let id = id.rsplit('/').next().unwrap_or(id);
        self.world.model().file(id).cloned()
    }

    /// Takes no files from now on that are larger than this.
    pub fn limit_files(&self, bytes: usize) {
        self.world.change(|model| model.limit_files(bytes));
    }

    /// Cuts pages of devices at this length from now on, whatever is asked for.
    pub fn limit_pages(&self, devices: usize) {
        self.world.paging.limit(devices);
    }

    /// Puts an empty page between any two pages of devices from now on, or no longer.
    pub fn leave_gaps_between_pages(&self, gaps: bool) {
        self.world.paging.leave_gaps(gaps);
    }

    /// Lets the links to next pages of devices lead to this host (`evil.example.com:80`) from now on.
    pub fn lead_next_pages_to(&self, host: &str) {
        self.world.paging.lead_to(host);
    }

    /// Makes Example Corp a partner that administers Partner Ltd as well, or no longer.
    pub fn give_partner_access(&self, given: bool) {
        self.world.give_partner_access(given);
    }

    /// Takes one scope away from all admin tokens, as if it had never been asked for.
    pub fn withhold_scope(&self, scope: &str) {
        self.world.change(|model| model.withhold_scope(scope));
    }
}
