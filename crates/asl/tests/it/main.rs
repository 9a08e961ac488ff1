//! The interpreter from outside: recordings of AWS, and what a user would say of each subject.

mod assign;
mod choice;
mod data_flow;
mod distributed;
mod errors;
mod jsonata;
mod limits;
mod recordings;
mod time;
mod validation;
mod world;
