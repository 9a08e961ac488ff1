//! `stack.toml`: read, checked and resolved into resources.

mod diagnostic;
mod document;
mod env;
mod head;
mod inputs;
mod interpolate;
#[cfg(test)]
mod keys;
mod lifecycle;
mod local;
mod outputs;
mod reference;
mod resolve;
mod schema;
mod secrets;
#[cfg(test)]
mod tests;
pub mod types;
mod vars;
mod written;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

pub(crate) use diagnostic::nearest;
pub use diagnostic::{Diagnostic, Diagnostics, Source};
pub use document::Document;
pub use inputs::{Assignment, Inputs};
#[cfg(test)]
pub use keys::{ANEW, ANOTHER, IN_PLACE, Key, KindReference, NONE, of_every_kind, reference};
pub use local::Local;
#[cfg(feature = "local")]
pub use local::LocalCommand;
pub use outputs::StackOutput;
pub use schema::json_schema;
pub use secrets::{HIDDEN, Secrets};

use crate::engine::Lifecycle;
use crate::resource::{Address, Resource, Scope};

/// A stack whose references are resolved and whose resources are valid.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    pub name: String,
    /// The env that was chosen.
    pub env: Option<String>,
    pub scope: Scope,
    pub resources: Vec<Declared>,
    /// In the file's order.
    pub outputs: Vec<StackOutput>,
    /// What the embedded cloud has beside what the stack makes there.
    pub local: Local,
    /// What is to be warned of its resources.
    pub doubts: Vec<Diagnostic>,
    /// What nobody is to be shown.
    pub secrets: Secrets,
    pub source: Arc<Source>,
}

/// A resource and its place.
#[derive(Debug, Clone)]
pub struct Declared {
    pub resource: Arc<dyn Resource>,
    /// Its table's header in `stack.toml`; that of its owner if it is derived.
    pub span: Range<usize>,
    pub depends_on: BTreeSet<Address>,
    /// How it may come and go; a derived resource has its owner's.
    pub lifecycle: Lifecycle,
}

impl Stack {
    /// The resource at this address.
    pub fn get(&self, address: &Address) -> Option<&Declared> {
        self.resources
            .iter()
            .find(|declared| declared.resource.address() == address)
    }

    /// The resources that stack.toml has a table for, of one kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Declared> {
        self.resources.iter().filter(move |declared| {
            let address = declared.resource.address();
            address.kind == kind && address.part.is_none()
        })
    }

    /// The file that it is of, with the env that was chosen.
    pub fn document(&self) -> Option<Document> {
        let document = Document::parse(self.source.as_ref().clone()).ok()?;
        let inputs = Inputs {
            env: self.env.clone(),
            ..Inputs::default()
        };
        document.with(inputs).ok()
    }

    /// A text from outside of stack.toml with the values of its references; none if one of them is
    /// not known, as those to `[vars]` are not once a stack is resolved.
    pub fn fill_in(&self, text: &str) -> Option<String> {
        reference::plain(text, |path| match path {
            ["stack", "name"] => Some(self.name.clone()),
            ["stack", "env"] => self.env.clone(),
            ["aws", "account_id"] => Some(self.scope.account_id.clone()),
            ["aws", "region"] => Some(self.scope.region.clone()),
            ["env", name] => std::env::var(name).ok(),
            [kind, id] | [kind, id, "name"] => {
                let found = self.get(&Address::new(kind, id))?;
                Some(found.resource.name().to_owned())
            }
            [kind, id, attribute] => {
                let found = self.get(&Address::new(kind, id))?;
                found.resource.attribute(attribute)
            }
            _ => None,
        })
    }
}
