//! What the crawls of a crawler found in objects, kept in the store: a crawl reads what is new.

use std::collections::{HashMap, HashSet};

use ::crawler::{Counted, Identity, Memory, Remembered};
use md5::{Digest as _, Md5};
use parking_lot::Mutex;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

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
                let remarks = Said::text(found)?;
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

/// What is worth telling of an object, as the column `remarks` has it.
#[derive(Serialize, Deserialize)]
struct Said {
    remarks: Vec<String>,
    counts: Option<Vec<Counted>>,
}

impl Said {
    /// Nothing of most objects.
    fn text(found: &Remembered) -> Result<Option<String>, ServiceError> {
        if found.remarks.is_empty() && found.counts.as_ref().is_some_and(Vec::is_empty) {
            return Ok(None);
        }
        let said = Self {
            remarks: found.remarks.clone(),
            counts: found.counts.clone(),
        };
        Ok(Some(serde_json::to_string(&said)?))
    }

    /// An object of which that is known alone. Before values were counted, the text was a list of
    /// remarks.
    fn remembered(text: Option<&str>) -> Result<Remembered, ServiceError> {
        let said = match text {
            None => Self {
                remarks: Vec::new(),
                counts: Some(Vec::new()),
            },
            Some(text) if text.starts_with('[') => Self {
                remarks: serde_json::from_str(text)?,
                counts: None,
            },
            Some(text) => serde_json::from_str(text)?,
        };
        Ok(Remembered {
            remarks: said.remarks,
            counts: said.counts,
            ..Remembered::default()
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
            ..Said::remembered(remarks.as_deref())?
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

#[cfg(test)]
mod tests {
    use ::crawler::ValueKind;

    use super::*;

    #[test]
    fn what_is_told_of_an_object_is_read_as_it_was_written() {
        let nothing = Remembered {
            counts: Some(Vec::new()),
            ..Remembered::default()
        };
        let counted = Counted {
            column: 1,
            kind: ValueKind::Texts,
            values: 3,
            line: 7,
        };
        let something = Remembered {
            remarks: vec!["odd".to_owned()],
            counts: Some(vec![counted]),
            ..Remembered::default()
        };
        let uncounted = Remembered::default();
        for found in [nothing, something, uncounted] {
            let text = Said::text(&found).unwrap();
            assert_eq!(Said::remembered(text.as_deref()).unwrap(), found);
        }
        let before = Said::remembered(Some(r#"["odd"]"#)).unwrap();
        assert_eq!(
            (before.remarks, before.counts),
            (vec!["odd".to_owned()], None)
        );
    }
}
