//! Hosts that answer all calls in the same way, or not at all.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

/// Nobody listens there.
pub const NOWHERE: &str = "http://127.0.0.1:9";

/// An answer.
#[derive(Clone, Copy)]
pub struct Answer {
    pub status: &'static str,
    pub kind: &'static str,
    pub body: &'static str,
    /// The `Date` header.
    pub date: &'static str,
}

/// Begins a host that gives this answer to each call, and returns its URL.
pub fn answering(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // A call of the tests is short enough to come in one piece, or its rest does not matter.
            let _ = stream.read(&mut [0; 65_536]);
            let Answer {
                status,
                kind,
                body,
                date,
            } = answer;
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ndate: {date}\r\n\
                 connection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    url
}

/// Begins a host that takes calls and never answers, and returns its URL.
pub fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        // Connections stay open as long as they are kept.
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            kept.push(stream);
        }
    });
    url
}
