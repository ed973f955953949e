//! An AWS for unit tests that answers what a test says, without a network.

use std::{collections::BTreeMap, fmt, sync::Arc};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;

use crate::{
    aws::{Aws, Options, SandboxAws},
    connection::Design,
};

/// What `GetCallerIdentity` answers.
const CALLER: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:root</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

/// The parameters of a call, and its body as `body` if it has one.
pub(crate) type Asked = BTreeMap<String, String>;

/// What a test answers: the status and the body; `None` to `GetCallerIdentity`.
type Answer = dyn Fn(&Asked) -> Option<(u16, String)> + Send + Sync;

#[derive(Clone)]
struct Served(Arc<Answer>);

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Served")
    }
}

impl HttpConnector for Served {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let url = url::Url::parse(request.uri()).unwrap();
        let mut asked: Asked = url.query_pairs().into_owned().collect();
        if let Some(body) = request.body().bytes().filter(|body| !body.is_empty()) {
            asked.insert(
                "body".to_owned(),
                String::from_utf8_lossy(body).into_owned(),
            );
        }
        let (status, body) = (self.0)(&asked).unwrap_or_else(|| (200, CALLER.to_owned()));
        let status = status.try_into().unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

/// Returns clients of the design's account, to which AWS answers so.
pub(crate) async fn aws(
    design: &Design,
    answer: impl Fn(&Asked) -> Option<(u16, String)> + Send + Sync + 'static,
) -> Aws {
    let connector = SharedHttpConnector::new(Served(Arc::new(answer)));
    let sandbox = SandboxAws {
        endpoint: "http://127.0.0.1:1".to_owned(),
        account: design.account.clone(),
        secret: "secret".into(),
        role: None,
        client: Some(http_client_fn(move |_, _| connector.clone())),
    };
    let options = Options {
        sandbox: Some(sandbox),
        ..Options::default()
    };
    Aws::connect(&options).await.unwrap()
}
