//! What the caller of a build asked for beside its file: the options that
//! `docker buildx build` sends, as values.
//!
//! Keys and their forms are those of `frontend/dockerui/config.go` and buildx's
//! `build/opt.go`; each is named once, here.

use std::collections::BTreeMap;

use buildkit_llb::{Network, Platform, ProxyEnv, Ulimit};
use serde::Deserialize;

pub mod context;
pub mod ignore;

/// The options of one build. `default()` is a build with no flags.
///
/// ```
/// use buildkit_frontend::request::Request;
///
/// let request = Request { target: Some("test".into()), ..Request::default() };
/// assert!(request.platforms.is_empty());
/// # assert_eq!(request.target.as_deref(), Some("test"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The path of the build's file, `-f`, in its local source.
    pub filename: String,
    /// The local source that holds that file.
    pub file_local: String,
    /// The local source that is the build context, or the URL that replaces it.
    pub context: Context,
    /// What to build; `None` is the default.
    pub target: Option<String>,
    /// Platforms to build for; empty is the daemon's own.
    pub platforms: Vec<Platform>,
    /// Whether to answer with a result for each platform even if there is one.
    pub multi_platform: bool,
    /// `--build-arg`s, the predefined ones included.
    pub build_args: BTreeMap<String, String>,
    /// `--label`s.
    pub labels: BTreeMap<String, String>,
    /// Which steps must not come from the cache.
    pub no_cache: NoCache,
    /// How image references are resolved: `default`, `pull` or `local`.
    pub resolve_mode: Option<String>,
    /// The network of steps that need one.
    pub network: Network,
    /// `--add-host`: name and address.
    pub add_hosts: Vec<(String, String)>,
    /// `--ulimit`.
    pub ulimits: Vec<Ulimit>,
    /// `--shm-size` in bytes.
    pub shm_size: Option<u64>,
    /// `--cgroup-parent`.
    pub cgroup_parent: Option<String>,
    /// The host name inside steps.
    pub hostname: Option<String>,
    /// Proxies from `--build-arg HTTP_PROXY=…`; never in a cache key.
    pub proxy: Option<ProxyEnv>,
    /// `SOURCE_DATE_EPOCH` in seconds: the time given to files; 0 if not set.
    pub epoch: i64,
    /// Prefix of cache mount ids (`BUILDKIT_CACHE_MOUNT_NS`).
    pub cache_namespace: String,
    /// `--cache-from`, passed on with every solve.
    pub cache_imports: Vec<CacheImport>,
    /// The subrequest (`--call`, `--check`), if this is one.
    pub subrequest: Option<String>,
    /// Named contexts (`--build-context`): name to value.
    pub contexts: BTreeMap<String, String>,
    /// The session that holds the locals.
    pub session: String,
    /// Sessions that replace it for single locals.
    pub local_sessions: BTreeMap<String, String>,
}

/// Where the build context comes from.
///
/// ```
/// use buildkit_frontend::request::{Context, Request};
///
/// let options = [("context", "https://example.com/org/name.git")];
/// let options = options.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
/// let request = Request::from_options(&options, "session")?;
/// assert_eq!(request.context, Context::Remote("https://example.com/org/name.git".into()));
/// # Ok::<(), buildkit_frontend::request::RequestError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Context {
    /// The client's folder.
    #[default]
    Local,
    /// A git repository or an archive at this URL.
    Remote(String),
}

/// `--no-cache` and `--no-cache-filter`.
///
/// ```
/// use buildkit_frontend::request::{NoCache, Request};
///
/// let options = [("no-cache", "Test,lint")];
/// let options = options.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
/// let request = Request::from_options(&options, "session")?;
/// assert_eq!(request.no_cache, NoCache::Stages(vec!["test".into(), "lint".into()]));
/// # Ok::<(), buildkit_frontend::request::RequestError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NoCache {
    /// Everything may come from the cache.
    #[default]
    Nothing,
    /// Nothing may.
    Everything,
    /// The stages of these names may not.
    Stages(Vec<String>),
}

/// One `--cache-from`, as buildx sends it.
///
/// ```
/// use buildkit_frontend::request::{Request};
///
/// let options = [("cache-from", "example.com/app:cache")];
/// let options = options.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
/// let request = Request::from_options(&options, "session")?;
/// assert_eq!(request.cache_imports[0].r#type, "registry");
/// # Ok::<(), buildkit_frontend::request::RequestError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CacheImport {
    /// `registry`, `gha`, `local`, …
    pub r#type: String,
    /// The backend's own attributes.
    #[serde(default)]
    pub attrs: BTreeMap<String, String>,
}

/// An option whose value can't be read.
///
/// ```
/// use buildkit_frontend::request::{Request};
///
/// let options = [("platform", "arm64")];
/// let options = options.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
/// let error = Request::from_options(&options, "session").expect_err("no platform");
/// assert!(error.to_string().starts_with("the build option `platform` has the value"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the build option `{key}` has the value {value:?}: {reason}")]
pub struct RequestError {
    key: String,
    value: String,
    reason: String,
}

const EPOCH: &str = "SOURCE_DATE_EPOCH";
const CACHE_NAMESPACE: &str = "BUILDKIT_CACHE_MOUNT_NS";
const MULTI_PLATFORM: &str = "BUILDKIT_MULTI_PLATFORM";
const HOSTNAME: &str = "BUILDKIT_SANDBOX_HOSTNAME";

impl Request {
    /// Reads the options of `BUILDKIT_FRONTEND_OPT_*`. Unknown keys are left
    /// out: buildx sends new ones with each release.
    ///
    /// ```
    /// use buildkit_frontend::request::{Request};
    ///
    /// let options = [("filename", "image.yaml"), ("build-arg:TAG", "1"), ("new", "")];
    /// let options = options.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    /// let request = Request::from_options(&options, "session")?;
    /// assert_eq!((request.filename.as_str(), request.build_arg("TAG")), ("image.yaml", Some("1")));
    /// # Ok::<(), buildkit_frontend::request::RequestError>(())
    /// ```
    pub fn from_options(
        options: &BTreeMap<String, String>,
        session: &str,
    ) -> Result<Self, RequestError> {
        let under = |prefix: &str| -> BTreeMap<String, String> {
            options
                .iter()
                .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.into(), value.clone())))
                .collect()
        };
        let text = |key: &str| options.get(key).filter(|value| !value.is_empty()).cloned();
        let build_args = under("build-arg:");
        let arg = |key: &str| build_args.get(key).filter(|value| !value.is_empty()).cloned();
        let context_key = text("contextkey").unwrap_or_else(|| "context".into());
        Ok(Self {
            filename: text("filename").unwrap_or_else(|| "Dockerfile".into()),
            file_local: text("dockerfilekey").unwrap_or_else(|| "dockerfile".into()),
            context: text(&context_key).map_or(Context::Local, Context::Remote),
            target: text("target"),
            platforms: parse_with("platform", text("platform"), |value| {
                value.split(',').map(|p| p.parse().map_err(|e| format!("{e}"))).collect()
            })?
            .unwrap_or_default(),
            multi_platform: parse_with("multi-platform", text("multi-platform"), go_bool)?
                .or(parse_with(MULTI_PLATFORM, arg(MULTI_PLATFORM), go_bool)?)
                .unwrap_or_default(),
            labels: under("label:"),
            no_cache: match options.get("no-cache").map(String::as_str) {
                None => NoCache::Nothing,
                Some("") => NoCache::Everything,
                Some(names) => {
                    NoCache::Stages(names.split(',').map(str::to_ascii_lowercase).collect())
                }
            },
            resolve_mode: text("image-resolve-mode"),
            network: parse_with("force-network-mode", text("force-network-mode"), network)?
                .unwrap_or_default(),
            add_hosts: parse_with("add-hosts", text("add-hosts"), pairs)?.unwrap_or_default(),
            ulimits: parse_with("ulimit", text("ulimit"), ulimits)?.unwrap_or_default(),
            shm_size: parse_with("shm-size", text("shm-size"), number)?,
            cgroup_parent: text("cgroup-parent"),
            hostname: arg(HOSTNAME).or_else(|| text("hostname")),
            proxy: proxy(&build_args),
            epoch: parse_with(EPOCH, arg(EPOCH), number)?.unwrap_or_default(),
            cache_namespace: arg(CACHE_NAMESPACE).unwrap_or_default(),
            cache_imports: cache_imports(text("cache-imports"), text("cache-from").as_deref())?,
            subrequest: text("requestid"),
            contexts: under("context:"),
            session: session.to_owned(),
            local_sessions: under("local-sessionid:"),
            build_args,
        })
    }

    /// Whether the steps of `stage` must run anew.
    pub fn ignores_cache(&self, stage: &str) -> bool {
        match &self.no_cache {
            NoCache::Nothing => false,
            NoCache::Everything => true,
            NoCache::Stages(names) => names.iter().any(|name| name == stage),
        }
    }

    /// The session that serves the local source `name`.
    pub fn session_of(&self, name: &str) -> Option<String> {
        let session = self.local_sessions.get(name).unwrap_or(&self.session);
        (!session.is_empty()).then(|| session.clone())
    }

    /// A predefined build argument, if given and not empty.
    pub fn build_arg(&self, name: &str) -> Option<&str> {
        self.build_args.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

fn parse_with<T>(
    key: &str,
    value: Option<String>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, RequestError> {
    let Some(value) = value else { return Ok(None) };
    match parse(&value) {
        Ok(parsed) => Ok(Some(parsed)),
        Err(reason) => Err(RequestError { key: key.to_owned(), value, reason }),
    }
}

/// The spellings of Go's `strconv.ParseBool`.
fn go_bool(value: &str) -> Result<bool, String> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("expected `true` or `false`".into()),
    }
}

fn number<T: std::str::FromStr>(value: &str) -> Result<T, String> {
    value.parse().map_err(|_| "expected a whole number".into())
}

fn network(value: &str) -> Result<Network, String> {
    match value {
        "host" => Ok(Network::Host),
        "none" => Ok(Network::None),
        "sandbox" | "default" => Ok(Network::Sandbox),
        _ => Err("expected `host`, `none` or `sandbox`".into()),
    }
}

fn pairs(value: &str) -> Result<Vec<(String, String)>, String> {
    let pair = |entry: &str| match entry.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(format!("expected `name=value`, not `{entry}`")),
    };
    value.split(',').map(pair).collect()
}

fn ulimits(value: &str) -> Result<Vec<Ulimit>, String> {
    let limit = |(name, limits): (String, String)| {
        let (soft, hard) = limits.split_once(':').unwrap_or((&limits, &limits));
        Ok(Ulimit { name, soft: number(soft)?, hard: number(hard)? })
    };
    pairs(value)?.into_iter().map(limit).collect()
}

fn proxy(build_args: &BTreeMap<String, String>) -> Option<ProxyEnv> {
    let named = |name: &str| {
        build_args
            .iter()
            .find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty())
            .map_or_else(String::new, |(_, value)| value.clone())
    };
    let proxy = ProxyEnv {
        http: named("HTTP_PROXY"),
        https: named("HTTPS_PROXY"),
        ftp: named("FTP_PROXY"),
        no: named("NO_PROXY"),
        all: named("ALL_PROXY"),
    };
    (proxy != ProxyEnv::default()).then_some(proxy)
}

fn cache_imports(
    json: Option<String>,
    references: Option<&str>,
) -> Result<Vec<CacheImport>, RequestError> {
    let json = parse_with("cache-imports", json, |value| {
        serde_json::from_str(value).map_err(|error| error.to_string())
    })?;
    let legacy = || {
        references.into_iter().flat_map(|list| list.split(',')).map(|reference| CacheImport {
            r#type: "registry".into(),
            attrs: BTreeMap::from([("ref".into(), reference.into())]),
        })
    };
    Ok(json.unwrap_or_else(|| legacy().collect()))
}
