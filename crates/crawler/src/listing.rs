//! The objects below an include path, as a tree of folders.

use std::collections::BTreeMap;

use futures::StreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};

use crate::exclusion::Exclusion;
use crate::{Error, Lakes, Target, lake, memory};

/// The place of a folder in [`Tree::folders`]; the include path itself is the first.
pub(crate) type FolderId = usize;

pub(crate) const ROOT: FolderId = 0;

/// The folders and files below an include path that a crawler looks at.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The include path, without a slash at its end.
    pub prefix: String,
    /// The include path names one object, and `prefix` is the folder that it is in.
    pub is_object: bool,
    /// Nothing is below the include path, and whether it names an object may not be asked.
    pub is_refused: bool,
    pub folders: Vec<Folder>,
    /// How many there are in the folders.
    pub files: usize,
    /// How many objects a crawler looks at, among them those of table formats.
    pub objects: u64,
    /// How many objects a crawler would look at if they were not empty, and the first of their
    /// keys.
    pub empty: u64,
    pub first_empty: Option<String>,
    /// How many objects are left out because no path spells their keys, and why the first is.
    pub unspelled: u64,
    pub first_unspelled: Option<String>,
    /// The folders that a table format keeps, whose files are not among the others.
    pub lakes: Vec<lake::Folder>,
}

#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub parent: FolderId,
    pub name: Box<str>,
    pub children: BTreeMap<Box<str>, FolderId>,
    /// In the order of their names.
    pub files: Vec<File>,
    /// How many files the folders before this one have.
    pub first_file: usize,
}

#[derive(Debug)]
pub(crate) struct File {
    pub name: Box<str>,
    pub size: u64,
    /// Tells this state of the object from others.
    pub mark: u64,
}

impl Tree {
    /// Lists a target. `listed` is told the number of objects so far.
    pub async fn list(target: &Target, listed: impl Fn(u64)) -> Result<Self, Error> {
        let exclusions = target
            .exclusions
            .iter()
            .map(|pattern| Exclusion::parse(pattern))
            .collect::<Result<Vec<_>, _>>()?;
        let prefix = target.prefix.trim_matches('/');
        let store_error = |source: object_store::Error| Error::Store {
            location: format!("s3://{}/{}", target.bucket, target.prefix),
            source,
        };
        let path = Path::parse(prefix).map_err(|error| store_error(error.into()))?;
        let mut tree = Self {
            prefix: prefix.to_owned(),
            is_object: false,
            is_refused: false,
            folders: vec![Folder::default()],
            files: 0,
            objects: 0,
            empty: 0,
            first_empty: None,
            unspelled: 0,
            first_unspelled: None,
            lakes: Vec::new(),
        };
        let mut lakes = lake::Folders::default();
        let mut objects = target.store.list((!prefix.is_empty()).then_some(&path));
        let mut exact = None;
        let mut is_empty = true;
        while let Some(object) = objects.next().await {
            is_empty = false;
            let object = match object {
                Err(object_store::Error::InvalidPath { source }) => {
                    tree.leave_out(&source);
                    continue;
                }
                object => object.map_err(store_error)?,
            };
            if object.location == path {
                exact = Some(object);
                continue;
            }
            if tree.add(&object, &exclusions, &mut lakes) {
                listed(tree.objects);
            }
        }
        if is_empty && !prefix.is_empty() && !target.prefix.ends_with('/') {
            exact = match target.store.head(&path).await {
                Ok(object) => Some(object),
                Err(object_store::Error::NotFound { .. }) => None,
                // S3 says so of an object that is not there, too, to whom it lets list a part of
                // the bucket alone.
                Err(object_store::Error::PermissionDenied { .. }) => {
                    tree.is_refused = true;
                    None
                }
                Err(error) => return Err(store_error(error)),
            };
        }
        if let Some(object) = exact.filter(|_| tree.files == 0) {
            tree.add_include_path_itself(&object, &exclusions);
            listed(tree.objects);
        }
        tree.take_lakes(lakes);
        if let Some(only) = target.only {
            tree.keep_only(only);
        }
        tree.number_files();
        Ok(tree)
    }

    /// Adds an object if a crawler looks at it.
    fn add(
        &mut self,
        object: &ObjectMeta,
        exclusions: &[Exclusion],
        lakes: &mut lake::Folders,
    ) -> bool {
        let key = object.location.as_ref();
        let Some(relative) = key
            .strip_prefix(&self.prefix)
            .map(|rest| rest.trim_start_matches('/'))
        else {
            return false;
        };
        if exclusions.iter().any(|one| one.matches(relative)) {
            return false;
        }
        if object.size == 0 {
            self.see_empty(relative, key);
            return false;
        }
        let is_passed_over = is_hidden(relative) || relative.ends_with("$folder$");
        if key.split('/').any(str::is_empty) {
            if !is_passed_over {
                self.leave_out(&object_store::path::Error::EmptySegment {
                    path: key.to_owned(),
                });
            }
            return false;
        }
        if let Some(mark) = lake::Mark::of(relative).filter(|mark| !is_hidden(mark.root)) {
            lakes.add(&mark, key, object.size);
        }
        if is_passed_over {
            return false;
        }
        let (folders, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        let folder = folders
            .split('/')
            .filter(|name| !name.is_empty())
            .fold(ROOT, |folder, name| self.child(folder, name));
        self.push(folder, name, object);
        true
    }

    /// Counts an object that is not looked at because of its key.
    fn leave_out(&mut self, error: &object_store::path::Error) {
        self.unspelled += 1;
        let why = error.to_string();
        if self
            .first_unspelled
            .as_ref()
            .is_none_or(|first| why < *first)
        {
            self.first_unspelled = Some(why);
        }
    }

    /// Counts an empty object, but for those that only mark a folder or the end of a job.
    fn see_empty(&mut self, relative: &str, key: &str) {
        if !is_hidden(relative) && !relative.ends_with("$folder$") && !relative.is_empty() {
            self.empty += 1;
            let first = self.first_empty.get_or_insert_with(|| key.to_owned());
            if key < first.as_str() {
                key.clone_into(first);
            }
        }
    }

    /// The include path may name one object, which is then the table: AWS Glue developer guide,
    /// "Data sources for crawling", has `bucket-name/folder-name/file-name.ext`.
    fn add_include_path_itself(&mut self, object: &ObjectMeta, exclusions: &[Exclusion]) {
        let key = std::mem::take(&mut self.prefix);
        let (folder, name) = key.rsplit_once('/').unwrap_or(("", &key));
        folder.clone_into(&mut self.prefix);
        self.is_object = true;
        if object.size > 0 && !exclusions.iter().any(|one| one.matches(name)) {
            self.push(ROOT, name, object);
        }
    }

    fn push(&mut self, folder: FolderId, name: &str, object: &ObjectMeta) {
        let modified = object.last_modified.timestamp_millis();
        self.folders[folder].files.push(File {
            name: name.into(),
            size: object.size,
            mark: memory::mark(object.e_tag.as_deref(), modified, object.size),
        });
        self.files += 1;
        self.objects += 1;
    }

    /// Takes the folders of table formats out of the tree, with all that is in them.
    fn take_lakes(&mut self, lakes: lake::Folders) {
        for (relative, mut lake) in lakes.finish(&self.prefix) {
            let mut names = relative.split('/').filter(|name| !name.is_empty());
            let place = names.try_fold(ROOT, |place, name| {
                self.folders[place].children.get(name).copied()
            });
            if let Some(place) = place {
                self.take(place, &mut lake);
            }
            self.lakes.push(lake);
        }
    }

    /// Leaves out what is no folder of a table format.
    fn keep_only(&mut self, only: Lakes) {
        let prefix = self.prefix.clone();
        self.lakes.retain(|lake| {
            let below = lake.root.strip_prefix(&prefix).unwrap_or_default();
            let depth = below.split('/').filter(|name| !name.is_empty()).count();
            lake.kind == only.format && only.max_depth.is_none_or(|max| depth <= max)
        });
        self.objects -= self.files as u64;
        self.folders = vec![Folder::default()];
        self.files = 0;
        self.empty = 0;
        self.first_empty = None;
    }

    fn take(&mut self, place: FolderId, lake: &mut lake::Folder) {
        let mut folders = vec![place];
        while let Some(folder) = folders.pop() {
            let files = std::mem::take(&mut self.folders[folder].files);
            self.files -= files.len();
            folders.extend(std::mem::take(&mut self.folders[folder].children).into_values());
            let key = self.folder_key(folder);
            for file in &files {
                lake.see_file(&key, &file.name, file.size);
            }
            if !files.is_empty() {
                lake.leaves.push(key);
            }
        }
        lake.leaves.sort_unstable();
    }

    fn child(&mut self, parent: FolderId, name: &str) -> FolderId {
        if let Some(&child) = self.folders[parent].children.get(name) {
            return child;
        }
        let child = self.folders.len();
        self.folders[parent].children.insert(name.into(), child);
        self.folders.push(Folder {
            parent,
            name: name.into(),
            ..Folder::default()
        });
        child
    }

    /// A store may list in any order; from here on, order is that of names.
    fn number_files(&mut self) {
        let mut first_file = 0;
        for folder in &mut self.folders {
            folder
                .files
                .sort_unstable_by(|one, two| one.name.cmp(&two.name));
            folder.first_file = first_file;
            first_file += folder.files.len();
        }
    }

    /// The key of a folder, without a slash at its end.
    pub fn folder_key(&self, folder: FolderId) -> String {
        let mut names = Vec::new();
        let mut one = folder;
        while one != ROOT {
            names.push(&*self.folders[one].name);
            one = self.folders[one].parent;
        }
        names.push(&self.prefix);
        names.reverse();
        names.join("/").trim_start_matches('/').to_owned()
    }

    pub fn file_key(&self, folder: FolderId, file: &File) -> String {
        let folder = self.folder_key(folder);
        if folder.is_empty() {
            file.name.to_string()
        } else {
            format!("{folder}/{}", file.name)
        }
    }
}

/// Whether a key below an include path, or below a folder of it, is no data: what has a file or
/// folder in it that starts with `_` or `.`. But `_key=value` is a partition.
pub fn is_hidden(relative: &str) -> bool {
    relative
        .split('/')
        .any(|name| name.starts_with('.') || (name.starts_with('_') && !name.contains('=')))
}
