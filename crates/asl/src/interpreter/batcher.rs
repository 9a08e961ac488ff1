//! `ItemSelector` and `ItemBatcher`: what the child executions of a distributed Map are given.

use futures::StreamExt;
use serde_json::{Value, json};

use super::{
    Interpreter, branch::Branch, failure::Interrupt, item_reader::Items, map::Start, visit::Visit,
};
use crate::{
    definition::{Amount, Batcher, Map},
    limits::MAX_PAYLOAD,
    query::{Environment, Fault},
};

/// The most bytes that the input of a child may have.
const MAX_INPUT: u64 = MAX_PAYLOAD as u64;

/// Gives the inputs of children, one after the other.
pub(super) struct Feed<'s> {
    items: Items<'s>,
    /// The number of the next item.
    index: usize,
    batching: Option<Batching>,
    /// The batch that is being made, and how many bytes the input has that it makes.
    batch: Vec<Value>,
    bytes: u64,
    /// An item that no longer went into the last batch.
    held: Option<Value>,
}

/// The input of one child, and how many items are in it.
pub(super) struct Fed {
    pub input: Value,
    pub items: u64,
}

struct Batching {
    /// The most items in a batch.
    most: u64,
    /// The most bytes of the input that a batch makes.
    most_bytes: u64,
    /// How many of them there are without an item.
    around: u64,
    shared: Option<Value>,
}

impl Batching {
    fn of(batcher: &Batcher, environment: &Environment) -> Result<Self, Fault> {
        // 0 is no limit of its own.
        let limit = |amount: &Option<Amount>, field, most| match amount {
            None => Ok(most),
            Some(amount) => match amount.whole_value(field, environment)? {
                0 => Ok(most),
                given => Ok::<_, Fault>(given),
            },
        };
        let shared = batcher
            .input
            .as_ref()
            .map(|input| input.evaluate("ItemBatcher/BatchInput", environment))
            .transpose()?;
        Ok(Self {
            most: limit(&batcher.max_items, "MaxItemsPerBatch", u64::MAX)?,
            most_bytes: limit(&batcher.max_bytes, "MaxInputBytesPerBatch", MAX_INPUT)?
                .min(MAX_INPUT),
            around: input(shared.as_ref(), Vec::new()).to_string().len() as u64,
            shared,
        })
    }
}

/// The input that a batch makes, with what all batches share.
fn input(shared: Option<&Value>, items: Vec<Value>) -> Value {
    match shared {
        Some(shared) => json!({"BatchInput": shared, "Items": items}),
        None => json!({"Items": items}),
    }
}

impl Interpreter<'_> {
    pub(super) fn feed<'s>(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        items: Items<'s>,
    ) -> Result<Feed<'s>, Interrupt> {
        let batching = match &map.batcher {
            None => None,
            Some(batcher) => Some(self.query(visit, branch, |context, variables| {
                Batching::of(batcher, &Environment::new(&start.input, context, variables))
            })?),
        };
        Ok(Feed {
            items,
            index: 0,
            batching,
            batch: Vec::new(),
            bytes: 0,
            held: None,
        })
    }

    /// The next item, after `ItemSelector`.
    async fn selected(
        &self,
        feed: &mut Feed<'_>,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
    ) -> Result<Option<Value>, Interrupt> {
        if let Some(held) = feed.held.take() {
            return Ok(Some(held));
        }
        let Some(item) = feed.items.next().await else {
            return Ok(None);
        };
        let index = feed.index;
        feed.index += 1;
        self.select_item(map, visit, branch, &start.input, index, &item?)
            .map(Some)
    }

    /// The input of the next child; nothing after the last. Nothing is lost if this is dropped before
    /// it is done: the next one goes on from there.
    pub(super) async fn fed(
        &self,
        feed: &mut Feed<'_>,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
    ) -> Result<Option<Fed>, Interrupt> {
        let Some((most, most_bytes, around)) = feed
            .batching
            .as_ref()
            .map(|batching| (batching.most, batching.most_bytes, batching.around))
        else {
            let item = self.selected(feed, map, visit, branch, start).await?;
            return Ok(item.map(|input| Fed { input, items: 1 }));
        };
        while (feed.batch.len() as u64) < most
            && let Some(item) = self.selected(feed, map, visit, branch, start).await?
        {
            let own = item.to_string().len() as u64;
            let is_first = feed.batch.is_empty();
            // A comma stands before each but the first.
            let bytes = if is_first {
                around + own
            } else {
                feed.bytes + 1 + own
            };
            if bytes > most_bytes && !is_first {
                feed.held = Some(item);
                break;
            }
            feed.bytes = bytes;
            feed.batch.push(item);
        }
        let batch = std::mem::take(&mut feed.batch);
        if batch.is_empty() {
            return Ok(None);
        }
        let items = batch.len() as u64;
        let input = match &feed.batching {
            Some(batching) => input(batching.shared.as_ref(), batch),
            None => Value::Array(batch),
        };
        Ok(Some(Fed { input, items }))
    }
}
