//! The cards about tags of many devices as they look.

use insta::assert_snapshot;

use super::super::samples::{actor, tags};
use super::drawn;

#[test]
fn a_question_before_many_tags_and_what_became_of_it() {
    let words = ["retire".to_owned(), "floor 12".to_owned()];
    let filter = "status:offline location:\"Berlin*\"";
    let [asked, done, in_part, stopped] = tags::many_tagged("BER-4 Panorama", filter, &words, &actor());
    assert_snapshot!(drawn(&asked), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ Change the tags of 12 devices?                                           │
    │ Nothing has been done yet                                                │
    │                                                                          │
    │ Filter      status:offline location:"Berlin*"                            │
    │ Add         retire, floor 12                                             │
    │ Remove      retire, floor 12                                             │
    │ Unreadable  2 records of Webex's could not be read and are not among     │
    │             them.                                                        │
    │ Asked by    ana@example.com                                              │
    │ Code        K7Q2-M9                                                      │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ BER-4 Panorama, BER-4 Lobby, no name, BER-4 Panorama, BER-4 Panorama and │
    │ 7 more                                                                   │
    │ It is done to these devices and no others, whatever matches the filter   │
    │ later. Their other tags stay.                                            │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Only the person who asked can confirm, until 09:27 UTC (in 15 minutes).  │
    │ Press a button, or reply "confirm K7Q2-M9" or "cancel K7Q2-M9".          │
    │                                                                          │
    │ [ Confirm ] [ Cancel ]                                                   │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(drawn(&done), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ✓ Tags changed and verified                                              │
    │ Result of "tag devices"                                                  │
    │                                                                          │
    │ Changed     10                                                           │
    │ Already so  2                                                            │
    │ Filter      status:offline location:"Berlin*"                            │
    │ Added       retire, floor 12                                             │
    │ Asked by    ana@example.com                                              │
    │ Code        K7Q2-M9                                                      │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(drawn(&in_part), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ? Tags not changed everywhere                                            │
    │ Result of "tag devices"                                                  │
    │                                                                          │
    │ Changed       3                                                          │
    │ Already so    2                                                          │
    │ Not verified  2                                                          │
    │ Failed        4                                                          │
    │ Filter        status:offline location:"Berlin*"                          │
    │ Added         retire, floor 12                                           │
    │ Asked by      ana@example.com                                            │
    │ Code          K7Q2-M9                                                    │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ What went wrong                                                          │
    │ BER-4 Panorama: Webex does not find it any more                          │
    │ BER-4 Panorama: Steward's admin credential may not change it             │
    │ BER-4 Panorama: Webex answered with status 500                           │
    │ BER-4 Panorama: Webex gave no answer                                     │
    │ BER-4 Panorama: a read afterwards shows other tags: somebody else may    │
    │ have changed them                                                        │
    │                                                                          │
    │ and 1 more                                                               │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
    assert_snapshot!(drawn(&stopped), @r#"
    ╭──────────────────────────────────────────────────────────────────────────╮
    │ ? Tags not changed everywhere                                            │
    │ Result of "tag devices"                                                  │
    │                                                                          │
    │ Changed    0                                                             │
    │ Not tried  12                                                            │
    │ Filter     status:offline location:"Berlin*"                             │
    │ Added      retire, floor 12                                              │
    │ Asked by   ana@example.com                                               │
    │ Code       K7Q2-M9                                                       │
    ├──────────────────────────────────────────────────────────────────────────┤
    │ Stopped, because Webex is busy and asks to come back at 09:28 UTC (in 16 │
    │ minutes). The rest was not tried. Send the command again later: what is  │
    │ done already stays as it is.                                             │
    ╰──────────────────────────────────────────────────────────────────────────╯
    "#);
}
