//! One call that a definition makes, and what is known of its arguments before it runs.

use serde_json::Value;

/// What is known of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    Absent,
    Text(String),
    /// Only the input says, beyond how the text starts.
    Unknown {
        start: String,
    },
}

impl Given {
    /// As a pattern of IAM: a `*` for what is not known, `default` for what is not there.
    pub fn pattern(&self, default: &str) -> String {
        match self {
            Self::Absent => default.to_owned(),
            Self::Text(text) => text.clone(),
            Self::Unknown { start } => format!("{start}*"),
        }
    }
}

/// The arguments of a call: `Parameters` in JSONPath, `Arguments` in JSONata.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arguments<'a>(pub &'a Value);

impl Arguments<'_> {
    /// What is known of the text at a path of members: `["ResultConfiguration", "OutputLocation"]`.
    pub fn at(&self, path: &[&str]) -> Given {
        let mut value = self.0;
        for (i, member) in path.iter().enumerate() {
            if is_expression(value) {
                return Given::Unknown {
                    start: String::new(),
                };
            }
            if let Some(query) = value.get(format!("{member}.$")).and_then(Value::as_str) {
                let is_last = i + 1 == path.len();
                return Given::Unknown {
                    start: if is_last {
                        start_of_format(query)
                    } else {
                        String::new()
                    },
                };
            }
            match value.get(member) {
                Some(inner) => value = inner,
                None => return Given::Absent,
            }
        }
        match value {
            Value::String(text) if is_expression(value) => jsonata(text),
            Value::String(text) => Given::Text(text.clone()),
            Value::Number(number) => Given::Text(number.to_string()),
            _ => Given::Absent,
        }
    }

    /// What is known of a text that is a member.
    pub fn text(&self, member: &str) -> Given {
        self.at(&[member])
    }
}

/// `{% … %}`
fn is_expression(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.starts_with("{%") && text.ends_with("%}"))
}

/// How the text of `States.Format('films/{}.csv', $.title)` starts.
fn start_of_format(query: &str) -> String {
    let Some(template) = query
        .trim()
        .strip_prefix("States.Format(")
        .and_then(|rest| rest.trim_start().strip_prefix('\''))
    else {
        return String::new();
    };
    let end = template.find(['{', '\'', '\\']).unwrap_or(template.len());
    template[..end].to_owned()
}

/// An expression that is a text, or starts with one that more is joined to.
fn jsonata(expression: &str) -> Given {
    let code = expression
        .trim_start_matches("{%")
        .trim_end_matches("%}")
        .trim();
    let unknown = || Given::Unknown {
        start: String::new(),
    };
    let Some(quote) = code.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return unknown();
    };
    let Some((text, rest)) = code[1..].split_once(quote) else {
        return unknown();
    };
    let rest = rest.trim_start();
    match rest.chars().next() {
        _ if text.contains('\\') => unknown(),
        None => Given::Text(text.to_owned()),
        Some('&') => Given::Unknown {
            start: text.to_owned(),
        },
        Some(_) => unknown(),
    }
}

/// How the end of a call is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    RequestResponse,
    /// `.sync` and `.sync:2`.
    Sync,
    /// `.waitForTaskToken`
    TaskToken,
}

/// A call of a service's operation.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    /// Whether it is made through `aws-sdk`, and not through an integration of its own.
    pub sdk: bool,
    /// The service as the definition names it: `athena`, `sfn`.
    pub service: &'a str,
    /// The operation, with a capital: `StartQueryExecution`.
    pub operation: String,
    pub pattern: Pattern,
    pub arguments: Arguments<'a>,
    /// The state that makes it.
    pub state: &'a str,
}

impl<'a> Call<'a> {
    /// Reads `arn:aws:states:::athena:startQueryExecution.sync` and its like; `None` for the ARN
    /// of a function or an activity, and for what is no ARN.
    pub fn parse(resource: &'a str, arguments: Arguments<'a>, state: &'a str) -> Option<Self> {
        let fields: Vec<&str> = resource.splitn(6, ':').collect();
        let ["arn", _, "states" | "scheduler", _, _, rest] = fields[..] else {
            return None;
        };
        let (sdk, rest) = match rest.strip_prefix("aws-sdk:") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (service, operation) = rest.split_once(':')?;
        // `activity:NAME` is worked on by someone else, and called by nobody.
        if service == "activity" {
            return None;
        }
        let (operation, pattern) = match operation.split_once('.') {
            None => (operation, Pattern::RequestResponse),
            Some((operation, "waitForTaskToken")) => (operation, Pattern::TaskToken),
            Some((operation, _)) => (operation, Pattern::Sync),
        };
        Some(Self {
            sdk,
            service,
            operation: capitalized(operation),
            pattern,
            arguments,
            state,
        })
    }

    pub fn waits(&self) -> bool {
        self.pattern == Pattern::Sync
    }
}

pub(super) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn known(value: &Value, path: &[&str]) -> Given {
        Arguments(value).at(path)
    }

    fn unknown(start: &str) -> Given {
        Given::Unknown {
            start: start.to_owned(),
        }
    }

    #[test]
    fn a_text_is_known_as_far_as_it_does_not_come_from_the_input() {
        let arguments = json!({
            "Bucket": "data",
            "Key.$": "States.Format('films/{}.csv', $.title)",
            "Prefix.$": "$.prefix",
            "Body": "{% 'a' & $states.input.b %}",
            "Tagging": "{% 'whole' %}",
            "Acl": "{% $acl %}",
            "ResultConfiguration": {"OutputLocation": "s3://results/"},
        });
        let text = |text: &str| Given::Text(text.to_owned());
        assert_eq!(known(&arguments, &["Bucket"]), text("data"));
        assert_eq!(known(&arguments, &["Key"]), unknown("films/"));
        assert_eq!(known(&arguments, &["Prefix"]), unknown(""));
        assert_eq!(known(&arguments, &["Body"]), unknown("a"));
        assert_eq!(known(&arguments, &["Tagging"]), text("whole"));
        assert_eq!(known(&arguments, &["Acl"]), unknown(""));
        assert_eq!(
            known(&arguments, &["ResultConfiguration", "OutputLocation"]),
            text("s3://results/")
        );
        assert_eq!(known(&arguments, &["WorkGroup"]), Given::Absent);
        assert_eq!(known(&json!("{% $all %}"), &["Bucket"]), unknown(""));
    }

    #[test]
    fn a_call_is_read_from_its_resource() {
        let none = Value::Null;
        let call = |resource| Call::parse(resource, Arguments(&none), "S");
        let read = call("arn:aws:states:::aws-sdk:s3:getObject").map(|c| (c.sdk, c.operation));
        assert_eq!(read, Some((true, "GetObject".to_owned())));
        let sync = call("arn:aws:states:::states:startExecution.sync:2").map(|c| c.waits());
        assert_eq!(sync, Some(true));
        assert!(call("arn:aws:lambda:eu-west-1:1:function:f").is_none());
        assert!(call("arn:aws:states:eu-west-1:1:activity:a").is_none());
    }
}
