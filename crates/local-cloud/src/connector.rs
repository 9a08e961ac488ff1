//! The AWS SDK's HTTP client, answered in process.

use std::fmt;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http::header::HOST;

use crate::cloud::Cloud;

#[derive(Clone)]
pub(crate) struct InProcess {
    cloud: Cloud,
}

impl InProcess {
    pub(crate) fn client(cloud: Cloud) -> SharedHttpClient {
        SharedHttpClient::new(Self { cloud })
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let cloud = self.cloud.clone();
        HttpConnectorFuture::new(async move {
            let mut request = request
                .try_into_http1x()
                .map_err(|e| ConnectorError::user(e.into()))?;
            // A signature covers the Host header, which a real client takes from the URI.
            if !request.headers().contains_key(HOST)
                && let Some(authority) = request.uri().authority()
                && let Ok(host) = authority.as_str().parse()
            {
                request.headers_mut().insert(HOST, host);
            }
            let (parts, body) = request.into_parts();
            let body = match body.bytes() {
                Some(bytes) => s3s::Body::from(bytes::Bytes::copy_from_slice(bytes)),
                None => s3s::Body::http_body_unsync(body),
            };
            let response = cloud
                .answer(http::Request::from_parts(parts, body))
                .await
                .map_err(|broken| ConnectorError::io(broken.into()))?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|e| ConnectorError::other(e.into(), None))
        })
    }
}
