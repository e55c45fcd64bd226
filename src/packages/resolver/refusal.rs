//! The resolver's "no", as far as more can be said about it than it does itself.

/// A package that has wheels, but none that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The package.
    pub name: String,
    /// What its wheels are not for.
    pub lacks: Lacks,
    /// The tags that its wheels have, if the resolver tells.
    pub available: Vec<String>,
}

/// What none of a package's wheels is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lacks {
    /// The machine or its C library, by a platform tag: `musllinux_1_2_x86_64`.
    Platform(String),
    /// The Python, by an ABI or implementation tag: `cp313`.
    Python(String),
}

impl Lacks {
    /// Whether it is musl that the wheels are not for.
    pub fn is_musl(&self) -> bool {
        matches!(self, Self::Platform(tag) if tag.starts_with("musllinux"))
    }
}

impl Refusal {
    /// Whether musl is the reason, and not the machine: there are wheels for this machine with
    /// glibc, or it is not told which there are.
    pub fn is_of_musl(&self) -> bool {
        let Lacks::Platform(tag) = &self.lacks else { return false };
        let here = platform(tag);
        let with_glibc = |other: &String| here == format!("{} with musl", platform(other));
        self.lacks.is_musl() && (self.available.is_empty() || self.available.iter().any(with_glibc))
    }

    /// Reads uv's words (`crates/uv-resolver/src/pubgrub/report.rs`):
    /// ``a==1 has no wheels with a matching platform tag (e.g., `…`)``, and perhaps
    /// ``hint: Wheels are available for `a` (v1) on the following platforms: `…` ``.
    /// None if they say something else.
    pub fn parse(words: &str) -> Option<Self> {
        // The words may be wrapped.
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let (before, after) = words
            .split_once(" has no wheels with a matching ")
            .or_else(|| words.split_once(" have no wheels with a matching "))?;
        let (kind, tag) = after.split_once(" tag (e.g., `")?;
        let (tag, _) = tag.split_once('`')?;
        let lacks = match kind {
            "platform" => Lacks::Platform(tag.to_owned()),
            _ => Lacks::Python(tag.to_owned()),
        };
        let name = before.rsplit(' ').next()?.split(['=', '<', '>', '!', '~', '[']).next()?;
        Some(Self { name: name.to_owned(), lacks, available: available(&words, name) })
    }
}

/// The requirements that the resolver's words say are asked for, in the order in which they are
/// likely to be the cause: what "you require", then what is quoted, as in ``Failed to build `a==1` ``.
/// What a build printed is no word of the resolver's.
pub fn asked(words: &str) -> Vec<String> {
    let words = own(words).split_whitespace().collect::<Vec<_>>().join(" ");
    let required = words.split("you require ").skip(1);
    let quoted = words
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|text| !text.contains('/') || text.contains(" @ "));
    required.chain(quoted).map(str::to_owned).collect()
}

/// The words without what a program printed that the resolver ran.
pub fn own(words: &str) -> &str {
    let ends = ["[stderr]", "[stdout]"].into_iter().filter_map(|head| words.find(head));
    ends.min().map_or(words, |end| &words[..end])
}

/// The tags after `following platforms:` or `following Python ABI tag:` in the hint about
/// a package.
fn available(words: &str, name: &str) -> Vec<String> {
    let about = format!("for `{name}` (");
    let tags = words.split("hint: ").skip(1).find_map(|hint| {
        let (_, rest) = hint.split_once(&about)?;
        let (_, rest) = rest.split_once(" the following ")?;
        let (_, tags) = rest.split_once(": ")?;
        Some(tags.split('`').skip(1).step_by(2).map(str::to_owned).collect())
    });
    tags.unwrap_or_default()
}

/// A platform tag in the words of `--platform`, with the C library where it is not glibc.
pub fn platform(tag: &str) -> String {
    const MACHINES: [(&str, &str); 7] = [
        ("_x86_64", "amd64"),
        ("_aarch64", "arm64"),
        ("_arm64", "arm64"),
        ("_armv7l", "arm/v7"),
        ("_i686", "386"),
        ("_ppc64le", "ppc64le"),
        ("_s390x", "s390x"),
    ];
    let machine = MACHINES.iter().find(|(end, _)| tag.ends_with(end)).map(|(_, name)| *name);
    match (tag.split('_').next().unwrap_or(tag), machine) {
        ("musllinux", Some(machine)) => format!("linux/{machine} with musl"),
        (system, Some(machine)) if system.contains("linux") => format!("linux/{machine}"),
        ("macosx", _) => "macOS".to_owned(),
        ("win32" | "win", _) => "Windows".to_owned(),
        _ => tag.to_owned(),
    }
}
