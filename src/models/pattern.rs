//! Patterns that choose files of a repository, in the hub's own language.

use std::{convert::Infallible, fmt, str::FromStr};

/// A pattern as `snapshot_download(allow_patterns=...)` reads it: Python's
/// `fnmatch`, in which `*` crosses `/`. With a trailing `/` it is a folder with
/// all that is in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(String);

impl Pattern {
    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reports whether `path`, from the repository's root, is meant. A `\` is a `/`, as
    /// people write it on Windows, and newer clients of the hub take it.
    pub fn matches(&self, path: &str) -> bool {
        let pattern = self.0.replace('\\', "/");
        let mut tokens = tokens(&pattern);
        if pattern.ends_with('/') {
            tokens.push(Token::Any); // as `filter_repo_objects` does
        }
        glob(&tokens, &path.replace('\\', "/").chars().collect::<Vec<char>>())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Every text is a pattern: what is not special stands for itself.
impl FromStr for Pattern {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

#[derive(Debug)]
enum Token {
    /// `*`
    Any,
    /// `?`
    One,
    /// `[a-z]`, `[!a-z]`
    Set { ranges: Vec<(char, char)>, negated: bool },
    /// Any other character.
    Literal(char),
}

impl Token {
    /// Reports whether this is one character's token and `c` is such a character.
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Set { ranges, negated } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
            Self::Literal(literal) => *literal == c,
        }
    }
}

/// As `fnmatch.translate`: a `[` that nothing closes is a literal.
fn tokens(pattern: &str) -> Vec<Token> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let (token, next) = match chars[at] {
            '*' => (Token::Any, at + 1),
            '?' => (Token::One, at + 1),
            '[' => set(&chars, at + 1).unwrap_or((Token::Literal('['), at + 1)),
            literal => (Token::Literal(literal), at + 1),
        };
        tokens.push(token);
        at = next;
    }
    tokens
}

/// Reads a set whose first character is at `start`; returns where it ends.
fn set(chars: &[char], start: usize) -> Option<(Token, usize)> {
    let negated = chars.get(start) == Some(&'!');
    let first = start + usize::from(negated);
    // A `]` at the start is one of the set.
    let close = (first + 1..chars.len()).find(|at| chars[*at] == ']')?;
    let inside = &chars[first..close];
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < inside.len() {
        // A range that runs backwards is an empty one, in Python too.
        if at + 2 < inside.len() && inside[at + 1] == '-' {
            ranges.push((inside[at], inside[at + 2]));
            at += 3;
        } else {
            ranges.push((inside[at], inside[at]));
            at += 1;
        }
    }
    Some((Token::Set { ranges, negated }, close + 1))
}

/// Goes back to the last `*` only, so it takes at most `tokens × text` steps.
fn glob(tokens: &[Token], text: &[char]) -> bool {
    let (mut token, mut at) = (0, 0);
    let mut star = None;
    while at < text.len() {
        match tokens.get(token) {
            Some(Token::Any) => {
                star = Some((token + 1, at));
                token += 1;
            }
            Some(one) if one.takes(text[at]) => {
                token += 1;
                at += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                (token, at) = (after, from + 1);
            }
        }
    }
    tokens[token..].iter().all(|token| matches!(token, Token::Any))
}
