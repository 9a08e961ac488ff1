//! The file that tells the embedded cloud to misbehave.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use local_cloud::Chaos;
use local_cloud::chaos::Rules;

/// Names a chaos file for the embedded cloud in process: a tool for tests.
pub const VARIABLE: &str = "ATHGLUE_CHAOS";

/// The file that the environment names.
pub fn named() -> Option<PathBuf> {
    std::env::var_os(VARIABLE)
        .filter(|file| !file.is_empty())
        .map(PathBuf::from)
}

/// Reads a chaos file. Its log, if it names one, lies beside it.
pub fn read(file: &Path) -> anyhow::Result<Chaos> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the chaos file {}", file.display()))?;
    let mut rules: Rules = toml::from_str(&text)
        .with_context(|| format!("the chaos file {} is not right", file.display()))?;
    if let (Some(log), Some(folder)) = (&mut rules.log, file.parent()) {
        *log = folder.join(&*log);
    }
    Chaos::new(rules).with_context(|| format!("cannot write the log of {}", file.display()))
}
