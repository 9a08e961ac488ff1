//! What a shell offers for a half-typed name.

use std::ffi::OsStr;
use std::path::Path;

use clap_complete::CompletionCandidate;

use crate::resource::KINDS;
use crate::stack::Document;

/// What the `stack.toml` of this folder has. A shell cannot show a mistake; it offers nothing then.
fn of_stack(names: impl Fn(&Document) -> Vec<String>) -> Vec<String> {
    match Document::load(Path::new("stack.toml")) {
        Ok(document) => names(&document),
        Err(_) => Vec::new(),
    }
}

/// Ids of a kind.
fn ids(kind: &str) -> Vec<String> {
    of_stack(|document| document.ids(kind))
}

fn starting(current: &OsStr, names: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else {
        return Vec::new();
    };
    names
        .into_iter()
        .filter(|name| name.starts_with(current))
        .map(CompletionCandidate::new)
        .collect()
}

/// The targets that have a name; the URL of an endpoint is typed by hand.
pub fn targets(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(current, ["local", "aws"].map(str::to_owned))
}

/// The envs that `--env` may name.
pub fn envs(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(current, of_stack(Document::envs))
}

/// `NAME=` of a variable; its value is typed by hand.
pub fn variables(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(
        current,
        ids("vars").into_iter().map(|name| format!("{name}=")),
    )
}

/// Outputs of the stack.
pub fn outputs(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(current, ids("outputs"))
}

/// Databases of the stack.
pub fn databases(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(current, ids("databases"))
}

/// Workgroups of the stack, and the one that every account has.
pub fn workgroups(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut names = ids("workgroups");
    names.push("primary".to_owned());
    starting(current, names)
}

pub fn crawlers(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(current, ids("crawlers"))
}

pub fn state_machines(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(current, ids("state_machines"))
}

/// `@NAMED` of a query; SQL is typed by hand.
pub fn queries(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(
        current,
        ids("queries").into_iter().map(|id| format!("@{id}")),
    )
}

/// Addresses of everything in the stack.
pub fn addresses(current: &OsStr) -> Vec<CompletionCandidate> {
    let all = KINDS.iter().flat_map(|kind| {
        let name = kind.name();
        ids(name).into_iter().map(move |id| format!("{name}.{id}"))
    });
    starting(current, all)
}

/// Tables of the embedded cloud in this folder, as DB.TABLE.
pub fn tables(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(current, local_tables())
}

#[cfg(feature = "local")]
fn local_tables() -> Vec<String> {
    let dir = Path::new(".athglue");
    if !local_cloud::is_store(dir) {
        return Vec::new();
    }
    // A shell cannot show an error; it offers nothing then.
    match local_cloud::Cloud::open(dir) {
        Ok(cloud) => local_cloud::glue::table_names(&cloud).unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

#[cfg(not(feature = "local"))]
fn local_tables() -> Vec<String> {
    Vec::new()
}
