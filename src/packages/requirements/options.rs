//! The options of a line, read as pip reads them: words by `shlex`, options by `optparse`.

/// An option of a line, with its value as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Which.
    pub option: OptionName,
    /// What follows it; empty where nothing may.
    pub value: String,
}

/// The options that pip reads in a requirements file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionName {
    /// `-i`, `--index-url`, `--pypi-url`
    IndexUrl,
    /// `--extra-index-url`
    ExtraIndexUrl,
    /// `--no-index`
    NoIndex,
    /// `-c`, `--constraint`
    Constraint,
    /// `-r`, `--requirement`
    Requirement,
    /// `-e`, `--editable`
    Editable,
    /// `-f`, `--find-links`
    FindLinks,
    /// `--no-binary`
    NoBinary,
    /// `--only-binary`
    OnlyBinary,
    /// `--prefer-binary`
    PreferBinary,
    /// `--require-hashes`
    RequireHashes,
    /// `--no-require-hashes`
    NoRequireHashes,
    /// `--pre`
    Pre,
    /// `--all-releases`
    AllReleases,
    /// `--only-final`
    OnlyFinal,
    /// `--trusted-host`
    TrustedHost,
    /// `--use-feature`
    UseFeature,
    /// `--hash`
    Hash,
    /// `-C`, `--config-settings`
    ConfigSettings,
    /// `--global-option`, up to pip 25.2
    GlobalOption,
}

/// How an option is written: `-x`, or none; `--name`, with other names; whether a value follows.
struct Form(OptionName, Option<char>, &'static [&'static str], bool);

const FORMS: [Form; 20] = [
    Form(OptionName::IndexUrl, Some('i'), &["--index-url", "--pypi-url"], true),
    Form(OptionName::ExtraIndexUrl, None, &["--extra-index-url"], true),
    Form(OptionName::NoIndex, None, &["--no-index"], false),
    Form(OptionName::Constraint, Some('c'), &["--constraint"], true),
    Form(OptionName::Requirement, Some('r'), &["--requirement"], true),
    Form(OptionName::Editable, Some('e'), &["--editable"], true),
    Form(OptionName::FindLinks, Some('f'), &["--find-links"], true),
    Form(OptionName::NoBinary, None, &["--no-binary"], true),
    Form(OptionName::OnlyBinary, None, &["--only-binary"], true),
    Form(OptionName::PreferBinary, None, &["--prefer-binary"], false),
    Form(OptionName::RequireHashes, None, &["--require-hashes"], false),
    Form(OptionName::NoRequireHashes, None, &["--no-require-hashes"], false),
    Form(OptionName::Pre, None, &["--pre"], false),
    Form(OptionName::AllReleases, None, &["--all-releases"], true),
    Form(OptionName::OnlyFinal, None, &["--only-final"], true),
    Form(OptionName::TrustedHost, None, &["--trusted-host"], true),
    Form(OptionName::UseFeature, None, &["--use-feature"], true),
    Form(OptionName::Hash, None, &["--hash"], true),
    Form(OptionName::ConfigSettings, Some('C'), &["--config-settings"], true),
    Form(OptionName::GlobalOption, None, &["--global-option"], true),
];

impl OptionName {
    /// The longest of its names.
    pub fn long(self) -> &'static str {
        let form = FORMS.iter().find(|Form(name, ..)| *name == self);
        form.and_then(|Form(_, _, long, _)| long.first()).copied().unwrap_or_default()
    }
}

/// What comes before the first option of a line, and the options. An error says why pip
/// refuses the line.
pub fn read(line: &str) -> Result<(String, Vec<Set>), String> {
    let mut words = line.split(' ');
    let before: Vec<&str> = words.by_ref().take_while(|word| !word.starts_with('-')).collect();
    // `take_while` has eaten the first option.
    let before = before.join(" ");
    let options = line[before.len()..].trim_start_matches(' ');
    Ok((before.trim().to_owned(), parse(split(options)?)?))
}

/// Python's `shlex.split`.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"') | None, '\\') => {
                let next = chars.next().ok_or("ends in a backslash that protects nothing")?;
                let word = word.get_or_insert_default();
                if quote.is_some() && !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("has a quote that is never closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

/// Python's `optparse`, which passes over words that are no options.
fn parse(words: Vec<String>) -> Result<Vec<Set>, String> {
    let mut found = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        if let Some(rest) = word.strip_prefix("--") {
            let (name, value) = match rest.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (rest, None),
            };
            let Form(option, _, _, takes) = long(name)?;
            let value = match (takes, value) {
                (true, Some(value)) => value,
                (true, None) => words.next().ok_or(format!("has nothing after `--{name}`"))?,
                (false, None) => String::new(),
                (false, Some(_)) => return Err(format!("has a value after `--{name}`")),
            };
            found.push(Set { option: *option, value });
        } else if let Some(rest) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            let mut letters = rest.chars();
            let short = letters.next();
            let form = FORMS.iter().find(|Form(_, letter, ..)| *letter == short);
            let Some(Form(option, ..)) = form else {
                return Err(format!("has an option that pip doesn't know: `-{rest}`"));
            };
            // All that have one letter take a value.
            let value = match letters.as_str() {
                "" => words.next().ok_or(format!("has nothing after `-{rest}`"))?,
                value => value.to_owned(),
            };
            found.push(Set { option: *option, value });
        }
    }
    found.iter().try_for_each(check)?;
    Ok(found)
}

/// The option of this name, or the only one that begins so.
fn long(name: &str) -> Result<&'static Form, String> {
    let is_it = |form: &&Form, fits: &dyn Fn(&str) -> bool| {
        form.2.iter().any(|long| fits(long.trim_start_matches('-')))
    };
    if let Some(form) = FORMS.iter().find(|form| is_it(form, &|long| long == name)) {
        return Ok(form);
    }
    let mut near = FORMS.iter().flat_map(|form| form.2.iter().map(move |long| (form, long)));
    let mut near = near.by_ref().filter(|(_, long)| long.trim_start_matches('-').starts_with(name));
    match (near.next(), near.next()) {
        (Some((form, _)), None) => Ok(form),
        _ => Err(format!("has an option that pip doesn't know: `--{name}`")),
    }
}

/// Refuses a value that pip refuses.
fn check(set: &Set) -> Result<(), String> {
    let Set { option, value } = set;
    match option {
        OptionName::Hash => match value.split_once(':') {
            Some(("sha256" | "sha384" | "sha512", _)) => Ok(()),
            Some((kind, _)) => {
                Err(format!("has a digest of `{kind}`; pip takes sha256, sha384 and sha512"))
            }
            None => Err("has a digest without its kind: it is written `sha256:…`".to_owned()),
        },
        OptionName::ConfigSettings if !value.contains('=') => {
            Err("has a setting that is not `KEY=VALUE`".to_owned())
        }
        OptionName::NoBinary
        | OptionName::OnlyBinary
        | OptionName::AllReleases
        | OptionName::OnlyFinal
            if value.starts_with('-') =>
        {
            Err(format!("has nothing after `{}`", option.long()))
        }
        _ => Ok(()),
    }
}
