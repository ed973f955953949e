//! `remove` and its options.

mod central;
mod kept;
mod logs;

use crate::support::{World, snapshot};

fn left(world: &World) -> Vec<String> {
    snapshot::aws(world).into_keys().collect()
}
