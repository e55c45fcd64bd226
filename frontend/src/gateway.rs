//! The daemon's side of a build: what a frontend may ask it to do.
//!
//! `moby.buildkit.v1.frontend.LLBBridge`, one method for each question we have.

use buildkit_llb::{Definition, Http, OciLayout, Platform, SourceFile, SourceOp};
use buildkit_proto::{
    gateway::{self as wire, llb_bridge_client::LlbBridgeClient},
    pb,
};
use tonic::Request;

use self::{
    rejection::{Rejection, refused},
    reply::Reply,
    stdio::Connection,
};
use crate::{capabilities::Capabilities, request::CacheImport};

pub mod options;
pub mod rejection;
pub mod reply;
mod stdio;

/// Both ways; the daemon's own limit is 16 MiB (4 MiB before BuildKit 0.14, for what it receives).
const MAX_MESSAGE: usize = 64 << 20;

/// Bytes of a file that are asked for at once: with what is around them, less than the
/// 4 MiB that gRPC itself sets as a limit.
const PIECE: i64 = 2 << 20;
/// The longest file that is read. What we read is text that people or their tools wrote;
/// all else is for the daemon to move.
///
/// ```
/// assert_eq!(buildkit_frontend::gateway::MAX_FILE >> 20, 64);
/// ```
pub const MAX_FILE: usize = 64 << 20;

/// The capability of receiving warnings.
const WARNINGS: &str = "gateway.warnings";

/// A connection to the daemon for one build. Clones share it.
///
/// ```no_run
/// use buildkit_frontend::gateway::{Gateway, rejection::Rejection};
/// use buildkit_llb::{Image, Vertex, marshal};
///
/// async fn release(gateway: &Gateway) -> Result<Vec<u8>, Rejection> {
///     let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
///     let files = gateway.solve(marshal(&base, &[]), false).await?;
///     gateway.read_file(&files, "/etc/os-release").await
/// }
/// ```
#[derive(Clone)]
pub struct Gateway {
    client: LlbBridgeClient<Connection>,
    /// What the daemon's solver can do.
    pub llb: Capabilities,
    /// What the gateway itself can do.
    pub api: Capabilities,
    /// The platforms of the daemon's first worker, the default one first.
    pub platforms: Vec<Platform>,
    /// `--cache-from`: must be given anew with every solve.
    cache_imports: Vec<wire::CacheOptionsEntry>,
}

/// The result of a solve, by which the daemon knows it.
///
/// ```no_run
/// use buildkit_frontend::gateway::{Gateway, Ref, rejection::Rejection};
/// use buildkit_llb::{Output, marshal};
///
/// async fn built(gateway: &Gateway, output: &Output) -> Result<Ref, Rejection> {
///     gateway.solve(marshal(output, &[]), true).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Ref(pub(crate) String);

/// An image as the daemon resolved it.
///
/// ```no_run
/// use buildkit_frontend::gateway::{Gateway, rejection::Rejection};
/// use buildkit_llb::Platform;
///
/// async fn pinned(gateway: &Gateway, platform: &Platform) -> Result<String, Rejection> {
///     let image = gateway.resolve_image("docker.io/library/debian:12", platform, "default").await?;
///     Ok(format!("{}@{}", image.reference, image.digest))
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResolvedImage {
    /// The reference, changed if a source policy says so.
    pub reference: String,
    /// `sha256:…`; empty for an image that only the daemon holds.
    pub digest: String,
    /// The config's JSON.
    pub config: Vec<u8>,
}

/// A warning with its place in a file.
///
/// ```
/// use buildkit_frontend::gateway::Warning;
/// use buildkit_llb::SourceFile;
///
/// let warning = Warning {
///     digest: String::new(),
///     short: "`base` has no tag (line 1)".into(),
///     detail: vec!["write one, as `debian:12`".into()],
///     file: SourceFile { filename: "image.yaml".into(), ..SourceFile::default() },
///     lines: Some((1, 1)),
/// };
/// # assert_eq!(warning.detail.len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Warning {
    /// The vertex it belongs to.
    pub digest: String,
    /// What buildx prints.
    pub short: String,
    /// What it prints when asked for details.
    pub detail: Vec<String>,
    /// The file.
    pub file: SourceFile,
    /// First and last line, from 1.
    pub lines: Option<(usize, usize)>,
}

/// A file or folder of a result.
///
/// ```no_run
/// use buildkit_frontend::gateway::{Gateway, Ref, rejection::Rejection};
///
/// async fn can_run(gateway: &Gateway, files: &Ref, path: &str) -> Result<bool, Rejection> {
///     let found = gateway.stat(files, path).await?;
///     Ok(!found.is_folder && found.mode & 0o111 != 0)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stat {
    /// Whether it is a folder.
    pub is_folder: bool,
    /// The nine bits of who may do what.
    pub mode: u32,
}

impl Gateway {
    /// Connects by stdin and stdout, and asks the daemon what it can do.
    ///
    /// ```no_run
    /// use buildkit_frontend::gateway::{Gateway, rejection::Rejection};
    ///
    /// async fn can_merge() -> Result<bool, Rejection> {
    ///     Ok(Gateway::connect(&[]).await?.llb.has("mergeop"))
    /// }
    /// ```
    pub async fn connect(cache_imports: &[CacheImport]) -> Result<Self, Rejection> {
        let connection = stdio::connect().await?;
        let origin = tonic::codegen::http::Uri::from_static("http://localhost");
        let mut client = LlbBridgeClient::with_origin(connection, origin)
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        let pong = client.ping(wire::PingRequest {}).await.map_err(refused)?.into_inner();
        let enabled = |caps: Vec<buildkit_proto::apicaps::ApiCap>| {
            caps.into_iter().filter(|cap| cap.enabled).map(|cap| cap.id).collect()
        };
        let workers = pong.workers.into_iter().next();
        Ok(Self {
            client,
            llb: enabled(pong.llb_caps),
            api: enabled(pong.frontend_api_caps),
            platforms: workers
                .map_or(Vec::new(), |w| w.platforms.iter().map(Platform::from).collect()),
            cache_imports: cache_imports.iter().map(cache_entry).collect(),
        })
    }

    /// What `request` is to be built for: what it names, or the daemon's own platform.
    pub fn platforms_of(&self, request: &crate::request::Request) -> Vec<Platform> {
        if !request.platforms.is_empty() {
            return request.platforms.clone();
        }
        let own = self.platforms.first().cloned();
        vec![own.unwrap_or_else(|| Platform {
            os: "linux".into(),
            architecture: "amd64".into(),
            ..Platform::default()
        })]
    }

    /// Hands a graph to the daemon. With `evaluate` it is done when this returns,
    /// otherwise when its result is first looked at.
    pub async fn solve(&self, definition: Definition, evaluate: bool) -> Result<Ref, Rejection> {
        let request = wire::SolveRequest {
            definition: Some(definition.into()),
            allow_result_return: true,
            allow_result_array_ref: true,
            cache_imports: self.cache_imports.clone(),
            evaluate,
            ..wire::SolveRequest::default()
        };
        let response =
            self.client.clone().solve(Request::new(request)).await.map_err(refused)?.into_inner();
        match response.result.and_then(|result| result.result) {
            Some(wire::result::Result::Ref(reference)) => Ok(Ref(reference.id)),
            Some(wire::result::Result::RefDeprecated(id)) => Ok(Ref(id)),
            _ => Err(Rejection::new("the daemon answered a solve without a result")),
        }
    }

    /// Reads a whole file of a result, in pieces, since a message has a limit.
    pub async fn read_file(&self, result: &Ref, path: &str) -> Result<Vec<u8>, Rejection> {
        let mut content = Vec::new();
        let mut offset = 0;
        loop {
            let request = wire::ReadFileRequest {
                r#ref: result.0.clone(),
                file_path: path.to_owned(),
                range: Some(wire::FileRange { offset, length: PIECE }),
                ..wire::ReadFileRequest::default()
            };
            let piece =
                self.client.clone().read_file(Request::new(request)).await.map_err(refused)?;
            let piece = piece.into_inner().data;
            let is_last = i64::try_from(piece.len()).unwrap_or(i64::MAX) < PIECE;
            if content.len() + piece.len() > MAX_FILE {
                return Err(Rejection::too_long(MAX_FILE));
            }
            content.extend(piece);
            if is_last {
                return Ok(content);
            }
            offset += PIECE;
        }
    }

    /// The first bytes of a file of a result, `length` at most.
    pub async fn read_head(
        &self,
        result: &Ref,
        path: &str,
        length: usize,
    ) -> Result<Vec<u8>, Rejection> {
        let length = i64::try_from(length).unwrap_or(PIECE);
        let request = wire::ReadFileRequest {
            r#ref: result.0.clone(),
            file_path: path.to_owned(),
            range: Some(wire::FileRange { offset: 0, length }),
            ..wire::ReadFileRequest::default()
        };
        let piece = self.client.clone().read_file(Request::new(request)).await.map_err(refused)?;
        Ok(piece.into_inner().data)
    }

    /// Whether `path` of a result is a folder; an error if nothing is there.
    pub async fn is_folder(&self, result: &Ref, path: &str) -> Result<bool, Rejection> {
        Ok(self.stat(result, path).await?.is_folder)
    }

    /// What is at `path` of a result; an error if nothing is there.
    pub async fn stat(&self, result: &Ref, path: &str) -> Result<Stat, Rejection> {
        /// Go's `fs.ModeDir`, which fsutil sends.
        const MODE_DIR: u32 = 1 << 31;
        let request = wire::StatFileRequest {
            r#ref: result.0.clone(),
            path: path.to_owned(),
            ..wire::StatFileRequest::default()
        };
        let response = self
            .client
            .clone()
            .stat_file(Request::new(request))
            .await
            .map_err(refused)?
            .into_inner();
        let mode = response.stat.map(|stat| stat.mode).unwrap_or_default();
        Ok(Stat { is_folder: mode & MODE_DIR != 0, mode: mode & 0o777 })
    }

    /// Asks for the digest and config of an image.
    pub async fn resolve_image(
        &self,
        reference: &str,
        platform: &Platform,
        mode: &str,
    ) -> Result<ResolvedImage, Rejection> {
        const SCHEME: &str = "docker-image://";
        let log_name = format!("[internal] load metadata for {reference}");
        let request = wire::ResolveSourceMetaRequest {
            source: Some(pb::SourceOp {
                identifier: format!("{SCHEME}{reference}"),
                ..pb::SourceOp::default()
            }),
            platform: Some(platform.into()),
            resolve_mode: mode.to_owned(),
            log_name,
            ..wire::ResolveSourceMetaRequest::default()
        };
        let found = self
            .client
            .clone()
            .resolve_source_meta(Request::new(request))
            .await
            .map_err(refused)?
            .into_inner();
        let image = found.image.unwrap_or_default();
        let source = found.source.map_or_else(String::new, |source| source.identifier);
        let Some(given) = source.strip_prefix(SCHEME) else {
            let message = format!("a source policy turned the image into `{source}`");
            return Err(Rejection::new(message));
        };
        Ok(ResolvedImage {
            reference: given.to_owned(),
            digest: image.digest,
            config: image.config,
        })
    }

    /// Asks for the config of an image in an OCI layout of the client's.
    pub async fn resolve_layout(
        &self,
        layout: &OciLayout,
        platform: &Platform,
    ) -> Result<Vec<u8>, Rejection> {
        let request = wire::ResolveSourceMetaRequest {
            source: Some(wire_source(layout.into())),
            platform: Some(platform.into()),
            log_name: format!("[internal] load metadata for {}", layout.reference),
            ..wire::ResolveSourceMetaRequest::default()
        };
        let found = self
            .client
            .clone()
            .resolve_source_meta(Request::new(request))
            .await
            .map_err(refused)?;
        let image = found.into_inner().image;
        let image = image.map(|image| image.config);
        image.ok_or_else(|| Rejection::new("the daemon says nothing of the OCI layout"))
    }

    /// Lets the daemon fetch a file, and returns its `sha256:…`; `None` from daemons
    /// before BuildKit 0.26, which don't. The daemon keeps the file, and has it at
    /// hand for the same URL and name in a graph of this build.
    pub async fn resolve_http(&self, source: &Http) -> Result<Option<String>, Rejection> {
        let request = wire::ResolveSourceMetaRequest {
            source: Some(wire_source(source.into())),
            ..wire::ResolveSourceMetaRequest::default()
        };
        let found = self
            .client
            .clone()
            .resolve_source_meta(Request::new(request))
            .await
            .map_err(refused)?;
        Ok(found.into_inner().http.map(|http| http.checksum))
    }

    /// Shows a warning, if the daemon has a way to.
    pub async fn warn(&self, warning: Warning) -> Result<(), Rejection> {
        if !self.api.has(WARNINGS) {
            return Ok(());
        }
        let line = |number: usize| pb::Position {
            line: i32::try_from(number).unwrap_or(i32::MAX),
            character: 0,
        };
        let range = |(first, last)| pb::Range { start: Some(line(first)), end: Some(line(last)) };
        let request = wire::WarnRequest {
            digest: warning.digest,
            level: 1,
            short: warning.short.into_bytes(),
            detail: warning.detail.into_iter().map(String::into_bytes).collect(),
            info: Some(pb::SourceInfo {
                filename: warning.file.filename,
                data: warning.file.text,
                definition: warning.file.definition.map(Into::into),
                language: warning.file.language,
            }),
            ranges: warning.lines.map(range).into_iter().collect(),
            ..wire::WarnRequest::default()
        };
        self.client.clone().warn(Request::new(request)).await.map_err(refused)?;
        Ok(())
    }

    /// Ends the build. Afterwards the process must end at once: the daemon takes
    /// a closed connection for a crash.
    pub async fn finish(&self, outcome: Result<Reply, Rejection>) -> Result<(), Rejection> {
        let request = match outcome {
            Ok(reply) => wire::ReturnRequest { result: Some(reply.into_wire()), error: None },
            Err(rejection) => {
                wire::ReturnRequest { result: None, error: Some(rejection.into_status()) }
            }
        };
        self.client.clone().r#return(Request::new(request)).await.map_err(refused)?;
        Ok(())
    }
}

fn cache_entry(import: &CacheImport) -> wire::CacheOptionsEntry {
    wire::CacheOptionsEntry { r#type: import.r#type.clone(), attrs: import.attrs.clone() }
}

fn wire_source(SourceOp { identifier, attrs, .. }: SourceOp) -> pb::SourceOp {
    pb::SourceOp { identifier, attrs }
}
