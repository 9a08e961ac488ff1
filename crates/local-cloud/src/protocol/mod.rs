//! AWS's wire protocols, by the shape tables of `model`: behaviour never sees them.

pub mod json;
pub mod query;
pub mod rest_json;
pub mod validate;
