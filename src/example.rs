//! The example stack, inside the binary.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// A file by its path below the stack's folder.
pub type File = (&'static str, &'static [u8]);

macro_rules! files {
    ($($path:literal,)*) => {
        &[$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)))),*]
    };
}

/// What `athglue demo` stands up.
pub const FILES: &[File] = files![
    "stack.toml",
    "sql/strongest.sql",
    "sql/rain.sql",
    "asl/report.asl.json",
    "data/README.md",
    "data/airports/airports.csv",
    "data/weather/year=2012/seattle.json",
    "data/weather/year=2013/seattle.json",
    "data/weather/year=2014/seattle.json",
    "data/weather/year=2015/seattle.json",
    "data/earthquakes/week.parquet",
];

/// What `athglue init` starts a stack with.
pub const STARTER: &[File] = &[("stack.toml", STARTER_STACK.as_bytes())];

const STARTER_STACK: &str = r#"# Everything of a data lake. `athglue plan` shows what would change, `athglue up` makes it so.

[stack]
name = "lake"
region = "eu-west-1"

# Default names are STACK-ID-ACCOUNT: lake-data-000000000000.
[buckets.data]

[buckets.results]
expire_after_days = 30

# Local files that are kept in a bucket; a folder, a file or a glob.
# [uploads.sample]
# from = "data/"
# to = "s3://${buckets.data}/sample/"

[databases.lake]

# Without `role`, one is made that may do exactly what the crawler needs.
[crawlers.data]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/"]

[workgroups.main]
results = "s3://${buckets.results}/athena/"
"#;

/// Writes files below `dir`. Nothing is written if one of them is there already, with something in
/// it.
pub fn write(files: &[File], dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| dir.join(path)).collect();
    if let Some(there) = paths.iter().find(|path| path.exists() && !is_blank(path)) {
        bail!(
            "{} is there already, and nothing was written\n  help: name another folder: `athglue init DIR`",
            there.display()
        );
    }
    for ((_, content), path) in files.iter().zip(&paths) {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("cannot make the folder {}", parent.display()))?;
        }
        std::fs::write(path, content)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(paths)
}

/// Whether there is nothing but white space in a file, as after `touch stack.toml`.
fn is_blank(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.trim().is_empty())
}
