//! What is there, asked for in parallel under a limit.

use std::sync::Arc;

use futures::StreamExt;

use super::plan::Unsearched;
use super::refusal::Refusal;
use crate::cloud::Cloud;
use crate::resource::{Address, CallError, KINDS, Live, Resource};
use crate::stack::{Declared, Stack};

/// Asks, and asks once more if what is asked about went away in the middle of it: many questions
/// take several calls, and somebody else may be destroying the same.
pub(super) async fn steadily<A, F>(ask: impl Fn() -> F) -> Result<A, CallError>
where
    F: Future<Output = Result<A, CallError>>,
{
    match ask().await {
        Err(error) if error.says_gone() => ask().await,
        answer => answer,
    }
}

/// Runs what `ask` makes of each item, `at_a_time` at once and each as a task of its own, so that
/// no answer waits for another to be read. Gives the answers in the order of the items.
pub(super) async fn ask_all<T, A, F>(
    items: impl Iterator<Item = T>,
    at_a_time: usize,
    ask: impl Fn(&T) -> F,
) -> Vec<(T, Result<A, CallError>)>
where
    A: Send + 'static,
    F: Future<Output = Result<A, CallError>> + Send + 'static,
{
    let asked = items.enumerate().map(|(i, item)| {
        let task = ask(&item);
        async move {
            let answer = match tokio::spawn(task).await {
                Ok(answer) => answer,
                Err(ended) => Err(CallError::here("read", ended.to_string())),
            };
            (i, item, answer)
        }
    });
    let asked = futures::stream::iter(asked).buffer_unordered(at_a_time.max(1));
    let mut answers: Vec<_> = asked.collect().await;
    answers.sort_by_key(|(i, ..)| *i);
    answers
        .into_iter()
        .map(|(_, item, answer)| (item, answer))
        .collect()
}

/// What `stack.toml` declares, and what is there of it.
pub(super) type Read<'a> = (&'a Declared, Result<Option<Live>, CallError>);

/// What is there of each.
pub(super) async fn read_all<'a>(
    declared: impl Iterator<Item = &'a Declared>,
    cloud: &Cloud,
    at_a_time: usize,
) -> Vec<Read<'a>> {
    ask_all(declared, at_a_time, |declared| {
        let (resource, cloud) = (declared.resource.clone(), cloud.clone());
        async move { steadily(|| resource.read(&cloud)).await }
    })
    .await
}

/// What carries the stack's mark.
pub(super) struct Owned {
    /// In the order of the kinds.
    pub found: Vec<Arc<dyn Resource>>,
    /// Kinds that may not be looked through.
    pub unsearched: Vec<Unsearched>,
}

/// All that carries the stack's mark. Who may not look through a kind can still do with the rest
/// what he may; any other failure is one.
pub(super) async fn find_owned(
    stack: &Stack,
    cloud: &Cloud,
    at_a_time: usize,
) -> Result<Owned, Refusal> {
    let found = ask_all(KINDS.iter(), at_a_time, |kind| {
        let (kind, cloud, scope) = (**kind, cloud.clone(), stack.scope.clone());
        async move { steadily(|| kind.owned(&cloud, &scope)).await }
    })
    .await;
    let mut owned = Owned {
        found: Vec::new(),
        unsearched: Vec::new(),
    };
    for (kind, found) in found {
        match found {
            Ok(found) => owned.found.extend(found),
            Err(error) if error.says_denied() => {
                owned.unsearched.push(Unsearched::of(kind.name(), &error));
            }
            Err(error) => {
                return Err(Refusal::of_call(&Address::new(kind.name(), "*"), &error));
            }
        }
    }
    Ok(owned)
}
