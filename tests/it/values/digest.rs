//! Digests as text and as JSON.

use modelcache::values::digest::Digest;

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn a_digest_is_read_as_it_is_written() {
    let digest = Digest::of(b"");
    assert_eq!(digest.to_string(), format!("sha256:{EMPTY}"));
    assert_eq!(digest.hex(), EMPTY);
    let texts = [EMPTY.to_owned(), EMPTY.to_uppercase(), digest.to_string()];
    for text in texts {
        assert_eq!(text.parse(), Ok(digest), "{text}");
    }
    let json = serde_json::to_string(&digest).expect("it is text");
    assert_eq!(json, format!("\"{EMPTY}\""));
    assert_eq!(serde_json::from_str::<Digest>(&json).expect("64 digits"), digest);
}

#[test]
fn what_has_not_64_hex_digits_is_none() {
    let long = format!("{EMPTY}0");
    let foreign = EMPTY.replace('e', "g");
    let wide = "é".repeat(32);
    for text in ["", "sha256:", &EMPTY[1..], &long, &foreign, &wide, "sha512:00"] {
        assert!(text.parse::<Digest>().is_err(), "{text}");
    }
    assert!(Digest::from_hex(&format!("sha256:{EMPTY}")).is_none());
}
