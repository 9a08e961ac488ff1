//! Signature Version 4 of requests in the JSON and query protocols (S3's is checked by s3s).
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::error::ServiceError;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// What an `Authorization` header says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub access_key: String,
    pub date: String,
    pub region: String,
    pub service: String,
    pub headers: Vec<String>,
    pub signature: String,
}

impl Signed {
    pub(crate) fn parse(header: &str) -> Result<Self, ServiceError> {
        let malformed = || {
            ServiceError::new(
                "IncompleteSignature",
                format!(
                    "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters. Authorization={header}"
                ),
            )
        };
        let fields = header
            .strip_prefix("AWS4-HMAC-SHA256")
            .ok_or_else(malformed)?;
        let (mut credential, mut headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            match field.trim().split_once('=') {
                Some(("Credential", v)) => credential = Some(v),
                Some(("SignedHeaders", v)) => headers = Some(v),
                Some(("Signature", v)) => signature = Some(v),
                _ => {}
            }
        }
        let scope: Vec<&str> = credential.ok_or_else(malformed)?.split('/').collect();
        let [access_key, date, region, service, "aws4_request"] = scope[..] else {
            return Err(malformed());
        };
        Ok(Self {
            access_key: access_key.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            headers: headers
                .ok_or_else(malformed)?
                .split(';')
                .map(str::to_owned)
                .collect(),
            signature: signature.ok_or_else(malformed)?.to_owned(),
        })
    }
}

/// Checks that the request was signed with `secret`.
pub(crate) fn verify(
    signed: &Signed,
    secret: &str,
    parts: &Parts,
    body: &[u8],
) -> Result<(), ServiceError> {
    let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok());
    let time = header("x-amz-date").unwrap_or_default();
    let mut canonical = format!(
        "{}\n{}\n{}\n",
        parts.method,
        utf8_percent_encode(parts.uri.path(), PATH),
        canonical_query(parts.uri.query().unwrap_or_default()),
    );
    for name in &signed.headers {
        let values: Vec<String> = parts
            .headers
            .get_all(name.as_str())
            .iter()
            .filter_map(|v| v.to_str().ok())
            .map(|v| v.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        canonical.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    canonical.push_str(&format!(
        "\n{}\n{}",
        signed.headers.join(";"),
        hex::encode(Sha256::digest(body))
    ));
    let scope = format!(
        "{}/{}/{}/aws4_request",
        signed.date, signed.region, signed.service
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        hex::encode(Sha256::digest(canonical.as_bytes()))
    );
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [
        &signed.date,
        &signed.region,
        &signed.service,
        "aws4_request",
    ] {
        key = mac(&key, part.as_bytes());
    }
    if hex::encode(mac(&key, to_sign.as_bytes())) == signed.signature {
        Ok(())
    } else {
        Err(ServiceError::new(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
        )
        .with_status(403))
    }
}

fn mac(key: &[u8], data: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .map(|(k, v)| {
            (
                utf8_percent_encode(&k, UNRESERVED).to_string(),
                utf8_percent_encode(&v, UNRESERVED).to_string(),
            )
        })
        .collect();
    pairs.sort();
    pairs
        .into_iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect::<Vec<_>>()
        .join("&")
}
