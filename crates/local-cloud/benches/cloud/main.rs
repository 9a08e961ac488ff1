//! How fast the embedded cloud is, each benchmark on a store that is made for it:
//! `cargo bench --bench cloud`, or one of them, `cargo bench --bench cloud -- catalog`.
//!
//! Prints a line for each figure: what it is of, the figure, and its unit. They are one binary, since
//! each would link the whole cloud.

mod bench;
mod calls;
mod catalog;
mod crawl;
mod executions;

use bench::{Bench, Done};

const NAMES: [&str; 5] = ["calls", "catalog", "crawl", "executions", "rows"];

async fn run(name: &str) -> Done {
    let dir = tempfile::tempdir()?;
    let bench = Bench::open(dir.path())?;
    match name {
        "calls" => calls::run(&bench).await,
        "catalog" => catalog::run(&bench).await,
        "crawl" => crawl::run(&bench).await,
        "executions" => executions::run(&bench).await,
        "rows" => executions::run_rows(&bench).await,
        other => Err(format!("no benchmark {other}: there are {}", NAMES.join(", ")).into()),
    }
}

#[tokio::main]
async fn main() -> Done {
    // Cargo itself gives `--bench`.
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    names.retain(|name| !name.starts_with("--"));
    if names.is_empty() {
        names = NAMES.map(str::to_owned).to_vec();
    }
    for name in names {
        run(&name).await?;
    }
    Ok(())
}
