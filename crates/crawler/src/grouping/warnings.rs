//! What is to be said of folders that are no one table.

use std::collections::BTreeMap;

use super::{Grouping, distinct};
use crate::Warning;
use crate::counted::grouped;
use crate::group::{LayoutId, SchemaId};
use crate::listing::FolderId;
use crate::naming::hive_key;

impl Grouping<'_> {
    pub(super) fn warn_of_split(&mut self, folder: FolderId, files: &[(LayoutId, SchemaId)]) {
        let layouts = distinct(files.iter().map(|(layout, _)| *layout));
        let why = if layouts.len() > 1 {
            let kinds: Vec<String> = layouts
                .iter()
                .map(|(layout, count)| {
                    let layout = &self.done.layouts.values[*layout];
                    let header = if layout.unnamed {
                        " without header"
                    } else {
                        ""
                    };
                    format!(
                        "{} {}{header} with compression {}",
                        grouped(*count as u64),
                        layout.classification,
                        layout.compression.name()
                    )
                })
                .collect();
            format!("differ in format ({})", kinds.join(", "))
        } else {
            "differ in their columns".to_owned()
        };
        let key = self.tree.folder_key(folder);
        self.done.warnings.push(Warning {
            location: crate::location(self.bucket, &key, true),
            message: format!(
                "the folder's files {why}, so each is a table of its own; to make them one, move \
                 those that are different to another folder, or exclude them"
            ),
        });
    }

    /// Folders of different partition keys, or of which some name one and some do not, cannot be
    /// partitions of one table.
    pub(super) fn warn_of_mixed_names<'n>(
        &mut self,
        folder: FolderId,
        names: impl Iterator<Item = &'n str>,
    ) {
        let mut counts: BTreeMap<Option<String>, (usize, &str)> = BTreeMap::new();
        for name in names {
            let key = hive_key(name);
            counts.entry(key).or_insert((0, name)).0 += 1;
        }
        if counts.len() < 2 {
            return;
        }
        let kinds: Vec<String> = counts
            .into_values()
            .map(|(count, first)| format!("{} as `{first}`", grouped(count as u64)))
            .collect();
        let key = self.tree.folder_key(folder);
        self.done.warnings.push(Warning {
            location: crate::location(self.bucket, &key, true),
            message: format!(
                "its folders are named in different ways ({}), so they are no partitions of one \
                 table; to make them partitions, name all KEY=VALUE with the same key",
                kinds.join(", ")
            ),
        });
    }

    pub(super) fn warn_of_files_beside_folders(&mut self, folder: FolderId) {
        let files = self.seen(folder).count();
        if files > 0 {
            let key = self.tree.folder_key(folder);
            self.done.warnings.push(Warning {
                location: crate::location(self.bucket, &key, true),
                message: match files {
                    1 => "a file is beside folders that have data too, so it is a table of its \
                          own; move it to a folder, or exclude it"
                        .to_owned(),
                    _ => format!(
                        "{} files are beside folders that have data too, so each is a table \
                         of its own; move them to a folder, or exclude them",
                        grouped(files as u64)
                    ),
                },
            });
        }
    }
}
