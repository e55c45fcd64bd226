//! A frontend's life, on its own pipes: this program is the daemon, and starts itself once more as
//! the frontend. So it has no harness, which would write to the frontend's stdout.

use std::{
    collections::BTreeMap,
    env,
    process::{Command, ExitCode, Stdio},
    sync::{Arc, Mutex},
};

use buildkit_frontend::{
    document::{Document, Span},
    gateway::{
        Gateway,
        rejection::Rejection,
        reply::{ATTESTATIONS, Attestation, Built, Reply},
    },
    request::Request,
    serve,
};
use buildkit_llb::{File, FileAction, Timestamp, Vertex, marshal};
use buildkit_proto::{
    apicaps::ApiCap,
    gateway::{
        self as wire,
        llb_bridge_server::{LlbBridge, LlbBridgeServer},
    },
    types::WorkerRecord,
};
use expect_test::expect;
use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::unix::pipe;
use tonic::{Response, Status, codegen::Service};

/// Set for the frontend, and for nobody else.
const OPTION: &str = "BUILDKIT_FRONTEND_OPT_0";

fn main() -> ExitCode {
    if env::var_os(OPTION).is_some() {
        return serve::run(build);
    }
    statements_go_with_the_platform_that_they_are_about();
    an_error_has_its_place();
    ExitCode::SUCCESS
}

/// The frontend: an image with statements or, of the target `none`, an error.
async fn build(gateway: &Gateway, request: &Request) -> Result<Reply, Rejection> {
    let source = Document::new("image.yaml", "base: debian\ntarget: none\n");
    if request.target.as_deref() == Some("none") {
        let no = Rejection::new("image.yaml:2: there is no such target");
        return Err(no.located(&source, "YAML", Span { start: 21, end: 25 }));
    }
    let file = |path: &str| FileAction::Mkfile {
        path: path.to_owned(),
        mode: 0o600,
        data: b"{}".to_vec(),
        owner: None,
        timestamp: Timestamp::Seconds(0),
    };
    let output = |path: &str| Vertex::new(File::on_scratch(vec![file(path)])).output();
    let mut built = Vec::new();
    for platform in gateway.platforms_of(request) {
        let result = gateway.solve(marshal(&output("/app"), &[]), true).await?;
        built.push(Built { platform, result, config: "{}".into(), base_config: None });
    }
    let platforms: Vec<_> = built.iter().map(|built| built.platform.clone()).collect();
    let mut reply = Reply::images(built, request.multi_platform);
    if gateway.api.has(ATTESTATIONS) {
        for platform in &platforms {
            let files = gateway.solve(marshal(&output("/sbom.json"), &[]), false).await?;
            let packages =
                Attestation::in_toto(files.clone(), "/sbom.json", "https://spdx.dev/Document");
            reply.attest(platform, packages.metadata("reason", "sbom"));
            reply.attest(platform, Attestation::bundle(files, "", None));
        }
    }
    Ok(reply)
}

fn statements_go_with_the_platform_that_they_are_about() {
    let result = outcome("platform=linux/amd64,linux/arm64", true).result.expect("a result");
    let mut told = String::new();
    for (id, about) in &result.attestations {
        for one in &about.attestation {
            let of = one.r#ref.as_ref().map_or("none", |of| of.id.as_str());
            let metadata: BTreeMap<_, _> = one
                .metadata
                .iter()
                .map(|(key, value)| (key, String::from_utf8_lossy(value)))
                .collect();
            let wire::Attestation { path, in_toto_predicate_type: predicate, .. } = one;
            told += &[id, " ", one.kind().as_str_name(), " of ", of, "\n"].concat();
            told += &[&format!("  {path:?} {predicate:?} {metadata:?}"), "\n"].concat();
        }
    }
    // Each is of a result that the daemon has given, and none of one that is an image.
    expect![[r#"
        linux/amd64 InToto of ref 3
          "/sbom.json" "https://spdx.dev/Document" {"reason": "sbom"}
        linux/amd64 Bundle of ref 3
          "" "" {}
        linux/arm64 InToto of ref 4
          "/sbom.json" "https://spdx.dev/Document" {"reason": "sbom"}
        linux/arm64 Bundle of ref 4
          "" "" {}
    "#]]
    .assert_eq(&told);
    let id = outcome("platform=linux/amd64", true).result.expect("a result").attestations;
    assert_eq!(id.keys().collect::<Vec<_>>(), ["linux/amd64"]);
    let none = outcome("platform=linux/amd64", false).result.expect("a result");
    assert!(none.attestations.is_empty(), "an older daemon is told nothing that it doesn't know");
}

fn an_error_has_its_place() {
    let error = outcome("target=none", true).error.expect("an error");
    assert_eq!(error.message, "image.yaml:2: there is no such target");
    let [place] = &error.details[..] else { panic!("{error:?}") };
    expect![[r#"
        github.com/moby/buildkit/errdefs.Source+json
        {"info":{"data":"YmFzZTogZGViaWFuCnRhcmdldDogbm9uZQo=","filename":"image.yaml","language":"YAML"},"ranges":[{"end":{"line":2},"start":{"line":2}}]}
    "#]].assert_eq(&format!(
        "{}\n{}\n",
        place.type_url,
        String::from_utf8_lossy(&place.value)
    ));
}

/// What the frontend hands over when it is given `option`.
fn outcome(option: &str, can_attest: bool) -> wire::ReturnRequest {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    let mut child = (command.env(OPTION, option).stdin(Stdio::piped()).stdout(Stdio::piped()))
        .spawn()
        .expect("this program can be started");
    let input = child.stdout.take().expect("it is piped");
    let output = child.stdin.take().expect("it is piped");
    let daemon = Daemon { can_attest, ..Daemon::default() };
    let returned = Arc::clone(&daemon.returned);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    runtime.expect("a runtime starts").block_on(async {
        let input = pipe::Receiver::from_owned_fd(input.into()).expect("it is a pipe");
        let output = pipe::Sender::from_owned_fd(output.into()).expect("it is a pipe");
        let server = LlbBridgeServer::new(daemon);
        let service = service_fn(move |request| server.clone().call(request));
        // How the connection ends is the process's business: its exit code tells.
        let _ = http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(tokio::io::join(input, output)), service)
            .await;
    });
    assert!(child.wait().expect("it ran").success());
    let returned = returned.lock().expect("nobody panicked").take();
    returned.expect("no build ends without an outcome")
}

/// A daemon that numbers what it is to solve.
#[derive(Default)]
struct Daemon {
    can_attest: bool,
    solved: Mutex<usize>,
    returned: Arc<Mutex<Option<wire::ReturnRequest>>>,
}

#[tonic::async_trait]
impl LlbBridge for Daemon {
    async fn ping(
        &self,
        _: tonic::Request<wire::PingRequest>,
    ) -> Result<Response<wire::PongResponse>, Status> {
        let cap = ApiCap { id: ATTESTATIONS.into(), enabled: self.can_attest, ..ApiCap::default() };
        Ok(Response::new(wire::PongResponse {
            frontend_api_caps: vec![cap],
            llb_caps: Vec::new(),
            workers: vec![WorkerRecord::default()],
        }))
    }

    async fn solve(
        &self,
        _: tonic::Request<wire::SolveRequest>,
    ) -> Result<Response<wire::SolveResponse>, Status> {
        let mut solved = self.solved.lock().expect("nobody panicked");
        *solved += 1;
        let reference = wire::Ref { id: format!("ref {solved}"), def: None };
        let result = Some(wire::result::Result::Ref(reference));
        let result = wire::Result { result, ..wire::Result::default() };
        Ok(Response::new(wire::SolveResponse { result: Some(result), ..Default::default() }))
    }

    async fn r#return(
        &self,
        request: tonic::Request<wire::ReturnRequest>,
    ) -> Result<Response<wire::ReturnResponse>, Status> {
        *self.returned.lock().expect("nobody panicked") = Some(request.into_inner());
        Ok(Response::new(wire::ReturnResponse {}))
    }
}
