//! Ids of versions and of uploads, which carry their place among those of their key.
//!
//! A listing goes on behind the id that a page ended with, also when what it names was deleted in
//! the meantime: buckets are emptied so. S3 does likewise with ids that say nothing to others.

/// Makes an id of 32 characters; `place` is not negative.
pub(super) fn new(place: i64) -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    format!("{place:015x}.{}", &random[..16])
}

/// The place that an id carries; none of `null`, and of ids of another making.
pub(super) fn place_of(id: &str) -> Option<i64> {
    let (place, _) = id.split_once('.')?;
    i64::from_str_radix(place, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_carries_its_place() {
        for place in [0, 1, 1_790_000_000_000] {
            let id = new(place);
            assert_eq!((id.len(), place_of(&id)), (32, Some(place)));
        }
        assert_ne!(new(1), new(1));
        assert_eq!(place_of("null"), None);
        assert_eq!(place_of("9f3c1d5e8a7b4c6d9e0f1a2b3c4d5e6f"), None);
    }
}
