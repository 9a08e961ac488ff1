//! Places and names.

use std::fmt;

/// Where something stands in the text of the statement: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// A name as written. Names compare without regard to case, quoted or not, except for the
/// variables of row patterns and lambdas' arguments, where quoting matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// Without its quotes, in the case it was written.
    pub value: String,
    pub quoted: bool,
    pub position: Position,
}

impl Identifier {
    /// The name in lower case: what catalogs and scopes know it by.
    pub fn lower(&self) -> String {
        self.value.to_lowercase()
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quoted {
            write!(f, "\"{}\"", self.value.replace('"', "\"\""))
        } else {
            f.write_str(&self.value)
        }
    }
}

/// `catalog.schema.table`, or less of it. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualifiedName {
    pub parts: Vec<Identifier>,
}

impl QualifiedName {
    pub fn position(&self) -> Position {
        self.parts
            .first()
            .map(|part| part.position)
            .unwrap_or_default()
    }

    /// The last part in lower case: the table of `schema.table`.
    pub fn suffix(&self) -> String {
        self.parts.last().map(Identifier::lower).unwrap_or_default()
    }

    /// Every part in lower case.
    pub fn lower(&self) -> Vec<String> {
        self.parts.iter().map(Identifier::lower).collect()
    }
}

/// In lower case with dots between, as Trino's messages name things.
impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lower().join("."))
    }
}
