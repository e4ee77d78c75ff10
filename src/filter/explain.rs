//! The keys of filters as help and documentation explain them.

use super::key::Key;

/// What a key compares, with what, and an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHelp {
    /// The property, without an article.
    pub what: &'static str,
    /// What may follow the key; none if Webex documents the values.
    pub values: Option<&'static str>,
    /// A valid term.
    pub example: &'static str,
}

impl Key {
    /// What people read about the key.
    pub fn help(self) -> KeyHelp {
        let (what, values, example) = match self {
            Self::Name => ("display name", "a text", "name:BER-*"),
            Self::Serial => ("serial number", "a text", "serial:FOC2345ABCD"),
            Self::Mac => ("MAC address", "an address in any notation, or a part with *", "mac:11:22:33:*"),
            Self::Ip => (
                "IP address",
                "an address, a subnet, a range such as 10.4.7.10-20, or a part with *",
                "ip:10.4.7.0/24",
            ),
            Self::Id => ("device id", "an id", "id:11111111-2222-3333-4444-555555555555"),
            Self::Workspace => ("workspace of a shared device", "a name or an id", "workspace:Lobby"),
            Self::Location => {
                ("location of the device or its workspace", "a name or an id", "location:Berlin")
            }
            Self::Person => ("owner", "a name, an email address or an id", "person:ana@example.com"),
            Self::Product => ("model", "a text", "product:\"Room Bar*\""),
            Self::Type => ("kind of device", "", "type:phone"),
            Self::Platform => ("Cisco or Microsoft software", "", "platform:cisco"),
            Self::Status => ("connection", "", "status:offline"),
            Self::Tag => ("any of its tags", "a text", "tag:retire"),
            Self::Software => ("software version", "a text", "software:\"RoomOS 11*\""),
            Self::Channel => ("upgrade channel", "a text", "channel:stable"),
            Self::Error => ("any error it reports", "a text", "error:any"),
            Self::Capability => ("any of its capabilities", "", "capability:xapi"),
            Self::ManagedBy => ("who manages it", "", "managed-by:customer"),
            Self::Maintenance => ("planned maintenance", "", "maintenance:upcoming"),
            Self::FirstSeen => ("first report of its state", "an age or a date", "first-seen:<2w"),
            Self::LastSeen => ("last report of its state", "an age or a date", "last-seen:>90d"),
            Self::Created => {
                ("when it was added to the organization", "an age or a date", "created:<2025-01-31")
            }
        };
        KeyHelp { what, values: (!values.is_empty()).then_some(values), example }
    }

    /// The values as a sentence lists them: the documented ones, or their kind.
    pub(crate) fn values_in_words(self) -> String {
        let known: Vec<&str> = self.known_names().collect();
        self.help().values.map_or_else(|| known.join(", "), str::to_owned)
    }
}
