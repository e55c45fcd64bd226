//! Configs of base images that are odd, but legal.

use modelcache::values::config::ImageConfig;

#[test]
fn null_is_as_good_as_nothing() {
    let text = r#"{"architecture": "amd64", "os": "linux", "config": null, "history": null}"#;
    let config: ImageConfig = serde_json::from_str(text).expect("a legal config");
    let fields = r#"{"architecture": null, "os": null, "variant": null, "config": {"User": null,
        "ExposedPorts": null, "Env": null, "Entrypoint": null, "Cmd": null, "WorkingDir": null,
        "Labels": null}, "history": [{"created": null, "created_by": null, "comment": null,
        "empty_layer": null}]}"#;
    let found: ImageConfig = serde_json::from_str(fields).expect("a legal config");
    let none = r#"{"history": [{}]}"#;
    assert_eq!(found, serde_json::from_str(none).expect("a legal config"));
    let usual = r#"{"architecture": "amd64", "os": "linux"}"#;
    assert_eq!(config, serde_json::from_str(usual).expect("a legal config"));
}
