//! Which folders are tables, and which are partitions of one.
//!
//! Source: AWS's Glue developer guide, "How does a crawler determine when to create
//! partitions?" and "Creating a single schema for each Amazon S3 include path".

mod warnings;

use std::collections::{BTreeMap, HashMap};

use crate::Options;
use crate::group::{
    Group, Grouped, LayoutId, Leaf, SchemaId, Statistics, merge_switches, most_common,
};
use crate::listing::{FolderId, ROOT, Tree};
use crate::naming::hive_key;
use crate::schema::{Field, merge_all};
use crate::similarity::{Comparison, are_similar, is_majority};
use crate::survey::{Seen, Survey};

/// Groups the files of a tree into tables.
pub(crate) fn group(tree: &Tree, survey: &Survey, bucket: &str, options: &Options) -> Grouped {
    let prefix_level = 1 + tree
        .prefix
        .split('/')
        .filter(|name| !name.is_empty())
        .count();
    let mut grouping = Grouping {
        tree,
        survey,
        bucket,
        combine: options.combine_compatible_schemas,
        table_level: options
            .table_level
            .map(|level| (level as usize).max(prefix_level)),
        of_shape: Vec::new(),
        done: Grouped::default(),
    };
    for shape in &survey.shapes {
        let mut layout = shape.layout.clone();
        let literal = layout.schema_literal.take();
        layout.skipped_lines = 0;
        let layout = grouping.done.layouts.place(&layout);
        let schema = grouping.done.schemas.place(&shape.columns);
        if let Some(literal) = literal {
            grouping.done.keep_literal(schema, &literal);
        }
        grouping.of_shape.push((layout, schema));
    }
    if tree.is_object {
        // Others of its folder are not of the table.
        grouping.each_file(ROOT);
    } else if let Some(group) = grouping.resolve(ROOT, prefix_level).one {
        grouping.finish(group);
    }
    grouping.done
}

struct Grouping<'a> {
    tree: &'a Tree,
    survey: &'a Survey,
    bucket: &'a str,
    combine: bool,
    table_level: Option<usize>,
    /// The layout and schema of each shape.
    of_shape: Vec<(LayoutId, SchemaId)>,
    done: Grouped,
}

/// What a folder came to.
#[derive(Default)]
struct Resolved {
    /// Everything in it that its parent may still make a part of a larger table.
    one: Option<Group>,
    /// Something in it became a table of its own.
    split: bool,
}

impl Resolved {
    fn has_data(&self) -> bool {
        self.one.is_some() || self.split
    }
}

impl Grouping<'_> {
    fn resolve(&mut self, folder: FolderId, level: usize) -> Resolved {
        let tree = self.tree;
        let mut children = Vec::new();
        for (name, &child) in &tree.folders[folder].children {
            let resolved = self.resolve(child, level + 1);
            if resolved.has_data() {
                children.push((&**name, resolved));
            }
        }
        let resolved = if children.is_empty() {
            self.resolve_files(folder, level)
        } else {
            self.warn_of_files_beside_folders(folder);
            self.each_file(folder);
            self.resolve_children(folder, level, children)
        };
        match resolved.one {
            // The table is here, whatever is above.
            Some(group) if self.table_level == Some(level) => {
                self.push(group);
                Resolved {
                    one: None,
                    split: true,
                }
            }
            one => Resolved { one, ..resolved },
        }
    }

    /// Whether schemas of files below this level are combined however they differ.
    fn combines(&self, level: usize) -> bool {
        self.combine || self.table_level.is_some_and(|tables| level >= tables)
    }

    /// A folder that has files alone is one table, or a table for each file.
    fn resolve_files(&mut self, folder: FolderId, level: usize) -> Resolved {
        let files: Vec<(LayoutId, SchemaId)> = self
            .seen(folder)
            .map(|(shape, _)| self.of_shape[shape as usize])
            .collect();
        let Some(&(layout, _)) = files.first() else {
            return Resolved::default();
        };
        let schemas = distinct(files.iter().map(|(_, schema)| *schema));
        let comparison = Comparison {
            may_lack: self.done.layouts.values[layout].sparse,
            unnamed: self.done.layouts.values[layout].unnamed,
        };
        let alike = files.iter().all(|(other, _)| *other == layout)
            && (self.combines(level) || self.are_similar(&schemas, comparison));
        if !alike {
            self.warn_of_split(folder, &files);
            self.each_file(folder);
            return Resolved {
                one: None,
                split: true,
            };
        }
        let columns = self.merge(schemas.iter().map(|(schema, _)| *schema));
        self.warn_of_misfit_files(folder, layout, columns);
        let skipped_lines = self.skipped_lines(folder);
        let key = self.tree.folder_key(folder);
        Resolved {
            one: Some(Group {
                root: key.clone(),
                is_file: false,
                layout,
                columns,
                levels: Vec::new(),
                leaves: vec![Leaf {
                    key,
                    columns,
                    is_uniform: schemas.len() == 1,
                    statistics: self.statistics(folder),
                    switches: self.switches(folder),
                    skipped_lines,
                }],
            }),
            split: false,
        }
    }

    /// Folders that are alike become partitions of a table in the folder they are in.
    fn resolve_children(
        &mut self,
        folder: FolderId,
        level: usize,
        children: Vec<(&str, Resolved)>,
    ) -> Resolved {
        let total = children.len();
        self.warn_of_mixed_names(folder, children.iter().map(|(name, _)| *name));
        self.warn_of_unequal_levels(folder, &children);
        let mut split = children.iter().any(|(_, resolved)| resolved.split);
        // Only what has the same layout and levels can be in one table.
        let mut classes: Vec<(Option<String>, Vec<Group>)> = Vec::new();
        let mut places = HashMap::new();
        for (name, resolved) in children {
            let Some(group) = resolved.one else { continue };
            let key = hive_key(name);
            let class = (group.layout, key.clone(), group.levels.clone());
            let place = *places.entry(class).or_insert_with(|| {
                classes.push((key, Vec::new()));
                classes.len() - 1
            });
            classes[place].1.push(group);
        }
        let above_tables = self.table_level.is_some_and(|tables| level < tables);
        let mut one = None;
        for (key, groups) in classes {
            let is_table = !above_tables
                && is_majority(groups.len(), total)
                && (self.combines(level) || self.may_be_partitions(key.as_ref(), &groups));
            if is_table {
                one = Some(self.partitions(folder, key, groups));
            } else {
                split = true;
                for group in groups {
                    self.finish(group);
                }
            }
        }
        Resolved { one, split }
    }

    fn may_be_partitions(&self, key: Option<&String>, groups: &[Group]) -> bool {
        let schemas = distinct(groups.iter().map(|group| group.columns));
        let comparison = Comparison {
            // A partition may have been written before a column was added.
            may_lack: key.is_some(),
            unnamed: groups
                .first()
                .is_some_and(|group| self.done.layouts.values[group.layout].unnamed),
        };
        self.are_similar(&schemas, comparison)
    }

    fn partitions(&mut self, folder: FolderId, key: Option<String>, groups: Vec<Group>) -> Group {
        let columns = self.merge(groups.iter().map(|group| group.columns));
        let layout = groups.first().map_or(0, |group| group.layout);
        let below = groups.first().map(|group| group.levels.clone());
        Group {
            root: self.tree.folder_key(folder),
            is_file: false,
            layout,
            columns,
            levels: std::iter::once(key)
                .chain(below.into_iter().flatten())
                .collect(),
            leaves: groups.into_iter().flat_map(|group| group.leaves).collect(),
        }
    }

    /// Each file of a folder becomes a table.
    fn each_file(&mut self, folder: FolderId) {
        let tree = self.tree;
        let here = &tree.folders[folder];
        for (place, file) in here.files.iter().enumerate() {
            let Seen::As(shape, records) = self.survey.files[here.first_file + place] else {
                continue;
            };
            let (layout, columns) = self.of_shape[shape as usize];
            let key = tree.file_key(folder, file);
            self.done.groups.push(Group {
                root: key.clone(),
                is_file: true,
                layout,
                columns,
                levels: Vec::new(),
                leaves: vec![Leaf {
                    key,
                    columns,
                    is_uniform: true,
                    statistics: Statistics {
                        objects: 1,
                        size: file.size,
                        records: records.count,
                        seen: records.seen,
                        seen_bytes: records.seen_bytes,
                    },
                    switches: self.survey.shapes[shape as usize].switches.clone(),
                    skipped_lines: self.survey.shapes[shape as usize].layout.skipped_lines,
                }],
            });
        }
    }

    /// A table is as deep as it can be: a folder that is the only one in its parent is no
    /// partition, unless its name says so.
    fn finish(&mut self, mut group: Group) {
        while let Some(None) = group.levels.first() {
            let own = |leaf: &Leaf| first_folder(&group.root, &leaf.key).map(str::to_owned);
            let (Some(first), Some(last)) = (group.leaves.first(), group.leaves.last()) else {
                break;
            };
            let (Some(name), last) = (own(first), own(last)) else {
                break;
            };
            if last.as_deref() != Some(&*name) {
                break;
            }
            group.root = join(&group.root, &name);
            group.levels.remove(0);
        }
        self.push(group);
    }

    fn push(&mut self, group: Group) {
        self.warn_of_misfit_partitions(&group);
        self.done.groups.push(group);
    }

    fn are_similar(&self, schemas: &[(SchemaId, usize)], comparison: Comparison) -> bool {
        let schemas: Vec<(&[Field], usize)> = schemas
            .iter()
            .map(|(schema, count)| (&self.done.schemas.values[*schema][..], *count))
            .collect();
        schemas.len() == 1 || are_similar(&schemas, comparison)
    }

    fn merge(&mut self, schemas: impl Iterator<Item = SchemaId>) -> SchemaId {
        let schemas = distinct(schemas);
        if let [(only, _)] = schemas[..] {
            return only;
        }
        let merged = merge_all(
            schemas
                .iter()
                .map(|(schema, _)| self.done.schemas.values[*schema].clone())
                .collect(),
        );
        self.done.schemas.place(&merged)
    }

    /// The shapes of a folder's own files that could be read, with their sizes.
    fn seen(&self, folder: FolderId) -> impl Iterator<Item = (u32, u64)> + '_ {
        let here = &self.tree.folders[folder];
        here.files.iter().enumerate().filter_map(|(place, file)| {
            match self.survey.files[here.first_file + place] {
                Seen::As(shape, _) => Some((shape, file.size)),
                Seen::Not | Seen::Unreadable => None,
            }
        })
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

/// Each value once, in the order in which they first come, and how often it came.
fn distinct(values: impl Iterator<Item = usize>) -> Vec<(usize, usize)> {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    let mut places = HashMap::new();
    for value in values {
        let place = *places.entry(value).or_insert_with(|| {
            counts.push((value, 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
    }
    counts
}

/// The first folder below the root on the way to a key.
fn first_folder<'a>(root: &str, key: &'a str) -> Option<&'a str> {
    let below = key.strip_prefix(root)?.trim_start_matches('/');
    below.split('/').next().filter(|name| !name.is_empty())
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}
