//! What every subcommand about a manifest reads and prints.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};

use crate::{document::Document, lock::LockFile, values::diagnostic::Style};

/// Why a subcommand could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file can't be read.
    #[error("`{}` can't be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// The file is no text.
    #[error("`{}` is not UTF-8 text: see byte {offset}", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The first byte that belongs to no character.
        offset: usize,
    },
    /// The file is no lock.
    #[error("`{}` is not readable as a lock: {reason}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why, with line and column.
        reason: String,
    },
    /// Our own graph can't be printed.
    #[error("the graph can't be printed: {0}")]
    Graph(#[from] buildkit_llb::DecodeError),
    /// Standard output is closed.
    #[error("the output can't be written: {0}")]
    Write(#[from] io::Error),
}

/// Reads a manifest; `-` is standard input.
pub fn read(path: &Path) -> Result<Document, Error> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|cause| Error::Read { path: path.to_owned(), cause })?;
    let text = String::from_utf8(bytes).map_err(|error| Error::NotText {
        path: path.to_owned(),
        offset: error.utf8_error().valid_up_to(),
    })?;
    let name =
        if path == Path::new("-") { "<stdin>".to_owned() } else { path.display().to_string() };
    Ok(Document::new(name, text))
}

/// Reads a lock file.
pub fn lock(path: &Path) -> Result<LockFile, Error> {
    let document = read(path)?;
    LockFile::parse(document.text()).map_err(|reason| Error::Lock { path: path.to_owned(), reason })
}

/// Reads `NAME=value`, the form of `docker build --build-arg`. A name alone takes
/// its value from the environment, as there.
pub fn build_arg(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) => Err("a name is missing before the `=`".to_owned()),
        None => match env::var(text) {
            Ok(value) => Ok((text.to_owned(), value)),
            Err(_) => Err(format!("write `{text}=value`, or set `{text}` in the environment")),
        },
    }
}

/// The build arguments by name; the last of a name counts.
pub fn build_args(pairs: &[(String, String)]) -> BTreeMap<String, String> {
    pairs.iter().cloned().collect()
}

/// Colours on a terminal, unless `NO_COLOR` says otherwise (<https://no-color.org>).
pub fn style(stream: &impl IsTerminal) -> Style {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if stream.is_terminal() && !refused { Style::Colour } else { Style::Plain }
}

/// Writes a result to standard output. A reader that has seen enough is no failure.
pub fn print(text: &str) -> Result<(), Error> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
