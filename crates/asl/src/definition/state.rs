//! What all state types share, and which types there are.

use super::{
    Choice, Fail, Fields, Map, Parallel, Pass, Reader, Recovery, Succeed, Task, Wait, reader,
    variables,
};
use crate::{
    jsonpath::ReferencePath,
    query::{PathField, QueryLanguage, Sees, Template},
    stack::with_stack,
};

#[derive(Debug)]
pub(crate) struct State {
    pub name: String,
    pub language: QueryLanguage,
    pub fields: OutputFields,
    pub kind: Kind,
}

/// What makes a state's input and output of what comes and goes.
#[derive(Debug)]
pub(crate) struct OutputFields {
    /// Null where the state sees an empty object.
    pub input_path: Nullable<PathField>,
    pub output_path: Nullable<PathField>,
    pub parameters: Option<Template>,
    pub result_selector: Option<Template>,
    /// Null throws the result away.
    pub result_path: Nullable<ReferencePath>,
    /// JSONata's `Output`.
    pub output: Option<Template>,
    pub assign: Option<Template>,
}

/// A field that may be left out, or be null, which says something else.
#[derive(Debug)]
pub(crate) enum Nullable<T> {
    Absent,
    Null,
    Given(T),
}

impl<T> Nullable<T> {
    /// What `read` gives, unless there is nothing to read.
    pub fn read(reader: &Reader, field: &str, read: impl Fn() -> Option<T>) -> Self {
        match reader.value(field) {
            Some(serde_json::Value::Null) => Self::Null,
            Some(_) => read().map_or(Self::Absent, Self::Given),
            None => Self::Absent,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Kind {
    Task(Task),
    Parallel(Parallel),
    Map(Map),
    Pass(Pass),
    Wait(Wait),
    Choice(Choice),
    Succeed(Succeed),
    Fail(Fail),
}

impl Kind {
    /// The word in `Type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Task(_) => "Task",
            Self::Parallel(_) => "Parallel",
            Self::Map(_) => "Map",
            Self::Pass(_) => "Pass",
            Self::Wait(_) => "Wait",
            Self::Choice(_) => "Choice",
            Self::Succeed(_) => "Succeed",
            Self::Fail(_) => "Fail",
        }
    }
}

/// Where a state leads.
#[derive(Clone, Debug)]
pub(crate) enum Transition {
    Next(String),
    End,
}

const COMMON: Fields = Fields {
    any: &["Type", "Comment", "QueryLanguage"],
    json_path: &[],
    jsonata: &[],
};

impl Transition {
    pub const FIELDS: [&'static str; 2] = ["Next", "End"];

    pub fn read(reader: &Reader) -> Option<Self> {
        let next = reader.text("Next");
        let end = reader.flag("End");
        match (next, end) {
            (Some(next), None | Some(false)) => Some(Self::Next(next.to_owned())),
            (None, Some(true)) => Some(Self::End),
            _ => {
                if reader.has("Next") && reader.has("End") {
                    reader.at_most_one(&Self::FIELDS);
                } else if !reader.has("Next") {
                    reader.mistake(reader::only_one_of(&Self::FIELDS));
                }
                None
            }
        }
    }
}

impl State {
    pub fn read(name: &str, reader: &Reader) -> Option<Self> {
        with_stack(|| Self::read_from(name, reader))
    }

    fn read_from(name: &str, reader: &Reader) -> Option<Self> {
        let language = reader.query_language(reader.machine_language);
        let reader = &Reader {
            language,
            ..reader.clone()
        };
        if reader.is_downgraded() {
            reader.mistake(
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            );
        }
        reader.text("Comment");
        if !reader.require(&["Type"]) {
            return None;
        }
        let (own, read): (&Fields, fn(&Reader) -> Option<Kind>) = match reader.text("Type")? {
            "Task" => (&Task::FIELDS, |reader| Task::read(reader).map(Kind::Task)),
            "Parallel" => (&Parallel::FIELDS, |reader| {
                Parallel::read(reader).map(Kind::Parallel)
            }),
            "Map" => (&Map::FIELDS, |reader| Map::read(reader).map(Kind::Map)),
            "Pass" => (&Pass::FIELDS, |reader| Pass::read(reader).map(Kind::Pass)),
            "Wait" => (&Wait::FIELDS, |reader| Wait::read(reader).map(Kind::Wait)),
            "Choice" => (&Choice::FIELDS, |reader| {
                Choice::read(reader).map(Kind::Choice)
            }),
            "Succeed" => (&Succeed::FIELDS, |reader| {
                Succeed::read(reader).map(Kind::Succeed)
            }),
            "Fail" => (&Fail::FIELDS, |reader| Fail::read(reader).map(Kind::Fail)),
            _ => {
                reader.mistake_at(
                    "Type",
                    "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
                );
                return None;
            }
        };
        reader.allow(&COMMON, own);
        reader.check_query_language();
        let fields = OutputFields::read(reader);
        let kind = read(reader)?;
        Some(Self {
            name: name.to_owned(),
            language,
            fields,
            kind,
        })
    }

    pub fn recovery(&self) -> Option<&Recovery> {
        match &self.kind {
            Kind::Task(task) => Some(&task.recovery),
            Kind::Parallel(parallel) => Some(&parallel.recovery),
            Kind::Map(map) => Some(&map.recovery),
            _ => None,
        }
    }

    pub fn transition(&self) -> Option<&Transition> {
        match &self.kind {
            Kind::Task(task) => Some(&task.transition),
            Kind::Parallel(parallel) => Some(&parallel.transition),
            Kind::Map(map) => Some(&map.transition),
            Kind::Pass(pass) => Some(&pass.transition),
            Kind::Wait(wait) => Some(&wait.transition),
            Kind::Choice(_) | Kind::Succeed(_) | Kind::Fail(_) => None,
        }
    }

    pub fn is_terminal(&self) -> bool {
        matches!(self.kind, Kind::Succeed(_) | Kind::Fail(_))
            || matches!(self.transition(), Some(Transition::End))
    }

    /// The states this one can lead to, and the fields that say so.
    pub fn targets(&self) -> Vec<(&str, String)> {
        let mut targets = Vec::new();
        if let Some(Transition::Next(next)) = self.transition() {
            targets.push((next.as_str(), "Next".to_owned()));
        }
        if let Kind::Choice(choice) = &self.kind {
            targets.extend(
                choice
                    .rules
                    .iter()
                    .enumerate()
                    .map(|(index, rule)| (rule.next.as_str(), format!("Choices[{index}]/Next"))),
            );
            targets.extend(
                choice
                    .default
                    .iter()
                    .map(|default| (default.as_str(), "Default".to_owned())),
            );
        }
        if let Some(recovery) = self.recovery() {
            targets.extend(
                recovery.catch.iter().enumerate().map(|(index, catcher)| {
                    (catcher.next.as_str(), format!("Catch[{index}]/Next"))
                }),
            );
        }
        targets
    }
}

impl OutputFields {
    fn read(reader: &Reader) -> Self {
        let kind = reader.value("Type").and_then(serde_json::Value::as_str);
        let is_map = kind == Some("Map");
        let sees = match kind {
            Some("Task" | "Parallel" | "Map") => Sees::RESULT,
            _ => Sees::default(),
        };
        Self {
            input_path: Nullable::read(reader, "InputPath", || reader.path("InputPath")),
            output_path: Nullable::read(reader, "OutputPath", || reader.path("OutputPath")),
            // A Map's Parameters are made for each of its items.
            parameters: match reader.language {
                QueryLanguage::JsonPath if is_map => None,
                QueryLanguage::JsonPath => reader.template("Parameters"),
                QueryLanguage::Jsonata => reader.template("Arguments"),
            },
            result_selector: reader.template("ResultSelector"),
            result_path: Nullable::read(reader, "ResultPath", || {
                reader.reference_path("ResultPath")
            }),
            output: reader.template_that_sees("Output", sees),
            assign: variables::read(reader, sees),
        }
    }
}
