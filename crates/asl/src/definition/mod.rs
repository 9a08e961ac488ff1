//! A definition as types: what is parsed here cannot be wrong in form.
//!
//! A state type is a file: its fields, how they are read, and the type they make.

mod amount;
mod choice;
mod fail;
mod flow;
mod integration;
mod item_reader;
mod map;
mod parallel;
mod pass;
mod reader;
mod recovery;
mod references;
mod resource;
mod sdk;
mod state;
mod succeed;
mod task;
mod variables;
mod wait;
mod warnings;

use std::collections::BTreeMap;

use crate::query::QueryLanguage;

pub(crate) use amount::Amount;
pub(crate) use choice::{Choice, Condition, Family, Operand, Operator, Relation, Rule};
pub(crate) use fail::{Fail, Words};
pub(crate) use flow::{Flow, Names};
pub(crate) use item_reader::{ItemReader, Manifest};
pub(crate) use map::{Batcher, Map, MapSource, Mode, Transformation};
pub(crate) use parallel::Parallel;
pub(crate) use pass::Pass;
pub(crate) use reader::{Findings, Reader};
pub(crate) use recovery::{Catcher, Recovery, Retrier};
pub use resource::{not_recognized, recognizes};
pub(crate) use state::{Kind, Nullable, State, Transition};
pub(crate) use succeed::Succeed;
pub(crate) use task::Task;
pub(crate) use wait::{Until, Wait};

/// A whole state machine.
#[derive(Debug)]
pub(crate) struct Definition {
    pub flow: Flow,
    pub timeout_seconds: Option<u64>,
}

const FIELDS: &[&str] = &[
    "Comment",
    "StartAt",
    "States",
    "QueryLanguage",
    "TimeoutSeconds",
    "Version",
];

impl Definition {
    /// The names of the variables that states read, by the state's name.
    pub fn variable_references(&self) -> BTreeMap<String, Vec<String>> {
        references::find(&self.flow)
    }

    /// Reads the root object; what is wrong goes to the reader's findings.
    pub fn read(root: &Reader) -> Option<Self> {
        root.allow_only(FIELDS);
        let language = root.query_language(None);
        root.check_query_language();
        let root = &Reader {
            language,
            machine_language: Some(language),
            ..root.clone()
        };
        root.text("Comment");
        if let Some(version) = root.text("Version")
            && version != "1.0"
        {
            root.mistake_at("Version", reader::one_of(&["1.0"]));
        }
        // AWS takes 0, which no execution could keep.
        let timeout_seconds = root.whole("TimeoutSeconds", 0, 99_999_999);
        let timeout_seconds = timeout_seconds.filter(|seconds| *seconds > 0);
        let flow = Flow::read(root)?;
        flow.check_names(root.findings, "", &mut Names::default());
        variables::check_scopes(&flow, root.findings, "");
        Some(Self {
            flow,
            timeout_seconds,
        })
    }
}

/// The fields that a query language of the state alone knows.
pub(crate) struct Fields {
    pub any: &'static [&'static str],
    pub json_path: &'static [&'static str],
    pub jsonata: &'static [&'static str],
}

impl Fields {
    fn other(&self, language: QueryLanguage) -> (&'static [&'static str], QueryLanguage) {
        match language {
            QueryLanguage::JsonPath => (self.jsonata, QueryLanguage::Jsonata),
            QueryLanguage::Jsonata => (self.json_path, QueryLanguage::JsonPath),
        }
    }

    fn own(&self, language: QueryLanguage) -> impl Iterator<Item = &'static str> {
        let own = match language {
            QueryLanguage::JsonPath => self.json_path,
            QueryLanguage::Jsonata => self.jsonata,
        };
        self.any.iter().chain(own).copied()
    }
}
