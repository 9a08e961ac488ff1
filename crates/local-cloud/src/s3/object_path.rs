//! Keys as paths of an object store.

use object_store::path::{Error, Path, PathPart};

/// The path that spells a key just so, also one with empty names in it (`a//b`).
///
/// Fails for the keys that no path spells: those that begin with a slash, have `.` or `..` for a name,
/// or control characters.
pub(super) fn of_key(key: &str) -> Result<Path, Error> {
    let empty = || Error::EmptySegment {
        path: key.to_owned(),
    };
    if key.starts_with('/') {
        return Err(empty());
    }
    let mut path = Path::ROOT;
    for name in key.split('/') {
        let name = PathPart::parse(name).map_err(|source| Error::BadSegment {
            path: key.to_owned(),
            source,
        })?;
        path = path.join(name);
    }
    // What a key names is never another's.
    if path.as_ref() == key {
        Ok(path)
    } else {
        Err(empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_spells_its_key() {
        for key in ["k", "a/b.csv", "a//b", "a///b", "a b/c%20d", "x=1/é"] {
            assert_eq!(of_key(key).unwrap().as_ref(), key);
        }
    }

    #[test]
    fn what_no_path_spells_is_said_with_its_key() {
        for key in ["/a", "//a", "a/../b", "./a", "a/tab\t"] {
            let error = of_key(key).unwrap_err().to_string();
            assert!(error.contains(&format!("\"{key}\"")), "{error}");
        }
    }
}
