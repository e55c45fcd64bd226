//! The manifest as a file.

use buildkit_llb::{Definition, SourceFile};

use crate::document::Document;

/// The manifest as it was read, and where from.
pub struct ManifestFile {
    /// Its name and text.
    pub document: Document,
    /// The text of the lock file beside it, if there is one.
    pub lock: Option<String>,
    /// The graph that loaded it: clients may ask for it.
    pub definition: Definition,
    /// The vertex that loaded it: warnings belong to it.
    pub digest: String,
}

impl ManifestFile {
    /// As the source of a definition's locations.
    pub fn as_source_file(&self) -> SourceFile {
        SourceFile {
            filename: self.document.name.clone(),
            text: self.document.text().into(),
            language: "YAML".into(),
            definition: Some(self.definition.clone()),
        }
    }
}
