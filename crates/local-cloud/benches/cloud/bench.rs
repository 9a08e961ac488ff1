//! What the benchmarks share: a cloud that is asked in process, figures, and the memory of this process.

use std::error::Error;
use std::fmt::Display;
use std::path::Path;

use local_cloud::{Caller, Cloud};
use serde_json::{Value, json};

pub(crate) type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) const REGION: &str = "us-east-1";

/// A cloud, and the root of its account, who asks.
pub(crate) struct Bench {
    pub(crate) cloud: Cloud,
    pub(crate) root: Caller,
}

impl Bench {
    pub(crate) fn open(dir: &Path) -> Done<Self> {
        Ok(Self {
            cloud: Cloud::open(dir)?,
            root: Caller::root(REGION),
        })
    }

    pub(crate) async fn call(&self, service: &str, operation: &str, input: Value) -> Done<Value> {
        Ok(self
            .cloud
            .invoke(&self.root, service, operation, input)
            .await?)
    }

    /// Makes a role that a service may assume and that may do everything.
    pub(crate) async fn role(&self, name: &str, service: &str) -> Done {
        let trust = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
        }});
        let allow = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "*",
        }});
        let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
        self.call("iam", "CreateRole", role).await?;
        let policy =
            json!({"RoleName": name, "PolicyName": "all", "PolicyDocument": allow.to_string()});
        self.call("iam", "PutRolePolicy", policy).await?;
        Ok(())
    }
}

pub(crate) fn tell(what: &str, figure: impl Display, unit: &str) {
    println!("{what}\t{figure}\t{unit}");
}

/// A number of this process in MiB, as Linux counts it.
pub(crate) fn memory(name: &str) -> Done<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
    Ok(number.ok_or("not of Linux")?.parse::<f64>()? / 1024.0)
}

/// Lets `VmHWM` begin anew.
pub(crate) fn forget_most_memory() -> Done {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}

/// The number that a variable of the environment gives, or the usual one.
pub(crate) fn number(name: &str, usual: usize) -> Done<usize> {
    match std::env::var(name) {
        Ok(number) => Ok(number
            .parse()
            .map_err(|_| format!("{name}={number} is no number"))?),
        Err(_) => Ok(usual),
    }
}
