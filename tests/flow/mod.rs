//! The whole job: set up, verify, set up again, remove, and set up once more; and the sandbox that it runs in.

mod guard;
mod job;
mod sandbox;
