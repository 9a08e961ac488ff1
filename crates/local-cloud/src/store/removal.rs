//! Taking a store out of its folder, in which other things may lie too.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{DATABASE, IGNORE, IGNORES_ALL};

/// What [`super::Store`] makes, beside `.gitignore`. The database is the last: as long as it is
/// there the folder is known to be a store's.
const PARTS: [&str; 6] = [
    "bodies",
    "leases",
    "cloud.sqlite-journal",
    "cloud.sqlite-wal",
    "cloud.sqlite-shm",
    DATABASE,
];

/// A process that has a store open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its lease, as in [`super::Store::lease`].
    pub lease: String,
    /// Its id, where its lease can be read and says it.
    pub process: Option<u32>,
}

/// The processes that have the store in a folder open now.
pub fn users(dir: &Path) -> io::Result<Vec<User>> {
    let leases = match fs::read_dir(dir.join("leases")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        leases => leases?,
    };
    let mut users = Vec::new();
    for lease in leases {
        let lease = lease?;
        let file = match File::open(lease.path()) {
            // Its process ended just now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file?,
        };
        match file.try_lock_shared() {
            Ok(()) => continue,
            Err(fs::TryLockError::WouldBlock) => {}
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        users.push(User {
            lease: lease.file_name().to_string_lossy().into_owned(),
            // Where a lock keeps others from reading, nobody knows.
            process: io::read_to_string(file)
                .ok()
                .and_then(|text| text.trim().parse().ok()),
        });
    }
    Ok(users)
}

/// What there is of the store in a folder, in the order in which it is to be removed: `beside` are
/// the folders in it in which others keep something about the store.
pub fn parts(dir: &Path, beside: &[&str]) -> Vec<PathBuf> {
    let ignore = dir.join(IGNORE);
    // One that says something else is not the store's.
    let is_own = fs::read_to_string(&ignore).is_ok_and(|text| text == IGNORES_ALL);
    let own = is_own.then_some(ignore);
    let named = beside.iter().chain(&PARTS).map(|part| dir.join(part));
    own.into_iter()
        .chain(named)
        .filter(|part| part.exists())
        .collect()
}

/// Removes what [`parts`] gives, and the folder if nothing else is in it and it is no link to one.
/// Gives whether it is gone.
pub fn remove(dir: &Path, beside: &[&str]) -> io::Result<bool> {
    for part in parts(dir, beside) {
        if part.is_dir() {
            fs::remove_dir_all(part)?;
        } else {
            fs::remove_file(part)?;
        }
    }
    // A folder cannot be removed as `.`.
    let dir = std::path::absolute(dir)?;
    if fs::symlink_metadata(&dir)?.is_symlink() {
        return Ok(false);
    }
    match fs::remove_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
        removed => removed.map(|()| true),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    fn open(dir: &Path) -> std::sync::Arc<Store> {
        Store::open(dir, &["CREATE TABLE t (x)"]).unwrap()
    }

    #[test]
    fn a_store_is_removed_with_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("store");
        drop(open(&dir));
        fs::create_dir(dir.join("served")).unwrap();
        assert!(remove(&dir, &["served"]).unwrap());
        assert!(!dir.exists());
    }

    #[test]
    fn what_is_not_the_stores_stays() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(IGNORE), "target\n").unwrap();
        fs::write(dir.path().join("stack.toml"), "[stack]\n").unwrap();
        drop(open(dir.path()));
        assert!(!remove(dir.path(), &[]).unwrap());
        let left = fs::read_dir(dir.path()).unwrap();
        let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [IGNORE, "stack.toml"]);
    }

    #[test]
    fn a_store_is_used_for_as_long_as_it_is_open() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(users(dir.path()).unwrap(), []);
        let store = open(dir.path());
        let users_now = users(dir.path()).unwrap();
        assert_eq!(users_now.len(), 1);
        assert_eq!(users_now[0].lease, store.lease());
        #[cfg(unix)]
        assert_eq!(users_now[0].process, Some(std::process::id()));
        drop(store);
        // One that was killed leaves its lease, which nobody holds.
        fs::write(dir.path().join("leases").join("killed"), "1\n").unwrap();
        assert_eq!(users(dir.path()).unwrap(), []);
    }
}
