//! Plain files over HTTP, which is enough for git and for an index.

use std::{
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use super::double::free_ports;

/// Serves a folder. Who gives another user and password than `LOGIN` is refused.
const SERVER: &str = "\
import base64, functools, http.server, sys

class Handler(http.server.SimpleHTTPRequestHandler):
    def send_head(self):
        login = base64.b64encode(sys.argv[3].encode()).decode()
        if not sys.argv[3] or self.headers.get('Authorization') == f'Basic {login}':
            return super().send_head()
        self.send_response(401)
        self.send_header('WWW-Authenticate', 'Basic realm=\"files\"')
        self.send_header('Content-Length', '0')
        self.end_headers()

handler = functools.partial(Handler, directory=sys.argv[2])
http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), handler).serve_forever()
";

/// Serves a folder as plain files. It ends with the value.
pub struct Files {
    /// Host and port.
    pub address: String,
    process: Child,
}

impl Files {
    /// Serves `folder` to everybody.
    pub fn of(folder: &Path) -> Self {
        Self::guarded(folder, "")
    }

    /// Serves `folder` to who has the `login`, `user:password`.
    pub fn guarded(folder: &Path, login: &str) -> Self {
        let [port, _] = free_ports();
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new("python3");
        command.args(["-c", SERVER, &port.to_string()]).arg(folder).arg(login);
        let mut process = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the machine has Python");
        while TcpStream::connect(&address).is_err() {
            let ended = process.try_wait().expect("it is our child");
            assert!(ended.is_none(), "{command:?} has ended");
            thread::yield_now();
        }
        Self { address, process }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // It may have ended by itself, and there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
