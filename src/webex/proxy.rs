//! The proxy between Steward and an address, for errors: the same rules and variables as reqwest's (`HTTPS_PROXY`,
//! `NO_PROXY` …).

use axum::http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

/// The origin of an address and the proxy on the way, without path, user and password:
/// `https://webexapis.com through the proxy http://proxy.example.com:3128`.
pub(crate) fn route_to(address: &Url) -> String {
    route(address, &Matcher::from_system())
}

fn route(address: &Url, proxies: &Matcher) -> String {
    let origin = address.origin().ascii_serialization();
    let proxy = origin.parse().ok().and_then(|origin: Uri| proxies.intercept(&origin));
    match proxy {
        Some(proxy) => {
            let (scheme, authority) = (proxy.uri().scheme_str(), proxy.uri().authority());
            let authority = authority.map_or("", |authority| authority.as_str());
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{origin} through the proxy {}://{host}", scheme.unwrap_or("http"))
        }
        None => origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_of_an_address_is_named_without_its_password() {
        let proxies = Matcher::builder()
            .https("http://ana:hush@proxy.example.com:3128")
            .no("internal.example.com")
            .build();
        let route = |address: &str| route(&address.parse().unwrap(), &proxies);
        assert_eq!(
            route("https://webexapis.com/v1"),
            "https://webexapis.com through the proxy http://proxy.example.com:3128"
        );
        assert_eq!(route("https://internal.example.com/v1"), "https://internal.example.com");
        assert_eq!(route("http://127.0.0.1:8089/v1"), "http://127.0.0.1:8089");
    }
}
