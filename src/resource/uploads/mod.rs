//! Local files in a bucket: a file, a glob or a folder. Only what changed is sent.
//!
//! An object's ETag is the MD5 of what was put in one piece, unless it is encrypted with a key of
//! KMS; for that case the MD5 is in the object's metadata too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures::TryStreamExt;
use md5::{Digest, Md5};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Ownership, Problem,
    Resource, Scope, Work, built, call, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::policy::Fact;
use crate::stack::types::S3Path;

/// Local files that are kept in a bucket. Objects beside them are left alone.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// A file, a folder or a glob such as `data/*.csv`, relative to `stack.toml`. Of a folder,
    /// everything below it is sent but hidden files.
    #[schemars(length(min = 1))]
    from: String,
    /// The folder they go to; one that ends in no `/` names the object of a single file.
    to: S3Path,
}

/// How many objects are sent at a time.
const AT_A_TIME: usize = 8;
/// Where an object keeps its MD5.
const MD5_KEY: &str = "athglue-md5";

pub(super) struct Uploads;

#[derive(Debug)]
struct Upload {
    identity: Identity,
    bucket: String,
    /// By the object's key.
    files: BTreeMap<String, File>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    md5: String,
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

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let paths = find(scope, &keys.from).map_err(|problem| vec![problem])?;
        if paths.is_empty() {
            let problem = Problem::new(
                "from",
                format!("there is nothing to upload in `{}`", keys.from),
                "no file",
            );
            return Err(vec![problem.with_help("paths are relative to stack.toml")]);
        }
        let folder = keys.to.key();
        let names_object = !folder.is_empty() && !folder.ends_with('/');
        if names_object && paths.len() > 1 {
            let problem = Problem::new(
                "to",
                format!("{} files cannot go to one object", paths.len()),
                "end it with `/`",
            );
            return Err(vec![problem]);
        }
        let mut files = BTreeMap::new();
        for (relative, path) in paths {
            let md5 = md5_of(&path).map_err(|error| {
                let message = format!("cannot read `{}`", path.display());
                vec![Problem::new("from", message, error.to_string())]
            })?;
            let key = if names_object {
                folder.to_owned()
            } else {
                format!("{folder}{relative}")
            };
            files.insert(key, File { path, md5 });
        }
        Ok(Arc::new(Upload {
            bucket: keys.to.bucket().to_owned(),
            identity: Identity::new(address, keys.to, BTreeMap::new(), scope),
            files,
        }))
    }

    /// What was uploaded is in a bucket, and carries no mark: it goes when the bucket goes.
    fn owned<'a>(&'a self, _: &'a Cloud, _: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move { Ok(Vec::new()) })
    }
}

/// The files, each with what comes behind the prefix.
fn find(scope: &Scope, from: &str) -> Result<Vec<(String, PathBuf)>, Problem> {
    let base = scope.base_dir.join(from);
    let wrong = |label: String| Problem::new("from", format!("cannot upload `{from}`"), label);
    let name_of = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    if base.is_file() {
        return Ok(vec![(name_of(&base), base)]);
    }
    if base.is_dir() {
        let mut found = Vec::new();
        walk(&base, "", &mut found).map_err(|error| wrong(error.to_string()))?;
        return Ok(found);
    }
    let pattern = base.to_string_lossy();
    let paths = glob::glob(&pattern).map_err(|error| wrong(error.to_string()))?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| wrong(error.to_string()))?;
        if path.is_file() {
            found.push((name_of(&path), path));
        }
    }
    Ok(found)
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            walk(&path, &format!("{prefix}{name}/"), found)?;
        } else {
            found.push((format!("{prefix}{name}"), path));
        }
    }
    Ok(())
}

fn md5_of(path: &Path) -> std::io::Result<String> {
    let mut hasher = Md5::new();
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match std::io::Read::read(&mut file, &mut buffer)? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    let digest = hasher.finalize();
    Ok(digest.iter().fold(String::new(), |mut hex, byte| {
        hex.push_str(&format!("{byte:02x}"));
        hex
    }))
}

/// The content type by a file's ending.
fn content_type(key: &str) -> &'static str {
    match key.rsplit('.').next().unwrap_or_default() {
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        "json" | "jsonl" | "ndjson" => "application/json",
        "txt" | "md" | "log" => "text/plain",
        "html" => "text/html",
        "xml" => "application/xml",
        "gz" => "application/gzip",
        "parquet" => "application/vnd.apache.parquet",
        _ => "application/octet-stream",
    }
}

impl Upload {
    /// The MD5 of the objects that are there, of those that are wanted.
    async fn live(&self, cloud: &Cloud) -> Result<BTreeMap<String, String>, CallError> {
        let mut live = BTreeMap::new();
        let prefix = common_prefix(self.files.keys());
        let mut pages = cloud
            .s3
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CallError::of("ListObjectsV2", error));
            let Some(page) = unless_gone(page, &["NoSuchBucket"])? else {
                break;
            };
            for object in page.contents() {
                let key = object.key().unwrap_or_default();
                let Some(file) = self.files.get(key) else {
                    continue;
                };
                let mut md5 = object
                    .e_tag()
                    .unwrap_or_default()
                    .trim_matches('"')
                    .to_owned();
                if md5 != file.md5 {
                    md5 = self.noted_md5(cloud, key).await?.unwrap_or(md5);
                }
                live.insert(key.to_owned(), md5);
            }
        }
        Ok(live)
    }

    async fn noted_md5(&self, cloud: &Cloud, key: &str) -> Result<Option<String>, CallError> {
        let request = cloud.s3.head_object().bucket(&self.bucket).key(key);
        let found = unless_gone(call!("HeadObject", request), &["NotFound"])?;
        Ok(found
            .and_then(|found| found.metadata)
            .and_then(|mut metadata| metadata.remove(MD5_KEY)))
    }

    async fn send(&self, work: &Work<'_>, keys: Vec<&String>) -> Result<(), CallError> {
        let count = keys.len();
        let sent = std::sync::atomic::AtomicUsize::new(0);
        futures::stream::iter(keys.into_iter().map(Ok))
            .try_for_each_concurrent(AT_A_TIME, |key| {
                let sent = &sent;
                async move {
                    let Some(file) = self.files.get(key) else {
                        return Ok(());
                    };
                    let body = ByteStream::from_path(&file.path).await.map_err(|error| {
                        let message = format!("cannot read {}: {error}", file.path.display());
                        CallError::here("PutObject", message)
                    })?;
                    let request = work
                        .cloud
                        .s3
                        .put_object()
                        .bucket(&self.bucket)
                        .key(key)
                        .content_type(content_type(key))
                        .metadata(MD5_KEY, &file.md5)
                        .body(body);
                    call!("PutObject", request)?;
                    let sent = sent.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
                    work.note(&format!("{sent} of {count} files"));
                    Ok(())
                }
            })
            .await
    }
}

fn common_prefix<'a>(mut keys: impl Iterator<Item = &'a String>) -> String {
    let Some(first) = keys.next() else {
        return String::new();
    };
    let mut length = first.len();
    for key in keys {
        let same = first.bytes().zip(key.bytes()).take_while(|(a, b)| a == b);
        length = length.min(same.count());
    }
    first[..first.floor_char_boundary(length)].to_owned()
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
    fn key(&self) -> &str {
        &self.identity.address.id
    }

    fn attribute(&self, _: &str) -> Option<String> {
        None
    }

    /// A field is an object's key, its value the MD5 of what is in it.
    fn desired(&self) -> Fields {
        self.files
            .iter()
            .map(|(key, file)| (key.clone(), json!(file.md5)))
            .collect()
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::Objects {
            bucket: self.bucket.clone(),
            keys: self.files.keys().cloned().collect(),
        }]
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let live = self.live(cloud).await?;
            Ok((!live.is_empty()).then(|| Live {
                fields: live
                    .into_iter()
                    .map(|(key, md5)| (key, json!(md5)))
                    .collect(),
                ownership: Ownership::Inherent,
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move { self.send(work, self.files.keys().collect()).await })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move { self.send(work, changed.iter().collect()).await })
    }

    /// Takes away the copies; an object that somebody changed is no copy, and stays.
    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let live = self.live(work.cloud).await?;
            let copies: Vec<&String> = self
                .files
                .iter()
                .filter(|(key, file)| live.get(*key) == Some(&file.md5))
                .map(|(key, _)| key)
                .collect();
            for some in copies.chunks(1000) {
                let objects = some
                    .iter()
                    .map(|key| {
                        built(
                            "DeleteObjects",
                            ObjectIdentifier::builder().key(*key).build(),
                        )
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                let delete = Delete::builder()
                    .set_objects(Some(objects))
                    .quiet(true)
                    .build();
                let request = work
                    .cloud
                    .s3
                    .delete_objects()
                    .bucket(&self.bucket)
                    .delete(built("DeleteObjects", delete)?);
                unless_gone(call!("DeleteObjects", request), &["NoSuchBucket"])?;
            }
            Ok(())
        })
    }
}
