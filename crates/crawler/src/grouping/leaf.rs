//! What the files of a folder come to, as a table or a partition.

use std::collections::BTreeMap;

use super::Grouping;
use crate::classify::Records;
use crate::group::{Leaf, SchemaId, Statistics, merge_switches, most_common};
use crate::listing::{File, FolderId};
use crate::survey::Seen;

impl Grouping<'_> {
    /// The shapes of a folder's own files that could be read, with their sizes.
    pub(super) fn seen(&self, folder: FolderId) -> impl Iterator<Item = (u32, u64)> + '_ {
        let here = &self.tree.folders[folder];
        here.files.iter().enumerate().filter_map(|(place, file)| {
            match self.survey.files[here.first_file + place] {
                Seen::As(shape, _) => Some((shape, file.size)),
                Seen::Not | Seen::Unreadable => None,
            }
        })
    }

    /// A folder's own files, all of them or as many as were looked at, as a leaf of these columns.
    pub(super) fn leaf(&mut self, folder: FolderId, columns: SchemaId, is_uniform: bool) -> Leaf {
        let is_told = |shape: u32| self.survey.shapes[shape as usize].is_header_told;
        let is_header_told = self.seen(folder).all(|(shape, _)| is_told(shape));
        let skipped_lines = self.skipped_lines(folder);
        Leaf {
            key: self.tree.folder_key(folder),
            folder,
            columns,
            is_uniform,
            statistics: self.statistics(folder),
            switches: self.switches(folder),
            skipped_lines,
            is_header_told,
        }
    }

    /// A file that is a table of its own.
    pub(super) fn leaf_of_file(&self, folder: FolderId, file: &File, seen: (u32, Records)) -> Leaf {
        let (shape, records) = seen;
        let (_, columns) = self.of_shape[shape as usize];
        let shape = &self.survey.shapes[shape as usize];
        Leaf {
            key: self.tree.file_key(folder, file),
            folder,
            columns,
            is_uniform: true,
            statistics: Statistics {
                objects: 1,
                size: file.size,
                records: records.count,
                seen: records.seen,
                seen_bytes: records.seen_bytes,
            },
            switches: shape.switches.clone(),
            skipped_lines: shape.layout.skipped_lines,
            is_header_told: shape.is_header_told,
        }
    }

    /// Files outside the sample have as many records a byte as those in it.
    fn statistics(&self, folder: FolderId) -> Statistics {
        let here = &self.tree.folders[folder];
        let mut statistics = Statistics::default();
        let mut unread = 0;
        for (place, file) in here.files.iter().enumerate() {
            match self.survey.files[here.first_file + place] {
                Seen::As(_, records) => statistics.add(&Statistics {
                    objects: 1,
                    size: file.size,
                    records: records.count,
                    seen: records.seen,
                    seen_bytes: records.seen_bytes,
                }),
                Seen::Not => {
                    statistics.objects += 1;
                    unread += file.size;
                }
                Seen::Unreadable => {}
            }
        }
        if statistics.size > 0 {
            let ratio = unread as f64 / statistics.size as f64;
            let of_unread = (statistics.records as f64 * ratio) as u64;
            statistics.records = statistics.records.saturating_add(of_unread);
        }
        statistics.size = statistics.size.saturating_add(unread);
        statistics
    }

    /// How many lines stand before the records of most of a folder's files. Others are warned of.
    fn skipped_lines(&mut self, folder: FolderId) -> u64 {
        let lines = |shape: u32| self.survey.shapes[shape as usize].layout.skipped_lines;
        let most = most_common(self.seen(folder).map(|(shape, _)| lines(shape)));
        let most = most.unwrap_or_default();
        self.warn_of_skipped_lines(folder, most);
        most
    }

    fn switches(&self, folder: FolderId) -> BTreeMap<&'static str, bool> {
        let mut switches = BTreeMap::new();
        for (shape, _) in self.seen(folder) {
            merge_switches(&mut switches, &self.survey.shapes[shape as usize].switches);
        }
        switches
    }
}
