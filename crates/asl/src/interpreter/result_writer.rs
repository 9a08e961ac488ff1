//! `ResultWriter`: puts what the child executions gave into a bucket.

use serde_json::{Map as Members, Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    visit::Visit,
};
use crate::{definition::Map, query::Environment};

impl Interpreter<'_> {
    /// The result of the Map: the results themselves, or where they were written.
    pub(super) async fn write_results(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        map_run_arn: &str,
        results: Vec<Value>,
    ) -> Result<Value, Interrupt> {
        let Some(writer) = &map.result_writer else {
            return Ok(Value::Array(results));
        };
        let parameters = self.query(visit, branch, |context, variables| {
            match &writer.parameters {
                Some(template) => template.evaluate(
                    &format!("ResultWriter/{}", writer.parameters_field),
                    &Environment::new(&visit.raw, context, variables),
                ),
                None => Ok(Value::Object(Members::new())),
            }
        })?;
        let text = |field: &str| {
            parameters
                .get(field)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (bucket, prefix) = (text("Bucket"), text("Prefix"));
        let run = map_run_arn.rsplit(':').next().unwrap_or_default();
        let folder = if prefix.is_empty() {
            run.to_owned()
        } else {
            format!("{}/{run}", prefix.trim_end_matches('/'))
        };
        let succeeded = format!("{folder}/SUCCEEDED_0.json");
        let manifest = format!("{folder}/manifest.json");
        let body = Value::Array(results).to_string();
        let listed = json!({
            "DestinationBucket": bucket,
            "MapRunArn": map_run_arn,
            "ResultFiles": {"FAILED": [], "PENDING": [], "SUCCEEDED": [{"Key": succeeded, "Size": body.len()}]},
        });
        for (key, body) in [(&succeeded, body), (&manifest, listed.to_string())] {
            let put = json!({"Bucket": bucket, "Key": key, "Body": body});
            self.call(&writer.resource, put)
                .await
                .map_err(|interrupt| match interrupt {
                    Interrupt::Failure(failure) => Failure::new(
                        "States.ResultWriterFailed",
                        failure.cause.unwrap_or_default(),
                    )
                    .into(),
                    history @ Interrupt::History(_) => history,
                })?;
        }
        Ok(
            json!({"MapRunArn": map_run_arn, "ResultWriterDetails": {"Bucket": bucket, "Key": manifest}}),
        )
    }
}
