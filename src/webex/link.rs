//! The `Link` header (RFC 8288), as far as it says where the next page of a list is. Pure.

use url::Url;

/// Characters that the address of a page may have: it is kept in the store.
const LONGEST_ADDRESS: usize = 1500;

/// The target of the first link to the next page.
pub(super) fn next_target(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (target, after) = rest.split_once('<')?.1.split_once('>')?;
        let (parameters, others) = after.split_at(end_of_parameters(after));
        if leads_to_the_next(parameters) {
            return Some(target.trim());
        }
        rest = others;
    }
}

/// The first comma that is not in quotes.
fn end_of_parameters(text: &str) -> usize {
    let mut is_quoted = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn leads_to_the_next(parameters: &str) -> bool {
    let is_next = |relations: &str| {
        relations
            .trim()
            .trim_matches('"')
            .split_ascii_whitespace()
            .any(|one| one.eq_ignore_ascii_case("next"))
    };
    parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .any(|(name, value)| name.trim().eq_ignore_ascii_case("rel") && is_next(value))
}

/// The address that a link on the page at `from` leads to, if it lies below `base`: same scheme, same host, same
/// port, same path. A token must not travel anywhere else. Else what is wrong with it.
pub(super) fn followed(base: &Url, from: &Url, target: &str) -> Result<Url, String> {
    let astray = |found: &str| {
        let found: String = found.chars().take(120).collect();
        format!("the link to the next page leads away: expected an address below {base}, found {found:?}")
    };
    let address = from.join(target).map_err(|_| astray(target))?;
    let below = format!("{}/", base.path().trim_end_matches('/'));
    let is_ours = address.scheme() == base.scheme()
        && address.host() == base.host()
        && address.port_or_known_default() == base.port_or_known_default()
        && address.username().is_empty()
        && address.password().is_none()
        && address.path().starts_with(&below);
    if !is_ours {
        return Err(astray(target.split('?').next().unwrap_or_default()));
    }
    if address.as_str().len() > LONGEST_ADDRESS {
        return Err(format!("the link to the next page has more than {LONGEST_ADDRESS} characters"));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_to_the_next_page_is_found_among_others() {
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
        let from = Url::parse(&format!("{base}/rooms?max=100")).unwrap();
        followed(&base, &from, target).map(Into::into)
    }

    #[test]
    fn only_what_lies_at_the_configured_address_is_followed() {
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
    fn on_this_machine_the_port_counts_too() {
        let base = "http://127.0.0.1:8089/v1/";
        assert!(follow(base, "http://127.0.0.1:8089/v1/rooms?cursor=a").is_ok());
        assert!(follow(base, "http://127.0.0.1:8090/v1/rooms?cursor=a").is_err());
        assert!(follow(base, "https://127.0.0.1:8089/v1/rooms?cursor=a").is_err());
    }

    #[test]
    fn what_a_link_says_is_not_repeated_beyond_its_path() {
        let error = follow("https://webexapis.com/v1", "https://a.example/\n?token=hush").unwrap_err();
        assert!(!error.contains("hush") && !error.contains('\n'), "{error}");
    }
}
