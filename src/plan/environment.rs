//! The config of the finished image: environment, command, user, labels.

use serde_json::{Map, Value, json};

use crate::{
    document::Spanned,
    manifest::{App, Healthcheck, Manifest, duration::Duration},
    plan::{
        app, asset,
        places::{CACHE_ROOT, VENV, hub_cache},
        user::ResolvedUser,
    },
    request::Request,
    values::config::{ImageConfig, RunConfig},
};

/// What libraries write to beside the hub's caches, by default below the home that an
/// unknown user lacks, or in a folder named after one. Not all follow the first.
const CACHES: [(&str, &str); 9] = [
    ("XDG_CACHE_HOME", "/tmp/.cache"),
    ("MPLCONFIGDIR", "/tmp/.cache/matplotlib"),
    ("NUMBA_CACHE_DIR", "/tmp/.cache/numba"),
    ("TRITON_CACHE_DIR", "/tmp/.cache/triton"),
    ("TORCHINDUCTOR_CACHE_DIR", "/tmp/.cache/torchinductor"),
    ("TORCH_EXTENSIONS_DIR", "/tmp/.cache/torch_extensions"),
    ("CUDA_CACHE_PATH", "/tmp/.cache/nv"),
    ("CUPY_CACHE_DIR", "/tmp/.cache/cupy"),
    // It appends `.cache/flashinfer`.
    ("FLASHINFER_WORKSPACE_BASE", "/tmp"),
];

/// The base image's config with what the manifest adds.
pub fn config(
    manifest: &Manifest,
    base: &ImageConfig,
    user: &ResolvedUser,
    request: &Request,
) -> ImageConfig {
    let mut image = base.clone();
    // The time of the base's build; the exporter writes this build's own.
    image.rest.remove("created");
    let run = &mut image.config;
    // What the base does when another image builds on it is not for this one's users.
    run.rest.remove("OnBuild");
    let path = run.path().to_owned();
    run.set_env("PATH", &path);
    if manifest.python.is_some() {
        run.set_env("PATH", &format!("{VENV}/bin:{path}"));
        run.set_env("VIRTUAL_ENV", VENV);
        // The environment has no pip of its own: this makes the base image's one work in it.
        run.set_env("PIP_PYTHON", &format!("{VENV}/bin/python3"));
    }
    find_models(run, manifest);
    for (name, folder) in CACHES {
        // A base image that sets one has a folder for it.
        if run.env(name).is_none() {
            run.set_env(name, folder);
        }
    }
    if let Some(app) = &manifest.app {
        app_config(run, app);
    }
    // The command line has the last word, as with a Dockerfile.
    run.labels.extend(request.labels.clone());
    // Numbers, since `runAsNonRoot` of Kubernetes can't judge a name.
    run.user = format!("{}:{}", user.id.uid, user.id.gid);
    image
}

/// The config of an image that holds packages and nothing else, for its platform.
pub fn packages_only(base: &ImageConfig) -> ImageConfig {
    let ImageConfig { architecture, os, variant, .. } = base.clone();
    ImageConfig { architecture, os, variant, ..ImageConfig::default() }
}

/// The config of an image that holds models and nothing else.
pub fn models_only(manifest: &Manifest, platform: &ImageConfig) -> ImageConfig {
    let mut image = platform.clone();
    find_models(&mut image.config, manifest);
    image
}

/// Tells every library where what it would download is.
fn find_models(run: &mut RunConfig, manifest: &Manifest) {
    if asset::has_models(manifest) {
        offline_models(run);
    }
    for (name, folder) in asset::variables(manifest) {
        run.set_env(name, &folder);
    }
}

/// Points every library that reads the hub's cache at ours, and tells it to ask
/// nobody: without the flag a read-only cache can't be loaded once the upstream
/// branch has moved.
fn offline_models(run: &mut RunConfig) {
    run.set_env("HF_HOME", &format!("{CACHE_ROOT}/huggingface"));
    run.set_env("HF_HUB_CACHE", &hub_cache());
    for name in ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"] {
        run.set_env(name, "1");
    }
    // The two parts of HF_HOME that libraries write to.
    run.set_env("HF_MODULES_CACHE", "/tmp/hf_modules");
    run.set_env("HF_DATASETS_CACHE", "/tmp/hf_datasets");
    run.set_env("HF_HUB_DISABLE_TELEMETRY", "1");
    // It would win over the hub cache, so a base image's value is redirected.
    if run.env("SENTENCE_TRANSFORMERS_HOME").is_some() {
        run.set_env("SENTENCE_TRANSFORMERS_HOME", &hub_cache());
    }
    run.env.retain(|entry| !entry.starts_with("TRANSFORMERS_CACHE="));
}

fn app_config(run: &mut RunConfig, app: &App) {
    app::workdir(app).clone_into(&mut run.working_dir);
    if let Some(entrypoint) = &app.entrypoint {
        run.entrypoint.clone_from(&entrypoint.value);
        // As in a Dockerfile: the base's arguments were meant for its own entrypoint.
        run.cmd.clear();
    }
    if let Some(command) = &app.command {
        run.cmd.clone_from(&command.value);
    }
    for (name, value) in &app.env {
        run.set_env(&name.value, &value.value);
    }
    for (name, value) in &app.labels {
        run.labels.insert(name.value.clone(), value.value.clone());
    }
    if let Some(check) = &app.healthcheck {
        run.rest.insert("Healthcheck".to_owned(), healthcheck(check));
    }
    if let Some(signal) = &app.stop_signal {
        run.rest.insert("StopSignal".to_owned(), json!(signal.value.to_string()));
    }
    if let Some(shell) = &app.shell {
        run.rest.insert("Shell".to_owned(), json!(shell.value));
    }
    if !app.volumes.is_empty() {
        let volumes = run.rest.entry("Volumes".to_owned()).or_default();
        if !volumes.is_object() {
            *volumes = json!({}); // a base image's `null`
        }
        for path in &app.volumes {
            volumes[path.value.as_str().trim_end_matches('/')] = json!({});
        }
    }
    for port in &app.expose {
        run.exposed_ports.insert(port.value.to_string(), Value::Object(Map::new()));
    }
}

/// A check as Docker's image config has it, with times in nanoseconds
/// (`moby/docker-image-spec`, `HealthcheckConfig`); what is not said is Docker's to choose.
fn healthcheck(check: &Healthcheck) -> Value {
    let mut config = json!({"Test": check.test.value.words()});
    let times = [
        ("Interval", &check.interval),
        ("Timeout", &check.timeout),
        ("StartPeriod", &check.start_period),
        ("StartInterval", &check.start_interval),
    ];
    let nanoseconds = |time: &Spanned<Duration>| time.value.nanoseconds();
    for (key, time) in times {
        if let Some(time) = time {
            config[key] = json!(nanoseconds(time));
        }
    }
    if let Some(retries) = &check.retries {
        config["Retries"] = json!(retries.value.0);
    }
    config
}
