//! Where the results of queries go.

use serde_json::json;

use super::invalid;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// `s3://bucket/prefix/` of an output location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub bucket: String,
    /// Empty, or with a slash at its end.
    prefix: String,
}

impl Location {
    pub fn parse(text: &str) -> Option<Self> {
        let (bucket, key) = split(text)?;
        let prefix = match key.trim_end_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Some(Self { bucket, prefix })
    }

    /// The key of a query's file with this ending.
    pub fn key(&self, id: &str, ending: &str) -> String {
        format!("{}{id}{ending}", self.prefix)
    }

    /// `s3://…` of a query's file with this ending.
    pub fn url(&self, id: &str, ending: &str) -> String {
        format!("s3://{}/{}", self.bucket, self.key(id, ending))
    }

    /// `s3://bucket/prefix/`
    pub fn prefix_url(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }

    /// Whether the caller may see the bucket, which Athena asks before it takes a query. A bucket
    /// that is not there fails the query itself.
    pub async fn verify(&self, cloud: &Cloud, caller: &Caller) -> Result<(), ServiceError> {
        match self.look(cloud, caller).await {
            Err(error) if error.code == "AccessDenied" => Err(invalid(format!(
                "Unable to verify/create output bucket {}",
                self.bucket
            ))),
            Err(error) if error.status >= 500 => Err(error),
            _ => Ok(()),
        }
    }

    pub async fn exists(&self, cloud: &Cloud, caller: &Caller) -> Result<bool, ServiceError> {
        match self.look(cloud, caller).await {
            Ok(()) => Ok(true),
            Err(error) if error.code == "NoSuchBucket" => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn look(&self, cloud: &Cloud, caller: &Caller) -> Result<(), ServiceError> {
        let input = json!({"Bucket": self.bucket});
        cloud
            .invoke(caller, "s3", "getBucketLocation", input)
            .await
            .map(|_| ())
    }
}

/// Bucket and key of an `s3://` URL; the key may be empty.
pub(super) fn split(url: &str) -> Option<(String, String)> {
    let rest = url.strip_prefix("s3://").or(url.strip_prefix("s3a://"))?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    (!bucket.is_empty()).then(|| (bucket.to_owned(), key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_with_one_slash_however_it_is_given() {
        for text in ["s3://b/a", "s3://b/a/", "s3://b/a//"] {
            let location = Location::parse(text).unwrap();
            assert_eq!(location.url("id", ".csv"), "s3://b/a/id.csv");
        }
        assert_eq!(
            Location::parse("s3://b").unwrap().url("id", ""),
            "s3://b/id"
        );
        assert_eq!(Location::parse("s3:///a"), None);
        assert_eq!(Location::parse("/tmp/a"), None);
    }
}
