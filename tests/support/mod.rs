//! One sandbox for the whole test run, a world (an account, a tenant and an empty HOME) for each test, and ways to run the
//! program in it.

mod caller;
mod central;
pub mod fixtures;
pub mod past;
mod python;
mod ran;
mod sandbox;
pub mod snapshot;
pub mod terminal;
pub mod wire;
mod world;

pub use python::environment;
pub use ran::{Ran, succeeds};
pub use sandbox::{central_url, cloudformation, control, endpoint, folder, kms, secret};
pub use world::World;

pub fn blocking<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
}
