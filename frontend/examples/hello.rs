//! A whole frontend: an image with a greeting for each name in a file, one a line.
//!
//! ```text
//! # syntax=registry.example.com/hello
//! world
//! ```

use std::process::ExitCode;

use buildkit_frontend::{
    contexts,
    gateway::{
        Gateway,
        rejection::Rejection,
        reply::{Built, Reply},
    },
    request::Request,
    serve,
};
use buildkit_llb::{File, FileAction, Timestamp, Vertex, marshal};
use serde_json::json;

fn main() -> ExitCode {
    serve::run(build)
}

async fn build(gateway: &Gateway, request: &Request) -> Result<Reply, Rejection> {
    let file = contexts::file(request, Vec::new()).output();
    let loaded = gateway.solve(marshal(&file, &[]), false).await?;
    let text = gateway.read_file(&loaded, &request.filename).await?;
    let text = String::from_utf8_lossy(&text);
    let names = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let greetings: Vec<FileAction> = names.map(|name| greeting(name, request)).collect();
    if greetings.is_empty() {
        return Err(Rejection::new(format!("`{}` has no name in it", request.filename)));
    }
    let image = Vertex::new(File::on_scratch(greetings)).name("greet").output();
    let mut built = Vec::new();
    for platform in gateway.platforms_of(request) {
        built.push(Built {
            result: gateway.solve(marshal(&image, &[]), true).await?,
            config: json!({"os": platform.os, "architecture": platform.architecture}).to_string(),
            base_config: None,
            platform,
        });
    }
    Ok(Reply::images(built, request.multi_platform))
}

fn greeting(name: &str, request: &Request) -> FileAction {
    FileAction::Mkfile {
        path: format!("/{}", name.replace('/', "_")),
        mode: 0o644,
        data: format!("Hello, {name}!\n").into_bytes(),
        owner: None,
        timestamp: Timestamp::Seconds(request.epoch),
    }
}
