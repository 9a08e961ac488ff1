//! What a shell offers for a half-typed name.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap_complete::CompletionCandidate;

use crate::resource::KINDS;
#[cfg(feature = "local")]
use crate::session::data_dir_beside;
use crate::session::stack_file;
use crate::stack::Document;

/// The words of the line that is half-typed: the ones behind the `--` that a shell puts before them.
fn line() -> Vec<OsString> {
    let words = std::env::args_os().skip_while(|word| word != "--");
    words.skip(1).collect()
}

/// The value that a line gives an option, as `--file PATH`, `--file=PATH`, `-C PATH` or `-CPATH`; none
/// if it gives none. Bash makes `=` a word of its own.
fn value_of(words: &[OsString], long: &str, short: Option<char>) -> Option<OsString> {
    let mut words = words.iter().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let Some(behind) = word.to_str().and_then(|word| behind(word, long, short)) else {
            continue;
        };
        if !behind.is_empty() {
            return Some(behind.strip_prefix('=').unwrap_or(behind).into());
        }
        let next = words.next()?;
        return if next == "=" {
            words.next().cloned()
        } else {
            Some(next.clone())
        };
    }
    None
}

/// What stands behind an option in its own word, with its `=`; none if the word is another.
fn behind<'a>(word: &'a str, long: &str, short: Option<char>) -> Option<&'a str> {
    if let Some(behind) = word.strip_prefix("--") {
        let behind = behind.strip_prefix(long)?;
        return (behind.is_empty() || behind.starts_with('=')).then_some(behind);
    }
    // Before it may be short ones that take no value: `-qC PATH`.
    let letters = word.strip_prefix('-')?;
    letters
        .trim_start_matches(['q', 'v', 'y'])
        .strip_prefix(short?)
}

/// A path that is typed: a shell hands over the `~` before its `/` as it is.
fn typed(path: OsString) -> PathBuf {
    at_home(Path::new(&path)).unwrap_or_else(|| PathBuf::from(path))
}

fn at_home(path: &Path) -> Option<PathBuf> {
    let rest = path.strip_prefix("~").ok()?;
    let home = std::env::var_os("HOME")?;
    Some(Path::new(&home).join(rest))
}

/// The `stack.toml` that the half-typed line means.
fn meant_stack() -> PathBuf {
    let given = value_of(&line(), "file", Some('C'));
    stack_file(&given.map_or_else(|| PathBuf::from("stack.toml"), typed))
}

/// What the stack that the line means has. A shell cannot show a mistake; it offers nothing then.
fn of_stack(names: impl Fn(&Document) -> Vec<String>) -> Vec<String> {
    match Document::load(&meant_stack()) {
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

/// Tables of the embedded cloud beside the stack, as DB.TABLE.
pub fn tables(current: &OsStr) -> Vec<CompletionCandidate> {
    starting(current, local_tables())
}

/// The folder of the embedded cloud that the half-typed line means.
#[cfg(feature = "local")]
fn meant_data_dir() -> PathBuf {
    let given = value_of(&line(), "data-dir", None).map(typed);
    let of_environment = || std::env::var_os("ATHGLUE_DATA_DIR").map(PathBuf::from);
    given
        .or_else(of_environment)
        .unwrap_or_else(|| data_dir_beside(&meant_stack()))
}

#[cfg(feature = "local")]
fn local_tables() -> Vec<String> {
    let dir = meant_data_dir();
    if !local_cloud::is_store(&dir) {
        return Vec::new();
    }
    // A shell cannot show an error; it offers nothing then.
    match local_cloud::Cloud::open(&dir) {
        Ok(cloud) => local_cloud::glue::table_names(&cloud).unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

#[cfg(not(feature = "local"))]
fn local_tables() -> Vec<String> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_an_option_is_found_however_it_is_typed() {
        let file = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            value_of(&words, "file", Some('C'))
        };
        for line in [
            "athglue -C lake run",
            "athglue -Clake run",
            "athglue -C=lake run",
            "athglue -qyC lake run",
            "athglue run --file lake",
            "athglue run --file=lake",
            "athglue run --file = lake",
        ] {
            assert_eq!(file(line), Some("lake".into()), "{line}");
        }
        for line in [
            "athglue run",
            "athglue run -C",
            "athglue run --files lake",
            "athglue run -- -C lake",
        ] {
            assert_eq!(file(line), None, "{line}");
        }
        let words = ["athglue", "--data-dir=d"].map(OsString::from);
        assert_eq!(value_of(&words, "data-dir", None), Some("d".into()));
    }
}
