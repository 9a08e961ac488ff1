//! What `http:invoke` is asked to send.

use std::collections::BTreeMap;

use asl::TaskError;
use serde_json::{Map, Value, json};
use url::Url;

use super::form::{self, ArrayFormat};
use crate::model::sfn::InspectionDataRequest;
use crate::sfn::integrations::runtime;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// The headers that a definition may not set, in lower case.
const FORBIDDEN: [&str; 32] = [
    "a-im",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-md5",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "referer",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "warning",
];

/// How the headers start that it may not set either.
const FORBIDDEN_STARTS: [&str; 3] = ["x-amz-", "x-amzn-", "x-forwarded-"];

/// A request as it goes to the API.
#[derive(Debug)]
pub(super) struct Request {
    pub url: String,
    /// `https://HOST`, or with the port where it is another one.
    pub origin: String,
    pub method: String,
    /// The ARN of the connection of EventBridge.
    pub connection: String,
    headers: BTreeMap<String, String>,
    query: Value,
    body: Value,
}

fn text<'a>(parameters: &'a Map<String, Value>, member: &str) -> Result<&'a str, TaskError> {
    match parameters.get(member) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(runtime(format!(
            "{member} of http:invoke must be a string."
        ))),
        None => Err(runtime(format!("{member} of http:invoke must be given."))),
    }
}

fn only(members: &Map<String, Value>, known: &[&str], of: &str) -> Result<(), TaskError> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(runtime(format!("{of} has no field {name}."))),
    }
}

impl Request {
    /// Reads the parameters of a task. What they must not be is `States.Runtime`.
    pub fn read(parameters: &Value, region: &str) -> Result<Self, TaskError> {
        let Value::Object(parameters) = parameters else {
            return Err(runtime(
                "The parameters of http:invoke must be an object.".to_owned(),
            ));
        };
        let known = [
            "ApiEndpoint",
            "Authentication",
            "Headers",
            "InvocationConfig",
            "Method",
            "QueryParameters",
            "RequestBody",
            "Transform",
        ];
        only(parameters, &known, "http:invoke")?;
        let url = text(parameters, "ApiEndpoint")?.to_owned();
        let host = host(&url)?;
        let method = text(parameters, "Method")?;
        if !METHODS.contains(&method) {
            return Err(runtime(format!(
                "The Method '{method}' is none of {}.",
                METHODS.join(", ")
            )));
        }
        let body = body(parameters)?;
        let mut headers = headers(parameters.get("Headers"))?;
        fixed_headers(&mut headers, &host, region, body.is_null());
        Ok(Self {
            origin: format!("https://{host}"),
            url,
            method: method.to_owned(),
            connection: connection(parameters)?,
            headers,
            query: query(parameters.get("QueryParameters"))?,
            body,
        })
    }

    /// What the command of an endpoint reads.
    pub fn document(&self) -> Value {
        json!({
            "ApiEndpoint": self.url,
            "Method": self.method,
            "Headers": self.headers,
            "QueryParameters": self.query,
            "RequestBody": self.body,
        })
    }

    /// What who tests a task is shown.
    ///
    /// Source: "TRACE" in "Using TestState API to test a state", AWS Step Functions developer guide:
    /// the headers of the definition, then two of Step Functions' own.
    pub fn inspected(&self) -> InspectionDataRequest {
        let is_own = |name: &str| ["Content-Type", "Host", "Range", "User-Agent"].contains(&name);
        let given = self.headers.iter().filter(|(name, _)| !is_own(name));
        let own = ["User-Agent", "Range"]
            .into_iter()
            .filter_map(|name| self.headers.get_key_value(name));
        let headers: Vec<String> = given
            .chain(own)
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        InspectionDataRequest {
            protocol: Some("https".to_owned()),
            method: Some(self.method.clone()),
            url: Some(self.whole_url()),
            headers: Some(format!("[{}]", headers.join(", "))),
            body: match &self.body {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                document => Some(document.to_string()),
            },
        }
    }

    /// The URL with the query parameters.
    fn whole_url(&self) -> String {
        let query = match &self.query {
            Value::Null => return self.url.clone(),
            Value::Object(members) => form::encode(members, ArrayFormat::Repeat),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let sign = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{sign}{query}", self.url)
    }

    /// The ARN of the secret in which EventBridge keeps what the connection knows, as far as it
    /// can be told from the connection's.
    pub fn secret(&self) -> String {
        let secret = self.connection.replacen(":events:", ":secretsmanager:", 1);
        secret.replacen(":connection/", ":secret:events!connection/", 1)
    }
}

/// The host of an address of HTTPS, and its port if that is not the usual one.
fn host(url: &str) -> Result<String, TaskError> {
    let parsed = Url::parse(url).ok().filter(|url| url.scheme() == "https");
    let host = parsed.as_ref().and_then(Url::host_str);
    let (Some(parsed), Some(host)) = (&parsed, host) else {
        return Err(runtime(format!(
            "The ApiEndpoint '{url}' is no URL of HTTPS."
        )));
    };
    Ok(match parsed.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// The ARN of the connection, which one of two fields names.
fn connection(parameters: &Map<String, Value>) -> Result<String, TaskError> {
    let fields = ["Authentication", "InvocationConfig"];
    let given: Vec<(&str, &Value)> = fields
        .into_iter()
        .filter_map(|field| Some((field, parameters.get(field)?)))
        .collect();
    let [(field, config)] = given[..] else {
        return Err(runtime(
            "http:invoke must have either Authentication or InvocationConfig, with a ConnectionArn."
                .to_owned(),
        ));
    };
    let arn = config.get("ConnectionArn").and_then(Value::as_str);
    let Some(arn) = arn else {
        return Err(runtime(format!(
            "{field} of http:invoke must have a ConnectionArn."
        )));
    };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "events", _, _, name] if name.starts_with("connection/") => Ok(arn.to_owned()),
        _ => Err(runtime(format!(
            "The ConnectionArn '{arn}' is no ARN of a connection of EventBridge."
        ))),
    }
}

/// The headers that the definition sets.
fn headers(given: Option<&Value>) -> Result<BTreeMap<String, String>, TaskError> {
    let members = match given {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(members)) => members,
        Some(_) => {
            return Err(runtime(
                "Headers of http:invoke must be an object.".to_owned(),
            ));
        }
    };
    let mut headers = BTreeMap::new();
    for (name, value) in members {
        let lower = name.to_ascii_lowercase();
        let starts = FORBIDDEN_STARTS
            .iter()
            .any(|start| lower.starts_with(start));
        if starts || FORBIDDEN.contains(&lower.as_str()) {
            return Err(runtime(format!(
                "The header {name} can not be set by http:invoke."
            )));
        }
        let value = header(value)
            .ok_or_else(|| runtime(format!("The header {name} must be a string, or strings.")))?;
        headers.insert(name.clone(), value);
    }
    Ok(headers)
}

/// A header's value; several are joined as they are in HTTP.
fn header(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(values) => {
            let texts: Option<Vec<String>> = values
                .iter()
                .map(|value| value.as_str().map(ToOwned::to_owned))
                .collect();
            texts.map(|texts| texts.join(", "))
        }
        _ => None,
    }
}

/// Sets the headers that are Step Functions' own, and the type of a body that is not told.
fn fixed_headers(
    headers: &mut BTreeMap<String, String>,
    host: &str,
    region: &str,
    is_without_body: bool,
) {
    let is_fixed =
        |name: &str| ["user-agent", "range"].contains(&name.to_ascii_lowercase().as_str());
    headers.retain(|name, _| !is_fixed(name));
    let mut set = |name: &str, value: String| headers.insert(name.to_owned(), value);
    set("Host", host.to_owned());
    set("Range", "bytes=0-262144".to_owned());
    set(
        "User-Agent",
        format!("Amazon|StepFunctions|HttpInvoke|{region}"),
    );
    let has_type = headers
        .keys()
        .any(|name| name.eq_ignore_ascii_case("content-type"));
    if !has_type && !is_without_body {
        let json = "application/json; charset=UTF-8".to_owned();
        headers.insert("Content-Type".to_owned(), json);
    }
}

fn query(given: Option<&Value>) -> Result<Value, TaskError> {
    match given {
        None => Ok(Value::Null),
        Some(Value::Number(_) | Value::Bool(_)) => Err(runtime(
            "QueryParameters of http:invoke must be a string, an array or an object.".to_owned(),
        )),
        Some(query) => Ok(query.clone()),
    }
}

/// The body as it is sent: the JSON of `RequestBody`, or the text of a form that `Transform` makes
/// of it; null where there is none.
fn body(parameters: &Map<String, Value>) -> Result<Value, TaskError> {
    let body = parameters.get("RequestBody").cloned().unwrap_or_default();
    let Some(transform) = parameters.get("Transform") else {
        return Ok(body);
    };
    let Value::Object(transform) = transform else {
        return Err(runtime(
            "Transform of http:invoke must be an object.".to_owned(),
        ));
    };
    let fields = ["RequestBodyEncoding", "RequestEncodingOptions"];
    only(transform, &fields, "Transform")?;
    let format = match transform.get("RequestEncodingOptions") {
        None => ArrayFormat::Indices,
        Some(Value::Object(options)) => {
            only(options, &["ArrayFormat"], "RequestEncodingOptions")?;
            options
                .get("ArrayFormat")
                .map_or(Ok(ArrayFormat::Indices), ArrayFormat::read)?
        }
        Some(_) => {
            return Err(runtime(
                "RequestEncodingOptions must be an object.".to_owned(),
            ));
        }
    };
    match transform.get("RequestBodyEncoding").map(Value::as_str) {
        None | Some(Some("NONE")) => Ok(body),
        Some(Some("URL_ENCODED")) => match body {
            Value::Null | Value::String(_) => Ok(body),
            Value::Object(members) => Ok(Value::String(form::encode(&members, format))),
            _ => Err(runtime(
                "A RequestBody must be an object to be URL-encoded.".to_owned(),
            )),
        },
        Some(_) => Err(runtime(
            "RequestBodyEncoding must be NONE or URL_ENCODED.".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTION: &str = "arn:aws:events:eu-west-1:000000000000:connection/films/7";

    /// The least that a request has, with other members over it; null takes one away.
    fn parameters(other: &Value) -> Value {
        let mut parameters = json!({
            "ApiEndpoint": "https://api.example.com/films",
            "Method": "POST",
            "InvocationConfig": {"ConnectionArn": CONNECTION},
        });
        for (name, value) in other.as_object().unwrap() {
            if value.is_null() {
                parameters.as_object_mut().unwrap().remove(name);
            } else {
                parameters[name] = value.clone();
            }
        }
        parameters
    }

    fn sent(other: &Value) -> Value {
        let request = Request::read(&parameters(other), "eu-west-1");
        request.unwrap().document()
    }

    fn refused(other: &Value) -> String {
        let error = Request::read(&parameters(other), "eu-west-1").unwrap_err();
        assert_eq!(error.error, "States.Runtime");
        error.cause
    }

    #[test]
    fn step_functions_sets_headers_of_its_own() {
        let sent = sent(&json!({
            "Headers": {"user-agent": "mine", "X-Tags": ["a", "b"], "Depth": 1},
            "RequestBody": {"title": "M"}}));
        let headers = json!({
            "Content-Type": "application/json; charset=UTF-8",
            "Depth": "1",
            "Host": "api.example.com",
            "Range": "bytes=0-262144",
            "User-Agent": "Amazon|StepFunctions|HttpInvoke|eu-west-1",
            "X-Tags": "a, b"});
        assert_eq!(sent["Headers"], headers);
        assert_eq!(sent["RequestBody"], json!({"title": "M"}));
    }

    #[test]
    fn a_request_without_a_body_has_no_type() {
        let sent = sent(&json!({"Method": "GET", "QueryParameters": {"page": 2}}));
        assert_eq!(sent["Headers"].get("Content-Type"), None);
        assert_eq!(sent["QueryParameters"], json!({"page": 2}));
        assert_eq!(sent["RequestBody"], Value::Null);
    }

    #[test]
    fn a_body_can_be_a_form() {
        let form = |options: Value| {
            let mut transform = json!({"RequestBodyEncoding": "URL_ENCODED"});
            if !options.is_null() {
                transform["RequestEncodingOptions"] = options;
            }
            let sent = sent(&json!({
                "RequestBody": {"array": ["a", "b"]}, "Transform": transform,
                "Headers": {"content-type": "application/x-www-form-urlencoded"}}));
            assert_eq!(sent["Headers"].get("Content-Type"), None);
            sent["RequestBody"].clone()
        };
        assert_eq!(form(Value::Null), "array%5B0%5D=a&array%5B1%5D=b");
        assert_eq!(form(json!({"ArrayFormat": "REPEAT"})), "array=a&array=b");
        let untouched = sent(&json!({
            "RequestBody": {"a": 1}, "Transform": {"RequestBodyEncoding": "NONE"}}));
        assert_eq!(untouched["RequestBody"], json!({"a": 1}));
    }

    #[test]
    fn what_a_request_must_not_be_is_said() {
        let arn = json!({"ConnectionArn": CONNECTION});
        for (other, told) in [
            (
                json!({"ApiEndpoint": null}),
                "ApiEndpoint of http:invoke must be given",
            ),
            (
                json!({"ApiEndpoint": "http://example.com"}),
                "is no URL of HTTPS",
            ),
            (json!({"ApiEndpoint": "films"}), "is no URL of HTTPS"),
            (json!({"Method": "TRACE"}), "is none of GET, POST"),
            (
                json!({"InvocationConfig": null}),
                "either Authentication or InvocationConfig",
            ),
            (
                json!({"Authentication": arn}),
                "either Authentication or InvocationConfig",
            ),
            (json!({"InvocationConfig": {}}), "must have a ConnectionArn"),
            (
                json!({"InvocationConfig": {"ConnectionArn": "films"}}),
                "is no ARN of a connection",
            ),
            (
                json!({"Headers": {"Authorization": "x"}}),
                "The header Authorization can not be set",
            ),
            (
                json!({"Headers": {"X-Amz-Date": "x"}}),
                "The header X-Amz-Date can not be set",
            ),
            (
                json!({"Headers": {"Depth": {}}}),
                "must be a string, or strings",
            ),
            (
                json!({"Headers": []}),
                "Headers of http:invoke must be an object",
            ),
            (
                json!({"QueryParameters": 1}),
                "QueryParameters of http:invoke must be",
            ),
            (
                json!({"Transform": {"RequestBodyEncoding": "GZIP"}}),
                "must be NONE or URL_ENCODED",
            ),
            (
                json!({"Transform": {"Encoding": "NONE"}}),
                "Transform has no field Encoding",
            ),
            (json!({"Body": 1}), "http:invoke has no field Body"),
        ] {
            let cause = refused(&other);
            assert!(cause.contains(told), "{other}: {cause}");
        }
        let list = json!({"RequestBody": [1], "Transform": {"RequestBodyEncoding": "URL_ENCODED"}});
        assert!(refused(&list).contains("must be an object to be URL-encoded"));
    }

    #[test]
    fn a_connection_has_a_secret() {
        let request = Request::read(&parameters(&json!({})), "eu-west-1").unwrap();
        assert_eq!(
            request.secret(),
            "arn:aws:secretsmanager:eu-west-1:000000000000:secret:events!connection/films/7"
        );
    }
}
