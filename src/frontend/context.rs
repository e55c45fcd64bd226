//! Named contexts (`--build-context`): which are read, and for what.

use buildkit_llb::{OciLayout, Platform};

use super::{failure::Failure, locking};
use crate::{
    document::{Span, Spanned},
    graph::bundle::{self, Bundle},
    manifest::{
        Manifest,
        asset::{ContextName, full_reference},
    },
    request::{Request, context::NamedContext},
    values::diagnostic::Diagnostic,
};

/// What stands in the place of the base image.
pub enum BaseContext {
    /// Another image, by its full reference.
    Image(String),
    /// An image in an OCI layout.
    Layout(OciLayout),
}

/// What a named context puts in the place of the base, if one does. A lock is made
/// without: it is for those who build without the context, too.
pub fn base(
    request: &Request,
    manifest: &Manifest,
    platform: &Platform,
) -> Result<Option<BaseContext>, Failure> {
    let name = ContextName::of(&manifest.base.value);
    let span = manifest.base.span;
    let Some(context) = request.named_context(name.as_str(), platform) else { return Ok(None) };
    if locking::locks(request) {
        return Ok(None);
    }
    match context {
        NamedContext::Image(reference) => {
            image(&reference, &name, span).map(|reference| Some(BaseContext::Image(reference)))
        }
        NamedContext::Layout(layout) => Ok(Some(BaseContext::Layout(layout))),
        NamedContext::Local(_) => Err(unreadable(name.as_str(), "a folder", span, IMAGES)),
        NamedContext::Other(kind) => Err(unreadable(name.as_str(), kind, span, IMAGES)),
    }
}

/// The folder that a model is in must be given, in a form that we read.
pub fn folder(
    request: &Request,
    from: &Spanned<ContextName>,
    platform: &Platform,
) -> Result<(), Failure> {
    let name = from.value.as_str();
    match request.named_context(name, platform) {
        Some(NamedContext::Local(_) | NamedContext::Layout(_)) => Ok(()),
        Some(NamedContext::Image(reference)) => image(&reference, &from.value, from.span).map(drop),
        Some(NamedContext::Other(kind)) => {
            let forms = [&[FOLDER], IMAGES].concat();
            Err(unreadable(name, kind, from.span, &forms))
        }
        None => {
            let message = format!("the build has no context named `{name}`");
            let help = format!("give it a folder: `--build-context {name}=./folder`");
            Err(Diagnostic::error("no-context", message).label(from.span, "").help(help).into())
        }
    }
}

/// The bundle, if one is given; its files are the same on all platforms.
pub fn bundle(
    request: &Request,
    manifest: &Manifest,
    platform: &Platform,
) -> Result<Option<Bundle>, Failure> {
    let kind = match request.named_context(bundle::CONTEXT, platform) {
        Some(NamedContext::Image(_)) => "an image in a registry",
        Some(NamedContext::Other(kind)) => kind,
        Some(NamedContext::Local(_) | NamedContext::Layout(_)) | None => {
            return Ok(Bundle::given(request, platform));
        }
    };
    let span = manifest.models.first().map_or(manifest.base.span, |model| model.span);
    Err(unreadable(bundle::CONTEXT, kind, span, &[LAYOUT, FOLDER]))
}

const FOLDER: &str = "./folder";
const LAYOUT: &str = "oci-layout://./folder";
/// The forms of an image.
const IMAGES: &[&str] = &["docker-image://…", LAYOUT];

fn image(reference: &str, name: &ContextName, span: Span) -> Result<String, Failure> {
    full_reference(reference).map_err(|error| {
        let message = format!("the context `{}` is not an image: {error}", name.as_str());
        Diagnostic::error("invalid-context", message).label(span, reference.to_owned()).into()
    })
}

fn unreadable(name: &str, kind: &str, span: Span, forms: &[&str]) -> Failure {
    let message = format!("the context `{name}` is {kind}, which is not read here");
    let forms: Vec<String> = forms.iter().map(|form| format!("`{name}={form}`")).collect();
    let help = format!("what is read: `--build-context` with {}", forms.join(" or "));
    Diagnostic::error("invalid-context", message).label(span, "given for this").help(help).into()
}
