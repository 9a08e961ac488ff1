//! What the embedded cloud remembers: metadata in SQLite, object bodies in files.
//!
//! Several processes may use one folder at once: SQLite runs in WAL mode and waits for the other's
//! write; work in the background belongs to a process, which holds a lock on its lease file.

mod removal;

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::ServiceError;
pub use removal::{User, parts, remove, users};

/// Raised when a table's columns change in a way that old stores cannot be read with.
const FORMAT: i64 = 4;
/// The metadata, in the folder.
const DATABASE: &str = "cloud.sqlite";
const IGNORE: &str = ".gitignore";
const IGNORES_ALL: &str = "*\n";
const READERS: usize = 4;
const BUSY: Duration = Duration::from_secs(30);

/// Why a folder cannot be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot use the folder {path}: {source}")]
    Folder {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot open the store {path}: {source}")]
    Database {
        path: PathBuf,
        source: rusqlite::Error,
    },
    #[error(
        "the store {path} has format {found}, this athglue reads format {FORMAT}; start anew with `athglue local reset`"
    )]
    Format { path: PathBuf, found: i64 },
}

/// The store in one folder.
pub struct Store {
    dir: PathBuf,
    writer: Mutex<Connection>,
    readers: Vec<Mutex<Connection>>,
    next: AtomicUsize,
    lease: Lease,
}

/// A file with this process's id, which it keeps locked for as long as it lives.
struct Lease {
    id: String,
    path: PathBuf,
    _file: File,
}

impl Drop for Lease {
    fn drop(&mut self) {
        // A lease that stays behind is not locked, so it reads as dead, and as that of a process that
        // was killed; removing it is tidiness.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Store {
    /// Opens the folder, making it and its tables where they are not there yet.
    pub fn open(dir: &Path, schemas: &[&str]) -> Result<Arc<Self>, OpenError> {
        let folder = |source| OpenError::Folder {
            path: dir.to_owned(),
            source,
        };
        std::fs::create_dir_all(dir.join("bodies")).map_err(folder)?;
        std::fs::create_dir_all(dir.join("leases")).map_err(folder)?;
        let ignore = dir.join(IGNORE);
        if !ignore.exists() {
            std::fs::write(&ignore, IGNORES_ALL).map_err(folder)?;
        }
        let path = dir.join(DATABASE);
        let database = |source| OpenError::Database {
            path: path.clone(),
            source,
        };
        let mut writer = Connection::open(&path).map_err(database)?;
        configure(&writer).map_err(database)?;
        let mut found = format(&writer).map_err(database)?;
        if found == 0 {
            let tx = writer
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(database)?;
            // Another process may have made the tables while this one waited for its turn.
            found = format(&tx).map_err(database)?;
            if found == 0 {
                for schema in schemas {
                    tx.execute_batch(schema).map_err(database)?;
                }
                tx.pragma_update(None, "user_version", FORMAT)
                    .map_err(database)?;
                found = FORMAT;
            }
            tx.commit().map_err(database)?;
        }
        if found != FORMAT {
            return Err(OpenError::Format { path, found });
        }
        let mut readers = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let reader = Connection::open_with_flags(&path, flags).map_err(database)?;
            configure(&reader).map_err(database)?;
            readers.push(Mutex::new(reader));
        }
        Ok(Arc::new(Self {
            dir: dir.to_owned(),
            writer: Mutex::new(writer),
            readers,
            next: AtomicUsize::new(0),
            lease: take_lease(&dir.join("leases")).map_err(folder)?,
        }))
    }

    /// Reads in one snapshot.
    pub fn read<T>(
        &self,
        f: impl FnOnce(&Connection) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let free = (0..READERS).find_map(|i| self.readers[(first + i) % READERS].try_lock());
        let mut connection = free.unwrap_or_else(|| self.readers[first % READERS].lock());
        let tx = connection.transaction()?;
        let value = f(&tx)?;
        tx.finish()?;
        Ok(value)
    }

    /// Writes in one transaction: all of it, or nothing when `f` fails.
    pub fn write<T>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let mut connection = self.writer.lock();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = f(&tx)?;
        tx.commit()?;
        Ok(value)
    }

    /// The folder of the object bodies.
    pub fn bodies(&self) -> PathBuf {
        self.dir.join("bodies")
    }

    /// The folder that the store is in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The name of this process as an owner of work.
    pub fn lease(&self) -> &str {
        &self.lease.id
    }

    /// Whether the owner of some work is still running. One of whom that cannot be told, because no
    /// more files may be opened or this one may not, counts as running: its work is not taken away.
    pub fn lease_is_alive(&self, id: &str) -> bool {
        if id == self.lease.id {
            return true;
        }
        let path = self.dir.join("leases").join(id);
        match OpenOptions::new().write(true).open(path) {
            Ok(file) => file.try_lock().is_err(),
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }

    /// Lets `sweep` tidy up behind processes that were killed, if there are any and no other process
    /// has the store open. It is given the time at which this one opened it: a file that is younger
    /// may be the work of a process that came since.
    pub(crate) fn after_a_crash(
        &self,
        sweep: impl FnOnce(SystemTime) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let Some(dead) = self.dead_leases()?.filter(|dead| !dead.is_empty()) else {
            return Ok(());
        };
        // By the clock of the file system, as the times of other files are.
        sweep(std::fs::metadata(&self.lease.path)?.modified()?)?;
        for path in dead {
            std::fs::remove_file(path)?;
        }
        Ok(())
    }

    /// The leases of processes that are no more and did not end by themselves; `None` while another
    /// process has the store open.
    fn dead_leases(&self) -> Result<Option<Vec<PathBuf>>, std::io::Error> {
        let mut dead = Vec::new();
        for entry in std::fs::read_dir(self.dir.join("leases"))? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(id) = name.to_str().filter(|id| !id.starts_with('.')) else {
                continue;
            };
            if id == self.lease.id {
                continue;
            }
            if self.lease_is_alive(id) {
                return Ok(None);
            }
            dead.push(entry.path());
        }
        Ok(Some(dead))
    }
}

/// Whether this folder holds an embedded cloud.
pub fn is_store(dir: &Path) -> bool {
    dir.join(DATABASE).is_file()
}

/// The format of a store; 0 of one that has no tables yet.
fn format(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

fn take_lease(dir: &Path) -> Result<Lease, std::io::Error> {
    let id = uuid::Uuid::new_v4().to_string();
    let path = dir.join(&id);
    // It has its name once it is locked, so that nobody sees it without its lock.
    let unlocked = dir.join(format!(".{id}"));
    let mut file = File::create(&unlocked)?;
    file.lock()?;
    // For people: who it is that has the store open.
    writeln!(file, "{}", std::process::id())?;
    std::fs::rename(&unlocked, &path)?;
    Ok(Lease {
        id,
        path,
        _file: file,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), &["CREATE TABLE t (x)"]).unwrap();
        let failed = store.write(|tx| {
            tx.execute("INSERT INTO t VALUES (1)", [])?;
            Err::<(), _>(ServiceError::new("No", "not this time"))
        });
        assert!(failed.is_err());
        let rows: i64 = store
            .read(|c| Ok(c.query_row("SELECT count(*) FROM t", [], |r| r.get(0))?))
            .unwrap();
        assert_eq!(rows, 0);
    }

    #[test]
    fn two_stores_share_a_folder_and_know_of_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let one = Store::open(dir.path(), &["CREATE TABLE t (x)"]).unwrap();
        let two = Store::open(dir.path(), &["CREATE TABLE t (x)"]).unwrap();
        assert!(one.lease_is_alive(two.lease()));
        let lease = two.lease().to_owned();
        drop(two);
        assert!(!one.lease_is_alive(&lease));
        assert!(!one.lease_is_alive("never-was"));
    }

    #[test]
    fn an_owner_whose_lease_cannot_be_opened_counts_as_running() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), &["CREATE TABLE t (x)"]).unwrap();
        // What is there and cannot be opened as a file.
        std::fs::create_dir(dir.path().join("leases").join("other")).unwrap();
        assert!(store.lease_is_alive("other"));
    }

    #[test]
    fn it_is_swept_behind_killed_processes_once_and_while_nobody_else_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Store::open(dir.path(), &["CREATE TABLE t (x)"]).unwrap();
        let is_swept = |store: &Store| {
            let mut swept = false;
            let swept_now = |_| {
                swept = true;
                Ok(())
            };
            store.after_a_crash(swept_now).unwrap();
            swept
        };
        let (one, two) = (open(), open());
        assert!(!is_swept(&one));
        std::fs::write(dir.path().join("leases").join("killed"), "").unwrap();
        assert!(!is_swept(&one));
        drop(two);
        assert!(is_swept(&one));
        assert!(!is_swept(&one));
    }
}
