//! The binary from outside: what a user types and sees.

mod destroy;
mod demo;
mod mistakes;
mod query;
mod serve;
mod shell;
mod up;
mod world;
