//! What a crawl of some objects gives.

mod damage;
mod lake;
mod shuffled;

mod advice;
mod avro;
mod bounds;
mod compression;
mod corpus;
mod csv;
mod custom;
mod grouping;
mod json;
mod lake_formats;
mod logs;
mod memory;
mod naming;
mod order;
mod parameters;
mod parquet;
mod remarks;
mod schemas;
mod selection;
mod xml;
