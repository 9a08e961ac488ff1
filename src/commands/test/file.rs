//! A file of cases.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use chrono::{DateTime, Utc};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::Deserialize;
use serde_json::Value;

use super::case::Case;
use super::mocks::{Mock, Shared};
use super::words;
use crate::json;
use crate::machine::{self, Definition, MAP_CALLS};
use crate::mocks;
use crate::resource::{Address, Place, Problem, read_runnable};
use crate::session::Session;
use crate::stack::{Document, Source, Stack, nearest};

/// A machine and what is expected of it.
#[derive(Debug)]
pub struct Suite {
    file: PathBuf,
    text: String,
    machine: String,
    substitutions: BTreeMap<String, String>,
    pub cases: Vec<Entry>,
}

/// A case of a file.
#[derive(Debug)]
pub struct Entry {
    pub name: String,
    pub case: Result<Case, Wrong>,
}

/// Why a case cannot be run.
#[derive(Debug)]
pub struct Wrong {
    /// The names that lead to what is wrong in the case.
    path: Vec<String>,
    error: anyhow::Error,
}

impl Wrong {
    fn at(path: &[&str], error: anyhow::Error) -> Self {
        Self {
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            error,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuiteKeys {
    machine: String,
    #[serde(default)]
    substitutions: BTreeMap<String, String>,
    mocks: Option<PathBuf>,
    #[serde(default)]
    case: Vec<CaseKeys>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with the keys of a case, [[case]]")]
struct CaseKeys {
    name: String,
    input: Option<toml::Value>,
    input_json: Option<String>,
    now: Option<toml::Value>,
    test_case: Option<String>,
    #[serde(default)]
    mock: BTreeMap<String, Answers>,
    path: Option<Vec<String>>,
    #[serde(default)]
    visits: BTreeMap<String, usize>,
    output: Option<toml::Value>,
    output_json: Option<String>,
    error: Option<String>,
    cause: Option<String>,
    seconds: Option<f64>,
}

enum Answers {
    /// The same for every call.
    Always(AnswerKeys),
    InTurn(Vec<AnswerKeys>),
}

impl<'de> Deserialize<'de> for Answers {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(AnswersVisitor)
    }
}

/// Reads a table or a list of them, so that what is wrong in one is told where it is.
struct AnswersVisitor;

impl<'de> Visitor<'de> for AnswersVisitor {
    type Value = Answers;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an answer, [case.mock.STATE], or answers in turn, [[case.mock.STATE]]")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Answers, A::Error> {
        AnswerKeys::deserialize(MapAccessDeserializer::new(map)).map(Answers::Always)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Answers, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Answers::InTurn)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with what a task answers")]
struct AnswerKeys {
    r#return: Option<toml::Value>,
    return_json: Option<String>,
    error: Option<String>,
    cause: Option<String>,
    #[serde(default)]
    after: f64,
    parameters: Option<toml::Value>,
}

impl Suite {
    pub fn read(file: &Path, session: &Session) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).context("it cannot be read")?;
        let keys: SuiteKeys = toml::from_str(&text)
            .map_err(|error| anyhow!("it is no file of cases: {}", words::told(&error)))?;
        let shared = keys.mocks.as_ref().map(|path| {
            let path = file.parent().unwrap_or(Path::new("")).join(path);
            shared(path, file, &keys.machine, session)
        });
        let shared = shared.transpose()?;
        let cases = keys.case.into_iter().map(|case| Entry {
            name: case.name.clone(),
            case: case_of(case, shared.as_ref()),
        });
        Ok(Self {
            file: file.to_owned(),
            text,
            machine: keys.machine,
            substitutions: keys.substitutions,
            cases: cases.collect(),
        })
    }

    /// The definition that is tested: of a file, relative to this one or to where the user is, or
    /// of the stack, which comes with it.
    pub fn machine(&self, session: &Session) -> anyhow::Result<(Value, Option<Stack>)> {
        if let Some(found) = definition_file(&self.file, &self.machine) {
            let text = std::fs::read_to_string(&found)
                .with_context(|| format!("cannot read {}", found.display()))?;
            return Ok((self.substituted(&found, text)?, None));
        }
        if !self.substitutions.is_empty() {
            bail!("a machine of stack.toml has its substitutions there, and no others here");
        }
        let id = id_of(&self.machine);
        let stack = stack_for(session, id)?;
        match Definition::of_stack(&stack, id) {
            Some(definition) => Ok((definition.value, Some(stack))),
            None => bail!("`{}` is no state machine of stack.toml, and no file", self.machine),
        }
    }

    /// The states that a case names and the definition does not have, each with its place and what was
    /// probably meant. `index` is that of the case in the file.
    pub fn strange_states(&self, index: usize, case: &Case, definition: &Value) -> Vec<String> {
        let known = machine::state_names(definition);
        let mut named: Vec<(Vec<String>, &str)> = Vec::new();
        let steps = |key: &str, step: String| -> Vec<String> {
            vec!["case".to_owned(), index.to_string(), key.to_owned(), step]
        };
        // What a Map reads and writes is mocked by its resource, which is no state.
        for state in case.mocks.keys().filter(|name| !MAP_CALLS.contains(&name.as_str())) {
            named.push((steps("mock", state.clone()), state.as_str()));
        }
        for (at, state) in case.path.iter().flatten().enumerate() {
            named.push((steps("path", at.to_string()), state.as_str()));
        }
        for state in case.visits.keys() {
            named.push((steps("visits", state.clone()), state.as_str()));
        }
        named.retain(|(_, state)| !known.contains(state));
        let told = named.into_iter().map(|(path, state)| {
            let place = self.place(&path);
            let near = nearest(state, known.iter().copied().chain(MAP_CALLS));
            let near = near.map(|near| format!("\n  help: did you mean `{near}`?"));
            let near = near.unwrap_or_default();
            format!("{place}: the machine has no state `{state}`{near}")
        });
        let of_mocks = case.test_case.iter().flat_map(|case| case.strange_states(definition));
        told.chain(of_mocks).collect()
    }

    /// Why a case cannot be run, with its place. `index` is that of the case in the file.
    pub fn why_wrong(&self, index: usize, wrong: &Wrong) -> String {
        let mut path = vec!["case".to_owned(), index.to_string()];
        path.extend(wrong.path.iter().cloned());
        format!("{}: {:#}", self.place(&path), wrong.error)
    }

    /// `FILE:LINE:COLUMN` of what a path of names and indices leads to in the file.
    fn place(&self, path: &[String]) -> String {
        let file = self.file.display().to_string();
        let source = Source { display: file.clone(), text: self.text.clone(), ..Source::default() };
        let document = Document::parse(source).ok();
        let place = document.and_then(|document| {
            let span = document.place(path)?;
            Some(document.source().place(span.start))
        });
        match place {
            Some((line, column)) => format!("{file}:{line}:{column}"),
            None => file,
        }
    }

    /// A definition with `${Name}` replaced; what is wrong with it is told with its places.
    fn substituted(&self, file: &Path, text: String) -> anyhow::Result<Value> {
        read_runnable(file, text, &self.substitutions).map_err(|problems| {
            let told: Vec<String> = problems.iter().map(|problem| self.told(file, problem)).collect();
            anyhow!(told.join("\n"))
        })
    }

    /// A problem of a definition in a file of its own, with its place there or here.
    fn told(&self, file: &Path, problem: &Problem) -> String {
        let place = match &problem.place {
            Some(Place::File(source, span)) => {
                let (line, column) = source.place(span.start);
                format!("{}:{line}:{column}", source.display)
            }
            _ if problem.key.starts_with("substitutions.") => {
                let path: Vec<String> = problem.key.split('.').map(str::to_owned).collect();
                self.place(&path)
            }
            _ => file.display().to_string(),
        };
        let help = problem.help.as_ref().map(|help| format!("\n  help: {help}"));
        format!("{place}: {}{}", problem.message, help.unwrap_or_default())
    }
}

/// The file of a definition that a file of cases names, relative to it or to where the user is.
fn definition_file(cases: &Path, machine: &str) -> Option<PathBuf> {
    let beside = cases.parent().unwrap_or(Path::new("")).join(machine);
    [beside, PathBuf::from(machine)].into_iter().find(|file| file.is_file())
}

fn id_of(machine: &str) -> &str {
    machine.strip_prefix("state_machines.").unwrap_or(machine)
}

/// The mocks of a machine that a file of cases names.
fn shared(path: PathBuf, cases: &Path, machine: &str, session: &Session) -> anyhow::Result<Shared> {
    let mocks = mocks::read(&path)?;
    let id = id_of(machine);
    // Where there is one machine, it is that.
    let is_named = mocks.machines().count() > 1 && definition_file(cases, machine).is_none();
    let name = if is_named { name_of(session, id) } else { None };
    Ok(Shared::new(path, mocks, name.as_deref(), id))
}

/// The name of a machine of stack.toml. What is wrong there is told where its definition is read.
fn name_of(session: &Session, id: &str) -> Option<String> {
    let stack = stack_for(session, id).ok()?;
    let declared = stack.get(&Address::new("state_machines", id))?;
    Some(declared.resource.name().to_owned())
}

/// The stack, of which no more has to be right than the machine of this id and what it is made of.
fn stack_for(session: &Session, id: &str) -> anyhow::Result<Stack> {
    let document = session.document()?;
    session.resolve(&document).or_else(|mistakes| {
        let (account_id, region) = session.placeholders(&document);
        let sketch = document.sketch(&account_id, &region);
        if Definition::of_stack(&sketch, id).is_none() {
            return Err(mistakes.into());
        }
        session.output.hide(&sketch.secrets);
        Ok(sketch)
    })
}

/// A value of TOML as JSON; a time is its text.
fn to_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::from(flag),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Array(list) => list.into_iter().map(to_json).collect(),
        toml::Value::Table(table) => {
            let members = table.into_iter();
            members.map(|(key, value)| (key, to_json(value))).collect()
        }
    }
}

/// A value that is written as TOML, or as JSON under `KEY_json`.
fn either(
    key: &str,
    value: Option<toml::Value>,
    text: Option<String>,
) -> anyhow::Result<Option<Value>> {
    match (value, text) {
        (Some(_), Some(_)) => bail!("`{key}` and `{key}_json` say the same thing: write one"),
        (Some(value), None) => Ok(Some(to_json(value))),
        (None, Some(text)) => {
            let value = json::parse(&text);
            Ok(Some(value.with_context(|| format!("`{key}_json` is not JSON"))?))
        }
        (None, None) => Ok(None),
    }
}

/// The moment that `now` says, as a text or as TOML writes it; 2024-01-01 without one.
fn moment(now: Option<toml::Value>) -> anyhow::Result<DateTime<Utc>> {
    let text = match now {
        None => "2024-01-01T00:00:00Z".to_owned(),
        Some(toml::Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    let parsed = DateTime::parse_from_rfc3339(&text);
    let parsed = parsed.with_context(|| {
        format!("`now` is no time like 2024-05-01T06:00:00Z, with its zone: {text}")
    })?;
    Ok(parsed.with_timezone(&Utc))
}

/// The same of a case's key; what is wrong is told where it is written.
fn member(
    key: &str,
    value: Option<toml::Value>,
    text: Option<String>,
) -> Result<Option<Value>, Wrong> {
    let written = if text.is_some() { format!("{key}_json") } else { key.to_owned() };
    either(key, value, text).map_err(|error| Wrong::at(&[written.as_str()], error))
}

fn case_of(keys: CaseKeys, shared: Option<&Shared>) -> Result<Case, Wrong> {
    let mut mocks = BTreeMap::new();
    for (state, answers) in keys.mock {
        let (list, is_for_all) = match answers {
            Answers::Always(one) => (vec![one], true),
            Answers::InTurn(list) => (list, false),
        };
        let answers = list.into_iter().map(|answer| answer_of(&state, answer));
        let answers = answers.collect::<anyhow::Result<Vec<_>>>();
        let answers = answers.map_err(|error| Wrong::at(&["mock", state.as_str()], error))?;
        mocks.insert(state, Mock::new(answers, is_for_all));
    }
    let input = member("input", keys.input, keys.input_json)?;
    let output = member("output", keys.output, keys.output_json)?;
    if output.is_some() && (keys.error.is_some() || keys.cause.is_some()) {
        return Err(Wrong::at(&["output"], anyhow!("it expects an output and an error")));
    }
    let test_case = match (keys.test_case, shared) {
        (None, _) => Ok(None),
        (Some(asked), Some(shared)) => shared.case(&asked).map(Some),
        (Some(_), None) => Err(anyhow!("it names a `test_case`, and the file names no `mocks`")),
    };
    let test_case = test_case.map_err(|error| Wrong::at(&["test_case"], error))?;
    let now = moment(keys.now).map_err(|error| Wrong::at(&["now"], error))?;
    Ok(Case {
        name: keys.name,
        test_case,
        input: input.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        now,
        mocks,
        path: keys.path,
        visits: keys.visits,
        output,
        error: keys.error,
        cause: keys.cause,
        seconds: keys.seconds,
    })
}

fn answer_of(state: &str, keys: AnswerKeys) -> anyhow::Result<super::mocks::Answer> {
    let returned = either("return", keys.r#return, keys.return_json)?;
    let result = match (returned, keys.error) {
        (Some(_), Some(_)) => bail!("mock {state}: it returns and fails"),
        (Some(value), None) => Ok(value),
        (None, Some(error)) => Err((error, keys.cause.unwrap_or_default())),
        (None, None) => bail!("mock {state}: it says neither `return` nor `error`"),
    };
    let after = std::time::Duration::try_from_secs_f64(keys.after)
        .with_context(|| format!("mock {state}: `after` is no time in seconds"))?;
    Ok(super::mocks::Answer {
        result,
        after,
        parameters: keys.parameters.map(to_json),
    })
}
