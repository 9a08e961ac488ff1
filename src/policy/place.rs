//! Folders and objects of S3, and the statements that open them.

use std::collections::BTreeMap;

use super::{Home, Statement};

/// A bucket and what keys start with there: all of `s3://BUCKET/KEY`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub bucket: String,
    pub key: String,
}

impl Place {
    /// Reads an S3 URL; `None` if it is none.
    pub fn parse(url: &str) -> Option<Self> {
        let rest = url
            .strip_prefix("s3://")
            .or_else(|| url.strip_prefix("s3a://"))?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return None;
        }
        Some(Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    /// The ARNs of the objects there. A folder's name without a slash may be an object's as well.
    fn objects(&self, home: &Home) -> Vec<String> {
        let bucket = home.bucket_arn(&self.bucket);
        if self.key.is_empty() || self.key.ends_with('/') {
            return vec![format!("{bucket}/{}*", self.key)];
        }
        vec![
            format!("{bucket}/{}", self.key),
            format!("{bucket}/{}/*", self.key),
        ]
    }

    /// What `s3:prefix` is like when it is listed; nothing for a whole bucket.
    fn prefixes(&self) -> Vec<String> {
        let folder = self.key.trim_end_matches('/');
        if folder.is_empty() {
            return Vec::new();
        }
        let below = format!("{folder}/*");
        if self.key.ends_with('/') {
            vec![below]
        } else {
            vec![folder.to_owned(), below]
        }
    }
}

/// The ARNs of all objects at these places.
pub(super) fn objects<'a>(home: &Home, places: impl IntoIterator<Item = &'a Place>) -> Vec<String> {
    places
        .into_iter()
        .flat_map(|place| place.objects(home))
        .collect()
}

/// The ARNs of the buckets of these places.
pub(super) fn buckets<'a>(home: &Home, places: impl IntoIterator<Item = &'a Place>) -> Vec<String> {
    places
        .into_iter()
        .map(|place| home.bucket_arn(&place.bucket))
        .collect()
}

/// Statements that let these places be listed, and nothing beside them: one a bucket, for a
/// condition on the prefix is about one bucket.
pub(super) fn listing<'a>(
    home: &Home,
    sid: &str,
    places: impl IntoIterator<Item = &'a Place>,
    reason: &str,
) -> Vec<Statement> {
    let mut by_bucket: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
    for place in places {
        by_bucket.entry(&place.bucket).or_default().push(place);
    }
    let mut whole = Vec::new();
    let mut parts = Vec::new();
    for (bucket, places) in by_bucket {
        let prefixes: Vec<Vec<String>> = places.iter().map(|place| place.prefixes()).collect();
        let arn = home.bucket_arn(bucket);
        if prefixes.iter().any(Vec::is_empty) {
            whole.push(arn);
        } else {
            let statement = Statement::allow(sid, ["s3:ListBucket"], [arn], reason);
            parts.push(statement.where_like("s3:prefix", prefixes.concat()));
        }
    }
    if !whole.is_empty() {
        parts.insert(0, Statement::allow(sid, ["s3:ListBucket"], whole, reason));
    }
    parts
}
