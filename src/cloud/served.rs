//! Processes that serve the embedded cloud of a folder, as others find them: each has a file with its
//! URL beside the store, which is called as its lease.

use std::path::{Path, PathBuf};

/// The folder of these files, in the one of the store.
pub const FOLDER: &str = "served";

/// Tells other processes that this one serves, for as long as it lives.
#[derive(Debug)]
pub struct Sign(PathBuf);

impl Sign {
    /// Puts up the URL that `cloud` is served at.
    pub fn put_up(cloud: &local_cloud::Cloud, url: &str) -> std::io::Result<Self> {
        let store = cloud.store();
        let folder = store.dir().join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(store.lease());
        std::fs::write(&file, url)?;
        Ok(Self(file))
    }
}

impl Drop for Sign {
    fn drop(&mut self) {
        // One that stays is of a lease that is dead, and so is found to be nobody's.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The URL of another process that serves this cloud now.
pub fn url(cloud: &local_cloud::Cloud) -> Option<String> {
    let store = cloud.store();
    for entry in std::fs::read_dir(store.dir().join(FOLDER)).ok()?.flatten() {
        let name = entry.file_name();
        let Some(lease) = name.to_str().filter(|lease| *lease != store.lease()) else {
            continue;
        };
        if store.lease_is_alive(lease) {
            return std::fs::read_to_string(entry.path()).ok();
        }
        // Left by a process that was killed; that it stays does no harm.
        let _ = std::fs::remove_file(entry.path());
    }
    None
}

/// The URL that the process with this lease serves the cloud in a folder at, if it does.
pub fn url_of(dir: &Path, lease: &str) -> Option<String> {
    std::fs::read_to_string(dir.join(FOLDER).join(lease)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_serves_is_found_by_others_for_as_long_as_it_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || local_cloud::Cloud::open(folder.path()).expect("a cloud");
        let (server, other) = (open(), open());
        assert_eq!(url(&other), None);
        let sign = Sign::put_up(&server, "http://127.0.0.1:4566").expect("a sign");
        assert_eq!(url(&other).as_deref(), Some("http://127.0.0.1:4566"));
        assert_eq!(url(&server), None);
        drop(sign);
        assert_eq!(url(&other), None);
        // One that was killed takes nothing down.
        std::mem::forget(Sign::put_up(&server, "http://127.0.0.1:1").expect("a sign"));
        drop(server);
        assert_eq!(url(&other), None);
    }
}
