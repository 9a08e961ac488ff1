//! Reads the members of one object of a definition, and keeps what is wrong with them in the words
//! of `ValidateStateMachineDefinition`.

use std::cell::RefCell;

use serde_json::{Map, Value};

use super::{Fields, warnings};
use crate::{
    Diagnostic, MachineType, Severity,
    jsonpath::ReferencePath,
    query::{PathExpression, PathField, QueryLanguage, Sees, Template},
    validate::nearest,
};

pub(super) const EMPTY: &str = "Value cannot be empty";
pub(super) const NOT_A_PATH: &str = "Value must be a valid JSONPath.";

pub(super) fn one_of(known: &[&str]) -> String {
    format!(
        "Value should be one of the following: [{}]",
        known.join(", ")
    )
}

pub(super) fn only_one_of(fields: &[&str]) -> String {
    format!(
        "This object should have only one of the following fields: [{}]",
        fields.join(", ")
    )
}

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(RefCell<Vec<Diagnostic>>);

impl Findings {
    pub fn add(&self, code: &str, message: impl Into<String>, location: Option<String>) {
        self.push(Severity::Error, code, message.into(), location);
    }

    /// Of what AWS takes, but which is hardly meant.
    pub fn warn(&self, code: &str, message: &str, location: String) {
        self.push(Severity::Warning, code, message.to_owned(), Some(location));
    }

    /// As [`Self::warn`], with a way out.
    pub fn warn_with_help(
        &self,
        (code, message, location): (&str, String, String),
        help: Option<String>,
    ) {
        self.warn(code, &message, location);
        if let Some(last) = self.0.borrow_mut().last_mut() {
            last.help = help;
        }
    }

    fn push(&self, severity: Severity, code: &str, message: String, location: Option<String>) {
        self.0.borrow_mut().push(Diagnostic {
            severity,
            code: code.to_owned(),
            message,
            location,
            help: None,
        });
    }

    /// As [`Self::add`], with what may have been meant by a name among others.
    pub fn add_unknown<'n>(
        &self,
        finding: (&str, String, String),
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let near = nearest(name, known);
        self.add_with_help(finding, near.map(|near| format!("did you mean '{near}'?")));
    }

    /// As [`Self::add`], with a way out.
    pub fn add_with_help(
        &self,
        (code, message, location): (&str, String, String),
        help: Option<String>,
    ) {
        self.add(code, message, Some(location));
        if let Some(last) = self.0.borrow_mut().last_mut() {
            last.help = help;
        }
    }

    /// Whether nothing is so wrong that the definition is refused.
    pub fn are_none(&self) -> bool {
        let found = self.0.borrow();
        found.iter().all(|found| found.severity != Severity::Error)
    }

    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.0.into_inner()
    }
}

#[derive(Clone)]
pub(crate) struct Reader<'a> {
    pub members: &'a Map<String, Value>,
    /// The JSON pointer to the object, empty for the root.
    pub location: String,
    /// What queries in the object are written in.
    pub language: QueryLanguage,
    /// What the whole machine says of it, if it does.
    pub machine_language: Option<QueryLanguage>,
    pub machine_type: MachineType,
    /// Whether a machine is to be made: what its integrations and readers are given has to be
    /// right then. To run what was taken once, that does not matter.
    pub for_creation: bool,
    pub findings: &'a Findings,
}

impl<'a> Reader<'a> {
    pub fn schema_mistake(&self, location: String, message: impl Into<String>) {
        let location = if location.is_empty() {
            "/".to_owned()
        } else {
            location
        };
        self.findings
            .add("SCHEMA_VALIDATION_FAILED", message, Some(location));
    }

    /// A mistake of the object itself.
    pub fn mistake(&self, message: impl Into<String>) {
        self.schema_mistake(self.location.clone(), message);
    }

    pub fn mistake_at(&self, field: &str, message: impl Into<String>) {
        self.schema_mistake(self.at(field), message);
    }

    pub fn at(&self, field: &str) -> String {
        format!("{}/{field}", self.location)
    }

    pub fn has(&self, field: &str) -> bool {
        self.members.contains_key(field)
    }

    pub fn value(&self, field: &str) -> Option<&'a Value> {
        self.members.get(field)
    }

    pub fn allow_only(&self, fields: &[&str]) {
        for name in self
            .members
            .keys()
            .filter(|name| !fields.contains(&name.as_str()))
        {
            self.unknown_field(name, fields.iter().copied());
        }
    }

    fn unknown_field<'n>(&self, name: &str, known: impl IntoIterator<Item = &'n str>) {
        let location = match self.location.as_str() {
            "" => "/".to_owned(),
            location => location.to_owned(),
        };
        let message = format!("Field '{name}' is not supported");
        let finding = ("SCHEMA_VALIDATION_FAILED", message, location);
        self.findings.add_unknown(finding, name, known);
    }

    /// Whether the state is in JSONPath and the machine in JSONata.
    pub fn is_downgraded(&self) -> bool {
        self.machine_language == Some(QueryLanguage::Jsonata)
            && self.language == QueryLanguage::JsonPath
    }

    fn foreign(&self, name: &str, language: QueryLanguage) {
        self.mistake(format!(
            "The QueryLanguage is set to '{}', but field '{name}' is only supported for the '{}' QueryLanguage",
            self.language.name(),
            language.name()
        ));
    }

    /// Refuses those of the fields that are there, as another query language's; whether there are any.
    pub fn refuse_foreign(&self, fields: &[&str], language: QueryLanguage) -> bool {
        let found: Vec<_> = fields.iter().filter(|field| self.has(field)).collect();
        for field in &found {
            self.foreign(field, language);
        }
        !found.is_empty()
    }

    /// Refuses fields that the state type does not have, or not in the state's query language. Those
    /// of the machine's language are let be where the state's is refused itself.
    pub fn allow(&self, common: &Fields, own: &Fields) {
        for name in self.members.keys().map(String::as_str) {
            let known = |fields: &Fields| fields.own(self.language).any(|field| field == name);
            if known(common) || known(own) {
                continue;
            }
            let foreign = [common, own]
                .into_iter()
                .map(|fields| fields.other(self.language))
                .find(|(fields, _)| fields.contains(&name));
            match foreign {
                Some(_) if self.is_downgraded() => {}
                Some((_, theirs)) => self.foreign(name, theirs),
                None => {
                    let known = common.own(self.language).chain(own.own(self.language));
                    self.unknown_field(name, known);
                }
            }
        }
    }

    /// Whether all are there; told in the order given.
    pub fn require(&self, fields: &[&str]) -> bool {
        let missing: Vec<_> = fields
            .iter()
            .copied()
            .filter(|field| !self.has(field))
            .collect();
        if !missing.is_empty() {
            self.mistake(format!(
                "These fields are required: [{}]",
                missing.join(", ")
            ));
        }
        missing.is_empty()
    }

    /// Refuses more than one of fields that say the same.
    pub fn at_most_one(&self, fields: &[&str]) {
        let present: Vec<_> = fields
            .iter()
            .copied()
            .filter(|field| self.has(field))
            .collect();
        if present.len() > 1 {
            self.mistake(format!(
                "There should only be one of the following fields: [{}]",
                present.join(", ")
            ));
        }
    }

    fn typed<T>(
        &self,
        field: &str,
        expected: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(field)?;
        let read = read(value);
        if read.is_none() {
            self.mistake_at(field, format!("Expected value of type {expected}"));
        }
        read
    }

    pub fn text(&self, field: &str) -> Option<&'a str> {
        self.typed(field, "String", Value::as_str)
    }

    /// What a text that has to be one of some stands for.
    pub fn one_of<T: Copy>(&self, field: &str, known: &[(&str, T)]) -> Option<T> {
        let text = self.text(field)?;
        let found = known.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            self.mistake_at(field, one_of(&names));
        }
        found.map(|(_, value)| *value)
    }

    pub fn flag(&self, field: &str) -> Option<bool> {
        self.typed(field, "Boolean", Value::as_bool)
    }

    pub fn object(&self, field: &str) -> Option<Reader<'a>> {
        let members = self.typed(field, "Object", Value::as_object)?;
        Some(Reader {
            members,
            location: self.at(field),
            ..self.clone()
        })
    }

    pub fn array(&self, field: &str) -> Option<&'a Vec<Value>> {
        self.typed(field, "Array", Value::as_array)
    }

    /// A reader for each of the objects in an array.
    pub fn objects(&self, field: &str) -> Vec<Reader<'a>> {
        let items = self.array(field).map_or(&[][..], Vec::as_slice);
        let reader = |(index, item): (usize, &'a Value)| {
            let location = format!("{}[{index}]", self.at(field));
            match item.as_object() {
                Some(members) => Some(Reader {
                    members,
                    location,
                    ..self.clone()
                }),
                None => {
                    self.schema_mistake(location, "Expected value of type Object");
                    None
                }
            }
        };
        items.iter().enumerate().filter_map(reader).collect()
    }

    pub fn whole(&self, field: &str, least: u64, most: u64) -> Option<u64> {
        let number = self.typed(field, "Integer", Value::as_i64)?;
        self.bounded(
            field,
            number,
            (least as i64, i64::try_from(most).unwrap_or(i64::MAX)),
        )
        .map(i64::unsigned_abs)
    }

    pub fn number(&self, field: &str, least: f64, most: f64) -> Option<f64> {
        let number = self.typed(field, "Number", Value::as_f64)?;
        self.bounded(field, number, (least, most))
    }

    fn bounded<T: PartialOrd + std::fmt::Debug>(
        &self,
        field: &str,
        number: T,
        (least, most): (T, T),
    ) -> Option<T> {
        if number < least {
            self.mistake_at(field, format!("Minimum value is {least:?}"));
        } else if number > most {
            self.mistake_at(field, format!("Maximum value is {most:?}"));
        } else {
            return Some(number);
        }
        None
    }

    pub fn template(&self, field: &str) -> Option<Template> {
        self.template_that_sees(field, Sees::default())
    }

    /// A template whose expressions see more of `$states` than others do.
    pub fn template_that_sees(&self, field: &str, sees: Sees) -> Option<Template> {
        let value = self.value(field)?;
        if self.language == QueryLanguage::JsonPath {
            warnings::template(self.findings, value, &self.at(field));
        }
        match Template::parse(value, self.language, sees) {
            Ok(template) => Some(template),
            Err(mistakes) => {
                for mistake in mistakes {
                    let location = format!("{}{}", self.at(field), mistake.below);
                    self.findings
                        .add(mistake.code, mistake.message, Some(location));
                }
                None
            }
        }
    }

    /// A path, but no intrinsic function.
    pub fn path(&self, field: &'static str) -> Option<PathField> {
        let path = self.path_or_call(field)?;
        if matches!(path.expression, PathExpression::Call(_)) {
            self.mistake_at(field, NOT_A_PATH);
            return None;
        }
        Some(path)
    }

    pub fn path_or_call(&self, field: &'static str) -> Option<PathField> {
        let text = self.text(field)?;
        warnings::function(self.findings, text, self.at(field));
        match PathExpression::parse(text) {
            Ok(expression) => Some(PathField {
                field,
                text: text.to_owned(),
                expression,
            }),
            Err(_) => {
                self.mistake_at(field, NOT_A_PATH);
                None
            }
        }
    }

    pub fn reference_path(&self, field: &str) -> Option<ReferencePath> {
        ReferencePath::parse(self.text(field)?)
            .map_err(|_| self.mistake_at(field, "Value is not a Reference Path"))
            .ok()
    }

    /// What `QueryLanguage` says here, or else `inherited`, or else JSONPath. Whatever is not
    /// exactly `JSONPath` stands for JSONata, as on AWS; [`Self::check_query_language`] refuses it.
    pub fn query_language(&self, inherited: Option<QueryLanguage>) -> QueryLanguage {
        match self.value("QueryLanguage") {
            None => inherited.unwrap_or(QueryLanguage::JsonPath),
            Some(given) if given == "JSONPath" => QueryLanguage::JsonPath,
            Some(_) => QueryLanguage::Jsonata,
        }
    }

    pub fn check_query_language(&self) {
        match self.value("QueryLanguage").map(Value::as_str) {
            None | Some(Some("JSONPath" | "JSONata")) => {}
            Some(None) => self.mistake_at("QueryLanguage", "Expected value of type [STRING]"),
            Some(Some(_)) => {
                self.mistake_at("QueryLanguage", one_of(&["JSONPath", "JSONata"]));
            }
        }
    }
}
