//! Which folders are tables, and which are partitions of one.
//!
//! Source: AWS's Glue developer guide, "How does a crawler determine when to create
//! partitions?" and "Creating a single schema for each Amazon S3 include path".

mod few_values;
mod kin;
mod leaf;
mod warnings;

use std::collections::HashMap;

use self::kin::{Kin, kin_of};
use crate::Options;
use crate::group::{Group, Grouped, LayoutId, Leaf, SchemaId};
use crate::listing::{FolderId, ROOT, Tree};
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
        Resolved {
            one: Some(Group {
                root: self.tree.folder_key(folder),
                is_file: false,
                layout,
                columns,
                levels: Vec::new(),
                leaves: vec![self.leaf(folder, columns, schemas.len() == 1)],
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
        let above_tables = self.table_level.is_some_and(|tables| level < tables);
        let (mut one, mut outcomes) = (None, Vec::new());
        for (kin, groups) in kin_of(children) {
            let is_majority = is_majority(groups.len(), total);
            let is_alike = self.combines(level) || self.may_be_partitions(&kin, &groups);
            let is_table = !above_tables && is_majority && is_alike;
            outcomes.push(self.outcome(kin, &groups, is_alike, is_table));
            if is_table {
                let key = outcomes.last().and_then(|last| last.kin.key.clone());
                one = Some(self.partitions(folder, key, groups));
            } else {
                split = true;
                for group in groups {
                    self.finish(group);
                }
            }
        }
        if !above_tables {
            self.warn_of_other_kin(folder, &outcomes);
        }
        Resolved { one, split }
    }

    fn may_be_partitions(&self, kin: &Kin, groups: &[Group]) -> bool {
        let schemas = distinct(groups.iter().map(|group| group.columns));
        let comparison = Comparison {
            // A partition may have been written before a column was added.
            may_lack: kin.key.is_some(),
            unnamed: self.done.layouts.values[kin.layout].unnamed,
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
            let leaf = self.leaf_of_file(folder, file, (shape, records));
            self.done.groups.push(Group {
                root: leaf.key.clone(),
                is_file: true,
                layout,
                columns,
                levels: Vec::new(),
                leaves: vec![leaf],
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
        self.warn_of_few_values(&group);
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
