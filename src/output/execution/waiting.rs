//! What single events say: what a task waits for, and how something failed.

use aws_sdk_sfn::types::HistoryEvent;
use serde_json::Value;

use crate::json;
use crate::output::human;

/// An error of the States Language and its cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    pub error: String,
    pub cause: String,
}

/// On one line, whatever the machine or the service wrote.
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let error = human::on_one_line(&self.error);
        let cause = human::on_one_line(&brief(&self.cause));
        match (error.as_str(), cause.as_str()) {
            ("", "") => f.write_str("no reason is given"),
            (error, "") => f.write_str(error),
            ("", cause) => f.write_str(cause),
            (error, cause) => write!(f, "{error}: {cause}"),
        }
    }
}

/// What a cause comes to: of a task that was waited for it is all that its service tells, as JSON,
/// and the reason is somewhere in it.
pub fn brief(cause: &str) -> String {
    let whole = document(Some(cause));
    let reasons = [
        &whole["QueryExecution"]["Status"]["StateChangeReason"],
        &whole["errorMessage"],
        &whole["ErrorMessage"],
        &whole["Cause"],
    ];
    let reason = reasons.into_iter().find_map(Value::as_str);
    match reason {
        // A nested execution's cause may be one of these again.
        Some(reason) if whole["Cause"].as_str() == Some(reason) => brief(reason),
        Some(reason) => reason.to_owned(),
        None => cause.to_owned(),
    }
}

/// The failure that an event inside of a state tells of.
pub fn failure(event: &HistoryEvent) -> Option<Failure> {
    macro_rules! first_of {
        ($($details:ident)*) => {
            $(if let Some(details) = event.$details() {
                return Some(Failure {
                    error: details.error().unwrap_or_default().to_owned(),
                    cause: details.cause().unwrap_or_default().to_owned(),
                });
            })*
        };
    }
    first_of!(
        task_failed_event_details
        task_start_failed_event_details
        task_submit_failed_event_details
        task_timed_out_event_details
        lambda_function_failed_event_details
        lambda_function_schedule_failed_event_details
        lambda_function_start_failed_event_details
        lambda_function_timed_out_event_details
        activity_failed_event_details
        activity_schedule_failed_event_details
        activity_timed_out_event_details
        evaluation_failed_event_details
    );
    None
}

/// The failure that ended an execution.
pub fn ending(event: &HistoryEvent) -> Option<Failure> {
    let (error, cause) = if let Some(details) = event.execution_failed_event_details() {
        (details.error(), details.cause())
    } else if let Some(details) = event.execution_aborted_event_details() {
        (details.error(), details.cause())
    } else if let Some(details) = event.execution_timed_out_event_details() {
        (details.error(), details.cause())
    } else {
        return None;
    };
    Some(Failure {
        error: error.unwrap_or_default().to_owned(),
        cause: cause.unwrap_or_default().to_owned(),
    })
}

/// What a task asks for when it is scheduled, and what it waits for when that was accepted.
pub fn for_what(event: &HistoryEvent) -> Option<String> {
    if let Some(details) = event.task_scheduled_event_details() {
        let parameters = document(Some(details.parameters()));
        let asked = parameters["QueryString"].as_str().map(one_line);
        let resource = format!("{}:{}", details.resource_type(), details.resource());
        return Some(match asked {
            Some(sql) => format!("{resource} {sql}"),
            None => resource,
        });
    }
    let details = event.task_submitted_event_details()?;
    let output = document(details.output());
    let named = [
        ("QueryExecutionId", "query"),
        ("ExecutionArn", "execution"),
        ("JobRunId", "job run"),
    ];
    let found = named
        .into_iter()
        .find_map(|(key, what)| Some(format!("{what} {}", output[key].as_str()?)));
    Some(found.unwrap_or_else(|| format!("{}:{}", details.resource_type(), details.resource())))
}

fn document(text: Option<&str>) -> Value {
    // AWS leaves out what is too long, and cuts it; then there is nothing to say.
    text.and_then(|text| json::parse(text).ok())
        .unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_in_what_a_service_tells() {
        let query = r#"{"QueryExecution":{"Status":{"StateChangeReason":"TABLE_NOT_FOUND: x"}}}"#;
        assert_eq!(brief(query), "TABLE_NOT_FOUND: x");
        let nested = serde_json::json!({"Cause": query, "Error": "States.TaskFailed"});
        assert_eq!(brief(&nested.to_string()), "TABLE_NOT_FOUND: x");
        assert_eq!(brief(r#"{"errorMessage":"no","trace":[]}"#), "no");
        assert_eq!(brief("as it is"), "as it is");
        assert_eq!(brief("[1]"), "[1]");
    }

    #[test]
    fn a_failure_is_told_on_one_line() {
        let failure = Failure {
            error: "E\x1b[32m".to_owned(),
            cause: "many\nlines\x1b[0m".to_owned(),
        };
        assert_eq!(failure.to_string(), "E·[32m: many⏎lines·[0m");
    }
}
