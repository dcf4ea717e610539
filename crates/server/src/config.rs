//! Configuration: defaults, then `DIR/kloud.toml`, then `KLOUD_…` (with `__` between levels), then flags.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use kloud_base::{Rng, random_bytes};
use serde::{Deserialize, Serialize};

/// Variables of the environment that begin like ours and set something else: the command line, the log, the tests.
const NO_CONFIGURATION: &[&str] = &["cache", "clock_ahead_hours", "crash_at", "data", "log", "test_postgres"];

/// All there is to set. Unknown keys are refused.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the web server listens.
    pub listen: SocketAddr,
    pub http: HttpConfig,
    pub tls: TlsConfig,
    pub database: DatabaseConfig,
    pub media: MediaConfig,
    pub livekit: LivekitConfig,
    pub metrics: MetricsConfig,
    pub traces: TracesConfig,
}

/// How long clients may take, in seconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// For the head of a request, and between two requests on one connection.
    pub head_seconds: NonZeroU32,
    /// For the body of a request and everything until its answer begins.
    pub request_seconds: NonZeroU32,
    /// For taking what they are sent. Who is slower is let go.
    pub taken_seconds: NonZeroU32,
}

impl Default for HttpConfig {
    fn default() -> Self {
        let seconds = |seconds| NonZeroU32::new(seconds).expect("not zero");
        Self { head_seconds: seconds(30), request_seconds: seconds(30), taken_seconds: seconds(10) }
    }
}

/// Certificate and key in PEM files, or an authority that is asked for them. Neither: plain HTTP, for this machine or
/// behind a proxy.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// The certificate and those between it and its root. Read again when it changes.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Names that clients use; empty means those that the certificate names. An authority is asked for these.
    pub names: Vec<String>,
    pub acme: AcmeConfig,
}

impl TlsConfig {
    pub fn is_on(&self) -> bool {
        self.has_files() || self.acme.is_on()
    }

    fn has_files(&self) -> bool {
        !self.certificate.as_os_str().is_empty()
    }
}

/// Who certifies this server's names, by ACME (RFC 8555). To name one is to agree to its terms.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AcmeConfig {
    /// The URL of the authority's directory. Empty: nobody is asked.
    pub directory: String,
    /// A mail address that the authority may write to. May be empty.
    pub contact: String,
    /// A certificate in PEM that the authority's own server is trusted by, beside those that this machine trusts.
    pub root: PathBuf,
}

impl AcmeConfig {
    pub fn is_on(&self) -> bool {
        !self.directory.is_empty()
    }
}

/// Empty URLs mean SQLite in the data folder.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// `postgres://…` for the rows.
    pub url: String,
    /// `postgres://…` for the keys; a server of its own, because a base backup takes a whole one.
    pub keys_url: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MediaConfig {
    /// Who carries sound and picture.
    pub backend: MediaCarrier,
    /// The cluster, if one does. What else is set of media is of this process alone.
    pub livekit: ClusterConfig,
    /// The one port of media. 0 takes a free one. The number of `listen` means that everything comes by one port.
    pub port: u16,
    /// Whether that port takes TCP beside UDP, for networks that let no UDP through.
    pub tcp: bool,
    /// Addresses told to clients; empty means those of this machine's interfaces.
    pub advertise: Vec<IpAddr>,
    /// Media threads; 0 means one a core.
    pub threads: usize,
    /// Whether clients that get through in no other way may come by the relay (TURN), by TCP and TLS.
    pub relay: bool,
    /// Whether clients are told to reach the relay by UDP too. Only for networks where all are to be relayed: Chromium
    /// hears nothing on the straight way then.
    pub relay_udp: bool,
    /// Most people in all rooms together; 0 means any number.
    pub max_participants: usize,
    /// The share of five seconds that the busiest media thread may work before nobody new is let in; 1 means any share.
    pub busy_max: f64,
}

impl MediaConfig {
    fn check_carrier(&self) -> Result<()> {
        let fault = (self.backend == MediaCarrier::Livekit).then(|| self.livekit.fault()).flatten();
        fault.map_or(Ok(()), |fault| bail!("the configuration is wrong:\n  {fault}"))
    }
}

/// Who carries sound and picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaCarrier {
    /// This process.
    #[default]
    Embedded,
    /// A LiveKit server or cluster.
    Livekit,
}

/// A LiveKit server or cluster that carries the media of meetings.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClusterConfig {
    /// Where this process calls it: `http://…` or `https://…`
    pub url: String,
    /// Where clients connect; empty means the same address.
    pub public_url: String,
    pub api_key: String,
    pub api_secret: String,
}

impl ClusterConfig {
    /// Where clients connect.
    pub fn for_clients(&self) -> &str {
        if self.public_url.is_empty() { &self.url } else { &self.public_url }
    }

    /// What is wrong with it: the key, what was found, what was expected.
    fn fault(&self) -> Option<String> {
        let is_web =
            |url: &str, schemes: &[&str]| schemes.iter().any(|scheme| url.starts_with(&format!("{scheme}://")));
        if !is_web(&self.url, &["http", "https"]) {
            let found = &self.url;
            return Some(format!(
                "media.livekit.url: found {found:?}, expected a URL that begins with http:// or https://"
            ));
        }
        if !is_web(self.for_clients(), &["http", "https", "ws", "wss"]) {
            let found = &self.public_url;
            return Some(format!(
                "media.livekit.public_url: found {found:?}, expected a URL that begins with wss:// or https://"
            ));
        }
        if self.api_key.is_empty() || self.api_secret.is_empty() {
            return Some("media.livekit.api_key and api_secret: found one of them or none, expected both".into());
        }
        None
    }
}

/// Numbers for Prometheus.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsConfig {
    /// Where they are served, apart from everything else; nowhere if not set.
    pub listen: Option<SocketAddr>,
}

/// Traces of joins for OpenTelemetry.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TracesConfig {
    /// The collector that takes them by OTLP over HTTP, such as `http://127.0.0.1:4318`; empty means none.
    pub otlp: String,
}

/// Keys for API rooms. They open no meeting.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LivekitConfig {
    pub keys: Vec<LivekitKey>,
    pub webhook: WebhookConfig,
}

/// Who is told what happens in API rooms; nobody, if there is no address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookConfig {
    /// The key whose secret signs what is told; empty means the first one.
    pub key: String,
    /// `http://…` or `https://…`
    pub urls: Vec<String>,
}

impl LivekitConfig {
    /// The key that signs webhooks.
    pub fn webhook_key(&self) -> Option<&LivekitKey> {
        self.keys.iter().find(|one| self.webhook.key.is_empty() || one.key == self.webhook.key)
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LivekitKey {
    pub key: String,
    pub secret: String,
}

/// What the command line sets over everything else.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Flags {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7878)),
            http: HttpConfig::default(),
            database: DatabaseConfig::default(),
            tls: TlsConfig::default(),
            media: MediaConfig {
                backend: MediaCarrier::default(),
                livekit: ClusterConfig::default(),
                port: 7882,
                tcp: true,
                advertise: Vec::new(),
                threads: 0,
                relay: true,
                relay_udp: false,
                max_participants: 0,
                busy_max: 0.9,
            },
            livekit: LivekitConfig::default(),
            metrics: MetricsConfig::default(),
            traces: TracesConfig::default(),
        }
    }
}

/// The data folder with its configuration.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// Makes the folder when it is not there, readable by its owner alone.
    pub fn open(path: &Path) -> Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        let builder = |folder: &Path| std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        for folder in [path.to_owned(), path.join("keys")] {
            builder(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        }
        Ok(Self { path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// For what a certificate's authority gives, its secrets among it.
    ///
    /// # Errors
    /// Where the folder cannot be made.
    pub fn certificates(&self) -> Result<PathBuf> {
        use std::os::unix::fs::DirBuilderExt as _;
        let folder = self.path.join("certificates");
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.with_context(|| format!("could not make {}", folder.display()))?;
        Ok(folder)
    }

    fn config_path(&self) -> PathBuf {
        self.path.join("kloud.toml")
    }

    /// Writes a first configuration with a fresh API key, unless there is one.
    pub fn write_first_config(&self, rng: &dyn Rng) -> Result<()> {
        let path = self.config_path();
        if path.exists() {
            return Ok(());
        }
        let key = format!("API{}", data_encoding::BASE32_NOPAD.encode(&random_bytes::<8>(rng)));
        // Letters and digits alone: a secret that begins with a hyphen is an option to the program that it is given to.
        let secret = data_encoding::BASE32_NOPAD.encode(&random_bytes::<32>(rng));
        let mut text = String::from("# Kloud's configuration. `kloud serve --help` lists what can be set.\n\n");
        let _ = writeln!(text, "# A key for the LiveKit API. It opens API rooms, never a meeting.\n[[livekit.keys]]");
        let _ = writeln!(text, "key = \"{key}\"\nsecret = \"{secret}\"");
        // Written whole or not at all: a half configuration would stop the next start.
        let draft = self.path.join("kloud.toml.new");
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, &path).with_context(|| format!("could not write {}", path.display()))
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// Names the key, where it was set, what was found there and what was expected.
    pub fn config(&self, flags: &Flags) -> Result<Config> {
        let figment = Figment::from(Serialized::defaults(Config::default()))
            .merge(Toml::file_exact(self.config_path()))
            .merge(Env::prefixed("KLOUD_").split("__").ignore(NO_CONFIGURATION))
            .merge(Serialized::defaults(flags));
        let config: Config = match figment.extract() {
            Ok(config) => config,
            Err(errors) => {
                let told: Vec<String> = errors.into_iter().map(|error| explain(&figment, &error)).collect();
                bail!("the configuration is wrong:\n  {}", told.join("\n  "));
            }
        };
        for (name, url) in [("database.url", &config.database.url), ("database.keys_url", &config.database.keys_url)] {
            if !url.is_empty() && !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
                bail!(
                    "the configuration is wrong:\n  {name}: found {url:?}, expected a URL that begins with postgres://"
                );
            }
        }
        if config.database.url.is_empty() != config.database.keys_url.is_empty() {
            bail!(
                "the configuration is wrong:\n  database.url and database.keys_url: found one of them, expected both or neither"
            );
        }
        if config.tls.certificate.as_os_str().is_empty() != config.tls.key.as_os_str().is_empty() {
            bail!(
                "the configuration is wrong:\n  tls.certificate and tls.key: found one of them, expected both or neither"
            );
        }
        let acme = &config.tls.acme;
        if acme.is_on() && config.tls.has_files() {
            bail!("the configuration is wrong:\n  tls.certificate and tls.acme: found both, expected one of them");
        }
        if acme.is_on() && !acme.directory.starts_with("https://") {
            bail!(
                "the configuration is wrong:\n  tls.acme.directory: found {:?}, expected a URL that begins with https://",
                acme.directory
            );
        }
        if acme.is_on() && config.tls.names.is_empty() {
            bail!("the configuration is wrong:\n  tls.names: found none, expected those that tls.acme is asked for");
        }
        for url in &config.livekit.webhook.urls {
            if !url.starts_with("http://") && !url.starts_with("https://") {
                bail!(
                    "the configuration is wrong:\n  livekit.webhook.urls: found {url:?}, expected URLs that begin with http:// or https://"
                );
            }
        }
        let otlp = &config.traces.otlp;
        if !otlp.is_empty() && !otlp.starts_with("http://") && !otlp.starts_with("https://") {
            bail!(
                "the configuration is wrong:\n  traces.otlp: found {otlp:?}, expected a URL that begins with http:// or https://"
            );
        }
        if config.media.busy_max.is_nan() || config.media.busy_max <= 0.0 {
            bail!(
                "the configuration is wrong:\n  media.busy_max: found {}, expected a share such as 0.9, or 1 for any",
                config.media.busy_max
            );
        }
        config.media.check_carrier()?;
        if config.livekit.webhook_key().is_none() && !config.livekit.webhook.urls.is_empty() {
            bail!(
                "the configuration is wrong:\n  livekit.webhook.key: found {:?}, expected a key of livekit.keys",
                config.livekit.webhook.key
            );
        }
        for LivekitKey { key, secret } in &config.livekit.keys {
            if secret.len() < 32 {
                bail!(
                    "the configuration is wrong:\n  livekit.keys: the secret of {key:?} has {} characters, expected 32 or more",
                    secret.len()
                );
            }
        }
        Ok(config)
    }
}

/// The list that `media.advertise.0` is an entry of; else the key itself.
fn list_of(key: &str) -> &str {
    key.rsplit_once('.').filter(|(_, last)| last.parse::<usize>().is_ok()).map_or(key, |(list, _)| list)
}

/// What is expected where a value has a form of its own.
fn expected(key: &str) -> &'static str {
    match key {
        "listen" | "metrics.listen" => "an address with a port, such as 127.0.0.1:7878",
        "media.advertise" => "IP addresses, such as 192.0.2.7",
        key if key.starts_with("http.") => "a number of seconds, 1 or more",
        _ => "a value of another form",
    }
}

/// `media.port in data/kloud.toml: found string "x", expected u16`.
fn explain(figment: &Figment, error: &figment::Error) -> String {
    use figment::error::Kind;
    let key = if error.path.is_empty() { "(top level)".to_owned() } else { error.path.join(".") };
    let place = error.metadata.as_ref().map(|metadata| match &metadata.source {
        Some(source) => format!(" in {source}"),
        None => format!(" in {}", metadata.name),
    });
    let what = match &error.kind {
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("found {found}, expected {expected}")
        }
        Kind::UnknownField(found, known) => {
            format!("found the unknown key `{found}`, expected one of {}", known.join(", "))
        }
        Kind::MissingField(missing) => format!("`{missing}` is missing"),
        other => match figment.find_value(list_of(&key)).ok().and_then(|value| serde_json::to_string(&value).ok()) {
            Some(found) => format!("found {found}, expected {} ({other})", expected(list_of(&key))),
            None => format!("it cannot be read: {other}"),
        },
    };
    format!("{key}{}: {what}", place.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(text: &str) -> (tempfile::TempDir, DataFolder) {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::open(temporary.path()).expect("a data folder");
        std::fs::write(folder.config_path(), text).expect("a configuration");
        (temporary, folder)
    }

    #[test]
    fn a_fresh_key_is_never_an_option_on_a_command_line() {
        struct All(u8);
        impl Rng for All {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(self.0);
            }
        }
        for byte in [0, 0xfb, 0xff] {
            let temporary = tempfile::tempdir().expect("a temporary folder");
            let folder = DataFolder::open(temporary.path()).expect("a data folder");
            folder.write_first_config(&All(byte)).expect("a configuration");
            let config = folder.config(&Flags::default()).expect("it is right");
            let is_word = |text: &str| text.chars().all(|letter| letter.is_ascii_alphanumeric());
            let keys = &config.livekit.keys;
            assert!(keys.len() == 1 && keys.iter().all(|key| is_word(&key.key) && is_word(&key.secret)), "{byte}");
        }
    }

    #[test]
    fn a_wrong_configuration_says_which_key_what_was_found_and_what_was_expected() {
        let check = |text: &str, expected: &[&str]| {
            let (_temporary, folder) = folder_with(text);
            let told = folder.config(&Flags::default()).expect_err("it is wrong").to_string();
            expected.iter().for_each(|part| assert!(told.contains(part), "{told:?} says {part:?}"));
        };
        check("[media]\nport = \"x\"", &["media.port", "kloud.toml", "found string \"x\"", "expected u16"]);
        check("lissten = \"x\"", &["lissten", "expected one of listen"]);
        check("[database]\nurl = \"mysql://x\"\nkeys_url = \"\"", &["database.url", "mysql://x", "postgres://"]);
        check("[database]\nurl = \"postgres://x\"", &["database.keys_url", "both or neither"]);
        check("[tls]\nkey = \"key.pem\"", &["tls.certificate", "both or neither"]);
        let acme = "[tls.acme]\ndirectory = \"https://authority.example/\"\n";
        check(acme, &["tls.names", "found none"]);
        let both = "[tls]\nnames = [\"a.example\"]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n".to_owned() + acme;
        check(&both, &["tls.acme", "one of them"]);
        let plain = "[tls]\nnames = [\"a.example\"]\nacme.directory = \"http://authority.example/\"\n";
        check(plain, &["tls.acme.directory", "https://"]);
        check("[livekit.webhook]\nurls = [\"ftp://x\"]", &["livekit.webhook.urls", "ftp://x", "https://"]);
        check(
            "[livekit.webhook]\nkey = \"b\"\nurls = [\"http://x\"]",
            &["livekit.webhook.key", "\"b\"", "livekit.keys"],
        );
        check("[metrics]\nlisten = \"9090\"", &["metrics.listen", "9090", "an address with a port"]);
        check("[traces]\notlp = \"127.0.0.1:4318\"", &["traces.otlp", "127.0.0.1:4318", "http://"]);
        check("[media]\nbusy_max = 0", &["media.busy_max", "0.9"]);
        check("[media]\nbackend = \"sfu\"", &["media.backend", "embedded", "livekit"]);
        let cluster = "[media]\nbackend = \"livekit\"\n[media.livekit]\n";
        check(cluster, &["media.livekit.url", "https://"]);
        let at = format!("{cluster}url = \"https://media.example\"\napi_key = \"a\"\n");
        check(&at, &["media.livekit.api_key", "expected both"]);
        let there = format!("{at}api_secret = \"b\"\npublic_url = \"media.example\"\n");
        check(&there, &["media.livekit.public_url", "wss://"]);
        check("[[livekit.keys]]\nkey = \"a\"\nsecret = \"short\"", &["livekit.keys", "5 characters", "32"]);
    }

    #[test]
    fn flags_go_over_the_file() {
        let (_temporary, folder) = folder_with("listen = \"127.0.0.1:1\"");
        let flags = Flags { listen: Some(SocketAddr::from(([127, 0, 0, 1], 2))) };
        assert_eq!(folder.config(&flags).expect("it is right").listen.port(), 2);
    }
}
