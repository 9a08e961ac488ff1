//! What a crawl of some objects gives.

mod lake;
mod shuffled;

mod advice;
mod bounds;
mod csv;
mod custom;
mod grouping;
mod json;
mod logs;
mod memory;
mod naming;
mod parameters;
mod parquet;
mod schemas;
mod selection;
mod text_corpus;
mod xml;
