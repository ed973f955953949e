//! Entry point: the Lambda bootstrap when the Lambda runtime starts this binary, the command line otherwise.

use std::process::ExitCode;

fn main() -> ExitCode {
    if sophos_ct_forwarder::started_by_lambda() {
        return sophos_ct_forwarder::run();
    }
    sophos_ct::run()
}
