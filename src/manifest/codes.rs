//! The diagnostics of a manifest, each with an example that brings it about.

/// A diagnostic's name, what it says, and a manifest's lines that it is said of.
pub struct Code {
    /// As in [`Diagnostic::code`](crate::values::diagnostic::Diagnostic::code).
    pub name: &'static str,
    /// What is wrong.
    pub meaning: &'static str,
    /// Lines that go after `base: python:3.13-slim`, or a whole manifest.
    pub example: &'static str,
}

const fn code(name: &'static str, meaning: &'static str, example: &'static str) -> Code {
    Code { name, meaning, example }
}

/// Every diagnostic that reading a manifest can give, by name.
pub const CODES: [Code; 40] = [
    code(
        "credentials-in-url",
        "a URL holds a user or a password; pass them by a build secret",
        "python: {packages: torch, index: 'https://me:pw@example.com/simple'}",
    ),
    code(
        "duplicate-entry",
        "a list has the same entry twice",
        "python: {packages: [torch, torch]}",
    ),
    code("duplicate-key", "a map has the same key twice", "user: app\nuser: web"),
    code("duplicate-model", "a model is there twice", "models: [a/b, a/b@v2]"),
    code(
        "duplicate-target",
        "two copies go to one path of the image",
        "app: {copy: [{from: a, to: /x}, {from: b, to: /x}]}",
    ),
    code("empty-value", "a value, a list or a map is empty", "models: []"),
    code(
        "invalid-command",
        "a command has an open quote, or is none",
        "app: {command: 'echo \"a'}",
    ),
    code("invalid-format", "not a format of weights", "models: [{id: a/b, format: tf}]"),
    code("invalid-image", "not the name of an image", "base: Python:3.13"),
    code("invalid-mode", "not a mode in octal digits", "app: {copy: [{from: a, mode: rwx}]}"),
    code("invalid-model", "not the identifier of a model", "models: [a/b/c]"),
    code("invalid-name", "not the name of a variable", "app: {env: {1ST: a}}"),
    code("invalid-number", "not a number", "app: {healthcheck: {test: a, retries: -1}}"),
    code("invalid-path", "not a path in the context or in the image", "app: {copy: ../src}"),
    code("invalid-port", "not a port of a container", "app: {expose: '8080:80'}"),
    code("invalid-requirement", "not a requirement specifier", "python: {packages: torch=2.3}"),
    code("invalid-revision", "not a branch, tag or commit", "models: [a/b@c d]"),
    code(
        "invalid-sha256",
        "not a digest",
        "models: [{url: 'https://example.com/a', sha256: 12ab, path: a}]",
    ),
    code("invalid-signal", "not a signal", "app: {stop_signal: SIGSTOPP}"),
    code("invalid-tag", "not a part of a file's name", "models: [{id: a/b, quant: '*Q4*'}]"),
    code(
        "invalid-time",
        "not a time, or one that Docker does not take",
        "app: {healthcheck: {test: a, interval: 30}}",
    ),
    code("invalid-url", "not a URL of an index or a hub", "mirrors: {huggingface: example.com}"),
    code("invalid-user", "not a user", "user: '1000:1000:1000:1000'"),
    code("missing-key", "a key that must be there is not", "models: [{revision: main}]"),
    code(
        "no-project",
        "extras or groups, and no `pyproject.toml` or `uv.lock` to have them",
        "python: {requirements: requirements.txt, extras: serve}",
    ),
    code(
        "not-an-archive",
        "an archive that can't be unpacked",
        "models: [{url: 'https://example.com/a.rar', sha256: '0000000000000000000000000000000000000000000000000000000000000000', path: a, unpack: true}]",
    ),
    code(
        "not-with-system",
        "a build of torch can't be chosen beside the base image's packages",
        "python: {packages: torch, torch: cpu, system_site_packages: true}",
    ),
    code(
        "not-yet",
        "a key that a later version will have",
        "models: [{id: intfloat/e5-small-v2, aliases: e5}]",
    ),
    code("root-user", "warning: the container runs as root", "user: root"),
    code(
        "secret-in-manifest",
        "a value looks like a token or a key",
        "app: {env: {HF_TOKEN: hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}}",
    ),
    code(
        "shell-operator",
        "warning: a command looks as if a shell were to run it",
        "app: {command: cd src && python main.py}",
    ),
    code(
        "too-large",
        "too long, too deep, or grown too large by aliases or arguments",
        "app: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    ),
    code(
        "two-choices",
        "a model's files are listed and chosen",
        "models: [{id: a/b, format: onnx, files: '*.onnx'}]",
    ),
    code("unknown-arg", "`${NAME}` of no argument", "user: ${USER}"),
    code("unknown-encoding", "not an encoding of tiktoken", "models: [{tiktoken: cl200k}]"),
    code("unknown-key", "a key that the map doesn't have", "modles: [a/b]"),
    code(
        "unknown-package",
        "not in a known folder of NLTK's data",
        "models: [{nltk: thing, sha256: '0000000000000000000000000000000000000000000000000000000000000000'}]",
    ),
    code(
        "unpinned-code",
        "a model's code is trusted without a commit",
        "models: [{id: a/b, trust_remote_code: true}]",
    ),
    code("wrong-type", "a list, map or string where another belongs", "models: a/b"),
    code("yaml-syntax", "not one document of YAML", "models: [a/b"),
];
