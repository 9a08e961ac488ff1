//! `ItemReader`: the items of a distributed Map from files, or from a listing. They are read as
//! they are asked for, so that a file of any length takes little memory.
//!
//! Source: "ItemReader (Map)" in the Step Functions developer guide.

mod bytes;
mod given;
mod listing;
mod rows;

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use serde_json::{Map, Value};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    item::{self, Item},
    map::Start,
    visit::Visit,
};
use crate::{
    Object, TaskError,
    definition::{self, ItemReader, Manifest, MapSource},
    query::{Environment, Fault},
};

/// Items as they come; an error ends them.
pub(super) type Items<'a> = BoxStream<'a, Result<Item, Failure>>;

/// What is not an item yet.
type Values<'a> = BoxStream<'a, Result<Value, Failure>>;

/// What AWS says of a `MaxItemsPath` that leads to a negative number, in a recording of its
/// `MapRunFailed`.
const NOT_POSITIVE: &str = "field MaxItems must be positive";

/// How many items are read at most; none sets no limit, and neither does 0.
#[derive(Clone, Copy)]
struct Most(Option<usize>);

impl Most {
    fn of(max_items: Option<i64>) -> Result<Self, Failure> {
        let most = max_items.filter(|most| *most != 0).map(usize::try_from);
        most.transpose()
            .map(Self)
            .map_err(|_| Failure::new(FAILED, NOT_POSITIVE))
    }

    fn of_all(self, items: Items<'_>) -> Items<'_> {
        match self.0 {
            Some(most) => items.take(most).boxed(),
            None => items,
        }
    }
}

impl Interpreter<'_> {
    /// `MaxItems` of the Map's reader. Of a negative number, to which a path may lead, the Map Run
    /// fails; of what is no whole number the state does, before there is one.
    pub(super) fn max_items(
        &self,
        map: &definition::Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        input: &Value,
    ) -> Result<Option<i64>, Interrupt> {
        let MapSource::Reader(reader) = &map.source else {
            return Ok(None);
        };
        self.query(visit, branch, |context, variables| {
            let environment = Environment::new(input, context, variables);
            let amount = reader.max_items.as_ref();
            amount
                .map(|amount| amount.signed_value("MaxItems", &environment))
                .transpose()
        })
    }

    pub(super) async fn read_items<'s>(
        &'s self,
        reader: &'s ItemReader,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
    ) -> Result<Items<'s>, Interrupt> {
        let most = Most::of(start.max_items)?;
        let parameters = self.query(visit, branch, |context, variables| {
            let environment = Environment::new(&start.input, context, variables);
            parameters(reader, &environment)
        })?;
        let items = self.source(reader, parameters).await?;
        Ok(most.of_all(items))
    }

    /// What the items that a reader reads tell of where they come from.
    pub(super) fn reader_source(
        &self,
        reader: &ItemReader,
        visit: &Visit<'_>,
        branch: &mut Branch,
        input: &Value,
    ) -> Result<Option<Arc<str>>, Interrupt> {
        let parameters = self.query(visit, branch, |context, variables| {
            parameters(reader, &Environment::new(input, context, variables))
        })?;
        let key = text(&parameters, "Key").filter(|_| !is_listing(reader));
        Ok(text(&parameters, "Bucket").and_then(|bucket| item::in_bucket(&bucket, key.as_deref())))
    }

    async fn source<'s>(
        &'s self,
        reader: &'s ItemReader,
        parameters: Value,
    ) -> Result<Items<'s>, Failure> {
        if is_listing(reader) {
            let bucket = text(&parameters, "Bucket");
            let listed = self.listed(reader, parameters);
            if !reader.load_and_flatten {
                let source = bucket.and_then(|bucket| item::in_bucket(&bucket, None));
                let objects =
                    listed.map_ok(move |object| Item::new(listing::item(object), source.clone()));
                return Ok(objects.boxed());
            }
            return Ok(self.of_each(reader, bucket, listed, |listed| {
                let key = listed.get("Key").and_then(Value::as_str)?;
                Some((None, key.to_owned()))
            }));
        }
        let object = object(&parameters)?;
        match &reader.manifest {
            None => self.rows(reader, &reader.input_type, object).await,
            Some(Manifest::Athena) => {
                let files = rows::lines(self.bytes(&reader.resource, object).await?);
                Ok(self.of_each(reader, None, files, |uri| {
                    let (bucket, key) = uri
                        .as_str()?
                        .trim()
                        .strip_prefix("s3://")?
                        .split_once('/')?;
                    Some((Some(bucket.to_owned()), key.to_owned()))
                }))
            }
            Some(Manifest::Inventory) => self.inventory(reader, object).await,
        }
    }

    /// The objects under a prefix, page by page.
    fn listed<'s>(&'s self, reader: &'s ItemReader, parameters: Value) -> Values<'s> {
        let pages = stream::try_unfold(Some(parameters), move |ask| async move {
            let Some(mut ask) = ask else {
                return Ok(None);
            };
            let task = crate::Task {
                execution_arn: self.execution.arn.clone(),
                ..crate::Task::call(&reader.resource, ask.clone())
            };
            let mut page = self.tasks.run(task, &|_| {}).await.map_err(refused)?;
            let objects = match page.get_mut("Contents").map(Value::take) {
                Some(Value::Array(objects)) => objects,
                _ => Vec::new(),
            };
            let next = page.get_mut("NextContinuationToken").map(Value::take);
            let next = next.filter(Value::is_string).map(|token| {
                ask["ContinuationToken"] = token;
                ask
            });
            Ok::<_, Failure>(Some((stream::iter(objects.into_iter().map(Ok)), next)))
        });
        pages.try_flatten().boxed()
    }

    /// The items of all files that `files` names: `place` gives bucket, if it is another one, and
    /// key.
    fn of_each<'s>(
        &'s self,
        reader: &'s ItemReader,
        bucket: Option<String>,
        files: Values<'s>,
        place: fn(&Value) -> Option<(Option<String>, String)>,
    ) -> Items<'s> {
        files
            .and_then(move |file| {
                let bucket = bucket.clone();
                async move {
                    let (own, key) =
                        place(&file).ok_or_else(|| failed(&format!("{file} names no object")))?;
                    let object = Object {
                        bucket: own.or(bucket).unwrap_or_default(),
                        key,
                        version: None,
                    };
                    self.rows(reader, &reader.input_type, object).await
                }
            })
            .try_flatten()
            .boxed()
    }

    /// The items of one file.
    async fn rows<'s>(
        &'s self,
        reader: &'s ItemReader,
        input_type: &str,
        object: Object,
    ) -> Result<Items<'s>, Failure> {
        let source = item::in_bucket(&object.bucket, Some(&object.key));
        if input_type == "PARQUET" {
            let rows = self.tasks.read_parquet(&reader.resource, object).await;
            let rows = rows.map_err(refused)?.map_err(refused).boxed();
            return Ok(items(rows, source));
        }
        let bytes = self.bytes(&reader.resource, object).await?;
        let values = match input_type {
            "CSV" => rows::csv(bytes, reader.csv_delimiter, reader.csv_headers.clone()),
            "JSONL" => rows::json_lines(bytes),
            "JSON" => return rows::json(bytes, reader.items_pointer.as_deref(), source).await,
            other => return Err(failed(&format!("InputType {other} is not supported"))),
        };
        Ok(items(values, source))
    }

    /// What is in a file: unpacked, as its name tells that it is packed, and without a mark of its
    /// encoding.
    async fn bytes(&self, resource: &str, object: Object) -> Result<bytes::Pieces<'_>, Failure> {
        let packing = bytes::Packing::of(&object.key);
        let bytes = self.tasks.read_object(resource, object).await;
        let bytes = bytes.map_err(refused)?.map_err(refused).boxed();
        Ok(bytes::without_mark(bytes::unpacked(bytes, packing)))
    }

    /// The objects that an S3 inventory lists: its manifest names files of CSV, whose columns it
    /// names too.
    async fn inventory<'s>(
        &'s self,
        reader: &'s ItemReader,
        object: Object,
    ) -> Result<Items<'s>, Failure> {
        let bytes = self.bytes(&reader.resource, object.clone()).await?;
        let manifest = rows::document(&bytes::whole(bytes).await?)?;
        if text(&manifest, "fileFormat").as_deref() != Some("CSV") {
            return Err(failed("only inventories in CSV are supported"));
        }
        let columns: Vec<String> = text(&manifest, "fileSchema")
            .unwrap_or_default()
            .split(',')
            .map(|column| column.trim().to_owned())
            .collect();
        let keys: Vec<_> = manifest
            .get("files")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|file| text(file, "key"))
            .collect();
        let files = stream::iter(keys.into_iter().map(Ok)).and_then(move |key| {
            let (bucket, columns) = (object.bucket.clone(), columns.clone());
            async move {
                let source = item::in_bucket(&bucket, Some(&key));
                let file = Object {
                    bucket,
                    key,
                    version: None,
                };
                let bytes = self.bytes(&reader.resource, file).await?;
                let listed = rows::csv(bytes, b',', Some(columns));
                Ok::<_, Failure>(items(listed, source))
            }
        });
        Ok(files.try_flatten().boxed())
    }

    /// Calls an integration that is no state of its own.
    pub(super) async fn call(&self, resource: &str, parameters: Value) -> Result<Value, Failure> {
        let task = crate::Task {
            execution_arn: self.execution.arn.clone(),
            ..crate::Task::call(resource, parameters)
        };
        self.tasks
            .run(task, &|_| {})
            .await
            .map_err(|error| Failure::new(&error.error, error.cause))
    }
}

/// Whatever a service refuses is a failure of the reader, with the cause that the service gives.
/// The language's own errors (a role that cannot be taken) keep their names.
fn refused(error: TaskError) -> Failure {
    if error.error.starts_with("States.") {
        return Failure::new(&error.error, error.cause);
    }
    Failure::new(FAILED, error.cause)
}

fn items(values: Values<'_>, source: Option<Arc<str>>) -> Items<'_> {
    values
        .map_ok(move |value| Item::new(value, source.clone()))
        .boxed()
}

fn is_listing(reader: &ItemReader) -> bool {
    reader.resource.contains(":listObjectsV2")
}

fn parameters(reader: &ItemReader, environment: &Environment) -> Result<Value, Fault> {
    let field = format!("ItemReader/{}", reader.parameters_field);
    match &reader.parameters {
        Some(template) => template.evaluate(&field, environment),
        None => Ok(Value::Object(Map::new())),
    }
}

/// The error of a Map that cannot read its items.
///
/// Source: "Handling errors in Step Functions workflows", AWS Step Functions developer guide.
const FAILED: &str = "States.ItemReaderFailed";

fn failed(problem: &str) -> Failure {
    let cause = format!("Attempting to read the items failed: {problem}");
    Failure::new(FAILED, cause)
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn object(parameters: &Value) -> Result<Object, Failure> {
    match (text(parameters, "Bucket"), text(parameters, "Key")) {
        (Some(bucket), Some(key)) => Ok(Object {
            bucket,
            key,
            version: text(parameters, "VersionId"),
        }),
        _ => Err(failed("Bucket and Key have to be given")),
    }
}
