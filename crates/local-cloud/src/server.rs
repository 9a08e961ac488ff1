//! The embedded cloud on a port.

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use crate::cloud::Cloud;
use crate::{scheduler, sfn};

/// Answers every connection of `listener`, fires schedules, and takes up the executions that other
/// processes left running, until the future is dropped.
pub async fn serve(cloud: Cloud, listener: TcpListener) -> std::io::Error {
    tokio::select! {
        error = answer(&cloud, listener) => error,
        never = scheduler::run(&cloud) => match never {},
        never = sfn::serve(&cloud) => match never {},
    }
}

async fn answer(cloud: &Cloud, listener: TcpListener) -> std::io::Error {
    loop {
        let (stream, _) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => return error,
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "set_nodelay");
        }
        let cloud = cloud.clone();
        tokio::spawn(async move {
            let answer = service_fn(|request: http::Request<hyper::body::Incoming>| {
                let cloud = cloud.clone();
                // An error closes the connection without an answer.
                async move { cloud.answer(request.map(s3s::Body::from)).await }
            });
            if let Err(error) = auto::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await
            {
                tracing::debug!(%error, "connection");
            }
        });
    }
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}
