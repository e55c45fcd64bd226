//! The bytes of a requirements file into its text, as pip and the resolver do
//! (`pip._internal.utils.encoding.auto_decode`).

/// Why a file has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoText {
    /// It has no mark, and is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotUtf8,
    /// Its mark promises what its bytes don't hold.
    #[error("its byte order mark says {0}, and its bytes are not that")]
    NotAsMarked(&'static str),
}

/// The text of a file: by its byte order mark, which is not part of it, else UTF-8.
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
    let rest = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    String::from_utf8(rest.to_vec()).map_err(|_| NoText::NotUtf8)
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
