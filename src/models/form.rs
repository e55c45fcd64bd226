//! Which export of a model is meant, where its repository holds several.

use std::{fmt, str::FromStr};

/// The files that hold the weights, by who reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `*.safetensors`: tensors and nothing else.
    Safetensors,
    /// `pytorch_model.bin` and its like: Python pickles.
    Bin,
    /// `*.onnx` with its `*.onnx_data`.
    Onnx,
    /// `openvino_model.xml` with its `.bin`.
    Openvino,
    /// `*.gguf`, as llama.cpp reads it.
    Gguf,
    /// No weights.
    Tokenizer,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::Safetensors, Self::Bin, Self::Onnx, Self::Openvino, Self::Gguf, Self::Tokenizer];

    /// The name in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safetensors => "safetensors",
            Self::Bin => "bin",
            Self::Onnx => "onnx",
            Self::Openvino => "openvino",
            Self::Gguf => "gguf",
            Self::Tokenizer => "tokenizer",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Not one of [`Format::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format of weights")]
pub struct FormatError(String);

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let format = Self::ALL.into_iter().find(|format| format.name() == text);
        format.ok_or_else(|| FormatError(text.to_owned()))
    }
}

/// A part of a file's name that tells exports apart: `Q4_K_M`, `fp16`, `int8`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(String);

impl Tag {
    /// The tag as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Has a character that no [`Tag`] has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a part of a file's name, such as `Q4_K_M` or `fp16`")]
pub struct TagError(String);

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if text.is_empty() || !text.bytes().all(fine) {
            return Err(TagError(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}
