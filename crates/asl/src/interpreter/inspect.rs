//! What a Map that is tested shows of its items.
//!
//! Source: "Understanding Map state inspection data" in "Testing state machines with TestState
//! API", AWS Step Functions developer guide.

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::{
    Interpreter, branch::Branch, failure::Interrupt, item::Item, map::Start, probe::Probe,
    visit::Visit,
};
use crate::definition::{Map, MapSource, Mode};

impl Interpreter<'_> {
    /// Shows what would be run to who looks into the state.
    pub(super) async fn inspect(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        mut start: Start,
    ) -> Result<(), Interrupt> {
        let Some(probe) = &visit.probe else {
            return Ok(());
        };
        probe.saw("maxConcurrency", json!(start.max_concurrency));
        if probe.read.is_some() {
            start.max_items = self.max_items(map, visit, branch, &start.input)?;
        }
        let items = match start.items.take() {
            Some(items) => Some(items),
            None => self.given_items(map, visit, branch, &start, probe).await?,
        };
        if let Some(items) = &items {
            self.inspect_items(map, visit, branch, &start, items)
                .await?;
        }
        if map.mode == Mode::Distributed {
            let count = items.as_ref().map(Vec::len);
            self.inspect_tolerance(map, visit, branch, &start, count, probe)?;
        }
        Ok(())
    }

    /// The items of what the reader is to have read; none where that is not said.
    async fn given_items(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        probe: &Probe,
    ) -> Result<Option<Vec<Item>>, Interrupt> {
        let (MapSource::Reader(reader), Some(read)) = (&map.source, &probe.read) else {
            return Ok(None);
        };
        let items = self
            .items_of_text(reader, read, visit, branch, start)
            .await?;
        let items: Vec<_> = items.try_collect().await?;
        if reader.items_pointer.is_some() {
            probe.saw("afterItemsPointer", inputs(&items));
        }
        Ok(Some(items))
    }

    async fn inspect_items(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        items: &[Item],
    ) -> Result<(), Interrupt> {
        if matches!(map.source, MapSource::ItemsPath(_) | MapSource::Input) {
            visit.saw("afterItemsPath", &inputs(items));
        }
        if map.selector.is_some() {
            let selected = items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    self.select_item(map, visit, branch, &start.input, index, item)
                })
                .collect::<Result<Vec<_>, _>>()?;
            visit.saw("afterItemSelector", &json!(selected));
        }
        if map.batcher.is_some() {
            let items = stream::iter(items.iter().cloned().map(Ok)).boxed();
            let mut feed = self.feed(map, visit, branch, start, items)?;
            let mut batches = Vec::new();
            while let Some(fed) = self.fed(&mut feed, map, visit, branch, start).await? {
                batches.push(fed.input);
            }
            visit.saw("afterItemBatcher", &json!(batches));
        }
        Ok(())
    }
}

/// The items as the flow would be given them.
fn inputs(items: &[Item]) -> Value {
    items.iter().map(Item::input).collect()
}
