//! A crawl of many objects on the embedded S3, and one after a hundredth of them is new: how long
//! each takes, and the most memory that the process has had by then.
//!
//! All of it is in one run, on one store that is made for it; `OBJECTS=N` makes another number.

use std::error::Error;
use std::time::Instant;

use local_cloud::{Caller, Cloud};
use serde_json::{Value, json};

/// How many objects a partition has.
const EACH: usize = 20;

struct Bench {
    cloud: Cloud,
    root: Caller,
}

impl Bench {
    async fn call(
        &self,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, Box<dyn Error>> {
        Ok(self
            .cloud
            .invoke(&self.root, service, operation, input)
            .await?)
    }

    async fn put(&self, n: usize) -> Result<(), Box<dyn Error>> {
        let (partition, number) = (n / EACH, n % EACH);
        let rows = (0..20).map(|row| format!("{row},title {n},{row}.5,true\n"));
        let rows = rows.collect::<Vec<_>>().concat();
        let input = json!({
            "Bucket": "lake", "Key": format!("events/part={partition:05}/{number:02}.csv"),
            "Body": format!("id,title,price,sold\n{rows}"),
        });
        self.call("s3", "putObject", input).await?;
        Ok(())
    }

    /// Crawls, and tells of it.
    async fn crawl(&self, what: &str, objects: usize) -> Result<(), Box<dyn Error>> {
        let started = Instant::now();
        self.call("glue", "StartCrawler", json!({"Name": "c"}))
            .await?;
        self.cloud.wait_idle().await;
        let seconds = started.elapsed().as_secs_f64();
        let got = self
            .call("glue", "GetCrawler", json!({"Name": "c"}))
            .await?;
        let last = &got["Crawler"]["LastCrawl"];
        if last["Status"] != "SUCCEEDED" {
            return Err(last.to_string().into());
        }
        println!("{what}\t{seconds:.2}\ts");
        println!("{what}\t{:.0}\tobjects/s", objects as f64 / seconds);
        println!(
            "{what}, most memory until then\t{}\tMB",
            most_memory()? / 1024
        );
        Ok(())
    }
}

/// In KiB, as Linux counts it.
fn most_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmHWM")?.parse()?)
}

async fn prepare(bench: &Bench) -> Result<(), Box<dyn Error>> {
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole",
    }});
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let role = json!({"RoleName": "crawler", "AssumeRolePolicyDocument": trust.to_string()});
    let crawler = json!({
        "Name": "c", "DatabaseName": "lake", "Role": "crawler",
        "Targets": {"S3Targets": [{"Path": "s3://lake/events/"}]},
    });
    for (service, operation, input) in [
        ("s3", "createBucket", json!({"Bucket": "lake"})),
        ("iam", "CreateRole", role),
        (
            "iam",
            "PutRolePolicy",
            json!({"RoleName": "crawler", "PolicyName": "p", "PolicyDocument": policy.to_string()}),
        ),
        ("glue", "CreateCrawler", crawler),
    ] {
        bench.call(service, operation, input).await?;
    }
    Ok(())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let objects = match std::env::var("OBJECTS") {
        Ok(number) => number.parse()?,
        Err(_) => 100_000,
    };
    let dir = tempfile::tempdir()?;
    let bench = Bench {
        cloud: Cloud::open(dir.path())?,
        root: Caller::root("us-east-1"),
    };
    prepare(&bench).await?;
    for n in 0..objects {
        bench.put(n).await?;
    }
    println!(
        "before any crawl, most memory until then\t{}\tMB",
        most_memory()? / 1024
    );
    bench.crawl("first crawl", objects).await?;
    bench.crawl("crawl of nothing new", objects).await?;
    let more = objects / 100;
    for n in objects..objects + more {
        bench.put(n).await?;
    }
    bench.crawl("crawl of 1 % new", objects + more).await
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run())
}
