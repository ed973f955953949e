//! The function as a program of its own, for the tests: Cargo gives tests only the paths of their own package's programs.
//! Release builds use the program of the forwarder's package.

use std::process::ExitCode;

fn main() -> ExitCode {
    sophos_ct_forwarder::run()
}
