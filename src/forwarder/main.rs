//! The function as a program of its own. Release builds put it into the command-line program (see `scripts/release`).

use std::process::ExitCode;

fn main() -> ExitCode {
    sophos_ct_forwarder::run()
}
