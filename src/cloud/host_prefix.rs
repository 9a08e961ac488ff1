//! The prefix that an operation's host has on AWS, `sync-` of `StartSyncExecution` and `TestState`.
//!
//! The AWS SDK for Rust puts it before the host of any endpoint, and does not heed
//! `AWS_DISABLE_HOST_PREFIX_INJECTION` ("Host prefix injection" in the AWS SDKs and Tools Reference
//! Guide): `sync-127.0.0.1` is nobody's name.

use aws_sdk_sfn::config::endpoint::Params;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::endpoint::{EndpointPrefix, EndpointResolverParams};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::is_of_aws;

/// Leaves the prefix of Step Functions out of calls to an endpoint that is not AWS's, whether an
/// argument, the environment or the profile names it.
#[derive(Debug)]
pub(super) struct NoHostPrefix;

impl Intercept for NoHostPrefix {
    fn name(&self) -> &'static str {
        "NoHostPrefix"
    }

    // The operation has put the prefix there in the hook before.
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_elsewhere = config
            .load::<EndpointResolverParams>()
            .and_then(|resolver| resolver.get::<Params>())
            .and_then(Params::endpoint)
            .is_some_and(|url| !is_of_aws(url));
        if is_elsewhere {
            config.interceptor_state().unset::<EndpointPrefix>();
        }
        Ok(())
    }
}
