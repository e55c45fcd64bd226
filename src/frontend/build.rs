//! What every room of the frontend has at hand.

use buildkit_llb::{Definition, Output};

use super::{failure::Failure, file::ManifestFile};
use crate::{
    gateway::{Gateway, Warning},
    manifest::Manifest,
    request::Request,
    values::diagnostic::{Diagnostic, Severity},
};

/// A build whose manifest has been read.
#[derive(Clone, Copy)]
pub struct Build<'a> {
    /// The daemon.
    pub gateway: &'a Gateway,
    /// The caller's options.
    pub request: &'a Request,
    /// What is built.
    pub manifest: &'a Manifest,
    /// The manifest as a file.
    pub file: &'a ManifestFile,
}

impl Build<'_> {
    /// The definition of `output`, with the places in the manifest.
    pub fn definition(&self, output: &Output) -> Definition {
        buildkit_llb::marshal(output, &[self.file.as_source_file()])
    }

    /// Tells the user of each warning among `diagnostics`.
    pub async fn warn(&self, diagnostics: &[Diagnostic]) -> Result<(), Failure> {
        let Self { gateway, file, .. } = self;
        for diagnostic in diagnostics.iter().filter(|found| found.severity == Severity::Warning) {
            let lines = diagnostic.span().map(|span| file.document.lines(span));
            let place = lines.map_or_else(String::new, |(line, _)| format!(" (line {line})"));
            let warning = Warning {
                digest: file.digest.clone(),
                short: format!("{}: {}{place}", diagnostic.code, diagnostic.message),
                detail: diagnostic.help.clone(),
                file: file.as_source_file(),
                lines,
            };
            gateway.warn(warning).await?;
        }
        Ok(())
    }
}
