//! Where the tables that were found are said to be.

use std::path::{Path, PathBuf};

use crawler::Table;
use crawler::catalog::with_slash;

/// What stands for a bucket that nobody named.
const NO_BUCKET: &str = "s3://BUCKET/";

/// Where data is, to whom tables are shown.
#[derive(Debug)]
pub struct Places<'a> {
    /// The include path as the crawl has it, with a slash at its end.
    root: String,
    /// Where it is on this machine, if it is there.
    folder: Option<PathBuf>,
    /// Where the user says that it is, with a slash at its end.
    location: Option<String>,
    tables: &'a [Table],
}

impl<'a> Places<'a> {
    /// `path` is what was asked for, and `include_path` what the crawl called it: with a slash at its
    /// end, if it is a folder of this machine.
    pub fn new(
        path: &str,
        include_path: &str,
        is_remote: bool,
        location: Option<&str>,
        tables: &'a [Table],
    ) -> Self {
        let is_folder = include_path.ends_with('/');
        let mut root = with_slash(include_path);
        // The path is a file, whose place is its folder.
        if !is_folder
            && !tables.iter().any(|table| table.location.starts_with(&root))
            && let Some((folder, _)) = root.trim_end_matches('/').rsplit_once('/')
        {
            root = with_slash(folder);
        }
        let path = Path::new(path);
        let folder = if is_folder { path } else { path.parent().unwrap_or(path) };
        Self {
            root,
            folder: (!is_remote).then(|| folder.to_owned()),
            location: location.map(with_slash),
            tables,
        }
    }

    /// A table as DDL and blocks of `stack.toml` have it: at its place, and with all that names its
    /// place.
    pub fn placed(&self, table: &Table) -> Table {
        let place = self.place(table);
        let moved = |text: &mut String| {
            if let Some(below) = text.strip_prefix(&table.location) {
                *text = format!("{place}{below}");
            }
        };
        let mut placed = table.clone();
        placed.parameters.values_mut().for_each(moved);
        placed.format.serde_parameters.values_mut().for_each(moved);
        placed.location = place;
        placed
    }

    /// A folder, or a file where others of its folder are other tables.
    fn place(&self, table: &Table) -> String {
        let own = &table.location;
        let at = match own.rsplit_once('/') {
            Some((folder, file)) if !file.is_empty() => {
                let folder = with_slash(folder);
                let is_other = |other: &Table| {
                    other.location != *own && with_slash(&other.location).starts_with(&folder)
                };
                if self.tables.iter().any(is_other) {
                    own.clone()
                } else {
                    folder
                }
            }
            _ => own.clone(),
        };
        match (&self.location, &self.folder) {
            (Some(base), _) => format!("{base}{}", self.below(&at)),
            (None, None) => at,
            (None, Some(_)) => format!("{NO_BUCKET}{}", self.below(&at)),
        }
    }

    fn below<'b>(&self, location: &'b str) -> &'b str {
        location.strip_prefix(&self.root).unwrap_or_default()
    }

    /// A place in the data as the user knows it: on this machine, or in S3.
    pub fn here(&self, location: &str) -> String {
        match &self.folder {
            None => location.to_owned(),
            Some(folder) => folder.join(self.below(location)).display().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn table(location: &str) -> Table {
        Table {
            name: String::new(),
            location: location.to_owned(),
            columns: Vec::new(),
            partition_keys: Vec::new(),
            partitions: Vec::new(),
            format: crawler::Format::default(),
            parameters: BTreeMap::new(),
            is_counted: true,
        }
    }

    /// The places of tables of a folder `d` on this machine.
    fn places(tables: &[&str], location: Option<&str>) -> Vec<String> {
        let tables: Vec<Table> = tables.iter().map(|one| table(one)).collect();
        let places = Places::new("d", "s3://d/", false, location, &tables);
        tables.iter().map(|one| places.place(one)).collect()
    }

    #[test]
    fn tables_of_one_folder_keep_their_files() {
        let tables = ["s3://d/a/", "s3://d/b/x.csv", "s3://d/b/y.json", "s3://d/c/z.csv"];
        assert_eq!(
            places(&tables, Some("s3://lake/in")),
            [
                "s3://lake/in/a/",
                "s3://lake/in/b/x.csv",
                "s3://lake/in/b/y.json",
                "s3://lake/in/c/"
            ]
        );
        assert_eq!(places(&["s3://d/"], None), ["s3://BUCKET/"]);
    }

    #[test]
    fn what_became_no_table_is_named_as_the_user_knows_it() {
        let here = |path: &str, include_path: &str, location: &str| {
            Places::new(path, include_path, false, None, &[]).here(location)
        };
        assert_eq!(here("in/zips", "s3://zips/", "s3://zips/a.zip"), "in/zips/a.zip");
        assert_eq!(here("in/zips", "s3://zips/", "s3://zips/"), "in/zips/");
        assert_eq!(here("in/a.zip", "s3://in/a.zip", "s3://in/a.zip"), "in/a.zip");
        assert_eq!(here("a.zip", "s3://in/a.zip", "s3://in/a.zip"), "a.zip");
    }

    #[test]
    fn what_names_a_tables_place_goes_with_it() {
        let mut delta = table("s3://lake/t/");
        let path = ("path".to_owned(), "s3://lake/t/".to_owned());
        delta.format.serde_parameters.extend([path]);
        let newest = "s3://lake/t/metadata/v1.metadata.json".to_owned();
        let newest = ("metadata_location".to_owned(), newest);
        delta.parameters.extend([newest]);
        let tables = [delta];
        let path = "s3://lake/t/";
        let places = Places::new(path, path, true, Some("s3://other/x/"), &tables);
        let placed = places.placed(&tables[0]);
        assert_eq!(placed.location, "s3://other/x/");
        assert_eq!(placed.format.serde_parameters["path"], "s3://other/x/");
        assert_eq!(
            placed.parameters["metadata_location"],
            "s3://other/x/metadata/v1.metadata.json"
        );
        assert_eq!(places.here("s3://lake/t/a"), "s3://lake/t/a");
    }
}
