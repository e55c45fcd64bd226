//! Empty BuildKit daemons, for tests about what a fresh machine does.

use std::{fs::File, process::Command};

use super::engine;

/// Two daemons that have built nothing. They end with the value.
///
/// There is one pair at a time, also across test processes: two cores build
/// nothing faster side by side.
pub struct EmptyBuilders {
    /// Names of the buildx builders.
    pub names: [String; 2],
    _lock: File,
}

const DAEMONS: [&str; 2] = ["e2e-first", "e2e-second"];

impl EmptyBuilders {
    /// Starts both, after removing what an interrupted test may have left.
    pub fn start() -> Self {
        let folder = engine::top().join(".engine");
        let lock = File::create(folder.join("e2e.lock")).expect("run `make engine`");
        lock.lock().expect("file locks work here");
        for name in DAEMONS {
            script("remove", name);
            script("start", name);
        }
        Self { names: DAEMONS.map(|name| format!("modelcache-{name}")), _lock: lock }
    }
}

impl Drop for EmptyBuilders {
    fn drop(&mut self) {
        for name in DAEMONS {
            // Not `script`: a panic while panicking would hide the reason.
            let _ = command("remove", name).output();
        }
    }
}

fn script(verb: &str, name: &str) {
    engine::stdout(&mut command(verb, name));
}

fn command(verb: &str, name: &str) -> Command {
    let mut command = Command::new(engine::top().join("tests/engine/buildkitd.sh"));
    command.args([verb, name]);
    command
}
