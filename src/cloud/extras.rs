//! What the embedded cloud has beside its store: functions, and mocks of a test.

use std::collections::BTreeMap;

use asl::Mocks;

use crate::mocks;
use crate::stack::{LocalFunction, Stack};

/// What the embedded cloud has beside its store. Another target has none of it.
#[derive(Debug, Clone, Default)]
#[cfg_attr(
    not(feature = "local"),
    allow(dead_code, reason = "there is no embedded cloud to have it")
)]
pub struct Extras {
    /// Lambda functions that are commands, by their names.
    pub functions: BTreeMap<String, LocalFunction>,
    pub mocks: Option<Mocks>,
    /// Who hears what the functions write to stderr; without one, that is the stderr of this process.
    #[cfg(feature = "local")]
    pub listener: Option<local_cloud::sfn::Listener>,
}

impl Extras {
    /// What a stack declares for it; the mocks may call its machines by their ids.
    pub fn of(stack: &Stack, mocks: Option<Mocks>) -> Self {
        Self {
            functions: stack.functions.clone(),
            mocks: mocks.map(|mocks| mocks::with_ids(mocks, stack)),
            #[cfg(feature = "local")]
            listener: None,
        }
    }

    #[cfg(feature = "local")]
    pub fn equip(self, mut cloud: local_cloud::Cloud) -> local_cloud::Cloud {
        let listener = self.listener;
        let functions = self.functions.into_iter();
        let functions = functions.map(|(name, f)| (name, function(f, listener.clone())));
        cloud = cloud.with_functions(functions.collect());
        match self.mocks {
            Some(mocks) => cloud.with_mocks(mocks),
            None => cloud,
        }
    }
}

#[cfg(feature = "local")]
fn function(
    declared: LocalFunction,
    listener: Option<local_cloud::sfn::Listener>,
) -> local_cloud::sfn::Function {
    local_cloud::sfn::Function {
        command: declared.command,
        dir: Some(declared.dir),
        environment: declared.environment,
        timeout: declared.timeout,
        listener,
    }
}
