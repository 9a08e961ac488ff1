//! What a crawl of some objects gives.

mod lake;
mod shuffled;

mod advice;
mod avro;
mod binary_corpus;
mod bounds;
mod compression;
mod csv;
mod custom;
mod grouping;
mod json;
mod lake_formats;
mod logs;
mod memory;
mod naming;
mod parameters;
mod parquet;
mod schemas;
mod selection;
mod text_corpus;
mod xml;
