//! The example stack, inside the binary.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// A file by its path below the stack's folder.
pub type File<'f> = (&'static str, &'f [u8]);

macro_rules! files {
    ($($path:literal,)*) => {
        &[$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)))),*]
    };
}

/// What `athglue demo` stands up.
pub const FILES: &[File<'static>] = files![
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

/// The `stack.toml` that `athglue init` starts a stack of this name with.
pub fn starter(name: &str) -> String {
    STARTER_STACK.replace("NAME", name)
}

/// A stack's name as its folder is called: `lake`, if nothing of that can be one.
pub fn name_for(dir: &Path) -> String {
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let folder = dir.components().next_back();
    let folder = folder.map(|name| name.as_os_str().to_string_lossy().to_lowercase());
    let folded: String = folder
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let words: Vec<&str> = folded.split('-').filter(|word| !word.is_empty()).collect();
    let name: String = words.join("-").chars().take(LONGEST_NAME).collect();
    let name = name.trim_end_matches('-');
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name.to_owned(),
        _ => "lake".to_owned(),
    }
}

/// So that the names of buckets, which go on with an id and an account, have room.
const LONGEST_NAME: usize = 24;

const STARTER_STACK: &str = r#"# Everything of a data lake. `athglue plan` shows what would change, `athglue up` makes it so.

# The name is the mark of what the stack owns: another stack of the account takes another name.
[stack]
name = "NAME"
region = "eu-west-1"

# Default names are STACK-ID-ACCOUNT: NAME-data-000000000000.
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
pub fn write(files: &[File<'_>], dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| dir.join(path)).collect();
    if let Some(there) = paths.iter().find(|path| path.exists() && !is_blank(path)) {
        bail!(
            "{} is there already, and nothing was written\n  help: name another folder",
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
