//! The bytes of a requirements file into its text, as pip and the resolver do
//! (`pip._internal.utils.encoding.auto_decode`).

/// Why a file has no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoText {
    /// It has no mark, and is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotUtf8,
    /// Its `coding` comment promises what its bytes don't hold.
    #[error("its first lines say `coding: {0}`, and its bytes are not that")]
    NotAsCommented(String),
    /// Its `coding` comment names an encoding that is not read here.
    #[error("its first lines say `coding: {0}`, which is not read here")]
    Unknown(String),
    /// Its mark promises what its bytes don't hold.
    #[error("its byte order mark says {0}, and its bytes are not that")]
    NotAsMarked(&'static str),
}

/// The text of a file: by its byte order mark, which is not part of it, by a comment of PEP 263
/// in its first two lines, else UTF-8.
pub fn decode(bytes: &[u8]) -> Result<String, NoText> {
    // UTF-32 first: its mark begins with that of UTF-16.
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe, 0, 0]) {
        return utf32(rest, u32::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(&[0, 0, 0xfe, 0xff]) {
        return utf32(rest, u32::from_be_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        return utf16(rest, u16::from_be_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        return String::from_utf8(rest.to_vec()).map_err(|_| NoText::NotAsMarked("UTF-8"));
    }
    match commented(bytes) {
        Some(name) => by_name(bytes, &name),
        None => String::from_utf8(bytes.to_vec()).map_err(|_| NoText::NotUtf8),
    }
}

/// The encoding that a comment names: `# -*- coding: latin-1 -*-`.
fn commented(bytes: &[u8]) -> Option<String> {
    let mut lines = bytes.split(|byte| *byte == b'\n').take(2);
    lines.find_map(|line| {
        let line = String::from_utf8_lossy(line.strip_prefix(b"#")?).into_owned();
        line.match_indices("coding").find_map(|(at, word)| {
            let rest = line[at + word.len()..].strip_prefix([':', '='])?;
            let is_usual = |c: &char| c.is_alphanumeric() || "-_.".contains(*c);
            let name: String = rest.trim_start().chars().take_while(is_usual).collect();
            (!name.is_empty()).then_some(name)
        })
    })
}

fn by_name(bytes: &[u8], name: &str) -> Result<String, NoText> {
    let plain: String = name.to_ascii_lowercase().replace(['_', '.'], "-");
    let text = match plain.as_str() {
        "utf-8" | "utf8" | "u8" | "utf-8-sig" => String::from_utf8(bytes.to_vec()).ok(),
        "ascii" | "us-ascii" | "646" => {
            String::from_utf8(bytes.to_vec()).ok().filter(|text| text.is_ascii())
        }
        "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" => {
            Some(bytes.iter().map(|byte| char::from(*byte)).collect())
        }
        "cp1252" | "windows-1252" | "1252" => bytes.iter().map(|byte| windows(*byte)).collect(),
        _ => return Err(NoText::Unknown(name.to_owned())),
    };
    text.ok_or_else(|| NoText::NotAsCommented(name.to_owned()))
}

/// A byte of Windows' western encoding, in which five stand for nothing.
fn windows(byte: u8) -> Option<char> {
    const HIGH: &str = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";
    match byte {
        0x80..=0x9f => HIGH.chars().nth(usize::from(byte - 0x80)).filter(|it| *it != '\0'),
        _ => Some(char::from(byte)),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NoText> {
    let wrong = NoText::NotAsMarked("UTF-16");
    let (units, []) = bytes.as_chunks::<2>() else { return Err(wrong) };
    let units: Vec<u16> = units.iter().map(|bytes| unit(*bytes)).collect();
    String::from_utf16(&units).map_err(|_| wrong)
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<String, NoText> {
    let wrong = NoText::NotAsMarked("UTF-32");
    let (units, []) = bytes.as_chunks::<4>() else { return Err(wrong) };
    let text: Option<String> = units.iter().map(|bytes| char::from_u32(unit(*bytes))).collect();
    text.ok_or(wrong)
}
