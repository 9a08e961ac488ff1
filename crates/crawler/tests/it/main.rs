//! What a crawl of some objects gives.

mod lake;

mod csv;
