//! Every sentence that people read, built by a named function and nowhere else.
//!
//! Pure, and free of markup: what comes out of here is plain text. The tone is calm and exact: what happened,
//! then what to do next, with the name of the setting or the command that does it. No sentence carries a
//! secret, and no refusal says whether a device exists.

mod action;
mod credential;
mod device;
mod list;
mod next;
mod not_done;
mod not_provisioned;
mod not_shown;
mod organization;
mod outcome;
mod proposal;
mod provision;
mod reference;
mod refusal;
mod tags;
mod tags_of_many;
mod waiting;
mod welcome;

pub use action::{
    ACTIVATE_REPLACEMENT, CANCEL, CONFIRM, CSV, DELETE, DEVICES_IN_CONTROL_HUB, NEXT_PAGE,
    WORKSPACE_IN_CONTROL_HUB, choose,
};
pub use credential::credential_ends;
pub use device::{errors, kind, maintenance, managed_by, platform, seen, status};
pub use list::exported;
pub use list::{
    NOT_TOLD, NOTHING, and_more, devices_found, how_to_export, more, nothing_listed, others, page, unreadable,
};
pub use next::{Replacement, Watch, what_next};
pub use not_done::{given_up, not_done};
pub use not_provisioned::{
    code_not_sent, code_unclear, mac_taken, not_provisioned, person_not_found, phone_needs_a_model,
    workspace_ambiguous, workspace_not_found,
};
pub use not_shown::not_shown;
pub use organization::{org_ambiguous, org_not_found, org_not_named};
pub use outcome::{outcome_headline, outcome_sentence, update_headline};
pub use proposal::{
    AFTER_A_CHANGE, DEVICE_CHANGED, PressRefusal, deleting, how_to_confirm, plan_cancelled, plan_confirmed,
    plan_expired, press_refused,
};
pub use provision::{
    ACTIVATION_CODE, ACTIVATION_MADE, AFTER_AN_ACTIVATION, AFTER_AN_ADDITION, AssignedTo, CODE_SENT_DIRECTLY,
    KEEP_THE_CODE, SideEffect, WHERE_THE_CODE_GOES, provision_question, side_effect,
};
pub use reference::{
    LookedUpBy, NO_DEVICE_FITS, after_not_found, found_by, how_to_choose, looked_up_by, nothing_was_done_yet,
};
pub use refusal::{Said, could_not_check, denied, not_understood, too_old, while_away};
pub use tags::{tags_headline, tags_sentence};
pub use tags_of_many::{
    ONLY_THESE_DEVICES, TagTrouble, many_tagged_headline, no_device_to_tag, tag_question, tag_trouble,
    tagging_stopped, too_many_to_tag,
};
pub use waiting::waiting;
pub use welcome::welcome;

/// Heads a card whose template turned out to be wrong.
pub const CARD_DEFECT: &str = "Steward could not draw this answer; these are its bare facts.";

/// Ends a text that is longer than Webex takes.
pub const TEXT_CUT: &str = "…\n(The rest is only on the card.)";

/// Stands where a device has a workspace or an owner whose name could not be read.
pub const NAME_NOT_READABLE: &str = "name not readable";

/// Stands where a device that was read has no name.
pub const NO_NAME: &str = "no name";

/// What Steward is.
pub const WHAT_IT_IS: &str = "A bot with which the admins of this organization look after their Webex devices from \
                              chat. It deletes only what it has just read, proves by reading again that the device \
                              is gone, and says plainly when it cannot.";

/// Where help is.
pub const WHERE_HELP_IS: &str = "Write \"help\" for what you can ask, and \"whoami\" for what you may do here. For \
                                 anything else turn to the people who run Steward in your organization.";

/// Ends the help of a person without rights.
pub const NO_RIGHTS_HERE: &str = "These are the commands you may use here. Looking up and deleting devices is for \
                                  the people on the list of admins (STEWARD_ADMINS); to be put on it, turn to the \
                                  people who run Steward.";

/// How a device just shown is deleted, by its serial number or its id.
#[must_use]
pub fn how_to_delete(exact: &str) -> String {
    format!("To delete it: delete device {exact}")
}
