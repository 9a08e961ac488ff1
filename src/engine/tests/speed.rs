//! That nothing waits for what it does not need.

use std::time::{Duration, Instant};

use super::*;

/// Takes its time to be read and made.
#[derive(Debug, Clone)]
pub(super) struct Slow {
    address: Address,
    time: Duration,
    is_there: bool,
}

impl Slow {
    pub fn new(id: &str, time: Duration) -> Self {
        Self {
            address: Address::new("buckets", id),
            time,
            is_there: false,
        }
    }

    pub fn declared(self, needs: &[&str]) -> Declared {
        Declared {
            resource: Arc::new(self),
            span: 0..0,
            depends_on: needs.iter().map(|id| Address::new("buckets", id)).collect(),
            lifecycle: Lifecycle::default(),
        }
    }
}

impl Resource for Slow {
    fn address(&self) -> &Address {
        &self.address
    }

    fn kind(&self) -> &'static str {
        "buckets"
    }

    fn name(&self) -> &str {
        &self.address.id
    }

    fn attribute(&self, _: &str) -> Option<String> {
        None
    }

    fn desired(&self) -> Fields {
        Fields::from([("size".to_owned(), json!(1))])
    }

    fn read<'a>(&'a self, _: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            if !self.is_there {
                return Ok(None);
            }
            tokio::time::sleep(self.time).await;
            Ok(Some(Live {
                fields: self.desired(),
                ownership: Ownership::Inherent,
            }))
        })
    }

    fn create<'a>(&'a self, _: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            tokio::time::sleep(self.time).await;
            Ok(())
        })
    }

    fn update<'a>(&'a self, _: &'a Work<'a>, _: &'a Live, _: &'a BTreeSet<String>) -> Call<'a, ()> {
        Box::pin(async move { Ok(()) })
    }

    fn delete<'a>(&'a self, _: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            tokio::time::sleep(self.time).await;
            Ok(())
        })
    }
}

fn stack(resources: Vec<Declared>) -> Stack {
    let mut stack = chain(Vec::new());
    stack.resources = resources;
    stack
}

#[tokio::test]
async fn a_thousand_reads_go_side_by_side_under_their_limit() {
    let (_folder, cloud) = cloud().await;
    let time = Duration::from_millis(20);
    let resources = (0..1000).map(|i| {
        let slow = Slow {
            is_there: true,
            ..Slow::new(&format!("r{i}"), time)
        };
        slow.declared(&[])
    });
    let stack = stack(resources.collect());
    let terms = Terms {
        reads: 100,
        ..Terms::default()
    };
    let started = Instant::now();
    let planned = super::super::plan(&stack, &cloud, Goal::Up, &terms).await;
    let elapsed = started.elapsed();
    assert!(planned.expect("a plan").is_empty());
    // Ten rounds of twenty milliseconds, and no read before its turn.
    assert!(elapsed >= time * 10, "{elapsed:?}");
    assert!(elapsed < time * 100, "{elapsed:?}");
}

#[tokio::test]
async fn the_longest_chain_is_begun_first() {
    let (_folder, cloud) = cloud().await;
    let time = Duration::from_millis(50);
    // Two workers, a chain of four and four alone: 200 ms if the chain begins first, else 300.
    let alone = ["w", "x", "y", "z"].map(|id| Slow::new(id, time).declared(&[]));
    let chain = [("a", &[][..]), ("b", &["a"]), ("c", &["b"]), ("d", &["c"])]
        .map(|(id, needs)| Slow::new(id, time).declared(needs));
    let stack = stack(alone.into_iter().chain(chain).collect());
    let plan = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    let started = Instant::now();
    let outcome = apply(&plan, &cloud, 2, &(), &Stop::default()).await;
    let elapsed = started.elapsed();
    assert!(outcome.is_complete());
    assert!(elapsed < time * 5, "{elapsed:?}");
}
