//! The parts of requests and responses that handlers share: the caller, query parameters, JSON bodies, pages.

use std::sync::{Arc, MutexGuard};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST, LINK};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::sim::error::{ApiError, ApiResult, ensure};
use crate::sim::gateway::{Caller, header};
use crate::sim::model::Model;
use crate::sim::model::records::{FieldFilter, FilterParameter};
use crate::sim::model::stored::AccessToken;
use crate::sim::state::SimState;

/// Scopes, of which a token needs at least one. If there are none, every token is sufficient.
pub(super) type Scopes = &'static [&'static str];
/// The JSON of a response, or the refusal.
pub(super) type ApiAnswer = ApiResult<Json<Value>>;

/// The parts of a request that nearly every handler needs.
#[derive(Debug)]
pub(super) struct ApiCall {
    pub(super) state: Arc<SimState>,
    pub(super) token: Arc<AccessToken>,
    pub(super) query: QueryParameters,
}

impl ApiCall {
    /// Refuses with 403 unless the token has one of the scopes.
    pub(super) fn require(&self, scopes: &[&str]) -> ApiResult<()> {
        let granted = scopes.is_empty() || scopes.iter().any(|scope| self.token.scopes.contains(scope));
        if granted { Ok(()) } else { Err(ApiError::forbidden()) }
    }

    pub(super) fn person_id(&self) -> &str {
        &self.token.person_id
    }

    /// The organization that the request is about: the one that it names, if the token reaches it, or the token's own.
    pub(super) fn org_id(&self) -> ApiResult<String> {
        self.model().administered(&self.token, self.query.get("orgId"))
    }

    pub(super) fn model(&self) -> MutexGuard<'_, Model> {
        self.state.model()
    }

    pub(super) fn change<T>(&self, work: impl FnOnce(&mut Model) -> T) -> T {
        self.state.change(work)
    }
}

impl FromRequestParts<Arc<SimState>> for ApiCall {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<SimState>) -> Result<Self, Self::Rejection> {
        let Caller(token) = parts.extensions.get().cloned().ok_or_else(ApiError::unauthorized)?;
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Ok(Self { state: Arc::clone(state), token, query: QueryParameters(query) })
    }
}

/// The query parameters, in order; unknown ones are ignored.
#[derive(Debug)]
pub(super) struct QueryParameters(Vec<(String, String)>);

impl QueryParameters {
    /// The first value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a parameter that can be given several times.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is a number; 400 if it is not.
    pub(super) fn number(&self, name: &str) -> ApiResult<Option<usize>> {
        let parsed = self.get(name).map(str::parse).transpose();
        parsed.map_err(|_| ApiError::bad_request(format!("{name} must be a number that is not negative.")))
    }

    /// The length of a page: the requested one, silently reduced to the limit.
    pub(super) fn max(&self) -> ApiResult<usize> {
        Ok(self.number("max")?.unwrap_or(100).clamp(1, 1000))
    }

    /// The known filter parameters.
    pub(super) fn filter(&self, known: &[FilterParameter]) -> FieldFilter {
        let given = known.iter().filter_map(|(name, form)| Some((*name, form(self.get(name)?))));
        given.collect()
    }

    /// The same parameters without one of them, as a query string.
    pub(super) fn without(&self, name: &str) -> String {
        let kept = self.0.iter().filter(|(known, _)| known != name);
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
    }

    /// The same parameters with some replaced, as a query string.
    pub(super) fn with(&self, replaced: &[(&str, String)]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !replaced.iter().any(|(other, _)| other == name));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept).extend_pairs(replaced).finish()
    }
}

/// A body that must be a JSON object.
#[derive(Debug)]
pub(super) struct JsonBody<T = Value>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        require_media_type(request.headers(), "application/json")?;
        let unreadable = || ApiError::bad_request("The request body is not a JSON object.");
        let bytes = Bytes::from_request(request, state).await.map_err(|_| unreadable())?;
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(unreadable());
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|_| unreadable())
    }
}

/// Refuses with 415 unless the content type is this one, with any parameters.
pub(super) fn require_media_type(headers: &HeaderMap, expected: &str) -> ApiResult<()> {
    let media_type = header(headers, CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default();
    let is_expected = media_type.trim().eq_ignore_ascii_case(expected);
    if is_expected { Ok(()) } else { Err(ApiError::unsupported_media_type()) }
}

/// The URL of a list on the host that the client used, for links to the next page.
#[derive(Debug)]
pub(super) struct ListUrl {
    pub(super) host: String,
    path: String,
}

impl ListUrl {
    /// Adds the link to the next page, which has this query.
    pub(super) fn link(&self, mut response: Response, query: &str) -> Response {
        let link = format!("<http://{}{}?{query}>; rel=\"next\"", self.host, self.path);
        response.headers_mut().extend(link.parse().ok().map(|link| (LINK, link)));
        response
    }

    /// The requested page of a complete list, with a link to the next page if there is one.
    pub(super) fn page_of(&self, whole: &[Value], query: &QueryParameters) -> ApiResult<Response> {
        let start = query.number("cursor")?.unwrap_or(0).min(whole.len());
        let end = whole.len().min(start + query.max()?);
        let response = Json(json!({ "items": whole[start..end] })).into_response();
        if end == whole.len() {
            return Ok(response);
        }
        Ok(self.link(response, &query.with(&[("cursor", end.to_string())])))
    }
}

impl<S: Sync> FromRequestParts<S> for ListUrl {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let host = header(&parts.headers, HOST);
        ensure(host.is_some(), "The Host header is missing.")?;
        Ok(Self { host: host.unwrap_or_default().to_owned(), path: parts.uri.path().to_owned() })
    }
}
