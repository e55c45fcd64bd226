//! The map `python`.

use super::{
    keys,
    place::{Fields, Place},
    shape::Decoder,
};
use crate::{
    document::Spanned,
    manifest::{
        flag::Flag,
        python::{Install, Name, Python},
        requirement::Requirement,
        url::Url,
    },
    values::diagnostic::Diagnostic,
};

impl Decoder<'_> {
    pub(super) fn python(&mut self, place: &Place) -> Option<Python> {
        let fields = self.map(place, &keys::PYTHON)?;
        if !fields.contains_key("requirements") && !fields.contains_key("packages") {
            let label = self.first_line(place.node.span);
            let error = Diagnostic::error("missing-key", "`python` says nothing to install");
            self.found.push(error.label(label, "").help("add `requirements` or `packages`"));
        }
        let requirements = self.parsed_list(fields.get("requirements"));
        let packages = self.parsed_list::<Requirement>(fields.get("packages"));
        let index = fields.get("index").and_then(|index| self.parsed::<Url>(index));
        let extra_indexes = self.parsed_list::<Url>(fields.get("extra_indexes"));
        let mut names = |key: &str| self.parsed_list::<Name>(fields.get(key));
        let (extras, groups) = (names("extras"), names("groups"));
        let build_packages = names("build_packages");
        let text = |list: Vec<Spanned<Name>>| {
            list.into_iter().map(|it| it.map(Name::into_string)).collect()
        };
        let python = Python {
            span: place.node.span,
            requirements,
            packages: packages.into_iter().map(|it| it.map(Requirement::into_string)).collect(),
            extras: text(extras),
            groups: text(groups),
            index: index.map(|url| url.map(Url::into_string)),
            extra_indexes: extra_indexes.into_iter().map(|it| it.map(Url::into_string)).collect(),
            torch: fields.get("torch").and_then(|torch| self.parsed(torch)),
            install: fields.get("install").and_then(|install| self.parsed(install)),
            bytecode: self.spanned_flag(&fields, "bytecode"),
            system_site_packages: self.spanned_flag(&fields, "system_site_packages"),
            build_packages: text(build_packages),
        };
        self.found.extend(single_only(&python));
        self.found.extend(not_beside_system(&python));
        self.found.extend(without_project(&python));
        Some(python)
    }

    fn spanned_flag(&mut self, fields: &Fields, key: &str) -> Option<Spanned<bool>> {
        let flag = fields.get(key).and_then(|flag| self.parsed::<Flag>(flag))?;
        Some(flag.map(|flag| flag.0))
    }
}

/// What the resolver can't do beside packages that the base image has.
fn not_beside_system(python: &Python) -> Option<Diagnostic> {
    let torch =
        python.torch.as_ref().filter(|it| python.sees_system() && it.value.backend().is_some())?;
    let message = "`python.torch` can't choose a build beside the packages of the base image";
    let diagnostic = Diagnostic::error("not-with-system", message)
        .label(torch.span, "pip resolves those, which knows no builds of torch")
        .help("if the base image has torch, leave `torch` out: it counts as installed");
    Some(diagnostic)
}

/// Extras and groups that no file could have.
fn without_project(python: &Python) -> Vec<Diagnostic> {
    // With one run of pip there are none, and that has been said.
    let has_them = |file: &str| matches!(file, "pyproject.toml" | "uv.lock");
    let mut files =
        python.requirements.iter().filter_map(|it| it.value.as_str().rsplit('/').next());
    if files.any(has_them) || python.install() == Install::Single {
        return Vec::new();
    }
    let named = [("extras", &python.extras), ("groups", &python.groups)];
    let first = named.into_iter().filter_map(|(key, list)| Some((key, list.first()?)));
    let mistakes = first.map(|(key, name)| {
        let example = match key {
            "extras" => {
                "an extra of a package goes behind its name: `uvicorn[standard]`, `-e .[serve]`"
            }
            _ => "a group of its own can be another requirements file",
        };
        Diagnostic::error(
            "no-project",
            format!("`{key}` are those of a project, and there is none"),
        )
        .label(name.span, "no file under `requirements` has it")
        .help("name the project's `pyproject.toml` or `uv.lock` under `requirements`")
        .help(example)
    });
    mistakes.collect()
}

/// What one run of pip can't do.
fn single_only(python: &Python) -> Vec<Diagnostic> {
    if python.install() == Install::Layers {
        return Vec::new();
    }
    let torch = python.torch.as_ref().map(|torch| ("torch", torch.span));
    let named = [("extras", &python.extras), ("groups", &python.groups)];
    let named =
        named.into_iter().filter_map(|(key, list)| list.first().map(|first| (key, first.span)));
    let mistakes = torch.into_iter().chain(named).map(|(key, span)| {
        Diagnostic::error("not-with-single", format!("`python.{key}` needs `install: layers`"))
            .label(span, "one run of pip can't do this")
            .help("leave `install` out: `layers` is the default")
    });
    mistakes.collect()
}
