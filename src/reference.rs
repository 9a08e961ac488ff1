//! What is made of the code and checked in: the references of commands and of stack.toml, the
//! schemas of what programs read, and the completions. A test holds them to the code; `UPDATE=1 cargo test reference` writes them anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use serde_json::Value;

use crate::cli::Cli;
use crate::commands::{completion_script, report_schema};
use crate::engine::plan_schema;
use crate::stack::{KindReference, json_schema, reference};

/// Every generated file by its path below the repository.
fn files() -> Vec<(PathBuf, String)> {
    let mut files = vec![
        (PathBuf::from("docs/commands.md"), commands()),
        (PathBuf::from("docs/stack.md"), stack()),
        (
            PathBuf::from("docs/stack.schema.json"),
            json(&json_schema()),
        ),
        (PathBuf::from("docs/plan.schema.json"), json(&plan_schema())),
        (PathBuf::from("docs/up.schema.json"), json(&report_schema())),
    ];
    for (shell, name) in [
        (Shell::Bash, "athglue.bash"),
        (Shell::Zsh, "_athglue"),
        (Shell::Fish, "athglue.fish"),
        (Shell::PowerShell, "_athglue.ps1"),
        (Shell::Elvish, "athglue.elv"),
    ] {
        files.push((
            Path::new("completions").join(name),
            completion_script(shell),
        ));
    }
    files
}

fn json(schema: &Value) -> String {
    let text = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    format!("{text}\n")
}

/// The reference of commands.
fn commands() -> String {
    let mut root = Cli::command().term_width(92).disable_help_subcommand(true);
    root.build();
    let mut text = String::from(
        "# Commands\n\nMade of the program's own help; `athglue COMMAND --help` shows the same.\n",
    );
    section(&mut text, &mut root, "athglue");
    text
}

fn section(text: &mut String, command: &mut Command, path: &str) {
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let help = help.join("\n");
    writeln!(text, "\n## {path}\n\n```text\n{}\n```", help.trim_end()).expect("a text grows");
    let names: Vec<String> = command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in names {
        if let Some(sub) = command.find_subcommand_mut(&name) {
            section(text, sub, &format!("{path} {name}"));
        }
    }
}

/// The reference of stack.toml.
fn stack() -> String {
    let mut text = String::from(
        "# stack.toml\n\nOne file says what should be there. Every table `[KIND.ID]` is one resource, and `KIND.ID` its address.\n\
\n\
A text may hold references: `${KIND.ID}` is the name of another resource, `${KIND.ID.ATTRIBUTE}` something else of it; \
`${vars.NAME}`, `${stack.name}`, `${aws.account_id}`, `${aws.region}` and `${env.NAME}` are values. \
What refers to a resource is made after it and deleted before it. Paths of files are relative to stack.toml.\n\
\n\
`athglue schema` prints the same as a JSON schema, for editors.\n\
\n\
## vars\n\nValues of your own: `days = 30` is `${vars.days}`.\n",
    );
    for kind in reference() {
        kind_section(&mut text, &kind);
    }
    text
}

fn kind_section(text: &mut String, kind: &KindReference) {
    write!(
        text,
        "\n## {}\n\n{}\n\n| key | value | |\n|---|---|---|\n",
        kind.name,
        one_line(&kind.doc)
    )
    .expect("a text grows");
    for key in &kind.keys {
        let required = if key.required { " Required." } else { "" };
        let default = match &key.default {
            Some(value) if !is_empty(value) => format!(" Default: `{value}`."),
            _ => String::new(),
        };
        writeln!(
            text,
            "| `{}` | {} | {}{required}{default} |",
            key.path,
            key.value.replace('|', "\\|"),
            one_line(&key.doc).replace('|', "\\|")
        )
        .expect("a text grows");
    }
    if !kind.attributes.is_empty() {
        text.push_str("\nReferences: ");
        let list: Vec<String> = kind
            .attributes
            .iter()
            .map(|a| format!("`${{{}.ID.{}}}` {}", kind.name, a.name, a.doc))
            .collect();
        text.push_str(&list.join("; "));
        text.push_str(".\n");
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        value => value.is_null(),
    }
}

#[test]
fn the_references_and_completions_say_what_the_code_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut stale = Vec::new();
    for (path, text) in files() {
        let file = root.join(&path);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(&file, &text).expect("the file is writable");
        }
        if std::fs::read_to_string(&file).unwrap_or_default() != text {
            stale.push(path);
        }
    }
    assert!(
        stale.is_empty(),
        "stale, `UPDATE=1 cargo test reference` writes them anew: {stale:?}"
    );
}
