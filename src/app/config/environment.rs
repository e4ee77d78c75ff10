//! Environment variables: those of this process, or given ones in tests and in the demo.

use std::collections::BTreeMap;
use std::fmt;

/// Environment variables by name.
#[derive(Clone, Default)]
pub struct Environment(pub(super) BTreeMap<String, String>);

impl Environment {
    /// The variables of this process, without those that are not UTF-8.
    pub fn of_this_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let variables = std::env::vars_os();
        Self::of(variables.filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))))
    }

    /// Only these variables, without those that Kubernetes sets for services whose names begin with `steward`.
    pub fn of<K: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self(variables.filter(|(name, value)| !is_from_kubernetes(name, value)).collect())
    }
}

/// Whether Kubernetes sets this variable for a service (Kubernetes, *Service*: Environment variables). For one called
/// `steward-db` these are `STEWARD_DB_SERVICE_HOST`, `STEWARD_DB_SERVICE_PORT`, `STEWARD_DB_SERVICE_PORT_NAME` for each
/// named port, and for Docker's links `STEWARD_DB_PORT=tcp://…`, `STEWARD_DB_PORT_5432_TCP=tcp://…` and its parts
/// `…_PROTO`, `…_PORT` and `…_ADDR`.
fn is_from_kubernetes(name: &str, value: &str) -> bool {
    let Some(rest) = name.strip_prefix("STEWARD_") else { return false };
    let rest = format!("_{rest}");
    let is_link = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_link_part = |(_, part): (&str, &str)| {
        let mut words = part.splitn(3, '_');
        let [port, protocol, last] = [words.next(), words.next(), words.next()];
        port.is_some_and(is_port)
            && matches!(protocol, Some("TCP" | "UDP" | "SCTP"))
            && matches!(last, None | Some("PROTO" | "PORT" | "ADDR"))
    };
    rest.ends_with("_SERVICE_HOST")
        || rest.ends_with("_SERVICE_PORT") && is_port(value)
        || rest.contains("_SERVICE_PORT_") && is_port(value)
        || rest.ends_with("_PORT") && is_link
        || rest.rsplit_once("_PORT_").is_some_and(is_link_part)
        || rest.strip_suffix("_PORT").and_then(|rest| rest.rsplit_once("_PORT_")).is_some_and(is_link_part)
}

/// Variables hold secrets: only their names can be printed.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_kubernetes_services_are_no_settings() {
        for (name, value) in [
            ("STEWARD_SERVICE_HOST", "10.0.0.1"),
            ("STEWARD_SERVICE_PORT", "80"),
            ("STEWARD_SERVICE_PORT_HTTP", "80"),
            ("STEWARD_PORT", "tcp://10.0.0.1:80"),
            ("STEWARD_PORT_80_TCP", "tcp://10.0.0.1:80"),
            ("STEWARD_PORT_80_TCP_PROTO", "tcp"),
            ("STEWARD_PORT_80_TCP_PORT", "80"),
            ("STEWARD_PORT_80_TCP_ADDR", "10.0.0.1"),
            ("STEWARD_DB_SERVICE_HOST", "10.0.0.2"),
            ("STEWARD_DB_SERVICE_PORT_POSTGRESQL", "5432"),
            ("STEWARD_DB_PORT", "tcp://10.0.0.2:5432"),
            ("STEWARD_DB_PORT_5432_TCP_PORT", "5432"),
            ("STEWARD_DNS_PORT_53_UDP", "udp://10.0.0.3:53"),
            ("STEWARD_WEBHOOK_SERVICE_HOST", "10.0.0.4"),
        ] {
            assert!(is_from_kubernetes(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("STEWARD_PORT", "8080"),
            ("STEWARD_LISTEN", "tcp://10.0.0.1:80"),
            ("STEWARD_SERVICE_APP_CLIENT_ID", "C1"),
            ("STEWARD_SERVICE_PORT", "eighty"),
            ("STEWARD_PORT_HTTP", "80"),
            ("HOME", "/root"),
        ] {
            assert!(!is_from_kubernetes(name, value), "{name}={value}");
        }
        let environment =
            Environment::of([("STEWARD_DB_PORT", "tcp://10.0.0.2:5432"), ("STEWARD_LOG", "info")]);
        assert_eq!(format!("{environment:?}"), r#"{"STEWARD_LOG"}"#);
    }
}
