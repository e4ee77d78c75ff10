//! `about`, `help` and the greeting.

use crate::cards::card::Tone;
use crate::cards::notice::Notice;

pub(in crate::cards) const WHAT_IT_IS: &str = "With this bot, the admins of this organization manage their Webex devices from chat. It deletes only what it has just \
     read, checks afterwards that the device is gone, and says plainly when it cannot.";

pub(in crate::cards) const WHERE_HELP_IS: &str = "Write \"help\" to see what you can ask, and \"whoami\" to see what you may do here. For anything else, ask the people \
     who run Steward in your organization.";

pub(in crate::cards) const HELP_HEADLINE: &str = "The commands you may use";
pub(in crate::cards) const HOW_TO_ASK: &str = "Write to it directly, or mention it in a space";

pub(in crate::cards) const FILTERS_HEADLINE: &str = "Filters";
pub(in crate::cards) const HOW_TO_FILTER: &str = "For \"list devices\" and \"tag devices\"";
pub(in crate::cards) const MORE_ABOUT_FILTERS: &str = "A device must match all filters of a command. A minus excludes: -tag:keep. Commas separate alternatives: \
     status:offline,pending. * stands for any characters. \"none\" and \"any\" ask whether there is a value: tag:none. Put \
     a value with spaces in double quotes.";

/// The end of the help for a person without rights.
pub(in crate::cards) const NO_RIGHTS_HERE: &str = "These are the commands you may use here. Only admins can look up and change devices. To become one, ask the people who \
     run Steward.";

impl Notice {
    /// The greeting in a space that the bot was added to under this name.
    pub(crate) fn welcome(bot_name: &str, in_group: bool) -> Self {
        let (how, example) = if in_group {
            let how =
                "Mention me with \"help\" to see what you can ask. I read only messages that mention me.";
            (how, format!("@{bot_name} help"))
        } else {
            ("Write \"help\" to see what you can ask.", "help".to_owned())
        };
        Self::new(Tone::Accent, "Hello, this is Steward")
            .say("I list, show, delete, tag and add Webex devices for the admins of this organization.")
            .say(how)
            .say("The people who run me decide who may do what; \"whoami\" shows what you may do.")
            .example(Some(example))
    }
}
