//! What a model on the hub is called.

use std::{fmt, str::FromStr};

/// A model on the hub as the application asks for it: `owner/name`, or a bare `name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelId(String);

impl ModelId {
    /// The identifier as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identifier that is asked of the hub. A bare name belongs to
    /// `sentence-transformers`, unless it is one of the [`CLASSIC`] names, which
    /// have no owner. As `SentenceTransformer.py` of that library does, up to 6.2.
    pub fn hub_id(&self) -> String {
        let bare = !self.0.contains('/');
        if bare && !CLASSIC.contains(&self.0.to_ascii_lowercase().as_str()) {
            format!("sentence-transformers/{}", self.0)
        } else {
            self.0.clone()
        }
    }

    /// The dataset of this name. The hub's own paths tell it from a model by a
    /// `datasets/` in front (`HfFileSystem`), which no owner of models is called.
    #[must_use]
    pub fn into_dataset(self) -> Self {
        Self(format!("{DATASETS}{}", self.0))
    }

    /// The repository that the hub calls `id`, as [`hub_id`](Self::hub_id) writes it; `None`
    /// of a text that is no such name.
    pub fn of_hub(id: &str) -> Option<Self> {
        let parsed = match id.strip_prefix(DATASETS) {
            Some(name) => name.parse::<Self>().ok()?.into_dataset(),
            None => id.parse().ok()?,
        };
        (parsed.hub_id() == id).then_some(parsed)
    }

    /// Name of the folder in the hub cache: `models--owner--name`, `datasets--owner--name`.
    pub fn cache_folder(&self) -> String {
        let folder = self.hub_id().replace('/', "--");
        if self.0.starts_with(DATASETS) { folder } else { format!("models--{folder}") }
    }
}

/// Stands before the name of a dataset.
const DATASETS: &str = "datasets/";

impl fmt::Display for ModelId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Why a text is no [`ModelId`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelIdError {
    /// The address of a page, not an identifier.
    #[error("a model is named by its identifier, not by a URL")]
    Url,
    /// A file or folder, not an identifier.
    #[error("a model is named by its identifier, not by a path")]
    Path,
    /// `owner/name/more`.
    #[error("a model identifier has at most one `/`")]
    Slashes,
    /// `/name`, `owner/`.
    #[error("a model identifier is `owner/name` or `name`")]
    Empty,
    /// `name:tag`.
    #[error("a model identifier has no `:`")]
    Colon,
    /// `datasets/name`.
    #[error("a dataset is not a model")]
    Dataset,
    /// Not one of the hub's characters.
    #[error("a model identifier has no `{0}`")]
    Character(char),
    /// `--`, which is the `/` of cache folders, or `..`.
    #[error("a model identifier has no `{0}`")]
    Doubled(&'static str),
    /// `-name`, `name.`
    #[error("no part of a model identifier starts or ends with `{0}`")]
    Edge(char),
    /// `name.git`.
    #[error("a model identifier does not end in `.git`")]
    Git,
    /// More than 96 characters in the name.
    #[error("a model identifier has at most 96 characters")]
    Long,
}

impl FromStr for ModelId {
    type Err = ModelIdError;

    /// The rules of `validate_repo_id` (`huggingface_hub/utils/_validators.py`).
    fn from_str(text: &str) -> Result<Self, ModelIdError> {
        if text.contains("://") {
            return Err(ModelIdError::Url);
        }
        if text.starts_with(['.', '/', '~']) || text.contains('\\') {
            return Err(ModelIdError::Path);
        }
        if text.starts_with(DATASETS) {
            return Err(ModelIdError::Dataset);
        }
        let parts: Vec<&str> = text.split('/').collect();
        if parts.len() > 2 {
            return Err(ModelIdError::Slashes);
        }
        for part in parts {
            check_part(part)?;
        }
        if let Some(doubled) = ["--", ".."].into_iter().find(|doubled| text.contains(doubled)) {
            return Err(ModelIdError::Doubled(doubled));
        }
        if text.to_ascii_lowercase().ends_with(".git") {
            return Err(ModelIdError::Git);
        }
        if text.rsplit('/').next().is_some_and(|name| name.len() > 96) {
            return Err(ModelIdError::Long);
        }
        Ok(Self(text.to_owned()))
    }
}

fn check_part(part: &str) -> Result<(), ModelIdError> {
    if part.is_empty() {
        return Err(ModelIdError::Empty);
    }
    let foreign = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.');
    match part.chars().find(|c| foreign(*c)) {
        Some(':') => return Err(ModelIdError::Colon),
        Some(character) => return Err(ModelIdError::Character(character)),
        None => {}
    }
    let edges = part.chars().next().into_iter().chain(part.chars().next_back());
    match edges.into_iter().find(|c| matches!(c, '-' | '.')) {
        Some(edge) => Err(ModelIdError::Edge(edge)),
        None => Ok(()),
    }
}

/// Models older than the hub's owners, in lower case: `basic_transformer_models`
/// of sentence-transformers 5.1.2, `SentenceTransformer.py`.
#[rustfmt::skip]
pub const CLASSIC: [&str; 68] = [
    "albert-base-v1", "albert-base-v2", "albert-large-v1", "albert-large-v2", "albert-xlarge-v1",
    "albert-xlarge-v2", "albert-xxlarge-v1", "albert-xxlarge-v2", "bert-base-cased",
    "bert-base-cased-finetuned-mrpc", "bert-base-chinese", "bert-base-german-cased",
    "bert-base-german-dbmdz-cased", "bert-base-german-dbmdz-uncased",
    "bert-base-multilingual-cased", "bert-base-multilingual-uncased", "bert-base-uncased",
    "bert-large-cased", "bert-large-cased-whole-word-masking",
    "bert-large-cased-whole-word-masking-finetuned-squad", "bert-large-uncased",
    "bert-large-uncased-whole-word-masking",
    "bert-large-uncased-whole-word-masking-finetuned-squad", "camembert-base", "ctrl",
    "distilbert-base-cased", "distilbert-base-cased-distilled-squad",
    "distilbert-base-german-cased", "distilbert-base-multilingual-cased",
    "distilbert-base-uncased", "distilbert-base-uncased-distilled-squad",
    "distilbert-base-uncased-finetuned-sst-2-english", "distilgpt2", "distilroberta-base", "gpt2",
    "gpt2-large", "gpt2-medium", "gpt2-xl", "openai-gpt", "roberta-base",
    "roberta-base-openai-detector", "roberta-large", "roberta-large-mnli",
    "roberta-large-openai-detector", "t5-11b", "t5-3b", "t5-base", "t5-large", "t5-small",
    "transfo-xl-wt103", "xlm-clm-ende-1024", "xlm-clm-enfr-1024", "xlm-mlm-100-1280",
    "xlm-mlm-17-1280", "xlm-mlm-en-2048", "xlm-mlm-ende-1024", "xlm-mlm-enfr-1024",
    "xlm-mlm-enro-1024", "xlm-mlm-tlm-xnli15-1024", "xlm-mlm-xnli15-1024", "xlm-roberta-base",
    "xlm-roberta-large", "xlm-roberta-large-finetuned-conll02-dutch",
    "xlm-roberta-large-finetuned-conll02-spanish", "xlm-roberta-large-finetuned-conll03-english",
    "xlm-roberta-large-finetuned-conll03-german", "xlnet-base-cased", "xlnet-large-cased",
];
