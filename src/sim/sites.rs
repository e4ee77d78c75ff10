//! The locations of both organizations: one in each city that devices are named after.

use serde_json::{Value, json};

use super::cast::Cast;
use super::ids::IdMint;
use super::model::Model;

/// Name, street, city, country and time zone, in the order of the cities in the names of devices.
const SITES: [[&str; 5]; 8] = [
    ["Berlin", "Torstrasse 1", "Berlin", "DE", "Europe/Berlin"],
    ["San Francisco", "500 Howard St", "San Francisco", "US", "America/Los_Angeles"],
    ["Oslo", "Karl Johans gate 2", "Oslo", "NO", "Europe/Oslo"],
    ["London", "9 Bishopsgate", "London", "GB", "Europe/London"],
    ["Singapore", "80 Robinson Road", "Singapore", "SG", "Asia/Singapore"],
    ["New York", "11 Madison Ave", "New York", "US", "America/New_York"],
    ["Munich", "Leopoldstrasse 4", "Munich", "DE", "Europe/Berlin"],
    ["Tokyo", "2-3 Marunouchi", "Tokyo", "JP", "Asia/Tokyo"],
];

/// Makes the locations known; answers the ids of those of Example Corp, in the order of the cities.
pub fn populate(model: &mut Model, cast: &Cast, first: String, mint: &mut IdMint) -> Vec<String> {
    let mut ids = vec![first];
    ids.resize_with(SITES.len(), || mint.mint("LOCATION"));
    for (id, site) in ids.iter().zip(&SITES) {
        model.add_location(location(id, &cast.example_org, site));
    }
    model.add_location(location(&mint.mint("LOCATION"), &cast.partner_org, &SITES[2]));
    ids
}

fn location(id: &str, org_id: &str, [name, street, city, country, time_zone]: &[&str; 5]) -> Value {
    json!({
        "id": id,
        "name": name,
        "orgId": org_id,
        "address": { "address1": street, "city": city, "country": country },
        "timeZone": time_zone,
    })
}
