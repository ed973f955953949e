//! What is told of calls to AWS: to people who wait, the host; to `-v` and `--log-file`, one event for each attempt, never headers
//! or bodies.

use std::time::Instant;

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
                FinalizerInterceptorContextRef,
            },
            dyn_dispatch_hint,
        },
        orchestrator::Metadata,
        retries::RequestAttempts,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{
    config_bag::{ConfigBag, Storable, StoreReplace},
    retry::RetryConfig,
};

use super::proxy::proxy_of;
use crate::{
    connection::Region,
    ui::{calls::Call, t},
};

/// Tells of each attempt of a call in one region.
#[derive(Debug)]
pub(super) struct Trace {
    pub region: Region,
}

/// When an attempt began.
#[derive(Debug)]
struct Begun(Instant);

impl Storable for Begun {
    type Storer = StoreReplace<Self>;
}

/// A call waits as long as the SDK keeps its configuration: until it has ended, or is dropped.
impl Storable for Call {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Trace {
    fn name(&self) -> &'static str {
        "Trace"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Before a host is asked, credentials may have to be fetched.
        let call = Call::begin(t!("waiting-credentials"));
        config.interceptor_state().store_put(call);
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(Begun(Instant::now()));
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(call) = config.load::<Call>() {
            let url = context.request().uri();
            let attempts = config.load::<RequestAttempts>();
            let attempt = attempts.map_or(1, RequestAttempts::attempts);
            let attempts = config.load::<RetryConfig>().map(RetryConfig::max_attempts);
            call.asks(url, proxy_of(url), attempt, attempts);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = config.load::<Metadata>();
        let response = context.response();
        let request_id = response.and_then(|response| {
            let headers = response.headers();
            let id = headers.get("x-amzn-requestid");
            id.or_else(|| headers.get("x-amz-request-id"))
        });
        let begun = config.load::<Begun>();
        let time = begun.map(|begun| begun.0.elapsed()).unwrap_or_default();
        tracing::debug!(
            service = call.map(Metadata::service),
            operation = call.map(Metadata::name),
            region = self.region.as_str(),
            attempt = config
                .load::<RequestAttempts>()
                .map(RequestAttempts::attempts),
            status = response.map(|response| response.status().as_u16()),
            ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            request_id,
            "AWS"
        );
        Ok(())
    }
}
