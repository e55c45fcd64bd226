//! What users see in the output of `docker buildx build` when they err, or the world does.

use expect_test::{Expect, expect};

use super::{double::free_ports, project::Project};

const SYNTAX: &str = "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\n";

/// A project with one model and one wheel, and a manifest that goes on with `rest`.
fn project(rest: &str) -> Project {
    let project = Project::new(&format!("{SYNTAX}{rest}"));
    project.add_model("acme/first");
    project.add_wheel("alpha", "1");
    project
}

fn check(project: &Project, expected: &Expect) {
    expected.assert_eq(&project.fail(&[]));
}

#[test]
fn a_misspelt_key_is_named_with_the_one_meant() {
    check(
        &project("modles:\n  - acme/first\n"),
        &expect![[r#"
        modelcache.yaml:3
        --------------------
           1 |     # syntax=myorg/modelcache:1
           2 |     base: python:3.13-slim
           3 | >>> modles:
           4 |       - acme/first
           5 |
        --------------------
        ERROR: failed to build: failed to solve: modelcache.yaml:3: the manifest has no key `modles`

        error[unknown-key]: the manifest has no key `modles`
         --> modelcache.yaml:3:1
          |
        3 | modles:
          | ^^^^^^ did you mean `models`?
    "#]],
    );
}

#[test]
fn a_value_of_the_wrong_type_is_told_from_the_right_one() {
    check(
        &project("models: acme/first\n"),
        &expect![[r#"
        modelcache.yaml:3
        --------------------
           1 |     # syntax=myorg/modelcache:1
           2 |     base: python:3.13-slim
           3 | >>> models: acme/first
           4 |
        --------------------
        ERROR: failed to build: failed to solve: modelcache.yaml:3: `models` must be a list, not a string

        error[wrong-type]: `models` must be a list, not a string
         --> modelcache.yaml:3:9
          |
        3 | models: acme/first
          |         ^^^^^^^^^^ expected a list
    "#]],
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let rest = "modles: []\npython:\n  packages: alpha\napp:\n  expose: [http]\n";
    check(
        &project(rest),
        &expect![[r#"
        modelcache.yaml:3
        --------------------
           1 |     # syntax=myorg/modelcache:1
           2 |     base: python:3.13-slim
           3 | >>> modles: []
           4 |     python:
           5 |       packages: alpha
        --------------------
        ERROR: failed to build: failed to solve: modelcache.yaml:3: the manifest has no key `modles` (and 2 more mistakes)

        error[unknown-key]: the manifest has no key `modles`
         --> modelcache.yaml:3:1
          |
        3 | modles: []
          | ^^^^^^ did you mean `models`?

        error[empty-value]: `models` is empty
         --> modelcache.yaml:3:9
          |
        3 | modles: []
          |         ^^
          |
          = help: write a value, or remove the key or entry

        error[invalid-port]: a port is a number from 1 to 65535
         --> modelcache.yaml:7:12
          |
        7 |   expose: [http]
          |            ^^^^
    "#]],
    );
}

#[test]
fn a_missing_requirements_file_is_shown_where_it_is_named() {
    let rest = "python:\n  requirements:\n    - requirements.txt\n    - requirements/test.txt\n";
    let project = project(rest);
    project.write("requirements.txt", "alpha==1\n-r more.txt\n");
    check(
        &project,
        &expect![[r#"
            modelcache.yaml:5
            --------------------
               3 |     python:
               4 |       requirements:
               5 | >>>     - requirements.txt
               6 |         - requirements/test.txt
               7 |
            --------------------
            ERROR: failed to build: failed to solve: modelcache.yaml:5: `requirements.txt` line 2 includes `more.txt`, which is not in the build context (and 1 more mistake)

            error[missing-requirements-file]: `requirements.txt` line 2 includes `more.txt`, which is not in the build context
             --> modelcache.yaml:5:7
              |
            5 |     - requirements.txt
              |       ^^^^^^^^^^^^^^^^ named here
              |
              = help: paths are relative to the build context, the last argument of `docker buildx build`

            error[missing-requirements-file]: the requirements file `requirements/test.txt` is not in the build context
             --> modelcache.yaml:6:7
              |
            6 |     - requirements/test.txt
              |       ^^^^^^^^^^^^^^^^^^^^^ named here
              |
              = help: paths are relative to the build context, the last argument of `docker buildx build`
        "#]],
    );
}

#[test]
fn an_unknown_model_is_shown_where_it_is_named() {
    check(
        &project("models:\n  - acme/first\n  - acme/frist\n"),
        &expect![[r#"
            ------
             > [internal] ask the hub for acme/frist@main:
            ------

             [33m1 warning found (use docker --debug to expand):
            [0m - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
            modelcache.yaml:5
            --------------------
               3 |     models:
               4 |       - acme/first
               5 | >>>   - acme/frist
               6 |
            --------------------
            ERROR: failed to build: failed to solve: modelcache.yaml:5: the hub has no model `acme/frist` at revision `main`, or it is private

            error[unknown-model]: the hub has no model `acme/frist` at revision `main`, or it is private
             --> modelcache.yaml:5:5
              |
            5 |   - acme/frist
              |     ^^^^^^^^^^ http://HUB answered 401
              |
              = help: check the spelling; names are case-sensitive
              = help: if it is private, pass a token that may read it: --secret id=HTTP_AUTH_TOKEN_127.0.0.1,env=HF_TOKEN
              = help: a secret of another name, as `id=HF_TOKEN`, is not read: the builder looks for one that names the host

            the builder said: failed to load cache key: invalid response status 401
        "#]],
    );
}

#[test]
fn an_unreachable_hub_is_told_from_an_unknown_model() {
    let [port, _] = free_ports();
    let hub = format!("http://127.0.0.1:{port}");
    let project = project("models:\n  - acme/first\n");
    let seen = project.fail(&["--build-arg", &format!("HF_ENDPOINT={hub}")]);
    expect![[r#"
        ------
         > [internal] ask the hub for acme/first@main:
        ------
        ------
         > [internal] ask the hub for acme/first@main:
        ------
        ------
         > [internal] ask the hub for acme/first@main:
        ------
        ------
         > [internal] ask the hub for acme/first@main:
        ------
        ------
         > [internal] ask the hub for acme/first@main:
        ------

         [33m1 warning found (use docker --debug to expand):
        [0m - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
        modelcache.yaml:4
        --------------------
           2 |     base: python:3.13-slim
           3 |     models:
           4 | >>>   - acme/first
           5 |
        --------------------
        ERROR: failed to build: failed to solve: modelcache.yaml:4: the hub at http://127.0.0.1:PORT can't be reached

        error[hub-unreachable]: the hub at http://127.0.0.1:PORT can't be reached
         --> modelcache.yaml:4:5
          |
        4 |   - acme/first
          |     ^^^^^^^^^^ the model `acme/first` is needed from it
          |
          = help: the builder itself asks the hub: check its network, DNS and proxy
          = help: `--build-arg HF_ENDPOINT=URL` or `mirrors.huggingface` name another hub

        the builder said: failed to load cache key: Get "http://127.0.0.1:PORT/api/models/acme/first/revision/main?blobs=true": dial tcp 127.0.0.1:PORT: connect: connection refused
    "#]].assert_eq(&seen.replace(&port.to_string(), "PORT"));
}

#[test]
fn tampered_weights_are_refused() {
    let project = project("models:\n  - acme/first\n");
    project.hub.fail(r#"{"match": "/cdn/", "wrong": true}"#);
    check(
        &project,
        &expect![[r#"
            ------
             > [model 1/1] acme/first: 5 files:
            ------

             [33m1 warning found (use docker --debug to expand):
            [0m - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
            modelcache.yaml:4
            --------------------
               2 |     base: python:3.13-slim
               3 |     models:
               4 | >>>   - acme/first
               5 |
            --------------------
            ERROR: failed to build: failed to solve: modelcache.yaml:4: `model.safetensors` of `acme/first` is not what the hub lists

            error[tampered-file]: `model.safetensors` of `acme/first` is not what the hub lists
             --> modelcache.yaml:4:5
              |
            4 |   - acme/first
              |     ^^^^^^^^^^ it must be sha256:…
              |
              = help: http://HUB sends sha256:…, twice; nothing of it was kept
              = help: compare with another hub by `--build-arg HF_ENDPOINT=URL`
        "#]],
    );
    project.hub.fail("");
    project.build(&[]);
}

#[test]
fn a_tampered_small_file_is_refused() {
    let project = project("models:\n  - acme/first\n");
    project.hub.fail(r#"{"match": "/resolve-cache/", "wrong": true}"#);
    check(
        &project,
        &expect![[r#"
            modelcache.yaml:4
            --------------------
               2 |     base: python:3.13-slim
               3 |     models:
               4 | >>>   - acme/first
               5 |
            --------------------
            ERROR: failed to build: failed to solve: modelcache.yaml:4: `config.json` of `acme/first` is not what the hub lists

            error[tampered-file]: `config.json` of `acme/first` is not what the hub lists
             --> modelcache.yaml:4:5
              |
            4 |   - acme/first
              |     ^^^^^^^^^^ its git blob id should be …
              |
              = help: the hub, a mirror or a proxy sent other bytes; nothing of them was kept
        "#]],
    );
    project.hub.fail("");
    project.build(&[]);
}

#[test]
fn what_the_resolver_cannot_find_is_shown_in_its_own_words() {
    let project = project("python:\n  requirements: requirements.txt\n");
    project.write("requirements.txt", "alpha==1\nnot-there==1\n");
    check(
        &project,
        &expect![[r#"
            ------
             > [python] resolve requirements:
            error: No solution found when resolving dependencies
              cause: Because not-there was not found in the package registry and you require not-there==1, we can conclude that your requirements are unsatisfiable.
            ------

             [33m1 warning found (use docker --debug to expand):
            [0m - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
            modelcache.yaml:4
            --------------------
               2 |     base: python:3.13-slim
               3 |     python:
               4 | >>>   requirements: requirements.txt
               5 |
            --------------------
            ERROR: failed to build: failed to solve: modelcache.yaml:4: the Python packages can't be resolved for linux/amd64

            error[unresolvable]: the Python packages can't be resolved for linux/amd64
             --> modelcache.yaml:4:17
              |
            4 |   requirements: requirements.txt
              |                 ^^^^^^^^^^^^^^^^ `not-there` in `requirements.txt` line 2
              |
              = help: the resolver says:
                      error: No solution found when resolving dependencies
                        cause: Because not-there was not found in the package registry and you require not-there==1, we can conclude that your requirements are unsatisfiable.
        "#]],
    );
}
