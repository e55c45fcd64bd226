//! The generated code is what our .proto files say. `UPDATE_EXPECT=1` writes it.

use std::{fs, path::Path};

use protox::file::IncludeFileResolver;
use tonic_prost_build::Config;

/// The packages in `src/generated/`, each a file of that name.
const PACKAGES: [&str; 8] = [
    "fsutil.types",
    "google.protobuf",
    "google.rpc",
    "moby.buildkit.v1.apicaps",
    "moby.buildkit.v1.frontend",
    "moby.buildkit.v1.sourcepolicy",
    "moby.buildkit.v1.types",
    "pb",
];

#[test]
fn generated_code_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // Only this folder: protox would else use its own copies of google/protobuf.
    let files = IncludeFileResolver::new(root.join("proto"));
    let mut compiler = protox::Compiler::with_file_resolver(files);
    compiler.include_source_info(true).include_imports(true).open_file("gateway.proto").unwrap();

    let mut config = Config::new();
    config.btree_map(["."]); // the order of a hash map would reach a digest
    tonic_prost_build::configure()
        .out_dir(out)
        .compile_well_known_types(true)
        .generate_default_stubs(true)
        .server_mod_attribute(".", "#[cfg(feature = \"server\")]")
        .emit_rerun_if_changed(false)
        .compile_fds_with_config(compiler.file_descriptor_set(), config)
        .unwrap();

    for package in PACKAGES {
        let made = fs::read_to_string(out.join(format!("{package}.rs"))).unwrap();
        let kept = root.join("src/generated").join(format!("{package}.rs"));
        expect_test::expect_file![kept].assert_eq(&made);
    }
}
