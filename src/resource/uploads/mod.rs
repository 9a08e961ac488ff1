//! Local files in a bucket: a file, a glob or a folder. Only what changed is sent.
//!
//! A field `files.KEY` is an object, its value the ETag of what is in it. Headers and the storage
//! class are fields of the whole upload.

mod checksum;
mod content_type;
mod files;
mod headers;
mod listing;
mod send;
#[cfg(all(test, feature = "local"))]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::types::ObjectIdentifier;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use files::{Excluded, LocalFile, Source};
use headers::{Headers, StorageClass};

use super::buckets::delete_objects;
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Ownership, Problem,
    Resource, Scope, Work, built, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::policy::Fact;
use crate::stack::types::S3Path;

/// Local files that are kept in a bucket. Objects beside them are left alone, unless
/// `delete_extra` is set.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// A file, a folder or a glob such as `data/**/*.csv`, relative to `stack.toml`. Of a folder,
    /// everything below it is sent but files and folders whose names start with a dot. Of a glob,
    /// keys go on with what follows its last folder without a wildcard. Links are followed; one
    /// that leads nowhere, or back to a folder above it, is an error.
    #[schemars(length(min = 1), extend("x-aws" = "PutObject.Body"))]
    from: String,
    /// The folder they go to; one that ends in no `/` names the object of a single file. With
    /// another one they are sent there, and what was sent before stays where it is: objects carry no
    /// mark.
    #[schemars(extend("x-aws" = "PutObject.Key"))]
    to: S3Path,
    /// Globs of files that are not sent, and not deleted from the bucket: of the path below
    /// `from`, as in `2024/**`, or of the name, as in `*.tmp`. A folder is left out with all that
    /// is in it.
    #[schemars(extend("x-aws" = "— (no PutObject)"))]
    #[serde(default)]
    exclude: Vec<String>,
    /// Whether objects below `to` that are not in the folder are deleted. Another upload into that
    /// folder would lose its objects.
    #[serde(default)]
    #[schemars(extend("x-aws" = "DeleteObjects.Delete.Objects"))]
    delete_extra: bool,
    /// What all the objects are said to be. Default: by the ending of their names.
    #[schemars(length(min = 1), extend("x-aws" = "PutObject.ContentType"))]
    content_type: Option<String>,
    /// How their bytes are to be decoded, as in `gzip`.
    #[schemars(length(min = 1), extend("x-aws" = "PutObject.ContentEncoding"))]
    content_encoding: Option<String>,
    /// Their language, as in `en`.
    #[schemars(length(min = 1), extend("x-aws" = "PutObject.ContentLanguage"))]
    content_language: Option<String>,
    /// How a browser shows them, as in `attachment`.
    #[schemars(length(min = 1), extend("x-aws" = "PutObject.ContentDisposition"))]
    content_disposition: Option<String>,
    /// How long others may keep copies of them, as in `max-age=3600`.
    #[schemars(length(min = 1), extend("x-aws" = "PutObject.CacheControl"))]
    cache_control: Option<String>,
    /// What else is said of them.
    #[schemars(extend("x-aws" = "PutObject.Metadata"))]
    metadata: Option<BTreeMap<String, String>>,
    /// Where S3 keeps them. AWS's default: `STANDARD`.
    #[schemars(extend("x-aws" = "PutObject.StorageClass"))]
    storage_class: Option<StorageClass>,
}

/// Where an object says what its ETag would be if KMS did not encrypt it.
const ETAG_KEY: &str = "athglue-etag";
/// A key is no longer.
const MAX_KEY: usize = 1024;
/// How many objects one call deletes.
const DELETED_AT_A_TIME: usize = 1000;

const FILES: &str = "files.";
const EXTRA: &str = "extra_files";
const STORAGE_CLASS: &str = "storage_class";

pub(super) struct Uploads;

#[derive(Debug)]
struct Upload {
    identity: Identity,
    bucket: String,
    /// What all keys start with, of a folder or a glob.
    folder: String,
    /// By the object's key.
    files: Arc<BTreeMap<String, LocalFile>>,
    excluded: Excluded,
    delete_extra: bool,
    headers: Headers,
    storage_class: Option<StorageClass>,
    /// Keys under which somebody else's objects were seen at the last read.
    strange: Mutex<BTreeSet<String>>,
}

impl Kind for Uploads {
    fn name(&self) -> &'static str {
        "uploads"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[Attribute {
            name: "name",
            doc: "the path in S3 that the files go to",
        }]
    }

    fn identified_by(&self) -> &'static [&'static str] {
        &["to"]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let excluded = Excluded::new(&keys.exclude)?;
        let (source, found) =
            files::find(scope, &keys.from, &excluded).map_err(|problem| vec![problem])?;
        let headers = Headers {
            content_type: keys.content_type,
            content_encoding: keys.content_encoding,
            content_language: keys.content_language,
            content_disposition: keys.content_disposition,
            cache_control: keys.cache_control,
            metadata: keys.metadata,
        };
        let mut problems = headers.check();
        let folder = keys.to.key().to_owned();
        let names_object = !folder.is_empty() && !folder.ends_with('/');
        if names_object && (found.len() > 1 || source == Source::Folder) {
            problems.push(Problem::new(
                "to",
                format!("{} cannot go to one object", in_words(source, found.len())),
                "end it with `/`",
            ));
        }
        if keys.delete_extra && source != Source::Folder {
            let message = "only a whole folder says what else is extra";
            problems.push(Problem::new("delete_extra", message, "`from` is no folder"));
        }
        let mut files = BTreeMap::new();
        for (relative, file) in found {
            let key = if names_object {
                folder.clone()
            } else {
                format!("{folder}{relative}")
            };
            if key.len() > MAX_KEY {
                let message = format!("the key of `{relative}` would have {} bytes", key.len());
                problems.push(Problem::new("from", message, "1,024 are allowed"));
            }
            files.insert(key, file);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Arc::new(Upload {
            bucket: keys.to.bucket().to_owned(),
            identity: Identity::new(address, keys.to, BTreeMap::new(), scope),
            folder,
            files: Arc::new(files),
            excluded,
            delete_extra: keys.delete_extra,
            headers,
            storage_class: keys.storage_class,
            strange: Mutex::default(),
        }))
    }

    /// What was uploaded is in a bucket, and carries no mark: it goes when the bucket goes.
    fn owned<'a>(&'a self, _: &'a Cloud, _: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move { Ok(Vec::new()) })
    }
}

fn in_words(source: Source, count: usize) -> String {
    match source {
        Source::Folder => "a folder".to_owned(),
        Source::File | Source::Glob => format!("{count} files"),
    }
}

impl Upload {
    /// Whether an object that no file has is to go: what is excluded or hidden was never ours.
    fn is_extra(&self, key: &str) -> bool {
        let relative = key.strip_prefix(&self.folder).filter(|_| self.delete_extra);
        relative.is_some_and(|relative| {
            let mut names: Vec<&str> = Vec::new();
            let is_excluded = relative.split('/').any(|name| {
                names.push(name);
                self.excluded.has(&names.join("/"))
            });
            !relative.is_empty() && !is_excluded && !files::is_hidden(relative)
        })
    }

    /// Reads every file once, on all cores, so that its ETag is known.
    async fn hash(&self) -> Result<(), CallError> {
        let files = self.files.clone();
        let hashed = tokio::task::spawn_blocking(move || hash(&files)).await;
        hashed.map_err(|error| CallError::here("PutObject", error.to_string()))?
    }

    /// Deletes objects by key, as many a call as S3 takes.
    async fn delete_keys(
        &self,
        work: &Work<'_>,
        keys: impl IntoIterator<Item = &String>,
    ) -> Result<(), CallError> {
        let keys: Vec<&String> = keys.into_iter().collect();
        for (i, some) in keys.chunks(DELETED_AT_A_TIME).enumerate() {
            let objects = some.iter().map(|key| {
                let object = ObjectIdentifier::builder().key(*key).build();
                built("DeleteObjects", object)
            });
            let objects = objects.collect::<Result<Vec<_>, _>>()?;
            let deleted = delete_objects(work.cloud, &self.bucket, objects, None).await;
            unless_gone(deleted, &["NoSuchBucket"])?;
            let done = (i * DELETED_AT_A_TIME) + some.len();
            work.note(&format!("{done} of {} objects deleted", keys.len()));
        }
        Ok(())
    }
}

fn hash(files: &BTreeMap<String, LocalFile>) -> Result<(), CallError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut files = files.values();
    let next = Mutex::new(&mut files);
    let work = || -> Result<(), CallError> {
        loop {
            let file = next.lock().ok().and_then(|mut files| files.next());
            let Some(file) = file else { return Ok(()) };
            file.etag()?;
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            let died = |_| {
                Err(CallError::here(
                    "PutObject",
                    "a thread that reads files died",
                ))
            };
            worker.join().unwrap_or_else(died)
        })
    })
}

/// What all objects have, or the first that is otherwise than wanted.
fn agreed<'a>(wanted: &'a Value, live: impl Iterator<Item = &'a Value>) -> Value {
    let mut live = live;
    live.find(|live| *live != wanted).unwrap_or(wanted).clone()
}

impl Resource for Upload {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Uploads.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    /// Several uploads may fill one folder.
    fn key(&self) -> String {
        self.identity.address.id.clone()
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        (attribute == "to").then(|| self.identity.name.clone())
    }

    fn desired(&self) -> Fields {
        let mut fields: Fields = self
            .files
            .iter()
            .map(|(key, file)| {
                // A file that cannot be read fails the read, before anything is compared.
                let etag = file.etag().unwrap_or_default();
                (format!("{FILES}{key}"), json!(etag))
            })
            .collect();
        fields.extend(self.headers.fields());
        if let Some(class) = self.storage_class {
            fields.insert(STORAGE_CLASS.to_owned(), json!(class));
        }
        if self.delete_extra {
            fields.insert(EXTRA.to_owned(), json!([]));
        }
        fields
    }

    /// An object that is no copy of its file is not of this stack.
    fn facts(&self) -> Vec<Fact> {
        let strange = self.strange.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = self.files.keys().filter(|key| !strange.contains(*key));
        vec![Fact::Objects {
            bucket: self.bucket.clone(),
            keys: keys.cloned().collect(),
        }]
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            self.hash().await?;
            let live = self.live(cloud).await?;
            let mut strange = BTreeSet::new();
            for (key, object) in &live.objects {
                if let Some(file) = self.files.get(key)
                    && object.etag != file.etag()?
                {
                    strange.insert(key.clone());
                }
            }
            *self.strange.lock().unwrap_or_else(PoisonError::into_inner) = strange;
            if live.objects.is_empty() && live.extra.is_empty() {
                return Ok(None);
            }
            let mut fields = Fields::new();
            for (field, wanted) in self.headers.fields() {
                let values = live.objects.values().filter_map(|o| o.headers.get(&field));
                let value = agreed(&wanted, values);
                fields.insert(field, value);
            }
            if let Some(class) = self.storage_class {
                let classes: Vec<Value> = live
                    .objects
                    .values()
                    .map(|object| json!(object.storage_class))
                    .collect();
                let value = agreed(&json!(class), classes.iter());
                fields.insert(STORAGE_CLASS.to_owned(), value);
            }
            fields.insert(EXTRA.to_owned(), json!(live.extra));
            let objects = live.objects.into_iter();
            fields.extend(objects.map(|(key, o)| (format!("{FILES}{key}"), json!(o.etag))));
            Ok(Some(Live {
                fields,
                ownership: Ownership::Inherent,
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let keys: Vec<&String> = self.files.keys().collect();
            self.send(work, &keys).await
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        seen: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let is_of_all = |field: &String| !field.starts_with(FILES) && field != EXTRA;
            // What is said of all objects is looked up again, and sent with those that differ.
            let live = if changed.iter().any(is_of_all) || changed.contains(EXTRA) {
                Some(self.live(work.cloud).await?)
            } else {
                None
            };
            let headers = self.headers.fields();
            let is_otherwise = |key: &String| {
                let object = live.as_ref().and_then(|live| live.objects.get(key));
                object.is_some_and(|object| {
                    let class = self.storage_class;
                    object.headers != headers
                        || class.is_some_and(|class| json!(class) != json!(object.storage_class))
                })
            };
            let keys: Vec<&String> = self
                .files
                .keys()
                .filter(|key| changed.contains(&format!("{FILES}{key}")) || is_otherwise(key))
                .collect();
            self.send(work, &keys).await?;
            if changed.contains(EXTRA)
                && let Some(live) = &live
            {
                // What came since was in no plan.
                let planned = seen.fields.get(EXTRA).and_then(Value::as_array);
                let planned: BTreeSet<&str> = planned
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let extra = live.extra.iter();
                let extra = extra.filter(|key| planned.contains(key.as_str()));
                self.delete_keys(work, extra).await?;
            }
            Ok(())
        })
    }

    /// Takes away the copies; an object that somebody changed is no copy, and stays.
    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            self.hash().await?;
            let live = self.live(work.cloud).await?;
            let mut copies = Vec::new();
            for (key, object) in &live.objects {
                if let Some(file) = self.files.get(key)
                    && object.etag == file.etag()?
                {
                    copies.push(key);
                }
            }
            self.delete_keys(work, copies).await
        })
    }
}
