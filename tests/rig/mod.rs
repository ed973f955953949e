//! A test bench for the function: the Lambda Runtime API with Lambda's asynchronous retries, a bucket, and the sandbox's
//! Central, all in memory and with faults on request. The loss test, the tests of the function alone and the benchmark use it.

pub mod calm;
pub mod central;
pub mod corpus;
pub mod dice;
pub mod lambda;
pub mod s3;

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    serve::{Listener, ListenerExt},
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-west-1";
pub const BUCKET: &str = "logs";
pub const FUNCTION: &str = "forwarder";
/// The id of the role that the function runs as.
pub const ROLE_ID: &str = "AROAEXAMPLEEXAMPLE23";

/// Serves on a port of its own until the runtime ends.
pub async fn serve(router: Router) -> SocketAddr {
    let listener = bind().await;
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(at_once(listener), router).await });
    address
}

async fn bind() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

/// A listener whose connections send small packets at once (`TCP_NODELAY`).
fn at_once(listener: TcpListener) -> impl Listener<Io = TcpStream, Addr = SocketAddr> {
    listener.tap_io(|stream| stream.set_nodelay(true).expect("a socket"))
}

/// Sleeps, unless the time is zero: a timer of zero length takes a millisecond.
async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// The event in which SNS hands a message to Lambda.
pub fn sns(message: &str) -> Value {
    json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": message } }] })
}

/// CloudTrail's message about these files, as SNS hands it to Lambda.
pub fn message(bucket: &str, keys: &[impl AsRef<str>]) -> Value {
    let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    sns(&json!({ "s3Bucket": bucket, "s3ObjectKey": keys }).to_string())
}

/// Ends the connection without an answer, so the client sees a reset.
pub fn reset() -> ! {
    struct Reset;
    std::panic::resume_unwind(Box::new(Reset))
}
