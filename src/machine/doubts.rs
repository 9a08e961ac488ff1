//! What will go wrong with state machines that AWS would take as they are.

use std::sync::Arc;

use asl::{MachineType, Severity};

use super::{Definition, TaskState, is_unknown, place_of_path, tasks};
use crate::stack::{Declared, Diagnostic, Source, Stack};

/// Warnings of a stack's state machines: what AWS itself warns of, SQL that is none, integrations
/// that nobody is known to have, and, for the embedded cloud, functions, endpoints and integrations
/// that it does not have.
pub fn doubts(stack: &Stack, is_embedded: bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for declared in stack.of_kind("state_machines") {
        let id = &declared.resource.address().id;
        let Some(definition) = Definition::of_stack(stack, id) else {
            continue;
        };
        let written = Written::new(declared, &definition);
        found.extend(
            hardly_meant(&definition)
                .into_iter()
                .map(|doubt| written.place(doubt)),
        );
        for task in tasks(&definition.value) {
            found.extend(sql(&task).map(|doubt| written.place(doubt)));
            let integration = match unknown(&task) {
                None if is_embedded => not_here(stack, &task),
                unknown => unknown,
            };
            found.extend(integration.map(|doubt| written.place(doubt)));
        }
    }
    found
}

/// Something to be warned of.
struct Doubt {
    /// The path in the definition.
    path: Vec<String>,
    message: String,
    label: String,
    help: Option<String>,
}

/// Where a definition is written.
struct Written<'a> {
    declared: &'a Declared,
    file: Option<Arc<Source>>,
}

impl<'a> Written<'a> {
    fn new(declared: &'a Declared, definition: &Definition) -> Self {
        let file = definition.text.as_ref().map(|(file, text)| {
            Arc::new(Source {
                display: file.display().to_string(),
                base_dir: file.parent().map(ToOwned::to_owned).unwrap_or_default(),
                text: text.clone(),
            })
        });
        Self { declared, file }
    }

    fn place(&self, doubt: Doubt) -> Diagnostic {
        let in_file = self.file.as_ref().and_then(|file| {
            let place = place_of_path(&file.text, &doubt.path, false)?;
            Some((file.clone(), place.span))
        });
        let (file, span) = match in_file {
            Some((file, span)) => (Some(file), span),
            None => (None, self.declared.span.clone()),
        };
        Diagnostic {
            file,
            help: doubt.help,
            ..Diagnostic::new(span, doubt.message, doubt.label).into_warning()
        }
    }
}

/// What AWS takes with a warning: a path where nothing is looked up.
fn hardly_meant(definition: &Definition) -> Vec<Doubt> {
    let text = definition.value.to_string();
    let found = asl::validate(&text, MachineType::Standard).into_iter();
    found
        .filter(|found| found.severity == Severity::Warning)
        .filter_map(|found| {
            Some(Doubt {
                path: found.path(&definition.value)?,
                message: found.message,
                label: found.code,
                help: found.help,
            })
        })
        .collect()
}

/// A statement of Athena's that is no SQL.
#[cfg(feature = "local")]
fn sql(task: &TaskState) -> Option<Doubt> {
    if !task.resource()?.contains(":athena:startQueryExecution") {
        return None;
    }
    let (statement, path) = task.parameter("QueryString")?;
    let error = local_cloud::athena::check_syntax(statement).err()?;
    Some(Doubt {
        path,
        message: format!("the query of the state `{}` is not valid", task.name),
        label: error,
        help: None,
    })
}

#[cfg(not(feature = "local"))]
fn sql(_: &TaskState) -> Option<Doubt> {
    None
}

/// An integration that Step Functions is not known to have.
fn unknown(task: &TaskState) -> Option<Doubt> {
    is_unknown(task.resource()?).then(|| Doubt {
        path: task.path_to(&["Resource"]),
        message: "this is no integration of Step Functions that is known here".to_owned(),
        label: format!("`{}` calls it", task.name),
        help: None,
    })
}

/// A function, an endpoint or an integration that the embedded cloud does not have.
#[cfg(feature = "local")]
fn not_here(stack: &Stack, task: &TaskState) -> Option<Doubt> {
    let resource = task.resource()?;
    if let Some((name, path)) = function(task) {
        if stack.local.functions.contains_key(&name) {
            return None;
        }
        return Some(Doubt {
            path,
            message: format!("the embedded cloud has no function `{name}`"),
            label: format!("`{}` invokes it", task.name),
            help: Some(format!(
                "declare it: [local.functions.{name}] command = \"…\""
            )),
        });
    }
    if local_cloud::sfn::has_integration(resource) {
        return endpoint(stack, task);
    }
    // What nobody has is refused.
    if !asl::recognizes(resource) {
        return None;
    }
    Some(Doubt {
        path: task.path_to(&["Resource"]),
        message: "the embedded cloud does not have this integration".to_owned(),
        label: format!("`{}` fails with States.Runtime there", task.name),
        help: Some(
            "--target aws has it; a test can mock it: `athglue test`, `athglue run --mocks`"
                .to_owned(),
        ),
    })
}

/// An HTTPS endpoint that no command of stack.toml answers for, if the definition says its URL.
#[cfg(feature = "local")]
fn endpoint(stack: &Stack, task: &TaskState) -> Option<Doubt> {
    if !task.resource()?.ends_with(":http:invoke") {
        return None;
    }
    let (url, path) = task.parameter("ApiEndpoint")?;
    let mut declared = stack.local.endpoints.values();
    if declared.any(|endpoint| local_cloud::sfn::endpoint_answers(&endpoint.url, url)) {
        return None;
    }
    let host: String = url.split_inclusive('/').take(3).collect();
    let host = host.trim_end_matches('/');
    Some(Doubt {
        path,
        message: format!("the embedded cloud has no endpoint for {url}"),
        label: format!("`{}` calls it", task.name),
        help: Some(format!(
            "declare it: [local.endpoints.NAME] url = \"{host}/*\" command = \"…\""
        )),
    })
}

#[cfg(not(feature = "local"))]
fn not_here(_: &Stack, _: &TaskState) -> Option<Doubt> {
    None
}

/// The name of the function that a task invokes, if its definition says it, and where.
#[cfg(feature = "local")]
fn function(task: &TaskState) -> Option<(String, Vec<String>)> {
    let resource = task.resource()?;
    let (text, path) = if resource.split(':').nth(2) == Some("lambda") {
        (resource, task.path_to(&["Resource"]))
    } else if resource.contains(":::lambda:invoke") {
        task.parameter("FunctionName")?
    } else {
        return None;
    };
    // A name or an ARN, with a version or an alias behind it.
    let name = text.rsplit_once("function:").map_or(text, |(_, name)| name);
    let name = name.split(':').next().unwrap_or(name);
    Some((name.to_owned(), path))
}
