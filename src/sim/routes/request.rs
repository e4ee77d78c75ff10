//! What handlers take from a request: query parameters and a JSON body.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::sim::error::ApiError;

/// The query parameters, in order; unknown ones are not looked at.
#[derive(Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a parameter, to keep.
    pub fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// All values of a parameter that can be given several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is a number; 400 if it is not.
    pub fn number(&self, name: &str) -> Result<Option<usize>, ApiError> {
        let parse = |text: &str| {
            text.parse()
                .map_err(|_| ApiError::bad_request(format!("{name} must be a number that is not negative.")))
        };
        self.get(name).map(parse).transpose()
    }

    /// The length of a page: what was asked for, silently reduced to the limit.
    pub fn max(&self, default: usize, limit: usize) -> Result<usize, ApiError> {
        Ok(self.number("max")?.unwrap_or(default).clamp(1, limit))
    }

    /// How many items the pages before this one had: the cursor of lists that go on by counting.
    pub fn skipped(&self) -> Result<usize, ApiError> {
        Ok(self.number("cursor")?.unwrap_or(0))
    }

    /// The same parameters without one of them, as a query string.
    pub fn without(&self, name: &str) -> String {
        let kept = self.0.iter().filter(|(known, _)| known != name);
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
    }

    /// The same parameters with some replaced, as a query string.
    pub fn with(&self, replaced: &[(&str, String)]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !replaced.iter().any(|(other, _)| other == name));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept);
        query.extend_pairs(replaced);
        query.finish()
    }
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

/// A body that must be a JSON object.
#[derive(Debug)]
pub struct JsonBody<T = Value>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(ApiError::unsupported_media_type());
        }
        let unreadable = || ApiError::bad_request("The request body is not a JSON object.");
        let bytes = Bytes::from_request(request, state).await.map_err(|_| unreadable())?;
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(unreadable());
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|_| unreadable())
    }
}

/// An absolute URL on the host that the client used, for `Link` headers.
pub struct Host(String);

/// The page of a whole list that was asked for, with a link to the next one where there is more.
pub fn page_of(whole: &[Value], path: &str, asked: &Parameters, host: &Host) -> Result<Response, ApiError> {
    let (from, max) = (asked.skipped()?.min(whole.len()), asked.max(100, 1000)?);
    let end = whole.len().min(from + max);
    let mut response = Json(json!({ "items": whole[from..end] })).into_response();
    if end < whole.len() {
        let next = host.next_page(path, &asked.with(&[("cursor", end.to_string())]));
        response.headers_mut().extend(next.parse().ok().map(|next| (LINK, next)));
    }
    Ok(response)
}

impl Host {
    /// Another host than the client used.
    pub fn named(host: String) -> Self {
        Self(host)
    }

    /// The header value for the next page.
    pub fn next_page(&self, path: &str, query: &str) -> String {
        format!("<http://{}{path}?{query}>; rel=\"next\"", self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for Host {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let host = parts.headers.get("host").and_then(|value| value.to_str().ok());
        Ok(Self(host.ok_or_else(|| ApiError::bad_request("The Host header is missing."))?.to_owned()))
    }
}
