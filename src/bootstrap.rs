//! The function alone: the Lambda bootstrap without the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    sophos_ct::forwarder::run()
}
