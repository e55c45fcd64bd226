//! The real binary against a daemon made of data.
//!
//! The daemon serves `LLBBridge` on the child's stdin and stdout, answers from
//! a [`Daemon`], and records what it was asked. It knows no progress and runs
//! no process: execs and file ops succeed unless a failure is planned.

use std::{
    collections::BTreeMap,
    io::Read,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use buildkit_proto::{
    apicaps::ApiCap,
    gateway::{
        self as wire,
        llb_bridge_server::{LlbBridge, LlbBridgeServer},
    },
    pb, rpc, stat,
    types::WorkerRecord,
};
use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::unix::pipe;
use tonic::{Request, Response, Status, codegen::Service};

pub use self::daemon::{Daemon, Image};

pub mod daemon;

/// Go's mode bit of a directory.
const MODE_DIRECTORY: u32 = 1 << 31;

/// What happened in a build.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What the frontend returned; none if it ended without.
    pub returned: Option<wire::ReturnRequest>,
    /// The graphs and other frontends that were asked for, in order.
    pub solves: Vec<wire::SolveRequest>,
    /// What the user was warned of.
    pub warnings: Vec<wire::WarnRequest>,
    /// Whether the process ended with 0.
    pub success: bool,
    /// What it wrote to the daemon's log.
    pub log: String,
}

impl Outcome {
    /// The result; panics with the error if there is none.
    pub fn result(&self) -> &wire::Result {
        let result = self.returned.as_ref().and_then(|returned| returned.result.as_ref());
        result.unwrap_or_else(|| panic!("no result: {self:#?}"))
    }

    /// The error; panics with the result if there is none.
    pub fn error(&self) -> &rpc::Status {
        let error = self.returned.as_ref().and_then(|returned| returned.error.as_ref());
        error.unwrap_or_else(|| panic!("no error: {self:#?}"))
    }

    /// The definitions that were to be evaluated, as text: the last one is the image.
    pub fn graphs(&self) -> Vec<String> {
        let evaluated = self.solves.iter().filter(|solve| solve.evaluate);
        let definitions = evaluated.filter_map(|solve| solve.definition.clone());
        let text = |definition: pb::Definition| {
            buildkit_llb::text(&definition.into()).expect("it was just marshalled")
        };
        definitions.map(text).collect()
    }

    /// A value of the result's metadata, as text.
    pub fn metadata(&self, key: &str) -> Option<String> {
        let value = self.result().metadata.get(key)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

impl Daemon {
    /// Starts the frontend with these options, and serves it until it ends.
    pub fn build(self, options: &[(&str, &str)]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_modelcache"));
        command.arg("frontend").env_clear().env("BUILDKIT_SESSION_ID", "session");
        for (i, (key, value)) in options.iter().enumerate() {
            command.env(format!("BUILDKIT_FRONTEND_OPT_{i}"), format!("{key}={value}"));
        }
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("cargo built the binary");
        let mut stderr = child.stderr.take().expect("it is piped");
        let log = thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).map(|_| log)
        });

        let session = Session { daemon: self, record: Arc::default() };
        let record = Arc::clone(&session.record);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        runtime.expect("a runtime starts").block_on(serve(&mut child, session));

        let mut outcome = record.lock().expect("nobody panicked").clone();
        outcome.success = child.wait().expect("the child ran").success();
        outcome.log = log.join().expect("it doesn't panic").expect("the log is text");
        outcome
    }
}

/// Serves the child's pipes until it closes them.
async fn serve(child: &mut Child, session: Session) {
    let input = child.stdout.take().expect("it is piped");
    let output = child.stdin.take().expect("it is piped");
    let input = pipe::Receiver::from_owned_fd(input.into()).expect("it is a pipe");
    let output = pipe::Sender::from_owned_fd(output.into()).expect("it is a pipe");
    let server = LlbBridgeServer::new(session);
    let service = service_fn(move |request| server.clone().call(request));
    // How the connection ends is the process's business: its exit code tells.
    let _ = http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(tokio::io::join(input, output)), service)
        .await;
}

/// One build on the daemon.
struct Session {
    daemon: Daemon,
    record: Arc<Mutex<Outcome>>,
}

impl Session {
    fn record(&self, change: impl FnOnce(&mut Outcome)) {
        change(&mut self.record.lock().expect("nobody panicked"));
    }

    /// The definition of a reference: references are numbered like the solves.
    fn definition(&self, reference: &str) -> Result<pb::Definition, Status> {
        let record = self.record.lock().expect("nobody panicked");
        let solve = reference.parse().ok().and_then(|number: usize| record.solves.get(number));
        let definition = solve.and_then(|solve| solve.definition.clone());
        definition.ok_or_else(|| Status::unknown(format!("no such ref: {reference}")))
    }

    fn image(&self, reference: &str) -> Result<&Image, Status> {
        let image = self.daemon.images.get(reference);
        image.ok_or_else(|| Status::not_found(format!("{reference}: not found")))
    }
}

#[tonic::async_trait]
impl LlbBridge for Session {
    async fn ping(
        &self,
        _: Request<wire::PingRequest>,
    ) -> Result<Response<wire::PongResponse>, Status> {
        let caps = |caps: &BTreeMap<String, bool>| {
            let cap = |(id, enabled): (&String, &bool)| ApiCap {
                id: id.clone(),
                enabled: *enabled,
                ..ApiCap::default()
            };
            caps.iter().map(cap).collect()
        };
        let platforms = self.daemon.platforms.iter().filter_map(|text| text.parse().ok());
        let platforms = platforms.map(|platform: buildkit_llb::Platform| (&platform).into());
        let worker = WorkerRecord { platforms: platforms.collect(), ..WorkerRecord::default() };
        Ok(Response::new(wire::PongResponse {
            frontend_api_caps: caps(&self.daemon.api_caps),
            llb_caps: caps(&self.daemon.llb_caps),
            workers: vec![worker],
        }))
    }

    async fn solve(
        &self,
        request: Request<wire::SolveRequest>,
    ) -> Result<Response<wire::SolveResponse>, Status> {
        let request = request.into_inner();
        let mut id = String::new();
        self.record(|record| {
            id = record.solves.len().to_string();
            record.solves.push(request.clone());
        });
        if let Some(definition) = request.definition.as_ref().filter(|_| request.evaluate) {
            self.daemon.evaluate(definition)?;
        }
        let reference = wire::result::Result::Ref(wire::Ref { id, def: request.definition });
        let result = wire::Result { result: Some(reference), ..wire::Result::default() };
        Ok(Response::new(wire::SolveResponse { result: Some(result), ..Default::default() }))
    }

    async fn evaluate(
        &self,
        request: Request<wire::EvaluateRequest>,
    ) -> Result<Response<wire::EvaluateResponse>, Status> {
        self.daemon.evaluate(&self.definition(&request.into_inner().r#ref)?)?;
        Ok(Response::new(wire::EvaluateResponse {}))
    }

    async fn read_file(
        &self,
        request: Request<wire::ReadFileRequest>,
    ) -> Result<Response<wire::ReadFileResponse>, Status> {
        let request = request.into_inner();
        let mut data = self.daemon.read(&self.definition(&request.r#ref)?, &request.file_path)?;
        if let Some(range) = request.range {
            let place = |number: i64| usize::try_from(number).unwrap_or_default();
            let (start, length) = (place(range.offset), place(range.length));
            data = data.into_iter().skip(start).take(length).collect();
        }
        if data.len() > self.daemon.largest_message {
            return Err(Status::resource_exhausted("trying to send message larger than max"));
        }
        Ok(Response::new(wire::ReadFileResponse { data }))
    }

    async fn stat_file(
        &self,
        request: Request<wire::StatFileRequest>,
    ) -> Result<Response<wire::StatFileResponse>, Status> {
        let request = request.into_inner();
        let definition = self.definition(&request.r#ref)?;
        let directory = self.daemon.is_directory(&definition, &request.path)?;
        let mode = if directory { MODE_DIRECTORY | 0o755 } else { 0o644 };
        let stat = stat::Stat { path: request.path, mode, ..stat::Stat::default() };
        Ok(Response::new(wire::StatFileResponse { stat: Some(stat) }))
    }

    async fn resolve_image_config(
        &self,
        request: Request<wire::ResolveImageConfigRequest>,
    ) -> Result<Response<wire::ResolveImageConfigResponse>, Status> {
        let reference = request.into_inner().r#ref;
        let Image { digest, config, .. } = self.image(&reference)?.clone();
        let config = config.into_bytes();
        let r#ref = reference;
        Ok(Response::new(wire::ResolveImageConfigResponse { digest, config, r#ref }))
    }

    async fn resolve_source_meta(
        &self,
        request: Request<wire::ResolveSourceMetaRequest>,
    ) -> Result<Response<wire::ResolveSourceMetaResponse>, Status> {
        let source = request.into_inner().source.unwrap_or_default();
        let schemes = ["docker-image://", "oci-layout://"];
        let reference = schemes.iter().find_map(|name| source.identifier.strip_prefix(name));
        let image = match reference {
            Some(reference) => Some(self.image(reference)?.clone()),
            None => None,
        };
        let image = image.map(|image| wire::ResolveSourceImageResponse {
            digest: image.digest,
            config: image.config.into_bytes(),
        });
        let source = Some(source);
        Ok(Response::new(wire::ResolveSourceMetaResponse { source, image, ..Default::default() }))
    }

    async fn inputs(
        &self,
        _: Request<wire::InputsRequest>,
    ) -> Result<Response<wire::InputsResponse>, Status> {
        Ok(Response::new(wire::InputsResponse::default()))
    }

    async fn warn(
        &self,
        request: Request<wire::WarnRequest>,
    ) -> Result<Response<wire::WarnResponse>, Status> {
        self.record(|record| record.warnings.push(request.into_inner()));
        Ok(Response::new(wire::WarnResponse {}))
    }

    async fn r#return(
        &self,
        request: Request<wire::ReturnRequest>,
    ) -> Result<Response<wire::ReturnResponse>, Status> {
        self.record(|record| record.returned = Some(request.into_inner()));
        Ok(Response::new(wire::ReturnResponse {}))
    }
}
