//! HTTPS endpoints that are commands of this machine: the request goes in, the response comes out.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::commands::LocalCommand;

/// An endpoint. Its name is the key that it is kept under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The URLs that it answers: `*` and `?` stand for what they do in IAM's condition
    /// `states:HTTPEndpoint`.
    pub url: String,
    /// It reads the request as a JSON object from stdin and writes the response as one to stdout.
    pub command: LocalCommand,
}

/// Whether an endpoint for `pattern` answers a URL.
pub fn answers(pattern: &str, url: &str) -> bool {
    iam_policy::covers(pattern, url)
}

/// The endpoint that answers a URL; of several the one with the longest pattern.
pub(super) fn find<'a>(
    endpoints: &'a BTreeMap<String, Endpoint>,
    url: &str,
) -> Option<(&'a str, &'a Endpoint)> {
    endpoints
        .iter()
        .filter(|(_, endpoint)| answers(&endpoint.url, url))
        .max_by_key(|(name, endpoint)| (endpoint.url.len(), Reverse(*name)))
        .map(|(name, endpoint)| (name.as_str(), endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pattern_answers() {
        let endpoint = |url: &str| Endpoint {
            url: url.to_owned(),
            command: LocalCommand::new("cat"),
        };
        let endpoints = BTreeMap::from([
            ("all".to_owned(), endpoint("https://api.example.com/*")),
            (
                "films".to_owned(),
                endpoint("https://api.example.com/films/*"),
            ),
            (
                "one".to_owned(),
                endpoint("https://other.example.com/films/?"),
            ),
        ]);
        let name = |url: &str| find(&endpoints, url).map(|(name, _)| name);
        assert_eq!(name("https://api.example.com/films/7"), Some("films"));
        assert_eq!(name("https://api.example.com/songs?page=2"), Some("all"));
        assert_eq!(name("https://other.example.com/films/7"), Some("one"));
        assert_eq!(name("https://other.example.com/films/77"), None);
        assert_eq!(name("http://api.example.com/films/7"), None);
    }
}
