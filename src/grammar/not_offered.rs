//! Things that people ask for and that are not commands, each with a sentence about it.

use std::ops::Range;

use super::word::Word;

/// First words, and the sentence for each of them.
const SENTENCES: [(&[&str], &str); 16] = [
    (
        &["undo", "undelete", "revert", "restore", "rollback", "recover", "unremove"],
        "Steward cannot undo a change, and a deleted device does not come back by itself: it must be activated again",
    ),
    (
        &["reboot", "restart", "rebooting", "power", "shutdown"],
        "Steward cannot restart devices; restart the device in Control Hub or at the device itself",
    ),
    (
        &["reset", "wipe", "factory", "factory-reset"],
        "Steward cannot reset devices; reset the device in Control Hub or at the device itself",
    ),
    (&["rename", "renaming"], "Steward cannot rename devices; change the name in Control Hub"),
    (
        &["move", "transfer", "reassign", "assign", "relocate", "swap"],
        "Steward cannot move a device to another workspace or person; use Control Hub for that",
    ),
    (
        &["update", "upgrade", "downgrade", "patch"],
        "Steward cannot update the software of devices; use Control Hub for that",
    ),
    (
        &["deactivate", "disable", "enable", "block", "unblock", "lock", "unlock", "suspend", "inactivate"],
        "Steward cannot turn devices off or on; use Control Hub for that",
    ),
    (
        &["configure", "config", "configuration", "set", "edit", "change", "modify"],
        "The only thing that Steward can change about a device is its tags; use Control Hub for the rest",
    ),
    (
        &["ping", "diagnose", "troubleshoot", "debug", "logs", "log"],
        "Steward cannot test devices; it only shows what Webex knows about them",
    ),
    (
        &["call", "dial", "join", "mute", "unmute", "volume", "screenshot"],
        "Steward cannot make calls or control a device; it only manages devices in Webex",
    ),
    (
        &["schedule", "remind", "reminder", "every"],
        "Steward cannot do things at a later time; send the command when you want it done",
    ),
    (
        &["yes", "y", "ok", "okay", "confirmed", "approve", "approved", "go", "proceed", "sure"],
        "To confirm, press the button on the card, or write \"confirm\" with the code on the card",
    ),
    (
        &["no", "n", "nope", "stop", "abort", "wait", "nevermind", "deny", "unconfirm", "reject"],
        "To cancel, press the button on the card, or write \"cancel\" with the code on the card; a deletion that has \
         started cannot be stopped",
    ),
    (&["next", "more", "previous", "back", "prev"], "To see another page of a list, press its button"),
    (&["csv", "export", "download"], "For a file of all devices, list them with \"csv\" at the end"),
    (&["status", "state", "health"], "To see the state of your devices, list them, or show one"),
];

/// The sentence for a line that asks for something Steward does not do, and the words that ask for it.
pub(super) fn answer_to(words: &[Word<'_>]) -> Option<(&'static str, Range<usize>)> {
    let first = words.iter().find(|word| !is_courtesy(word))?;
    let asked = first.text.trim_end_matches(['.', '!', '?', ',']).to_lowercase();
    let (_, sentence) = SENTENCES.iter().find(|(said, _)| said.contains(&&*asked))?;
    (!first.quoted).then(|| (*sentence, first.span.clone()))
}

/// Words that people put before and after what they ask for.
pub(super) fn is_courtesy(word: &Word<'_>) -> bool {
    const COURTESIES: [&str; 34] = [
        "please", "pls", "plz", "bitte", "kindly", "hi", "hello", "hey", "steward", "can", "could", "would",
        "will", "you", "i", "want", "need", "like", "to", "i'd", "just", "now", "thanks", "thank", "thx",
        "asap", "let's", "lets", "us", "we", "must", "should", "help", "so",
    ];
    let bare = word.text.trim_end_matches(['.', '!', '?', ',']).to_lowercase();
    !word.quoted && COURTESIES.contains(&&*bare)
}

/// Words that turn what is asked for into its opposite, or leave out a part of it: nothing is suggested for such a line.
pub(super) fn is_reservation(word: &Word<'_>) -> bool {
    const RESERVATIONS: [&str; 26] = [
        "not",
        "no",
        "don't",
        "dont",
        "doesn't",
        "never",
        "nothing",
        "nobody",
        "none",
        "without",
        "except",
        "excluding",
        "but",
        "unless",
        "if",
        "cannot",
        "can't",
        "cant",
        "won't",
        "shouldn't",
        "isn't",
        "aren't",
        "or",
        "instead",
        "until",
        "when",
    ];
    !word.quoted && RESERVATIONS.contains(&&*word.text.to_lowercase())
}
