//! What an object in a bucket is as an item.

use chrono::DateTime;
use serde_json::{Map, Value, json};

/// The members of an object in a listing that its item has, under the item's names for them.
const MEMBERS: [(&str, &str); 5] = [
    ("ETag", "Etag"),
    ("Key", "Key"),
    ("LastModified", "LastModified"),
    ("Size", "Size"),
    ("StorageClass", "StorageClass"),
];

/// An object as `ListObjectsV2` tells of it, as an item. It is not what a Task is answered: there is
/// an `Etag`, and the time is in seconds since 1970.
///
/// Source: "ItemReader (Map)", "A list of Amazon S3 objects", in the Step Functions developer guide.
pub(super) fn item(mut listed: Value) -> Value {
    let mut item = Map::new();
    for (listed_as, name) in MEMBERS {
        if let Some(value) = listed.get_mut(listed_as).map(Value::take) {
            let value = match listed_as {
                "LastModified" => seconds(value),
                _ => value,
            };
            item.insert(name.to_owned(), value);
        }
    }
    Value::Object(item)
}

/// A time as the number of its seconds, as S3 keeps it; what is no text of a time stays.
fn seconds(time: Value) -> Value {
    match time.as_str().map(DateTime::parse_from_rfc3339) {
        Some(Ok(time)) => json!(time.timestamp()),
        _ => time,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn an_object_has_an_etag_and_the_seconds_of_its_time() {
        let listed = json!({"ChecksumAlgorithm": ["CRC64NVME"], "ETag": "\"e\"", "Key": "a/b",
            "LastModified": "2022-11-17T15:44:41.250Z", "Size": 34910, "StorageClass": "STANDARD"});
        let item = json!({"Etag": "\"e\"", "Key": "a/b", "LastModified": 1_668_699_881, "Size": 34910,
            "StorageClass": "STANDARD"});
        assert_eq!(super::item(listed), item);
        assert_eq!(
            super::item(json!({"Key": "a", "LastModified": 7})),
            json!({"Key": "a", "LastModified": 7})
        );
    }
}
