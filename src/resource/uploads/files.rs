//! Which local files an upload sends, and under which keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use glob::{MatchOptions, Pattern};

use super::checksum;
use crate::resource::{CallError, Problem, Scope};

/// A local file as it was when the stack was read.
#[derive(Debug)]
pub(super) struct LocalFile {
    pub path: PathBuf,
    pub size: u64,
    modified: Option<SystemTime>,
    etag: OnceLock<Result<String, CallError>>,
}

impl LocalFile {
    fn new(path: PathBuf, metadata: &std::fs::Metadata) -> Self {
        Self {
            path,
            size: metadata.len(),
            modified: metadata.modified().ok(),
            etag: OnceLock::new(),
        }
    }

    /// The ETag that its object has. The file is read once.
    pub fn etag(&self) -> Result<&str, CallError> {
        let etag = self.etag.get_or_init(|| {
            let etag = checksum::etag_of(&self.path, self.size);
            let etag = etag.map_err(|error| self.unreadable(error))?;
            self.check()?;
            Ok(etag)
        });
        etag.as_deref().map_err(Clone::clone)
    }

    /// Fails if the file is no longer what it was.
    pub fn check(&self) -> Result<(), CallError> {
        let metadata = std::fs::metadata(&self.path).map_err(|e| self.unreadable(e))?;
        if metadata.len() == self.size && metadata.modified().ok() == self.modified {
            return Ok(());
        }
        Err(self.changed())
    }

    pub fn unreadable(&self, error: impl std::fmt::Display) -> CallError {
        CallError::here(
            "PutObject",
            format!("cannot read {}: {error}", self.path.display()),
        )
    }

    pub fn changed(&self) -> CallError {
        let message = format!("{} changed while it was read", self.path.display());
        CallError::here("PutObject", message).with_help("ask again when nobody writes it")
    }
}

/// What `from` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    File,
    Folder,
    Glob,
}

/// Names that are left out: by `exclude`, or because they are hidden.
#[derive(Debug, Default)]
pub(super) struct Excluded {
    patterns: Vec<Pattern>,
}

impl Excluded {
    pub fn new(patterns: &[String]) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut parsed = Vec::new();
        for (i, text) in patterns.iter().enumerate() {
            match Pattern::new(text) {
                Ok(pattern) => parsed.push(pattern),
                Err(error) => problems.push(Problem::new(
                    &format!("exclude.{i}"),
                    format!("`{text}` is no glob"),
                    error.msg,
                )),
            }
        }
        if problems.is_empty() {
            Ok(Self { patterns: parsed })
        } else {
            Err(problems)
        }
    }

    /// Whether a path below the folder is left out: one that a pattern matches from its start, or
    /// whose last name does.
    pub fn has(&self, relative: &str) -> bool {
        const OPTIONS: MatchOptions = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        let name = relative.rsplit('/').next().unwrap_or(relative);
        self.patterns.iter().any(|pattern| {
            pattern.matches_with(relative, OPTIONS) || pattern.matches_with(name, OPTIONS)
        })
    }
}

/// Whether a name in the path starts with a dot.
pub(super) fn is_hidden(relative: &str) -> bool {
    relative.split('/').any(|name| name.starts_with('.'))
}

/// The files of `from` that are not excluded, by what follows the prefix in their keys.
pub(super) fn find(
    scope: &Scope,
    from: &str,
    excluded: &Excluded,
) -> Result<(Source, BTreeMap<String, LocalFile>), Problem> {
    let base = scope.base_dir.join(from);
    let wrong = |label: String| {
        Problem::new("from", format!("cannot upload `{from}`"), label)
            .with_help("paths are relative to stack.toml")
    };
    let mut files = BTreeMap::new();
    let mut add = |relative: String, path: PathBuf| -> Result<(), String> {
        if excluded.has(&relative) {
            return Ok(());
        }
        // Links are followed: what is sent is what they lead to.
        let metadata = std::fs::metadata(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        if metadata.is_file() {
            files.insert(relative, LocalFile::new(path, &metadata));
        }
        Ok(())
    };
    let source = if base.is_file() {
        let name = name_of(&base).map_err(wrong)?;
        add(name, base).map_err(wrong)?;
        Source::File
    } else if base.is_dir() {
        walk(&base, "", &mut Vec::new(), excluded, &mut add).map_err(wrong)?;
        Source::Folder
    } else if from.contains(['*', '?', '[']) {
        // Of an absolute path what is found begins as the pattern does.
        let here = std::path::absolute(&scope.base_dir).map_err(|e| wrong(e.to_string()))?;
        let root: PathBuf = here
            .join(fixed_part(Path::new(from)))
            .components()
            .collect();
        let here = here.to_str().ok_or_else(|| wrong(not_utf8(&here)))?;
        // What looks like a wildcard in the folder's own path is none.
        let pattern: PathBuf = Path::new(&Pattern::escape(here))
            .join(from)
            .components()
            .collect();
        let pattern = pattern.to_string_lossy();
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            // Hidden files are left out, as of a folder.
            require_literal_leading_dot: true,
        };
        let paths = glob::glob_with(&pattern, options).map_err(|e| wrong(e.to_string()))?;
        for path in paths {
            let path = path.map_err(|error| wrong(error.to_string()))?;
            let relative = path.strip_prefix(&root).map_err(|_| {
                wrong(format!(
                    "{} is not below {}",
                    path.display(),
                    root.display()
                ))
            })?;
            let relative = relative.to_str().ok_or_else(|| wrong(not_utf8(&path)))?;
            let relative = relative.replace(std::path::MAIN_SEPARATOR, "/");
            add(relative, path).map_err(wrong)?;
        }
        Source::Glob
    } else {
        return Err(wrong("there is no such file or folder".to_owned()));
    };
    if files.is_empty() {
        let problem = Problem::new(
            "from",
            format!("there is nothing to upload in `{from}`"),
            "no file",
        );
        return Err(problem.with_help("paths are relative to stack.toml"));
    }
    Ok((source, files))
}

/// The folders of a pattern before its first name with a wildcard: what keys do not repeat.
fn fixed_part(pattern: &Path) -> PathBuf {
    pattern
        .components()
        .take_while(|part| {
            let name = part.as_os_str().to_string_lossy();
            !name.contains(['*', '?', '['])
        })
        .collect()
}

fn not_utf8(path: &Path) -> String {
    format!(
        "the name of {} is no UTF-8, as keys in S3 are",
        path.display()
    )
}

fn name_of(path: &Path) -> Result<String, String> {
    path.file_name()
        .and_then(|name| name.to_str())
        .map(str::to_owned)
        .ok_or_else(|| not_utf8(path))
}

type Add<'a> = dyn FnMut(String, PathBuf) -> Result<(), String> + 'a;

/// Goes through a folder. `above` are the folders that lead here, so that a link back to one of
/// them is found.
fn walk(
    folder: &Path,
    prefix: &str,
    above: &mut Vec<PathBuf>,
    excluded: &Excluded,
    add: &mut Add<'_>,
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let real = folder.canonicalize().map_err(failed)?;
    if above.contains(&real) {
        return Err(format!("{} leads back to itself", folder.display()));
    }
    above.push(real);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let name = name_of(&path)?;
        if is_hidden(&name) {
            continue;
        }
        let relative = format!("{prefix}{name}");
        if path.is_dir() {
            if !excluded.has(&relative) {
                walk(&path, &format!("{relative}/"), above, excluded, add)?;
            }
        } else {
            add(relative, path)?;
        }
    }
    above.pop();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> (tempfile::TempDir, Scope) {
        let folder = tempfile::tempdir().expect("a folder");
        for file in [
            "data/a.csv",
            "data/b.json",
            "data/2024/c.csv",
            "data/2024/.hidden",
            "data/.git/config",
            "data/_SUCCESS",
        ] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, file).expect("a file");
        }
        let scope = Scope {
            base_dir: folder.path().to_owned(),
            ..Scope::default()
        };
        (folder, scope)
    }

    fn names(scope: &Scope, from: &str, exclude: &[&str]) -> String {
        let exclude: Vec<String> = exclude.iter().map(|&text| text.to_owned()).collect();
        let excluded = Excluded::new(&exclude).expect("globs");
        match find(scope, from, &excluded) {
            Ok((source, files)) => {
                let names: Vec<_> = files.into_keys().collect();
                format!("{source:?}: {}", names.join(" "))
            }
            Err(problem) => problem.label,
        }
    }

    #[test]
    fn a_folder_is_sent_but_for_hidden_and_excluded_files() {
        let (_folder, scope) = world();
        insta::assert_snapshot!(names(&scope, "data", &[]), @"Folder: 2024/c.csv _SUCCESS a.csv b.json");
        insta::assert_snapshot!(names(&scope, "data/", &["*.csv"]), @"Folder: _SUCCESS b.json");
        insta::assert_snapshot!(names(&scope, "data/", &["2024"]), @"Folder: _SUCCESS a.csv b.json");
        insta::assert_snapshot!(names(&scope, "data/", &["2024/*"]), @"Folder: _SUCCESS a.csv b.json");
        insta::assert_snapshot!(names(&scope, "data/", &["**/*"]), @"no file");
    }

    #[test]
    fn a_glob_keeps_the_folders_below_its_first_wildcard() {
        let (_folder, scope) = world();
        insta::assert_snapshot!(names(&scope, "data/*.csv", &[]), @"Glob: a.csv");
        insta::assert_snapshot!(names(&scope, "data/**/*.csv", &[]), @"Glob: 2024/c.csv a.csv");
        insta::assert_snapshot!(names(&scope, "data/a.csv", &[]), @"File: a.csv");
        insta::assert_snapshot!(names(&scope, "none", &[]), @"there is no such file or folder");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_unless_they_lead_back_or_nowhere() {
        use std::os::unix::fs::symlink;
        let (folder, scope) = world();
        let data = folder.path().join("data");
        symlink(data.join("a.csv"), data.join("link.csv")).expect("a link");
        symlink(data.join("2024"), data.join("year")).expect("a link");
        insta::assert_snapshot!(names(&scope, "data", &[]), @"Folder: 2024/c.csv _SUCCESS a.csv b.json link.csv year/c.csv");
        symlink(&data, data.join("2024/back")).expect("a link");
        let wrong = names(&scope, "data", &[]);
        assert!(wrong.ends_with("leads back to itself"), "{wrong}");
        std::fs::remove_file(data.join("2024/back")).expect("gone");
        symlink("nowhere", data.join("2024/lost")).expect("a link");
        let wrong = names(&scope, "data", &[]);
        assert!(wrong.contains("/lost: "), "{wrong}");
    }

    #[test]
    fn a_file_that_is_written_meanwhile_is_an_error() {
        let (folder, scope) = world();
        let (_, files) = find(&scope, "data/a.csv", &Excluded::default()).expect("a file");
        std::fs::write(folder.path().join("data/a.csv"), "longer than before").expect("a file");
        let error = files["a.csv"].etag().expect_err("it changed");
        assert!(
            error.message.ends_with("changed while it was read"),
            "{error}"
        );
    }
}
