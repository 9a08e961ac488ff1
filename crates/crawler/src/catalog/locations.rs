//! Places in S3 as crawlers and tables name them.

use crate::naming::{hive_key, hive_value};

/// A folder's location with a slash at its end.
pub fn with_slash(location: &str) -> String {
    format!("{}/", location.trim_end_matches('/'))
}

/// Bucket and key of `s3://bucket/key`.
pub fn split(location: &str) -> Option<(&str, &str)> {
    let rest = location
        .strip_prefix("s3://")
        .or_else(|| location.strip_prefix("s3a://"))?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    (!bucket.is_empty()).then_some((bucket, key))
}

/// Bucket and prefix of the path of a crawler's target, which need not name its scheme.
pub fn include_path(path: &str) -> Option<(&str, &str)> {
    if let Some(found) = split(path) {
        return Some(found);
    }
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    (!bucket.is_empty() && !bucket.contains(':')).then_some((bucket, prefix))
}

/// The value that a folder's name gives a partition key: of `key=value` as Hive writes it, or of a
/// name without a key. None for the folder of another key, and for one without a value.
pub fn partition_value(folder: &str, key: &str) -> Option<String> {
    let is_others = hive_key(folder).is_some_and(|named| named != key.to_lowercase());
    let value = hive_value(folder);
    (!is_others && !value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_the_value_of_its_key() {
        let value = |folder: &str, key: &str| partition_value(folder, key);
        assert_eq!(value("year=2024", "Year").as_deref(), Some("2024"));
        assert_eq!(value("2024", "year").as_deref(), Some("2024"));
        assert_eq!(value("k=a%20b=c", "k").as_deref(), Some("a b=c"));
        assert_eq!(value("month=1", "year"), None);
        assert_eq!(value("year=", "year"), None);
    }

    #[test]
    fn a_location_is_a_bucket_and_a_key() {
        assert_eq!(split("s3://lake/a/b"), Some(("lake", "a/b")));
        assert_eq!(split("s3a://lake"), Some(("lake", "")));
        assert_eq!(split("s3:///a"), None);
        assert_eq!(split("lake/a"), None);
    }

    #[test]
    fn an_include_path_may_leave_the_scheme_out() {
        assert_eq!(include_path("s3://lake"), Some(("lake", "")));
        assert_eq!(include_path("lake/a/b"), Some(("lake", "a/b")));
        assert_eq!(include_path("s3:///a"), None);
        assert_eq!(include_path("https://lake/a"), None);
    }
}
