//! Reads that have not heard of a write yet.
//!
//! A replica that lags is modelled by the answers it gave: a read answers once more what it last
//! answered to the same request, while the first write to the service after that answer is younger
//! than `time`. A read that was not made before is answered as it is: nobody saw another answer.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use parking_lot::Mutex;
use s3s::Body;

use super::Broken;
use super::called::Called;

#[derive(Default)]
pub(super) struct Replica {
    /// When each service was written to, in order.
    writes: Mutex<HashMap<&'static str, Vec<Instant>>>,
    answers: Mutex<HashMap<Question, Answer>>,
}

#[derive(PartialEq, Eq, Hash)]
struct Question {
    uri: String,
    operation: String,
    body: Bytes,
}

impl Question {
    fn of(called: &Called) -> Self {
        Self {
            uri: called.uri.clone(),
            operation: called.to_string(),
            body: called.body.clone(),
        }
    }
}

#[derive(Clone)]
struct Answer {
    at: Instant,
    parts: http::response::Parts,
    body: Bytes,
}

impl Answer {
    fn response(self) -> Response<Body> {
        Response::from_parts(self.parts, Body::from(self.body))
    }
}

impl Replica {
    /// Hears of a write.
    pub fn written(&self, called: &Called) {
        self.writes
            .lock()
            .entry(called.service_name())
            .or_default()
            .push(Instant::now());
    }

    /// The old answer to a read, if the write that it missed is too young to be heard of.
    pub fn recall(&self, called: &Called, time: Duration) -> Option<Response<Body>> {
        let answer = self.answers.lock().get(&Question::of(called))?.clone();
        let writes = self.writes.lock();
        let writes = writes.get(called.service_name())?;
        let missed = writes.get(writes.partition_point(|write| *write <= answer.at))?;
        (missed.elapsed() < time).then(|| answer.response())
    }

    /// Keeps the answer to a read.
    pub async fn keep(
        &self,
        called: &Called,
        response: Response<Body>,
    ) -> Result<Response<Body>, Broken> {
        let (parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) => {
                tracing::debug!(%error, "an answer's body");
                return Err(Broken);
            }
        };
        let answer = Answer {
            at: Instant::now(),
            parts,
            body,
        };
        self.answers
            .lock()
            .insert(Question::of(called), answer.clone());
        Ok(answer.response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(operation: &str) -> Called {
        Called {
            service: None,
            operation: operation.to_owned(),
            uri: String::new(),
            body: Bytes::new(),
        }
    }

    async fn text(response: Response<Body>) -> String {
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_read_is_old_until_the_write_it_missed_is_heard_of() {
        let replica = Replica::default();
        let (read, write) = (called("GetBucketPolicy"), called("PutBucketPolicy"));
        let lag = Duration::from_millis(300);
        replica.written(&write);
        assert!(replica.recall(&read, lag).is_none(), "it was never asked");
        let old = Response::new(Body::from(Bytes::from_static(b"old")));
        assert_eq!(text(replica.keep(&read, old).await.unwrap()).await, "old");
        assert!(replica.recall(&read, lag).is_none(), "it knows everything");
        replica.written(&write);
        let again = replica.recall(&read, lag).expect("it lags");
        assert_eq!(text(again).await, "old");
        tokio::time::sleep(lag).await;
        replica.written(&write);
        assert!(replica.recall(&read, lag).is_none(), "it has caught up");
    }
}
