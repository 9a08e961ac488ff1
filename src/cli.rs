//! The command line: options that every command takes, and the way to the command.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use clap::builder::styling::{AnsiColor, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args, CommandFactory as _, Parser, ValueEnum, ValueHint};
use clap_complete::ArgValueCompleter;
use tracing_subscriber::EnvFilter;

use crate::commands::{Command, completer};
use crate::output::{Format, Output};
use crate::session::Session;
use crate::stack::{Assignment, Inputs};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER_HELP: &str = "\
Exit codes: 0 it is done; 1 it failed, or the stack has a mistake; 2 the command line is wrong, or \
`plan --detailed-exitcode` found changes; 130 Ctrl-C stopped it.";

/// Plans, creates, explores and runs a data lake on AWS, or on the cloud that is inside this
/// binary.
///
/// One file, stack.toml, says what should be there. Without --target everything happens on an
/// embedded cloud that keeps its data in .athglue/ beside that file: no account, no network.
#[derive(Debug, Parser)]
#[command(name = "athglue", version, styles = STYLES, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Runs the command to its end; `output` is where its words go.
    pub fn run(self, output: &Output) -> anyhow::Result<Exit> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_stack_size(8 << 20)
            .build()?;
        let session = Session::new(self.options, output.clone());
        let ended = runtime.block_on(self.command.run(&session));
        if matches!(ended, Ok(Exit::Interrupted)) {
            // What still works on a thread of its own is not waited for.
            runtime.shutdown_background();
        }
        ended
    }
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// The stack: its file, or the folder that holds a stack.toml.
    #[arg(
        short = 'C',
        long,
        global = true,
        value_name = "PATH",
        default_value = "stack.toml"
    )]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,

    /// Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint.
    /// Without it: local, or the endpoint that AWS_ENDPOINT_URL names.
    #[arg(long, global = true, env = "ATHGLUE_TARGET", value_name = "TARGET")]
    #[arg(add = ArgValueCompleter::new(completer::targets))]
    pub target: Option<TargetName>,

    /// The profile of the AWS configuration to use.
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,

    /// The AWS region, for a stack that names none; a stack that names another is refused.
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,

    /// The env that is meant: what `[env.NAME]` of stack.toml changes applies.
    #[arg(long, global = true, env = "ATHGLUE_ENV", value_name = "NAME")]
    #[arg(add = ArgValueCompleter::new(completer::envs))]
    pub env: Option<String>,

    /// The value of a variable of stack.toml; may be given more than once. Without it, that of
    /// ATHGLUE_VAR_NAME in the environment, then the one in stack.toml.
    #[arg(long = "var", global = true, value_name = "NAME=VALUE")]
    #[arg(add = ArgValueCompleter::new(completer::variables))]
    pub vars: Vec<Assignment>,

    /// Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml.
    #[arg(long, global = true, env = "ATHGLUE_DATA_DIR", value_name = "DIR")]
    #[arg(value_hint = ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,

    /// How results are printed.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table")]
    pub output: Format,

    /// Changes without asking.
    #[arg(short, long, global = true)]
    pub yes: bool,

    /// Says more about what goes on; twice, everything.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// When to use colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    /// Prints results, warnings and errors only.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl Options {
    /// Where results and talk go.
    pub fn output(&self) -> Output {
        Output::new(self.output, self.color, self.quiet)
    }

    /// What is said of the stack from outside of stack.toml.
    pub fn inputs(&self) -> Inputs {
        Inputs {
            env: self.env.clone().filter(|env| !env.is_empty()),
            given: self.vars.clone(),
            environment: Inputs::environment(),
        }
    }

    /// Logs go to stderr, and only when somebody asks for them.
    pub fn start_logging(&self, output: &Output) {
        let level = match self.verbose {
            0 => "off",
            1 => "athglue=debug,local_cloud=debug",
            _ => "debug",
        };
        let filter = EnvFilter::try_from_env("ATHGLUE_LOG").unwrap_or_else(|_| level.into());
        // A logger that is there already, as in a test, stays.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(output.log())
            .try_init();
    }
}

/// What `--target` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetName {
    Local,
    Aws,
    Endpoint(String),
}

impl FromStr for TargetName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "local" => Ok(Self::Local),
            "aws" => Ok(Self::Aws),
            url if url.starts_with("http://") || url.starts_with("https://") => {
                Ok(Self::Endpoint(url.to_owned()))
            }
            _ => Err("it is `local`, `aws`, or a URL that starts with http:// or https://".into()),
        }
    }
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set or TERM is `dumb`.
    Auto,
    Always,
    Never,
}

/// How a command ended, if nothing failed with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Success,
    /// It was told what failed.
    Failure,
    /// There are changes, and `--detailed-exitcode` asked.
    Changes,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// What the process exits with.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Changes => 2,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Reads the command line. One that is wrong is told of, as is help that is asked for, and ends the
/// process.
pub fn read() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| with_near_option(error, std::env::args_os()).exit())
}

/// An error of a line of these words, with the option that was meant by one that is not there. What
/// clap itself takes for near leaves out short ones with two letters changed, as `--yse`.
fn with_near_option(mut error: clap::Error, words: impl Iterator<Item = OsString>) -> clap::Error {
    let is_helped = error.get(ContextKind::SuggestedArg).is_some();
    if error.kind() != ErrorKind::UnknownArgument || is_helped {
        return error;
    }
    let near = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(wrong)) => near_option(wrong, words),
        _ => None,
    };
    if let Some(near) = near {
        // That it can be passed as a value is no help then.
        error.remove(ContextKind::Suggested);
        error.insert(ContextKind::SuggestedArg, ContextValue::String(near));
    }
    error
}

/// The option of the command in a line that is one letter, or two that changed places, from `wrong`.
fn near_option(wrong: &str, words: impl Iterator<Item = OsString>) -> Option<String> {
    let wrong = wrong.strip_prefix("--")?;
    let mut root = Cli::command();
    root.build();
    let mut command = &root;
    for word in words.skip(1) {
        if let Some(inner) = command.find_subcommand(word) {
            command = inner;
        }
    }
    let mut options = command.get_arguments().filter_map(clap::Arg::get_long);
    let near = options.find(|option| strsim::osa_distance(wrong, option) == 1)?;
    Some(format!("--{near}"))
}

/// Answers a shell that asks for completions, and ends the process then.
pub fn answer_completions() {
    clap_complete::CompleteEnv::with_factory(Cli::command).complete();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_with_two_letters_changed_is_taken_for_the_one_that_was_meant() {
        let told = |words: &[&str]| {
            let error = Cli::try_parse_from(words).expect_err("there is no such option");
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            with_near_option(error, words.into_iter()).to_string()
        };
        let near = told(&["athglue", "up", "--yse"]);
        assert!(near.contains("similar argument exists: '--yes'"), "{near}");
        assert!(!near.contains("as a value"), "{near}");
        let far = told(&["athglue", "up", "--xyz"]);
        assert!(!far.contains("similar argument"), "{far}");
    }
}
