//! The function on a bench: a Lambda Runtime API with Lambda's asynchronous retries, a bucket, and the sandbox's Central, all
//! in memory and with faults on request. Used by the loss test and by the benchmark.

pub mod central;
pub mod corpus;
pub mod dice;
pub mod lambda;
pub mod s3;

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-west-1";
pub const BUCKET: &str = "logs";
pub const FUNCTION: &str = "forwarder";

/// Serves on a port of its own until the runtime ends.
pub async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Ends the connection without a word: the client sees a reset.
pub fn reset() -> ! {
    struct Reset;
    std::panic::resume_unwind(Box::new(Reset))
}
