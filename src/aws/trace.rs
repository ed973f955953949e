//! What `-v` and `--log-file` show of calls to AWS: one event for each attempt, never headers or bodies.

use std::time::Instant;

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef},
            dyn_dispatch_hint,
        },
        orchestrator::Metadata,
        retries::RequestAttempts,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use crate::connection::Region;

/// Logs each attempt of a call in one region.
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

#[dyn_dispatch_hint]
impl Intercept for Trace {
    fn name(&self) -> &'static str {
        "Trace"
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
