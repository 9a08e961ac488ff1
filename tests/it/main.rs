//! The binary from outside: what a user types and sees.

mod demo;
mod destroy;
mod faults;
mod kill;
mod mistakes;
mod query;
mod serve;
mod shell;
mod state;
mod up;
mod world;
