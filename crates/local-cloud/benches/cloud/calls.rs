//! Calls through the AWS SDK, answered in process: how many there are in a second.
//!
//! Each figure is the median of the rounds. Criterion's statistics of one call would hide what a
//! client sees: the store's commits, which calls share.

use std::future::Future;
use std::time::{Duration, Instant};

use aws_sdk_sfn::types::ExecutionStatus;
use aws_smithy_types::byte_stream::ByteStream;
use local_cloud::Cloud;

use crate::bench::{Bench, Done, REGION, tell};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);
const STATES: usize = 1_000;
const CALLS: (usize, &str) = (1, "calls/s");

/// A client of a service of the cloud.
macro_rules! client {
    ($service:ident, $cloud:expr) => {
        $service::Client::from_conf(
            $service::Config::builder()
                .behavior_version_latest()
                .region($service::config::Region::new(REGION))
                .credentials_provider($service::config::Credentials::new(
                    "test", "test", None, None, "bench",
                ))
                .http_client($cloud.http_client())
                .build(),
        )
    };
}

/// Calls one after the other for some rounds, and prints the median of what a round comes to.
/// One call counts as `worth` of what is measured.
async fn measure<F: Future<Output = Done>>(
    name: &str,
    (worth, unit): (usize, &str),
    mut call: impl FnMut(usize) -> F,
) -> Done {
    // The first call opens what later calls share.
    call(0).await?;
    let mut rates = Vec::with_capacity(ROUNDS);
    let mut number = 0;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let mut calls = 0;
        while started.elapsed() < ROUND {
            number += 1;
            calls += 1;
            call(number).await?;
        }
        rates.push((calls * worth) as f64 / started.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    tell(name, format!("{:.0}", rates[ROUNDS / 2]), unit);
    Ok(())
}

/// A chain of Pass states.
fn chain() -> String {
    let state = |i: usize| {
        let way = if i + 1 == STATES {
            r#""End":true"#.to_owned()
        } else {
            format!(r#""Next":"S{}""#, i + 1)
        };
        format!(r#""S{i}":{{"Type":"Pass",{way}}}"#)
    };
    let states: Vec<String> = (0..STATES).map(state).collect();
    format!(r#"{{"StartAt":"S0","States":{{{}}}}}"#, states.join(","))
}

async fn objects(cloud: &Cloud) -> Done {
    let s3 = client!(aws_sdk_s3, cloud);
    s3.create_bucket().bucket("bench").send().await?;
    let body = vec![7_u8; 4096];
    measure("S3 PutObject of 4 KiB", CALLS, |i| {
        let put = s3
            .put_object()
            .bucket("bench")
            .key(format!("k{}", i % 1_000))
            .body(ByteStream::from(body.clone()));
        async move {
            put.send().await?;
            Ok(())
        }
    })
    .await?;
    measure("S3 GetObject of 4 KiB", CALLS, |_| {
        let get = s3.get_object().bucket("bench").key("k0");
        async move {
            get.send().await?.body.collect().await?;
            Ok(())
        }
    })
    .await
}

async fn tables(cloud: &Cloud) -> Done {
    use aws_sdk_glue::types::{Column, DatabaseInput, StorageDescriptor, TableInput};

    let glue = client!(aws_sdk_glue, cloud);
    let database = DatabaseInput::builder().name("bench").build()?;
    glue.create_database()
        .database_input(database)
        .send()
        .await?;
    let columns = (0..20)
        .map(|i| {
            Column::builder()
                .name(format!("c{i}"))
                .r#type("string")
                .build()
        })
        .collect::<Result<Vec<_>, _>>()?;
    let storage = StorageDescriptor::builder()
        .set_columns(Some(columns))
        .build();
    let table = TableInput::builder()
        .name("t")
        .storage_descriptor(storage)
        .build()?;
    glue.create_table()
        .database_name("bench")
        .table_input(table)
        .send()
        .await?;
    measure("Glue GetTable", CALLS, |_| {
        let get = glue.get_table().database_name("bench").name("t");
        async move {
            get.send().await?;
            Ok(())
        }
    })
    .await
}

async fn transitions(bench: &Bench) -> Done {
    bench.role("bench", "states.amazonaws.com").await?;
    let sfn = client!(aws_sdk_sfn, bench.cloud);
    let machine = sfn
        .create_state_machine()
        .name("bench")
        .definition(chain())
        .role_arn("arn:aws:iam::000000000000:role/bench")
        .send()
        .await?
        .state_machine_arn;
    measure("Step Functions", (STATES, "transitions/s"), |_| {
        let (sfn, machine) = (sfn.clone(), machine.clone());
        async move {
            let execution = sfn
                .start_execution()
                .state_machine_arn(machine)
                .send()
                .await?
                .execution_arn;
            loop {
                let described = sfn.describe_execution().execution_arn(&execution);
                match described.send().await?.status {
                    ExecutionStatus::Running => tokio::time::sleep(Duration::from_millis(1)).await,
                    ExecutionStatus::Succeeded => return Ok(()),
                    other => return Err(format!("the execution is {other}").into()),
                }
            }
        }
    })
    .await
}

pub(crate) async fn run(bench: &Bench) -> Done {
    objects(&bench.cloud).await?;
    tables(&bench.cloud).await?;
    transitions(bench).await?;
    bench.cloud.wait_idle().await;
    Ok(())
}
