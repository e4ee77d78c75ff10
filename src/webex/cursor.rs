//! The link to the next page of a list (`Link` header, RFC 8288). Pure.

use url::Url;

/// Longest address of a page, in characters, because addresses are stored.
const LONGEST_ADDRESS: usize = 1500;
/// The query parameters that say where a page starts. Each link has its own.
const POSITIONS: [&str; 6] = ["start", "offset", "cursor", "page", "before", "beforeMessage"];

/// The address of the next page of a list. It always points to the configured API, so that a token is never sent
/// elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(Url);

impl Cursor {
    /// The cursor for a link on the page at `from`. The link must point below `base`: same scheme, host, port and path.
    ///
    /// Webex's own SDKs repair links that lost parameters of the call, such as `orgId` or `mentionedPeople`, or that
    /// carry `max=null`. Without them, the next page would show the records of another organization or of everybody.
    pub(super) fn follow(base: &Url, from: &Url, target: &str) -> Result<Self, String> {
        let astray = |found: &str| {
            let found: String = found.chars().take(120).collect();
            format!("the link to the next page leads away: expected an address below {base}, found {found:?}")
        };
        let address = from.join(target).map_err(|_| astray(target))?;
        let below = format!("{}/", base.path().trim_end_matches('/'));
        let is_below = address.origin() == base.origin()
            && address.username().is_empty()
            && address.password().is_none()
            && address.path().starts_with(&below);
        if !is_below {
            return Err(astray(target.split('?').next().unwrap_or_default()));
        }
        let address = if address.path() == from.path() { repaired(address, from) } else { address };
        if address.as_str().len() > LONGEST_ADDRESS {
            return Err(format!("the link to the next page has more than {LONGEST_ADDRESS} characters"));
        }
        Ok(Self(address))
    }

    /// The address to store; `BotClient::cursor` reads it back.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn address(&self) -> &Url {
        &self.0
    }

    /// The page size in the address, if the list is paginated by offset. A smaller page can then start at the same
    /// place without skipping an item.
    pub(super) fn size(&self) -> Option<usize> {
        let number = |wanted: &str| {
            let mut values = self.0.query_pairs().filter(|(name, _)| name == wanted);
            let (_, value) = values.next()?;
            values.next().is_none().then(|| value.parse().ok()).flatten()
        };
        number("start").and(number("max"))
    }

    /// The page that starts at the same place with at most this many items.
    pub(super) fn resized(&self, size: usize) -> Self {
        let others = self.0.query_pairs().filter(|(name, _)| name != "max");
        let mut address = self.0.clone();
        address.query_pairs_mut().clear().extend_pairs(others).append_pair("max", &size.to_string());
        Self(address)
    }
}

/// The address of the next page with each parameter of the page at `from` that it lost.
fn repaired(mut address: Url, from: &Url) -> Url {
    let is_usable = |name: &str, value: &str| {
        !matches!(value, "" | "null" | "undefined") && (name != "max" || value.parse::<u32>().is_ok())
    };
    let mut parameters: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    let count = parameters.len();
    parameters.retain(|(name, value)| is_usable(name, value));
    let is_lost =
        |name: &str| !POSITIONS.contains(&name) && parameters.iter().all(|(present, _)| present != name);
    let lost: Vec<_> = from.query_pairs().filter(|(name, _)| is_lost(name)).collect();
    // An intact link is followed exactly as it was sent.
    if !lost.is_empty() || parameters.len() < count {
        address.query_pairs_mut().clear().extend_pairs(&parameters).extend_pairs(lost);
    }
    address
}

/// The target of the first `rel="next"` link in a header.
pub(super) fn next_target(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (target, after) = rest.split_once('<')?.1.split_once('>')?;
        let (parameters, others) = after.split_at(end_of_parameters(after));
        if has_rel_next(parameters) {
            return Some(target.trim());
        }
        rest = others;
    }
}

/// The first comma outside quotes.
fn end_of_parameters(text: &str) -> usize {
    let mut is_quoted = false;
    let is_end = |character: char| {
        is_quoted ^= character == '"';
        character == ',' && !is_quoted
    };
    text.find(is_end).unwrap_or(text.len())
}

fn has_rel_next(parameters: &str) -> bool {
    parameters.split(';').filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel")
            && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        for header in [
            r#"<https://webexapis.com/v1/rooms?cursor=a>; rel="next""#,
            "<https://webexapis.com/v1/rooms?cursor=a>;rel=next",
            r#"<https://webexapis.com/v1/rooms?cursor=a>; title="a, b"; REL="last NEXT""#,
            r#"<https://webexapis.com/v1/rooms?b=1,2>; rel="prev", <https://webexapis.com/v1/rooms?cursor=a>; rel="next""#,
            r#"<https://webexapis.com/v1/rooms?cursor=a>; rel="next", <https://webexapis.com/z>; rel="next""#,
        ] {
            assert_eq!(next_target(header), Some("https://webexapis.com/v1/rooms?cursor=a"), "{header}");
        }
        for header in
            ["", "<", "<>", "next", r#"<https://a.example/>; rel="prev""#, "<https://a.example/>; next"]
        {
            assert_eq!(next_target(header), None, "{header}");
        }
    }

    fn follow(base: &str, target: &str) -> Result<String, String> {
        let base = Url::parse(base).unwrap();
        let from = Url::parse(&format!("{base}/rooms")).unwrap();
        Cursor::follow(&base, &from, target).map(|cursor| cursor.as_str().to_owned())
    }

    #[test]
    fn only_links_to_the_configured_api_are_followed() {
        let base = "https://webexapis.com/v1";
        for (target, address) in [
            ("https://webexapis.com/v1/rooms?cursor=a", "https://webexapis.com/v1/rooms?cursor=a"),
            ("https://WEBEXAPIS.com:443/v1/rooms?cursor=a", "https://webexapis.com/v1/rooms?cursor=a"),
            ("/v1/rooms?cursor=a", "https://webexapis.com/v1/rooms?cursor=a"),
            ("?cursor=a", "https://webexapis.com/v1/rooms?cursor=a"),
        ] {
            assert_eq!(follow(base, target).as_deref(), Ok(address), "{target}");
        }
        for target in [
            "https://elsewhere.example.com/v1/rooms",
            "https://webexapis.com.example.com/v1/rooms",
            "https://elsewhere@webexapis.com/v1/rooms",
            "https://:secret@webexapis.com/v1/rooms",
            "https://webexapis.com:8443/v1/rooms",
            "http://webexapis.com/v1/rooms",
            "http://webexapis.com:443/v1/rooms",
            "//elsewhere.example.com/v1/rooms",
            "https://webexapis.com/v2/rooms",
            "https://webexapis.com/v1",
            "https://webexapis.com/v10/rooms",
            "https://webexapis.com/v1/../admin/rooms",
            "https://webexapis.com/v1/%2e%2e/admin/rooms",
            "file:///v1/rooms",
            "https://",
        ] {
            let error = follow(base, target).unwrap_err();
            assert!(
                error.contains("expected an address below https://webexapis.com/v1"),
                "{target}: {error}"
            );
        }
        assert!(
            follow(base, &format!("?cursor={}", "a".repeat(1500))).unwrap_err().contains("1500 characters")
        );
    }

    #[test]
    fn a_link_that_lost_parameters_of_the_call_gets_them_back() {
        let base = Url::parse("https://webexapis.com/v1").unwrap();
        let from = "/devices?orgId=acme&tag=a%20%26%20b&max=100&start=100";
        let from = Url::parse(&format!("{base}{from}")).unwrap();
        let follow = |target: &str| Cursor::follow(&base, &from, target).unwrap().as_str().to_owned();
        let intact = "https://webexapis.com/v1/devices?orgId=acme&tag=a%20%26+b&max=50&start=200";
        assert_eq!(follow(intact), intact);
        for (target, query) in [
            ("?start=200", "start=200&orgId=acme&tag=a+%26+b&max=100"),
            ("?max=null&start=200&orgId=acme&tag=x", "start=200&orgId=acme&tag=x&max=100"),
            ("?max=&orgId=null&tag=x&start=200", "tag=x&start=200&orgId=acme&max=100"),
            ("?cursor=a&max=all", "cursor=a&orgId=acme&tag=a+%26+b&max=100"),
        ] {
            assert_eq!(follow(target), format!("https://webexapis.com/v1/devices?{query}"), "{target}");
        }
        // Another list has other parameters.
        assert_eq!(follow("/v1/rooms?cursor=a"), "https://webexapis.com/v1/rooms?cursor=a");
    }

    #[test]
    fn a_repaired_link_is_repaired_only_once() {
        let base = Url::parse("https://webexapis.com/v1").unwrap();
        let first =
            Url::parse(&format!("{base}/messages?roomId=r&mentionedPeople=me&max=50&before=2026")).unwrap();
        let second = Cursor::follow(&base, &first, "?beforeMessage=m1&max=null").unwrap();
        let third = Cursor::follow(&base, second.address(), "?beforeMessage=m2").unwrap();
        for (page, before) in [(second, "m1"), (third, "m2")] {
            let query = format!("beforeMessage={before}&roomId=r&mentionedPeople=me&max=50");
            assert_eq!(page.address().query(), Some(query.as_str()));
        }
    }

    #[test]
    fn a_local_api_is_told_apart_by_its_port() {
        let base = "http://127.0.0.1:8089/v1/";
        assert!(follow(base, "http://127.0.0.1:8089/v1/rooms?cursor=a").is_ok());
        assert!(follow(base, "http://127.0.0.1:8090/v1/rooms?cursor=a").is_err());
        assert!(follow(base, "https://127.0.0.1:8089/v1/rooms?cursor=a").is_err());
    }

    #[test]
    fn an_error_quotes_no_query_of_a_link() {
        let error = follow("https://webexapis.com/v1", "https://a.example/\n?token=hush").unwrap_err();
        assert!(!error.contains("hush") && !error.contains('\n'), "{error}");
    }
}
