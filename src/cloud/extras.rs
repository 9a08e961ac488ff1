//! What the embedded cloud has beside its store: commands that it calls, and mocks of a test.

use asl::Mocks;

use crate::mocks;
use crate::stack::{Local, Stack};

/// What the embedded cloud has beside its store. Another target has none of it.
#[derive(Debug, Clone, Default)]
#[cfg_attr(
    not(feature = "local"),
    allow(dead_code, reason = "there is no embedded cloud to have it")
)]
pub struct Extras {
    /// What its state machines call, as commands.
    pub local: Local,
    pub mocks: Option<Mocks>,
    /// Who hears what the functions write to stderr; without one, that is the stderr of this process.
    #[cfg(feature = "local")]
    pub listener: Option<local_cloud::sfn::Listener>,
}

impl Extras {
    /// What a stack declares for it; the mocks may call its machines by their ids.
    pub fn of(stack: &Stack, mocks: Option<Mocks>) -> Self {
        Self {
            local: stack.local.clone(),
            mocks: mocks.map(|mocks| mocks::with_ids(mocks, stack)),
            #[cfg(feature = "local")]
            listener: None,
        }
    }

    #[cfg(feature = "local")]
    pub fn equip(self, cloud: local_cloud::Cloud) -> local_cloud::Cloud {
        let listener = self.listener;
        let command = |declared| command(declared, listener.clone());
        let functions = self.local.functions.into_iter();
        let functions = functions.map(|(name, declared)| (name, command(declared)));
        let endpoints = self.local.endpoints.into_iter().map(|(name, declared)| {
            let endpoint = local_cloud::sfn::Endpoint {
                url: declared.url,
                command: command(declared.command),
            };
            (name, endpoint)
        });
        let cloud = cloud
            .with_functions(functions.collect())
            .with_endpoints(endpoints.collect());
        match self.mocks {
            Some(mocks) => cloud.with_mocks(mocks),
            None => cloud,
        }
    }
}

#[cfg(feature = "local")]
fn command(
    declared: crate::stack::LocalCommand,
    listener: Option<local_cloud::sfn::Listener>,
) -> local_cloud::sfn::LocalCommand {
    local_cloud::sfn::LocalCommand {
        command: declared.command,
        dir: Some(declared.dir),
        environment: declared.environment,
        timeout: declared.timeout,
        listener,
    }
}
