//! `Succeed`: ends its flow well.

use super::{Fields, Reader};

#[derive(Debug)]
pub(crate) struct Succeed;

impl Succeed {
    pub const FIELDS: Fields = Fields {
        any: &[],
        json_path: &["InputPath", "OutputPath"],
        jsonata: &["Output"],
    };

    pub fn read(_reader: &Reader) -> Option<Self> {
        Some(Self)
    }
}
