//! How many devices are being added at once in one place.
//!
//! Additions for the same workspace or person have to run one after the other (Devices API reference: two at once
//! race for the primary device). Webex does not refuse the second one, and neither does the simulation: it counts.
//! An addition is under way from the arrival of its request to its answer, delays that were ordered included.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::ids::unpadded;

/// What is being added where.
#[derive(Debug, Clone, Default)]
pub struct Additions(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    under_way: HashMap<String, usize>,
    most: usize,
}

/// Counts as one addition under way for as long as it lives.
#[derive(Debug)]
pub struct UnderWay {
    additions: Additions,
    place: String,
}

impl Additions {
    /// Begins to count a request, if it adds a device: by a code or by its MAC address.
    #[must_use]
    pub fn begin(&self, method: &str, path: &str, body: &[u8]) -> Option<UnderWay> {
        if method != "POST" || !matches!(path, "/v1/devices" | "/v1/devices/activationCode") {
            return None;
        }
        let body: Value = serde_json::from_slice(body).ok()?;
        let place = body["workspaceId"].as_str().or_else(|| body["personId"].as_str())?;
        let place = unpadded(place).to_owned();
        let mut counts = self.lock();
        let here = counts.under_way.entry(place.clone()).or_default();
        *here += 1;
        let here = *here;
        counts.most = counts.most.max(here);
        Some(UnderWay { additions: self.clone(), place })
    }

    /// The most that were ever under way at once for one workspace or person.
    #[must_use]
    pub fn most(&self) -> usize {
        self.lock().most
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counts = self.additions.lock();
        if let Some(count) = counts.under_way.get_mut(&self.place) {
            *count -= 1;
            if *count == 0 {
                counts.under_way.remove(&self.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_are_counted_for_each_place_alone() {
        let additions = Additions::default();
        let begin = |path: &str, body: &str| additions.begin("POST", path, body.as_bytes());
        let first = begin("/v1/devices", r#"{"workspaceId":"A"}"#);
        let other = begin("/v1/devices/activationCode", r#"{"personId":"B"}"#);
        assert_eq!((first.is_some(), other.is_some(), additions.most()), (true, true, 1));
        let second = begin("/v1/devices/activationCode", r#"{"workspaceId":"A=="}"#);
        assert_eq!(additions.most(), 2);
        drop((first, second));
        assert!(additions.lock().under_way.keys().eq(["B"]));
        for (path, body) in
            [("/v1/messages", r#"{"personId":"B"}"#), ("/v1/devices", "["), ("/v1/devices", "{}")]
        {
            assert!(begin(path, body).is_none(), "{path} {body}");
        }
        assert!(additions.begin("GET", "/v1/devices", br#"{"personId":"B"}"#).is_none());
    }
}
