//! A user's folder with a manifest, and a hub and an index that know its names.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{
    double::{AUTHORITY, Double, Request},
    engine,
    progress::{self, Step},
    registry::REPOSITORY,
};

/// A build context and the servers it needs; all of it goes with the value.
pub struct Project {
    /// The model hub.
    pub hub: Double,
    /// The package index, if it is not the engine's, which has every package.
    index: Option<Double>,
    /// The address of the Docker that builds, if it is not the engine's builder.
    docker: Option<String>,
    folder: TempDir,
    /// In every file made here, so that no daemon has seen the content before.
    seed: String,
}

/// A build that ended well.
pub struct Build {
    /// What the daemon did, in the order in which it began.
    pub steps: Vec<Step>,
    /// The digest of the pushed image.
    pub digest: String,
}

impl Project {
    /// A folder with a manifest and nothing else, and an index of its own.
    pub fn new(manifest: &str) -> Self {
        let mut project = Self::with_real_packages(manifest);
        project.index = Some(Double::index(project.folder.path()));
        project
    }

    /// The same with an index by plain http, which the builder reaches, too; `options` are
    /// more of its own (tests/doubles/README.md).
    pub fn with_index(manifest: &str, options: &[&str]) -> Self {
        let mut project = Self::with_real_packages(manifest);
        let index = Double::index_with(project.folder.path(), "127.0.0.1", options);
        project.index = Some(index);
        project
    }

    /// The same with the engine's index.
    pub fn with_real_packages(manifest: &str) -> Self {
        let folder = tempfile::tempdir().expect("temporary folders can be made");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        let project = Self {
            hub: Double::hub(folder.path()),
            index: None,
            docker: None,
            // Of one length always: so are the sizes of files that it is in.
            seed: format!("{:07}-{}", process::id(), now.as_nanos()),
            folder,
        };
        project.write("modelcache.yaml", manifest);
        project
    }

    /// The same, built by another Docker.
    #[must_use]
    pub fn on(mut self, docker: &str) -> Self {
        self.docker = Some(docker.to_owned());
        self
    }

    /// The URL of the index, if it is the project's own.
    pub fn index_url(&self) -> Option<String> {
        let is_secure = self.folder.path().join(AUTHORITY).exists();
        let scheme = if is_secure { "https" } else { "http" };
        self.index.as_ref().map(|index| format!("{scheme}://{}/simple/", index.address))
    }

    /// A folder for what is no part of the build context; its `wheels` are the index's own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the build context.
    pub fn write(&self, path: &str, text: &str) {
        write(&self.context().join(path), text.as_bytes());
    }

    /// Writes a file of the build context that no daemon has seen before.
    pub fn write_new(&self, path: &str, text: &str) {
        self.write(path, &format!("{text}# {}\n", self.seed));
    }

    /// Puts a model on the hub: weights, what loads them, and files nobody needs.
    pub fn add_model(&self, id: &str) {
        let folder = self.repository(id);
        let seed = &self.seed;
        let config =
            format!("{{\"model_type\": \"bert\", \"name\": \"{id}\", \"seed\": \"{seed}\"}}\n");
        let weights = self.weights(id);
        for (path, content) in [
            ("config.json", config.as_bytes()),
            ("tokenizer.json", b"{\"version\": \"1.0\"}\n"),
            ("README.md", b"---\nlicense: mit\n---\nA test's model.\n"),
            ("1_Pooling/config.json", b"{\"pooling_mode_mean_tokens\": true}\n"),
            ("model.safetensors", &weights),
            ("pytorch_model.bin", b"the same weights once more"),
            ("tf_model.h5", b"and once more"),
            ("onnx/model.onnx", b"and once more"),
        ] {
            write(&folder.join(path), content);
        }
    }

    /// The bytes of a model's `model.safetensors`: one tensor of bytes.
    pub fn weights(&self, id: &str) -> Vec<u8> {
        let tensor = format!("{id} {} ", self.seed).repeat(64);
        let header = format!(
            "{{\"w\":{{\"dtype\":\"U8\",\"shape\":[{0}],\"data_offsets\":[0,{0}]}}}}",
            tensor.len()
        );
        let length = u64::try_from(header.len()).expect("it is short").to_le_bytes();
        [&length, header.as_bytes(), tensor.as_bytes()].concat()
    }

    /// Puts a wheel on the index: one module that holds its version.
    pub fn add_wheel(&self, name: &str, version: &str) {
        self.add_wheel_of(name, version, &format!("VERSION = \"{version}\"\n"));
    }

    /// The same with a module of its own.
    pub fn add_wheel_of(&self, name: &str, version: &str, module: &str) {
        let build = self.folder.path().join("build");
        let info = format!("{name}-{version}.dist-info");
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        let tag =
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
        let module = format!("{module}SEED = \"{}\"\n", self.seed);
        let mut record = format!("{info}/RECORD,,\n");
        for (path, content) in [
            (format!("{name}.py"), module.as_str()),
            (format!("{info}/METADATA"), &metadata),
            (format!("{info}/WHEEL"), tag),
        ] {
            let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(content));
            record = format!("{record}{path},sha256={hash},{}\n", content.len());
            write(&build.join(path), content.as_bytes());
        }
        write(&build.join(&info).join("RECORD"), record.as_bytes());
        let wheel = self.folder.path().join(format!("wheels/{name}-{version}-py3-none-any.whl"));
        let mut zip = Command::new("python3");
        zip.args(["-m", "zipfile", "-c"]).arg(wheel).arg(format!("{name}.py")).arg(info);
        engine::stdout(zip.current_dir(&build));
        fs::remove_dir_all(build).expect("the folder is ours");
    }

    /// Builds and pushes the image; `flags` come last on the command line.
    pub fn build(&self, flags: &[&str]) -> Build {
        let metadata = self.folder.path().join("metadata.json");
        // A tag of its own: an image that another test has pushed over can be collected.
        let registry = engine::variable("MODELCACHE_REGISTRY");
        let tag = format!("{registry}/{REPOSITORY}:{}", self.seed);
        let mut command = self.command("rawjson");
        command.arg("--push").args(["-t", &tag]).arg("--metadata-file").arg(&metadata).args(flags);
        let output = engine::run(command.arg(self.context()));
        let seen = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}\n{}", progress::in_words(&seen));
        let metadata = fs::read(metadata).expect("buildx wrote it");
        let metadata: Value = serde_json::from_slice(&metadata).expect("buildx writes JSON");
        let digest = metadata["containerimage.digest"].as_str().expect("the image was pushed");
        Build { steps: progress::steps(&seen), digest: digest.to_owned() }
    }

    /// Builds what can't be built, and returns the end of what the user sees:
    /// all from the failed step on.
    pub fn fail(&self, flags: &[&str]) -> String {
        let mut command = self.command("plain");
        let output = engine::run(command.args(flags).arg(self.context()));
        let seen = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "it was built: {command:?}\n{seen}");
        self.without_chance(progress::failure(&seen))
    }

    /// Builds what may fail: whether it was built, and all that the user sees.
    pub fn attempt(&self, flags: &[&str]) -> (bool, String) {
        let output = engine::run(self.command("plain").args(flags).arg(self.context()));
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Makes or updates the lock beside the manifest, and returns its text.
    pub fn lock(&self, flags: &[&str]) -> String {
        let mut command = self.command("plain");
        command.args(["--target", "lock", "--output"]).arg(self.context()).args(flags);
        engine::stdout(command.arg(self.context()));
        fs::read_to_string(self.context().join("modelcache.lock.json")).expect("it was written")
    }

    /// What a subrequest prints.
    pub fn call(&self, name: &str, flags: &[&str]) -> String {
        let mut command = self.command("plain");
        engine::stdout(command.arg(format!("--call={name}")).args(flags).arg(self.context()))
    }

    /// A file beside the context, for a secret: what is in the context may be in the image.
    pub fn secret(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join("secrets").join(name);
        write(&path, text.as_bytes());
        path
    }

    /// The folder on the hub that holds a repository's files.
    pub fn repository(&self, id: &str) -> PathBuf {
        self.folder.path().join("hub").join(id)
    }

    fn command(&self, progress: &str) -> Command {
        let mut command = Command::new("docker");
        command.args(["buildx", "build", "--progress", progress]).args(engine::build_flags());
        if let Some(docker) = &self.docker {
            command.env("DOCKER_HOST", docker).args(["--builder", "default"]);
        }
        // What comes later wins over the engine's own flags.
        command.arg("--build-arg").arg(format!("HF_ENDPOINT=http://{}", self.hub.address));
        if let Some(url) = self.index_url() {
            command.arg("--build-arg").arg(format!("PIP_INDEX_URL={url}"));
        }
        let authority = self.folder.path().join(AUTHORITY);
        if authority.exists() {
            command.arg("--secret").arg(format!("id=ca-certificates,src={}", authority.display()));
        }
        command.arg("-f").arg(self.context().join("modelcache.yaml"));
        command
    }

    /// The build context.
    pub fn context(&self) -> PathBuf {
        self.folder.path().join("context")
    }

    /// What the hub was asked since the last call, without HEAD requests: they have
    /// no body, and the daemon leaves some out while the build before is still being
    /// put away.
    pub fn hub_requests(&self) -> String {
        let mut requests = self.hub.requests();
        requests.retain(|request| request.method != "HEAD");
        self.show(&requests)
    }

    /// The project's own index.
    pub fn index(&self) -> &Double {
        self.index.as_ref().expect("this project has one")
    }

    /// Ends the project's own index.
    pub fn stop_index(&mut self) {
        self.index.as_mut().expect("this project has one").stop();
    }

    /// What the project's own index was asked since the last call.
    pub fn index_requests(&self) -> String {
        self.show(&self.index.as_ref().map(Double::requests).unwrap_or_default())
    }

    /// `requests`, sorted, one a line, the same in every run.
    fn show(&self, requests: &[Request]) -> String {
        let mut lines: Vec<String> =
            requests.iter().map(|request| self.without_chance(&request.to_string())).collect();
        lines.sort();
        lines.concat()
    }

    /// `text` without what differs between runs: ports, digests, times, and which of two
    /// ends of buildx's hears of a failure first.
    pub fn without_chance(&self, text: &str) -> String {
        let text = text.replace("failed to run Build function: ", "failed to solve: ");
        let index = self.index.as_ref().map_or("no index", |index| &index.address);
        let text = text.replace(&self.hub.address, "HUB").replace(index, "INDEX");
        let is_time = |word: &str| word.contains('.') && word.parse::<f64>().is_ok();
        let lines = text.lines().map(|line| {
            let timed = line.split_once(' ').filter(|(word, _)| is_time(word));
            let line = timed.map_or(line, |(_, line)| line);
            format!("{}\n", without_digests(line).trim_end())
        });
        lines.collect()
    }
}

impl Build {
    /// The steps that ran and were not found in the cache, sorted, each name once.
    /// Branches run side by side, so that their order is chance.
    pub fn ran(&self) -> String {
        let ran = self.steps.iter().filter(|step| !step.cached && !step.is_source);
        let mut lines: Vec<String> = ran.map(|step| format!("{}\n", step.name)).collect();
        lines.sort();
        lines.dedup();
        lines.concat()
    }
}

/// `text` with `…` for every sha1 and sha256 in it.
fn without_digests(text: &str) -> String {
    const SHORTEST: usize = 40; // digits of a sha1
    let mut kept = String::new();
    for part in text.split_inclusive(|c: char| !c.is_ascii_hexdigit()) {
        let digits = part.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        let rest = &part[digits.len()..];
        kept.push_str(if digits.len() < SHORTEST { digits } else { "…" });
        kept.push_str(rest);
    }
    kept
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder is ours");
    fs::write(path, content).expect("the folder is ours");
}
