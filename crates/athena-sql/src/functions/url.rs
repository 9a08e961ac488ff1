//! Parts of URLs (<https://trino.io/docs/current/functions/url.html>), cut as RFC 3986 has them;
//! what is no URL has no parts.

use super::{Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        scalar("url_extract_protocol(varchar) -> varchar", |_, a| {
            Ok(text(
                Url::parse(a[0].as_str()).map(|u| u.scheme.unwrap_or_default().to_owned()),
            ))
        }),
        scalar("url_extract_host(varchar) -> varchar", |_, a| {
            Ok(text(
                Url::parse(a[0].as_str()).map(|u| u.host.unwrap_or_default().to_owned()),
            ))
        }),
        scalar("url_extract_port(varchar) -> bigint", |_, a| {
            let port = Url::parse(a[0].as_str()).and_then(|u| u.port?.parse().ok());
            Ok(port.map_or(Value::Null, Value::Integer))
        }),
        scalar("url_extract_path(varchar) -> varchar", |_, a| {
            Ok(text(
                Url::parse(a[0].as_str()).and_then(|u| decode(u.path, false)),
            ))
        }),
        scalar("url_extract_query(varchar) -> varchar", |_, a| {
            Ok(text(
                Url::parse(a[0].as_str()).and_then(|u| decode(u.query.unwrap_or_default(), false)),
            ))
        }),
        scalar("url_extract_fragment(varchar) -> varchar", |_, a| {
            Ok(text(Url::parse(a[0].as_str()).and_then(|u| {
                decode(u.fragment.unwrap_or_default(), false)
            })))
        }),
        scalar(
            "url_extract_parameter(varchar, varchar) -> varchar",
            |_, a| {
                let value =
                    Url::parse(a[0].as_str()).and_then(|u| parameter(u.query?, a[1].as_str()));
                Ok(text(value))
            },
        ),
        scalar("url_encode(varchar) -> varchar", |_, a| {
            Ok(Value::text(encode(a[0].as_str())))
        })
        .returns(super::string::varchar),
        scalar("url_decode(varchar) -> varchar", |_, a| {
            url_decode(a[0].as_str())
        }),
    ]
}

fn text(part: Option<String>) -> Value {
    part.map_or(Value::Null, Value::text)
}

struct Url<'a> {
    scheme: Option<&'a str>,
    host: Option<&'a str>,
    port: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Url<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text.contains(|c: char| {
            c.is_control()
                || c.is_whitespace()
                || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
        }) {
            return None;
        }
        let split = |text: &'a str, at: char| match text.split_once(at) {
            Some((before, after)) => (before, Some(after)),
            None => (text, None),
        };
        let (rest, fragment) = split(text, '#');
        if fragment.is_some_and(|f| f.contains('#')) {
            return None;
        }
        let (rest, query) = split(rest, '?');
        let (scheme, rest) = match rest.split_once(':') {
            Some((scheme, rest)) if !scheme.contains('/') => {
                if !is_scheme(scheme) || (rest.is_empty() && query.is_none()) {
                    return None;
                }
                (Some(scheme), rest)
            }
            _ => (None, rest),
        };
        let mut url = Self {
            scheme,
            host: None,
            port: None,
            path: rest,
            query,
            fragment,
        };
        if let Some(after) = rest.strip_prefix("//") {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, path) = after.split_at(end);
            url.path = path;
            let server = authority
                .rsplit_once('@')
                .map_or(authority, |(_, server)| server);
            let bracketed = server.rfind(']').map_or(0, |i| i + 1);
            (url.host, url.port) = match server[bracketed..].find(':') {
                Some(i) => (
                    Some(&server[..bracketed + i]),
                    Some(&server[bracketed + i + 1..]),
                ),
                None => (Some(server), None),
            };
        }
        well_escaped(text).then_some(url)
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// Whether every `%` begins two hexadecimal digits.
fn well_escaped(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes();
        digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)
    })
}

/// The value of the first parameter of that name; empty where it has none.
fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key, false)? == name).then(|| decode(value, false))?
    })
}

/// As HTML forms are encoded: a blank is `+`.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' | b'*' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn url_decode(text: &str) -> Result<Value, Error> {
    decode(text, true).map(Value::text).ok_or_else(|| {
        invalid_argument(format!(
            "URLDecoder: Illegal hex characters in escape (%) pattern - {text}"
        ))
    })
}

/// `%xx` as bytes of UTF-8; with `form`, `+` as a blank.
fn decode(text: &str, form: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            b'+' if form => bytes.push(b' '),
            other => bytes.push(*other),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_its_parts() {
        let url = Url::parse("http://user@example.com:8080/a%20b?k=v#Ref1").expect("a URL");
        assert_eq!(url.scheme, Some("http"));
        assert_eq!(url.host, Some("example.com"));
        assert_eq!(url.port, Some("8080"));
        assert_eq!(decode(url.path, false).as_deref(), Some("/a b"));
        assert_eq!(url.query, Some("k=v"));
        assert_eq!(url.fragment, Some("Ref1"));
    }

    #[test]
    fn what_is_no_url_has_no_parts() {
        assert!(Url::parse("http://not a url").is_none());
        assert!(Url::parse("http://a/%zz").is_none());
    }

    #[test]
    fn encoding_reads_back() {
        let text = "http://a b/ü?x=1&y=*";
        assert_eq!(decode(&encode(text), true).as_deref(), Some(text));
    }
}
