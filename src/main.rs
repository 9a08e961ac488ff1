//! athglue: a data lake on AWS, or on the cloud inside this binary, from one `stack.toml`.

#[cfg(feature = "local")]
mod chaos;
mod cli;
mod cloud;
mod commands;
mod engine;
mod example;
mod json;
mod machine;
mod mocks;
#[cfg(feature = "native-crawl")]
mod native;
mod output;
mod policy;
#[cfg(all(test, feature = "local"))]
mod reference;
mod resource;
mod session;
mod stack;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::answer_completions();
    let cli = cli::read();
    let output = cli.options.output();
    cli.options.start_logging(&output);
    match cli.run(&output) {
        Ok(exit) => exit.into(),
        Err(error) => output.fail(&error).into(),
    }
}
