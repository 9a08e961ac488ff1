//! Functions that the program around an expression gives it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::budget::Budget;
use super::error::Error;
use super::json;
use super::signature::Signature;
use super::value::Value;

/// Takes the arguments, `None` for one that is undefined or left out, and gives the result, `None`
/// for undefined.
pub type Implementation =
    dyn Fn(&[Option<serde_json::Value>]) -> Result<Option<serde_json::Value>, Error> + Send + Sync;

/// Functions of a host by their names, in front of those of JSONata.
#[derive(Default)]
pub struct Functions {
    functions: BTreeMap<String, HostEntry>,
}

pub(super) enum HostEntry {
    Function(Arc<HostFunction>),
    /// A function that is not to be had.
    Forbidden,
}

pub(super) struct HostFunction {
    pub arity: usize,
    signature: Signature,
    implementation: Box<Implementation>,
}

impl Functions {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function under a name without `$`, with a signature as in `<s-n?:s>`. Fails where
    /// the signature is none.
    pub fn register(
        &mut self,
        name: &str,
        signature: &str,
        implementation: impl Fn(
            &[Option<serde_json::Value>],
        ) -> Result<Option<serde_json::Value>, Error>
        + Send
        + Sync
        + 'static,
    ) -> Result<(), Error> {
        let signature = Signature::parse(signature).map_err(Error::finish)?;
        let function = HostFunction {
            arity: signature.arity(),
            signature,
            implementation: Box::new(implementation),
        };
        self.functions
            .insert(name.to_owned(), HostEntry::Function(Arc::new(function)));
        Ok(())
    }

    /// Takes a function of JSONata away: to call it fails as calling no function does.
    pub fn forbid(&mut self, name: &str) {
        self.functions.insert(name.to_owned(), HostEntry::Forbidden);
    }

    pub(super) fn find(&self, name: &str) -> Option<&HostEntry> {
        self.functions.get(name)
    }
}

impl HostFunction {
    pub fn call(
        &self,
        arguments: Vec<Value>,
        context: &Value,
        budget: &Budget,
    ) -> Result<Value, Error> {
        let arguments = self
            .signature
            .validate(arguments, context)?
            .iter()
            .map(|argument| match argument {
                Value::Undefined => Ok(None),
                other => json::from_value(other, budget).map(Some),
            })
            .collect::<Result<Vec<_>, _>>()?;
        match (self.implementation)(&arguments)? {
            Some(result) => json::to_value(&result, 0),
            None => Ok(Value::Undefined),
        }
    }
}
