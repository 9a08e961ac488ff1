//! `Map`: runs one flow for each of many items, in the execution or as executions of their own.

use super::{Amount, Fields, Flow, ItemReader, Reader, Recovery, Transition, reader};
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
        if !reader.has(processor_field) {
            reader.mistake(reader::only_one_of(&["ItemProcessor", "Iterator"]));
        }
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
                (0, u64::MAX),
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
    let (mode, child_type) = reader
        .object("ProcessorConfig")
        .map_or((Mode::Inline, MachineType::Standard), |config| {
            processor_config(&config)
        });
    // Of a machine that is there already its children run as they are.
    let machine_type = match child_type {
        MachineType::Express if reader.for_creation => MachineType::Express,
        _ => reader.machine_type,
    };
    let flow = Flow::read(&Reader {
        machine_type,
        ..reader.clone()
    })?;
    Some((flow, mode, child_type))
}

fn processor_config(config: &Reader) -> (Mode, MachineType) {
    config.allow_only(&["Mode", "ExecutionType"]);
    let mode = config.one_of("Mode", MODES);
    if mode == Some(Mode::Inline) && config.has("ExecutionType") {
        config.mistake("Field 'ExecutionType' is not supported");
    }
    if mode != Some(Mode::Distributed) {
        return (Mode::Inline, MachineType::Standard);
    }
    if config.machine_type == MachineType::Express {
        config.mistake_at(
            "Mode",
            "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
        );
    }
    config.require(&["ExecutionType"]);
    let child_type = config.one_of("ExecutionType", CHILD_TYPES);
    (
        Mode::Distributed,
        child_type.unwrap_or(MachineType::Standard),
    )
}

const MODES: &[(&str, Mode)] = &[("INLINE", Mode::Inline), ("DISTRIBUTED", Mode::Distributed)];

const CHILD_TYPES: &[(&str, MachineType)] = &[
    ("STANDARD", MachineType::Standard),
    ("EXPRESS", MachineType::Express),
];

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
pub(super) fn parameters_field(reader: &Reader) -> &'static str {
    match reader.language {
        QueryLanguage::JsonPath => "Parameters",
        QueryLanguage::Jsonata => "Arguments",
    }
}

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
                (0, u64::MAX),
            ),
            max_bytes: Amount::whole_of_input(
                reader,
                "MaxInputBytesPerBatch",
                "MaxInputBytesPerBatchPath",
                (0, u64::MAX),
            ),
            input: reader.template("BatchInput"),
        }
    }
}
