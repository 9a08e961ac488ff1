//! What the crawls of a crawler found in objects, kept in the store: a crawl reads what is new.

use std::collections::{HashMap, HashSet};

use ::crawler::{Identity, Memory, Remembered};
use md5::{Digest as _, Md5};
use parking_lot::Mutex;
use rusqlite::{Connection, Transaction};

use crate::cloud::Cloud;
use crate::error::ServiceError;

/// The memory of one crawler.
pub(super) struct Objects {
    known: HashMap<Identity, Remembered>,
    folders: HashSet<Folder>,
    /// `CRAWL_NEW_FOLDERS_ONLY`: what is new in folders that were crawled is not looked at.
    new_folders_only: bool,
    seen: Mutex<Seen>,
}

/// The hash of a folder's place.
type Folder = [u8; 16];

/// What this crawl came by, which is to be known to the next.
#[derive(Default)]
struct Seen {
    /// Without what was known of them already.
    objects: HashMap<Identity, Option<Remembered>>,
    folders: HashSet<Folder>,
}

impl Memory for Objects {
    fn recall(&self, object: Identity) -> Option<Remembered> {
        let found = self.known.get(&object)?;
        self.seen.lock().objects.entry(object).or_insert(None);
        Some(found.clone())
    }

    fn remember(&self, object: Identity, found: &Remembered) {
        self.seen.lock().objects.insert(object, Some(found.clone()));
    }

    fn reads_new_in(&self, bucket: &str, folder: &str) -> bool {
        let folder: Folder = Md5::digest(format!("{bucket}/{folder}").as_bytes()).into();
        self.seen.lock().folders.insert(folder);
        !self.new_folders_only || !self.folders.contains(&folder)
    }
}

impl Objects {
    /// Reads what the crawler's last crawls found.
    pub fn load(
        cloud: &Cloud,
        region: &str,
        crawler: &str,
        new_folders_only: bool,
    ) -> Result<Self, ServiceError> {
        cloud.store().read(|c| {
            Ok(Self {
                known: objects(c, region, crawler)?,
                folders: folders(c, region, crawler)?,
                new_folders_only,
                seen: Mutex::default(),
            })
        })
    }

    /// Whether this crawl only looks for new folders: the crawler's first one looks at all.
    pub fn is_incremental(&self) -> bool {
        self.new_folders_only && !self.folders.is_empty()
    }

    /// Keeps what this crawl found, and forgets objects that it did not come by.
    pub fn save(&self, cloud: &Cloud, region: &str, crawler: &str) -> Result<(), ServiceError> {
        let seen = self.seen.lock();
        cloud.store().write(|tx| {
            let gone = self.known.keys().filter(|k| !seen.objects.contains_key(k));
            forget(tx, region, crawler, gone)?;
            save_folders(tx, region, crawler, &seen.folders)?;
            let mut insert = tx.prepare_cached(
                "INSERT OR REPLACE INTO glue_crawled_objects VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            for (identity, found) in &seen.objects {
                let Some(found) = found else { continue };
                let remarks = match &found.remarks[..] {
                    [] => None,
                    remarks => Some(serde_json::to_string(remarks)?),
                };
                insert.execute((
                    region,
                    crawler,
                    identity.0.to_be_bytes(),
                    found.shape.cast_signed(),
                    found.records.cast_signed(),
                    found.seen_records.cast_signed(),
                    found.seen_bytes.cast_signed(),
                    remarks,
                ))?;
            }
            Ok(())
        })
    }
}

fn folders(c: &Connection, region: &str, crawler: &str) -> Result<HashSet<Folder>, ServiceError> {
    Ok(c.prepare_cached(
        "SELECT folder FROM glue_crawled_folders WHERE region = ?1 AND crawler = ?2",
    )?
    .query_map([region, crawler], |row| row.get(0))?
    .collect::<rusqlite::Result<_>>()?)
}

fn save_folders(
    tx: &Transaction<'_>,
    region: &str,
    crawler: &str,
    seen: &HashSet<Folder>,
) -> Result<(), ServiceError> {
    tx.prepare_cached("DELETE FROM glue_crawled_folders WHERE region = ?1 AND crawler = ?2")?
        .execute([region, crawler])?;
    let mut insert = tx.prepare_cached("INSERT INTO glue_crawled_folders VALUES (?1, ?2, ?3)")?;
    for folder in seen {
        insert.execute((region, crawler, folder))?;
    }
    Ok(())
}

fn objects(
    c: &Connection,
    region: &str,
    crawler: &str,
) -> Result<HashMap<Identity, Remembered>, ServiceError> {
    let mut statement = c.prepare_cached(
        "SELECT object, shape, records, seen_records, seen_bytes, remarks FROM glue_crawled_objects
         WHERE region = ?1 AND crawler = ?2",
    )?;
    let mut rows = statement.query([region, crawler])?;
    let mut known = HashMap::new();
    while let Some(row) = rows.next()? {
        let number = |column: usize| row.get(column).map(i64::cast_unsigned);
        let remarks: Option<String> = row.get(5)?;
        let found = Remembered {
            shape: number(1)?,
            records: number(2)?,
            seen_records: number(3)?,
            seen_bytes: number(4)?,
            remarks: match remarks {
                Some(text) => serde_json::from_str(&text)?,
                None => Vec::new(),
            },
        };
        known.insert(Identity(u128::from_be_bytes(row.get(0)?)), found);
    }
    Ok(known)
}

fn forget<'a>(
    tx: &Transaction<'_>,
    region: &str,
    crawler: &str,
    objects: impl Iterator<Item = &'a Identity>,
) -> Result<(), ServiceError> {
    let mut delete = tx.prepare_cached(
        "DELETE FROM glue_crawled_objects WHERE region = ?1 AND crawler = ?2 AND object = ?3",
    )?;
    for object in objects {
        delete.execute((region, crawler, object.0.to_be_bytes()))?;
    }
    Ok(())
}
