//! One HTTP/2 connection on stdin and stdout.
//!
//! There is no second one: if it breaks, the build is over. Nothing else may
//! ever write to stdout.

use std::{
    future::Future,
    io,
    os::fd::AsFd,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::{
    body::Incoming,
    client::conn::http2::{self, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::unix::pipe;
use tonic::{
    body::Body,
    codegen::{Service, http},
};

use super::rejection::Rejection;

/// The daemon's errors travel in headers, with stacks and sources: 16 KiB, what
/// hyper allows by itself, loses their details or the whole connection.
const MAX_HEADER_LIST: u32 = 16 << 20;

/// The HTTP/2 connection as the service that a gRPC client calls.
#[derive(Clone)]
pub(super) struct Connection(SendRequest<Body>);

/// Opens the connection. The daemon waits 10 s for it, counted from before the
/// container was made, so this comes before all other work.
pub(super) async fn connect() -> Result<Connection, Rejection> {
    let broken = |error: io::Error| Rejection::new(format!("cannot use stdin and stdout: {error}"));
    let input = io::stdin().as_fd().try_clone_to_owned().map_err(broken)?;
    let output = io::stdout().as_fd().try_clone_to_owned().map_err(broken)?;
    let input = pipe::Receiver::from_owned_fd(input).map_err(broken)?;
    let output = pipe::Sender::from_owned_fd(output).map_err(broken)?;
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .max_header_list_size(MAX_HEADER_LIST)
        .handshake(TokioIo::new(tokio::io::join(input, output)))
        .await
        .map_err(|error| Rejection::new(format!("no gRPC on stdin and stdout: {error}")))?;
    tokio::spawn(connection);
    Ok(Connection(sender))
}

impl Service<http::Request<Body>> for Connection {
    type Response = http::Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}
