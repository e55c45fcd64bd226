//! A command line as its words, as a POSIX shell splits it; nothing is expanded.

/// A quote that is never closed, at this byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenQuote(pub usize);

/// Splits `text` at white space that no quote or `\` protects.
pub fn split(text: &str) -> Result<Vec<String>, OpenQuote> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<(char, usize)> = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some((open, _)), c) if c == open => quote = None,
            (Some(('"', _)), '\\') => match chars.next() {
                Some((_, c @ ('"' | '\\' | '$' | '`'))) => word.get_or_insert_default().push(c),
                Some((_, '\n')) => {}
                Some((_, c)) => word.get_or_insert_default().extend(['\\', c]),
                None => break,
            },
            (None, '\'' | '"') => {
                quote = Some((c, at));
                word.get_or_insert_default();
            }
            (None, '\\') => match chars.next() {
                Some((_, '\n')) => {}
                Some((_, c)) => word.get_or_insert_default().push(c),
                None => word.get_or_insert_default().push('\\'),
            },
            (None, c) if c.is_ascii_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if let Some((_, at)) = quote {
        return Err(OpenQuote(at));
    }
    words.extend(word);
    Ok(words)
}
