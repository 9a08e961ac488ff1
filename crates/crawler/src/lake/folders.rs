//! Which of the listed objects make a folder one of a table format.

use std::collections::{BTreeMap, BTreeSet};

use super::{Folder, Object, TableFormat};

/// What an object's key says of the folder that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark<'a> {
    pub kind: TableFormat,
    /// The folder's key below the include path, without a slash at its end.
    pub root: &'a str,
    /// Whether the object alone shows that the folder is of this kind.
    proves: bool,
}

impl<'a> Mark<'a> {
    /// Of a key below the include path.
    pub fn of(relative: &'a str) -> Option<Self> {
        Self::delta(relative)
            .or_else(|| Self::hudi(relative))
            .or_else(|| Self::iceberg(relative))
    }

    fn delta(relative: &'a str) -> Option<Self> {
        let (root, name) = below(relative, "_delta_log")?;
        let version = name.split('.').next().unwrap_or_default();
        let is_versioned = version.len() == 20 && version.bytes().all(|b| b.is_ascii_digit());
        let is_log = is_versioned && (name.ends_with(".json") || name.contains(".checkpoint."));
        is_log.then_some(Self {
            kind: TableFormat::Delta,
            root,
            proves: true,
        })
    }

    fn hudi(relative: &'a str) -> Option<Self> {
        let (root, name) = below(relative, ".hoodie")?;
        (name == "hoodie.properties").then_some(Self {
            kind: TableFormat::Hudi,
            root,
            proves: true,
        })
    }

    fn iceberg(relative: &'a str) -> Option<Self> {
        let (root, name) = below(relative, "metadata")?;
        let proves = super::iceberg::version(name).is_some();
        (proves || name == "version-hint.text").then_some(Self {
            kind: TableFormat::Iceberg,
            root,
            proves,
        })
    }
}

/// What is before a folder and directly in it: `a/b` and `c` of `a/b/FOLDER/c`.
fn below<'a>(relative: &'a str, folder: &str) -> Option<(&'a str, &'a str)> {
    let (above, name) = relative.rsplit_once('/')?;
    let root = above.strip_suffix(folder)?;
    match root.strip_suffix('/') {
        Some(root) => Some((root, name)),
        None => root.is_empty().then_some((root, name)),
    }
}

/// What is collected of the objects of a listing, in any order.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    metadata: BTreeMap<(String, TableFormat), BTreeSet<Object>>,
    proven: BTreeSet<(String, TableFormat)>,
}

impl Folders {
    pub fn add(&mut self, mark: &Mark<'_>, key: &str, size: u64) {
        let place = (mark.root.to_owned(), mark.kind);
        if mark.proves {
            self.proven.insert(place.clone());
        }
        self.metadata.entry(place).or_default().insert(Object {
            key: key.to_owned(),
            size,
        });
    }

    /// The folders that are of a format, each with its key below the include path. A folder in
    /// another is that one's own matter; one that two formats keep is of the first.
    pub fn finish(mut self, prefix: &str) -> Vec<(String, Folder)> {
        let mut found: Vec<(String, Folder)> = Vec::new();
        // A folder comes before those in it, but not always right before them.
        let mut roots: BTreeSet<String> = BTreeSet::new();
        for place in &self.proven {
            let (root, kind) = place;
            if roots.contains(root) || is_in_one(root, &roots) {
                continue;
            }
            roots.insert(root.clone());
            let metadata = self.metadata.remove(place).unwrap_or_default();
            let slash = if prefix.is_empty() || root.is_empty() {
                ""
            } else {
                "/"
            };
            found.push((
                root.clone(),
                Folder {
                    kind: *kind,
                    root: format!("{prefix}{slash}{root}"),
                    metadata: metadata.into_iter().collect(),
                    leaves: Vec::new(),
                    newest_file: None,
                },
            ));
        }
        found
    }
}

/// Whether a folder is in one of others.
fn is_in_one(folder: &str, others: &BTreeSet<String>) -> bool {
    let above = folder.match_indices('/').map(|(place, _)| &folder[..place]);
    std::iter::once("")
        .chain(above)
        .any(|above| above != folder && others.contains(above))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_and_root(relative: &str) -> Option<(TableFormat, &str)> {
        Mark::of(relative).map(|mark| (mark.kind, mark.root))
    }

    #[test]
    fn keys_that_only_a_table_format_has_are_known() {
        for (key, expected) in [
            (
                "t/metadata/v1.metadata.json",
                Some((TableFormat::Iceberg, "t")),
            ),
            (
                "metadata/00001-a.metadata.json",
                Some((TableFormat::Iceberg, "")),
            ),
            ("t/metadata/a.json", None),
            ("metadata.json", None),
            (
                "a/b/_delta_log/00000000000000000010.json",
                Some((TableFormat::Delta, "a/b")),
            ),
            ("a/_delta_log/1.json", None),
            ("a/_delta_log/x/00000000000000000010.json", None),
            (
                "t/.hoodie/hoodie.properties",
                Some((TableFormat::Hudi, "t")),
            ),
            ("t/x.hoodie/hoodie.properties", None),
            ("t/hoodie.properties", None),
        ] {
            assert_eq!(kind_and_root(key), expected, "{key}");
        }
    }

    #[test]
    fn a_folder_in_another_is_that_ones_own() {
        let mut folders = Folders::default();
        for key in [
            "t/x/metadata/v1.metadata.json",
            "t-2/metadata/v1.metadata.json",
            "t/metadata/v1.metadata.json",
            "u/metadata/version-hint.text",
        ] {
            folders.add(&Mark::of(key).unwrap(), key, 1);
        }
        let found = folders.finish("p");
        let roots: Vec<&str> = found.iter().map(|(_, folder)| &folder.root[..]).collect();
        assert_eq!(roots, ["p/t", "p/t-2"]);
    }
}
