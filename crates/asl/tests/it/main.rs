//! The interpreter from outside: recordings of AWS, and what a user would say of each subject.

mod assign;
mod beside;
mod choice;
mod cut_off;
mod data_flow;
mod dialect;
mod distributed;
mod errors;
mod fuzz;
mod integrations;
mod item_reader;
mod jsonata;
mod limits;
mod map_run;
mod names;
mod recordings;
mod resources;
mod results;
mod resume;
mod test_state;
mod time;
mod validation;
mod world;
