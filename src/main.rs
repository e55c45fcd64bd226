//! The frontend in a build, a command line tool on a developer's machine.

fn main() {}
