//! What the container starts with: looked at in the build context, or looked for in the image.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, process::Command};

use expect_test::expect;
use modelcache::{
    answers::{Answers, BaseImage},
    document::Document,
    manifest,
    plan::{
        self, ContextFiles,
        verify::{
            Subject,
            program::{self, Candidate, Fault},
        },
    },
    request::Request,
    values::{
        config::ImageConfig,
        diagnostic::{self, Style},
    },
};
use serde_json::Value;

use crate::support::platform;

/// A file of the context: its path, mode and first bytes.
type File = (&'static str, u32, &'static str);

/// What is planned for a manifest whose `app` is `app`, on a base with this entrypoint.
fn planned(app: &str, entrypoint: &str, files: &[File]) -> String {
    let text = format!("base: python:3.13-slim\npython: {{packages: alpha}}\napp:\n{app}");
    let source = Document::new("modelcache.yaml", &text);
    let manifest = manifest::parse(&source, &BTreeMap::new()).manifest.expect("a manifest");
    let mut context = ContextFiles {
        folders: BTreeMap::from([("src".into(), true), ("run.sh".into(), false)]),
        ..ContextFiles::default()
    };
    let found = |path: &String| {
        let (_, mode, head) = files.iter().find(|(name, ..)| name == path)?;
        let is_folder = head.is_empty();
        Some(Candidate { mode: *mode, is_folder, head: head.as_bytes().to_vec() })
    };
    let paths = program::candidates(&manifest, &context);
    context.programs = paths.into_iter().map(|path| (path.clone(), found(&path))).collect();
    let config =
        format!(r#"{{"config": {{"Env": ["PATH=/usr/bin:/bin"], "Entrypoint": {entrypoint}}}}}"#);
    let config: ImageConfig = serde_json::from_str(&config).expect("an image config");
    let base = BaseImage { config, ..BaseImage::default() };
    let lock =
        Answers { base: BTreeMap::from([(platform("linux/amd64"), base)]), ..Answers::default() };
    let platform = "linux/amd64".parse().expect("a platform");
    match plan::plan(&manifest, &lock, &context, &platform, &Request::default()) {
        Err(found) => diagnostic::render(&found, &source, Style::Plain),
        Ok(plan) => {
            let lookups = plan.proofs.iter().filter_map(|proof| match &proof.subject {
                Subject::Programs { lookups, .. } => Some(lookups),
                _ => None,
            });
            let lookups = lookups.flatten().map(|lookup| {
                format!("{} of {:?}: {:?}\n", lookup.name, lookup.script, lookup.paths)
            });
            lookups.collect()
        }
    }
}

#[test]
fn a_program_is_looked_for_where_a_runtime_does() {
    let cases = [
        ("  command: uvicorn main:app\n", "null"),
        ("  command: [/usr/bin/env, python3]\n", "null"),
        ("  command: bin/run\n  workdir: /srv\n", "null"),
        ("  command: run\n  env: {PATH: '/srv/bin:relative:/bin'}\n", "null"),
        // What the base's entrypoint makes of it, nobody knows.
        ("  command: nothing\n", r#"["/entry"]"#),
        ("  entrypoint: tini\n  command: nothing\n", r#"["/entry"]"#),
        ("  workdir: /srv\n", "null"),
        ("  copy: .\n  command: python main.py\n", "null"),
    ];
    expect![[r#"
        uvicorn of None: ["/opt/venv/bin/uvicorn", "/usr/bin/uvicorn", "/bin/uvicorn"]
        ---
        /usr/bin/env of None: ["/usr/bin/env"]
        ---
        bin/run of None: ["/srv/bin/run"]
        ---
        run of None: ["/srv/bin/run", "/bin/run"]
        ---
        ---
        tini of None: ["/opt/venv/bin/tini", "/usr/bin/tini", "/bin/tini"]
        ---
        ---
        python of None: ["/opt/venv/bin/python", "/usr/bin/python", "/bin/python"]
    "#]]
    .assert_eq(&cases.map(|(app, base)| planned(app, base, &[])).join("---\n"));
}

#[test]
fn what_the_application_brings_is_looked_at_where_it_comes_from() {
    let script: File = ("run.sh", 0o755, "#!/bin/sh\nexec true\n");
    let cases: [(&str, &[File]); 10] = [
        ("  copy: .\n  command: ./run.sh\n", &[script]),
        (
            "  copy: .\n  command: /app/run.sh\n",
            &[("run.sh", 0o100, "#!/usr/bin/env -S A=b python3 -u\n")],
        ),
        ("  copy: {from: run.sh, to: /usr/bin/go}\n  command: go\n", &[script]),
        ("  copy: src\n  entrypoint: bin/run\n", &[("src/bin/run", 0o755, "\u{7f}ELF\u{2}")]),
        (
            "  copy: [{from: ., to: /srv}, {from: src, to: /srv/bin}]\n  command: /srv/bin/x\n",
            &[("src/x", 0o755, "#!bin/y")],
        ),
        // An interpreter of the application's own.
        ("  copy: .\n  command: ./run.sh\n", &[("run.sh", 0o755, "#! /app/bin/python\n")]),
        (
            "  copy: {from: run.sh, mode: 0750, owner: 10001}\n  command: ./run.sh\n",
            &[("run.sh", 0o644, "#!/bin/sh\n")],
        ),
        (
            "  copy: {from: run.sh, mode: 0750, owner: '7:10001'}\n  command: ./run.sh\n",
            &[("run.sh", 0o644, "#!/bin/sh\n")],
        ),
        ("  copy: .\n  command: sh run.sh\n", &[("run.sh", 0o644, "")]),
        ("  copy: {from: src, to: /}\n  command: /usr/bin/env python3\n", &[]),
    ];
    expect![[r#"
        /bin/sh of Some("./run.sh"): ["/bin/sh"]
        ---
        python3 of Some("/app/run.sh"): ["/opt/venv/bin/python3", "/usr/bin/python3", "/bin/python3"]
        ---
        /bin/sh of Some("go"): ["/bin/sh"]
        ---
        ---
        bin/y of Some("/srv/bin/x"): ["/app/bin/y"]
        ---
        ---
        /bin/sh of Some("./run.sh"): ["/bin/sh"]
        ---
        /bin/sh of Some("./run.sh"): ["/bin/sh"]
        ---
        sh of None: ["/opt/venv/bin/sh", "/usr/bin/sh", "/bin/sh"]
        ---
        /usr/bin/env of None: ["/usr/bin/env"]
    "#]]
        .assert_eq(&cases.map(|(app, files)| planned(app, "null", files)).join("---\n"));
}

#[test]
fn a_healthcheck_runs_what_is_there_too() {
    let check = |test: &str| format!("  copy: .\n  command: sh run.sh\n  healthcheck: {test}\n");
    let cases: [(&str, &[File]); 6] = [
        ("[CMD, curl, -f, 'http://localhost']", &[]),
        ("[CMD, ./check, now]", &[("check", 0o755, "#!/bin/bash\n")]),
        ("[CMD, ./check]", &[("check", 0o644, "#!/bin/sh\n")]),
        ("[CMD, /app/check]", &[("check", 0o755, "true\n")]),
        // A shell looks for these, or nobody does.
        ("curl -f http://localhost", &[]),
        ("{disable: true}", &[]),
    ];
    let told = cases.map(|(test, files)| planned(&check(test), "null", files)).join("---\n");
    expect![[r#"
        sh of None: ["/opt/venv/bin/sh", "/usr/bin/sh", "/bin/sh"]
        curl of None: ["/opt/venv/bin/curl", "/usr/bin/curl", "/bin/curl"]
        ---
        sh of None: ["/opt/venv/bin/sh", "/usr/bin/sh", "/bin/sh"]
        /bin/bash of Some("./check"): ["/bin/bash"]
        ---
        error[not-executable]: `./check` can't be run: it has no x bit
         --> modelcache.yaml:6:16
          |
        6 |   healthcheck: [CMD, ./check]
          |                ^^^^^^^^^^^^^^ the healthcheck runs it
          |
          = help: `git update-index --chmod=+x check` and `chmod +x check` make it so in the checkout, `mode: 0755` in `app.copy` in the image; or name what runs it, as in `[CMD, sh, ./check]`
          = help: `verify: false` builds the image as it is
        ---
        error[not-executable]: `/app/check` is neither a script nor a binary
         --> modelcache.yaml:6:16
          |
        6 |   healthcheck: [CMD, /app/check]
          |                ^^^^^^^^^^^^^^^^^ the healthcheck runs it
          |
          = help: let its first line name what runs it: `#!/bin/sh`
          = help: `verify: false` builds the image as it is
        ---
        sh of None: ["/opt/venv/bin/sh", "/usr/bin/sh", "/bin/sh"]
        ---
        sh of None: ["/opt/venv/bin/sh", "/usr/bin/sh", "/bin/sh"]
    "#]].assert_eq(&told);
}

#[test]
fn mistakes_are_told_at_the_line() {
    let command = "  copy: .\n  command: ./run.sh\n";
    let cases: [(&str, &[File]); 6] = [
        (command, &[("run.sh", 0o644, "#!/bin/sh\n")]),
        (command, &[("run.sh", 0o755, "#!/bin/sh\r\nexec true\r\n")]),
        (command, &[("run.sh", 0o755, "exec python main.py\n")]),
        (command, &[("run.sh", 0o755, "#! \n")]),
        (command, &[("run.sh", 0o755, "")]),
        (
            "  copy: {from: run.sh, mode: 0740}\n  command: ./run.sh\n",
            &[("run.sh", 0o755, "#!/bin/sh\n")],
        ),
    ];
    expect![[r#"
        error[not-executable]: `./run.sh` can't be run: it has no x bit
         --> modelcache.yaml:5:12
          |
        5 |   command: ./run.sh
          |            ^^^^^^^^ the container starts with it
          |
          = help: `git update-index --chmod=+x run.sh` and `chmod +x run.sh` make it so in the checkout, `mode: 0755` in `app.copy` in the image; or name what runs it, as in `[sh, ./run.sh]`
          = help: `verify: false` builds the image as it is

        error[no-interpreter]: the first line of `./run.sh` ends with a carriage return
         --> modelcache.yaml:5:12
          |
        5 |   command: ./run.sh
          |            ^^^^^^^^ the container starts with it
          |
          = help: Linux would look for `/bin/sh\r`: save the file with the line ends of Unix; for git, `*.sh text eol=lf` in `.gitattributes` says so
          = help: `verify: false` builds the image as it is

        error[not-executable]: `./run.sh` is neither a script nor a binary
         --> modelcache.yaml:5:12
          |
        5 |   command: ./run.sh
          |            ^^^^^^^^ the container starts with it
          |
          = help: let its first line name what runs it: `#!/bin/sh`
          = help: `verify: false` builds the image as it is

        error[not-executable]: `./run.sh` is neither a script nor a binary
         --> modelcache.yaml:5:12
          |
        5 |   command: ./run.sh
          |            ^^^^^^^^ the container starts with it
          |
          = help: let its first line name what runs it: `#!/bin/sh`
          = help: `verify: false` builds the image as it is

        error[not-executable]: `./run.sh` is a folder
         --> modelcache.yaml:5:12
          |
        5 |   command: ./run.sh
          |            ^^^^^^^^ the container starts with it
          |
          = help: `verify: false` builds the image as it is

        error[not-executable]: `./run.sh` can't be run: it has no x bit
         --> modelcache.yaml:5:12
          |
        5 |   command: ./run.sh
          |            ^^^^^^^^ the container starts with it
          |
          = help: `git update-index --chmod=+x run.sh` and `chmod +x run.sh` make it so in the checkout, `mode: 0755` in `app.copy` in the image; or name what runs it, as in `[sh, ./run.sh]`
          = help: `verify: false` builds the image as it is
    "#]].assert_eq(&cases.map(|(app, files)| planned(app, "null", files)).join("\n"));
}

#[test]
fn nothing_is_proven_where_no_proof_is_wanted() {
    let app = "  copy: .\n  command: ./run.sh\nverify: false\n";
    assert_eq!(planned(app, "null", &[("run.sh", 0o644, "no")]), "");
}

#[test]
fn the_process_finds_what_a_kernel_would_refuse() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let write = |name: &str, mode: u32, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("the folder is ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        path.display().to_string()
    };
    let good = write("good", 0o755, "#!/bin/sh\n");
    let twice = write("twice", 0o755, &format!("#!{good}\n"));
    let missing = folder.path().join("missing").display().to_string();
    let cases = [
        vec![missing.clone(), good.clone()],
        vec![twice],
        vec!["/bin/sh".to_owned()],
        vec![write("env", 0o755, "#!/usr/bin/env -S A=b sh -u\n")],
        vec![missing.clone()],
        vec![folder.path().display().to_string()],
        vec![write("mode", 0o644, "#!/bin/sh\n")],
        vec![write("plain", 0o755, "echo\n")],
        vec![write("crlf", 0o755, "#!/bin/sh\r\n")],
        vec![write("gone", 0o755, "#!/nowhere/sh -e\n")],
        vec![write("no-env", 0o755, "#!/usr/bin/env nothing-of-this-name\n")],
        vec![write(
            "through",
            0o755,
            &format!("#!{}\n", write("gone-too", 0o755, "#!/nowhere/sh\n")),
        )],
    ];
    let lookups =
        serde_json::json!({"lookups": cases.map(|paths| serde_json::json!({"paths": paths}))});
    let listing = write("lookups.json", 0o644, &lookups.to_string());
    let out = tempfile::tempdir().expect("temporary folders can be made");
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/src/graph/verify/modelcache_program.py");
    let status = Command::new("python3").args(["-B", program, &listing]).arg(out.path()).output();
    assert!(status.expect("the machine has Python").status.success());
    let report = fs::read_to_string(out.path().join("report.json")).expect("a report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let told =
        report["programs"].as_array().expect("a list").iter().map(|fault| {
            format!("{} {} {}\n", fault["index"], fault["fault"], fault["interpreter"])
        });
    expect![[r#"
        4 "missing" null
        5 "missing" null
        6 "mode" null
        7 "no program" null
        8 "interpreter" "/bin/sh\\r"
        9 "interpreter" "/nowhere/sh"
        10 "interpreter" "nothing-of-this-name"
        11 "interpreter" "/nowhere/sh"
    "#]]
    .assert_eq(&told.collect::<String>());
    assert!(!out.path().join("passed").exists());
}

#[test]
fn what_the_process_found_is_told_at_the_line() {
    let text = "base: python:3.13-slim\napp: {command: uvicorn main:app}\n";
    let source = Document::new("modelcache.yaml", text);
    let span = manifest::parse(&source, &BTreeMap::new()).manifest.and_then(|it| it.app);
    let span = span.and_then(|app| app.command).expect("a command").span;
    let lookup = |name: &str, script: Option<&str>| program::Lookup {
        paths: Vec::new(),
        name: name.to_owned(),
        script: script.map(str::to_owned),
        from: name.starts_with('.').then(|| "run.sh".to_owned()),
        span,
        purpose: "the container starts with it",
    };
    let found = [
        program::explain(&lookup("uvicorn", None), &Fault::Missing, ""),
        program::explain(&lookup("/opt/run", None), &Fault::Missing, ""),
        program::explain(&lookup("./run.sh", None), &Fault::Missing, ""),
        program::explain(&lookup("/bin/bash", Some("./run.sh")), &Fault::Missing, ""),
        program::explain(&lookup("uvicorn", None), &Fault::Mode, "/bin/uvicorn"),
        program::explain(&lookup("uvicorn", None), &Fault::NoProgram, "/bin/uvicorn"),
        program::explain(
            &lookup("uvicorn", None),
            &Fault::Interpreter("/bin/x".into()),
            "/bin/uvicorn",
        ),
    ];
    expect![[r#"
        error[no-program]: `uvicorn` is not in the image
         --> modelcache.yaml:2:16
          |
        2 | app: {command: uvicorn main:app}
          |                ^^^^^^^^^^^^^^^^ the container starts with it
          |
          = help: no folder of PATH has it; what a package brings is there if `python` asks for it, and other programs come by `system`, or are in the base image

        error[no-program]: `/opt/run` is not in the image
         --> modelcache.yaml:2:16
          |
        2 | app: {command: uvicorn main:app}
          |                ^^^^^^^^^^^^^^^^ the container starts with it
          |
          = help: check the path: neither `app.copy` nor the base image has it

        error[no-program]: `./run.sh` is not in the image
         --> modelcache.yaml:2:16
          |
        2 | app: {command: uvicorn main:app}
          |                ^^^^^^^^^^^^^^^^ the container starts with it
          |
          = help: it would be `run.sh` of the build context: check the path, and that `.dockerignore` doesn't leave it out

        error[no-interpreter]: `/bin/bash`, which runs `./run.sh`, is not in the image
         --> modelcache.yaml:2:16
          |
        2 | app: {command: uvicorn main:app}
          |                ^^^^^^^^^^^^^^^^ the container starts with it
          |
          = help: the script's first line names it; other programs come by `system`, or are in the base image

        error[not-executable]: `uvicorn` can't be run: it has no x bit
         --> modelcache.yaml:2:16
          |
        2 | app: {command: uvicorn main:app}
          |                ^^^^^^^^^^^^^^^^ the container starts with it
          |
          = help: the user may not run `/bin/uvicorn`: choose another user, or run it by a program, as in `[sh, /bin/uvicorn]`

        error[not-executable]: `uvicorn` is neither a script nor a binary
         --> modelcache.yaml:2:16
          |
        2 | app: {command: uvicorn main:app}
          |                ^^^^^^^^^^^^^^^^ the container starts with it
          |
          = help: let its first line name what runs it: `#!/bin/sh`

        error[no-interpreter]: `/bin/x`, which runs `/bin/uvicorn`, is not in the image
         --> modelcache.yaml:2:16
          |
        2 | app: {command: uvicorn main:app}
          |                ^^^^^^^^^^^^^^^^ the container starts with it
          |
          = help: the script's first line names it; other programs come by `system`, or are in the base image
    "#]].assert_eq(&diagnostic::render(&found, &source, Style::Plain));
}
