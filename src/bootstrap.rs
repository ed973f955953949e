//! The function alone, for the tests: Cargo tells them only where the programs of their own package are. Release builds take
//! the program of the forwarder's package.

use std::process::ExitCode;

fn main() -> ExitCode {
    sophos_ct_forwarder::run()
}
