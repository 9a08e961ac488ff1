//! How fast STANDARD executions are whose history is in the store, so that they outlive the process.
//!
//! Nothing is kept in memory alone: each time is from the call of StartExecution to the end that
//! DescribeExecution tells. The benchmark `rows` is a distributed Map over a CSV file of a million rows,
//! or of `ROWS=N`, with the memory that it takes.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{Bench, Done, forget_most_memory, memory, number, tell};

const RUNS: usize = 5;

impl Bench {
    /// Makes a state machine; gives its ARN.
    async fn machine(&self, name: &str, definition: &Value) -> Done<Value> {
        let machine = json!({"name": name, "definition": definition.to_string(),
            "roleArn": "arn:aws:iam::000000000000:role/bench"});
        let made = self.call("states", "CreateStateMachine", machine).await?;
        Ok(made["stateMachineArn"].clone())
    }

    async fn start(&self, machine: &Value, input: &Value) -> Done<Value> {
        let start = json!({"stateMachineArn": machine, "input": input.to_string()});
        let started = self.call("states", "StartExecution", start).await?;
        Ok(started["executionArn"].clone())
    }

    async fn ended(&self, execution: &Value) -> Done {
        loop {
            let asked = json!({"executionArn": execution});
            let described = self.call("states", "DescribeExecution", asked).await?;
            match described["status"].as_str() {
                Some("RUNNING") => tokio::time::sleep(Duration::from_millis(1)).await,
                Some("SUCCEEDED") => return Ok(()),
                _ => return Err(format!("the execution did not succeed: {described}").into()),
            }
        }
    }

    /// The best of several executions, each of which is `worth` of what is measured.
    async fn measure(
        &self,
        what: &str,
        worth: (usize, &str),
        machine: &Value,
        input: &Value,
    ) -> Done {
        let mut best = Duration::MAX;
        for _ in 0..RUNS {
            let started = Instant::now();
            let execution = self.start(machine, input).await?;
            self.ended(&execution).await?;
            best = best.min(started.elapsed());
        }
        tell_rate(what, worth, best);
        Ok(())
    }
}

fn tell_rate(what: &str, (count, unit): (usize, &str), took: Duration) {
    let per_second = count as f64 / took.as_secs_f64();
    tell(what, format!("{per_second:.0}"), &format!("{unit}/s"));
}

/// A Pass and a Choice in a loop of `rounds`.
fn counting(rounds: u64) -> Value {
    json!({"StartAt": "Add", "States": {
        "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough"},
        "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": rounds, "Next": "Add"}], "Default": "Done"},
        "Done": {"Type": "Succeed"}}})
}

/// A task, whose begin and end are each in the store before the execution goes on, in a loop.
fn asking(rounds: u64) -> Value {
    json!({"StartAt": "Ask", "States": {
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
            "Parameters": {}, "ResultPath": "$.is", "Next": "Add"},
        "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough"},
        "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": rounds, "Next": "Ask"}], "Default": "Done"},
        "Done": {"Type": "Succeed"}}})
}

fn map(mode: &Value) -> Value {
    json!({"StartAt": "Each", "States": {
        "Each": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 40, "ResultPath": null, "End": true,
            "ItemProcessor": {"ProcessorConfig": mode, "StartAt": "Do", "States": {
                "Do": {"Type": "Pass", "Parameters": {"item.$": "$"}, "End": true}}}}}})
}

/// Many executions at once; then as many that wait, and what memory each of them takes.
async fn at_once(bench: &Bench) -> Done {
    const MANY: usize = 1_000;
    let machine = bench.machine("short", &counting(50)).await?;
    let started = Instant::now();
    let mut executions = Vec::new();
    for _ in 0..MANY {
        executions.push(bench.start(&machine, &json!({"n": 0})).await?);
    }
    for execution in &executions {
        bench.ended(execution).await?;
    }
    tell_rate(
        "1,000 executions at once",
        (MANY * 101, "transitions"),
        started.elapsed(),
    );
    let waiting =
        json!({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 5, "End": true}}});
    let machine = bench.machine("waiting", &waiting).await?;
    let before = memory("VmRSS")?;
    let mut executions = Vec::new();
    for _ in 0..MANY {
        executions.push(bench.start(&machine, &json!({})).await?);
    }
    let each = (memory("VmRSS")? - before) * 1024.0 / MANY as f64;
    tell(
        "memory of one of 1,000 executions that wait",
        format!("{each:.1}"),
        "KiB",
    );
    for execution in &executions {
        bench.ended(execution).await?;
    }
    Ok(())
}

/// A distributed Map over a CSV file of so many rows, one child execution for a row and one for a
/// thousand.
pub(crate) async fn run_rows(bench: &Bench) -> Done {
    let count = number("ROWS", 1_000_000)?;
    bench.role("bench", "states.amazonaws.com").await?;
    let mut text = String::from("id,title,year\n");
    for row in 0..count {
        writeln!(text, "{row},Film number {row},{}", 1900 + row % 120)?;
    }
    let bucket = json!({"Bucket": "bench"});
    bench.call("s3", "createBucket", bucket).await?;
    let file = json!({"Bucket": "bench", "Key": "films.csv", "Body": text});
    bench.call("s3", "putObject", file).await?;
    drop(text);
    for (what, batch) in [
        ("rows of CSV, 1,000 a child", 1_000),
        ("rows of CSV, each a child", 1),
    ] {
        let mut each = json!({"Type": "Map", "MaxConcurrency": 100, "ResultPath": null, "End": true,
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                "Parameters": {"Bucket": "bench", "Key": "films.csv"}},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Do", "States": {"Do": {"Type": "Pass", "Result": 1, "End": true}}},
            "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "bench", "Prefix": "results"}}});
        if batch > 1 {
            each["ItemBatcher"] = json!({"MaxItemsPerBatch": batch});
        }
        let definition = json!({"StartAt": "Each", "States": {"Each": each}});
        let machine = bench.machine(&format!("rows-{batch}"), &definition).await?;
        let before = memory("VmRSS")?;
        forget_most_memory()?;
        let started = Instant::now();
        let execution = bench.start(&machine, &json!({})).await?;
        bench.ended(&execution).await?;
        tell_rate(what, (count, "rows"), started.elapsed());
        tell(
            &format!("{what}, memory before"),
            format!("{before:.1}"),
            "MiB",
        );
        let most = memory("VmHWM")?;
        tell(&format!("{what}, most memory"), format!("{most:.1}"), "MiB");
    }
    Ok(())
}

pub(crate) async fn run(bench: &Bench) -> Done {
    bench.role("bench", "states.amazonaws.com").await?;
    let start = json!({"n": 0});
    let machine = bench.machine("counting", &counting(6_000)).await?;
    bench
        .measure("Pass and Choice", (12_001, "transitions"), &machine, &start)
        .await?;
    let machine = bench.machine("asking", &asking(1_000)).await?;
    bench
        .measure(
            "Task, Pass and Choice",
            (3_001, "transitions"),
            &machine,
            &start,
        )
        .await?;
    let items = json!({"items": (0..5_000).collect::<Vec<_>>()});
    let machine = bench
        .machine("inline", &map(&json!({"Mode": "INLINE"})))
        .await?;
    bench
        .measure(
            "inline Map of 5,000 items",
            (5_000, "items"),
            &machine,
            &items,
        )
        .await?;
    let items = json!({"items": (0..10_000).collect::<Vec<_>>()});
    let mode = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    let machine = bench.machine("distributed", &map(&mode)).await?;
    bench
        .measure(
            "distributed Map of 10,000 items",
            (10_000, "items"),
            &machine,
            &items,
        )
        .await?;
    at_once(bench).await
}
