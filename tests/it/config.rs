//! Configs of base images that are odd, but legal.

use modelcache::config::ImageConfig;

#[test]
fn null_is_as_good_as_nothing() {
    let text = r#"{"architecture": "amd64", "os": "linux", "config": null, "history": null}"#;
    let config: ImageConfig = serde_json::from_str(text).expect("a legal config");
    let usual = r#"{"architecture": "amd64", "os": "linux"}"#;
    assert_eq!(config, serde_json::from_str(usual).expect("a legal config"));
}
