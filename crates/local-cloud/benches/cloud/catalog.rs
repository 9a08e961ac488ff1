//! A table of a million partitions: how fast they are written, and how fast pages of them are found.
//!
//! `PARTITIONS=N` makes another number of partitions.

use std::time::Instant;

use serde_json::{Value, json};

use crate::bench::{Bench, Done, number, tell};

const BATCH: usize = 100;
const ROUNDS: usize = 21;

async fn glue(bench: &Bench, operation: &str, mut input: Value) -> Done<Value> {
    input["DatabaseName"] = "lake".into();
    bench.call("glue", operation, input).await
}

fn columns() -> Value {
    let column = |n: usize| json!({"Name": format!("column_{n}"), "Type": "string"});
    json!((0..10).map(column).collect::<Vec<_>>())
}

/// The values of a partition: 20 regions, with an hour after the other in each.
fn values(n: usize, all: usize) -> [String; 3] {
    let hours = all.div_ceil(20);
    let (region, hour) = (n / hours, n % hours);
    let day = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
        + chrono::Days::new(hour as u64 / 24);
    [
        format!("region-{region:02}"),
        day.to_string(),
        (hour % 24).to_string(),
    ]
}

fn partition(n: usize, all: usize) -> Value {
    let values = values(n, all);
    json!({
        "Values": values,
        "Parameters": {"objectCount": "1", "sizeKey": n.to_string()},
        "StorageDescriptor": {
            "Columns": columns(), "Location": format!("s3://lake/events/{}/", values.join("/")),
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        },
    })
}

/// Writes the partitions in batches, and tells how many a second; making the requests is not
/// counted.
async fn write(bench: &Bench, all: usize) -> Done {
    let mut seconds = 0.0;
    for first in (0..all).step_by(BATCH) {
        let batch: Vec<Value> = (first..all.min(first + BATCH))
            .map(|n| partition(n, all))
            .collect();
        let input = json!({"TableName": "events", "PartitionInputList": batch});
        let started = Instant::now();
        let done = glue(bench, "BatchCreatePartition", input).await?;
        seconds += started.elapsed().as_secs_f64();
        if done["Errors"] != json!([]) {
            return Err(done["Errors"].to_string().into());
        }
    }
    tell(
        &format!("BatchCreatePartition of {BATCH}"),
        format!("{:.0}", all as f64 / seconds),
        "partitions/s",
    );
    Ok(())
}

/// Asks for the first page of an expression, and tells how long that takes.
async fn find(bench: &Bench, expression: &str) -> Done {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut found = 0;
    for _ in 0..ROUNDS {
        let input = json!({"TableName": "events", "Expression": expression});
        let started = Instant::now();
        let page = glue(bench, "GetPartitions", input).await?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        found = page["Partitions"].as_array().map_or(0, Vec::len);
    }
    times.sort_by(f64::total_cmp);
    tell(
        &format!("GetPartitions {expression} ({found} found)"),
        format!("{:.2}", times[ROUNDS / 2]),
        "ms",
    );
    Ok(())
}

pub(crate) async fn run(bench: &Bench) -> Done {
    let all = number("PARTITIONS", 1_000_000)?;
    glue(
        bench,
        "CreateDatabase",
        json!({"DatabaseInput": {"Name": "lake"}}),
    )
    .await?;
    let keys = [("region", "string"), ("day", "date"), ("hour", "int")];
    let keys = keys.map(|(name, kind)| json!({"Name": name, "Type": kind}));
    let table = json!({"TableInput": {
        "Name": "events", "PartitionKeys": keys, "StorageDescriptor": {"Columns": columns()},
    }});
    glue(bench, "CreateTable", table).await?;
    write(bench, all).await?;
    for expression in [
        "",
        "region = 'region-07' AND day = '2002-03-04'",
        "region = 'region-19' AND day >= '2003-01-01'",
        "day = '2002-03-04'",
        "day BETWEEN '2002-03-01' AND '2002-03-31' AND hour = 5",
        "hour = 5",
        "hour IN (1, 23) AND region LIKE '%-1_'",
        "NOT region < 'region-18' AND hour > 20",
        "region = 'nowhere'",
        "hour = 24",
        "region LIKE '%x%'",
    ] {
        find(bench, expression).await?;
    }
    Ok(())
}
