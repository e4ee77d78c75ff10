//! `PATCH /devices/{id}`: the tags, which are the only thing that can be changed.
//!
//! The reference shows an array with one operation, and the schema next to it a bare object: both are taken.

use serde_json::{Value, json};

use super::Model;
use crate::sim::error::ApiError;

/// What an operation does to the tags.
#[derive(Debug, PartialEq)]
enum Operation {
    /// Adds those that are not there yet, at the end.
    Add(Vec<String>),
    /// Puts these in place of all.
    Replace(Vec<String>),
    /// Takes all of them away, whatever the value says.
    Remove,
}

impl Operation {
    fn read(operation: &Value) -> Result<Self, ApiError> {
        if operation["path"] != "tags" {
            return Err(ApiError::bad_request("path must be tags."));
        }
        match operation["op"].as_str() {
            Some("add") => Ok(Self::Add(tags_of(operation)?)),
            Some("replace") => Ok(Self::Replace(tags_of(operation)?)),
            Some("remove") => Ok(Self::Remove),
            _ => Err(ApiError::bad_request("op must be add, remove or replace.")),
        }
    }

    fn apply(self, tags: &mut Vec<String>) {
        match self {
            Self::Add(more) => {
                for tag in more {
                    if !tags.contains(&tag) {
                        tags.push(tag);
                    }
                }
            }
            Self::Replace(new) => *tags = new,
            Self::Remove => tags.clear(),
        }
    }
}

fn tags_of(operation: &Value) -> Result<Vec<String>, ApiError> {
    let refusal = || ApiError::bad_request("value must be an array of strings.");
    let items = operation["value"].as_array().ok_or_else(refusal)?;
    items.iter().map(|tag| tag.as_str().map(str::to_owned).ok_or_else(refusal)).collect()
}

impl Model {
    /// `PATCH /devices/{id}` within one organization: the device as it is then.
    pub fn patch_device(&mut self, org_id: &str, id: &str, patch: &Value) -> Result<Value, ApiError> {
        let mut device = self.devices.find_in(org_id, id)?;
        let operations = match patch {
            Value::Array(operations) if !operations.is_empty() => operations.as_slice(),
            Value::Object(_) => std::slice::from_ref(patch),
            _ => return Err(ApiError::bad_request("The body must be an operation or an array of them.")),
        };
        let operations = operations.iter().map(Operation::read).collect::<Result<Vec<_>, _>>()?;
        let tags = device["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut tags: Vec<String> = tags.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        for operation in operations {
            operation.apply(&mut tags);
        }
        device["tags"] = json!(tags);
        self.devices.put(&device);
        Ok(device)
    }
}
