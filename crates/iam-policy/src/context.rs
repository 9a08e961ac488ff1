//! What is known of a request.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};

/// The condition keys of a request and their values. Names are without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// Gives a key its one value.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.0.insert(key.to_ascii_lowercase(), vec![value.into()]);
    }

    /// Sets what every request has: when it is made, how, and in which region of which account.
    ///
    /// Source: IAM User Guide, "AWS global condition context keys".
    pub fn set_request(&mut self, account: &str, region: &str, at: DateTime<Utc>) {
        let time = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        self.set("aws:CurrentTime", time);
        self.set("aws:EpochTime", at.timestamp().to_string());
        self.set("aws:RequestedRegion", region);
        self.set("aws:SecureTransport", "true");
        self.set("aws:ResourceAccount", account);
    }

    /// Sets what a service says of what it works for when it takes a role: the ARN of a resource in
    /// this account, and the name of the session.
    pub fn set_source(&mut self, account: &str, arn: &str, session: &str) {
        self.set("aws:SourceAccount", account);
        self.set("aws:SourceArn", arn);
        self.set("sts:RoleSessionName", session);
    }

    /// Gives a key several values.
    pub fn set_all(&mut self, key: &str, values: Vec<String>) {
        self.0.insert(key.to_ascii_lowercase(), values);
    }

    /// Every key, in lower case, with its values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_slice()))
    }

    /// The values of a key.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }
}
