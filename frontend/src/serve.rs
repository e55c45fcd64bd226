//! A frontend's life: from the environment to the outcome.

use std::process::ExitCode;

use crate::{
    gateway::{Gateway, options, rejection::Rejection, reply::Reply},
    request::Request,
};

/// Serves one build on stdin and stdout by `build`, and returns when the daemon has the outcome.
///
/// The exit code counts only if no outcome could be handed over: the daemon takes a returned error
/// for the build's own. Its own log, which users don't see, then has the reason.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use buildkit_frontend::{gateway::rejection::Rejection, serve};
///
/// fn main() -> ExitCode {
///     serve::run(async |_gateway, request| {
///         Err(Rejection::new(format!("`{}` is of no use", request.filename)))
///     })
/// }
/// ```
pub fn run<B>(build: B) -> ExitCode
where
    B: AsyncFnOnce(&Gateway, &Request) -> Result<Reply, Rejection>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let served = match runtime {
        Ok(runtime) => runtime.block_on(serve(build)),
        Err(error) => Err(Rejection::new(format!("no runtime: {error}"))),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(rejection) => {
            eprintln!("{rejection}");
            ExitCode::from(2)
        }
    }
}

async fn serve<B>(build: B) -> Result<(), Rejection>
where
    B: AsyncFnOnce(&Gateway, &Request) -> Result<Reply, Rejection>,
{
    let environment = options::from_env(std::env::vars());
    let request = Request::from_options(&environment.options, &environment.session);
    let imports = request.as_ref().map_or(&[][..], |request| &request.cache_imports);
    let gateway = Gateway::connect(imports).await?;
    let outcome = match request {
        Err(error) => Err(Rejection::new(error.to_string())),
        Ok(request) => build(&gateway, &request).await,
    };
    gateway.finish(outcome).await
}
