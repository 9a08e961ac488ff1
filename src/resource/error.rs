//! A call that AWS refused, or that never arrived.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// What went wrong with one call: AWS's code, message and request id, untouched.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct CallError {
    /// The API's name of what was called: `CreateCrawler`.
    pub operation: String,
    /// AWS's error code; none if no answer came.
    pub code: Option<String>,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What the user can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl std::error::Error for CallError {}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.operation)?;
        if let Some(code) = &self.code {
            write!(f, " failed with {code}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

/// An error and what it came from, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}

impl CallError {
    /// What an SDK call gave, with its place taken from the error itself.
    pub fn of<E, R>(operation: &str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let (code, message, request_id) = match error.as_service_error() {
            Some(service) => (
                service.code().map(str::to_owned),
                service.message().map(str::to_owned),
                service
                    .meta()
                    .extra("aws_request_id")
                    .filter(|id| !id.is_empty())
                    .map(str::to_owned),
            ),
            None => (None, None, None),
        };
        let message = message.unwrap_or_else(|| match &code {
            // What the SDK has beside the code is the answer as it came.
            Some(_) => "the service says no more".to_owned(),
            None => chain(&error),
        });
        Self {
            operation: operation.to_owned(),
            code,
            message,
            request_id,
            help: None,
        }
    }

    /// Something that is no call's answer: a local file that cannot be read, a wait that ended.
    pub fn here(operation: &str, message: impl Into<String>) -> Self {
        Self {
            operation: operation.to_owned(),
            code: None,
            message: message.into(),
            request_id: None,
            help: None,
        }
    }

    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether the service says that what was asked about is not there, or no more.
    pub fn says_gone(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        let message = self.message.to_ascii_lowercase();
        // Athena has no code of its own for it.
        let in_words = || message.contains("not found") || message.contains("does not exist");
        ["NoSuch", "NotFound", "DoesNotExist"]
            .iter()
            .any(|text| code.contains(text))
            || (code == "InvalidRequestException" && in_words())
    }

    /// Whether whose credentials these are may not make this call.
    pub fn says_denied(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        code.contains("AccessDenied") || code.contains("NotAuthorized")
    }

    pub fn is_any(&self, codes: &[&str]) -> bool {
        self.code
            .as_deref()
            .is_some_and(|code| codes.contains(&code))
    }
}

/// Reads a call's answer: gone is `None`, and so are the codes given as meaning that.
pub fn unless_gone<T>(result: Result<T, CallError>, gone: &[&str]) -> Result<Option<T>, CallError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_any(gone) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sends an SDK request and names the operation in its error:
/// `call!(cloud.glue.get_table().name(n))`.
macro_rules! call {
    ($operation:literal, $request:expr) => {
        $request
            .send()
            .await
            .map_err(|error| $crate::resource::CallError::of($operation, error))
    };
}
pub(crate) use call;
