//! What is to be said of folders that are no one table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::kin::described;
use super::{Grouping, Resolved, distinct};
use crate::Warning;
use crate::classify::Layout;
use crate::counted::grouped;
use crate::group::{Group, LayoutId, SchemaId};
use crate::listing::FolderId;
use crate::misfit::{self, Misfit, misfit};
use crate::naming::hive_key;
use crate::survey::{Seen, ShapeId};

impl Grouping<'_> {
    pub(super) fn warn_of_split(&mut self, folder: FolderId, files: &[(LayoutId, SchemaId)]) {
        let layouts = distinct(files.iter().map(|(layout, _)| *layout));
        let why = if layouts.len() > 1 {
            let layout = |id: LayoutId| &self.done.layouts.values[id];
            let all: Vec<&Layout> = layouts.iter().map(|(id, _)| layout(*id)).collect();
            let kinds: Vec<String> = layouts
                .iter()
                .map(|(id, count)| {
                    let kind = described(layout(*id), &all);
                    format!("{} {kind}", grouped(*count as u64))
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
                "the folder's files {why}, so each is a table of its own, and Athena finds no rows \
                 in a table whose location is a file; to make them one, move those that are \
                 different to another folder, or exclude them"
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

    /// Folders of one key that hold data at different depths cannot be partitions of one table.
    pub(super) fn warn_of_unequal_levels(
        &mut self,
        folder: FolderId,
        children: &[(&str, Resolved)],
    ) {
        let mut counts: BTreeMap<&[Option<String>], (usize, &str)> = BTreeMap::new();
        let mut keys = BTreeSet::new();
        for (name, resolved) in children {
            let Some(group) = &resolved.one else { continue };
            keys.insert(hive_key(name));
            counts.entry(&group.levels).or_insert((0, name)).0 += 1;
        }
        // Of other keys than one there is more to be said.
        if counts.len() < 2 || keys.len() > 1 || keys.contains(&None) {
            return;
        }
        let kinds: Vec<String> = counts
            .into_iter()
            .map(|(levels, (count, first))| {
                let below = levels.iter().map(|key| match key {
                    Some(key) => format!("/{key}=…"),
                    None => "/…".to_owned(),
                });
                let below: String = below.collect();
                format!("{} as `{first}{below}`", grouped(count as u64))
            })
            .collect();
        let key = self.tree.folder_key(folder);
        self.done.warnings.push(Warning {
            location: crate::location(self.bucket, &key, true),
            message: format!(
                "its folders hold data behind different levels ({}), so they are no partitions of \
                 one table; to make them partitions, write all with the same levels",
                kinds.join(", ")
            ),
        });
    }

    /// Files of a folder that Athena does not read as the folder's columns.
    pub(super) fn warn_of_misfit_files(
        &mut self,
        folder: FolderId,
        layout: LayoutId,
        columns: SchemaId,
    ) {
        let read = self.named(folder);
        let read = read.map(|(name, shape)| (name, self.of_shape[shape as usize].1));
        let message = self.misfits(read, layout, columns, "files");
        self.warn_of(&self.tree.folder_key(folder), message);
    }

    /// Partitions that Athena does not read as the table's columns, or of which it skips another
    /// number of lines.
    pub(super) fn warn_of_misfit_partitions(&mut self, group: &Group) {
        let leaves = group.leaves.iter();
        let partitions = leaves.map(|leaf| (&*leaf.key, leaf.columns));
        let message = self.misfits(partitions, group.layout, group.columns, "partitions");
        self.warn_of(&group.root, message);
        let leaves = group.leaves.iter();
        let lines = leaves.map(|leaf| (&*leaf.key, leaf.skipped_lines));
        let message = of_skipped_lines(lines, group.skipped_lines(), "partitions");
        self.warn_of(&group.root, message);
    }

    /// Files before whose records another number of lines stands than Athena skips.
    pub(super) fn warn_of_skipped_lines(&mut self, folder: FolderId, most: u64) {
        let lines = |shape: ShapeId| self.survey.shapes[shape as usize].layout.skipped_lines;
        let read = self.named(folder).map(|(name, shape)| (name, lines(shape)));
        let message = of_skipped_lines(read, most, "files");
        self.warn_of(&self.tree.folder_key(folder), message);
    }

    /// The shapes of a folder's own files that could be read, with their names.
    fn named(&self, folder: FolderId) -> impl Iterator<Item = (&str, ShapeId)> {
        let here = &self.tree.folders[folder];
        here.files.iter().enumerate().filter_map(|(place, file)| {
            match self.survey.files[here.first_file + place] {
                Seen::As(shape, _) => Some((&*file.name, shape)),
                Seen::Not | Seen::Unreadable => None,
            }
        })
    }

    /// What is to be said of parts of a table, each with its name and columns, if one of them does
    /// not fit the table's columns.
    fn misfits<'n>(
        &self,
        parts: impl Iterator<Item = (&'n str, SchemaId)>,
        layout: LayoutId,
        columns: SchemaId,
        what: &str,
    ) -> Option<String> {
        let schemas = &self.done.schemas.values;
        let mut known: HashMap<SchemaId, Option<Misfit>> = HashMap::new();
        let (mut all, mut count, mut first) = (0, 0, None);
        for (name, schema) in parts {
            all += 1;
            let found = known.entry(schema).or_insert_with(|| {
                let layout = &self.done.layouts.values[layout];
                misfit(&schemas[schema], &schemas[columns], layout)
            });
            if let Some(found) = found {
                count += 1;
                first.get_or_insert_with(|| (name, found.clone()));
            }
        }
        let (name, found) = first?;
        Some(misfit::message(&found, count, all, what, name))
    }

    pub(super) fn warn_of(&mut self, folder: &str, message: Option<String>) {
        let location = crate::location(self.bucket, folder, true);
        let warning = message.map(|message| Warning { location, message });
        self.done.warnings.extend(warning);
    }

    pub(super) fn warn_of_files_beside_folders(&mut self, folder: FolderId) {
        let files = self.seen(folder).count();
        if files > 0 {
            let key = self.tree.folder_key(folder);
            self.done.warnings.push(Warning {
                location: crate::location(self.bucket, &key, true),
                message: match files {
                    1 => "a file is beside folders that have data too, so it is a table of its \
                          own, in which Athena finds no rows, as its location is a file; move it to \
                          a folder, or exclude it"
                        .to_owned(),
                    _ => format!(
                        "{} files are beside folders that have data too, so each is a table of its \
                         own, in which Athena finds no rows, as its location is a file; move them to \
                         a folder, or exclude them",
                        grouped(files as u64)
                    ),
                },
            });
        }
    }
}

/// Says of how many files or partitions, each with its name, the records begin in another line than
/// those of most do. A table has one number of lines that Athena skips of each file.
fn of_skipped_lines<'n>(
    parts: impl Iterator<Item = (&'n str, u64)>,
    most: u64,
    what: &str,
) -> Option<String> {
    let (mut all, mut count, mut first) = (0, 0, None);
    for (name, lines) in parts {
        all += 1;
        if lines != most {
            count += 1;
            first.get_or_insert((name, lines));
        }
    }
    let (name, lines) = first?;
    Some(format!(
        "{} of {} {what} have another number of lines above their records than the {} that Athena \
         skips of each, first {name}, which has {}: it takes some of them for rows, or skips rows; \
         write all with the same lines above the records",
        grouped(count),
        grouped(all),
        grouped(most),
        grouped(lines),
    ))
}
