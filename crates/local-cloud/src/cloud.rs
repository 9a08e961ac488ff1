//! The embedded cloud: one value that everything hangs on.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde_json::Value;
use tokio::sync::Notify;

use crate::caller::{ACCOUNT, Caller};
use crate::chaos::{Broken, Chaos};
use crate::connector::InProcess;
use crate::error::ServiceError;
use crate::store::{OpenError, Store};
use crate::{athena, glue, iam, logs, router, s3, scheduler, sfn, sts};

/// The services of the JSON and query protocols; S3 has its own.
pub(crate) static SERVICES: &[&crate::service::Service] = &[
    &glue::SERVICE,
    &athena::SERVICE,
    &sfn::SERVICE,
    &iam::SERVICE,
    &sts::SERVICE,
    &scheduler::SERVICE,
    &logs::SERVICE,
];

/// An open embedded cloud; clones share it.
#[derive(Clone)]
pub struct Cloud {
    inner: Arc<Inner>,
    chaos: Option<Arc<Chaos>>,
    functions: Arc<BTreeMap<String, sfn::LocalCommand>>,
    endpoints: Arc<BTreeMap<String, sfn::Endpoint>>,
    mocks: Option<Arc<asl::Mocks>>,
}

struct Inner {
    store: Arc<Store>,
    running: AtomicUsize,
    idle: Notify,
    policies: iam::PolicyCache,
    athena: athena::Shared,
    sfn: sfn::Shared,
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cloud")
            .field("dir", &self.inner.store.dir())
            .finish_non_exhaustive()
    }
}

impl Cloud {
    /// Opens the cloud that is kept in `dir`, or founds it there.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let store = Store::open(
            dir,
            &[
                s3::SCHEMA,
                glue::SCHEMA,
                athena::SCHEMA,
                sfn::SCHEMA,
                iam::SCHEMA,
                sts::SCHEMA,
                scheduler::SCHEMA,
                logs::SCHEMA,
            ],
        )?;
        if let Err(error) = s3::sweep(&store) {
            // It takes room, and the next to open the store tries again.
            tracing::warn!(%error, "what a killed process left cannot be removed");
        }
        Ok(Self {
            inner: Arc::new(Inner {
                store,
                running: AtomicUsize::new(0),
                idle: Notify::new(),
                policies: iam::PolicyCache::default(),
                athena: athena::Shared::default(),
                sfn: sfn::Shared::default(),
            }),
            chaos: None,
            functions: Arc::default(),
            endpoints: Arc::default(),
            mocks: None,
        })
    }

    /// The same cloud, which misbehaves towards its clients as `chaos` says.
    #[must_use]
    pub fn with_chaos(mut self, chaos: Chaos) -> Self {
        self.chaos = Some(Arc::new(chaos));
        self
    }

    /// The same cloud, whose state machines have these Lambda functions, by their names.
    #[must_use]
    pub fn with_functions(mut self, functions: BTreeMap<String, sfn::LocalCommand>) -> Self {
        self.functions = Arc::new(functions);
        self
    }

    /// The same cloud, whose state machines can call these HTTPS endpoints, by their names.
    #[must_use]
    pub fn with_endpoints(mut self, endpoints: BTreeMap<String, sfn::Endpoint>) -> Self {
        self.endpoints = Arc::new(endpoints);
        self
    }

    /// The same cloud, whose executions can be started as test cases of a mock configuration:
    /// StartExecution and StartSyncExecution take `STATE_MACHINE_ARN#TEST_CASE`.
    #[must_use]
    pub fn with_mocks(mut self, mocks: asl::Mocks) -> Self {
        self.mocks = Some(Arc::new(mocks));
        self
    }

    /// The same cloud, whose GetExecutionHistory also has the last executions of EXPRESS machines that
    /// ran in this process. AWS has it of none.
    #[must_use]
    pub fn keeping_express_histories(self) -> Self {
        self.inner.sfn.keep_express_histories();
        self
    }

    pub(crate) fn functions(&self) -> &BTreeMap<String, sfn::LocalCommand> {
        &self.functions
    }

    pub(crate) fn endpoints(&self) -> &BTreeMap<String, sfn::Endpoint> {
        &self.endpoints
    }

    pub(crate) fn mocks(&self) -> Option<&asl::Mocks> {
        self.mocks.as_deref()
    }

    /// What Step Functions keeps in memory.
    pub(crate) fn sfn(&self) -> &sfn::Shared {
        &self.inner.sfn
    }

    /// Answers a client's request, or breaks its connection.
    pub(crate) async fn answer(
        &self,
        request: http::Request<s3s::Body>,
    ) -> Result<http::Response<s3s::Body>, Broken> {
        match &self.chaos {
            Some(chaos) => Box::pin(chaos.call(self, request)).await,
            None => Ok(router::call(self, request).await),
        }
    }

    /// An HTTP client for the AWS SDK whose requests are answered here, without a socket.
    pub fn http_client(&self) -> SharedHttpClient {
        InProcess::client(self.clone())
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The one account there is.
    pub fn account(&self) -> &'static str {
        ACCOUNT
    }

    /// The parsed policies of roles.
    pub(crate) fn policies(&self) -> &iam::PolicyCache {
        &self.inner.policies
    }

    /// The queries that run in this process, and the engines under them.
    pub(crate) fn athena(&self) -> &athena::Shared {
        &self.inner.athena
    }

    /// Runs work that outlasts the call which asked for it; [`Cloud::wait_idle`] waits for it.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        /// Counts down also when the work panics.
        struct Running(Arc<Inner>);
        impl Drop for Running {
            fn drop(&mut self) {
                if self.0.running.fetch_sub(1, Ordering::SeqCst) == 1 {
                    self.0.idle.notify_waiters();
                }
            }
        }
        self.inner.running.fetch_add(1, Ordering::SeqCst);
        let running = Running(self.inner.clone());
        tokio::spawn(async move {
            work.await;
            drop(running);
        });
    }

    /// Waits until no work is running in the background of this process.
    pub async fn wait_idle(&self) {
        loop {
            let idle = self.inner.idle.notified();
            if self.inner.running.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Calls an operation by name, with its members under the API's own names: the way in for
    /// the tasks of state machines. `service` is the name in IAM actions, or the SDK's (`sfn`).
    pub async fn invoke(
        &self,
        caller: &Caller,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, ServiceError> {
        if service == "s3" {
            return Box::pin(s3::invoke(self, caller, operation, input)).await;
        }
        let name = if service == "sfn" { "states" } else { service };
        match SERVICES.iter().find(|s| s.name == name) {
            Some(found) => found.call(self, caller, operation, input).await,
            None => Err(ServiceError::not_supported(service, operation)),
        }
    }
}
