//! The binary from outside: what a user types and sees.

mod demo;
mod destroy;
mod envs;
mod mistakes;
mod query;
mod serve;
mod shell;
mod up;
mod world;
