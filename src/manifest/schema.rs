//! The JSON Schema of manifests, and the forms that a manifest's values are written
//! in where they differ from the types that they are read into.

#![expect(dead_code, reason = "nothing but the shape of these types is used")]

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value, json};

use super::{Copy, Manifest};

// A value, or a list of such.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

// Text that needs no quotes to be text.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Scalar {
    String(String),
    Number(f64),
    Boolean(bool),
}

// `NAME: value`, or `NAME=value`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Assignments {
    Map(BTreeMap<String, Scalar>),
    List(Vec<String>),
}

// A command, or a map.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum HealthcheckForm {
    Command(OneOrMany<Scalar>),
    Map(HealthcheckMap),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct HealthcheckMap {
    /// The command: a string for `/bin/sh`, or a list that starts with `CMD` (a program and its
    /// arguments), `CMD-SHELL` (one string, for `/bin/sh`) or `NONE` (the base image's check is
    /// dropped). It runs as the image's user.
    test: Option<OneOrMany<Scalar>>,
    /// The time between two checks: `30s`, `1m30s`. By default Docker's 30 s.
    interval: Option<String>,
    /// How long one check may take. By default Docker's 30 s.
    timeout: Option<String>,
    /// For how long after the start a failed check counts for nothing.
    start_period: Option<String>,
    /// The time between two checks in that period. By default Docker's 5 s.
    start_interval: Option<String>,
    /// How many checks in a row must fail. By default Docker's 3.
    retries: Option<u32>,
    /// Whether the base image's check is dropped.
    disable: Option<bool>,
}

// What to prove of the image.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum VerifyForm {
    Flag(bool),
    Commands(Vec<OneOrMany<Scalar>>),
    Map(VerifyMap),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct VerifyMap {
    /// Whether each package that `python` asks for is imported, by its top-level modules.
    /// By default `true`. A list names the packages or modules to import instead.
    imports: Option<ImportsForm>,
    /// Whether each model is loaded. By default `true`.
    models: Option<bool>,
    /// Commands to run, each in the finished image.
    commands: Option<Vec<OneOrMany<Scalar>>>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum ImportsForm {
    Flag(bool),
    Names(Vec<String>),
}

// An entry of `models`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum ModelForm {
    // `owner/name`, `name` or `owner/name@revision`
    Id(String),
    Map(ModelMap),
    Dataset(DatasetMap),
    Folder(FolderMap),
    File(FileMap),
    TorchHub(TorchHubMap),
    Tiktoken(TiktokenMap),
    Nltk(NltkMap),
    Fastembed(FastembedMap),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ModelMap {
    /// The identifier that the application asks for: `owner/name`, or a bare `name`
    /// as sentence-transformers takes it.
    id: String,
    /// Branch, tag or commit. By default the hub's `main`.
    revision: Option<Scalar>,
    /// Which files. By default what the model's format needs: safetensors before other
    /// weights, tokenizer, configuration, licence. A list says what to include.
    files: Option<FilesForm>,
    /// The export to take: `safetensors`, `bin`, `onnx`, `openvino`, `gguf`, or
    /// `tokenizer` for no weights at all. By default safetensors, or what there is.
    format: Option<String>,
    /// The quantisation to take of a repository with several GGUF files: `Q4_K_M`.
    quant: Option<String>,
    /// The variant of the weights to take: `fp16` for `model.fp16.safetensors`,
    /// `int8` for `model_int8.onnx`.
    variant: Option<String>,
    /// Take the repository's Python code, too, and let it run. It needs a `revision`
    /// that is a commit, so that the code can't change.
    trust_remote_code: Option<bool>,
    /// Let `verify` load weights in pickle files (`.bin`, `.pt`), which can run code.
    allow_pickle: Option<bool>,
    /// Whether `verify` proves this entry. By default `true`.
    verify: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct DatasetMap {
    /// A dataset of the hub: `owner/name`, or `owner/name@revision`. `huggingface_hub` finds it by
    /// its name; the library `datasets` finds none by name without a network, and loads it by
    /// its folder, `/opt/modelcache/models/datasets/owner/name`.
    dataset: String,
    /// Branch, tag or commit. By default the hub's `main`.
    revision: Option<Scalar>,
    /// Which files; by default all.
    files: Option<FilesForm>,
    /// Whether `verify` proves this entry. By default `true`, which fails where the library
    /// `datasets` is in the image.
    verify: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct FolderMap {
    /// The identifier that the application asks for.
    id: String,
    /// A folder with the files of a model, in the build context or in the context that
    /// `from` names. What `.dockerignore` says does not count. By default all of the context.
    path: Option<String>,
    /// A context given to the build: `--build-context NAME=./folder`.
    from: Option<String>,
    /// What the application asks for beside `main`.
    revision: Option<Scalar>,
    /// Let `verify` run the Python code in the folder.
    trust_remote_code: Option<bool>,
    /// Let `verify` load weights in pickle files (`.bin`, `.pt`), which can run code.
    allow_pickle: Option<bool>,
    /// Whether `verify` proves this entry. By default `true`.
    verify: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct FileMap {
    /// Where to get one file.
    url: String,
    /// Its digest, 64 hex digits.
    sha256: String,
    /// Where it goes: an absolute path, or one below `/opt/modelcache/files`. A file
    /// goes *into* a path that ends in `/`.
    path: String,
    /// Whether the file is an archive whose contents go into the folder `path`: tar, plain
    /// or compressed, or zip, which the base image's Python unpacks.
    unpack: Option<bool>,
    /// Whether `verify` proves this entry. By default `true`.
    verify: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct TorchHubMap {
    /// URL of weights that `torch.hub` would download; found there under `TORCH_HOME`.
    torch_hub: String,
    /// The digest of the file, 64 hex digits.
    sha256: String,
    /// Whether `verify` proves this entry. By default `true`.
    verify: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct TiktokenMap {
    /// An encoding of tiktoken: `cl100k_base`. It is found under `TIKTOKEN_CACHE_DIR`.
    tiktoken: String,
    /// Where to get it instead of the public place.
    url: Option<String>,
    /// Whether `verify` proves this entry. By default `true`.
    verify: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct NltkMap {
    /// A package of NLTK's data: `stopwords`, or `corpora/stopwords`. It is found under
    /// `NLTK_DATA`, as `nltk.download` leaves it: the zip, and beside it what is in it, where
    /// NLTK's index says so (of most packages). Without a Python in the base image, and in the
    /// target `models`, it is the zip alone, which not every version of NLTK can read.
    nltk: String,
    /// The digest of the zip, 64 hex digits.
    sha256: String,
    /// Where to get it instead of the public place.
    url: Option<String>,
    /// Whether `verify` proves this entry. By default `true`.
    verify: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct FastembedMap {
    /// The repository that fastembed loads: `owner/name`, or `owner/name@revision`. It
    /// is found under `FASTEMBED_CACHE_PATH`.
    fastembed: String,
    /// Branch, tag or commit. By default the hub's `main`.
    revision: Option<Scalar>,
    /// Which files; by default the ONNX export and what goes with it.
    files: Option<FilesForm>,
    /// Whether `verify` proves this entry. By default `true`.
    verify: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum FilesForm {
    Map(Files),
    Include(OneOrMany<String>),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Files {
    /// Only files that one of these patterns matches. As on the hub, `*` crosses `/`,
    /// and a `/` at the end means all of a folder.
    include: Option<OneOrMany<String>>,
    /// No file that one of these patterns matches.
    exclude: Option<OneOrMany<String>>,
}

// An entry of `app.copy`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum CopyForm {
    Path(String),
    Map(Copy),
}

/// The schema, for the draft that editors know best.
pub(super) fn schema() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let generator = settings.into_generator();
    let mut schema = generator.into_root_schema_for::<Manifest>();
    let mut tidy = RecursiveTransform(|schema: &mut schemars::Schema| {
        if let Some(object) = schema.as_object_mut() {
            tidy(object);
        }
    });
    schemars::transform::Transform::transform(&mut tidy, &mut schema);
    schema.insert("title".to_owned(), json!("modelcache manifest"));
    schema.insert("description".to_owned(), json!("What an image of modelcache is made of."));
    schema.to_value()
}

/// Says of one schema what Rust's types don't: nothing is null, and nothing is empty
/// but a [`Scalar`].
fn tidy(object: &mut Map<String, Value>) {
    let scalar = |options: &Vec<Value>| options.iter().any(|option| option["type"] == "number");
    if object.get("anyOf").and_then(Value::as_array).is_some_and(scalar) {
        object.remove("anyOf");
        object.insert("type".to_owned(), json!(["string", "number", "boolean"]));
        return;
    }
    if let Some(options) = object.get_mut("anyOf").and_then(Value::as_array_mut) {
        options.retain(|option| option["type"] != "null");
        if let [Value::Object(only)] = &options[..] {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
            return tidy(object); // what came up may want the same
        }
    }
    if let Some(types) = object.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|name| name != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let least = match object.get("type").and_then(Value::as_str) {
        Some("string") => "minLength",
        Some("array") => "minItems",
        _ => return,
    };
    object.insert(least.to_owned(), json!(1));
}

#[test]
fn schema_is_fresh() {
    let text = format!("{:#}\n", schema());
    expect_test::expect_file!["../../modelcache.schema.json"].assert_eq(&text);
}
