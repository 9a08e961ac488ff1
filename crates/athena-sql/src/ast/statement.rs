//! Statements of Trino's grammar, and all statements together.

use super::{
    AlterTable, CreateDatabase, CreateTable, DropDatabase, Expression, Identifier, Position,
    QualifiedName, Query, Relation,
};

/// A statement, and the values that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameterized {
    pub statement: Statement,
    /// How many `?` it has.
    pub parameters: usize,
    /// Where it begins.
    pub position: Position,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    Query(Box<Query>),
    Explain(Box<Explain>),
    /// `CREATE TABLE t WITH (…) AS SELECT`.
    CreateTableAsSelect(Box<CreateTableAsSelect>),
    CreateView(Box<CreateView>),
    Insert(Box<Insert>),
    Unload(Box<Unload>),
    Delete(Box<Delete>),
    Update(Box<Update>),
    Merge(Box<Merge>),
    Prepare {
        name: Identifier,
        statement: Box<Statement>,
        /// The statement as written, which the workgroup keeps.
        text: String,
    },
    Deallocate {
        name: Identifier,
    },
    Execute {
        name: Identifier,
        parameters: Vec<Expression>,
    },
    /// `EXECUTE IMMEDIATE 'SELECT ?' USING 1`. Places within count from the text's own start.
    ExecuteImmediate {
        statement: Box<Parameterized>,
        parameters: Vec<Expression>,
    },
    DescribeInput {
        name: Identifier,
    },
    DescribeOutput {
        name: Identifier,
    },

    CreateTable(Box<CreateTable>),
    CreateDatabase(Box<CreateDatabase>),
    DropDatabase(DropDatabase),
    DropTable {
        name: QualifiedName,
        if_exists: bool,
    },
    DropView {
        name: QualifiedName,
        if_exists: bool,
    },
    AlterTable(Box<AlterTable>),
    /// `ALTER DATABASE name SET DBPROPERTIES ('a'='b')`.
    AlterDatabaseSetProperties {
        name: QualifiedName,
        properties: Vec<(String, String)>,
    },
    /// `MSCK REPAIR TABLE t`.
    RepairTable {
        name: QualifiedName,
    },

    ShowDatabases {
        pattern: Option<String>,
    },
    ShowTables {
        database: Option<QualifiedName>,
        pattern: Option<String>,
    },
    ShowViews {
        database: Option<QualifiedName>,
        pattern: Option<String>,
    },
    ShowColumns {
        table: QualifiedName,
    },
    ShowPartitions {
        table: QualifiedName,
    },
    ShowTblProperties {
        table: QualifiedName,
        property: Option<String>,
    },
    ShowCreateTable {
        table: QualifiedName,
    },
    ShowCreateView {
        view: QualifiedName,
    },
    ShowFunctions {
        pattern: Option<String>,
    },
    Describe(Describe),
    /// A statement of Trino's or Hive's that Athena does not run. The analyzer refuses it by name.
    Unsupported {
        /// `GRANT`, `START TRANSACTION`.
        what: String,
        position: Position,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Explain {
    pub position: Position,
    /// `EXPLAIN ANALYZE`.
    pub analyze: bool,
    pub verbose: bool,
    pub format: Option<ExplainFormat>,
    pub kind: Option<ExplainType>,
    pub statement: Statement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExplainFormat {
    Text,
    Graphviz,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExplainType {
    Logical,
    Distributed,
    Validate,
    Io,
}

/// `name = expression` of a WITH clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    pub name: Identifier,
    pub value: Expression,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateTableAsSelect {
    pub position: Position,
    pub name: QualifiedName,
    pub if_not_exists: bool,
    /// Empty where none are given.
    pub columns: Vec<Identifier>,
    pub comment: Option<String>,
    pub properties: Vec<Property>,
    pub query: Query,
    /// False for `WITH NO DATA`.
    pub with_data: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreateView {
    pub position: Position,
    pub name: QualifiedName,
    pub or_replace: bool,
    pub comment: Option<String>,
    pub query: Query,
    /// The query as written.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Insert {
    pub position: Position,
    pub target: QualifiedName,
    /// Empty where none are given.
    pub columns: Vec<Identifier>,
    pub query: Query,
}

/// `UNLOAD (SELECT …) TO 's3://…' WITH (format = 'PARQUET')`.
#[derive(Clone, Debug, PartialEq)]
pub struct Unload {
    pub position: Position,
    pub query: Query,
    pub location: String,
    pub properties: Vec<Property>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    pub position: Position,
    pub target: QualifiedName,
    pub filter: Option<Expression>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    pub position: Position,
    pub target: QualifiedName,
    pub assignments: Vec<(Identifier, Expression)>,
    pub filter: Option<Expression>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    pub position: Position,
    pub target: QualifiedName,
    pub alias: Option<Identifier>,
    pub source: Relation,
    pub condition: Expression,
    pub cases: Vec<MergeCase>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct MergeCase {
    /// `WHEN MATCHED`; false for `WHEN NOT MATCHED`.
    pub matched: bool,
    pub condition: Option<Expression>,
    pub action: MergeAction,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MergeAction {
    Update(Vec<(Identifier, Expression)>),
    Delete,
    Insert {
        columns: Vec<Identifier>,
        values: Vec<Expression>,
    },
}

/// `DESCRIBE EXTENDED t PARTITION (a = 'b') c`.
#[derive(Clone, Debug, PartialEq)]
pub struct Describe {
    pub table: QualifiedName,
    pub detail: DescribeDetail,
    pub partition: Vec<(Identifier, String)>,
    /// A column, and fields within it.
    pub column: Option<QualifiedName>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DescribeDetail {
    #[default]
    Columns,
    Extended,
    Formatted,
}
