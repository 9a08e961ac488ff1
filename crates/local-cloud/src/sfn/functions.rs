//! Lambda functions that are commands of this machine: the event goes in, the answer comes out.

use std::process::ExitStatus;
use std::time::Duration;

use serde_json::{Value, json};

use super::commands::{Ended, LARGEST_ANSWER, LocalCommand, last_words};
use crate::error::ServiceError;

/// A function as its caller names it.
pub(super) struct Invoked<'a> {
    pub name: &'a str,
    pub arn: &'a str,
    pub request_id: &'a str,
}

/// What Lambda answers of a function that failed.
#[derive(Debug, PartialEq)]
pub(super) struct Failed {
    /// An object of `errorType` and `errorMessage`.
    pub document: Value,
    /// The same as it was written, blanks between its members included.
    pub text: String,
}

impl From<Value> for Failed {
    fn from(document: Value) -> Self {
        let text = document.to_string();
        Self { document, text }
    }
}

/// Runs a function. A failure of it is `Ok(Err(…))` with what Lambda answers then. An exit code other
/// than 0 is such a failure, which a JSON object of `errorType` and `errorMessage` on stdout names.
pub(super) async fn invoke(
    function: &LocalCommand,
    invoked: &Invoked<'_>,
    event: &Value,
) -> Result<Result<Value, Failed>, ServiceError> {
    let variables = [
        ("AWS_LAMBDA_FUNCTION_NAME", invoked.name),
        ("AWS_LAMBDA_FUNCTION_ARN", invoked.arn),
    ];
    Ok(match function.run(&variables, event).await? {
        Ended::Exited {
            status,
            stdout,
            stderr,
        } => answer(invoked.request_id, status, &stdout, &stderr),
        Ended::TimedOut => Err(timed_out(invoked.request_id, function.timeout).into()),
        Ended::TooLarge => Err(Failed::from(json!({
            "errorType": "Function.ResponseSizeTooLarge",
            "errorMessage": format!("Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."),
        }))),
    })
}

fn timed_out(request_id: &str, after: Duration) -> Value {
    json!({
        "errorType": "Sandbox.Timedout",
        "errorMessage": format!("RequestId: {request_id} Error: Task timed out after {:.2} seconds", after.as_secs_f64()),
    })
}

/// What a command that has ended answers.
fn answer(
    request_id: &str,
    status: ExitStatus,
    stdout: &[u8],
    stderr: &str,
) -> Result<Value, Failed> {
    let wrote = last_words(stdout, stderr);
    let text = String::from_utf8_lossy(stdout);
    let document: Option<Value> = if text.trim().is_empty() {
        Some(Value::Null)
    } else {
        asl::parse_json(&text).ok()
    };
    if status.success() {
        return document.ok_or_else(|| {
            Failed::from(json!({
                "errorType": "Runtime.MarshalError",
                "errorMessage": format!("Unable to marshal response: what the command wrote to stdout is no JSON document{wrote}"),
            }))
        });
    }
    match document {
        Some(Value::Object(members)) if members.contains_key("errorType") => Err(Failed {
            document: Value::Object(members),
            text: text.trim().to_owned(),
        }),
        _ => Err(Failed::from(json!({
            "errorType": "Runtime.ExitError",
            "errorMessage": format!("RequestId: {request_id} Error: Runtime exited with error: {status}{wrote}"),
        }))),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::sfn::commands::Listener;

    async fn run(function: &LocalCommand, event: &Value) -> Result<Value, Failed> {
        let invoked = Invoked {
            name: "f",
            arn: "arn:aws:lambda:eu-west-1:000000000000:function:f",
            request_id: "r",
        };
        invoke(function, &invoked, event).await.unwrap()
    }

    async fn invoke_command(command: &str, event: Value) -> Result<Value, Failed> {
        run(&LocalCommand::new(command), &event).await
    }

    #[tokio::test]
    async fn the_event_goes_in_and_the_answer_comes_out() {
        let event = json!({"title": "Metropolis", "long": "x".repeat(200_000)});
        assert_eq!(invoke_command("cat", event.clone()).await, Ok(event));
        assert_eq!(invoke_command("true", json!({})).await, Ok(Value::Null));
        let name = "echo \"\\\"$AWS_LAMBDA_FUNCTION_NAME\\\"\"";
        assert_eq!(invoke_command(name, json!({})).await, Ok(json!("f")));
    }

    #[tokio::test]
    async fn an_exit_code_is_the_error_that_the_command_names() {
        let named = r#"echo '{"errorType":"Missing","errorMessage":"no such film"}'; exit 1"#;
        assert_eq!(
            invoke_command(named, json!({})).await,
            Err(json!({"errorType": "Missing", "errorMessage": "no such film"}).into())
        );
        let unnamed = invoke_command("exit 3", json!({})).await.unwrap_err();
        assert_eq!(unnamed.document["errorType"], "Runtime.ExitError");
        let words = invoke_command("echo hello", json!({})).await.unwrap_err();
        assert_eq!(words.document["errorType"], "Runtime.MarshalError");
    }

    #[tokio::test]
    async fn what_a_command_wrote_is_told_with_its_failure() {
        let message = |command: &str| {
            let function = LocalCommand {
                listener: Some(Listener::new(|_| {})),
                ..LocalCommand::new(command)
            };
            async move {
                run(&function, &json!({})).await.unwrap_err().document["errorMessage"].to_string()
            }
        };
        let told = message("printf 'read\\n  hello\\n'; printf '1\\n2\\n3\\n4\\n' >&2").await;
        assert!(
            told.contains(
                "no JSON document; it wrote: read hello; its stderr ends with: 2 / 3 / 4"
            ),
            "{told}"
        );
        let told = message("echo no such film >&2; exit 3").await;
        assert!(
            told.contains("exit status: 3; its stderr ends with: no such film"),
            "{told}"
        );
        let long = message("yes word | head -n 1000").await;
        assert!(
            long.contains("word …") && long.chars().count() < 400,
            "{long}"
        );
    }

    #[tokio::test]
    async fn a_function_that_takes_too_long_is_ended() {
        let function = LocalCommand {
            timeout: Duration::from_millis(50),
            ..LocalCommand::new("sleep 60; echo")
        };
        let ended = run(&function, &json!({})).await;
        assert_eq!(ended.unwrap_err().document["errorType"], "Sandbox.Timedout");
    }

    #[tokio::test]
    async fn an_answer_that_is_too_large_is_lambdas_error() {
        let error = invoke_command("yes", json!({})).await.unwrap_err().document;
        assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
        assert_eq!(
            error["errorMessage"],
            "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
        );
    }
}
