//! The embedded cloud on a port.

use std::io;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use crate::cloud::Cloud;
use crate::{scheduler, sfn};

/// How long a server waits that can take no connection for want of descriptors or memory.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers every connection of `listener`, fires schedules, and takes up the executions that other
/// processes left running, until the future is dropped.
pub async fn serve(cloud: Cloud, listener: TcpListener) -> io::Error {
    tokio::select! {
        error = answer(&cloud, listener) => error,
        never = scheduler::run(&cloud) => match never {},
        never = sfn::serve(&cloud) => match never {},
    }
}

async fn answer(cloud: &Cloud, listener: TcpListener) -> io::Error {
    loop {
        let (stream, _) = match accepted(|| listener.accept()).await {
            Ok(accepted) => accepted,
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

/// The next connection. Fails only with what ends the listener itself: work that is in flight
/// outlives a moment without free descriptors.
async fn accepted<T, F: Future<Output = io::Result<T>>>(
    mut accept: impl FnMut() -> F,
) -> io::Result<T> {
    loop {
        match accept().await {
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) if is_of_the_listener(&error) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken");
                tokio::time::sleep(PAUSE).await;
            }
            accepted => return accepted,
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

/// The socket does not listen (EINVAL, EOPNOTSUPP of accept(2)), or the runtime, whose errors have no
/// number of the system, is gone.
fn is_of_the_listener(error: &io::Error) -> bool {
    use io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::InvalidInput | ErrorKind::Unsupported
    ) || error.raw_os_error().is_none()
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// What comes of a listener that answers so.
    async fn after(answers: impl IntoIterator<Item = io::Result<u8>>) -> io::Result<u8> {
        let mut answers: VecDeque<_> = answers.into_iter().collect();
        accepted(|| std::future::ready(answers.pop_front().expect("not asked again"))).await
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_moment_without_descriptors_ends_no_server() {
        // ENFILE, EMFILE.
        let refusals = [23, 24].map(|number| Err(io::Error::from_raw_os_error(number)));
        let aborted = Err(io::ErrorKind::ConnectionAborted.into());
        let answers = refusals.into_iter().chain([aborted, Ok(7)]);
        assert_eq!(after(answers).await.unwrap(), 7);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_socket_that_does_not_listen_ends_it() {
        // EINVAL.
        let error = after([Err(io::Error::from_raw_os_error(22))]).await;
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::InvalidInput);
        let error = after([Err(io::Error::other("the runtime is shutting down"))]).await;
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::Other);
    }
}
