//! The function alone: what release builds put into the command-line program (see `scripts/release`).

use std::process::ExitCode;

fn main() -> ExitCode {
    sophos_ct_forwarder::run()
}
