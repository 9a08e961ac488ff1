//! The folders below a table whose names give its partition keys their values.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_glue::types::Column;
use crawler::Warning;
use crawler::catalog::is_key_value;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{LISTINGS, is_hidden, value_of};
use crate::cloud::Cloud;
use crate::resource::{CallError, call};

/// What is below a table, as far down as it has partition keys.
pub(super) struct Walked {
    /// Each with a slash at its end, and the values in the order of the keys.
    pub folders: Vec<(String, Vec<String>)>,
    pub misfits: Misfits,
}

/// What is below a table and is of no partition of it, by the reason. Of each reason, the keys in
/// the bucket.
#[derive(Debug, Default)]
pub(super) struct Misfits(BTreeMap<Reason, BTreeSet<String>>);

/// Why something is of no partition. The texts are the partition key, and its type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// An object beside the folders of a key.
    Above(String),
    NoValue(String),
    OfOtherType(String, String),
    SameValues,
}

impl Misfits {
    fn add(&mut self, reason: Reason, place: String) {
        self.0.entry(reason).or_default().insert(place);
    }

    fn extend(&mut self, others: Self) {
        for (reason, places) in others.0 {
            self.0.entry(reason).or_default().extend(places);
        }
    }

    /// A folder whose name gives the same values as that of another.
    pub fn add_again(&mut self, folder: String) {
        self.add(Reason::SameValues, folder);
    }

    /// Those in which no partition lies that the catalog has: where each of these is, with a slash
    /// at its end.
    pub fn without(mut self, bucket: &str, taken: &BTreeSet<String>) -> Self {
        for places in self.0.values_mut() {
            places.retain(|place| {
                let place = format!("s3://{bucket}/{place}");
                let next = taken.range(place.clone()..).next();
                !next.is_some_and(|taken| taken.starts_with(&place))
            });
        }
        self
    }

    /// A warning for each reason, at the first place.
    pub fn warnings(&self, bucket: &str, table: &str) -> Vec<Warning> {
        let told = self.0.iter().filter_map(|(reason, places)| {
            let first = places.first()?;
            Some(Warning {
                location: format!("s3://{bucket}/{first}"),
                message: message(reason, places.len() - 1, table),
            })
        });
        told.collect()
    }
}

fn message(reason: &Reason, others: usize, table: &str) -> String {
    let what = match reason {
        Reason::Above(_) => "object",
        _ => "folder",
    };
    let subject = match others {
        0 => format!("this {what} is"),
        1 => format!("this {what} and another are"),
        _ => format!("this {what} and {others} others are"),
    };
    let why = match reason {
        Reason::Above(key) => format!("the folders of its partition key `{key}` lie beside it"),
        Reason::NoValue(key) => format!("the name gives its partition key `{key}` no value"),
        Reason::OfOtherType(key, data_type) => format!(
            "the name gives its partition key `{key}` no {data_type}, and with such a partition \
             Athena would read nothing of the table"
        ),
        Reason::SameValues => "another folder gives its partition keys the same values".to_owned(),
    };
    format!("{subject} in no partition of table {table}: {why}")
}

/// Goes down from a table's folder, which has a slash at its end or is the whole bucket. `looked` is
/// told how many folders were seen.
pub(super) async fn walk(
    cloud: &Cloud,
    bucket: &str,
    root: String,
    keys: &[Column],
    looked: &(dyn Fn(u64) + Send + Sync),
) -> Result<Walked, CallError> {
    let mut walked = Walked {
        folders: vec![(root, Vec::new())],
        misfits: Misfits::default(),
    };
    for key in keys {
        let level = std::mem::take(&mut walked.folders);
        let below: Vec<Walked> = stream::iter(level)
            .map(|(folder, values)| async move {
                let listed = list(cloud, bucket, &folder).await?;
                looked(listed.folders.len() as u64);
                Ok::<_, CallError>(listed.below(&folder, &values, key))
            })
            .buffer_unordered(LISTINGS)
            .try_collect()
            .await?;
        for one in below {
            walked.folders.extend(one.folders);
            walked.misfits.extend(one.misfits);
        }
    }
    Ok(walked)
}

/// What is right in a folder, by the keys in the bucket; those of folders end with a slash.
#[derive(Default)]
struct Listed {
    folders: Vec<String>,
    /// That are not empty.
    objects: Vec<String>,
}

impl Listed {
    /// What of it has values of one more partition key, and what does not fit.
    fn below(self, folder: &str, values: &[String], key: &Column) -> Walked {
        let mut below = Walked {
            folders: Vec::new(),
            misfits: Misfits::default(),
        };
        let data_type = key.r#type().unwrap_or_default();
        let own = |place: &str| place.strip_prefix(folder).unwrap_or_default().to_owned();
        for place in self.folders {
            let own = own(&place);
            let name = own.trim_end_matches('/');
            if is_no_data(name) {
                continue;
            }
            match value_of(name, key.name()) {
                None => below
                    .misfits
                    .add(Reason::NoValue(key.name().to_owned()), place),
                Some(value) if !is_key_value(data_type, &value) => {
                    let reason = Reason::OfOtherType(key.name().to_owned(), data_type.to_owned());
                    below.misfits.add(reason, place);
                }
                Some(value) => {
                    let values = values.iter().cloned().chain([value]);
                    below.folders.push((place, values.collect()));
                }
            }
        }
        for place in self.objects {
            if !is_no_data(&own(&place)) {
                below
                    .misfits
                    .add(Reason::Above(key.name().to_owned()), place);
            }
        }
        below
    }
}

/// Whether a folder or an object is none that a crawl looks at, by its name.
fn is_no_data(name: &str) -> bool {
    name.is_empty() || is_hidden(name) || name.ends_with("$folder$")
}

async fn list(cloud: &Cloud, bucket: &str, folder: &str) -> Result<Listed, CallError> {
    let mut listed = Listed::default();
    let mut token = None;
    loop {
        let request = cloud.s3.list_objects_v2().bucket(bucket).prefix(folder);
        let request = request.delimiter("/").set_continuation_token(token);
        let page = call!("ListObjectsV2", request)?;
        let names = page.common_prefixes().iter().filter_map(|p| p.prefix());
        listed.folders.extend(names.map(str::to_owned));
        let filled = page
            .contents()
            .iter()
            .filter(|o| o.size().unwrap_or_default() > 0);
        let keys = filled.filter_map(|object| object.key());
        listed.objects.extend(keys.map(str::to_owned));
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(listed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, data_type: &str) -> Column {
        let built = Column::builder().name(name).r#type(data_type).build();
        built.expect("it has a name")
    }

    fn listed(folders: &[&str], objects: &[&str]) -> Listed {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Listed {
            folders: owned(folders),
            objects: owned(objects),
        }
    }

    fn told(misfits: &Misfits) -> Vec<String> {
        let warnings = misfits.warnings("lake", "t");
        let told = warnings
            .into_iter()
            .map(|w| format!("{}: {}", w.location, w.message));
        told.collect()
    }

    #[test]
    fn what_gives_a_key_no_value_of_its_type_is_no_partition_and_told_once_a_reason() {
        let folders = ["t/y=1/", "t/y=x/", "t/y=z/", "t/m=1/", "t/y=/", "t/_tmp/"];
        let found = listed(&folders, &["t/a.csv", "t/_SUCCESS", "t/"]);
        let below = found.below("t/", &[], &key("y", "int"));
        assert_eq!(below.folders, [("t/y=1/".to_owned(), vec!["1".to_owned()])]);
        insta::assert_snapshot!(told(&below.misfits).join("\n"), @r"
        s3://lake/t/a.csv: this object is in no partition of table t: the folders of its partition key `y` lie beside it
        s3://lake/t/m=1/: this folder and another are in no partition of table t: the name gives its partition key `y` no value
        s3://lake/t/y=x/: this folder and another are in no partition of table t: the name gives its partition key `y` no int, and with such a partition Athena would read nothing of the table
        ");
    }

    #[test]
    fn a_folder_in_which_the_catalog_has_a_partition_is_not_told() {
        let found = listed(&["t/old/", "t/older/"], &[]);
        let misfits = found.below("t/", &[], &key("y", "int")).misfits;
        let taken = BTreeSet::from(["s3://lake/t/old/1/".to_owned()]);
        let told = told(&misfits.without("lake", &taken));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with("s3://lake/t/older/: this folder is"),
            "{told:?}"
        );
    }
}
