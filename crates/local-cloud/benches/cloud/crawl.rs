//! Crawls of many objects on the embedded S3: of texts in partitions, again when nothing and when a
//! hundredth of them is new, and of Parquet files.
//!
//! `OBJECTS=N` and `PARQUET=N` make other
//! numbers of objects. `PYTHON=PATH` names a Python that has awswrangler, whose
//! `store_parquet_metadata` then looks at the same Parquet files through a port of the same cloud.

use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use local_cloud::{s3, serve};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::bench::{Bench, Done, REGION, forget_most_memory, memory, number, tell};

/// How many objects a partition has.
const EACH: usize = 20;

/// How many objects are written at a time.
const WRITERS: usize = 8;

/// Rows of a Parquet file, which make 256 KiB.
const ROWS: i64 = 11_000;

/// Every other partition is of CSV, the others are of JSON.
fn text(n: usize) -> (String, Bytes) {
    let (partition, number) = (n / EACH, n % EACH);
    if partition.is_multiple_of(2) {
        let row = |row| format!("{row},title {n},{row}.5,true\n");
        let rows: Vec<String> = (0..20).map(row).collect();
        let key = format!("texts/films/part={partition:05}/{number:02}.csv");
        return (
            key,
            format!("id,title,price,sold\n{}", rows.concat()).into(),
        );
    }
    let row = |row| {
        let row = json!({"id": row, "title": format!("title {n}"), "price": 0.5, "sold": true});
        format!("{row}\n")
    };
    let rows: Vec<String> = (0..20).map(row).collect();
    let key = format!("texts/songs/part={partition:05}/{number:02}.json");
    (key, rows.concat().into())
}

/// A Parquet file that no other file is equal to.
fn parquet(n: usize) -> Done<(String, Bytes)> {
    let schema = "message film { required int64 id; required binary title (UTF8);
        required double price; required int64 sold; }";
    let mut file = Vec::new();
    let mut writer = SerializedFileWriter::new(
        &mut file,
        Arc::new(parse_message_type(schema)?),
        Arc::default(),
    )?;
    let mut group = writer.next_row_group()?;
    let numbers = |salt: i64| -> Vec<i64> {
        let first = i64::try_from(n).unwrap_or_default() + salt;
        (0..ROWS)
            .map(|row| (first + row).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()))
            .collect()
    };
    let titles: Vec<ByteArray> = (0..ROWS)
        .map(|row| ByteArray::from(format!("title {}", row % 100).as_str()))
        .collect();
    let prices: Vec<f64> = (0..ROWS).map(|row| (row % 1000) as f64 / 4.0).collect();
    for place in 0.. {
        let Some(mut column) = group.next_column()? else {
            break;
        };
        match place {
            1 => column
                .typed::<ByteArrayType>()
                .write_batch(&titles, None, None)?,
            2 => column
                .typed::<DoubleType>()
                .write_batch(&prices, None, None)?,
            _ => column
                .typed::<Int64Type>()
                .write_batch(&numbers(place), None, None)?,
        };
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    let (partition, number) = (n / 100, n % 100);
    Ok((
        format!("parquet/films/part={partition:03}/{number:02}.parquet"),
        file.into(),
    ))
}

impl Bench {
    /// Writes objects, each of the given numbers.
    async fn put(
        &self,
        what: &str,
        numbers: std::ops::Range<usize>,
        object: fn(usize) -> Done<(String, Bytes)>,
    ) -> Done {
        let started = Instant::now();
        let all = numbers.len();
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let store = s3::object_store(&self.cloud, &self.root, "lake");
            let own = numbers.clone().skip(writer).step_by(WRITERS);
            writers.spawn(async move {
                let mut bytes = 0;
                for n in own {
                    let (key, body) = object(n)?;
                    bytes += body.len();
                    store.put(&Path::parse(&key)?, body.into()).await?;
                }
                Done::Ok(bytes)
            });
        }
        let mut bytes = 0;
        while let Some(written) = writers.join_next().await {
            bytes += written??;
        }
        let rate = all as f64 / started.elapsed().as_secs_f64();
        tell(
            &format!("{what}, written"),
            format!("{rate:.0}"),
            "objects/s",
        );
        tell(
            &format!("{what}, size"),
            bytes / all.max(1),
            "bytes an object",
        );
        Ok(())
    }

    /// Crawls, and tells of it. Gives how many seconds it took.
    async fn crawl(&self, what: &str, crawler: &str) -> Done<f64> {
        forget_most_memory()?;
        let before = memory("VmRSS")?;
        let started = Instant::now();
        self.call("glue", "StartCrawler", json!({"Name": crawler}))
            .await?;
        self.cloud.wait_idle().await;
        let seconds = started.elapsed().as_secs_f64();
        let most = memory("VmHWM")?;
        let got = self
            .call("glue", "GetCrawler", json!({"Name": crawler}))
            .await?;
        let last = &got["Crawler"]["LastCrawl"];
        if last["Status"] != "SUCCEEDED" {
            return Err(last.to_string().into());
        }
        tell(what, format!("{seconds:.2}"), "s");
        let [objects, bytes, reads] = self.looked(crawler).await?;
        tell(what, format!("{:.0}", objects / seconds), "objects/s");
        tell(
            what,
            format!("{:.1}", bytes / objects),
            "bytes read an object",
        );
        tell(what, reads, "reads");
        tell(
            &format!("{what}, memory before"),
            format!("{before:.1}"),
            "MiB",
        );
        tell(&format!("{what}, most memory"), format!("{most:.1}"), "MiB");
        Ok(seconds)
    }

    /// How many objects a crawler's last crawl looked at, the bytes that it read of them, and in how
    /// many reads: as its log says.
    async fn looked(&self, crawler: &str) -> Done<[f64; 3]> {
        let input = json!({"logGroupName": "/aws-glue/crawlers", "logStreamName": crawler});
        let found = self.call("logs", "GetLogEvents", input).await?;
        let mut lines = found["events"].as_array().into_iter().flatten().rev();
        let ended = |line: &&str| !line.ends_with("so far");
        let line = lines.find_map(|event| {
            let message = event["message"].as_str().filter(ended)?;
            message.split_once("Looked at ")
        });
        let (_, line) = line.ok_or("the crawl's log does not say what was read")?;
        let words = line.split_whitespace();
        let numbers: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
        Ok(numbers
            .try_into()
            .map_err(|_| format!("{line:?} has other numbers"))?)
    }

    /// Looks at the Parquet files with awswrangler.
    async fn wrangle(&self, python: &str, own_seconds: f64) -> Done {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let server = tokio::spawn(serve(self.cloud.clone(), listener));
        let mut command = Command::new(python);
        command
            .args([
                "-c",
                include_str!("wrangler.py"),
                "s3://lake/parquet/films/",
            ])
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_DEFAULT_REGION", REGION);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        server.abort();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let seconds: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
        tell("Parquet by awswrangler", format!("{seconds:.2}"), "s");
        tell(
            "Parquet, awswrangler's time by ours",
            format!("{:.1}", seconds / own_seconds),
            "times",
        );
        Ok(())
    }
}

async fn prepare(bench: &Bench) -> Done {
    bench.role("crawler", "glue.amazonaws.com").await?;
    bench
        .call("s3", "createBucket", json!({"Bucket": "lake"}))
        .await?;
    bench
        .call(
            "glue",
            "CreateDatabase",
            json!({"DatabaseInput": {"Name": "wrangler"}}),
        )
        .await?;
    for crawler in ["texts", "parquet"] {
        let path = format!("s3://lake/{crawler}/");
        let input = json!({
            "Name": crawler, "DatabaseName": crawler, "Role": "crawler",
            "Targets": {"S3Targets": [{"Path": path}]},
        });
        bench.call("glue", "CreateCrawler", input).await?;
    }
    Ok(())
}

pub(crate) async fn run(bench: &Bench) -> Done {
    let (texts, files) = (number("OBJECTS", 100_000)?, number("PARQUET", 10_000)?);
    prepare(bench).await?;
    bench.put("texts", 0..texts, |n| Ok(text(n))).await?;
    bench.crawl("texts, first crawl", "texts").await?;
    bench.crawl("texts, nothing new", "texts").await?;
    bench
        .put("texts, 1 % more", texts..texts + texts / 100, |n| {
            Ok(text(n))
        })
        .await?;
    bench.crawl("texts, 1 % new", "texts").await?;
    bench.put("Parquet", 0..files, parquet).await?;
    let seconds = bench.crawl("Parquet, first crawl", "parquet").await?;
    bench.crawl("Parquet, nothing new", "parquet").await?;
    match std::env::var("PYTHON") {
        Ok(python) => bench.wrangle(&python, seconds).await,
        Err(_) => Ok(()),
    }
}
