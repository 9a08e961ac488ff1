//! What will go wrong with state machines that AWS would take as they are.

use std::ops::Range;
use std::sync::Arc;

use asl::{MachineType, Severity};

#[cfg(feature = "local")]
use super::resources;
use super::{Definition, TaskState, place_of_path, tasks};
use crate::stack::{Diagnostic, Document, Source, Stack};

/// What is doubtful of a stack's state machines: what `asl` warns of, as AWS does, SQL that is none,
/// and, for the embedded cloud, functions, endpoints and integrations that it does not have. All are
/// warnings but the integrations that it never will have.
pub fn doubts(stack: &Stack, is_embedded: bool) -> Vec<Diagnostic> {
    let here = Here {
        is_embedded,
        functions: stack.local.functions.keys().cloned().collect(),
        endpoints: Some(urls(stack)),
    };
    let declared = stack.of_kind("state_machines");
    let found = declared.filter_map(|declared| {
        let definition = Definition::of_stack(stack, &declared.resource.address().id)?;
        Some(of_machine(&definition, &declared.span, &here))
    });
    found.flatten().collect()
}

/// The same of a document that is no stack: of machines that have mistakes as far as they can be
/// read, where a text that holds a `${Name}` is not looked at.
pub fn doubts_of_sketch(document: &Document, sketch: &Stack, is_embedded: bool) -> Vec<Diagnostic> {
    let urls = urls(sketch);
    let here = Here {
        is_embedded,
        functions: document.functions(),
        // With a mistake in [local] they are not known.
        endpoints: Some(urls).filter(|urls| !urls.is_empty() || document.ids("local").is_empty()),
    };
    let mut found = Vec::new();
    for id in document.ids("state_machines") {
        let Some((place, written)) = document.definition(&id) else {
            continue;
        };
        let definition = Definition::of_stack(sketch, &id)
            .or_else(|| Definition::as_written(&written, &sketch.scope.base_dir));
        if let Some(definition) = definition {
            let definition = definition.written_in(document, &id);
            found.extend(of_machine(&definition, &place, &here));
        }
    }
    found
}

/// Where machines are to run.
#[cfg_attr(not(feature = "local"), allow(dead_code, reason = "nothing runs here"))]
struct Here {
    is_embedded: bool,
    /// The names of the functions that it has.
    functions: Vec<String>,
    /// What URLs its endpoints answer for, if that is known.
    endpoints: Option<Vec<String>>,
}

fn urls(stack: &Stack) -> Vec<String> {
    let endpoints = stack.local.endpoints.values();
    endpoints.map(|endpoint| endpoint.url.clone()).collect()
}

/// `place` is the one of the machine in stack.toml.
fn of_machine(definition: &Definition, place: &Range<usize>, here: &Here) -> Vec<Diagnostic> {
    let written = Written::new(place, definition);
    let mut found = hardly_meant(definition);
    for task in tasks(&definition.value) {
        found.extend(sql(&task));
        found.extend(not_in_api(&task).or_else(|| not_here(&task, here)));
    }
    found
        .into_iter()
        .map(|doubt| written.place(doubt))
        .collect()
}

/// Something to be warned of.
struct Doubt {
    /// The path in the definition.
    path: Vec<String>,
    message: String,
    label: String,
    help: Option<String>,
    /// It is no warning: nothing comes of the machine where it is to run.
    is_refused: bool,
}

/// Where a definition is written.
struct Written<'a> {
    declared: &'a Range<usize>,
    definition: &'a Definition,
    file: Option<Arc<Source>>,
}

impl<'a> Written<'a> {
    fn new(declared: &'a Range<usize>, definition: &'a Definition) -> Self {
        let file = definition.text.as_ref().map(|(file, text)| {
            Arc::new(Source {
                display: file.display().to_string(),
                base_dir: file.parent().map(ToOwned::to_owned).unwrap_or_default(),
                text: text.clone(),
            })
        });
        Self {
            declared,
            definition,
            file,
        }
    }

    fn place(&self, doubt: Doubt) -> Diagnostic {
        let in_file = self.file.as_ref().and_then(|file| {
            let place = place_of_path(&file.text, &doubt.path, false)?;
            Some((file.clone(), place.span))
        });
        let (file, span) = match in_file {
            Some((file, span)) => (Some(file), span),
            None => {
                let in_stack = self.definition.place_in_stack(&doubt.path);
                (None, in_stack.unwrap_or_else(|| self.declared.clone()))
            }
        };
        let diagnostic = Diagnostic {
            file,
            help: doubt.help,
            ..Diagnostic::new(span, doubt.message, doubt.label)
        };
        if doubt.is_refused {
            diagnostic
        } else {
            diagnostic.into_warning()
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
                is_refused: false,
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
    if statement.contains("${") {
        return None;
    }
    let error = local_cloud::athena::check_syntax(statement).err()?;
    Some(Doubt {
        path,
        message: format!("the query of the state `{}` is not valid", task.name),
        label: error,
        help: None,
        is_refused: false,
    })
}

#[cfg(not(feature = "local"))]
fn sql(_: &TaskState) -> Option<Doubt> {
    None
}

/// An operation that the API of a service does not have, as far as it is known here: AWS may have got
/// it since.
#[cfg(feature = "local")]
fn not_in_api(task: &TaskState) -> Option<Doubt> {
    let resource = task.resource().filter(|text| !text.contains("${"))?;
    let (service, action, near) = resources::not_in_api(resource)?;
    Some(Doubt {
        path: task.path_to(&["Resource"]),
        message: format!("the API of {service} has no operation `{action}` that is known here"),
        label: format!(
            "AWS refuses a machine in which `{}` calls what it does not have",
            task.name
        ),
        help: Some(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("an operation of {service} is written in camel case: `aws-sdk:{service}:…`")
            }
        }),
        is_refused: false,
    })
}

#[cfg(not(feature = "local"))]
fn not_in_api(_: &TaskState) -> Option<Doubt> {
    None
}

/// A function, an endpoint or an integration that the embedded cloud does not have.
#[cfg(feature = "local")]
fn not_here(task: &TaskState, here: &Here) -> Option<Doubt> {
    if !here.is_embedded {
        return None;
    }
    let resource = task.resource()?;
    if let Some((name, path)) = function(task) {
        if name.contains("${") || here.functions.contains(&name) {
            return None;
        }
        return Some(Doubt {
            path,
            message: format!("the embedded cloud has no function `{name}`"),
            label: format!("`{}` invokes it", task.name),
            help: Some(format!(
                "declare it: [local.functions.{name}] command = \"…\""
            )),
            is_refused: false,
        });
    }
    if resource.contains(":glue:startJobRun") {
        return Some(Doubt {
            path: task.path_to(&["Resource"]),
            message: "the embedded cloud runs no Glue jobs, so it has no glue:startJobRun"
                .to_owned(),
            label: format!("`{}` starts one", task.name),
            help: Some(
                "--target aws has it; `athglue test` runs the machine with the task mocked"
                    .to_owned(),
            ),
            is_refused: true,
        });
    }
    if local_cloud::sfn::has_integration(resource) {
        return endpoint(task, here);
    }
    // What nobody has is refused.
    if resource.contains("${") || !asl::recognizes(resource) {
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
        is_refused: false,
    })
}

/// An HTTPS endpoint that no command of stack.toml answers for, if the definition says its URL.
#[cfg(feature = "local")]
fn endpoint(task: &TaskState, here: &Here) -> Option<Doubt> {
    if !task.resource()?.ends_with(":http:invoke") {
        return None;
    }
    let (url, path) = task.parameter("ApiEndpoint")?;
    let mut declared = here.endpoints.as_ref()?.iter();
    if url.contains("${") || declared.any(|of| local_cloud::sfn::endpoint_answers(of, url)) {
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
        is_refused: false,
    })
}

#[cfg(not(feature = "local"))]
fn not_here(_: &TaskState, _: &Here) -> Option<Doubt> {
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
