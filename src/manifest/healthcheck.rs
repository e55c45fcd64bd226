//! How Docker tells whether the container is well.

use std::str::FromStr;

use super::duration::Duration;
use crate::document::Spanned;

/// A command that Docker and Compose run in the container again and again. As in Compose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// What is run.
    pub test: Spanned<Test>,
    /// The time between two checks.
    pub interval: Option<Spanned<Duration>>,
    /// How long one check may take.
    pub timeout: Option<Spanned<Duration>>,
    /// For how long after the start a failed check counts for nothing.
    pub start_period: Option<Spanned<Duration>>,
    /// The time between two checks in that period.
    pub start_interval: Option<Spanned<Duration>>,
    /// How many checks in a row must fail.
    pub retries: Option<Spanned<Retries>>,
}

/// A check with Docker's own times.
impl From<Spanned<Test>> for Healthcheck {
    fn from(test: Spanned<Test>) -> Self {
        let (interval, timeout, start_period, start_interval) = (None, None, None, None);
        Self { test, interval, timeout, start_period, start_interval, retries: None }
    }
}

/// What a check runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// A line for `/bin/sh`: Docker asks no image for its shell.
    Shell(String),
    /// A program and its arguments.
    Program(Vec<String>),
    /// Nothing, not even what the base image would.
    None,
}

impl Test {
    /// As image configs have it.
    pub fn words(&self) -> Vec<String> {
        match self {
            Self::Shell(line) => vec!["CMD-SHELL".to_owned(), line.clone()],
            Self::Program(words) => [&["CMD".to_owned()], &words[..]].concat(),
            Self::None => vec!["NONE".to_owned()],
        }
    }
}

/// How often a check fails before the container is unwell. None at all is Docker's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries(pub u32);

/// A text that is no number of [`Retries`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no whole number from 0 on")]
pub struct RetriesError(String);

impl FromStr for Retries {
    type Err = RetriesError;

    fn from_str(text: &str) -> Result<Self, RetriesError> {
        // Docker's own is a signed one.
        let most = i32::MAX.unsigned_abs();
        let number = text.parse().ok().filter(|number| *number <= most);
        number.map(Self).ok_or_else(|| RetriesError(text.to_owned()))
    }
}
