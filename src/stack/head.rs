//! `[stack]`: what the stack is called, and where it lives.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::reference::plain;
use super::types::{AccountId, Region};
use super::vars;

/// What the stack is called and where it lives.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StackTable {
    /// The stack's name: default names and the mark of ownership start from it. Lower case
    /// letters, digits and `-`, at most 32. `films-${stack.env}` gives every env a stack of its
    /// own.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,31}$"))]
    pub name: String,
    /// The number of the AWS account that the stack lives in. In another, nothing is done. The
    /// embedded cloud is in no account, and takes any stack.
    #[allow(dead_code, reason = "it is known before the stack is resolved")]
    pub account: Option<AccountId>,
    /// The AWS region that the stack lives in. In another, nothing is done. Without it, that of
    /// `--region` or of the AWS profile.
    #[allow(dead_code, reason = "it is known before the stack is resolved")]
    pub region: Option<Region>,
    /// Tags that everything in the stack carries.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl Document {
    /// The region under `[stack]`, if it is there and needs nothing that only a cloud knows.
    pub fn region(&self) -> Option<String> {
        self.early("region")
    }

    /// The account under `[stack]`, likewise.
    pub fn account(&self) -> Option<String> {
        self.early("account")
    }

    fn early(&self, key: &str) -> Option<String> {
        let text = self.root.get("stack")?.get(key)?.text()?;
        plain(text, |path| match path {
            ["env", name] => std::env::var(name).ok(),
            ["stack", "env"] => self.inputs.env.clone(),
            ["vars", name] => vars::early_text(self, name),
            _ => None,
        })
    }

    /// Refuses a place that the stack does not live in. `account_id` is `None` where there are no
    /// accounts.
    pub fn check_home(&self, account_id: Option<&str>, region: &str) -> Result<(), Diagnostics> {
        let places = [
            ("account", self.account(), account_id),
            ("region", self.region(), Some(region)),
        ];
        let mut found = Vec::new();
        for (key, pinned, here) in places {
            let (Some(pinned), Some(here)) = (pinned, here) else {
                continue;
            };
            if pinned == here {
                continue;
            }
            let node = self.root.get("stack").and_then(|stack| stack.get(key));
            let span = node.map_or(0..0, |node| node.span.clone());
            let stack = match &self.inputs.env {
                Some(env) => format!("the stack in the env `{env}`"),
                None => "the stack".to_owned(),
            };
            let way_out = match key {
                "account" => "use the credentials of that account: --profile NAME",
                _ => "leave out --region, or change it here",
            };
            found.push(
                Diagnostic::new(
                    span,
                    format!("this is the {key} {here}, and {stack} lives in {pinned}"),
                    "nothing was done",
                )
                .with_help(way_out),
            );
        }
        if found.is_empty() {
            Ok(())
        } else {
            Err(Diagnostics::new(self.source.clone(), found))
        }
    }
}
