//! Devices of another organization: who administers it, and whether the settings name it.

use super::lists::press;
use crate::world::{Differences, World};

fn both_named() -> Differences {
    World::with().setting_of("STEWARD_ORGS", |cast| format!("{},{}", cast.example_org, cast.partner_org))
}

#[tokio::test]
async fn an_organization_that_is_named_and_can_be_administered_is_asked_about() {
    let world = both_named().world().await;
    world.sim.give_partner_access(true);
    let partner = world.cast.partner_org.clone();
    for org in ["\"Partner Ltd\"", "\"partner ltd\"", partner.as_str()] {
        let answer = world.ask(&world.cast.ana, &format!("list devices in org {org}")).await;
        assert_eq!(answer.headline(), "3 devices", "{}", answer.text);
        assert!(answer.text.contains("PTN-1 Panorama"), "{}", answer.text);
    }
    let shown = world.ask(&world.cast.ana, "show device FPT0001OSL in org \"Partner Ltd\"").await;
    assert!(shown.text.contains("Name: PTN-2 Atlas"), "{}", shown.text);
    let named = world.ask(&world.cast.ana, "show device \"ptn-3 borealis\" in org \"Partner Ltd\"").await;
    assert!(named.text.contains("Name: PTN-3 Borealis"), "{}", named.text);
    let calls = world.device_calls();
    let query = format!("orgId={partner}");
    assert!(calls.iter().all(|call| call.query.as_deref().is_some_and(|asked| asked.contains(&query))));
    // Without its name it is the credential's own.
    let own = world.ask(&world.cast.ana, "list devices").await;
    assert_eq!(own.headline(), "40 devices");
    let nobody = world.ask(&world.cast.ana, "show device FPT0001OSL").await;
    assert!(nobody.text.contains("Nothing was done"), "{}", nobody.text);
}

#[tokio::test]
async fn the_buttons_of_a_list_stay_with_its_organization() {
    let world = both_named().world().await;
    world.sim.give_partner_access(true);
    let message = world.say(&world.cast.ana, "list devices in org \"Partner Ltd\"").await;
    press(&world, &world.cast.ana, &world.the_answer_to(&message), "CSV").await;
    let last = world.answers_to(&message).pop().unwrap();
    assert_eq!(last.text, "3 devices, with all their fields.");
}

#[tokio::test]
async fn an_organization_that_no_setting_names_is_refused() {
    let world = World::new().await;
    world.sim.give_partner_access(true);
    let answer = world.ask(&world.cast.ana, "list devices in org \"Partner Ltd\"").await;
    assert_eq!(answer.headline(), "✕ Not this organization", "{}", answer.text);
    let answer = world.ask(&world.cast.ana, "show device FPT0001OSL in org \"Partner Ltd\"").await;
    assert_eq!(answer.headline(), "✕ Not this organization", "{}", answer.text);
    assert!(world.device_calls().is_empty());
}

#[tokio::test]
async fn an_organization_that_the_credential_does_not_see_is_none() {
    let world = both_named().world().await;
    for org in ["\"Partner Ltd\"", "Nowhere"] {
        let answer = world.ask(&world.cast.ana, &format!("list devices in org {org}")).await;
        assert_eq!(answer.headline(), "? No such organization", "{}", answer.text);
    }
    assert!(world.device_calls().is_empty());
    // Its own is one like any other.
    let own = world.ask(&world.cast.ana, "list devices in org \"Example Corp\"").await;
    assert_eq!(own.headline(), "40 devices", "{}", own.text);
}
