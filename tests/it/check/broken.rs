//! Everything that can be broken, by table: what is broken, the check that finds it, its words, and the next step.

use Verdict::{Failed, Misconfigured, NotChecked, Warning};
use jiff::SignedDuration;
use steward::app::{Finding, Verdict};
use steward::sim::{
    ADMIN_TOKEN, BOT_TOKEN, FaultRule, SERVICE_APP_CLIENT_ID, SERVICE_APP_CLIENT_SECRET,
    SERVICE_APP_REFRESH_TOKEN,
};

use super::{KEY, TestBed};
use crate::loopback::free_address;
use crate::public_address::Front;
use crate::world::SECRET;

/// Something broken, and what the check must say about it.
pub struct Broken {
    what: &'static str,
    pub settings: Vec<(&'static str, String)>,
    fault: Option<FaultRule>,
    clock_skew: SignedDuration,
    expected: Expected,
}

/// The name of the check, its verdict, words of its finding and of the next step. The verdict gives the exit code.
pub type Expected = (&'static str, Verdict, &'static str, &'static str);

pub fn broken(what: &'static str, expected: Expected) -> Broken {
    Broken { what, settings: Vec::new(), fault: None, clock_skew: SignedDuration::ZERO, expected }
}

impl Broken {
    fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((variable, value.into()));
        self
    }

    fn faulty(self, fault: FaultRule) -> Self {
        Self { fault: Some(fault), ..self }
    }

    pub fn with_service_app(self) -> Self {
        self.with("STEWARD_ADMIN_TOKEN", "")
            .with("STEWARD_SERVICE_APP_CLIENT_ID", SERVICE_APP_CLIENT_ID)
            .with("STEWARD_SERVICE_APP_CLIENT_SECRET", SERVICE_APP_CLIENT_SECRET)
            .with("STEWARD_SERVICE_APP_REFRESH_TOKEN", SERVICE_APP_REFRESH_TOKEN)
    }

    /// Runs the check, and returns a line for each expectation that does not hold.
    pub async fn problem(self, bed: &TestBed) -> Option<String> {
        let (check, verdict, found, to_do) = self.expected;
        bed.sim.clear_faults();
        if let Some(fault) = self.fault {
            bed.sim.fault(fault);
        }
        let report = bed.report(&self.settings, self.clock_skew).await;
        let findings = report.checks.iter().filter(|finding| finding.check == check);
        let fits = |finding: &&Finding| {
            finding.verdict == verdict
                && finding.found.contains(found)
                && finding.to_do.as_deref().unwrap_or_default().contains(to_do)
        };
        let is_right =
            findings.clone().any(|finding| fits(&finding)) && report.exit_code == verdict.exit_code();
        let printed = format!("{report:?}");
        let leaks =
            [BOT_TOKEN, ADMIN_TOKEN, SECRET, KEY, "hush"].iter().any(|secret| printed.contains(secret));
        assert!(!leaks, "{}: {printed}", self.what);
        (!is_right).then(|| {
            format!("{}: expected {:?}, found {:#?}", self.what, self.expected, findings.collect::<Vec<_>>())
        })
    }
}

/// Tokens and settings.
pub fn broken_credentials(bed: &TestBed) -> Vec<Broken> {
    vec![
        broken(
            "the bot token is a person's",
            (
                "bot_token",
                Misconfigured,
                "the token of a person (ana@example.com)",
                "Set it to the token of the bot",
            ),
        )
        .with("STEWARD_BOT_TOKEN", &bed.cast.ana.token),
        broken(
            "the bot token is a machine account's",
            (
                "bot_token",
                Misconfigured,
                "the machine account of a Service App",
                "Set it to the token of the bot",
            ),
        )
        .with("STEWARD_BOT_TOKEN", &bed.cast.read_only_admin_token),
        broken(
            "the bot token is unknown",
            ("bot_token", Misconfigured, "Webex rejects it", "Copy the token of the bot again"),
        )
        .with("STEWARD_BOT_TOKEN", "nobodys-token"),
        broken(
            "both tokens are equal",
            ("settings", Misconfigured, "the same token as STEWARD_BOT_TOKEN", "Correct this setting"),
        )
        .with("STEWARD_ADMIN_TOKEN", BOT_TOKEN),
        broken(
            "a secret is in quotes",
            ("settings", Misconfigured, "quotes around it; remove them", "Correct this setting"),
        )
        .with("STEWARD_BOT_TOKEN", "\"hush\""),
        broken(
            "the admin token is a bot's",
            (
                "admin_credential",
                Misconfigured,
                "is the token of a bot (helper@webex.bot)",
                "use a Service App",
            ),
        )
        .with("STEWARD_ADMIN_TOKEN", &bed.cast.helper.token),
        broken(
            "the admin token is unknown",
            ("admin_credential", Misconfigured, "Webex rejects it", "Set STEWARD_ADMIN_TOKEN to a new token"),
        )
        .with("STEWARD_ADMIN_TOKEN", "nobodys-token"),
        broken(
            "the encryption key is malformed",
            ("settings", Misconfigured, "STEWARD_ENCRYPTION_KEY is wrong", "Correct this setting"),
        )
        .with_service_app()
        .with("STEWARD_ENCRYPTION_KEY", "hush"),
        broken(
            "the encryption key is another one",
            ("encryption_key", Misconfigured, "sealed with another key", "Set the key that was set when"),
        )
        .with_service_app()
        .with("STEWARD_ENCRYPTION_KEY", KEY.replace('0', "f"))
        .with("STEWARD_DATABASE_URL", bed.database("sealed.db")),
        broken(
            "the Service App has no token yet",
            ("admin_credential", NotChecked, "no valid access token yet", ""),
        )
        .with_service_app()
        .with("STEWARD_ENCRYPTION_KEY", KEY),
        broken(
            "the log filter is misspelled",
            ("log_filter", Warning, "neither a level nor a part of Steward", "Did you mean info?"),
        )
        .with("STEWARD_LOG", "inof"),
    ]
}

/// Scopes, admins, webhooks, and Webex itself.
pub fn broken_webex(bed: &TestBed, elsewhere: &Front) -> Vec<Broken> {
    let forbidden = |path: &str| FaultRule::on("GET", path).status(403);
    let unknown_id = "11111111-2222-3333-4444-555555555555";
    vec![
        broken("devices", ("devices", Misconfigured, "not granted", "the scope spark-admin:devices_read"))
            .faulty(forbidden("/devices")),
        broken("workspaces", ("workspaces", Warning, "not granted", "the scope spark-admin:workspaces_read"))
            .faulty(forbidden("/workspaces")),
        broken("locations", ("locations", Warning, "not granted", "the scope spark-admin:locations_read"))
            .faulty(forbidden("/locations")),
        broken("people", ("people", Warning, "not granted", "the scope spark-admin:people_read"))
            .faulty(forbidden("/people").once()),
        broken(
            "organizations",
            ("organizations", Warning, "not granted", "the scope spark-admin:organizations_read"),
        )
        .faulty(forbidden("/organizations")),
        broken(
            "the target organization is another's",
            ("devices", Misconfigured, "not granted", "Check that STEWARD_TARGET_ORG"),
        )
        .with("STEWARD_TARGET_ORG", &bed.cast.partner_org),
        broken(
            "Webex is rate limiting the credential",
            ("devices", Failed, "Webex asks to wait", "Wait as long as Webex asks"),
        )
        .faulty(FaultRule::on("GET", "/devices").status(429).retry_after("60")),
        broken(
            "nobody has an admin's address",
            (
                "admins",
                Misconfigured,
                "nobody@example.com: neither the bot nor the admin",
                "`whoami` in a direct message",
            ),
        )
        .with("STEWARD_ADMINS", "nobody@example.com"),
        broken(
            "nobody has an admin's id",
            ("admins", Misconfigured, unknown_id, "Correct it in STEWARD_ADMINS"),
        )
        .with("STEWARD_ADMINS", unknown_id),
        broken("an admin is a bot", ("admins", Misconfigured, "is a bot", "List a person in STEWARD_ADMINS"))
            .with("STEWARD_ADMINS", &bed.cast.helper.id),
        broken(
            "an admin belongs to another organization",
            ("admins", Warning, "which Steward does not serve", "Add that organization to STEWARD_ORGS"),
        )
        .with("STEWARD_ADMINS", &bed.cast.oskar.id),
        broken("there is no admin", ("admins", Warning, "nobody may use the bot", "List the people"))
            .with("STEWARD_ADMINS", ""),
        broken(
            "the bot is not in the alert space",
            ("alert_space", Misconfigured, "the bot is not in it", "Add the bot to the space"),
        )
        .with("STEWARD_ALERT_SPACE", unknown_id),
        broken("the list of webhooks fails", ("webhooks", Failed, "503", "Try again"))
            .faulty(FaultRule::on("GET", "/webhooks").status(503)),
        broken(
            "the webhooks lead elsewhere",
            ("webhooks", Warning, "repair \"Steward: messages\"", "`steward webhooks sync` does it now"),
        )
        .with("STEWARD_LISTEN", free_address().to_string())
        .with("STEWARD_PUBLIC_URL", "http://127.0.0.1:1"),
        broken(
            "there is no public address",
            ("webhooks", Warning, "does not manage webhooks", "Set STEWARD_PUBLIC_URL"),
        )
        .with("STEWARD_PUBLIC_URL", ""),
        broken(
            "the API cannot be reached",
            (
                "webex_api",
                Failed,
                "cannot reach http://127.0.0.1:1: Connection refused",
                "Check the network, HTTPS_PROXY",
            ),
        )
        .with("STEWARD_WEBEX_API", "http://127.0.0.1:1/v1"),
        broken(
            "the API is something else",
            ("webex_api", Misconfigured, "is not Webex's API", "Check STEWARD_WEBEX_API"),
        )
        .with("STEWARD_WEBEX_API", &elsewhere.url),
        broken("the API is disturbed", ("webex_api", Warning, "answers 503", "status.webex.com"))
            .faulty(FaultRule::on("GET", "/people/me").status(503).once()),
        Broken {
            clock_skew: SignedDuration::from_mins(10),
            ..broken("the clock is ahead", ("clock", Failed, "s ahead of Webex's", "Synchronize the clock"))
        },
        Broken {
            clock_skew: SignedDuration::from_mins(-10),
            ..broken("the clock is behind", ("clock", Failed, "s behind Webex's", "Synchronize the clock"))
        },
    ]
}

/// The database and the address to listen on.
pub fn broken_machine(bed: &TestBed, elsewhere: &Front) -> Vec<Broken> {
    let database =
        |what, expected, name: &str| broken(what, expected).with("STEWARD_DATABASE_URL", bed.database(name));
    vec![
        database(
            "the directory of the database is missing",
            (
                "database",
                Misconfigured,
                "missing: there is no such directory; create it",
                "STEWARD_DATABASE_URL",
            ),
            "missing/steward.db",
        ),
        database(
            "the database is a directory",
            ("database", Misconfigured, "this is a directory", "set STEWARD_DATABASE_URL to another place"),
            "",
        ),
        database(
            "the database is another file",
            ("database", Misconfigured, "letter.txt: this is not a SQLite database", "STEWARD_DATABASE_URL"),
            "letter.txt",
        ),
        database(
            "another program holds the database",
            ("database", Failed, "locked.db: another program has held this file", "Fix this"),
            "locked.db",
        ),
        database(
            "the database is a newer Steward's",
            ("database", Failed, "written by a newer Steward", "Fix this"),
            "newer.db",
        ),
        broken(
            "PostgreSQL cannot be reached",
            (
                "database",
                Failed,
                "PostgreSQL at 127.0.0.1:1 cannot be reached: Connection refused",
                "Fix this",
            ),
        )
        .with("STEWARD_DATABASE_URL", "postgres://steward:hush@127.0.0.1:1/steward"),
        broken(
            "the port is taken",
            (
                "listen_address",
                Failed,
                "another program is listening there",
                "choose another port in STEWARD_LISTEN",
            ),
        )
        .with("STEWARD_LISTEN", elsewhere.url.trim_start_matches("http://")),
        broken(
            "the address is another machine's",
            (
                "listen_address",
                Misconfigured,
                "this machine does not have this address",
                "Choose another address",
            ),
        )
        .with("STEWARD_LISTEN", "192.0.2.1:8080"),
    ]
}

/// The way through the public address.
pub async fn broken_ways() -> Vec<Broken> {
    let html = [("content-type", "text/html")];
    let at = |what, expected, front: &Front| broken(what, expected).with("STEWARD_PUBLIC_URL", &front.url);
    let login = [("location", "https://idp.example.com/login")];
    vec![
        at(
            "the proxy drops the path",
            ("public_address", Misconfigured, "the path is not passed on", "pass on POST /webhooks/webex"),
            &Front::without_the_path().await,
        ),
        at(
            "there is a login page",
            ("public_address", Misconfigured, "a login page", "Exempt /webhooks/webex"),
            &Front::answering(302, &login, "").await,
        ),
        at(
            "a page answers everything with 200",
            ("public_address", Misconfigured, "another program answers", "Let this address lead to Steward"),
            &Front::answering(200, &html, "<h1>It works!</h1>").await,
        ),
        at(
            "the proxy cannot reach Steward",
            ("public_address", Failed, "the proxy in front cannot reach Steward", "STEWARD_LISTEN"),
            &Front::answering(502, &html, "<h1>Bad Gateway</h1>").await,
        ),
        broken(
            "the Steward there has another secret",
            ("public_address", Misconfigured, "another webhook secret", "the same STEWARD_WEBHOOK_SECRET"),
        )
        .with("STEWARD_WEBHOOK_SECRET", "another secret, long enough"),
        broken(
            "no Steward is running",
            (
                "public_address",
                Warning,
                "nothing listens there; no Steward runs here",
                "Start `steward serve`",
            ),
        )
        .with("STEWARD_LISTEN", free_address().to_string())
        .with("STEWARD_PUBLIC_URL", "http://127.0.0.1:1"),
        broken(
            "the public address is not HTTPS",
            (
                "settings",
                Misconfigured,
                "STEWARD_PUBLIC_URL is wrong: expected an HTTPS address",
                "Correct this setting",
            ),
        )
        .with("STEWARD_PUBLIC_URL", "http://steward.example.com"),
    ]
}
