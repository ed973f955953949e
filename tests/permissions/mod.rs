//! The permissions that a caller needs: the published policy, and the policies that the program prints.

mod enough;
mod missing;
mod printed;
mod taken;
mod verbs;

pub const PUBLISHED: &str = include_str!("../../policies/sophos-custom-role.json");
