//! `ItemReader`: where the items of a distributed Map are, and what they are written in.
//!
//! Source: "ItemReader (Map)", AWS Step Functions developer guide.

use super::{Amount, Reader, map::parameters_field};
use crate::query::Template;

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

impl ItemReader {
    pub(super) fn read(reader: &Reader) -> Option<Self> {
        let parameters_field = parameters_field(reader);
        reader.allow_only(&["Resource", "ReaderConfig", parameters_field, "Comment"]);
        reader.require(&["Resource"]);
        if let Some(resource) = reader.text("Resource")
            && reader.for_creation
            && !RESOURCES.iter().any(|known| resource.ends_with(known))
        {
            reader.mistake_at(
                "Resource",
                "The field 'Resource' does not match any of the allowed values",
            );
        }
        let default = &Reader {
            members: &serde_json::Map::new(),
            ..reader.clone()
        };
        let given = reader.object("ReaderConfig");
        let config = given.as_ref().unwrap_or(default);
        config.allow_only(CONFIG);
        check(config);
        let is_given = config.text("CSVHeaderLocation") == Some("GIVEN");
        let headers = config.array("CSVHeaders").filter(|_| is_given);
        let delimiter = config.one_of("CSVDelimiter", DELIMITERS);
        let input_type = config.text("InputType").unwrap_or("JSON");
        let manifest = match config.one_of("ManifestType", MANIFESTS) {
            Some(manifest) => Some(manifest),
            None if input_type == "MANIFEST" => Some(Manifest::Inventory),
            None => None,
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

const RESOURCES: [&str; 2] = [":states:::s3:getObject", ":states:::s3:listObjectsV2"];

const INPUT_TYPES: &[(&str, ())] = &[
    ("CSV", ()),
    ("JSON", ()),
    ("JSONL", ()),
    ("PARQUET", ()),
    ("MANIFEST", ()),
];

const MANIFESTS: &[(&str, Manifest)] = &[
    ("ATHENA_DATA", Manifest::Athena),
    ("S3_INVENTORY", Manifest::Inventory),
];

const HEADER_LOCATIONS: &[(&str, ())] = &[("FIRST_ROW", ()), ("GIVEN", ())];

const ITEM_TRANSFORMATIONS: &[(&str, ())] = &[("NONE", ()), ("LOAD_AND_FLATTEN", ())];

/// Refuses settings that do not go together.
fn check(config: &Reader) {
    config.one_of("InputType", INPUT_TYPES);
    config.one_of("CSVHeaderLocation", HEADER_LOCATIONS);
    config.one_of("Transformation", ITEM_TRANSFORMATIONS);
    if !config.for_creation {
        return;
    }
    let is = |field: &str, value: &str| config.value(field).is_some_and(|given| given == value);
    if is("ManifestType", "S3_INVENTORY") && config.has("InputType") && !is("InputType", "MANIFEST")
    {
        config.mistake("Field 'InputType' is not supported");
    }
    // What Athena's UNLOAD writes has no headers.
    if is("InputType", "CSV") && !config.has("ManifestType") && !config.has("CSVHeaderLocation") {
        config.mistake("The field 'CSVHeaderLocation' is required");
    }
    if is("InputType", "JSON") && config.has("CSVHeaderLocation") {
        config.mistake("Field 'CSVHeaderLocation' is not supported");
    }
    if is("CSVHeaderLocation", "GIVEN") {
        config.require(&["CSVHeaders"]);
    }
}
