//! `athglue local`

mod reset;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use anyhow::Context as _;
use asl::Mocks;
use clap::Subcommand;
use tokio::net::TcpListener;

use super::interrupts::Interrupts;
use crate::cli::Exit;
use crate::cloud::{Extras, Sign};
use crate::session::Session;
use crate::{chaos, mocks};

/// Serves, empties or finds the embedded cloud.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Serves the embedded cloud on a port of this machine, to any AWS client.
    Serve {
        /// The port; 0 takes a free one.
        #[arg(long, default_value_t = 4566)]
        port: u16,

        /// The address to bind. Anyone who reaches it can use the cloud.
        #[arg(long, default_value = "127.0.0.1")]
        bind: std::net::IpAddr,

        /// Misbehaves as this file says, for tests: throttles, fails, delays, loses answers.
        #[arg(long, env = crate::chaos::VARIABLE, value_name = "FILE")]
        #[arg(value_hint = clap::ValueHint::FilePath)]
        chaos: Option<std::path::PathBuf>,

        /// What tasks answer in test cases, as Step Functions Local's mock configuration says it:
        /// StartExecution takes STATE_MACHINE_ARN#TEST_CASE.
        #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
        mocks: Option<std::path::PathBuf>,
    },
    /// Deletes everything that is in the embedded cloud.
    ///
    /// What else lies in its folder stays. Nothing is deleted while another process has it open.
    Reset,
    /// Prints the folder that the embedded cloud keeps its data in.
    Path,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    match args.what {
        What::Serve { port, bind, chaos, mocks } => {
            serve(session, bind, port, chaos.as_deref(), mocks.as_deref()).await
        }
        What::Reset => reset::reset(session),
        What::Path => {
            let dir = session.data_dir();
            let dir = std::path::absolute(&dir).unwrap_or(dir);
            session.output.line(dir.display().to_string())?;
            Ok(Exit::Success)
        }
    }
}

async fn serve(
    session: &Session,
    bind: std::net::IpAddr,
    port: u16,
    chaos: Option<&Path>,
    mocks: Option<&Path>,
) -> anyhow::Result<Exit> {
    let dir = session.data_dir();
    let mut extras = extras(session, mocks, mocks.map(mocks::read).transpose()?);
    let mut cloud = local_cloud::Cloud::open(&dir)?;
    if let Some(file) = chaos {
        cloud = cloud.with_chaos(chaos::read(file)?);
        session.output.warn(format!("it misbehaves as {} says", file.display()));
    }
    let listener = TcpListener::bind((bind, port)).await.with_context(|| {
        format!("cannot listen on {bind}:{port} (--port 0 takes a free port)")
    })?;
    let address = listener.local_addr()?;
    if !bind.is_loopback() {
        session
            .output
            .warn(format!("anyone who reaches {address} can use this cloud"));
    }
    let url = format!("http://{address}");
    lead_here(&mut extras, &url);
    let cloud = extras.equip(cloud);
    let sign = Sign::put_up(&cloud, &reachable(address))?;
    let mut interrupts = Interrupts::listen().context("cannot listen for Ctrl-C")?;
    session.output.line(format!("Ready on {url}"))?;
    session.output.say(format!(
        "\n{}\n\nIts data is in {}. Ctrl-C ends it.",
        environment(&url, &session.local_region()),
        dir.display()
    ));
    let serving = local_cloud::serve(cloud.clone(), listener);
    if let Some(error) = interrupts.until_pressed(serving).await {
        return Err(error.into());
    }
    drop(sign);
    session.output.say("Finishing what is running; Ctrl-C again leaves it.");
    let finished = interrupts.until_pressed_again(cloud.wait_idle()).await;
    Ok(match finished {
        Some(()) => Exit::Success,
        None => Exit::Interrupted,
    })
}

/// Has AWS's clients call `StartSyncExecution` and `TestState` at the endpoint itself, and not at a
/// host that is named `sync-` and the endpoint's. boto3, the AWS CLI and the SDKs for Java and Kotlin
/// heed it ("Host prefix injection" in the AWS SDKs and Tools Reference Guide).
const NO_HOST_PREFIX: &str = "AWS_DISABLE_HOST_PREFIX_INJECTION";

/// What leads AWS's clients here, for a shell. boto3 and version 1 of the AWS CLI read
/// `AWS_DEFAULT_REGION` (github.com/aws/aws-cli/issues/735), the other SDKs `AWS_REGION`.
fn environment(url: &str, region: &str) -> String {
    format!(
        "export AWS_ENDPOINT_URL={url}\n\
         export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n\
         export AWS_REGION={region} AWS_DEFAULT_REGION={region}\n\
         export {NO_HOST_PREFIX}=true"
    )
}

/// The URL at which processes of this machine reach what listens on an address.
fn reachable(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}")
}

/// What stack.toml gives the cloud, which may have mocks of a file. Where stack.toml has mistakes the
/// cloud is served without; states of the mocks that its machines do not have are warned of.
fn extras(session: &Session, file: Option<&Path>, mocks: Option<Mocks>) -> Extras {
    let without = Extras {
        mocks: mocks.clone(),
        ..Extras::default()
    };
    if !session.stack_file().exists() {
        return without;
    }
    let stack = session.document().and_then(|document| {
        let wants = mocks.is_some() || !document.ids("local").is_empty();
        Ok(wants.then(|| session.resolve(&document)).transpose()?)
    });
    match stack {
        Ok(Some(stack)) => {
            if let Some((file, mocks)) = file.zip(mocks.as_ref()) {
                for doubt in mocks::doubts(file, mocks, &stack) {
                    session.output.warn(doubt);
                }
            }
            Extras::of(&stack, mocks)
        }
        Ok(None) => without,
        Err(error) => {
            let file = session.stack_file();
            session.output.warn(format!(
                "{} has a mistake, and is served without its functions and endpoints:\n{error:#}",
                file.display()
            ));
            without
        }
    }
}

/// Has AWS's SDKs in the commands of functions and endpoints call this very cloud.
fn lead_here(extras: &mut Extras, url: &str) {
    let variables = [
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        (NO_HOST_PREFIX, "true"),
    ];
    let local = &mut extras.local;
    let endpoints = local.endpoints.values_mut();
    let endpoints = endpoints.map(|endpoint| &mut endpoint.command);
    for command in local.functions.values_mut().chain(endpoints) {
        for (name, value) in variables {
            let variable = command.environment.entry(name.to_owned());
            variable.or_insert_with(|| value.to_owned());
        }
    }
}
