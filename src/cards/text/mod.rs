//! Every sentence on cards, each built in one place: by a function, a constant, or a constructor of [`Notice`].
//!
//! Plain text without markup, short and active: first the event, then the next step. No secrets, no names of settings
//! (except for operators), and no refusal reveals whether a device exists.
//!
//! [`Notice`]: super::notice::Notice

mod about;
mod activate;
mod delete_device;
mod device;
mod directly;
mod list_devices;
mod plan;
mod refused;
mod resolve;
mod tag_device;
mod tag_devices;
mod webex;

pub(super) use about::{
    FILTERS_HEADLINE, HELP_HEADLINE, HOW_TO_ASK, HOW_TO_FILTER, MORE_ABOUT_FILTERS, NO_RIGHTS_HERE,
    WHAT_IT_IS, WHERE_HELP_IS,
};
pub(super) use activate::{
    ACTIVATION_CODE, ACTIVATION_MADE, AFTER_AN_ACTIVATION, AFTER_AN_ADDITION, CODE_SENT_DIRECTLY,
    KEEP_THE_CODE, WHERE_THE_CODE_GOES, provision_question, side_effect,
};
pub(crate) use activate::{AssignedTo, SideEffect};
pub(crate) use delete_device::Watch;
pub(super) use delete_device::{
    AFTER_A_CHANGE, DEVICE_CHANGED, Replacing, outcome_headline, update_headline, update_of,
    what_deleting_means, what_happened, what_next,
};
pub(super) use device::{errors, how_to_delete, kind, maintenance, managed_by, platform, seen, status};
pub(crate) use directly::{Undeliverable, answered_directly};
pub(crate) use list_devices::export_caption;
pub(super) use list_devices::{
    and_more, devices_found, excluded_nothing, how_to_export, more, no_such_page, nothing_listed, others,
    page, parts_match, unreadable,
};
pub(crate) use plan::PressRefusal;
pub(super) use plan::how_to_confirm;
pub(super) use refused::{way_forward, wrong_clock};
pub(super) use resolve::{
    FOR_PHONES, after_not_found, beginning_of_id, candidates_found, found_before_a_change, found_by,
    how_to_choose, looked_up_by, nothing_matches, only_among, which_of, workspace_kind,
};
pub(crate) use resolve::{LookedUpBy, Sought};
pub(crate) use tag_device::TagsProof;
pub(super) use tag_device::{tags_headline, tags_sentence};
pub(crate) use tag_devices::TagTrouble;
pub(super) use tag_devices::{
    ONLY_THESE_DEVICES, many_tagged_headline, tag_question, tag_trouble, tagging_stopped,
};
