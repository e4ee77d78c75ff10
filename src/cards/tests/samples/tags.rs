//! Samples of the cards about tags.

use super::parts::*;
use crate::cards::*;
use crate::domain::{Actor, Cause, DeviceFacts};

pub(in crate::cards::tests) fn tags(before: &str, wanted: &str, found: Option<&str>) -> Card {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (before, wanted, found) = (words(before), words(wanted), found.map(words));
    tags_of(&facts(), &before, &wanted, found.as_deref(), &actor())
}

pub(in crate::cards::tests) fn tags_of(
    facts: &DeviceFacts,
    before: &[String],
    wanted: &[String],
    found: Option<&[String]>,
    actor: &Actor,
) -> Card {
    let proof = TagsProof::of(before, wanted, found, true);
    render(&TagsChanged { facts, before, wanted, found, proof, not_repeated: None, clock: None, actor })
}

/// Tags that Webex may have set.
pub(in crate::cards::tests) fn unclear_tags(found: Option<&str>, not_repeated: Option<&Cause>) -> Card {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (before, wanted, found) = (words("lobby vip"), words("lobby vip pilot"), found.map(words));
    let proof = TagsProof::of(&before, &wanted, found.as_deref(), false);
    let (facts, actor, found) = (&facts(), &actor(), found.as_deref());
    let (before, wanted) = (&before, &wanted);
    render(&TagsChanged { facts, before, wanted, found, proof, not_repeated, clock: wrong_clock(), actor })
}

/// The question about the tags of one device.
pub(in crate::cards::tests) fn tags_asked(
    device: DeviceWithNames<'_>,
    tags: &[String],
    actor: &Actor,
) -> Card {
    let (add, remove) = tags.split_at(1);
    render(&TagQuestion {
        device,
        found_by: LookedUpBy::Name,
        add,
        remove,
        actor,
        code: CODE,
        until: until(),
        confirm: REFERENCE,
        cancel: REFERENCE,
        now: now(),
    })
}

/// The question about the tags of many devices, and three results: all changed, some changed, and none changed.
pub(in crate::cards::tests) fn many_tagged(
    name: &str,
    filter: &str,
    tags: &[String],
    actor: &Actor,
) -> [Card; 5] {
    let troubles = [
        TagTrouble::Gone,
        TagTrouble::NotPermitted,
        TagTrouble::Status(500),
        TagTrouble::NoAnswer,
        TagTrouble::Differs,
        TagTrouble::NotRead,
        TagTrouble::Unclear,
        TagTrouble::Changed,
        TagTrouble::Renamed,
        TagTrouble::OtherOrganization,
    ]
    .map(|trouble| TroubledDevice { called: name, trouble });
    let (add, remove) = (tags, tags);
    let whole = DevicesTagged {
        filter,
        add,
        remove: &[],
        changed: 10,
        already: 2,
        unproven: 0,
        failed: 0,
        not_tried: 0,
        troubles: &[],
        stopped: None,
        clock: wrong_clock(),
        code: CODE,
        actor,
        now: now(),
    };
    let stopped = Cause::TooManyRequests { until: until() };
    [
        render(&TagProposal {
            filter,
            add,
            remove,
            names: &[Some(name), Some("BER-4 Lobby"), None, Some(name), Some(name), Some(name)],
            total: 12,
            unreadable: 2,
            idle: &idle_exclusions(filter),
            actor,
            code: CODE,
            until: until(),
            confirm: REFERENCE,
            cancel: REFERENCE,
            now: now(),
        }),
        render(&whole),
        render(&DevicesTagged { changed: 3, unproven: 2, failed: 4, troubles: &troubles, ..whole }),
        render(&DevicesTagged { changed: 0, already: 0, not_tried: 12, stopped: Some(&stopped), ..whole }),
        render(&DevicesTagged { not_tried: 3, stopped: Some(&Cause::TooLate), ..whole }),
    ]
}
