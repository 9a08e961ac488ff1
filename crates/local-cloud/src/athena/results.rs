//! GetQueryResults: pages out of a result file.

use futures::StreamExt;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};

use super::location;
use super::permissions::on_workgroup;
use super::record::{self, Record};
use super::result_file::{Format, read_csv, read_line};
use super::{invalid, page_size};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::athena::{
    Datum, GetQueryResultsInput, GetQueryResultsOutput, ResultSet, ResultSetMetadata, Row,
};
use crate::paging;
use crate::s3::BucketStore;

/// Rows of a page, the header among them.
const LARGEST_PAGE: usize = 1000;

pub async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetQueryResultsInput,
) -> Result<GetQueryResultsOutput, ServiceError> {
    let record = record::get(cloud, caller, &input.query_execution_id)?;
    on_workgroup(cloud, caller, "GetQueryResults", record.workgroup())?;
    match record.state() {
        "SUCCEEDED" => {}
        state @ ("QUEUED" | "RUNNING") => {
            return Err(invalid(format!(
                "Query has not yet finished. Current state: {state}"
            )));
        }
        state => {
            return Err(invalid(format!(
                "Query did not finish successfully. Final query state: {state}"
            )));
        }
    }
    if input.query_result_type.as_deref() == Some("DATA_MANIFEST") {
        return Err(ServiceError::not_supported(
            "athena",
            "GetQueryResults with QueryResultType DATA_MANIFEST",
        ));
    }
    let offset = match &input.next_token {
        Some(token) => offset_of(token, record.id())?,
        None => 0,
    };
    let size = page_size(input.max_results, LARGEST_PAGE).min(LARGEST_PAGE);
    let page = read_page(cloud, caller, &record, offset, size).await?;
    Ok(GetQueryResultsOutput {
        update_count: Some(record.update_count.unwrap_or(0)),
        result_set: Some(ResultSet {
            rows: Some(page.rows),
            result_set_metadata: Some(ResultSetMetadata {
                column_info: Some(record.columns.clone()),
            }),
        }),
        next_token: page
            .next
            .map(|offset| paging::token(&format!("{}:{offset}", record.id()))),
    })
}

/// The place in the file that a token means; a token belongs to one query.
fn offset_of(token: &str, id: &str) -> Result<u64, ServiceError> {
    let key = paging::key(token, "InvalidRequestException")?;
    key.strip_prefix(id)
        .and_then(|rest| rest.strip_prefix(':'))
        .and_then(|offset| offset.parse().ok())
        .ok_or_else(|| invalid("The pagination token is not valid."))
}

struct Page {
    rows: Vec<Row>,
    /// The offset in bytes of the row after the page.
    next: Option<u64>,
}

/// Reads a page from its place in the file, and no more of the file than that.
async fn read_page(
    cloud: &Cloud,
    caller: &Caller,
    record: &Record,
    offset: u64,
    size: usize,
) -> Result<Page, ServiceError> {
    let url = record.output_location();
    let read_row = match Format::of(url) {
        Format::Csv => read_csv,
        Format::Text => read_line,
        Format::Manifest => {
            return Ok(Page {
                rows: Vec::new(),
                next: None,
            });
        }
    };
    let (bucket, key) = location::split(url).ok_or_else(|| invalid("Could not find results"))?;
    let key = Path::parse(key).map_err(|_| invalid("Could not find results"))?;
    let store = BucketStore::new(cloud.clone(), caller.clone(), bucket);
    let options = GetOptions {
        range: (offset > 0).then_some(GetRange::Offset(offset)),
        ..GetOptions::default()
    };
    let object = match store.get_opts(&key, options).await {
        Ok(object) => object,
        Err(object_store::Error::NotFound { .. }) => return Err(invalid("Could not find results")),
        Err(error) => return Err(unreadable(error)),
    };
    let length = object.meta.size;
    let mut chunks = object.into_stream();
    let (mut rows, mut at, mut bytes) = (Vec::new(), offset, Vec::new());
    while rows.len() < size && at < length {
        let Some(chunk) = chunks.next().await else {
            return Err(ServiceError::internal(format!(
                "the result file {url} ends within a row"
            )));
        };
        bytes.extend_from_slice(&chunk.map_err(unreadable)?);
        let mut used = 0;
        while rows.len() < size
            && let Some((values, length)) = read_row(&bytes[used..])
        {
            used += length;
            let data = values.into_iter().map(|value| Datum {
                var_char_value: value,
            });
            rows.push(Row {
                data: Some(data.collect()),
            });
        }
        bytes.drain(..used);
        at += used as u64;
    }
    Ok(Page {
        rows,
        next: (at < length).then_some(at),
    })
}

fn unreadable(error: object_store::Error) -> ServiceError {
    match error {
        object_store::Error::PermissionDenied { source, .. } => {
            ServiceError::new("AccessDeniedException", source.to_string())
        }
        error => ServiceError::internal(error),
    }
}
