//! `remove` and its options.

mod central;
mod feeds;
mod kept;
mod logs;
mod many;
mod marks;

use crate::support::{World, snapshot};

fn left(world: &World) -> Vec<String> {
    snapshot::aws(world).into_keys().collect()
}
