//! One file a command: its arguments, whose doc comments are its help, and its `run`.

mod catalog;
mod changes;
pub(crate) mod completer;
mod interrupts;
mod names;

use clap::Subcommand;

use crate::cli::Exit;
use crate::session::Session;

/// A command is a module with `Args` and `run`, and a line here.
macro_rules! commands {
    ($($(#[$attribute:meta])* $variant:ident => $module:ident,)*) => {
        $($(#[$attribute])* mod $module;)*

        #[derive(Debug, Subcommand)]
        pub enum Command {
            $($(#[$attribute])* $variant($module::Args),)*
        }

        impl Command {
            pub async fn run(self, session: &Session) -> anyhow::Result<Exit> {
                match self {
                    $($(#[$attribute])* Self::$variant(args) => Box::pin($module::run(args, session)).await,)*
                }
            }
        }
    };
}

commands! {
    Init => init,
    Validate => validate,
    Plan => plan,
    Up => up,
    Destroy => destroy,
    Status => status,
    Policy => policy,
    Outputs => outputs,
    Crawl => crawl,
    #[cfg(feature = "native-crawl")]
    Infer => infer,
    Query => query,
    Run => run,
    Executions => executions,
    Graph => graph,
    Test => test,
    Tables => tables,
    Describe => describe,
    #[cfg(feature = "local")]
    Demo => demo,
    #[cfg(feature = "local")]
    Local => local,
    Schema => schema,
    Completions => completions,
}

#[cfg(all(test, feature = "local"))]
pub use changes::report_schema;
#[cfg(all(test, feature = "local"))]
pub use completions::script as completion_script;
