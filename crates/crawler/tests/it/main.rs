//! What a crawl of some objects gives.

mod lake;
mod shuffled;

mod bounds;
mod compression;
mod csv;
mod custom;
mod grouping;
mod json;
mod naming;
mod parameters;
mod parquet;
mod schemas;
mod selection;
