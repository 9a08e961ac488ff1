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
use crate::resource;
use crate::stack::{Key, KindReference, NONE, json_schema, of_every_kind, reference};

/// Every generated file by its path below the repository.
fn files() -> Vec<(PathBuf, String)> {
    let mut files = vec![
        (PathBuf::from("docs/commands.md"), commands()),
        (PathBuf::from("docs/stack.md"), stack()),
        (PathBuf::from("docs/kinds.md"), kinds()),
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
    let mut text = String::from(STACK);
    let (heads, kinds): (Vec<_>, Vec<_>) = reference()
        .into_iter()
        .partition(|table| resource::kind(table.name).is_none());
    for table in heads {
        let explanation = match table.name {
            "stack" => STACK_HEAD,
            "vars" => VARS,
            "local" => LOCAL,
            _ => OUTPUTS,
        };
        kind_section(&mut text, &table, explanation);
    }
    text.push_str(ENVS);
    text.push_str("\n## Keys of every table\n\nHow a resource may come and go is said in its own table, whatever its kind.\n");
    key_table(&mut text, &of_every_kind());
    text.push_str(SCHEDULES);
    for kind in kinds {
        kind_section(&mut text, &kind, "");
    }
    text
}

const STACK: &str = "\
# stack.toml

One file says what should be there. Every table `[KIND.ID]` is one resource, and `KIND.ID` its address. An id has up to 64 letters, digits, `_` and `-`.

A text may hold references: `${KIND.ID}` is the name of another resource, `${KIND.ID.ATTRIBUTE}` something else of it; `${vars.NAME}`, `${stack.name}`, `${stack.env}`, `${aws.account_id}`, `${aws.region}` and `${env.NAME}`, a variable of the process, are values. What refers to a resource is made after it and deleted before it. A `${` that is meant as it is, as in a policy's `${aws:username}`, is written `$${`. Paths of files are relative to stack.toml.

`athglue schema` prints the same as a JSON schema, for editors. [kinds.md](kinds.md) lists for every key what it sets in AWS, and whether it changes in place.
";

const STACK_HEAD: &str = "\
`account` and `region` pin the stack to a place. With other credentials, or another `--region`, every command that reads or changes the stack is refused before it calls anything of it.
";

const VARS: &str = "\
Values of your own: `days = 30` is `${vars.days}`. Written as a table, a variable has a type, bounds, and need not have a default:

```toml
[vars]
days = { type = \"integer\", default = 30, min = 1, max = 365, description = \"How long results are kept\" }
token = { sensitive = true }
```

Its value is, in this order: `--var days=90` of the command line, `ATHGLUE_VAR_days` of the environment, `[env.NAME.vars]` of the env that is chosen, the default. One that has none of them is a mistake, and so is a `--var` that the file has no variable for. A sensitive variable's value is in no result and no message: `(sensitive)` stands in its place, in the logs of `-vv` too, and so it does where the value was that it takes the place of. References to it work as ever, so AWS may show what athglue hides.
";

const OUTPUTS: &str = "\
```toml
[outputs]
files = \"s3://${buckets.data}/\"

[outputs.crawler]
value = \"${crawlers.films.arn}\"
description = \"For the team that starts it\"
```

`up` shows them at its end, `athglue outputs` at any time; `athglue outputs crawler` prints the bare value for a shell. An output that tells a sensitive variable has to be `sensitive` itself.
";

const LOCAL: &str = "\
```toml
[local.functions.thumbnail]
command = \"python3 functions/thumbnail.py\"
environment = { BUCKET = \"${buckets.data}\" }
```

A task invokes it as on AWS: `arn:aws:states:::lambda:invoke` with `FunctionName`, or the function's ARN as the `Resource`. A `Payload` that is a text is the JSON of the event, not a text to the function; without one the event is `{}`. The command runs with the environment of athglue, plus `AWS_LAMBDA_FUNCTION_NAME` and `AWS_LAMBDA_FUNCTION_ARN`; under `athglue local serve` also with `AWS_ENDPOINT_URL` and credentials that lead AWS's SDKs to the embedded cloud. A `${` of the shell is written `$${`. `validate`, `plan` and `up` warn of a function or an endpoint that a definition calls and that is not here.

```toml
[local.endpoints.films]
url = \"https://api.example.com/*\"
command = \"python3 endpoints/films.py\"
```

A task calls it by `arn:aws:states:::http:invoke`. The embedded cloud itself calls no HTTPS API: the command is given the request, with the headers that Step Functions sets and with the body as `Transform` makes it, and says what the API answers. A `StatusCode` from 400 fails the task with `States.Http.StatusCode.NNN`, an exit code other than 0 with `States.Http.Socket`, and so does a minute without an answer. The connection that the task names need not be there, and adds nothing to the request; the role of the state machine has to be allowed to use it, as on AWS.
";

const ENVS: &str = "
## env

What is different in an environment is under its name, and is laid over the rest of the file when `--env NAME`, or `ATHGLUE_ENV`, chooses it. Tables merge; any other value, a list too, takes the place of what was there.

```toml
[stack]
name = \"films-${stack.env}\"
region = \"eu-west-1\"

[vars]
days = 7

[buckets.data]

[env.dev]

[env.prod.stack]
account = \"123456789012\"
region = \"eu-central-1\"

[env.prod.vars]
days = 90

[env.prod.buckets.data]
versioning = true
prevent_destroy = true
```

An env changes what the file has: it adds keys to a resource, and no resource. Without `--env` the file is as it is written, without any env. `athglue validate` checks it in every env.

The env is no part of a stack's identity: a stack is its name, in its account and region. Two envs of one name in one account are one and the same stack, which changes to and fro. Give each a name of its own, by `${stack.env}` in `name` or by `[env.NAME.stack] name = …`, or an account or a region of its own. A file whose name holds `${stack.env}` does nothing until an env is chosen.
";

const SCHEDULES: &str = "
## Schedules

Where a key takes a schedule, it takes AWS's own expression, or words: `every 15 minutes`, `every hour`, `every 6 hours`, `every day at 03:00`, `every weekday at 06:30`, `every weekend at noon`, `every monday and thursday at 06:30`, `on the 1st and 15th at 02:00`, `on the last day at midnight`. A crawler's schedule is in UTC and comes every 5 minutes at most; a schedule of EventBridge Scheduler has a time zone, and takes `rate(…)` and `at(…)` too.
";

/// The table of every kind and field.
fn kinds() -> String {
    let mut text = String::from(KINDS);
    for table in reference() {
        let Some(kind) = resource::kind(table.name) else {
            continue;
        };
        writeln!(text, "\n## {}\n", kind.name()).expect("a text grows");
        text.push_str("| key | value | required | default | compared | a change | in AWS |\n|---|---|---|---|---|---|---|\n");
        for key in &table.keys {
            field_row(&mut text, key);
        }
    }
    text
}

const KINDS: &str = "\
# Kinds and fields

Every key of every kind, and what becomes of it. All of them can be set; what they mean is in [stack.md](stack.md).

*compared*: `plan` reads the live value and shows a difference. A key that stack.toml does not set is not compared: nobody manages it. *a change*: what another value leads to. `in place`: the resource is updated where it is. `anew`: it is deleted, and made anew under its name. `another`: the key is a part of what sets it apart, so another one is made, and the old one deleted when all else is done. `none`: it says how something is made or changed, and by itself changes nothing. A plan shows both of the latter as a replacement, with the keys that force it. *in AWS*: the operation and the field that the key sets; `—` is athglue's own, which is in no call.

Every kind also takes `prevent_destroy`, `force_destroy` and `adopt`, which are no fields of AWS.
";

fn field_row(text: &mut String, key: &Key) {
    let own = key
        .aws
        .as_deref()
        .is_none_or(|field| field.starts_with('—'));
    writeln!(
        text,
        "| `{}` | {} | {} | {} | {} | {} | {} |",
        key.path,
        key.value.replace('|', "\\|"),
        if key.required { "yes" } else { "" },
        default_of(key).map_or(String::new(), |default| format!("`{default}`")),
        if own || key.change == NONE { "" } else { "yes" },
        key.change,
        key.aws.as_deref().unwrap_or("—").replace('|', "\\|"),
    )
    .expect("a text grows");
}

fn default_of(key: &Key) -> Option<&serde_json::Value> {
    key.default.as_ref().filter(|value| !is_empty(value))
}

fn kind_section(text: &mut String, kind: &KindReference, explanation: &str) {
    writeln!(text, "\n## {}\n\n{}", kind.name, one_line(&kind.doc)).expect("a text grows");
    if !explanation.is_empty() {
        write!(text, "\n{explanation}").expect("a text grows");
    }
    key_table(text, &kind.keys);
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

fn key_table(text: &mut String, keys: &[Key]) {
    text.push_str("\n| key | value | |\n|---|---|---|\n");
    for key in keys {
        let required = if key.required { " Required." } else { "" };
        let default =
            default_of(key).map_or(String::new(), |value| format!(" Default: `{value}`."));
        writeln!(
            text,
            "| `{}` | {} | {}{required}{default} |",
            key.path,
            key.value.replace('|', "\\|"),
            one_line(&key.doc).replace('|', "\\|")
        )
        .expect("a text grows");
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
