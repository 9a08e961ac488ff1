//! `Map`: runs one flow for each of many items, in the execution or as executions of their own.

use super::{Amount, Fields, Flow, Reader, Recovery, Transition};
use crate::{
    MachineType,
    query::{PathField, QueryLanguage, Template},
};

#[derive(Debug)]
pub(crate) struct Map {
    pub source: MapSource,
    /// `ItemSelector`, or `Parameters` as it was called.
    pub selector: Option<(&'static str, Template)>,
    pub batcher: Option<Batcher>,
    pub processor: Flow,
    /// `ItemProcessor`, or `Iterator` as it was called.
    pub processor_field: &'static str,
    pub mode: Mode,
    /// `ExecutionType` of a distributed Map.
    pub child_type: MachineType,
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
    /// `CSV`, `JSON`, `JSONL`, `PARQUET`.
    pub input_type: String,
    pub csv_headers: Option<Vec<String>>,
    pub csv_delimiter: u8,
    /// Where in a JSON file the items are.
    pub items_pointer: Option<String>,
    /// What kind of list the file is, if it lists the files that hold the items.
    pub manifest: Option<Manifest>,
    /// Whether the items are in the objects that are listed.
    pub load_and_flatten: bool,
    pub max_items: Option<Amount>,
}

/// `ManifestType`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Manifest {
    /// What Athena's UNLOAD wrote: a URI a line.
    Athena,
    /// An S3 inventory.
    Inventory,
}

/// `ResultWriter`.
#[derive(Debug)]
pub(crate) struct ResultWriter {
    /// None for results that stay in the state's output.
    pub resource: Option<String>,
    pub parameters: Option<Template>,
    pub parameters_field: &'static str,
    pub transformation: Option<Transformation>,
    pub json_lines: bool,
}

/// What is told of a child.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Transformation {
    /// Its output and all that is known of it.
    None,
    /// Its output.
    Compact,
    /// The elements of its output.
    Flatten,
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
        let (processor, mode, child_type) = processor(&reader.object(processor_field)?)?;
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
            processor_field,
            mode,
            child_type,
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

fn processor(reader: &Reader) -> Option<(Flow, Mode, MachineType)> {
    reader.allow_only(&["StartAt", "States", "ProcessorConfig", "Comment"]);
    let mut mode = Mode::Inline;
    let mut child_type = MachineType::Standard;
    if let Some(config) = reader.object("ProcessorConfig") {
        config.allow_only(&["Mode", "ExecutionType"]);
        match config.text("Mode") {
            None | Some("INLINE") => {}
            Some("DISTRIBUTED") => {
                mode = Mode::Distributed;
                if config.text("ExecutionType") == Some("EXPRESS") {
                    child_type = MachineType::Express;
                }
                if config.require(&["ExecutionType"])
                    && !matches!(config.text("ExecutionType"), Some("STANDARD" | "EXPRESS"))
                {
                    config.mistake_at("ExecutionType", "Value must be one of: [STANDARD, EXPRESS]");
                }
            }
            Some(_) => config.mistake_at("Mode", "Value must be one of: [INLINE, DISTRIBUTED]"),
        }
    }
    Some((Flow::read(reader)?, mode, child_type))
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
        let default = &Reader {
            members: &serde_json::Map::new(),
            ..reader.clone()
        };
        let given = reader.object("ReaderConfig");
        let config = given.as_ref().unwrap_or(default);
        config.allow_only(CONFIG);
        let is_given = config.text("CSVHeaderLocation") == Some("GIVEN");
        let headers = config.array("CSVHeaders").filter(|_| is_given);
        let delimiter = config.one_of("CSVDelimiter", DELIMITERS);
        let input_type = config.text("InputType").unwrap_or("JSON");
        let manifest = match config.text("ManifestType") {
            Some("ATHENA_DATA") => Some(Manifest::Athena),
            Some("S3_INVENTORY") => Some(Manifest::Inventory),
            _ if input_type == "MANIFEST" => Some(Manifest::Inventory),
            _ => None,
        };
        Some(Self {
            resource: reader.text("Resource")?.to_owned(),
            parameters: reader.template(parameters_field),
            parameters_field,
            input_type: input_type.to_owned(),
            csv_headers: headers.map(|headers| {
                let texts = headers.iter().filter_map(serde_json::Value::as_str);
                texts.map(str::to_owned).collect()
            }),
            csv_delimiter: delimiter.unwrap_or(b','),
            items_pointer: config.text("ItemsPointer").map(str::to_owned),
            manifest,
            load_and_flatten: config.text("Transformation") == Some("LOAD_AND_FLATTEN"),
            max_items: Amount::whole_of_input(config, "MaxItems", "MaxItemsPath", (0, 100_000_000)),
        })
    }
}

const CONFIG: &[&str] = &[
    "InputType",
    "CSVHeaderLocation",
    "CSVHeaders",
    "CSVDelimiter",
    "MaxItems",
    "MaxItemsPath",
    "ItemsPointer",
    "ManifestType",
    "Transformation",
];

const DELIMITERS: &[(&str, u8)] = &[
    ("COMMA", b','),
    ("PIPE", b'|'),
    ("SEMICOLON", b';'),
    ("SPACE", b' '),
    ("TAB", b'\t'),
];

const TRANSFORMATIONS: &[(&str, Transformation)] = &[
    ("NONE", Transformation::None),
    ("COMPACT", Transformation::Compact),
    ("FLATTEN", Transformation::Flatten),
];

const OUTPUT_TYPES: &[(&str, bool)] = &[("JSON", false), ("JSONL", true)];

impl ResultWriter {
    fn read(reader: &Reader) -> Option<Self> {
        let parameters_field = parameters_field(reader);
        reader.allow_only(&["Resource", "WriterConfig", parameters_field, "Comment"]);
        let config = reader.object("WriterConfig");
        if !reader.has("Resource") && config.is_none() {
            reader.require(&["Resource"]);
            return None;
        }
        let config = config.as_ref();
        Some(Self {
            resource: reader.text("Resource").map(str::to_owned),
            parameters: reader.template(parameters_field),
            parameters_field,
            transformation: config
                .and_then(|config| config.one_of("Transformation", TRANSFORMATIONS)),
            json_lines: config
                .and_then(|config| config.one_of("OutputType", OUTPUT_TYPES))
                .unwrap_or(false),
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
