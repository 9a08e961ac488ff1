//! `athglue local reset`

use std::path::Path;

use anyhow::Context as _;
use local_cloud::StoreUser;

use crate::cli::Exit;
use crate::cloud::{SERVED, url_of};
use crate::output::human;
use crate::session::Session;

/// Deletes the embedded cloud in the folder, and nothing else that is there.
pub fn reset(session: &Session) -> anyhow::Result<Exit> {
    let dir = session.data_dir();
    if !dir.exists() {
        session.output.line(format!("{} is not there.", dir.display()))?;
        return Ok(Exit::Success);
    }
    anyhow::ensure!(
        local_cloud::is_store(&dir),
        "{} is not an embedded cloud's folder; nothing was deleted",
        dir.display()
    );
    refuse_used(&dir)?;
    let size = human::bytes(size_of(&dir)?);
    let question = format!("Delete all of the embedded cloud in {} ({size})?", dir.display());
    if !session.confirm(&question)? {
        session.output.say("Nothing was deleted.");
        return Ok(Exit::Failure);
    }
    // Somebody may have opened it while the question stood.
    refuse_used(&dir)?;
    let is_gone = local_cloud::remove_store(&dir, &[SERVED])
        .with_context(|| format!("cannot delete the embedded cloud in {}", dir.display()))?;
    session.output.line(if is_gone {
        format!("Deleted {} ({size}).", dir.display())
    } else {
        format!(
            "Deleted the embedded cloud in {} ({size}); what else is in the folder stays.",
            dir.display()
        )
    })?;
    Ok(Exit::Success)
}

/// Fails with the names of the processes that have the cloud open.
fn refuse_used(dir: &Path) -> anyhow::Result<()> {
    let users = local_cloud::store_users(dir)
        .with_context(|| format!("cannot find out who uses {}", dir.display()))?;
    if users.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = users.iter().map(|user| name(dir, user)).collect();
    anyhow::bail!(
        "{} is in use, and nothing was deleted: {}\n  help: end it first",
        dir.display(),
        names.join("; ")
    )
}

/// `athglue local serve at http://127.0.0.1:4566, process 4711`
fn name(dir: &Path, user: &StoreUser) -> String {
    let what = match url_of(dir, &user.lease) {
        Some(url) => format!("`athglue local serve` at {url}"),
        None => "another athglue".to_owned(),
    };
    match user.process {
        Some(process) => format!("{what}, process {process}"),
        None => what,
    }
}

/// The bytes of what would be deleted.
fn size_of(dir: &Path) -> std::io::Result<u64> {
    let mut size = 0;
    for part in local_cloud::store_parts(dir, &[SERVED]) {
        size += size_below(&part)?;
    }
    Ok(size)
}

fn size_below(path: &Path) -> std::io::Result<u64> {
    let metadata = std::fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    let mut size = 0;
    for entry in std::fs::read_dir(path)? {
        size += size_below(&entry?.path())?;
    }
    Ok(size)
}
