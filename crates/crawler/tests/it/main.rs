//! What a crawl of some objects gives.

mod lake;
mod shuffled;

mod bounds;
mod csv;
mod custom;
mod grouping;
mod json;
mod memory;
mod naming;
mod parameters;
mod parquet;
mod schemas;
mod selection;
