//! What the client sends: the file of the build, and its context.

use buildkit_llb::{Differ, Local, Vertex};

use crate::request::Request;

/// Name of the local source that clients serve the build context under.
const CONTEXT: &str = "context";

/// The file that the build was started with, and the `others` beside it: loaded together, in one
/// transfer, and each time.
///
/// ```
/// use buildkit_frontend::{contexts, request::Request};
/// use buildkit_llb::{marshal, text};
///
/// let request = Request { filename: "image.yaml".into(), ..Request::default() };
/// let loaded = contexts::file(&request, vec!["image.lock".into()]).output();
/// let shown = text(&marshal(&loaded, &[])).expect("it was just made");
/// assert!(shown.contains(r#"local.followpaths ["image.yaml","image.lock"]"#));
/// ```
pub fn file(request: &Request, others: Vec<String>) -> Vertex {
    let name = &request.filename;
    let local = Local {
        name: request.file_local.clone(),
        session: request.session_of(&request.file_local),
        follow: [vec![name.clone()], others].concat(),
        shared_key_hint: Some(request.file_local.clone()),
        differ: Differ::None,
        ..Local::default()
    };
    Vertex::new(local).name(format!("[internal] load build definition from {name}"))
}

/// Paths of the build context without the excluded ones; without `follow` all of it. A shared key
/// of its own for each use lets the daemon keep what it has received for one while another is sent.
///
/// ```
/// use buildkit_frontend::{contexts, request::Request};
/// use buildkit_llb::{marshal, text};
///
/// let sent = contexts::context(&Request::default(), vec![], vec![".git".into()], "app").output();
/// let shown = text(&marshal(&sent, &[])).expect("it was just made");
/// assert!(shown.contains(r#"local.excludepatterns [".git"]"#));
/// ```
pub fn context(
    request: &Request,
    follow: Vec<String>,
    exclude: Vec<String>,
    shared_key: &str,
) -> Vertex {
    Vertex::new(Local {
        name: CONTEXT.into(),
        session: request.session_of(CONTEXT),
        follow,
        exclude,
        shared_key_hint: Some(shared_key.into()),
        ..Local::default()
    })
}
