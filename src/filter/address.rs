//! The IP addresses that `ip:` selects: one, a subnet, a range, or a part with wildcards.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::pattern::{Pattern, has_wildcard};
use crate::domain::text::Quoted;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Addresses {
    One(IpAddr),
    Subnet(IpNet),
    /// Both ends included, of one family.
    Range(IpAddr, IpAddr),
    Part(Pattern),
    /// A text in a filter that an earlier version stored. Whether an address is meant by it is unknown.
    Unreadable(Pattern),
}

impl Addresses {
    /// Reads `10.4.7.21`, `10.4.7.0/24`, `10.4.7.10-20`, `10.4.7.10-10.4.8.20` or `10.4.7.*`, and the same of IPv6.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if has_wildcard(text) {
            return Pattern::new(text).filter(|_| may_match(text)).map(Self::Part);
        }
        if text.contains('/') {
            return text.parse().ok().map(Self::Subnet);
        }
        let Some((first, last)) = text.split_once('-') else { return address(text).map(Self::One) };
        let first = address(first)?;
        let last = match (first, last.parse::<u8>()) {
            (IpAddr::V4(first), Ok(last)) => {
                let [a, b, c, _] = first.octets();
                Ipv4Addr::new(a, b, c, last).into()
            }
            _ => address(last)?,
        };
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self::Range(first, last))
    }

    /// The part with a wildcard for the beginning of an address, such as `10.4.7`.
    pub(super) fn begun_by(text: &str) -> Option<String> {
        let meant = format!("{}.*", text.strip_suffix('.').unwrap_or(text));
        (text.contains('.') && Self::parse(&meant).is_some()).then_some(meant)
    }

    /// Whether an address of a device is among them; `None` if it can't be read.
    pub(super) fn contain(&self, text: &str) -> Option<bool> {
        match self {
            Self::Part(pattern) => return Some(pattern.matches(text)),
            Self::Unreadable(_) => return None,
            Self::One(_) | Self::Subnet(_) | Self::Range(..) => {}
        }
        let address = address(text)?;
        Some(match self {
            Self::One(one) => *one == address,
            Self::Subnet(subnet) => subnet.contains(&address),
            Self::Range(first, last) => {
                first.is_ipv4() == address.is_ipv4() && (*first..=*last).contains(&address)
            }
            Self::Part(_) | Self::Unreadable(_) => false,
        })
    }
}

/// An IPv4 address written as IPv6 is the IPv4 address.
fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Whether a part with wildcards can match an address at all.
fn may_match(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_hexdigit() || ".:*?".contains(c);
    let groups: Vec<&str> = text.split('.').collect();
    let is_of_ipv4 = text.contains('.') && !text.contains(':');
    let fits = |group: &&str| has_wildcard(group) || group.parse::<u8>().is_ok();
    let is_complete = groups.len() == 4 || (groups.len() < 4 && text.contains('*'));
    text.chars().all(is_part) && (!is_of_ipv4 || (is_complete && groups.iter().all(fits)))
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(address) => address.fmt(f),
            Self::Subnet(subnet) => subnet.fmt(f),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
            Self::Part(pattern) => f.write_str(pattern.as_str()),
            Self::Unreadable(pattern) => Quoted(pattern.as_str()).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_subnets_and_ranges() {
        for (text, inside, outside) in [
            ("10.4.7.21", "10.4.7.21", "10.4.7.2"),
            ("10.4.7.0/24", "10.4.7.255", "10.4.8.0"),
            ("10.4.7.21/24", "10.4.7.1", "10.5.7.21"),
            ("10.4.7.10-20", "10.4.7.20", "10.4.7.21"),
            ("10.4.7.250-10.4.8.5", "10.4.8.0", "10.4.8.6"),
            ("10.4.*", "10.4.7.21", "10.40.7.21"),
            ("10.4.7.2?", "10.4.7.21", "10.4.7.2"),
            ("*.21", "10.4.7.21", "10.4.7.2"),
            ("2001:db8::/32", "2001:db8::1", "2001:db9::1"),
            ("2001:DB8::1", "2001:db8:0::1", "::1"),
            ("2001:db8::1-2001:db8::f", "2001:db8::a", "10.4.7.21"),
            ("10.0.0.0/8", "::ffff:10.4.7.21", "2001:db8::1"),
            ("2001:db8:*", "2001:db8::1", "10.4.7.21"),
        ] {
            let addresses = Addresses::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(addresses.contain(inside), Some(true), "{text} {inside}");
            assert_ne!(addresses.contain(outside), Some(true), "{text} {outside}");
            assert_eq!(Addresses::parse(&addresses.to_string()), Some(addresses), "{text}");
        }
        assert_eq!(Addresses::parse("10.4.7.21").unwrap().contain("unknown"), None);
    }

    #[test]
    fn other_texts_are_not_addresses() {
        for text in [
            "",
            "10",
            "10.4.7",
            "10.4.7.",
            "10.4.7.256",
            "10.4.7.0/33",
            "10.4.7/24",
            "10.4.7.20-10",
            "10.4.7.1-::1",
            "10.4.7.1-300",
            "lobby",
            "*lobby*",
            "300.*",
            "1.2.3.4.*",
            "10.4.7.021",
            "10.4.7.0/255.255.255.0",
            "-",
            "/",
        ] {
            assert_eq!(Addresses::parse(text), None, "{text}");
        }
        assert_eq!(Addresses::begun_by("10.4.7").as_deref(), Some("10.4.7.*"));
        assert_eq!(Addresses::begun_by("10.4.").as_deref(), Some("10.4.*"));
        assert_eq!(Addresses::begun_by("lobby"), None);
    }
}
