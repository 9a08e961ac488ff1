//! Executions that are not waited for.
//!
//! The embedded cloud lives in the process that opens it, and so do its executions. Where another
//! process serves the same cloud, that one is asked to start them.

use serde_json::json;

use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::session::Session;

/// Who starts an execution.
pub struct Hands<'a> {
    cloud: &'a Cloud,
    /// The process that serves this embedded cloud.
    server: Option<aws_sdk_sfn::Client>,
}

impl<'a> Hands<'a> {
    /// With `may_leave`, a process that serves the cloud; else this one.
    pub fn of(cloud: &'a Cloud, may_leave: bool) -> Self {
        let server = may_leave.then(|| cloud.server()).flatten();
        Self { cloud, server }
    }

    pub fn sfn(&self) -> &aws_sdk_sfn::Client {
        self.server.as_ref().unwrap_or(&self.cloud.sfn)
    }

    /// Tells the execution that was started, and waits for it only if it is of this process.
    pub async fn leave(self, session: &Session, arn: &str) -> anyhow::Result<Exit> {
        if session.output.is_json() {
            session.output.json(&json!({"execution": arn}))?;
        } else {
            session.output.line(arn)?;
        }
        if matches!(self.cloud.target(), Target::Local { .. }) && self.server.is_none() {
            session.output.say(
                "The embedded cloud runs in this process, which ends when the execution has. \
                 While `athglue local serve` serves the same folder, --no-wait hands the execution \
                 over to it and ends at once.",
            );
            self.cloud.finish().await;
        }
        Ok(Exit::Success)
    }
}
