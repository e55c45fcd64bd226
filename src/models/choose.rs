//! Which files of a repository a model needs: one set of weights, no twins.
//!
//! A hub repository often holds the same weights many times over (safetensors,
//! pickles, TensorFlow, ONNX, twenty quantisations), so taking everything costs ten
//! times the need; and what looks spare may change what the model computes. So the
//! choice has two steps: [`indexes`] names the small files that say what belongs
//! together, and [`choose`] decides once their content is known. Neither asks anybody.

use std::collections::{BTreeMap, BTreeSet};

use crate::models::{Format, Pattern, Tag};

pub mod check;
pub mod diffusers;
pub mod finding;
pub mod gguf;
pub mod index;
pub mod kind;
pub mod modules;
pub mod needs;
pub mod weights;

pub use self::{
    finding::{About, Finding, Level},
    needs::Needed,
};

use self::kind::{FileKind, Runtime};

/// What is asked of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The repository, for messages.
    pub id: String,
    /// Exactly these files; if empty, those that the model needs.
    pub include: Vec<Pattern>,
    /// None of these, as if the repository lacked them.
    pub exclude: Vec<Pattern>,
    /// The export to take.
    pub format: Option<Format>,
    /// The quantisation of GGUF files to take.
    pub quant: Option<Tag>,
    /// The variant of the weights to take.
    pub variant: Option<Tag>,
    /// Whether to take Python code.
    pub trust_remote_code: bool,
    /// Whether pickles are no reason to warn.
    pub allow_pickle: bool,
    /// Every file is needed, as of a dataset.
    pub whole: bool,
}

/// A file that a repository lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedFile {
    /// Path in the repository.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
}

/// Content of the [`indexes`], by path.
pub type Texts = BTreeMap<String, Vec<u8>>;

/// What is taken, what is not, and what there is to say about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The files to put into the image, in the listing's order.
    pub kept: Vec<ListedFile>,
    /// The others, each with its reason.
    pub left: Vec<(ListedFile, &'static str)>,
    /// Mistakes and doubts.
    pub findings: Vec<Finding>,
    /// Other repositories that the model loads from.
    pub needs: Vec<Needed>,
}

/// The files to read before [`choose`]: small ones, which are kept in any case.
pub fn indexes<'a>(files: &'a [ListedFile], wish: &Wish) -> Vec<&'a ListedFile> {
    let wanted = |file: &&ListedFile| !wish.whole && reason_by_name(&file.path, wish).is_none();
    files.iter().filter(|file| index::is_index(&file.path)).filter(wanted).collect()
}

/// Decides about each file of a repository.
pub fn choose(files: &[ListedFile], texts: &Texts, wish: &Wish) -> Choice {
    let mut selection = Selection {
        files,
        texts,
        wish,
        reasons: files.iter().map(|file| reason_by_name(&file.path, wish)).collect(),
        findings: Vec::new(),
    };
    if wish.include.is_empty() && !wish.whole {
        selection.choose_weights();
    }
    if !wish.whole {
        check::check(&mut selection);
    }
    let Selection { reasons, findings, .. } = selection;
    let mut choice = Choice { findings, ..Choice::default() };
    for (file, reason) in files.iter().cloned().zip(reasons) {
        match reason {
            None => choice.kept.push(file),
            Some(reason) => choice.left.push((file, reason)),
        }
    }
    choice.needs = needs::needs(&choice.kept, texts);
    choice
}

/// Why the user's patterns, or our own, leave a file out whatever else there is.
fn reason_by_name(path: &str, wish: &Wish) -> Option<&'static str> {
    let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(path));
    if any(&wish.exclude) {
        return Some("excluded");
    }
    if !wish.include.is_empty() {
        return (!any(&wish.include)).then_some("not included");
    }
    if wish.whole {
        return (path == ".gitattributes").then_some("no part of the dataset");
    }
    if wish.format == Some(Format::Tokenizer) {
        return (!kind::is_for_tokenizer(path)).then_some("not for the tokenizer");
    }
    match kind::kind(path) {
        FileKind::Waste(reason) => Some(reason),
        FileKind::Code if !wish.trust_remote_code => Some("code"),
        _ => None,
    }
}

/// A choice in the making.
pub struct Selection<'a> {
    files: &'a [ListedFile],
    texts: &'a Texts,
    wish: &'a Wish,
    /// Why each file is left out; `None` is kept.
    reasons: Vec<Option<&'static str>>,
    findings: Vec<Finding>,
}

impl<'a> Selection<'a> {
    /// The files that are still kept.
    fn kept(&self) -> Vec<&'a ListedFile> {
        let kept = self.files.iter().zip(&self.reasons).filter(|(_, reason)| reason.is_none());
        kept.map(|(file, _)| file).collect()
    }

    /// Leaves out the kept files that `test` is true of.
    fn leave(&mut self, reason: &'static str, test: impl Fn(&str) -> bool) {
        for (file, slot) in self.files.iter().zip(&mut self.reasons) {
            if slot.is_none() && test(&file.path) {
                *slot = Some(reason);
            }
        }
    }

    /// Reports whether the repository has a file, kept or not.
    fn is_listed(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
    }

    /// Whether some kept file is what `test` says.
    fn has(&self, test: impl Fn(&str) -> bool) -> bool {
        self.kept().iter().any(|file| test(&file.path))
    }

    fn choose_weights(&mut self) {
        let Some(runtime) = self.runtime() else { return };
        let torch = matches!(runtime, Runtime::Safetensors | Runtime::Bin);
        // An export holds the transformer; further modules are read from torch weights.
        let modules = modules::weighty_folders(self.texts);
        for (file, slot) in self.files.iter().zip(&mut self.reasons) {
            let Some(other) = kind::runtime(&file.path).filter(|_| slot.is_none()) else {
                continue;
            };
            let in_torch = matches!(other, Runtime::Safetensors | Runtime::Bin);
            let module = modules.iter().any(|folder| kind::folder(&file.path) == *folder);
            if other != runtime && !(in_torch && (torch || module)) {
                *slot = Some(other.name());
            }
        }
        if self.texts.contains_key(diffusers::INDEX) {
            diffusers::leave_others(self);
        }
        match runtime {
            Runtime::Gguf => gguf::choose(self),
            _ => weights::choose(self, runtime),
        }
    }

    /// Whose weights to take: those asked for, or the first that the repository has.
    fn runtime(&mut self) -> Option<Runtime> {
        let kept = self.kept();
        let weights = kept.iter().filter_map(|file| kind::weights(&file.path));
        let present: BTreeSet<Runtime> = weights.map(|weights| weights.runtime).collect();
        let has = |runtime: &Runtime| present.contains(runtime);
        let wished = match self.wish.format {
            Some(format) => Runtime::of(format),
            None => self.wish.quant.as_ref().map(|_| Runtime::Gguf),
        };
        if let Some(wished) = wished.filter(|wished| !has(wished)) {
            let there: Vec<&str> = Format::ALL
                .into_iter()
                .filter(|f| Runtime::of(*f).is_some_and(|r| has(&r)))
                .map(Format::name)
                .collect();
            let message = format!("`{}` has no weights as {}", self.wish.id, wished.name());
            let about = if self.wish.format.is_some() { About::Format } else { About::Quant };
            let help = match &there[..] {
                [] => "name its files in `files`".to_owned(),
                there => format!("it has: {}", there.join(", ")),
            };
            self.findings.push(Finding::error("no-such-format", about, message).help(help));
        }
        wished.or_else(|| Runtime::ORDER.into_iter().find(has))
    }
}
