//! `Map`: runs one flow for each of many items, in the execution or as executions of their own.

use super::{Amount, Fields, Flow, Reader, Recovery, Transition};
use crate::query::{PathField, QueryLanguage, Template};

#[derive(Debug)]
pub(crate) struct Map {
    pub source: MapSource,
    /// `ItemSelector`, or `Parameters` as it was called.
    pub selector: Option<(&'static str, Template)>,
    pub batcher: Option<Batcher>,
    pub processor: Flow,
    pub mode: Mode,
    pub label: Option<String>,
    pub max_concurrency: Option<Amount>,
    pub tolerated_failure_count: Option<Amount>,
    pub tolerated_failure_percentage: Option<Amount>,
    pub result_writer: Option<ResultWriter>,
    pub recovery: Recovery,
    pub transition: Transition,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    Inline,
    Distributed,
}

/// Where the items come from.
#[derive(Debug)]
pub(crate) enum MapSource {
    Input,
    ItemsPath(PathField),
    Items(Template),
    Reader(ItemReader),
}

/// `ItemReader`.
#[derive(Debug)]
pub(crate) struct ItemReader {
    pub resource: String,
    pub parameters: Option<Template>,
    pub parameters_field: &'static str,
    /// `CSV`, `JSON`, `JSONL`.
    pub input_type: String,
    pub csv_headers: Option<Vec<String>>,
    pub csv_delimiter: char,
    pub max_items: Option<Amount>,
}

/// `ResultWriter`.
#[derive(Debug)]
pub(crate) struct ResultWriter {
    pub resource: String,
    pub parameters: Option<Template>,
    pub parameters_field: &'static str,
}

/// `ItemBatcher`.
#[derive(Debug)]
pub(crate) struct Batcher {
    pub max_items: Option<Amount>,
    pub max_bytes: Option<Amount>,
    pub input: Option<Template>,
}

impl Map {
    pub const FIELDS: Fields = Fields {
        any: &[
            "Next",
            "End",
            "Assign",
            "ItemProcessor",
            "Iterator",
            "ItemReader",
            "ItemSelector",
            "ItemBatcher",
            "ResultWriter",
            "MaxConcurrency",
            "ToleratedFailureCount",
            "ToleratedFailurePercentage",
            "Label",
            "Retry",
            "Catch",
        ],
        json_path: &[
            "InputPath",
            "OutputPath",
            "Parameters",
            "ItemsPath",
            "ResultSelector",
            "ResultPath",
            "MaxConcurrencyPath",
            "ToleratedFailureCountPath",
            "ToleratedFailurePercentagePath",
        ],
        jsonata: &["Items", "Output"],
    };

    pub fn read(reader: &Reader) -> Option<Self> {
        let transition = Transition::read(reader);
        let recovery = Recovery::read(reader);
        reader.at_most_one(&["ItemSelector", "Parameters"]);
        reader.at_most_one(&["ItemProcessor", "Iterator"]);
        let processor_field = if reader.has("Iterator") {
            "Iterator"
        } else {
            "ItemProcessor"
        };
        reader.require(&[processor_field]);
        let (processor, mode) = processor(&reader.object(processor_field)?)?;
        let selector = ["ItemSelector", "Parameters"]
            .into_iter()
            .find_map(|field| Some((field, reader.template(field)?)));
        let result_writer = reader
            .object("ResultWriter")
            .and_then(|writer| ResultWriter::read(&writer));
        let batcher = reader
            .object("ItemBatcher")
            .map(|batcher| Batcher::read(&batcher));
        Some(Self {
            source: MapSource::read(reader)?,
            selector,
            batcher,
            processor,
            mode,
            label: reader.text("Label").map(str::to_owned),
            max_concurrency: Amount::whole_of_input(
                reader,
                "MaxConcurrency",
                "MaxConcurrencyPath",
                (0, 100_000_000),
            ),
            tolerated_failure_count: Amount::whole_of_input(
                reader,
                "ToleratedFailureCount",
                "ToleratedFailureCountPath",
                (0, u64::MAX),
            ),
            tolerated_failure_percentage: Amount::percentage_of_input(
                reader,
                "ToleratedFailurePercentage",
                "ToleratedFailurePercentagePath",
            ),
            result_writer,
            recovery,
            transition: transition?,
        })
    }
}

fn processor(reader: &Reader) -> Option<(Flow, Mode)> {
    reader.allow_only(&["StartAt", "States", "ProcessorConfig", "Comment"]);
    let mut mode = Mode::Inline;
    if let Some(config) = reader.object("ProcessorConfig") {
        config.allow_only(&["Mode", "ExecutionType"]);
        match config.text("Mode") {
            None | Some("INLINE") => {}
            Some("DISTRIBUTED") => {
                mode = Mode::Distributed;
                if config.require(&["ExecutionType"])
                    && !matches!(config.text("ExecutionType"), Some("STANDARD" | "EXPRESS"))
                {
                    config.mistake_at("ExecutionType", "Value must be one of: [STANDARD, EXPRESS]");
                }
            }
            Some(_) => config.mistake_at("Mode", "Value must be one of: [INLINE, DISTRIBUTED]"),
        }
    }
    Some((Flow::read(reader)?, mode))
}

impl MapSource {
    fn read(reader: &Reader) -> Option<Self> {
        if let Some(item_reader) = reader.object("ItemReader") {
            return ItemReader::read(&item_reader).map(Self::Reader);
        }
        if reader.has("Items") {
            return reader.template("Items").map(Self::Items);
        }
        if reader.has("ItemsPath") {
            return reader.path("ItemsPath").map(Self::ItemsPath);
        }
        Some(Self::Input)
    }
}

/// The field that holds what is asked of a reader or writer.
fn parameters_field(reader: &Reader) -> &'static str {
    match reader.language {
        QueryLanguage::JsonPath => "Parameters",
        QueryLanguage::Jsonata => "Arguments",
    }
}

impl ItemReader {
    fn read(reader: &Reader) -> Option<Self> {
        let parameters_field = parameters_field(reader);
        reader.allow_only(&["Resource", "ReaderConfig", parameters_field, "Comment"]);
        reader.require(&["Resource"]);
        let config = reader.object("ReaderConfig");
        let text = |field: &str| config.as_ref().and_then(|config| config.text(field));
        let delimiter = match text("CSVDelimiter") {
            None | Some("COMMA") => ',',
            Some("PIPE") => '|',
            Some("SEMICOLON") => ';',
            Some("SPACE") => ' ',
            Some("TAB") => '\t',
            Some(_) => {
                reader.mistake_at(
                    "ReaderConfig/CSVDelimiter",
                    "Value must be one of: [COMMA, PIPE, SEMICOLON, SPACE, TAB]",
                );
                ','
            }
        };
        let headers = config
            .as_ref()
            .filter(|_| text("CSVHeaderLocation") == Some("GIVEN"))
            .and_then(|config| config.array("CSVHeaders"))
            .map(|headers| {
                headers
                    .iter()
                    .filter_map(|header| header.as_str().map(str::to_owned))
                    .collect()
            });
        Some(Self {
            resource: reader.text("Resource")?.to_owned(),
            parameters: reader.template(parameters_field),
            parameters_field,
            input_type: text("InputType").unwrap_or("JSON").to_owned(),
            csv_headers: headers,
            csv_delimiter: delimiter,
            max_items: config.as_ref().and_then(|config| {
                Amount::whole_of_input(config, "MaxItems", "MaxItemsPath", (0, 100_000_000))
            }),
        })
    }
}

impl ResultWriter {
    fn read(reader: &Reader) -> Option<Self> {
        let parameters_field = parameters_field(reader);
        reader.allow_only(&["Resource", "WriterConfig", parameters_field, "Comment"]);
        Some(Self {
            resource: reader.text("Resource")?.to_owned(),
            parameters: reader.template(parameters_field),
            parameters_field,
        })
    }
}

impl Batcher {
    fn read(reader: &Reader) -> Self {
        reader.allow_only(&[
            "MaxItemsPerBatch",
            "MaxItemsPerBatchPath",
            "MaxInputBytesPerBatch",
            "MaxInputBytesPerBatchPath",
            "BatchInput",
        ]);
        Self {
            max_items: Amount::whole_of_input(
                reader,
                "MaxItemsPerBatch",
                "MaxItemsPerBatchPath",
                (1, 100_000_000),
            ),
            max_bytes: Amount::whole_of_input(
                reader,
                "MaxInputBytesPerBatch",
                "MaxInputBytesPerBatchPath",
                (1, 262_144),
            ),
            input: reader.template("BatchInput"),
        }
    }
}
