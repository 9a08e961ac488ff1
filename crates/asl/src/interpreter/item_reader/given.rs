//! The items in a text that stands for what a reader reads, when a state is tested.

use std::sync::Arc;

use futures::{StreamExt, stream};

use super::{Failure, Items, Most, is_listing, items, rows};
use crate::{
    definition::ItemReader,
    interpreter::{Interpreter, branch::Branch, failure::Interrupt, map::Start, visit::Visit},
};

impl Interpreter<'_> {
    /// The items of a text as found in the reader's source: of a listing, and of files that are no
    /// text, a JSON array of what each item would be.
    pub(in crate::interpreter) async fn items_of_text<'s>(
        &'s self,
        reader: &'s ItemReader,
        read: &str,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
    ) -> Result<Items<'s>, Interrupt> {
        let most = Most::of(start.max_items)?;
        let source = self.reader_source(reader, visit, branch, &start.input)?;
        let items = split(reader, read, source).await?;
        Ok(most.of_all(items))
    }
}

async fn split<'s>(
    reader: &'s ItemReader,
    read: &str,
    source: Option<Arc<str>>,
) -> Result<Items<'s>, Failure> {
    let bytes = read.as_bytes().to_vec();
    let bytes = stream::once(async { Ok(bytes) }).boxed();
    let is_list = reader.manifest.is_some() || is_listing(reader);
    let values = match reader.input_type.as_str() {
        "CSV" if !is_list || reader.load_and_flatten => {
            rows::csv(bytes, reader.csv_delimiter, reader.csv_headers.clone())
        }
        "JSONL" if !is_list || reader.load_and_flatten => rows::json_lines(bytes),
        _ => return rows::json(bytes, reader.items_pointer.as_deref(), source).await,
    };
    Ok(items(values, source))
}
