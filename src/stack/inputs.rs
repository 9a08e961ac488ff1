//! What is given from outside of `stack.toml`: the env that is meant, and values of variables.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::diagnostic::nearest;

/// What a variable of the process is called that gives `${vars.NAME}`.
pub const VARIABLE_PREFIX: &str = "ATHGLUE_VAR_";

/// What the command line and the environment say of a stack.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The `[env.NAME]` whose changes apply.
    pub env: Option<String>,
    /// Values from `--var`; the last of a name counts.
    pub given: Vec<Assignment>,
    /// Values from `ATHGLUE_VAR_NAME`, by `NAME`. One that the stack has no variable for may be
    /// meant for another stack.
    pub environment: BTreeMap<String, String>,
}

impl Inputs {
    /// The values that the environment of this process gives.
    pub fn environment() -> BTreeMap<String, String> {
        std::env::vars_os()
            .filter_map(|(name, value)| {
                let name = name.to_str()?.strip_prefix(VARIABLE_PREFIX)?.to_owned();
                Some((name, value.into_string().ok()?))
            })
            .collect()
    }

    /// The value that is given for a variable, and by what.
    pub(super) fn value(&self, name: &str) -> Option<(&str, String)> {
        let given = self.given.iter().rev().find(|given| given.name == name);
        if let Some(given) = given {
            return Some((&given.value, "--var".to_owned()));
        }
        let value = self.environment.get(name)?;
        Some((value, format!("{VARIABLE_PREFIX}{name}")))
    }
}

/// `NAME=VALUE`, as `--var` takes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Assignment {
    pub name: String,
    pub value: String,
}

/// The value may be a secret.
impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=…", self.name)
    }
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("a variable is given as NAME=VALUE".to_owned()),
        }
    }
}

/// What is given from outside and is not in the stack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    #[error("there is no env `{env}` in {file}{}", suggest(.env, .known, "it has"))]
    NoSuchEnv {
        env: String,
        file: String,
        known: Vec<String>,
    },
    #[error(
        "--var {name}=…: there is no variable `{name}` in {file}{}",
        suggest(.name, .known, "[vars] has")
    )]
    NoSuchVariable {
        name: String,
        file: String,
        known: Vec<String>,
    },
}

fn suggest(wrong: &str, known: &[String], has: &str) -> String {
    if let Some(near) = nearest(wrong, known.iter().map(String::as_str)) {
        return format!("\n  help: did you mean `{near}`?");
    }
    if known.is_empty() {
        format!("\n  help: {has} none")
    } else {
        format!("\n  help: {has} {}", known.join(", "))
    }
}
